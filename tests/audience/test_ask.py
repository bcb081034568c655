from datetime import UTC, datetime, timedelta

import pytest

from digest.audience.ask import next_question
from digest.model.subscriber import CONFIRMATION_LIFE, CONFIRMATION_PAUSE
from digest.store.confirmations import Confirmation

NOW = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def made(ago: timedelta, *lists: int, used: bool = False) -> Confirmation:
    at = NOW - ago
    return Confirmation(1, 1, lists or (1,), at, at + CONFIRMATION_LIFE, at if used else None)


@pytest.mark.parametrize(
    ("before", "lists", "due"),
    [
        ([], (1,), NOW),
        ([], (), None),  # nothing to confirm
        ([made(MINUTE)], (1,), None),
        ([made(CONFIRMATION_PAUSE)], (1,), NOW),
        ([made(MINUTE)], (2,), NOW - MINUTE + CONFIRMATION_PAUSE),  # another list: asked later, never dropped
        ([made(MINUTE, 1, 2)], (2,), None),
        ([made(MINUTE), made(-5 * MINUTE, 2)], (2,), None),  # one waits for its time
        ([made(MINUTE), made(-5 * MINUTE, 2)], (3,), None),
        ([made(MINUTE, used=True)], (1,), NOW - MINUTE + CONFIRMATION_PAUSE),  # confirmed, left and back at once
        ([made(timedelta(hours=each)) for each in (1, 2, 3)], (1,), None),
        ([made(timedelta(hours=each)) for each in (2, 3, 25)], (1,), NOW),
    ],
)
def test_when_the_next_mail_may_ask(before: list[Confirmation], lists: tuple[int, ...], due: datetime | None) -> None:
    assert next_question(before, lists, NOW) == due
