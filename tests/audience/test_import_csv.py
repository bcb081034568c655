import io
from pathlib import Path

import pytest

from digest.audience.enrol import Enrolled, add_subscriber
from digest.audience.export_csv import export_csv
from digest.audience.import_csv import BATCH, ImportPlan, ImportReport, import_csv, open_csv
from digest.audience.person import erase_person
from digest.audience.suppress import suppress_address
from digest.audience.unsubscribe import unsubscribe
from digest.model.address import Address
from digest.model.errors import BadInput, NotFound
from digest.model.subscriber import SubscriptionState, SuppressionReason
from digest.store import Store
from tests.audience.conftest import Desk

CONSENT = "ticked the box at the book fair"


def load(
    desk: Desk, raw: str | bytes, *, confirmed: bool = True, list_name: str = "weekly", store: Store | None = None
) -> ImportReport:
    stream = io.BytesIO(raw.encode() if isinstance(raw, str) else raw)
    plan = ImportPlan(list_name, confirmed=confirmed, consent=CONSENT if confirmed else "")
    return import_csv(store or desk.store, desk.keys, desk.notices, stream, plan, now=desk.now, nonce=desk.nonce)


def dump(store: Store) -> str:
    out = io.StringIO()
    export_csv(store, out)
    return out.getvalue()


def test_confirmed_readers_are_there_with_the_proof_and_get_no_mail(desk: Desk) -> None:
    report = load(desk, "email,name,language\nann@example.org,Ann,de\nbob@example.org,Bob,\n")
    assert report == ImportReport(added=2)
    assert desk.outbox() == []
    with desk.store.read() as tx:
        (ann, _) = tx.subscribers.readers(desk.weekly.id)
        events = tx.events.of_subscriber(ann.subscriber.id)
    assert (ann.subscriber.name, ann.subscriber.language) == ("Ann", "de")
    assert (ann.subscription.state, ann.subscription.consent.text) == (SubscriptionState.CONFIRMED, CONSENT)
    assert (ann.subscription.consent.source, ann.subscription.confirmed_at) == ("import", desk.now)
    assert [event.kind for event in events] == ["imported"]


def test_the_others_are_pending_and_asked(desk: Desk) -> None:
    assert load(desk, "ann@example.org\nbob@example.org\n", confirmed=False) == ImportReport(pending=2)
    assert [row["purpose"] for row in desk.outbox()] == ["confirm-subscription"] * 2
    assert len(set(desk.tokens())) == 2
    assert load(desk, "ann@example.org\nbob@example.org\n", confirmed=False) == ImportReport(already=2)
    assert len(desk.outbox()) == 2


def test_confirmed_without_consent_is_refused(desk: Desk) -> None:
    plan = ImportPlan("weekly", confirmed=True)
    with pytest.raises(BadInput, match="consent"):
        import_csv(desk.store, desk.keys, desk.notices, io.BytesIO(b""), plan, now=desk.now, nonce=desk.nonce)


def test_nobody_who_left_or_is_suppressed_is_brought_back(desk: Desk) -> None:
    load(desk, "left@example.org\nback@example.org\ngone@example.org\n")
    for address in ("left@example.org", "back@example.org"):
        unsubscribe(desk.store, desk.number(address), desk.weekly.id, now=desk.now, by="page")
    desk.sign_up("back@example.org")  # by a stranger, perhaps: the reader has not confirmed
    erase_person(desk.store, desk.keys, "gone@example.org", now=desk.now)
    suppress_address(desk.store, desk.keys, "never@example.org", now=desk.now)
    report = load(desk, "left@example.org\nback@example.org\ngone@example.org\nnever@example.org\nnew@example.org\n")
    assert report == ImportReport(added=1, already=1, left_alone=3)
    assert desk.state("left@example.org") is SubscriptionState.UNSUBSCRIBED
    assert desk.state("back@example.org") is SubscriptionState.PENDING
    assert desk.state("gone@example.org") is None
    assert desk.state("never@example.org") is None


def test_who_is_pending_and_never_left_is_confirmed_by_proof(desk: Desk) -> None:
    desk.sign_up("ann@example.org")
    assert load(desk, "ann@example.org") == ImportReport(added=1)
    assert desk.state("ann@example.org") is SubscriptionState.CONFIRMED


def test_who_left_elsewhere_is_known_here(desk: Desk) -> None:
    load(desk, "ann@example.org\n")
    raw = "email,status\nann@example.org,unsubscribed\nbob@example.org,unsubscribed\n"
    assert load(desk, raw) == ImportReport(opted_out=2)
    assert load(desk, "ann@example.org\nbob@example.org\n") == ImportReport(left_alone=2)


def test_of_two_rows_about_one_person_the_one_that_says_no_counts(desk: Desk) -> None:
    raw = "email,status\nann@example.org,active\nANN@example.org,unsubscribed\nbob@example.org,\nbob@example.org,\n"
    assert load(desk, raw) == ImportReport(opted_out=1, added=1, already=2)
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


def test_batches_are_reported_and_killing_loses_only_the_last(desk: Desk) -> None:
    raw = "".join(f"reader{number}@example.org\n" for number in range(BATCH + 100))
    heard: list[int] = []

    def killed(report: ImportReport) -> None:
        heard.append(report.rows)
        raise KeyboardInterrupt

    plan = ImportPlan("weekly", confirmed=True, consent=CONSENT)
    stream = io.BytesIO(raw.encode())
    with pytest.raises(KeyboardInterrupt):
        import_csv(desk.store, desk.keys, desk.notices, stream, plan, now=desk.now, nonce=desk.nonce, progress=killed)
    assert heard == [BATCH]
    assert load(desk, raw) == ImportReport(added=100, already=BATCH)


def test_what_is_exported_is_imported_to_the_same_state(desk: Desk, tmp_path: Path, sqlite_url: str) -> None:
    load(desk, 'email,name,language\n=cmd@example.org,Ann,de\nbob@example.org,"=HYPERLINK(1)",\nleft@example.org,,\n')
    load(desk, "jürgen@bücher.example\nspam@example.org\n")
    desk.later(days=1)
    unsubscribe(desk.store, desk.number("left@example.org"), desk.weekly.id, now=desk.now, by="page")
    with desk.store.write() as tx:
        hashed = desk.keys.address_hash(Address.parse("spam@example.org"))
        tx.suppressions.add(hashed, SuppressionReason.COMPLAINT, desk.now)
    desk.sign_up("wait@example.org", name="'quoted'")
    desk.later(days=30)
    before = dump(desk.store)
    for line in before.splitlines():
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in line.split(","))
    other = fresh(desk, tmp_path, sqlite_url)
    report = load(desk, before, store=other)
    assert (report.refused, report.added, report.pending, report.opted_out) == (0, 3, 1, 2)
    assert dump(other) == before
    other.close()


def fresh(desk: Desk, tmp_path: Path, sqlite_url: str) -> Store:
    """Another installation with the same lists."""
    from digest.store import open_store  # noqa: PLC0415  used here only
    from tests.conftest import migrate  # noqa: PLC0415  the same

    path = tmp_path / "other.db"
    assert str(path) not in sqlite_url
    migrate(f"sqlite:///{path}")
    other = open_store(f"sqlite:///{path}")
    with other.write() as tx:
        for each in (desk.weekly, desk.evening):
            tx.lists.add(each, desk.now)
    return other


def test_only_what_is_asked_for_is_exported(desk: Desk) -> None:
    load(desk, "ann@example.org")
    desk.sign_up("bob@example.org", "evening")
    out = io.StringIO()
    assert export_csv(desk.store, out, list_name="evening", state=SubscriptionState.PENDING) == 1
    assert "bob@example.org" in out.getvalue()
    with pytest.raises(NotFound):
        export_csv(desk.store, io.StringIO(), list_name="nope")


@pytest.mark.parametrize("name", ["missing.csv", "."])
def test_what_is_no_file_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInput, match=r"no file|not a file"):
        open_csv(tmp_path / name)


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
