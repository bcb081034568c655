"""The issue (or another mail) as rendered once, shared by all who get the same; per message only slots are filled in bytes."""

from dataclasses import dataclass
from enum import StrEnum

from digest.model.address import Address


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
    LINK = "LINK"  # https; the fresh link that this mail was asked for

    __hash__ = str.__hash__  # Enum's is written in Python, and slots are keys several times in each message


class Form(StrEnum):
    """How a mail is made."""

    HTML = "html"  # both, HTML and plain text: the mail program shows the one that its reader prefers
    TEXT = "text"  # plain text alone


@dataclass(frozen=True, slots=True)
class Fit:
    """How much of each article a mail shows, so that it stays small; counts are in reading order, the lead included."""

    lead_summary: int = 420  # characters
    summary: int = 420
    full: int | None = None  # these have summary and picture, those behind them a headline; None is all
    shown: int | None = None  # those behind these are on the web only; None is all


@dataclass(frozen=True, slots=True)
class Edition:
    """A rendered mail. Everything but `skeleton` is kept so that the web edition can be shown; `skeleton` is what is sent.

    `html`, `web` and `text` hold slot tokens made with `salt`; `skeleton` is the whole MIME message (CRLF, 7-bit) with the same
    tokens. `rendering.compose` fills them: the same row and the same edition always give the same bytes.
    """

    mail: str  # the template folder: "issue", "welcome", …
    list_id: int
    subject: str
    html: str  # the part of the mail; "" for a mail of plain text alone
    text: str
    skeleton: bytes
    salt: str
    id: int = 0  # 0 until stored
    web: str = ""  # the HTML with everything that the mail had no room for; "" when that is `html`
    sender: Address | None = None  # of the envelope; None in those kept before they had one: it is the list's
    catches_up: bool = False  # it holds what its readers missed
    fit: Fit = Fit()
    templates: str = ""  # SHA-256 of those it was made with

    @property
    def whole(self) -> str:
        """The HTML to be shown on the web."""
        return self.web or self.html
