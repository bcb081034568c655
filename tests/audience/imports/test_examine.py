"""A dry run says what the import then does, wherever the file is cut into batches, and changes nothing."""

import io
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.audience.imports import File, Plan, Report, apply, examine
from digest.audience.judge import Enrolled, Judged, Person, Verdict, judge
from digest.audience.suppress import suppress_address
from digest.model.address import Address
from digest.model.imports import Standing
from digest.model.subscriber import Consent, SubscriptionState, SuppressionReason
from tests.audience.conftest import Desk
from tests.store.rows import NOW

PENDING, CONFIRMED, UNSUBSCRIBED = SubscriptionState
WORDS = ("", "active", "unsubscribed", "cleaned", "lurking")
ROWS = st.lists(st.tuples(st.integers(0, 3), st.sampled_from(WORDS)), min_size=1, max_size=8)


def run(desk: Desk, raw: str, *, batch: int, dry: bool) -> Report:
    files = [File("readers.csv", io.BytesIO(raw.encode()))]
    plan = Plan("weekly", confirmed=True, consent="at the fair", batch=batch)
    if dry:
        return examine(desk.store, desk.keys, files, plan, now=desk.now)
    done = apply(desk.store, desk.keys, desk.notices, files, plan, by="ed", now=desk.now, nonce=desk.nonce)
    return replace(done, import_id=0)


def test_a_dry_run_says_what_the_import_does(desk: Desk) -> None:
    """One desk for all examples: what earlier ones left there is what later ones find."""
    suppress_address(desk.store, desk.keys, "reader0-0@example.org", now=desk.now)
    numbers = iter(range(1_000_000))

    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(ROWS, st.integers(1, 3), st.booleans())
    def check(rows: list[tuple[int, str]], batch: int, anew: bool) -> None:
        of = next(numbers) if anew else 0
        raw = "email,status\n" + "".join(f"reader{of}-{who}@example.org,{word}\n" for who, word in rows)
        before = desk.count("subscribers"), desk.count("subscriptions"), desk.count("suppressions")
        foreseen = run(desk, raw, batch=batch, dry=True)
        assert (desk.count("subscribers"), desk.count("subscriptions"), desk.count("suppressions")) == before
        assert foreseen == run(desk, raw, batch=5, dry=False)

    check()
    assert desk.count("imports") > 0


def person(state: SubscriptionState, suppressed: SuppressionReason | None = None) -> Person:
    return Person(Address("ann", "example.org"), state, Consent("import", "at the fair", NOW), suppressed=suppressed)


PEOPLE = st.builds(person, st.sampled_from(SubscriptionState), st.none() | st.sampled_from(SuppressionReason))
STANDING = st.builds(
    Standing,
    st.just(1),
    st.none() | st.sampled_from(SubscriptionState),
    st.booleans(),
    st.none() | st.sampled_from(SuppressionReason),
)


@given(st.lists(PEOPLE, min_size=1, max_size=6), STANDING)
def test_nobody_is_revived(people: list[Person], standing: Standing) -> None:
    verdict = judge([("ann", each) for each in people], {"ann": standing})
    after = verdict.after.get("ann", standing)
    if standing.state is UNSUBSCRIBED:
        assert after.state is UNSUBSCRIBED
    if standing.came_back and standing.state is PENDING:
        assert after.state is not CONFIRMED
    if standing.suppressed:
        assert after.suppressed is standing.suppressed
    if standing.suppressed is SuppressionReason.ERASED:
        assert verdict == Verdict([Judged(Enrolled.LEFT_ALONE, verdict.judged[0].why)] * len(people))
    if any(each.state is UNSUBSCRIBED for each in people) and after.suppressed is not SuppressionReason.ERASED:
        assert after.state is UNSUBSCRIBED


@given(st.lists(PEOPLE, min_size=2, max_size=6), STANDING, st.data())
def test_it_does_not_matter_where_a_file_is_cut(people: list[Person], standing: Standing, data: st.DataObject) -> None:
    cut = data.draw(st.integers(1, len(people) - 1))
    rows = [("ann", each) for each in people]
    whole = judge(rows, {"ann": standing})
    first = judge(rows[:cut], {"ann": standing})
    second = judge(rows[cut:], {"ann": first.after.get("ann", standing)})
    assert [*first.judged, *second.judged] == whole.judged
    assert (second.after or first.after) == whole.after
