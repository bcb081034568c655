"""A web address, and the one spelling under which two of them are the same page (RFC 3986 §6, IDNA of RFC 3490).

The canonical spelling is a key to compare by, not a link to follow: readers get the address that the feed gave.
"""

import re
from collections.abc import Collection
from functools import lru_cache
from urllib.parse import SplitResult, quote, unquote, urlsplit

from digest.model.tracking import (
    AMP_PARAMETERS,
    FEED_NAMES,
    FEED_VALUES,
    REDIRECTORS,
    SHORTENERS,
    TRACKING_NAMES,
    TRACKING_PREFIXES,
)

_PLAIN_PORTS = {None, 80, 443}
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9_])?|\[[0-9a-f:.]+\]")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")  # RFC 3986 §2.3
_KEPT = "%!$&'()*+,;=:@/?-._~"  # what `quote` must leave alone in a path or query
_SPELLED = re.compile(r"[A-Za-z0-9_!$&'()*+,;=:@/?.~-]*")  # what has one spelling only

#: The same pages for small screens or out of Google's cache; what is left must still be a name that one can own.
_DRESSES = frozenset({"amp", "m", "mobile"})
_REGISTRIES = frozenset({"ac", "co", "com", "edu", "gov", "net", "org"})  # `amp.co.uk` is a name, no dress of `co.uk`
_AMP_PATH = re.compile(r"^/amp(?=/[^/])|(?<=[^/])(?:/amp$|\.amp$|\.amp(?=\.html?$))", re.IGNORECASE)
#: `google.com/amp/s/example.org/a`, `example-org.cdn.ampproject.org/c/s/example.org/a`; the `s` stands for https.
_AMP_CACHE = re.compile(
    r"https://(?:(?:google\.[a-z.]{2,6}|bing\.com)/amp|[^/]+\.cdn\.ampproject\.org/[a-z]{1,2})/(?:s/)?(.+)"
)


def is_web_address(url: str) -> bool:
    """Whether it is an absolute http or https address with a host that can be one."""
    return canonical_url(url) != ""


def is_short(url: str, hosts: Collection[str] = SHORTENERS) -> bool:
    """Whether only its server knows what page it leads to."""
    host, _, path = canonical_url(url).removeprefix("https://").partition("/")
    return host in hosts and bool(path)


@lru_cache(8_192)
def canonical_url(url: str) -> str:
    """The spelling to compare by; "" when it is no absolute http(s) address. Applying it twice changes nothing.

    One page: http and https, host in any case or alphabet, with and without `www.`, the ports 80 and 443, a user name, a
    fragment, tracking parameters, the order of parameters of different names, a slash at the end of a path, escapes that
    stand for plain characters, the page for small screens (`m.`), AMP (host, path, parameter, Google's cache), and a link
    that only leads to it and says where to. Two pages: anything else, for instance another case in the path or a doubled
    slash inside it. A fragment that is a route (`#!/a`, `#/a`) stays, since it is the page's real path there.
    """
    page = _spelled(url)
    while (target := _target(page)) and (inner := _spelled(target)):
        page = inner
    return page


def _spelled(url: str) -> str:
    parts = _split(url)
    host = _host(parts) if parts else ""
    if parts is None or not host:
        return ""
    path = _path(host, _spell(parts.path))
    query = _query(parts.query)
    fragment = _spell(parts.fragment) if parts.fragment.startswith(("!", "/")) else ""
    return f"https://{host}{path}" + (f"?{query}" if query else "") + (f"#{fragment}" if fragment else "")


def _target(page: str) -> str:
    """Where a canonical address only leads on to, as far as it says so itself; nobody is asked. "" for a page."""
    if cached := _AMP_CACHE.match(page):
        return f"https://{cached[1]}"
    link, _, query = page.partition("?")
    for name in REDIRECTORS.get(link.removeprefix("https://"), ()):
        for parameter in query.split("&"):
            if _name(parameter).lower() == name:
                return unquote(parameter.partition("=")[2])
    return ""


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url.strip())
    except ValueError:  # a broken IPv6 host, or a host that turns into another address under NFKC
        return None
    return parts if parts.scheme.lower() in {"http", "https"} else None


def _host(parts: SplitResult) -> str:
    """The host with its port unless that is a plain one; "" when it cannot be a host."""
    try:
        name, port = _undressed(_ascii(parts.hostname or "")), parts.port
    except ValueError:  # a port that is no number, or a label that no alphabet writes
        return ""
    if not _HOST.fullmatch(name):
        return ""
    return name if port in _PLAIN_PORTS else f"{name}:{port}"


def _ascii(host: str) -> str:
    if ":" in host:
        return f"[{host.lower()}]"
    name = host if host.isascii() else host.encode("idna").decode()
    return name.lower().rstrip(".")


@lru_cache(2_048)  # a feed has one host, or a few
def _undressed(host: str) -> str:
    """`www.example.org`, `m.example.org` and `amp.example.org` → `example.org`; `en.m.example.org` → `en.example.org`."""
    first, _, rest = host.partition(".")
    if first in _DRESSES | {"www"} and _is_ownable(rest):
        return _undressed(rest)
    second, _, own = rest.partition(".")
    return _undressed(f"{first}.{own}") if second in _DRESSES and _is_ownable(own) else host


def _is_ownable(host: str) -> bool:
    labels = host.split(".")
    return len(labels) > 2 or (len(labels) == 2 and labels[0] not in _REGISTRIES)


def _path(host: str, path: str) -> str:
    """Without slashes at its end and without what says that it is the AMP page; a cache's path holds the page's address."""
    before = None
    while path != before:
        before, path = path, path.rstrip("/")
        if not _AMP_CACHE.match(f"https://{host}{path}"):
            path = _AMP_PATH.sub("", path)
    return path or "/"


def _query(query: str) -> str:
    """Sorted by name; parameters of one name keep their order, which can matter (`?tag=a&tag=b`)."""
    parameters = [_spell(part) for part in query.split("&") if part and not _is_tracking(part)]
    return "&".join(sorted(parameters, key=_name))


def _name(parameter: str) -> str:
    return parameter.partition("=")[0]


def _is_tracking(parameter: str) -> bool:
    spelled = _spell(parameter).lower()
    name, _, value = spelled.partition("=")
    counts = name in TRACKING_NAMES or name.startswith(TRACKING_PREFIXES)
    return counts or spelled in AMP_PARAMETERS or (name in FEED_NAMES and value in FEED_VALUES)


def _spell(text: str) -> str:
    """One spelling of escapes (RFC 3986 §6.2.2): plain characters bare, all else escaped in upper case."""
    if _SPELLED.fullmatch(text):
        return text
    plain = _ESCAPE.sub(_unescape_unreserved, _STRAY_PERCENT.sub("%25", text))
    return quote(plain, safe=_KEPT, errors="surrogatepass")


def _unescape_unreserved(match: re.Match[str]) -> str:
    char = chr(int(match[1], 16))
    return char if char in _UNRESERVED else match[0].upper()
