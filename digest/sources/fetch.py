"""One address over HTTP: conditional GET (RFC 9110 §13), redirects, and limits on bytes, time and hops (security S19, S22).

    GET → 200 Fetched · 304 NotModified · 301/308 → again, and remembered · 302/303/307 → again · 410 Gone · else Failed

Every hop goes through the guard anew. No proxy and no credential of the environment is used, no cookie is kept.
"""

import functools
import hashlib
import http
import re
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace

import httpcore2
import httpx2

from digest import __version__
from digest.model.feed import FetchLimits
from digest.sources import guard
from digest.sources.sanitize import clean_line

USER_AGENT = f"digest/{__version__}"
ACCEPT = "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.9, text/html;q=0.8, */*;q=0.5"
_ALWAYS = {"User-Agent": USER_AGENT, "Accept": ACCEPT, "Accept-Encoding": "gzip", "Connection": "close"}
MAX_RATIO = 100  # decoded to wire bytes; text shrinks to a tenth, a bomb to a thousandth
FREE_BYTES = 1_000_000  # below this no ratio is a bomb
MAX_VALIDATOR = 1_000  # characters of an ETag or date
_HOST = re.compile(r"[A-Za-z0-9._:-]+")
_PERMANENT = {301, 308}
_TEMPORARY = {302, 303, 307}
_SAME_BYTES = "bytes:"  # an ETag of our own, for servers without one; never sent


@dataclass(frozen=True, slots=True)
class Fetched:
    """A 2xx with its body, decoded. `location` is where to ask the next time, `final` where the body came from."""

    location: str
    final: str
    content: bytes
    charset: str = ""
    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True)
class NotModified:
    """304, or the same bytes as the last time."""


@dataclass(frozen=True, slots=True)
class Gone:
    """410, from the address itself or from where it moved for good."""


@dataclass(frozen=True, slots=True)
class Failed:
    """`reason` is a clause without a full stop. `later`: it may well work at another time."""

    reason: str
    later: bool = False


Outcome = Fetched | NotModified | Gone | Failed


@dataclass(frozen=True, slots=True)
class _Hop:
    """Where we are on the way."""

    url: httpx2.URL
    remembered: str  # the address to ask the next time
    permanent: bool = True  # every redirect so far was for good
    count: int = 0


class _Stop(Exception):
    """Ends an exchange with this outcome."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome


def fetch(
    location: str,
    limits: FetchLimits,
    *,
    etag: str = "",
    last_modified: str = "",
    accept: str = ACCEPT,
    look_up: guard.Resolver = guard.resolve,
) -> Outcome:
    """Asks once, following redirects. Never raises; opens no connection that the guard has not allowed."""
    try:
        return _follow(guarded(limits, look_up), _Wanted(location, accept, etag, last_modified), limits)
    except _Stop as stop:
        return stop.outcome
    except guard.Refused as error:
        return Failed(str(error))
    except httpcore2.TimeoutException:
        return Failed(f"it did not finish within {limits.max_seconds:g} seconds", later=True)
    except (httpcore2.ConnectError, OSError) as error:
        return Failed(_why_not_connected(error), later=True)
    except (httpcore2.ProtocolError, httpcore2.NetworkError, httpx2.HTTPError) as error:
        return Failed(
            f"its server breaks off or does not speak HTTP properly ({clean_line(str(error), 120) or 'no reason'})",
            later=True,
        )
    except (httpx2.InvalidURL, UnicodeError, ValueError) as error:
        return Failed(f"its address, or one that it redirects to, is not a web address ({clean_line(str(error), 120)})")


@dataclass(frozen=True, slots=True)
class _Wanted:
    location: str
    accept: str
    etag: str
    last_modified: str


def _follow(network: guard.GuardedBackend, wanted: _Wanted, limits: FetchLimits) -> Outcome:
    hop = _Hop(_checked_url(wanted.location), wanted.location)
    while True:
        # After a permanent move the whole feed is asked for, so that the new address can be remembered with it.
        moved = hop.remembered != wanted.location
        validators = {} if moved else _validators(wanted.etag, wanted.last_modified)
        with asked(network, hop.url, {"Accept": wanted.accept} | validators) as response:
            if response.status_code not in _PERMANENT | _TEMPORARY:
                return _judge(response, hop, limits, wanted.etag, conditional=bool(validators))
            hop = _next(hop, response, limits)


def _next(hop: _Hop, response: httpx2.Response, limits: FetchLimits) -> _Hop:
    target = response.headers.get("location", "").strip()
    if not target:
        raise _Stop(Failed(f"it answered {response.status_code} without saying where it moved"))
    if hop.count >= limits.max_redirects:
        raise _Stop(Failed(f"it redirects more than {limits.max_redirects} times"))
    url = _checked_url(str(hop.url.join(target)))
    worse = hop.url.scheme == "https" and url.scheme == "http"  # such a move is followed, but never learnt
    permanent = hop.permanent and response.status_code in _PERMANENT and not worse
    return _Hop(url, str(url) if permanent else hop.remembered, permanent, hop.count + 1)


def _judge(response: httpx2.Response, hop: _Hop, limits: FetchLimits, etag: str, *, conditional: bool) -> Outcome:
    status = response.status_code
    if status == http.HTTPStatus.NOT_MODIFIED:
        return (
            NotModified()
            if conditional
            else Failed("it answered 304 Not Modified though we have nothing of it yet", later=True)
        )
    if status == http.HTTPStatus.GONE and hop.permanent:
        return Gone()
    if not response.is_success:
        return Failed(f"it answered {_named(response)}", later=status >= 500 or status in {408, 425, 429})
    content = _body(response, limits)
    found = Fetched(
        location=hop.remembered,
        final=str(hop.url),
        content=content,
        charset=clean_line(response.charset_encoding or "", 40),
        etag=_validator(response.headers.get("etag", "")),
        last_modified=_validator(response.headers.get("last-modified", "")),
    )
    if found.etag or found.last_modified:
        return found
    found = replace(found, etag=_SAME_BYTES + hashlib.blake2b(content, digest_size=16).hexdigest())
    return NotModified() if found.etag == etag else found


def _named(response: httpx2.Response) -> str:
    """`404 Not Found`, by the standard's words rather than the server's."""
    try:
        return f"{response.status_code} {http.HTTPStatus(response.status_code).phrase}"
    except ValueError:
        return str(response.status_code)


def _body(response: httpx2.Response, limits: FetchLimits) -> bytes:
    coding = response.headers.get("content-encoding", "").strip().lower()
    if coding not in {"", "identity", "gzip", "deflate"}:  # several at once are how a bomb is nested
        raise _Stop(Failed(f"it is encoded as {clean_line(coding, 40)!r}, which was not asked for"))
    too_large = Failed(f"it is larger than {limits.max_bytes:,} bytes")
    length = response.headers.get("content-length", "")
    if length.isascii() and length.isdigit() and int(length[:18]) > limits.max_bytes:
        raise _Stop(too_large)
    content = bytearray()
    for part in response.iter_bytes():
        content += part
        if len(content) > limits.max_bytes:
            raise _Stop(too_large)
        if len(content) > FREE_BYTES and len(content) > MAX_RATIO * response.num_bytes_downloaded:
            raise _Stop(Failed("it unpacks to very much more than was sent, like a decompression bomb"))
    return bytes(content)


def _checked_url(location: str) -> httpx2.URL:
    url = httpx2.URL(location)
    if url.scheme not in {"http", "https"}:
        raise _Stop(Failed(f"only http and https are read, and this is {clean_line(url.scheme, 20) or 'neither'}"))
    if url.userinfo:
        raise _Stop(Failed("its address holds a user name or password, which feeds may not"))
    if not _HOST.fullmatch(url.raw_host.decode("ascii")) or (url.port or 0) > 65_535:
        raise _Stop(Failed("its address has no host, or one that no host can be called"))
    return url.copy_with(fragment=None) if url.fragment else url


def _validators(etag: str, last_modified: str) -> dict[str, str]:
    headers = {}
    if etag and not etag.startswith(_SAME_BYTES):
        headers["If-None-Match"] = etag
    if last_modified:
        headers["If-Modified-Since"] = last_modified
    return headers


def _validator(value: str) -> str:
    """As the server gave it, for it to be given back; an odd one is as good as none."""
    return value if len(value) <= MAX_VALIDATOR and value.isascii() and value.isprintable() else ""


def _why_not_connected(error: Exception) -> str:
    cause = error.__cause__ or error.__context__ or error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"its certificate is not valid ({clean_line(cause.verify_message, 120)})"
    if isinstance(cause, ssl.SSLError):
        return "no secure connection to it could be made"
    if isinstance(error, socket.gaierror):
        return "its host name cannot be resolved"
    return "its server cannot be reached"


def guarded(limits: FetchLimits, look_up: guard.Resolver) -> guard.GuardedBackend:
    """For one exchange."""
    return guard.GuardedBackend(limits.allow_private, guard.Deadline(limits.max_seconds), look_up)


@contextmanager
def asked(
    network: guard.GuardedBackend, url: httpx2.URL, headers: dict[str, str], verb: str = "GET", body: bytes = b""
) -> Iterator[httpx2.Response]:
    """The answer, of which only the head has come. A connection of our own: httpx2's client takes no network of ours, and
    it, or a pool, costs more than a 304.
    """
    target = httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
    sent = {"Host": url.netloc.decode("ascii"), **_ALWAYS, **headers}
    secured = _ssl_context() if url.scheme == "https" else None
    with closing(httpcore2.HTTPConnection(target.origin, secured, network_backend=network)) as connection:
        answer = connection.handle_request(httpcore2.Request(verb, target, headers=list(sent.items()), content=body))
        yield httpx2.Response(answer.status, headers=answer.headers, stream=_Body(answer))


def _ssl_context() -> ssl.SSLContext:
    """Made once: reading the certificates takes longer than many a feed, and many threads may want it at once."""
    with _MAKING:
        return _make_ssl_context()


_MAKING = threading.Lock()
_make_ssl_context = functools.cache(httpx2.create_ssl_context)


class _Body(httpx2.SyncByteStream):
    def __init__(self, answer: httpcore2.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        yield from self._answer.iter_stream()
