"""When refusals stop a campaign: at once, as a pattern, or after the first mails."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.model.message import Reply
from digest.model.refusals import LATELY, PATTERN, Refusals, canary_verdict

OK = Reply(250, "2.0.0", "Ok", ".")
POLICY = Reply(550, "5.7.1", "Message rejected", ".")
NO_SUCH = Reply(550, "5.1.1", "no such user", "RCPT")
LATER = Reply(450, "4.2.1", "later", "RCPT")


def noted(*replies: Reply) -> str:
    refusals = Refusals()
    for reply in replies:
        refusals.note(reply)
    return refusals.should_pause()


@pytest.mark.parametrize(
    ("reply", "certain"),
    [
        (Reply(530, "5.7.0", verb="MAIL"), True),
        (Reply(530, verb="RCPT"), True),
        (Reply(534, "5.7.9"), True),
        (Reply(535, "5.7.8"), True),
        (Reply(538), True),
        (Reply(550, "5.7.23", verb="."), True),
        (Reply(550, "5.7.25", verb="."), True),
        (Reply(550, "5.7.26", verb="."), True),
        (Reply(550, "5.7.27", verb="."), True),
        (Reply(550, "5.7.30", verb="."), True),
        (Reply(550, "5.7.509", verb="."), True),
        (Reply(550, "5.7.515", verb="."), True),
        (Reply(550, "4.7.26", verb="."), True),  # wrong class, right subject
        (Reply(550, verb="MAIL"), True),
        (Reply(550, "5.7.1", verb="MAIL"), True),
        (Reply(554, "5.6.3", verb="MAIL"), True),
        (Reply(552, verb="MAIL"), True),
        (Reply(553, "5.6.7", verb="MAIL"), False),  # the reader's address, though refused there
        (Reply(553, "5.1.7", verb="RCPT"), True),
        (Reply(553, "5.1.8", verb="RCPT"), True),
        (Reply(552, "5.3.4", verb="."), True),
        (Reply(552, "5.2.3", verb="."), False),
        (Reply(550, "5.7.0", verb="."), False),
        (Reply(550, "5.7.1", verb="RCPT"), False),
        (Reply(550, "5.7.1", verb="."), False),
        (Reply(550, "5.7.2", verb="RCPT"), False),
        (Reply(554, "5.7.17", verb="."), False),
        (Reply(550, "5.7.260", verb="."), False),
        (Reply(550, "5.1.1", verb="RCPT"), False),
        (Reply(450, "4.7.26", verb="."), False),  # not refused for good
        (Reply(421, "4.7.0", verb="MAIL"), False),
        (OK, False),
        (Reply(0), False),
    ],
)
def test_what_one_refusal_is_enough_for(reply: Reply, certain: bool) -> None:
    assert reply.certainly_about_us == certain
    assert noted(reply) == (str(reply) if certain else "")
    assert noted(*[OK] * 1000, reply, OK) == (str(reply) if certain else "")


def test_one_mailbox_s_policy_stops_nobody() -> None:
    assert noted(POLICY) == ""
    assert noted(POLICY, POLICY) == ""
    assert noted(POLICY, OK, POLICY, OK) == ""


def test_three_in_a_row_stop_the_campaign_however_many_went_well() -> None:
    assert noted(*[OK] * 5000, POLICY, POLICY, POLICY) == (
        "3 of the last 100 mails were refused in a way that may be about us, the last one with: 550 5.7.1 Message rejected"
    )
    assert noted(*[OK] * 5000, POLICY, POLICY, OK, POLICY) == ""
    assert noted(*[OK] * 5000, POLICY, POLICY, NO_SUCH, POLICY) == ""


def test_two_in_a_hundred_are_a_pattern_once_there_are_three() -> None:
    assert noted(POLICY, OK, POLICY, OK) == ""
    assert noted(POLICY, OK, POLICY, OK, POLICY).startswith("3 of the last 5 mails were refused")
    assert noted(*[OK] * 145, POLICY, OK, POLICY, OK, POLICY) != ""  # 3 of 150
    assert noted(*[OK] * 146, POLICY, OK, POLICY, OK, POLICY) == ""  # 3 of 151


def test_what_is_spread_thin_is_no_pattern() -> None:
    a_hundred = [POLICY, *[OK] * 49, POLICY, *[OK] * 49]
    assert noted(*a_hundred * 20) == ""


def test_what_was_before_counts() -> None:
    fresh, resumed = Refusals(), Refusals(outcomes=10_000, doubtful=3)
    for reply in (POLICY, OK, POLICY, OK, POLICY):
        fresh.note(reply)
        resumed.note(reply)
    assert fresh.should_pause()
    assert not resumed.should_pause()


def test_silence_is_no_outcome_and_a_deferral_is_one() -> None:
    assert noted(POLICY, Reply(0), POLICY, Reply(0), POLICY).startswith("3 of the last 3")
    assert noted(*[OK] * 1000, POLICY, LATER, POLICY, POLICY) == ""


def test_the_first_reason_stays() -> None:
    certain = Reply(535, "5.7.8", "who are you")
    assert noted(certain, *[POLICY] * 5, *[OK] * 5000) == str(certain)


REPLIES = st.sampled_from([OK, OK, OK, OK, POLICY, NO_SUCH, LATER, Reply(0), Reply(550, "5.7.2", verb="RCPT")])


@given(st.lists(REPLIES, max_size=400), st.integers(0, 500))
def test_the_rule_as_it_is_written(replies: list[Reply], before: int) -> None:
    refusals = Refusals(outcomes=before)
    outcomes: list[bool] = []
    expected = False
    for reply in replies:
        refusals.note(reply)
        if not reply.silent:
            outcomes.append(reply.about_us)
        several = sum(outcomes[-LATELY:]) >= PATTERN
        many = sum(outcomes) >= (before + len(outcomes)) * 0.02
        in_a_row = len(outcomes) >= 3 and all(outcomes[-3:])
        expected = expected or bool(reply.about_us and several and (many or in_a_row))
        assert bool(refusals.should_pause()) == expected


@given(st.lists(st.one_of(st.integers(1, LATELY + 1), st.sampled_from([POLICY, NO_SUCH, LATER])), max_size=30))
def test_many_acceptances_are_noted_as_one_after_the_other(outcomes: list[int | Reply]) -> None:
    at_once, one_by_one = Refusals(), Refusals()
    for outcome in outcomes:
        if isinstance(outcome, Reply):
            at_once.note(outcome)
            one_by_one.note(outcome)
        else:
            at_once.note_accepted(outcome)
            for _ in range(outcome):
                one_by_one.note(OK)
        assert at_once.should_pause() == one_by_one.should_pause()


@pytest.mark.parametrize(
    ("accepted", "refused", "limit", "verdict"),
    [
        (100, 0, 5, ""),
        (95, 5, 5, ""),
        (94, 6, 5, "6 of the first 100 mails were refused (6 %), more than the 5 % that are allowed"),
        (2, 1, 5, "1 of the first 3 mails were refused (33.3 %), more than the 5 % that are allowed"),
        (1000, 1, 0, "1 of the first 1001 mails were refused (0.0999 %), more than the 0 % that are allowed"),
        (1000, 3, 0.25, "3 of the first 1003 mails were refused (0.299 %), more than the 0.25 % that are allowed"),
        (0, 50, 100, ""),
        (0, 0, 5, ""),
        (0, 0, 0, ""),
    ],
)
def test_the_first_mails_decide_for_the_rest(accepted: int, refused: int, limit: float, verdict: str) -> None:
    assert canary_verdict(accepted, refused, limit) == verdict
