"""What a refusal for now says of how long to wait."""

import re
from datetime import timedelta

SHORTEST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=24)

_UNIT = r"(?P<unit>s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)\b"
_ONE = {"s": timedelta(seconds=1), "m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_LENGTH = re.compile(rf"(?P<number>[0-9]{{1,6}})\s?{_UNIT}", re.IGNORECASE)
_CLOCK = re.compile(r"(?P<h>[0-9]{1,2}):(?P<m>[0-9]{2}):(?P<s>[0-9]{2})\b")
_WHEN = re.compile(
    r"\b(?:again|retry|retried|back|wait|resend|greylist(?:ed|ing)?)\b[^0-9.;]{0,30}(?=[0-9])", re.IGNORECASE
)
_AND = re.compile(r"\s*(?:,|and)?\s*", re.IGNORECASE)


def hinted_wait(text: str) -> timedelta | None:
    """How long a refusal for now asks us to wait, within a minute and a day; None when it does not say.

    `try again in 300 seconds`, `retry after 5 minutes`, `Greylisted for 1 hour`, `come back in 00:05:00`.
    """
    for match in _WHEN.finditer(text):
        wait = _clock(text, match.end()) or _lengths(text, match.end())
        if wait is not None:
            return min(max(wait, SHORTEST_WAIT), LONGEST_WAIT)
    return None


def _clock(text: str, at: int) -> timedelta | None:
    match = _CLOCK.match(text, at)
    return timedelta(hours=int(match["h"]), minutes=int(match["m"]), seconds=int(match["s"])) if match else None


def _lengths(text: str, at: int) -> timedelta | None:
    """`1 hour and 30 minutes`, from there on; None when it begins with none."""
    wait: timedelta | None = None
    while match := _LENGTH.match(text, at):
        wait = (wait or timedelta()) + int(match["number"]) * _ONE[match["unit"][0].lower()]
        between = _AND.match(text, match.end())
        at = between.end() if between else match.end()
    return wait
