"""People and programs that run the newsletter: what their roles may do, and what is on record of their acts."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from digest.model.address import Address


class Right(StrEnum):
    """What an act needs. Each page and each call of the API names one; a key's scopes are some of them."""

    READ = "read"  # lists, feeds, issues, campaigns, figures: nothing of a person
    READERS = "readers"  # who the readers are
    EDIT = "edit"  # what stands in an issue
    SEND = "send"  # approve, send, pause, stop; a mail to oneself
    READERS_CHANGE = "readers-change"  # import, suppress, unsubscribe, erase
    MANAGE = "manage"  # lists, feeds, looks, segments
    OWN = "own"  # operators, keys, webhooks, settings, the record of acts


class Role(StrEnum):
    """What an operator is here for."""

    OWNER = "owner"  # everything
    EDITOR = "editor"  # issues, readers, lists and feeds; not other operators
    ANALYST = "analyst"  # sees figures and issues, changes nothing, sees no reader
    PROGRAM = "program"  # no person: calls the API with a key, and cannot log in


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.OWNER: frozenset(Right),
    Role.EDITOR: frozenset(Right) - {Right.OWN},
    Role.ANALYST: frozenset({Right.READ}),
    Role.PROGRAM: frozenset(Right) - {Right.OWN},
}


@dataclass(frozen=True, slots=True)
class Operator:
    """Somebody who logs in, or a program that calls the API."""

    id: int
    address: Address
    name: str
    role: Role
    created_at: datetime
    has_password: bool = False
    has_second_factor: bool = False
    disabled_at: datetime | None = None
    seen_at: datetime | None = None  # when they last logged in

    @property
    def can_log_in(self) -> bool:
        return self.role is not Role.PROGRAM and self.disabled_at is None

    @property
    def rights(self) -> frozenset[Right]:
        return frozenset() if self.disabled_at else RIGHTS[self.role]


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A program's way in. The key itself is shown once, and only its hash is kept."""

    id: int
    operator_id: int
    label: str
    prefix: str  # its first characters, by which people know it
    scopes: frozenset[Right]
    created_at: datetime
    expires_at: datetime | None = None
    used_at: datetime | None = None
    revoked_at: datetime | None = None

    def works(self, now: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


def rights_of(key: ApiKey, operator: Operator) -> frozenset[Right]:
    """A key never may more than its operator: who is made an analyst has analysts' keys from then on."""
    return key.scopes & operator.rights


@dataclass(frozen=True, slots=True)
class Session:
    """A browser in which somebody is logged in."""

    id: int
    operator_id: int
    opened_at: datetime
    seen_at: datetime
    expires_at: datetime
    browser: str  # as it calls itself
    network: str  # keyed hash of the network it came from


class Via(StrEnum):
    """By which door somebody acted."""

    DESK = "desk"
    API = "api"
    COMMAND = "command"
    TIMETABLE = "timetable"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something, as it is put on record with what they did."""

    name: str
    via: Via
    operator_id: int | None = None


#: Who acts when nobody said so: a command, as whoever may run it on this machine.
AT_THE_MACHINE = Actor("whoever has a shell here", Via.COMMAND)
TIMETABLE = Actor("the timetable", Via.TIMETABLE)


class ActKind(StrEnum):
    """What an operator did. Each is written in the transaction of the act itself: what was undone is not on record."""

    LOGGED_IN = "logged_in"  # with a password, and the second factor if there is one
    LOGGED_OUT = "logged_out"  # ended a session, their own or another's
    LOG_IN_REFUSED = "log_in_refused"  # a wrong password or code for an operator that there is
    OPERATOR_ADDED = "operator_added"  # made an operator
    OPERATOR_CHANGED = "operator_changed"  # changed a role or name, or disabled or enabled an operator
    INVITED = "invited"  # made a one-time link to set a password
    PASSWORD_SET = "password_set"  # set a password  # noqa: S105  an act, no password
    SECOND_FACTOR_SET = "second_factor_set"  # switched the second factor on or off
    KEY_MADE = "key_made"  # made an API key
    KEY_REVOKED = "key_revoked"  # revoked an API key
    WEBHOOK_CHANGED = "webhook_changed"  # added, changed or removed a webhook
    SETTING_CHANGED = "setting_changed"  # changed a setting while all of it runs, or took that back
    LIST_CHANGED = "list_changed"  # added or changed a list
    FEED_CHANGED = "feed_changed"  # added, changed or removed a feed
    FEEDS_READ = "feeds_read"  # had feeds read at once
    ISSUE_DRAFTED = "issue_drafted"  # drafted an issue by hand
    ISSUE_EDITED = "issue_edited"  # asked something of an issue: a pin, a drop, another title
    ISSUE_HELD = "issue_held"  # held an issue
    ISSUE_APPROVED = "issue_approved"  # approved an issue
    ISSUE_PUBLISHED = "issue_published"  # sent an issue
    ISSUE_WITHDRAWN = "issue_withdrawn"  # took an issue from the web, or put it back
    TEST_SENT = "test_sent"  # sent an issue to an address of their own
    LETTER_POSTED = "letter_posted"  # had one mail sent by a template of their own
    CAMPAIGN_PAUSED = "campaign_paused"  # paused a campaign
    CAMPAIGN_RESUMED = "campaign_resumed"  # let a campaign go on
    CAMPAIGN_STOPPED = "campaign_stopped"  # stopped a campaign
    CAMPAIGN_RETRIED = "campaign_retried"  # queued those again who missed an issue
    READER_ADDED = "reader_added"  # added a reader, with evidence of consent
    READERS_IMPORTED = "readers_imported"  # began an import of readers, or went on with one
    IMPORT_UNDONE = "import_undone"  # took an import back
    READER_UNSUBSCRIBED = "reader_unsubscribed"  # unsubscribed a reader
    READER_ERASED = "reader_erased"  # erased a person
    READER_MOVED = "reader_moved"  # moved a reader to another address
    READER_ASKED = "reader_asked"  # had a reader asked again to confirm
    READER_CHANGED = "reader_changed"  # chose for a reader
    READERS_CHANGED = "readers_changed"  # unsubscribed, suppressed or erased many readers at once, or undid it
    ADDRESS_SUPPRESSED = "address_suppressed"  # put an address on the suppression list
    SUPPRESSION_LIFTED = "suppression_lifted"  # took an address from it that an operator had put there
    SEGMENT_CHANGED = "segment_changed"  # made or removed a segment


@dataclass(frozen=True, slots=True)
class Act:
    """One line of the record: who did what to what, when, and by which door. Never an address of a reader."""

    id: int
    at: datetime
    actor: Actor
    kind: ActKind
    subject: str  # "issue 12", "list weekly", "subscriber 7"
    detail: dict[str, object] = field(default_factory=dict)


def parse_scopes(words: Collection[str]) -> frozenset[Right]:
    """Raises ValueError for a word that is no right."""
    return frozenset(Right(word) for word in words)
