"""What people subscribe to, and when it appears."""

import re
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from enum import StrEnum

from digest.model.address import Address, Mailbox
from digest.model.brand import NO_BRAND, Brand

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")  # index = datetime.weekday()
FRONT_PAGE = "front-page"  # the theme of those who choose none


def is_theme_name(name: str) -> bool:
    return re.fullmatch(r"[a-z0-9][a-z0-9-]{0,40}", name) is not None


class CatchUp(StrEnum):
    """What becomes of a slot that passed while nothing ran."""

    SEND = "send"  # send the latest missed slot once, however late within the limit; beyond the limit, hold it
    HOLD = "hold"  # draft the issue and wait for an operator


class TooFew(StrEnum):
    """What becomes of a slot at which fewer articles are new than the list asks for."""

    SKIP = "skip"  # no mail; what is still within the next issue's window goes there
    CARRY = "carry"  # no mail; all of it is kept for the next issue, however old it gets
    SHORT = "short"  # a short issue, if there is a single article


class Archive(StrEnum):
    """Who finds the list's former issues on the web."""

    PUBLIC = "public"  # whoever looks: our pages lead there, and search engines may keep it
    NOINDEX = "noindex"  # our pages lead there; search engines are asked to leave it out
    UNLISTED = "unlisted"  # who was given the address; search engines are asked to leave it out
    OFF = "off"  # nobody: there is none. A reader's own link to an issue goes on working

    @property
    def is_linked(self) -> bool:
        """Whether our own pages lead there."""
        return self in {Archive.PUBLIC, Archive.NOINDEX}


class Rhythm(StrEnum):
    """How often a reader gets a list; what it appears more often for is gathered for them."""

    EVERY = "every"  # each issue: daily, if the list appears daily
    WEEKLY = "weekly"  # one issue a week, with what appeared since the one before
    MONTHLY = "monthly"  # the first issue of a month, with what appeared since


@dataclass(frozen=True, slots=True)
class Schedule:
    """The local wall-clock slots of a list. A time that a day lacks shifts forward by the gap; one that it has twice runs once."""

    weekdays: frozenset[int]  # 0 is Monday; empty means never by itself
    at: time  # local wall clock, naive
    zone: str  # IANA name, e.g. "Europe/Vienna"
    catch_up: CatchUp = CatchUp.SEND
    late_hours: int = 24  # a slot missed by more than this is held, whatever `catch_up` says


@dataclass(frozen=True, slots=True)
class MailingList:
    """What people subscribe to; has a List-Id (RFC 2919) that never changes."""

    id: int
    name: str  # a-z, 0-9 and hyphens; in links and commands
    title: str
    sender: Mailbox
    reply_to: Mailbox | None
    postal_address: str  # printed in every issue: CAN-SPAM and most other laws want it
    list_id: str  # "weekly.news.example.org", without angle brackets
    schedule: Schedule
    window_days: int = 7  # an article older than this at issue time is not news
    min_articles: int = 1  # fewer new ones than this: no issue
    max_articles: int = 30
    max_per_feed: int = 10
    topics: tuple[str, ...] = ()  # sections, in order
    rhythms: tuple[Rhythm, ...] = (Rhythm.EVERY,)  # that readers may choose from
    greets_with_issue: bool = True  # who confirms gets the current issue at once
    says_goodbye: bool = True  # who leaves by a page gets one last mail that says so
    language: str = "en"
    tagline: str = ""
    send_within_hours: int = 48  # an issue older than this is stale: what is deferred then has failed
    seeds: tuple[Address, ...] = ()  # mailboxes of our own that get each issue before its readers
    canary_percent: int = 1  # of a large audience, goes first; 0 for nobody
    canary_refused_percent: int = 5  # more refusals among those than this, and the rest waits for an operator
    max_per_topic: int = 0  # 0 for no limit
    half_life_hours: int = 72  # after these an article's freshness counts half
    too_few: TooFew = TooFew.SKIP
    corrections: bool = False  # whether an issue notes what changed in articles of earlier ones
    draft_ahead_hours: int = 0  # an issue is drafted so long before its slot; 0 for at its slot
    editors: tuple[Address, ...] = ()  # who is told of such a draft
    next_due_at: datetime | None = None  # aware UTC; None when the schedule is empty
    theme: str = ""  # how its mails are laid out; "" for what the settings say
    brand: Brand = NO_BRAND
    archive: Archive = Archive.PUBLIC

    @property
    def offers(self) -> bool:
        """Whether readers have anything to choose from."""
        return bool(self.topics) or len(self.rhythms) > 1

    @property
    def ahead_at(self) -> datetime | None:
        """When the next issue is to be drafted, ahead of its slot; None for at its slot."""
        if self.next_due_at is None or not self.draft_ahead_hours:
            return None
        return self.next_due_at - timedelta(hours=self.draft_ahead_hours)

    def dressed(self, theme: str, brand: Brand) -> "MailingList":
        """The same list, with what the settings say about its look where it says nothing itself."""
        return replace(self, theme=self.theme or theme, brand=self.brand.over(brand))
