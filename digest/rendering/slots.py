"""The tokens that stand for a reader's values in a rendered edition.

A token is made of capitals and digits only, so that neither an HTML parser nor quoted-printable changes it, and holds a hash
of the issue's secret salt, so that no article can contain one. Each part of the mail has its own token for a slot: whoever
fills it knows from the token alone how the value must be escaped there.
"""

import base64
import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum

from digest.model.edition import Slot
from digest.model.errors import BadInput


class Part(StrEnum):
    """Where in a mail a token stands; decides how its value is escaped."""

    HEADER = "H"
    TEXT = "T"
    HTML = "W"


@dataclass(frozen=True, slots=True)
class SlotTokens:
    """What templates see as `slot`: `{{ slot.unsubscribe }}`."""

    address: str
    unsubscribe: str
    preferences: str
    view: str
    confirm: str
    link: str


def make_mark(salt: str, *words: str) -> str:
    """Sixteen characters of A-Z and 2-7 that only who knows the salt can make."""
    digest = hashlib.blake2b("\0".join((salt, *words)).encode(), digest_size=10).digest()
    return base64.b32encode(digest).decode()


def make_token(slot: Slot, part: Part, salt: str) -> str:
    """`ZUNSUBSCRIBEH…`. Raises BadInput when there is no salt: a guessable token could be written into an article."""
    if not salt:
        raise BadInput("An edition cannot be rendered without a salt.")
    return f"Z{slot}{part}{make_mark(salt, slot, part)}"


def make_slot_tokens(part: Part, salt: str) -> SlotTokens:
    return SlotTokens(
        address=make_token(Slot.ADDRESS, part, salt),
        unsubscribe=make_token(Slot.UNSUBSCRIBE, part, salt),
        preferences=make_token(Slot.PREFERENCES, part, salt),
        view=make_token(Slot.VIEW, part, salt),
        confirm=make_token(Slot.CONFIRM, part, salt),
        link=make_token(Slot.LINK, part, salt),
    )


def known_tokens(salt: str) -> dict[str, tuple[Slot, Part]]:
    """Every token that this salt can make."""
    return {make_token(slot, part, salt): (slot, part) for slot in Slot for part in Part}


def token_pattern(salt: str) -> re.Pattern[str]:
    """Matches any token of this salt, in one group, so that `split` keeps them."""
    return re.compile("(" + "|".join(known_tokens(salt)) + ")")
