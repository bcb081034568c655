"""The next hop we hand our mail to: where it is, how far we trust the way there, and who we are to it."""

import ipaddress
import re
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from digest.model.errors import BadSetting

EXAMPLE = "smtp://user:password@mail.example.org:587?tls=starttls"
PARAMETERS = ("tls", "hello", "ca_file")

_NAME = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)(?:\.(?!-)[A-Za-z0-9_-]{1,63}(?<!-))*\.?")


class Tls(StrEnum):
    """How the way to the relay is protected. There is no "if it can": what is asked for is had, or nothing is sent."""

    STARTTLS = "starttls"  # RFC 3207: begins in clear, and goes no further in clear
    IMPLICIT = "implicit"  # RFC 8314: TLS from the first octet
    NONE = "none"  # in clear, without a password: for a relay on this machine


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds to wait, RFC 5321 §4.5.3.2. Each is for a whole reply (or a block sent), so that a drip does not stretch it."""

    connect: float = 30  # TCP and, apart from it, the TLS handshake
    greeting: float = 300
    command: float = 300  # EHLO, STARTTLS, AUTH, MAIL, RCPT, RSET
    data: float = 120
    block: float = 180  # to send a block of the body
    dot: float = 600  # shorter would make copies: the relay may have taken the mail (RFC 1047)
    quit: float = 5

    def scaled(self, factor: float) -> "Timeouts":
        return Timeouts(**{limit.name: getattr(self, limit.name) * factor for limit in fields(self)})


@dataclass(frozen=True, slots=True)
class Relay:
    """A mail relay. A password is never sent in clear: `tls` NONE with a user is refused here."""

    host: str
    port: int
    tls: Tls = Tls.STARTTLS
    username: str = ""
    password: str = field(default="", repr=False)
    hello: str = ""  # the name for EHLO; "" for our own end's address (RFC 5321 §4.1.3)
    ca_file: Path | None = None  # PEM; trusted instead of the system's authorities
    timeouts: Timeouts = Timeouts()

    def __post_init__(self) -> None:
        if not _is_host(self.host):
            raise _bad(f"{self.host!r} is not the name or address of a machine")
        if not 0 < self.port < 65536:
            raise _bad(f"{self.port} is not a port (1 to 65535)")
        if self.hello and not (_NAME.fullmatch(self.hello) or _is_literal(self.hello)):
            raise _bad(f"hello={self.hello!r} is neither a host name nor an address in brackets")
        if any(ord(char) < 32 or ord(char) == 127 for char in self.username + self.password):
            raise _bad("the user or the password has a control character in it")
        if bool(self.username) != bool(self.password):
            raise _bad("a user and a password are needed, or neither")
        if self.username and self.tls is Tls.NONE:
            raise _bad("with tls=none the password would be sent in clear; use tls=starttls or tls=implicit")

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_relay(url: str) -> Relay:
    """From `smtp://user:password@host:port?tls=starttls|implicit|none`, or `smtps://` for implicit TLS.

    User and password are percent-encoded. Without `tls`: implicit on port 465, STARTTLS on any other. Without a port: 587;
    465 with implicit TLS, 25 with none. Further parameters: `hello`, the name for EHLO; `ca_file`, a PEM file of the
    authorities to trust. Raises BadSetting, which never holds any part of the URL that could be a password.
    """
    parts = _split(url.strip())
    given = _parameters(parts.query)
    port = _port(parts)
    tls = _tls(parts.scheme, given.get("tls"), port)
    return Relay(
        host=_ascii_host(parts.hostname or ""),
        port=port if port is not None else {Tls.STARTTLS: 587, Tls.IMPLICIT: 465, Tls.NONE: 25}[tls],
        tls=tls,
        username=_decoded(parts.username),
        password=_decoded(parts.password),
        hello=given.get("hello", ""),
        ca_file=Path(given["ca_file"]) if "ca_file" in given else None,
    )


def _bad(why: str) -> BadSetting:
    return BadSetting(f"The SMTP address cannot be used: {why}. It looks like {EXAMPLE}.")


def _split(url: str) -> SplitResult:
    if any(ord(char) <= 32 or ord(char) == 127 for char in url):  # urlsplit would drop some of them in silence
        raise _bad("there is a space or a control character in it")
    try:
        parts = urlsplit(url)
    except ValueError:
        raise _bad("the part with the host is not well-formed") from None
    if parts.scheme not in {"smtp", "smtps"} or not url.lower().startswith(f"{parts.scheme}://"):
        raise _bad("it begins neither with smtp:// nor with smtps://")
    if "@" in parts.path + parts.query + parts.fragment:
        raise _bad("a / ? # or @ in the user or the password must be percent-encoded (%2F %3F %23 %40)")
    if parts.path not in {"", "/"} or parts.fragment:
        raise _bad("nothing but parameters (?tls=…) may follow the port")
    return parts


def _parameters(query: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query), errors="strict")
    except ValueError:
        raise _bad("what follows the ? is not of the form name=value&name=value") from None
    for name, value in pairs:
        if name not in PARAMETERS:
            raise _bad(f"it has a parameter {name[:40]!r}, and there are only {', '.join(PARAMETERS)}")
        if not value:
            raise _bad(f"its parameter {name} is empty")
    if len(dict(pairs)) != len(pairs):
        raise _bad("it has a parameter twice")
    return dict(pairs)


def _port(parts: SplitResult) -> int | None:
    try:
        return parts.port
    except ValueError:
        raise _bad(
            "its port is not a number from 1 to 65535 (a : or / in the password must be percent-encoded)"
        ) from None


def _tls(scheme: str, asked: str | None, port: int | None) -> Tls:
    if asked is None:
        return Tls.IMPLICIT if scheme == "smtps" or port == 465 else Tls.STARTTLS
    if asked not in list(Tls):
        raise _bad(f"tls={asked[:40]!r} is not one of {', '.join(Tls)}")
    if scheme == "smtps" and asked != Tls.IMPLICIT:
        raise _bad(f"smtps:// means implicit TLS, and it says tls={asked}")
    return Tls(asked)


def _decoded(text: str | None) -> str:
    try:
        return unquote(text or "", errors="strict")
    except UnicodeDecodeError:
        raise _bad("the user or the password is not percent-encoded UTF-8") from None


def _ascii_host(host: str) -> str:
    if not host:
        raise _bad("it names no host")
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        raise _bad(f"{host!r} is not the name or address of a machine") from None


def _is_host(host: str) -> bool:
    return bool(_NAME.fullmatch(host)) or _is_ip(host)


def _is_literal(text: str) -> bool:
    return text.startswith("[") and text.endswith("]") and _is_ip(text[1:-1].removeprefix("IPv6:"))


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
