"""What is exported is imported to the same state, by both shapes; and no cell of the CSV is a formula (security S25)."""

import csv
import io
import itertools
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.audience.exports import export
from digest.audience.imports import File, Plan, Report, apply
from digest.audience.person import erase_person
from digest.model.address import Address
from digest.model.choices import Choices
from digest.model.edition import Form
from digest.model.exports import Shape
from digest.model.keys import Keys
from digest.model.mailing_list import Rhythm
from digest.model.subscriber import Consent, SubscriptionState, SuppressionReason
from digest.store.incoming import Arrival, Batch
from tests.audience.conftest import Desk

NOW = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12)
NAMES = st.sampled_from(("", "Ann", "=HYPERLINK(1)", "+1 Bob", "'quoted'", "Ünal; Bee, jr."))
TIMES = st.integers(0, 25 * 365 * 86_400_000).map(
    lambda ms: datetime(2001, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)
)
CHOICES = st.builds(
    Choices,
    topics=st.sampled_from(((), ("Town",), ("Gone", "Town"))),
    rhythm=st.sampled_from(Rhythm),
    weekday=st.none() | st.integers(0, 6),
    hour=st.none() | st.integers(0, 23),
    zone=st.sampled_from(("", "Europe/Vienna")),
    language=st.sampled_from(("", "de")),
    form=st.sampled_from(Form),
)
REASONS = st.none() | st.sampled_from(
    (SuppressionReason.BOUNCED, SuppressionReason.COMPLAINT, SuppressionReason.OPERATOR, SuppressionReason.ERASED)
)


@st.composite
def subscriptions(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "name": draw(NAMES),
        "language": draw(st.sampled_from(("", "de-AT"))),
        "note": draw(st.sampled_from(("", "met at the fair\nlabels: a, b", "=1+1"))),
        "joined_at": draw(TIMES),
        "state": draw(st.sampled_from(SubscriptionState)),
        "consent": Consent(
            draw(st.sampled_from(("form", "mailchimp"))),
            draw(TEXT),
            draw(TIMES),
            draw(st.sampled_from(("", "0a" * 16))),
        ),
        "confirmed_at": draw(st.none() | TIMES),
        "unsubscribed_at": draw(st.none() | TIMES),
        "choices": draw(CHOICES),
        "paused_until": draw(st.none() | st.just(date(2027, 1, 10))),
    }


def whole(one: dict[str, Any]) -> dict[str, Any]:
    """As it can be: who is confirmed has a time for it, and so has who left."""
    confirmed = one["confirmed_at"] or (NOW if one["state"] is SubscriptionState.CONFIRMED else None)
    left = one["unsubscribed_at"] or (NOW if one["state"] is SubscriptionState.UNSUBSCRIBED else None)
    return one | {"confirmed_at": confirmed, "unsubscribed_at": left}


def dump(desk: Desk, shape: Shape) -> str:
    out = io.StringIO(newline="")
    export(desk.store, desk.keys, out, shape=shape)
    return out.getvalue()


def rows(raw: str, shape: Shape) -> list[Any]:
    """In one order: people with several lists may have got other numbers."""
    return sorted(csv.reader(io.StringIO(raw, newline="")) if shape is Shape.CSV else raw.splitlines())


def load(desk: Desk, raw: str, keys: Keys | None = None) -> Report:
    files, plan = [File("export", io.BytesIO(raw.encode()))], Plan(None, confirmed=True, consent="moved here")
    return apply(desk.store, keys or desk.keys, desk.notices, files, plan, by="ed", now=desk.now, nonce=desk.nonce)


def put(desk: Desk, address: str, each: dict[str, Any], list_id: int) -> str:
    parsed = Address.parse(address)
    hashed = desk.keys.address_hash(parsed)
    with desk.store.write() as tx:
        values = whole(each) | {"choices_id": tx.audiences.remember(each["choices"])}
        del values["choices"]
        tx.incoming.add(Batch(list_id, 0, "ed", NOW), [Arrival(None, parsed, hashed, kind="imported", **values)])
    return hashed


def clear(desk: Desk) -> None:
    with desk.store.write() as tx:
        for table in ("messages", "confirmations", "asked", "subscriptions", "suppressions", "subscribers"):
            tx._connection.exec_driver_sql(f"DELETE FROM {table}")


def test_an_export_is_imported_to_the_same_state(desk: Desk) -> None:
    shapes = itertools.cycle(Shape)

    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.tuples(subscriptions(), st.none() | subscriptions(), REASONS), min_size=1, max_size=3))
    def check(people: list[tuple[dict[str, Any], dict[str, Any] | None, SuppressionReason | None]]) -> None:
        shape = next(shapes)
        for number, (weekly, evening, reason) in enumerate(people):
            hashed = put(desk, f"=reader{number}@bücher.example", weekly, desk.weekly.id)
            if evening is not None:
                put(desk, f"=reader{number}@bücher.example", evening, desk.evening.id)
            if reason is not None:
                with desk.store.write() as tx:
                    tx.suppressions.add(hashed, reason, NOW - timedelta(days=number))
        before = dump(desk, shape)
        clear(desk)
        report = load(desk, before)
        assert (report.refused, report.left_alone) == (
            0,
            sum(1 for _, evening, why in people if evening and why == "erased"),
        )
        if report.left_alone == 0:
            assert rows(dump(desk, shape), shape) == rows(before, shape)
        clear(desk)

    check()


@pytest.mark.parametrize("shape", Shape)
def test_who_was_erased_stays_so_in_another_place(desk: Desk, shape: Shape) -> None:
    desk.sign_up("ann@example.org")
    erase_person(desk.store, desk.keys, "ann@example.org", now=desk.now)
    raw = dump(desk, shape)
    assert "ann" not in raw
    clear(desk)
    refused = load(desk, raw, Keys(b"another secret of the tests, 32 bytes"))
    assert refused.refusals[0].reason.startswith("holds an address that was hashed with another secret_key")
    assert load(desk, raw).opted_out == 1
    assert load(desk, raw).already == 1
    with desk.store.read() as tx:
        hashed = desk.keys.address_hash(Address.parse("ann@example.org"))
        assert tx.suppressions.reason(hashed) is SuppressionReason.ERASED


@given(st.lists(NAMES | TEXT, min_size=1, max_size=3))
def test_no_cell_is_a_formula(texts: list[str]) -> None:
    from digest.audience.exports import _write_csv  # noqa: PLC0415  the writer alone, without a database
    from digest.audience.imports.fields import Field  # noqa: PLC0415  the same

    out = io.StringIO(newline="")
    _write_csv(out, iter([{Field.NAME: text, Field.NOTE: text} for text in texts]))
    for row in csv.reader(io.StringIO(out.getvalue(), newline="")):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")) for cell in row)
