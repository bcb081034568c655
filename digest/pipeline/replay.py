"""What a reader was sent, once more: byte for byte, from what was frozen when the issue was published."""

from typing import TYPE_CHECKING

from digest.links import Links
from digest.model.address import Address
from digest.model.errors import NotFound, WrongState
from digest.pipeline.compose import Compositor
from digest.store import Store

if TYPE_CHECKING:
    from digest.delivery.dkim import Signers


def replay(store: Store, links: Links, signers: "Signers | None", issue_id: int, address: Address) -> bytes:
    """The message as it left us, CRLF, with its DKIM signature if there is a key.

    The same as was sent as long as the secret key, the base URL and the DKIM keys are the same; no template and no setting of
    the list is read. Raises NotFound for a reader who was not in the audience, or was erased since.
    """
    with store.read() as tx:
        issue = tx.issues.get(issue_id)
        campaign = tx.campaigns.of_issue(issue.id)
        if campaign is None:
            raise WrongState(f"Issue {issue_id} is {issue.state}: nobody was sent anything of it yet.")
        subscriber = tx.subscribers.find(address)
        message = tx.outbox.of_reader(campaign.id, subscriber.id) if subscriber else None
    if message is None:
        raise NotFound(
            f"{address} is not among the readers of issue {issue_id}; `digest campaign report {issue_id}` lists them."
        )
    _, content = Compositor(store, links, signers).compose(message)
    return content.plain
