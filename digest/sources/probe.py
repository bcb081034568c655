"""Whether an address answers, or where it leads, without reading what: HEAD, and GET where that is refused. The guard stands
before every hop.

Only 404, 410 and a host that does not exist are dead: servers refuse robots, and are busy, for readers' sake.
"""

import http
import re
import socket

import httpcore2
import httpx2

from digest.model.feed import FetchLimits
from digest.model.link_check import LinkState
from digest.sources import guard
from digest.sources.fetch import asked, guarded
from digest.sources.sanitize import absolute

UNRESOLVED = "its host name cannot be resolved"
BUSY = "it answered 429 Too Many Requests"
_NO_ANSWER = "it did not answer"

_HOST = re.compile(r"[A-Za-z0-9._:-]+")
_DEAD = {http.HTTPStatus.NOT_FOUND, http.HTTPStatus.GONE}
_MOVED = {301, 302, 303, 307, 308}
_NO_SUCH_HOST = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}
_ANYTHING = {"Accept": "text/html, image/*;q=0.9, */*;q=0.8"}


def probe(address: str, limits: FetchLimits, look_up: guard.Resolver = guard.resolve) -> tuple[LinkState, str]:
    """What the server says of it, and why. Never raises; two exchanges at most, each within the limits, redirects included."""
    state, said = _ask("HEAD", address, limits, look_up)
    if state is LinkState.GOOD or said in {UNRESOLVED, BUSY} or said.startswith(_NO_ANSWER):
        return state, said
    return _ask("GET", address, limits, look_up)  # some servers know no HEAD, or answer it wrongly


def _ask(verb: str, address: str, limits: FetchLimits, look_up: guard.Resolver) -> tuple[LinkState, str]:
    try:
        return _follow(guarded(limits, look_up), verb, httpx2.URL(address), limits)
    except guard.Refused as error:
        return LinkState.UNKNOWN, str(error)
    except socket.gaierror as error:
        return LinkState.DEAD if error.errno in _NO_SUCH_HOST else LinkState.UNKNOWN, UNRESOLVED
    except httpcore2.TimeoutException:
        return LinkState.UNKNOWN, f"{_NO_ANSWER} within {limits.max_seconds:g} seconds"
    except (httpcore2.ConnectError, httpcore2.NetworkError, OSError):
        return LinkState.UNKNOWN, "its server cannot be reached"
    except (httpcore2.ProtocolError, httpx2.HTTPError, httpx2.InvalidURL, UnicodeError, ValueError):
        return LinkState.UNKNOWN, "it, or where it leads, does not speak HTTP properly"


def where_it_leads(address: str, limits: FetchLimits, look_up: guard.Resolver = guard.resolve) -> str:
    """Where one redirect of it leads, "" when it leads nowhere or does not answer. Never raises; that page is not asked."""
    try:
        network = guarded(limits, look_up)
        return _hop(network, "HEAD", httpx2.URL(address)) or _hop(network, "GET", httpx2.URL(address))
    except (guard.Refused, OSError, UnicodeError, ValueError, httpx2.InvalidURL, httpx2.HTTPError):
        return ""
    except (httpcore2.TimeoutException, httpcore2.NetworkError, httpcore2.ProtocolError):
        return ""


def _hop(network: guard.GuardedBackend, verb: str, url: httpx2.URL) -> str:
    with asked(network, url.copy_with(fragment=None), _ANYTHING, verb) as response:
        target = response.headers.get("location", "").strip()
        return absolute(target, str(url)) or "" if response.status_code in _MOVED and target else ""


def _follow(network: guard.GuardedBackend, verb: str, url: httpx2.URL, limits: FetchLimits) -> tuple[LinkState, str]:
    for _ in range(limits.max_redirects + 1):
        if url.scheme not in {"http", "https"} or url.userinfo or not _HOST.fullmatch(url.raw_host.decode("ascii")):
            return LinkState.UNKNOWN, "it, or where it leads, is no address of the web that one may ask"
        with asked(network, url.copy_with(fragment=None), _ANYTHING, verb) as response:
            target = response.headers.get("location", "").strip()
            if response.status_code not in _MOVED or not target:
                return _judge(response.status_code)
            url = url.join(target)
    return LinkState.UNKNOWN, f"it redirects more than {limits.max_redirects} times"


def _judge(status: int) -> tuple[LinkState, str]:
    if 200 <= status < 300:
        return LinkState.GOOD, ""
    try:
        named = f"{status} {http.HTTPStatus(status).phrase}"
    except ValueError:
        named = str(status)
    return LinkState.DEAD if status in _DEAD else LinkState.UNKNOWN, f"it answered {named}"
