"""A reader chooses, or an operator for them: topics, rhythm, hour, form, and a pause. One transaction; safe twice."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from digest.audience.addresses import read_address
from digest.model.choices import ChoiceChange, Choices, choose, read_pause
from digest.model.errors import BadInput, NotFound
from digest.model.event import EventKind
from digest.model.language import closest_language, name_languages
from digest.store import Store


@dataclass(frozen=True, slots=True)
class Chosen:
    choices: Choices
    paused_until: date | None


def choose_for(store: Store, address: str, list_name: str, said: ChoiceChange, *, now: datetime) -> Chosen:
    """What is chosen after the change; it counts from the next issue on. Raises BadInput in words, naming what the list offers."""
    check_change(said)
    with store.write() as tx:
        mailing_list = tx.lists.by_name(list_name)
        subscriber = tx.subscribers.find(read_address(address))
        subscription = tx.subscribers.subscription(subscriber.id, mailing_list.id) if subscriber else None
        if subscription is None:
            raise NotFound(f"{address} has no subscription to {list_name}; `digest subscriber list` shows who has.")
        chosen = choose(mailing_list, tx.audiences.choices(subscription.choices_id), said)
        paused_until = read_pause(said, subscription.paused_until)
        tx.audiences.choose(subscription.subscriber_id, mailing_list.id, chosen, paused_until)
        tx.events.add(EventKind.CHOSE, now, subscriber_id=subscription.subscriber_id, list_id=mailing_list.id)
        return Chosen(chosen, paused_until)


def check_change(said: ChoiceChange) -> None:
    """What no list decides: that a zone and a language are any. Raises BadInput in words."""
    if said.zone and said.zone.strip():
        try:
            ZoneInfo(said.zone.strip())
        except (KeyError, ValueError, OSError):
            raise BadInput(
                "%(zone)s is no time zone we know; use an IANA name such as Europe/Vienna.", zone=repr(said.zone)
            ) from None
    if said.language and said.language.strip() and closest_language(said.language) is None:
        raise BadInput(
            "We do not speak %(language)s; the words around the articles can be in %(languages)s.",
            language=repr(said.language),
            languages=name_languages(),
        )
