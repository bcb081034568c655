"""The issue (or another mail) as rendered once, shared by all who get the same; per message only slots are filled in bytes."""

from dataclasses import dataclass
from enum import StrEnum


class Slot(StrEnum):
    """What differs from reader to reader. The value is the word in the token that stands for it in a rendered edition."""

    # in headers
    TO = "TO"  # the reader's mailbox, header-encoded
    MESSAGE_ID = "MESSAGEID"  # without angle brackets
    DATE = "DATE"  # RFC 5322
    # in headers and bodies
    UNSUBSCRIBE = "UNSUBSCRIBE"  # https; GET shows a page, POST unsubscribes (RFC 8058)
    # in bodies
    ADDRESS = "ADDRESS"  # the reader's address as text
    PREFERENCES = "PREFERENCES"  # https
    VIEW = "VIEW"  # https; this issue in a browser
    CONFIRM = "CONFIRM"  # https; the confirmation page

    __hash__ = str.__hash__  # Enum's is written in Python, and slots are keys several times in each message


@dataclass(frozen=True, slots=True)
class Edition:
    """A rendered mail. Everything but `skeleton` is kept so that the web edition can be shown; `skeleton` is what is sent.

    `html` and `text` hold slot tokens made with `salt`; `skeleton` is the whole MIME message (CRLF, 7-bit) with the same
    tokens. `rendering.compose` fills them: the same row and the same edition always give the same bytes.
    """

    mail: str  # the template folder: "issue", "welcome", …
    list_id: int
    subject: str
    html: str
    text: str
    skeleton: bytes
    salt: str
    id: int = 0  # 0 until stored
