"""Adding and changing lists: what an operator says becomes a list with its next slot. One transaction; safe twice."""

import re
from dataclasses import dataclass, fields, replace
from datetime import datetime, time

from digest.issues.cadence import next_slot
from digest.model.address import Address, Mailbox, unprintable
from digest.model.brand import NO_BRAND, Brand, parse_brand
from digest.model.errors import BadInput
from digest.model.mailing_list import WEEKDAYS, Archive, CatchUp, MailingList, Rhythm, Schedule, TooFew, is_theme_name
from digest.model.operator import ActKind
from digest.rendering.look import check_brand
from digest.store import Store

_LONG_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY_WORDS = {word: day for words in (WEEKDAYS, _LONG_DAYS) for day, word in enumerate(words)}

DEFAULT_SLOT = Schedule(frozenset({0}), time(8, 0), "UTC")
MAX_LIST_ID = 255  # octets, RFC 2919 §2
MOST = 10_000  # articles, days or hours; more is a slip of the finger, and no database or calendar could count it


@dataclass(frozen=True, slots=True)
class ListChange:
    """What is said about a list, in an operator's words; None leaves a thing as it is, "" empties it."""

    title: str | None = None
    tagline: str | None = None
    sender: str | None = None  # "Ann <ann@example.org>"
    reply_to: str | None = None
    postal_address: str | None = None
    weekdays: str | None = None  # "mon,thu"; "" for never by itself
    at: str | None = None  # "08:00"
    zone: str | None = None
    catch_up: str | None = None
    late_hours: int | None = None
    window_days: int | None = None
    min_articles: int | None = None
    max_articles: int | None = None
    max_per_feed: int | None = None
    topics: str | None = None  # "Town, Science"
    rhythms: str | None = None  # "every, weekly": that readers may choose from
    greets_with_issue: bool | None = None
    says_goodbye: bool | None = None
    language: str | None = None
    send_within_hours: int | None = None
    seeds: str | None = None  # "me@example.org, you@example.org"
    canary_percent: int | None = None
    canary_refused_percent: int | None = None
    max_per_topic: int | None = None
    half_life_hours: int | None = None
    too_few: str | None = None
    corrections: bool | None = None
    draft_ahead_hours: int | None = None
    editors: str | None = None  # "ed@example.org, sub@example.org"
    theme: str | None = None
    brand: tuple[str, ...] | None = None  # ("accent=#0b5394", "logo=https://…"); "accent=" for the theme's own

    archive: str | None = None

    @property
    def empty(self) -> bool:
        return all(getattr(self, field.name) is None for field in fields(self))


def add_list(store: Store, name: str, change: ListChange, *, now: datetime) -> MailingList:
    """A new list; only its name and its sender must be said. Raises BadInput in words."""
    if not re.fullmatch(r"[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?", name):
        raise BadInput(f"{name!r} cannot be a list's name: use a-z, 0-9 and hyphens, 48 at most, as in `town-weekly`.")
    if not change.sender:
        raise BadInput(f"The list {name} needs a sender; say --from 'The Town <news@example.org>'.")
    sender = Mailbox.parse(change.sender)
    bare = MailingList(
        id=0,
        name=name,
        title=name.replace("-", " ").title(),
        sender=sender,
        reply_to=None,
        postal_address="",
        list_id=_list_id(name, sender),
        schedule=DEFAULT_SLOT,
    )
    planned = _planned(_changed(bare, change), now)
    with store.write() as tx:
        tx.acts.note(ActKind.LIST_CHANGED, now, f"list {name}", added=True)
        return tx.lists.add(planned, now)


def change_list(store: Store, name: str, change: ListChange, *, now: datetime) -> MailingList:
    """The list as it is after the change. Its next slot is computed anew when its schedule changed."""
    with store.write() as tx:
        before = tx.lists.by_name(name)
        after = _changed(before, change)
        replan = after.schedule != before.schedule
        if replan:
            after = _planned(after, now)
        tx.lists.save(after, replan=replan)
        tx.acts.note(ActKind.LIST_CHANGED, now, f"list {name}", changed=_differing(before, after))
        return after


def _differing(before: MailingList, after: MailingList) -> list[str]:
    return [each.name for each in fields(before) if getattr(before, each.name) != getattr(after, each.name)]


def _planned(mailing_list: MailingList, now: datetime) -> MailingList:
    return replace(mailing_list, next_due_at=next_slot(mailing_list.schedule, now))


def _changed(before: MailingList, change: ListChange) -> MailingList:
    after = replace(
        before,
        title=_line("title", before.title if change.title is None else change.title),
        tagline=_line("tagline", before.tagline if change.tagline is None else change.tagline),
        sender=before.sender if change.sender is None else Mailbox.parse(change.sender),
        reply_to=before.reply_to if change.reply_to is None else _optional_mailbox(change.reply_to),
        postal_address=before.postal_address if change.postal_address is None else _lines(change.postal_address),
        topics=before.topics if change.topics is None else _topics(change.topics),
        rhythms=before.rhythms if change.rhythms is None else _rhythms(change.rhythms),
        greets_with_issue=before.greets_with_issue if change.greets_with_issue is None else change.greets_with_issue,
        says_goodbye=before.says_goodbye if change.says_goodbye is None else change.says_goodbye,
        language=before.language if change.language is None else _language(change.language),
        seeds=before.seeds if change.seeds is None else _addresses(change.seeds),
        editors=before.editors if change.editors is None else _addresses(change.editors),
        too_few=before.too_few if change.too_few is None else _too_few(change.too_few),
        corrections=before.corrections if change.corrections is None else change.corrections,
        canary_percent=_percent("canary", before.canary_percent, change.canary_percent),
        canary_refused_percent=_percent("canary refused", before.canary_refused_percent, change.canary_refused_percent),
        schedule=_schedule(before.schedule, change),
        theme=before.theme if change.theme is None else _theme(change.theme),
        brand=before.brand if change.brand is None else _brand(before.brand, change.brand),
        archive=before.archive if change.archive is None else _archive(change.archive),
    )
    return _with_counts(after, change)


#: What is counted, and the least of it that means something.
_COUNTS = {
    "window_days": 1,
    "min_articles": 1,
    "max_articles": 1,
    "max_per_feed": 1,
    "max_per_topic": 0,
    "half_life_hours": 1,
    "send_within_hours": 1,
    "draft_ahead_hours": 0,
}


def _with_counts(before: MailingList, change: ListChange) -> MailingList:
    counts: dict[str, int] = {}
    for name, least in _COUNTS.items():
        said: int | None = getattr(change, name)
        if said is not None and said < least:
            raise BadInput(f"{name.replace('_', ' ')} is {said}; it must be {least} or more.")
        if said is not None and said > MOST:
            raise BadInput(f"{name.replace('_', ' ')} is {said}; it must be {MOST} or less.")
        counts[name] = getattr(before, name) if said is None else said
    if counts["min_articles"] > counts["max_articles"]:
        raise BadInput(
            f"The list asks for {counts['min_articles']} articles and takes {counts['max_articles']} at most: "
            "it would never appear."
        )
    return replace(before, **counts)  # type: ignore[arg-type]  # they are ints


def _schedule(before: Schedule, change: ListChange) -> Schedule:
    if change.late_hours is not None and change.late_hours < 0:
        raise BadInput(f"late hours is {change.late_hours}; it must be 0 or more.")
    if change.late_hours is not None and change.late_hours > MOST:
        raise BadInput(f"late hours is {change.late_hours}; it must be {MOST} or less.")
    after = Schedule(
        weekdays=before.weekdays if change.weekdays is None else _weekdays(change.weekdays),
        at=before.at if change.at is None else _time(change.at),
        zone=before.zone if change.zone is None else change.zone,
        catch_up=before.catch_up if change.catch_up is None else _catch_up(change.catch_up),
        late_hours=before.late_hours if change.late_hours is None else change.late_hours,
    )
    next_slot(after, datetime.fromisoformat("2000-01-01T00:00:00Z"))  # refuses a zone that there is not, in words
    return after


def _weekdays(text: str) -> frozenset[int]:
    words = [word.strip().lower() for word in text.split(",") if word.strip()]
    for word in words:
        if word not in _DAY_WORDS:
            raise BadInput(f"{word!r} is no weekday; use {', '.join(WEEKDAYS)}, with commas between them.")
    return frozenset(_DAY_WORDS[word] for word in words)


def _time(text: str) -> time:
    if not re.fullmatch(r"(?:[01]?\d|2[0-3]):[0-5]\d", text):
        raise BadInput(f"{text!r} is no time of day; use 24 hours, as in 08:00.")
    hours, minutes = text.split(":")
    return time(int(hours), int(minutes))


def _catch_up(text: str) -> CatchUp:
    try:
        return CatchUp(text)
    except ValueError:
        raise BadInput(f"{text!r} is no way to catch up; use `send` or `hold`.") from None


def _too_few(text: str) -> TooFew:
    try:
        return TooFew(text)
    except ValueError:
        raise BadInput(f"{text!r} is no answer to too few articles; use `skip`, `carry` or `short`.") from None


def _topics(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_line("topic", word.strip()) for word in text.split(",") if word.strip()))


def _rhythms(text: str) -> tuple[Rhythm, ...]:
    """Each issue is always offered: it is what readers get who choose nothing."""
    words = {word.strip().lower() for word in text.split(",") if word.strip()}
    if unknown := sorted(words - set(Rhythm)):
        raise BadInput(f"{unknown[0]!r} is no rhythm; use {', '.join(Rhythm)}, with commas between them.")
    return tuple(rhythm for rhythm in Rhythm if rhythm in words | {Rhythm.EVERY})


def _addresses(text: str) -> tuple[Address, ...]:
    return tuple(dict.fromkeys(Address.parse(word.strip()) for word in text.split(",") if word.strip()))


def _percent(what: str, before: int, said: int | None) -> int:
    if said is not None and not 0 <= said <= 100:
        raise BadInput(f"The {what} percentage is {said}; it must be from 0 to 100.")
    return before if said is None else said


def _theme(text: str) -> str:
    if text and not is_theme_name(text):
        raise BadInput(f"{text!r} cannot be a theme's name: a-z, 0-9 and hyphens.")
    return text


def _archive(text: str) -> Archive:
    try:
        return Archive(text)
    except ValueError:
        raise BadInput(f"{text!r} is no kind of archive; use {', '.join(Archive)}.") from None


def _brand(before: Brand, words: tuple[str, ...]) -> Brand:
    """What is named is changed, and all forgotten for a single empty word."""
    if words == ("",):
        return NO_BRAND
    said: dict[str, object] = before.said()
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            raise BadInput(f"{word!r} says nothing about a brand; write NAME=VALUE, as in accent=#0b5394.")
        said[name.strip().replace("-", "_")] = value.strip()
    after = parse_brand(said)
    check_brand(after)
    return after


def _language(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", text):  # BCP 47, well enough
        raise BadInput(f"{text!r} is no language tag; use one such as en, de or pt-BR.")
    return text


def _line(what: str, text: str) -> str:
    if bad := unprintable(text):
        raise BadInput(f"The {what} has a character that cannot be shown in a mail ({bad}); leave it out.")
    if not text.strip() and what == "title":
        raise BadInput("A list's title cannot be empty.")
    return text.strip()


def _lines(text: str) -> str:
    return "\n".join(_line("postal address", line) for line in text.strip().splitlines())


def _optional_mailbox(text: str) -> Mailbox | None:
    return Mailbox.parse(text) if text.strip() else None


def _list_id(name: str, sender: Mailbox) -> str:
    list_id = f"{name}.{sender.address.domain}"
    if len(list_id) > MAX_LIST_ID:
        raise BadInput(f"The List-Id {list_id} is longer than {MAX_LIST_ID} characters; use a shorter name.")
    return list_id
