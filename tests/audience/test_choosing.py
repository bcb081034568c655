from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from digest.audience.choose import find_zone, pause_until
from tests.audience.conftest import make_list


@pytest.mark.parametrize(
    ("said", "zone"),
    [
        ("Europe/Vienna", "Europe/Vienna"),
        (" europe/vienna ", "Europe/Vienna"),
        ("vienna", "Europe/Vienna"),
        ("New York", "America/New_York"),
        ("utc", "UTC"),
        ("Asia/Kolkata", "Asia/Kolkata"),
        ("Northport", None),
        ("", None),
        ("../etc/passwd", None),
        ("\0", None),
        ("+02:00", None),
    ],
)
def test_a_zone_is_known_by_its_name_or_its_city(said: str, zone: str | None) -> None:
    assert find_zone(said) == zone


def test_a_pause_counts_in_the_days_of_the_list() -> None:
    weekly = make_list("weekly", "The Weekly")
    assert pause_until(weekly, 2, datetime(2026, 5, 4, 8, 0, tzinfo=UTC)) == date(2026, 5, 18)
    assert pause_until(weekly, 4, datetime(2026, 5, 4, 22, 30, tzinfo=UTC)) == date(
        2026, 6, 2
    )  # in Vienna it is the 5th
    tokyo = replace(weekly, schedule=replace(weekly.schedule, zone="Asia/Tokyo"))
    assert pause_until(tokyo, 8, datetime(2026, 5, 4, 15, 0, tzinfo=UTC)) == date(2026, 6, 30)
