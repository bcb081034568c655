"""Which column of a CSV holds what, and one cell as text: the headers of common exporters, and of our own export.

A cell that a spreadsheet would take for a formula is written with an apostrophe before it (security S25) and read without.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from digest.audience.csv_rows import Row
from digest.model.errors import BadInput
from digest.model.subscriber import SubscriptionState, SuppressionReason

#: Of the columns we write.
EXPORTED = (
    "email",
    "name",
    "language",
    "list",
    "state",
    "consent_source",
    "consent_text",
    "consent_at",
    "confirmed_at",
    "unsubscribed_at",
    "suppressed",
)

#: What we look for -> the headers it goes by, the best first; letters and digits only, in lower case.
_HEADERS = {
    "email": ("email", "emailaddress", "subscriberemail", "mail", "mailaddress", "address"),  # last: may be postal
    "name": ("name", "fullname", "displayname"),
    "first_name": ("firstname", "givenname"),
    "last_name": ("lastname", "surname", "familyname"),
    "language": ("language", "lang", "locale"),
    "list": ("list",),
    "state": ("state", "status"),
    "suppressed": ("suppressed",),
    "consent_source": ("consentsource",),
    "consent_text": ("consenttext",),
    "consent_at": ("consentat", "optintime"),
    "confirmed_at": ("confirmedat", "confirmtime"),
    "unsubscribed_at": ("unsubscribedat", "unsubtime"),
    "cleaned_at": ("cleantime",),
    "disabled": ("emaildisabled",),
    "wants_mail": ("subscribedtoemails",),
}

_STATES = {
    "": SubscriptionState.CONFIRMED,
    "confirmed": SubscriptionState.CONFIRMED,
    "subscribed": SubscriptionState.CONFIRMED,
    "active": SubscriptionState.CONFIRMED,
    "enabled": SubscriptionState.CONFIRMED,
    "pending": SubscriptionState.PENDING,
    "unconfirmed": SubscriptionState.PENDING,
    "unsubscribed": SubscriptionState.UNSUBSCRIBED,
    "inactive": SubscriptionState.UNSUBSCRIBED,
    "disabled": SubscriptionState.UNSUBSCRIBED,
    "blocklisted": SubscriptionState.UNSUBSCRIBED,
    "cleaned": SubscriptionState.UNSUBSCRIBED,
    "bounced": SubscriptionState.UNSUBSCRIBED,
    "complained": SubscriptionState.UNSUBSCRIBED,
}

_LASTING = {
    str(each): each for each in (SuppressionReason.BOUNCED, SuppressionReason.COMPLAINT, SuppressionReason.OPERATOR)
}
_FORMULA = tuple("=+-@\t\r\n＝＋－＠'")  # an apostrophe too: else one that was there would be lost in reading


@dataclass(frozen=True, slots=True)
class Columns:
    """What we look for -> where it is. `has_header` says whether the first row names columns or is one of the rows."""

    places: Mapping[str, int]
    has_header: bool

    def cell(self, row: Row, name: str) -> str:
        """Empty where the row is too short or the file has no such column."""
        place = self.places.get(name)
        return read_cell(row.cells[place]) if place is not None and place < len(row.cells) else ""

    def name(self, row: Row) -> str:
        whole = self.cell(row, "name")
        return whole or f"{self.cell(row, 'first_name')} {self.cell(row, 'last_name')}".strip()

    def state(self, row: Row) -> SubscriptionState | None:
        """What the file says of the subscription; CONFIRMED where it says nothing, None where we do not know the word."""
        said = self.cell(row, "state").lower()
        state = _STATES.get(said)
        if self.cell(row, "disabled").lower() in {"true", "1", "yes"} or self.cell(row, "cleaned_at"):
            return SubscriptionState.UNSUBSCRIBED
        if self.cell(row, "wants_mail").lower() in {"false", "0", "no"}:
            return SubscriptionState.UNSUBSCRIBED
        if not said and self.cell(row, "unsubscribed_at"):
            return SubscriptionState.UNSUBSCRIBED
        return state

    def suppressed(self, row: Row) -> SuppressionReason | None:
        return _LASTING.get(self.cell(row, "suppressed").lower())


def find_columns(first: Sequence[str]) -> Columns:
    """From the first row: it names the columns, or is a row itself when there is an address in it."""
    names = [re.sub(r"[^a-z0-9]", "", cell.lower()) for cell in first]
    places = {
        what: names.index(next(each for each in known if each in names))
        for what, known in _HEADERS.items()
        if any(each in names for each in known)
    }
    if "email" in places:
        return Columns(places, has_header=True)
    addresses = [place for place, cell in enumerate(first) if "@" in cell]
    if not addresses:
        raise BadInput("The file has no column of addresses; its first line must name one 'email'.")
    others = [place for place in range(len(first)) if place not in addresses]
    return Columns(
        {"email": addresses[0]} | ({"name": others[0]} if len(first) == 2 and others else {}), has_header=False
    )


def write_cell(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def read_cell(text: str) -> str:
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text


def read_time(text: str, now: datetime) -> datetime | None:
    """ISO 8601, UTC where it says no zone; None for what is no time, or is still to come."""
    try:
        time = datetime.fromisoformat(text.removesuffix(" UTC"))
    except ValueError:
        return None
    aware = time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    return aware if aware <= now else None
