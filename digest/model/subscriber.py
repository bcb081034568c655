"""A person at one address, what they subscribed to, and the proof that they asked."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from digest.model.address import Address

CONFIRMATION_LIFE = timedelta(hours=48)  # how long a confirmation link works
#: One inbox gets no second mail that asks sooner than this, however many lists and forms are filled in with it, unless
#: the link in the first was pressed by then (docs/adr/0011).
CONFIRMATION_PAUSE = timedelta(hours=24)
CONFIRMATIONS_A_MONTH = 3  # nor more than these in ASKED_REMEMBERED
ASKED_REMEMBERED = timedelta(days=30)
UNCONFIRMED_FOR = timedelta(days=30)  # who has not confirmed by then is forgotten, unless the settings say otherwise


class SubscriptionState(StrEnum):
    """Where a subscription stands."""

    PENDING = "pending"  # asked for, not confirmed; gets no issue
    CONFIRMED = "confirmed"  # proved that the address is theirs; gets issues
    UNSUBSCRIBED = "unsubscribed"  # left; only they themselves can come back, by confirming again


#: Legal moves. UNSUBSCRIBED → PENDING is the reader signing up again; an import never does that.
SUBSCRIPTION_MOVES: dict[SubscriptionState, frozenset[SubscriptionState]] = {
    SubscriptionState.PENDING: frozenset({SubscriptionState.CONFIRMED, SubscriptionState.UNSUBSCRIBED}),
    SubscriptionState.CONFIRMED: frozenset({SubscriptionState.UNSUBSCRIBED}),
    SubscriptionState.UNSUBSCRIBED: frozenset({SubscriptionState.PENDING}),
}


_RANKS = (SubscriptionState.UNSUBSCRIBED, SubscriptionState.PENDING, SubscriptionState.CONFIRMED)


def outranks(one: SubscriptionState, other: SubscriptionState) -> bool:
    """Of two subscriptions of one person to one list the stronger stays; of equals neither is."""
    return _RANKS.index(one) > _RANKS.index(other)


class Reason(StrEnum):
    """Why somebody left, as far as they want to say it."""

    TOO_OFTEN = "too_often"
    NOT_FOR_ME = "not_for_me"  # not what they expected, or not interesting any more
    NEVER_ASKED = "never_asked"
    ELSEWHERE = "elsewhere"  # they read it in another way
    OTHER = "other"


class SuppressionReason(StrEnum):
    """Why an address is not to be mailed."""

    UNSUBSCRIBED = "unsubscribed"  # left a list by themselves; for that list
    ERASED = "erased"  # asked us to forget them; for every list
    BOUNCED = "bounced"  # the address does not exist; for every list
    COMPLAINT = "complaint"  # pressed "spam"; for every list
    OPERATOR = "operator"  # an operator said so


@dataclass(frozen=True, slots=True)
class Consent:
    """The proof that a reader asked: who can show it, when, and what they saw."""

    source: str  # "form", "api", "operator", "import", or where an import came from: "mailchimp" …
    text: str  # the words they agreed to
    at: datetime
    network_hash: str = ""  # keyed hash of the network (/24, /48) they came from, never the address itself


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A person at one address."""

    id: int
    address: Address
    name: str
    language: str
    created_at: datetime
    note: str = ""  # what an operator noted; shown to the reader with their data


@dataclass(frozen=True, slots=True)
class Subscription:
    """Subscriber × list."""

    subscriber_id: int
    list_id: int
    state: SubscriptionState
    consent: Consent
    confirmed_at: datetime | None = None
    unsubscribed_at: datetime | None = None
    choices_id: int = 0  # 0: nothing chosen
    paused_until: date | None = None  # no issue of an earlier day
    import_id: int = 0  # that made or changed it, as long as nobody has done anything about it since
    feed_number: int = 0  # how often their own feed got another address
