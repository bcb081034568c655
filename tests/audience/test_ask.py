from datetime import UTC, datetime, timedelta

import pytest

from digest.audience.ask import next_question
from digest.model.subscriber import CONFIRMATION_LIFE, CONFIRMATION_PAUSE
from digest.store.confirmations import Confirmation

NOW = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def made(ago: timedelta, *lists: int, used: bool = False) -> Confirmation:
    at = NOW - ago
    return Confirmation(1, 1, lists or (1,), at, at + CONFIRMATION_LIFE, at if used else None)


@pytest.mark.parametrize(
    ("asked", "before", "lists", "due"),
    [
        ([], [], (1,), NOW),
        ([], [], (), None),  # nothing to confirm
        ([MINUTE], [made(MINUTE)], (1,), None),
        ([DAY], [made(DAY)], (1,), NOW),
        ([MINUTE], [made(MINUTE)], (2,), NOW - MINUTE + DAY),  # another list: asked later, never dropped
        ([MINUTE], [made(MINUTE, 1, 2)], (2,), None),
        ([MINUTE], [], (1,), None),  # another spelling of the address
        ([MINUTE, -5 * MINUTE], [made(MINUTE), made(-5 * MINUTE, 2)], (3,), None),  # one waits for its time
        ([], [made(MINUTE, used=True)], (1,), NOW),  # confirmed, left and back at once
        ([3 * DAY, 2 * DAY, DAY], [], (1,), None),
        ([31 * DAY, 2 * DAY, DAY], [], (1,), NOW),
    ],
)
def test_when_the_next_mail_may_ask(
    asked: list[timedelta], before: list[Confirmation], lists: tuple[int, ...], due: datetime | None
) -> None:
    assert next_question([NOW - ago for ago in asked], before, lists, NOW) == due
    assert CONFIRMATION_PAUSE == DAY
