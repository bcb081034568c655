"""Who must know what became of messages: the pace, the relays' health, whoever watches, and what stops a campaign.

Nearly all are accepted. These are only counted at first, and told to all of them together by `catch_up`: once for many, and
before anything else that happened is, so that the order in which refusals and acceptances came is kept.
"""

import re
from collections.abc import Iterable

from digest.model.message import MessageState, Outgoing, Reply, Settlement
from digest.model.refusals import Refusals
from digest.pipeline.fleet import Fleet
from digest.pipeline.progress import Progress
from digest.pipeline.tempo import Tempo


class Outcomes:
    """Used in one event loop."""

    def __init__(self, tempo: Tempo, fleet: Fleet, progress: Progress) -> None:
        self._tempo = tempo
        self._fleet = fleet
        self._progress = progress
        self._accepted: dict[tuple[int | None, str, str], int] = {}  # campaign, relay and domain → how many
        self._refusals: dict[int, Refusals] = {}  # by campaign

    def accepted(self, message: Outgoing, relay: str) -> None:
        alike = message.campaign_id, relay, message.address.domain
        self._accepted[alike] = self._accepted.get(alike, 0) + 1

    def refused(self, message: Outgoing, relay: str, settlement: Settlement) -> str:
        """Or not answered. Returns why its campaign must stop for this and former refusals; "" when it need not."""
        self.put_off(message, relay, settlement.reply)
        self.ended(message, relay, settlement.state)
        if message.campaign_id is None:
            return ""
        refusals = self._of(message.campaign_id)
        refusals.note(settlement.reply)
        return of_nobody(refusals.should_pause(), message)

    def put_off(self, message: Outgoing, relay: str, reply: Reply) -> None:
        """It goes again at once, so that only the pace must know."""
        self.catch_up()
        self._tempo.slowed(message, relay, reply)

    def ended(self, message: Outgoing, relay: str, state: MessageState) -> None:
        self._progress.note(message.campaign_id, relay, message.address.domain, state)

    def forget(self, campaign_ids: Iterable[int]) -> None:
        """They are not to go on; if they do all the same, they begin anew."""
        self.catch_up()
        for campaign_id in campaign_ids:
            self._refusals.pop(campaign_id, None)

    def catch_up(self) -> None:
        """Tell what was accepted."""
        if not self._accepted:
            return
        accepted, self._accepted = self._accepted, {}
        for (campaign_id, relay, domain), count in accepted.items():
            self._tempo.accepted(relay, domain, count)
            self._fleet[relay].state.health.succeeded()
            self._progress.note(campaign_id, relay, domain, MessageState.ACCEPTED, count)
            if campaign_id is not None:
                self._of(campaign_id).note_accepted(count)

    def _of(self, campaign_id: int) -> Refusals:
        return self._refusals.setdefault(campaign_id, Refusals())


def of_nobody(text: str, message: Outgoing) -> str:
    """The same without the reader's address: why a campaign was paused outlives an erasure."""
    return re.sub(re.escape(str(message.address)), "…", text, flags=re.IGNORECASE)
