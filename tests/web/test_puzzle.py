"""What a solution is worth (security S2): nothing when it is of another form, another time, another key, or bent."""

import base64
import json
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import altcha
import pytest

from digest.model.keys import Keys
from digest.web.puzzle import PUZZLE_LIFE, Solved, check_solution, make_puzzle

KEYS = Keys(b"a secret for tests, of 32 bytes.")
NOW = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def solved() -> dict[str, Any]:
    """A payload, as JSON."""
    challenge = altcha.Challenge.from_dict(make_puzzle(KEYS, "weekly", NOW))
    solution = altcha.solve_challenge(challenge)
    assert solution is not None
    payload: dict[str, Any] = altcha.Payload(challenge, solution).to_dict()
    return payload


def check(
    payload: object, form: str = "weekly", keys: Keys = KEYS, after: timedelta = timedelta(seconds=5)
) -> Solved | None:
    text = payload if isinstance(payload, str) else base64.b64encode(json.dumps(payload).encode()).decode()
    return check_solution(keys, form, text, NOW + after)


def test_a_right_solution_is_taken_until_it_is_old(solved: dict[str, Any]) -> None:
    found = check(solved)
    assert found is not None
    assert found.made_at == NOW
    assert found.proof.expires_at == NOW + PUZZLE_LIFE
    assert check(solved, after=PUZZLE_LIFE - timedelta(seconds=1)) == found
    assert check(solved, after=PUZZLE_LIFE) is None
    assert check(solved, after=-timedelta(seconds=1)) is None


def test_it_is_worth_nothing_for_another_form_or_by_another_secret(solved: dict[str, Any]) -> None:
    assert check(solved, form="evening") is None
    assert check(solved, form="") is None
    assert check(solved, keys=Keys(b"another secret for tests, of 32 b")) is None


BENT: list[tuple[str, object]] = [
    ("challenge.parameters.data.made", 4_000_000_000_000),  # shifted
    ("challenge.parameters.data.form", "evening"),
    ("challenge.parameters.data", None),
    ("challenge.parameters.expiresAt", 4_000_000_000),
    ("challenge.parameters.keyPrefix", ""),
    ("challenge.parameters.cost", 1),
    ("challenge.parameters.nonce", "00" * 16),
    ("challenge.parameters", []),
    ("challenge.signature", None),
    ("challenge.signature", "00" * 32),
    ("challenge", "x"),
    ("solution.counter", 4_294_967_296),
    ("solution.counter", True),
    ("solution.derivedKey", "00" * 32),
    ("solution", None),
]


@pytest.mark.parametrize(("path", "value"), BENT)
def test_what_was_bent_is_refused(solved: dict[str, Any], path: str, value: object) -> None:
    bent = deepcopy(solved)
    *way, last = path.split(".")
    place = bent
    for each in way:
        place = place[each]
    place[last] = value
    if path.endswith("form"):
        assert check(bent, form="evening") is None
    assert check(bent) is None


@pytest.mark.parametrize(
    "text", ["", "x", "é", "e30=", "bnVsbA==", "W10=", base64.b64encode(b"[" * 9000).decode(), "\ud800"]
)
def test_what_is_no_solution_is_refused(text: str) -> None:
    assert check(text) is None


def test_however_it_is_spelled_and_whichever_number_was_found_it_is_one_proof(solved: dict[str, Any]) -> None:
    """Else one puzzle would be worth as many sign-ups as it has solutions (CVE-2025-68113 was of that kind)."""
    first = check(solved)
    challenge = altcha.Challenge.from_dict(solved["challenge"])
    other = altcha.solve_challenge(challenge, counter_start=solved["solution"]["counter"] + 1)
    assert other is not None
    second = check(altcha.Payload(challenge, other).to_dict() | {"more": "words"})
    assert first is not None
    assert second == first
    spaced = base64.b64encode(json.dumps(solved, indent=3).encode()).decode()
    assert check(spaced) == first
