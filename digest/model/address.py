"""An e-mail address as it may go into an envelope and a header (RFC 5321 §4.1.2, RFC 6531), and a name with one.

This is the last gate before SMTP, not the sign-up check: `audience` asks email-validator first. Whatever passes here
cannot carry a second command or header (CR, LF, NUL, spaces, angle brackets and quotes never pass).
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from digest.model.errors import BadInput

MAX_LOCAL = 64  # octets, RFC 5321 §4.5.3.1.1
MAX_ADDRESS = 254  # octets, RFC 5321 §4.5.3.1.3 less the angle brackets
MAX_SHOWN = 320  # characters of what was given, in an error

_ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u00a1-\U0010ffff-]"
_LOCAL = re.compile(rf"{_ATEXT}+(?:\.{_ATEXT}+)*")  # dot-atom; quoted local parts are refused on purpose
_DOMAIN = re.compile(r"(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_LABEL_CATEGORIES = {"Ll", "Lo", "Lm", "Mn", "Mc", "Nd"}  # upper case was folded before
#: Default_Ignorable_Code_Point among those: joiners, fillers, variation selectors. UTS #46 drops them; we refuse.
_INVISIBLE = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")
_WITHOUT_DOTS = frozenset({"gmail.com"})
_SAME_PROVIDER = {"googlemail.com": "gmail.com"}
_FORBIDDEN_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"}


def unprintable(text: str) -> str | None:
    """The first character that may not stand in a header or envelope, as `U+000D`; None when there is none.

    Refused: controls, line and paragraph separators, lone surrogates, and the bidirectional controls that make a name
    read as another (security S3). An ordinary space is fine.
    """
    if text.isascii() and text.isprintable():
        return None
    for char in text:
        category = unicodedata.category(char)
        if category in {"Cc", "Cs", "Zl", "Zp"} or "\u202a" <= char <= "\u202e" or "\u2066" <= char <= "\u2069":
            return f"U+{ord(char):04X}"
    return None


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """`local@domain`; the domain is lower case and in A-labels (`xn--…`), the local part as its owner writes it."""

    local: str
    domain: str

    def __post_init__(self) -> None:
        plain = self.local.isascii() and _LOCAL.fullmatch(self.local) and _is_domain(self.domain)
        if not plain or len(self.local) > MAX_LOCAL or len(self.local) + 1 + len(self.domain) > MAX_ADDRESS:
            self._check()

    def _check(self) -> None:
        if not _LOCAL.fullmatch(self.local) or _has_forbidden(self.local):
            raise BadInput(f"{self._shown} is not an address we can mail: the part before the @ is not a plain name.")
        if not _is_domain(self.domain):
            raise BadInput(f"{self._shown} is not an address we can mail: {_cut(self.domain)!r} is not a domain name.")
        local = len(self.local) if self.local.isascii() else len(self.local.encode())
        if local > MAX_LOCAL or local + 1 + len(self.domain) > MAX_ADDRESS:
            raise BadInput(
                f"{self._shown} is too long for an address ({MAX_LOCAL} octets before the @, {MAX_ADDRESS} in all)."
            )

    @property
    def _shown(self) -> str:
        return repr(_cut(f"{self.local}@{self.domain}"))

    @classmethod
    def parse(cls, text: str) -> "Address":
        """From `local@domain`; the domain may be upper case or U-labels. Raises BadInput in words."""
        local, at, domain = text.strip().rpartition("@")
        if not at:
            raise BadInput(f"{_cut(text)!r} is not an address: there is no @ in it.")
        if text.isascii():
            return cls(local, domain.lower())
        return cls(unicodedata.normalize("NFC", local), _ascii_domain(domain, text))

    @property
    def key(self) -> str:
        """What makes two addresses the same subscriber: case is folded, nothing else is."""
        return f"{self.local.casefold()}@{self.domain}"

    @property
    def inbox(self) -> str:
        """What most likely reaches the same person, for limits only: `+tag` is dropped (RFC 5233), and Gmail's dots are."""
        local, domain = self.local.casefold(), _SAME_PROVIDER.get(self.domain, self.domain)
        local = local.partition("+")[0] or local
        return f"{local.replace('.', '') if domain in _WITHOUT_DOTS else local}@{domain}"

    @property
    def needs_smtputf8(self) -> bool:
        """Whether only a next hop with SMTPUTF8 (RFC 6531) can take it."""
        return not self.local.isascii()

    @property
    def masked(self) -> str:
        """For pages and logs that may be seen by others: `a…@example.org`."""
        return f"{self.local[0]}…@{self.domain}"

    def __str__(self) -> str:
        return f"{self.local}@{self.domain}"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address with the name shown for it (RFC 5322 §3.4); the name may be empty."""

    address: Address
    name: str = ""

    def __post_init__(self) -> None:
        if bad := unprintable(self.name):
            raise BadInput(f"The name {self.name!r} has a character that no header may carry ({bad}).")

    @classmethod
    def parse(cls, text: str) -> "Mailbox":
        """From `ann@example.org` or `Ann <ann@example.org>`."""
        if not text.rstrip().endswith(">"):
            return cls(Address.parse(text))
        name, bracket, address = text.rstrip()[:-1].rpartition("<")
        if not bracket:
            raise BadInput(f"{_cut(text)!r} is not an address: a < is missing.")
        return cls(Address.parse(address), name.strip().strip('"'))

    def __str__(self) -> str:
        return f"{self.name} <{self.address}>" if self.name else str(self.address)


@lru_cache(1024)  # most readers share a few domains
def _is_domain(domain: str) -> bool:
    return _DOMAIN.fullmatch(domain) is not None


def _has_forbidden(local: str) -> bool:
    return not local.isascii() and any(
        unicodedata.category(char) in _FORBIDDEN_CATEGORIES for char in local if not char.isascii()
    )


def _ascii_domain(domain: str, shown: str) -> str:
    """In A-labels. By hand, because the codec `idna` is of 2003: it turns straße.example into another's strasse.example."""
    if domain.isascii():
        return domain.lower()
    labels = _mapped(domain[: MAX_ADDRESS + 1]).split(".")
    if len(domain) > MAX_ADDRESS or not all(label.isascii() or _may_be_label(label) for label in labels):
        raise BadInput(f"{_cut(shown)!r} is not an address we can mail: {_cut(domain)!r} is not a domain name.")
    return ".".join(label if label.isascii() else f"xn--{label.encode('punycode').decode()}" for label in labels)


def _mapped(domain: str) -> str:
    """Case and width folded as UTS #46 does; ß and ς are letters of their own (IDNA 2008), unless made from another one."""
    folded = "".join(char if char in "ßς" else char.casefold() for char in domain.replace("ẞ", "ß"))
    wide = unicodedata.normalize("NFKC", folded)
    made = wide.count("ς") > folded.count("ς")  # from a mathematical ς, which stands for σ: U+FFFD is refused below
    again = "".join(char if char in "ßς" else char.casefold() for char in wide)
    return "\ufffd" if made else unicodedata.normalize("NFC", again).replace("\u3002", ".")


def _may_be_label(label: str) -> bool:
    """Near to RFC 5892, without its rules of context: letters, marks and digits, no mark first; and the dots of Catalan and Japanese."""
    if unicodedata.category(label[0]).startswith("M") or label.startswith("-") or label.endswith("-"):
        return False
    letters = label.replace("l\u00b7l", "ll").replace("\u30fb", "")
    return all(
        char == "-" or (unicodedata.category(char) in _LABEL_CATEGORIES and not _INVISIBLE.match(char))
        for char in letters
    )


def _cut(text: str) -> str:
    return text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + "…"
