"""One POST to an address that an operator named, behind the guard that feeds pass too (security S19). No redirect is followed:
what is told is for that address.
"""

from dataclasses import dataclass

import httpcore2
import httpx2

from digest.model.feed import FetchLimits
from digest.sources import guard
from digest.sources.fetch import asked, guarded

_ALWAYS = {"Accept": "*/*", "Accept-Encoding": "identity"}


@dataclass(frozen=True, slots=True)
class Answer:
    status: int | None  # None when nothing answered
    content: bytes = b""  # its beginning
    reason: str = ""  # why nothing answered


def post(
    address: str,
    body: bytes,
    headers: dict[str, str],
    limits: FetchLimits,
    *,
    most: int = 800,
    look_up: guard.Resolver = guard.resolve,
) -> Answer:
    """Reads `most` bytes of the answer. Never raises."""
    sent = {"Content-Length": str(len(body)), **_ALWAYS, **headers}
    try:
        with asked(guarded(limits, look_up), httpx2.URL(address), sent, "POST", body) as response:
            return Answer(response.status_code, _beginning(response, most))
    except guard.Refused as error:
        return Answer(None, reason=str(error))
    except httpcore2.TimeoutException:
        return Answer(None, reason=f"it did not answer within {limits.max_seconds:g} seconds")
    except (httpcore2.ConnectError, httpcore2.NetworkError, OSError):
        return Answer(None, reason="its server cannot be reached")
    except (httpcore2.ProtocolError, httpx2.HTTPError, httpx2.InvalidURL, UnicodeError, ValueError):
        return Answer(None, reason="it does not speak HTTP properly")


def _beginning(response: httpx2.Response, most: int) -> bytes:
    content = bytearray()
    for part in response.iter_raw():
        content += part
        if len(content) >= most:
            break
    return bytes(content[:most])
