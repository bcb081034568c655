"""Reading what came back: what it says, what might prove whose it is, and that no stranger's bytes do more than that."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.feedback.report import MAX_BYTES, MAX_CLAIMS, Report, read_report
from digest.model.returned import Returned, ReturnKind
from tests.doubles.returned import NAMES, returned

FAILED, DELAYED, COMPLAINT = ReturnKind
OURS, LEAVE = "bounces+abc@news.example.org", "https://news.example.org/u/abc"
NO_USER = "550 5.1.1 … Recipient address rejected: User unknown"
EXPECTED: dict[str, Returned | None] = {
    "postfix": Returned(FAILED, "5.1.1", NO_USER),
    "exchange": Returned(
        FAILED, "5.1.10", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient … not found by SMTP address lookup"
    ),
    "vague": Returned(FAILED, "5.2.2", "552 5.2.2 The email account that you tried to reach is over quota"),
    "delayed": Returned(DELAYED, "4.4.1", "connect to mx.example.org[192.0.2.7]:25: Connection timed out"),
    "complaint": Returned(COMPLAINT, "", "abuse"),
    "not-spam": None,
    "away": None,
    "own-words": None,
}


def read(name: str) -> Report | None:
    return read_report(returned(name, return_path=OURS, unsubscribe=LEAVE))


def test_all_examples_are_expected() -> None:
    assert set(EXPECTED) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_what_it_says(name: str) -> None:
    report = read(name)
    assert (report and report.returned) == EXPECTED[name]


@pytest.mark.parametrize("name", [name for name, said in EXPECTED.items() if said and said.kind is not COMPLAINT])
def test_where_it_was_sent_to(name: str) -> None:
    report = read(name)
    assert report is not None
    assert OURS in report.addresses


@pytest.mark.parametrize("name", ["complaint", "postfix"])
def test_the_way_out_of_the_mail_in_it(name: str) -> None:
    report = read(name)
    assert report is not None
    assert report.links == (LEAVE,)


def test_a_failure_counts_before_a_delay_of_the_same_mail() -> None:
    both = returned("delayed").replace(
        b"Action: delayed",
        b"Action: delayed\r\nStatus: 4.4.1\r\n\r\nFinal-Recipient: rfc822; a@example.org\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\nX: y",
    )
    report = read_report(both)
    assert report is not None
    assert (report.returned.kind, report.returned.status) == (FAILED, "5.1.1")


def test_relayed_and_expanded_are_no_failures() -> None:
    for action in (b"delivered", b"relayed", b"expanded", b"", b"no such action"):
        assert read_report(returned("postfix").replace(b"Action: failed", b"Action: " + action)) is None


def test_a_report_inside_the_mail_that_came_back_is_not_about_us() -> None:
    """Somebody forwards a bounce of ours; what comes back is their mail."""
    inner = returned("postfix", return_path=OURS)
    outer = b"To: x@example.org\r\nContent-Type: message/rfc822\r\n\r\n" + inner
    assert read_report(outer) is None


def test_nothing_of_it_grows() -> None:
    many = b"".join(b"To: a%d@example.org\r\n" % number for number in range(10_000))
    report = read_report(many + returned("postfix"))
    assert report is None or len(report.addresses) <= MAX_CLAIMS
    assert read_report(returned("postfix") + b"x" * (3 * MAX_BYTES)) is not None


@given(st.binary(max_size=2_000))
def test_any_bytes(raw: bytes) -> None:
    read_report(raw)


@settings(max_examples=150)
@given(st.sampled_from(NAMES), st.integers(0, 2**32))
def test_any_mutation(name: str, seed: int) -> None:
    """Cut, doubled, with flipped bits and alien bytes: a value or nothing, and what was said has no address in it."""
    dice, raw = random.Random(seed), bytearray(returned(name, return_path=OURS, unsubscribe=LEAVE))
    for _ in range(dice.randint(1, 8)):
        place, length = dice.randrange(len(raw)), dice.randint(1, 40)
        match dice.randrange(4):
            case 0:
                del raw[place : place + length]
            case 1:
                raw[place:place] = raw[place : place + length]
            case 2:
                raw[place] ^= 1 << dice.randrange(8)
            case 3:
                raw[place:place] = dice.randbytes(length)
        if not raw:
            return
    report = read_report(bytes(raw))
    if report is not None:
        assert "@" not in report.returned.said
        assert "\n" not in report.returned.said
