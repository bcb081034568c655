"""A reader chooses, or an operator for them: topics, rhythm, hour, form, and a pause. One transaction; safe twice."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from digest.audience.addresses import read_address
from digest.model.choices import ChoiceChange, Choices, choose, read_pause
from digest.model.errors import BadInput, NotFound
from digest.model.event import EventKind
from digest.model.language import closest_language, name_languages
from digest.model.mailing_list import MailingList
from digest.model.operator import ActKind
from digest.store import Store, Transaction


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
        chosen = _choose(tx, subscriber.id, mailing_list, said, now, by="operator") if subscriber else None
        if chosen is None:
            raise NotFound(f"{address} has no subscription to {list_name}; `digest subscriber list` shows who has.")
        assert subscriber is not None
        tx.acts.note(ActKind.READER_CHANGED, now, f"subscriber {subscriber.id}", list=list_name)
        return chosen


def choose_by_link(store: Store, number: int, list_id: int, said: ChoiceChange, *, now: datetime) -> Chosen | None:
    """The same for the reader whom a link stands for; None for who has no subscription any more, and nothing is changed."""
    check_change(said)
    with store.write() as tx:
        subscriber = tx.subscribers.known_as(number)
        return _choose(tx, subscriber.id, tx.lists.get(list_id), said, now, by="page") if subscriber else None


def _choose(
    tx: Transaction, subscriber_id: int, mailing_list: MailingList, said: ChoiceChange, now: datetime, *, by: str
) -> Chosen | None:
    tx.subscribers.lock(subscriber_id)
    subscription = tx.subscribers.subscription(subscriber_id, mailing_list.id)
    if subscription is None:
        return None
    chosen = choose(mailing_list, tx.audiences.choices(subscription.choices_id), said)
    paused_until = read_pause(said, subscription.paused_until)
    tx.audiences.choose(subscriber_id, mailing_list.id, chosen, paused_until)
    tx.events.add(EventKind.CHOSE, now, subscriber_id=subscriber_id, list_id=mailing_list.id, by=by)
    return Chosen(chosen, paused_until)


def pause_until(mailing_list: MailingList, weeks: int, now: datetime) -> date:
    """The first day after so many weeks without an issue, as the list's calendar has it."""
    return now.astimezone(ZoneInfo(mailing_list.schedule.zone)).date() + timedelta(weeks=weeks)


@cache
def _zones() -> tuple[str, ...]:
    return tuple(sorted(available_timezones()))


def find_zone(said: str) -> str | None:
    """The IANA name of what somebody typed: in any case, with spaces, or its last part alone ("new york"); None for no zone."""
    wanted = re.sub(r"\s+", "_", said.strip()).casefold()
    known = _zones()
    exact = next((zone for zone in known if zone.casefold() == wanted), None)
    return exact or next((zone for zone in known if zone.casefold().rpartition("/")[2] == wanted), None)


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
