"""An operator says that an address is not to be mailed, whatever an import or a form says later."""

from datetime import datetime

from digest.audience.addresses import read_address
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
