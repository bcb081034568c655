"""An operator says that an address is not to be mailed, whatever an import or a form says later; and takes that back."""

from datetime import datetime

from digest.audience.addresses import read_address
from digest.model.errors import NotFound, WrongState
from digest.model.event import EventKind
from digest.model.keys import Keys
from digest.model.operator import ActKind
from digest.model.subscriber import SuppressionReason
from digest.store import Store


def suppress_address(store: Store, keys: Keys, address: str, *, now: datetime) -> bool:
    """False when it was suppressed before, for whatever reason; an erasure becomes the operator's word. Safe twice.

    What waits in the outbox is not sent: arming looks once more. The address need not be a subscriber's.
    """
    wanted = read_address(address)
    address_hash = keys.address_hash(wanted)
    with store.write() as tx:
        if tx.suppressions.stands(address_hash):
            return False
        tx.suppressions.lift(address_hash, SuppressionReason.ERASED)
        tx.suppressions.add(address_hash, SuppressionReason.OPERATOR, now)
        known = tx.subscribers.find(wanted)
        tx.events.add(
            EventKind.SUPPRESSED, now, subscriber_id=known.id if known else None, reason=SuppressionReason.OPERATOR
        )
        tx.acts.note(ActKind.ADDRESS_SUPPRESSED, now, f"subscriber {known.id}" if known else "")
    return True


#: Why nobody but the reader can change it.
_STANDS = {
    SuppressionReason.UNSUBSCRIBED: "its reader left by themselves, and only they can come back, by signing up again",
    SuppressionReason.ERASED: "its reader asked to be forgotten, and only they can come back, by signing up again",
    SuppressionReason.COMPLAINT: "its reader told their mail provider that our mail is spam",
}


def lift_suppression(store: Store, address_hash: str, *, now: datetime) -> None:
    """What an operator said can be taken back, and what a mail server did: mailboxes come back. Raises NotFound, and WrongState with
    the reason that stands.
    """
    with store.write() as tx:
        found = tx.suppressions.get(address_hash)
        if found is None:
            raise NotFound("That address is not suppressed.")
        if found.reason in _STANDS:
            raise WrongState(f"This stays: {_STANDS[found.reason]}.")
        tx.suppressions.lift(address_hash, found.reason)
        whose = f"subscriber {found.subscriber_id}" if found.subscriber_id else ""
        tx.acts.note(ActKind.SUPPRESSION_LIFTED, now, whose, reason=found.reason)


def say_lasting(reason: SuppressionReason) -> str:
    """Why it cannot be lifted; "" when it can."""
    return _STANDS.get(reason, "")
