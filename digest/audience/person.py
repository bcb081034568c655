"""One person: all that we keep of them, as JSON; and forgetting them (GDPR articles 15 and 17)."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from digest.audience.addresses import read_address
from digest.model.address import Address
from digest.model.errors import NotFound
from digest.model.event import EventKind
from digest.model.keys import Keys
from digest.model.operator import ActKind
from digest.model.subscriber import Subscriber, SuppressionReason
from digest.store import Store, Transaction


def export_person(store: Store, keys: Keys, address: str) -> dict[str, Any]:
    """Ready for `json.dumps`: times are ISO 8601 in UTC, lists go by their names. Raises NotFound for nobody."""
    with store.read() as tx:
        return as_json(tx, keys, _find(tx, read_address(address)))


def as_json(tx: Transaction, keys: Keys, subscriber: Subscriber) -> dict[str, Any]:
    names = {each.id: each.name for each in tx.lists.all()}
    plain: dict[str, Any] = _json(
        {
            "address": str(subscriber.address),
            "name": subscriber.name,
            "language": subscriber.language,
            "note": subscriber.note,
            "created_at": subscriber.created_at,
            "suppressed": tx.suppressions.reason(keys.address_hash(subscriber.address)),
            "subscriptions": [
                _plain(each, names) | {"choices": asdict(tx.audiences.choices(each.choices_id))}
                for each in tx.subscribers.subscriptions(subscriber.id)
            ],
            "confirmations": [_plain(each, names) for each in tx.confirmations.of_subscriber(subscriber.id)],
            "links": [_plain(each, names) for each in tx.fresh_links.of_subscriber(subscriber.id)],
            "mails": [_plain(each, names) for each in tx.messages.of_subscriber(subscriber.id)],
            "events": [_plain(each, names) for each in tx.events.of_subscriber(subscriber.id)],
        }
    )
    return plain


@dataclass(frozen=True, slots=True)
class Erased:
    """What was removed, and what stays: a keyed hash of the address, so that no import brings them back."""

    subscriptions: int


def erase_person(store: Store, keys: Keys, address: str, *, now: datetime) -> Erased:
    """Forget a person: nothing is left that names them. Raises NotFound for nobody. Only they can come back, by confirming.

    What of theirs still waits in the outbox is not sent. Rows about mails sent stay for the accounts, without name and address.
    """
    with store.write() as tx:
        person = _find(tx, read_address(address))
        tx.acts.note(ActKind.READER_ERASED, now, f"subscriber {person.id}")
        return forget(tx, keys, person, now=now)


def forget(tx: Transaction, keys: Keys, subscriber: Subscriber, *, now: datetime) -> Erased:
    count = len(tx.subscribers.subscriptions(subscriber.id))
    tx.suppressions.add(keys.address_hash(subscriber.address), SuppressionReason.ERASED, now)
    tx.subscribers.erase(subscriber.id)
    tx.events.add(EventKind.ERASED, now)  # of nobody in particular: an event outlives them
    return Erased(count)


def _find(tx: Transaction, address: Address) -> Subscriber:
    found = tx.subscribers.find(address)
    if found is None:
        raise NotFound(f"There is no subscriber {address}.")
    return found


def _plain(value: Any, names: dict[int, str]) -> dict[str, Any]:
    """A frozen value as a dictionary, with lists by their names and without our own numbers of people."""
    fields = asdict(value)
    fields.pop("subscriber_id", None)
    fields.pop("choices_id", None)
    fields.pop("import_id", None)
    if "list_id" in fields:
        fields["list"] = names.get(fields.pop("list_id"), "")
    if "list_ids" in fields:
        fields["lists"] = [names.get(number, "") for number in fields.pop("list_ids")]
    return fields


def _json(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: _json(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_json(each) for each in value]
    return value
