import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from digest.audience.enrol import add_subscriber
from digest.audience.exports import export
from digest.audience.imports import File, Plan, Progress, Report, apply, open_file
from digest.audience.imports.plan import BATCH
from digest.audience.judge import Enrolled
from digest.audience.person import erase_person
from digest.audience.suppress import suppress_address
from digest.audience.unsubscribe import unsubscribe
from digest.model.errors import BadInput, NotFound
from digest.model.subscriber import SubscriptionState
from digest.store import Store
from tests.audience.conftest import Desk

CONSENT = "ticked the box at the book fair"


def load(
    desk: Desk,
    raw: str | bytes,
    *,
    confirmed: bool = True,
    list_name: str | None = "weekly",
    store: Store | None = None,
    progress: Callable[[Progress], None] | None = None,
    batch: int = BATCH,
) -> Report:
    """The report, but for the import's number and what the file was taken for."""
    files = [File("readers.csv", io.BytesIO(raw.encode() if isinstance(raw, str) else raw))]
    plan = Plan(list_name, confirmed=confirmed, consent=CONSENT if confirmed else "", batch=batch)
    report = apply(
        store or desk.store,
        desk.keys,
        desk.notices,
        files,
        plan,
        by="ed",
        now=desk.now,
        nonce=desk.nonce,
        progress=progress,
    )
    return replace(report, import_id=0, sources=())


def test_confirmed_readers_are_there_with_the_proof_and_get_no_mail(desk: Desk) -> None:
    report = load(desk, "email,name,language\nann@example.org,Ann,de\nbob@example.org,Bob,\n")
    assert report == Report(added=2)
    assert desk.outbox() == []
    with desk.store.read() as tx:
        (ann, _) = tx.subscribers.readers(desk.weekly.id)
        events = tx.events.of_subscriber(ann.subscriber.id)
    assert (ann.subscriber.name, ann.subscriber.language) == ("Ann", "de")
    assert (ann.subscription.state, ann.subscription.consent.text) == (SubscriptionState.CONFIRMED, CONSENT)
    assert (ann.subscription.consent.source, ann.subscription.confirmed_at) == ("import", desk.now)
    assert [event.kind for event in events] == ["imported"]


def test_the_others_are_pending_and_asked(desk: Desk) -> None:
    assert load(desk, "ann@example.org\nbob@example.org\n", confirmed=False) == Report(pending=2)
    assert [row["purpose"] for row in desk.outbox()] == ["confirm-subscription"] * 2
    assert len(set(desk.tokens())) == 2
    assert load(desk, "ann@example.org\nbob@example.org\n", confirmed=False) == Report(already=2)
    assert len(desk.outbox()) == 2


def test_confirmed_without_consent_is_refused(desk: Desk) -> None:
    files, plan = [File("x.csv", io.BytesIO(b"ann@example.org"))], Plan("weekly", confirmed=True)
    with pytest.raises(BadInput, match="consent"):
        apply(desk.store, desk.keys, desk.notices, files, plan, by="ed", now=desk.now, nonce=desk.nonce)


def test_nobody_who_left_or_is_suppressed_is_brought_back(desk: Desk) -> None:
    load(desk, "left@example.org\nback@example.org\ngone@example.org\n")
    for address in ("left@example.org", "back@example.org"):
        unsubscribe(desk.store, desk.number(address), desk.weekly.id, now=desk.now, by="page")
    desk.sign_up("back@example.org")  # by a stranger, perhaps: the reader has not confirmed
    erase_person(desk.store, desk.keys, "gone@example.org", now=desk.now)
    suppress_address(desk.store, desk.keys, "never@example.org", now=desk.now)
    report = load(desk, "left@example.org\nback@example.org\ngone@example.org\nnever@example.org\nnew@example.org\n")
    assert report == Report(added=1, already=1, left_alone=3)
    assert desk.state("left@example.org") is SubscriptionState.UNSUBSCRIBED
    assert desk.state("back@example.org") is SubscriptionState.PENDING
    assert desk.state("gone@example.org") is None
    assert desk.state("never@example.org") is None


def test_who_is_pending_and_never_left_is_confirmed_by_proof(desk: Desk) -> None:
    desk.sign_up("ann@example.org")
    assert load(desk, "ann@example.org") == Report(added=1)
    assert desk.state("ann@example.org") is SubscriptionState.CONFIRMED


def test_who_left_elsewhere_is_known_here(desk: Desk) -> None:
    load(desk, "ann@example.org\n")
    raw = "email,status\nann@example.org,unsubscribed\nbob@example.org,unsubscribed\n"
    assert load(desk, raw) == Report(opted_out=2)
    assert load(desk, "ann@example.org\nbob@example.org\n") == Report(left_alone=2)


def test_of_several_rows_about_one_person_a_no_counts(desk: Desk) -> None:
    raw = "email,status\nann@example.org,active\nANN@example.org,unsubscribed\nbob@example.org,\nbob@example.org,\n"
    assert load(desk, raw) == Report(added=2, opted_out=1, already=1)
    assert desk.state("ann@example.org") is SubscriptionState.UNSUBSCRIBED


def test_bad_rows_are_refused_by_line_and_the_others_go_on(desk: Desk) -> None:
    raw = (
        b"email,name,list,state\nann@example.org,Ann,,\nnot an address,Bob,,\n\xff\xfe,Cyd,,\n\x00,Dee,,\n"
        b"eve@example.org>\r\nfay@example.org,Fay,daily,\ngus@example.org,Gus,,lurking\nhal@example.org,Hal,weekly,\n"
    )
    report = load(desk, raw)
    assert (report.added, report.refused, report.rows) == (2, 6, 8)
    assert [row.line for row in report.refusals] == [3, 4, 5, 6, 7, 8]
    assert "is not an e-mail address" in report.refusals[0].reason
    assert "'daily'" in report.refusals[4].reason
    assert "'lurking'" in report.refusals[5].reason


@pytest.mark.parametrize("raw", ["", "\n \n", "name,town\nAnn,Ghent\n"])
def test_a_file_without_addresses_is_refused(desk: Desk, raw: str) -> None:
    with pytest.raises(BadInput):
        load(desk, raw)


def test_an_unknown_list_is_named(desk: Desk) -> None:
    with pytest.raises(NotFound, match="nope"):
        load(desk, "ann@example.org", list_name="nope")


def test_a_killed_import_is_gone_on_with(desk: Desk) -> None:
    raw = "".join(f"reader{number}@example.org\n" for number in range(15)) + "no address\n"
    heard: list[int] = []

    def killed(at: Progress) -> None:
        heard.append(at.rows)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(desk, raw, progress=killed, batch=10)
    assert heard == [10]
    report = load(desk, raw)
    assert (report.added, report.already, report.refused) == (15, 0, 1)
    assert [row.line for row in report.refusals] == [16]
    assert load(desk, raw).already == 15
    with desk.store.read() as tx:
        assert [(each.id, each.state, each.by) for each in tx.imports.all(10)] == [
            (2, "finished", "ed"),
            (1, "finished", "ed"),
        ]


def test_only_what_is_asked_for_is_exported(desk: Desk) -> None:
    load(desk, "ann@example.org")
    desk.sign_up("bob@example.org", "evening")
    out = io.StringIO()
    pending = SubscriptionState.PENDING
    assert export(desk.store, desk.keys, out, list_name="evening", state=pending) == 1
    assert "bob@example.org" in out.getvalue()
    with pytest.raises(NotFound):
        export(desk.store, desk.keys, io.StringIO(), list_name="nope")


def test_a_table_must_be_told_its_list(desk: Desk) -> None:
    with pytest.raises(BadInput, match="say --list"):
        load(desk, "email\nann@example.org\n", list_name=None)


def test_a_cleaned_address_is_suppressed(desk: Desk) -> None:
    assert load(desk, "email,status\ndee@example.org,cleaned\n") == Report(opted_out=1)
    assert load(desk, "dee@example.org\n", list_name="evening") == Report(left_alone=1)
    assert desk.state("dee@example.org", "evening") is None


@pytest.mark.parametrize("name", ["missing.csv", "."])
def test_what_is_no_file_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInput, match=r"no file|not a file"):
        open_file(tmp_path / name)


def test_an_operator_adds_one(desk: Desk) -> None:
    def add(address: str, *, consent: str = "") -> Enrolled:
        return add_subscriber(
            desk.store,
            desk.keys,
            desk.notices,
            address=address,
            list_name="weekly",
            confirmed=bool(consent),
            consent=consent,
            now=desk.now,
            nonce=desk.nonce,
        )

    assert add("ann@example.org", consent="wrote to us") is Enrolled.ADDED
    assert add("ann@example.org", consent="wrote to us") is Enrolled.ALREADY
    assert add("bob@example.org") is Enrolled.PENDING
    unsubscribe(desk.store, desk.number("ann@example.org"), desk.weekly.id, now=desk.now, by="page")
    assert add("ann@example.org", consent="wrote to us") is Enrolled.LEFT_ALONE
    assert len(desk.outbox("confirm-subscription")) == 1
