"""What refusals for now say of waiting."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.model.hints import LONGEST_WAIT, SHORTEST_WAIT, hinted_wait


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("Greylisted, please try again in 900 seconds", 900),
        ("<ann@example.org>: Recipient address rejected: Greylisted for 5 minutes", 300),
        ("Greylisted for 300 seconds (see http://isg.ee.ethz.ch/tools/postgrey/help/example.org.html)", 300),
        ("Greylisting in action, please come back in 00:02:00 [minutes]", 120),
        ("try again in 300 seconds", 300),
        ("retry after 5 minutes", 300),
        ("please try again later in 1 hour", 3600),
        ("Try again later. Greylisted for 10 min", 600),
        ("Retry-After: 120 s", 120),
        ("wait 90secs", 90),
        ("Too many mails (rule 12), retry in 1 hour, 30 minutes and 5 seconds", 5405),
        ("please wait (rule 12), then try again in 5m", 300),
        ("TRY AGAIN IN 2 HRS", 7200),
        ("try again in 2 days", 86_400),
        ("try again in 5 seconds", 60),
        ("try again in 0 seconds", 60),
        ("try again in 999999 hours", 86_400),
        ("come back in 99:00:00", 86_400),
        ("Try again later", None),
        ("Greylisted, see http://postgrey.schweikert.ch/help/example.org.html", None),
        ("You sent 300 mails in 60 seconds, try again later", None),
        ("Try again later. 300 seconds passed", None),
        ("try again in 5 months", None),
        ("try again in 300 ms", None),
        ("try again after 2026-11-23 08:00:00", None),
        ("try again in a few minutes", None),
        ("retry timeout not reached", None),
        ("", None),
    ],
)
def test_how_long_a_refusal_asks_us_to_wait(text: str, seconds: int | None) -> None:
    assert hinted_wait(text) == (None if seconds is None else timedelta(seconds=seconds))


@given(st.text() | st.from_regex(r"(again|retry|wait)[ :,a-z]{0,40}[0-9:]{1,8} ?(s|min|hours?)?( and 5 minutes)*"))
def test_whatever_it_says_the_wait_is_bounded(text: str) -> None:
    wait = hinted_wait(text)
    assert wait is None or SHORTEST_WAIT <= wait <= LONGEST_WAIT
