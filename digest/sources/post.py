"""One POST to an address that an operator named, behind the guard that feeds pass too (security S19). No redirect is followed:
what is told is for that address.
"""

import httpcore2
import httpx2

from digest.model.feed import FetchLimits
from digest.sources import guard
from digest.sources.fetch import asked, connections
from digest.sources.sanitize import clean_line

MOST_SAID = 200  # characters of an answer that are kept, and bytes that are read of it: four times as many


def post(
    address: str, body: bytes, headers: dict[str, str], limits: FetchLimits, look_up: guard.Resolver = guard.resolve
) -> tuple[int | None, str]:
    """The status, None when there is none, and what it said or why nothing came. Never raises."""
    try:
        sent = {"Content-Length": str(len(body)), "Accept": "*/*", "Accept-Encoding": "identity"} | headers
        with (
            connections(limits, look_up) as pool,
            asked(pool, httpx2.URL(address), sent, "POST", body) as response,
        ):
            text = next(response.iter_raw(4 * MOST_SAID), b"").decode("utf-8", "replace")
            return response.status_code, clean_line(text, MOST_SAID)
    except guard.Refused as error:
        return None, str(error)
    except httpcore2.TimeoutException:
        return None, f"it did not answer within {limits.max_seconds:g} seconds"
    except (httpcore2.ConnectError, httpcore2.NetworkError, OSError):
        return None, "its server cannot be reached"
    except (httpcore2.ProtocolError, httpx2.HTTPError, httpx2.InvalidURL, UnicodeError, ValueError):
        return None, "it does not speak HTTP properly"
