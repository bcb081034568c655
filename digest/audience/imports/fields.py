"""What a column of a file can hold for us, and where files come from: a source is a table of its columns, and how it says who left."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from digest.model.subscriber import SubscriptionState, SuppressionReason


class Field(StrEnum):
    """The names that `--map` takes, and those of the columns of our own export."""

    EMAIL = "email"
    NAME = "name"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    LANGUAGE = "language"
    NOTE = "note"
    LABELS = "labels"  # tags, tiers: kept in the note
    LIST = "list"
    STATE = "state"
    DISABLED = "disabled"  # yes: gets no mail
    WANTS_MAIL = "wants_mail"  # no: gets no mail
    TOPICS = "topics"
    RHYTHM = "rhythm"
    WEEKDAY = "weekday"
    HOUR = "hour"
    ZONE = "zone"
    FRAME_LANGUAGE = "frame_language"
    FORM = "form"
    PAUSED_UNTIL = "paused_until"
    CONSENT_SOURCE = "consent_source"
    CONSENT_TEXT = "consent_text"
    CONSENT_AT = "consent_at"
    CONSENT_IP = "consent_ip"
    CONFIRM_IP = "confirm_ip"
    CONSENT_NETWORK = "consent_network"
    JOINED_AT = "joined_at"
    CONFIRMED_AT = "confirmed_at"
    UNSUBSCRIBED_AT = "unsubscribed_at"
    SUPPRESSED = "suppressed"
    SUPPRESSED_AT = "suppressed_at"
    ADDRESS_HASH = "address_hash"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class Said:
    """What a source says of a subscription."""

    state: SubscriptionState
    suppressed: SuppressionReason | None = None


CONFIRMED = Said(SubscriptionState.CONFIRMED)
PENDING = Said(SubscriptionState.PENDING)
LEFT = Said(SubscriptionState.UNSUBSCRIBED)
CLEANED = Said(SubscriptionState.UNSUBSCRIBED, SuppressionReason.BOUNCED)
COMPLAINED = Said(SubscriptionState.UNSUBSCRIBED, SuppressionReason.COMPLAINT)
BLOCKED = Said(SubscriptionState.UNSUBSCRIBED, SuppressionReason.OPERATOR)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a file comes from. It is recognised by `marks`: headers that all stand in its first line, and in no other source's.

    Headers are compared by letters and digits only, in lower case.
    """

    name: str  # short, kept as the source of consent
    title: str
    marks: tuple[str, ...]
    columns: Mapping[str, Field]
    said: Said = CONFIRMED  # of each row, unless a column says otherwise
    states: Mapping[str, Said] = field(default_factory=dict)  # the words of its column STATE
    ours: bool = False  # our own export: what it says of consent and lists is ours


def plain(header: str) -> str:
    return re.sub(r"[^a-z0-9]", "", header.lower())
