"""A backup is restored into either database with every row, and what may have been sent since is not sent again by itself."""

import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from functools import partial
from io import BytesIO
from itertools import count
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy import text

from digest.app import App
from digest.model.errors import BadInput, DigestError, WrongState
from digest.model.issue import CampaignState, IssueState
from digest.model.message import MessageState
from digest.pipeline.backup import About, Manifest, Restored, check_backup, restore_backup, write_backup
from digest.pipeline.brake import resume
from digest.pipeline.deliver import deliver
from digest.store import Store, open_store
from digest.store.portable import shapes
from digest.store.schema import REVISIONS
from digest.store.tables import instance
from digest.timetable import Timetable
from tests.doubles.postgresql import PostgresqlServer
from tests.doubles.smtp_server import SmtpServer
from tests.pipeline.world import KEYS, World, with_relay
from tests.store.rows import a_mail

ABOUT = About("0.1.0", KEYS.fingerprint, "https://news.example.org", "a hash")


@pytest.fixture
def empty_databases(tmp_path: Path, postgresql_server: PostgresqlServer) -> Iterator[list[str]]:
    """One of each kind, without tables."""
    name = postgresql_server.create()
    yield [f"sqlite:///{tmp_path / 'restored.db'}", postgresql_server.url(name)]
    postgresql_server.drop(name)


def backed_up(world: World, path: Path) -> Manifest:
    with path.open("wb") as out:
        return write_backup(world.app.store, out, ABOUT, now=world.clock())


def restored(world: World, path: Path, url: str) -> tuple[Store, Restored]:
    store = open_store(url)
    return store, restore_backup(store, path, KEYS.fingerprint, now=world.clock())


def contents(path: Path) -> dict[str, list[str]]:
    """The rows of each table, but for the event that tells of restoring."""
    with zipfile.ZipFile(path) as file:
        return {
            name: [line for line in file.read(name).decode().splitlines() if '"restored"' not in line]
            for name in file.namelist()
            if name.startswith("tables/")
        }


def test_every_row_comes_back_in_either_database_and_the_next_issue_goes_out(
    world: World, tmp_path: Path, empty_databases: list[str]
) -> None:
    with SmtpServer() as server:
        relay = f"smtp://{server.host}:{server.port}?tls=none"
        sending = with_relay(world, relay)
        sending.subscribe(3)
        gone = sending.subscribe_one("gone@example.org")
        sending.add_articles(3)
        sending.publish()
        deliver(sending.app.sender())
        with world.app.store.write() as tx:
            tx._connection.execute(text("DELETE FROM subscribers WHERE id = :id"), {"id": gone.id})
        manifest = backed_up(world, tmp_path / "first.zip")
        assert check_backup(tmp_path / "first.zip") == manifest
        assert manifest.count("messages") == 4
        for number, url in enumerate(empty_databases):
            store, report = restored(world, tmp_path / "first.zip", url)
            assert (report.paused, report.held, report.slots, report.dropped) == ((), (), (), 0)
            again = World(
                App(sending.app.settings, store, KEYS, now=world.clock), world.clock, world.mailing_list, count(100)
            )
            backed_up(again, tmp_path / f"second-{number}.zip")
            assert contents(tmp_path / f"second-{number}.zip") == contents(tmp_path / "first.zip")
            newcomer = again.subscribe_one("new@example.org")
            assert newcomer.id == gone.id + 1_000_001  # numbers that were given after the backup are in links, too
            again.clock.forward(days=7)
            again.add_articles(2)
            server.messages.clear()
            again.publish(again.draft(again.clock().date()))
            deliver(again.app.sender())
            assert len(server.messages) == 4
            again.clock.forward(days=-7)
            store.close()


def test_what_was_on_its_way_waits_for_an_operator(world: World, tmp_path: Path, empty_databases: list[str]) -> None:
    """After the backup the issue went out, and so did the slot that came; then the database was lost."""
    world.subscribe(4)
    world.add_articles(3)
    campaign = world.publish()
    with world.app.store.write() as tx:
        tx.messages.add(a_mail(tx, world.mailing_list.id, "confirm-subscription", None), world.clock())
        first, second, *_ = tx.outbox.claim_from(campaign.id, "a sender", 2, world.clock())
        tx.outbox.arm(first.id, "a sender", world.clock())
        assert second.id
        taken = tx.issues.open_slot(
            world.mailing_list.id,
            world.clock().date() + timedelta(days=1),
            salt="5a17",
            window=(world.clock(), world.clock()),
            now=world.clock(),
            send_at=world.clock(),
        )
    backed_up(world, tmp_path / "backup.zip")
    slot = world.mailing_list.next_due_at
    assert slot is not None
    world.clock.time = slot + timedelta(hours=3)
    for url in empty_databases:
        store, report = restored(world, tmp_path / "backup.zip", url)
        assert report.paused == (campaign.issue_id,)
        assert report.held == (taken,)
        assert report.slots == ("weekly",)
        assert report.dropped == 1
        with SmtpServer() as server:
            relay = f"smtp://{server.host}:{server.port}?tls=none"
            app = App(with_relay(world, relay).app.settings, store, KEYS, now=world.clock)
            timetable = Timetable(app)
            timetable.tick()
            timetable.deliver()
            assert server.messages == []
            with store.read() as tx:
                account = tx.campaigns.account(campaign.id)
                assert account.balanced
                assert account.counts == {MessageState.QUEUED: 3, MessageState.UNCERTAIN: 1}
                assert tx.campaigns.get(campaign.id).state is CampaignState.PAUSED
                assert "restored from the backup of 2026-11-23 09:00 UTC" in tx.campaigns.get(campaign.id).reason
                assert tx.issues.get(taken).state is IssueState.HELD
                following = tx.lists.get(world.mailing_list.id).next_due_at
                assert following is not None
                assert following > world.clock()
            resume(store, campaign.issue_id, now=world.clock())
            deliver(app.sender())
            assert len(server.messages) == 3
        store.close()


def test_a_database_that_is_not_empty_is_left_alone(world: World, tmp_path: Path) -> None:
    backed_up(world, tmp_path / "backup.zip")
    world.subscribe(1)
    with pytest.raises(WrongState, match="is not empty: there are rows in 'lists'"):
        restore_backup(world.app.store, tmp_path / "backup.zip", KEYS.fingerprint, now=world.clock())
    with world.app.store.read() as tx:
        assert len(list(tx.subscribers.readers())) == 1


def test_a_damaged_backup_is_told_and_leaves_nothing(sqlite_world: World, tmp_path: Path) -> None:
    world, good = sqlite_world, tmp_path / "good.zip"
    world.subscribe(3)
    backed_up(world, good)
    whole = good.read_bytes()
    url = f"sqlite:///{tmp_path / 'restored.db'}"
    for name, content in {
        "short": whole[: len(whole) // 2],
        "empty": b"",
        "changed": changed(whole, "tables/subscribers.jsonl", lambda text: text.replace("reader1", "reader9")),
        "fewer": changed(whole, "tables/subscribers.jsonl", lambda text: text.partition("\n")[2]),
        "no rows": changed(whole, "tables/subscribers.jsonl", lambda _: "[1]\n"),
        "no json": changed(whole, "tables/lists.jsonl", lambda _: "{\n"),
        "no manifest": changed(whole, "manifest.json", lambda _: "[]"),
    }.items():
        bad = tmp_path / f"{name}.zip"
        bad.write_bytes(content)
        store = open_store(url)
        with pytest.raises(BadInput, match=r"damaged|no backup of digest"):
            check_backup(bad)
        with pytest.raises(BadInput, match=r"damaged|no backup of digest"):
            restore_backup(store, bad, KEYS.fingerprint, now=world.clock())
        assert store.revision() is None
        store.close()


def changed(whole: bytes, name: str, change: Callable[[str], str]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(whole)) as old, zipfile.ZipFile(out, "w") as new:
        for each in old.namelist():
            content = old.read(each)
            new.writestr(each, change(content.decode()) if each == name else content)
    return out.getvalue()


def updated(change: Mapping[str, object], said: str) -> str:
    return json.dumps(json.loads(said) | change)


def test_another_key_and_a_newer_digest_are_refused(sqlite_world: World, tmp_path: Path) -> None:
    path = tmp_path / "backup.zip"
    backed_up(sqlite_world, path)
    store = open_store(f"sqlite:///{tmp_path / 'restored.db'}")
    with pytest.raises(BadInput, match="another secret_key"):
        restore_backup(store, path, "0" * 32, now=sqlite_world.clock())
    whole = path.read_bytes()
    for newer in ({"format": 2}, {"revision": "9999"}):
        path.write_bytes(changed(whole, "manifest.json", partial(updated, newer)))
        with pytest.raises(DigestError, match="newer digest"):
            restore_backup(store, path, KEYS.fingerprint, now=sqlite_world.clock())
    assert store.revision() is None
    store.close()


def test_a_backup_of_older_tables_is_brought_up_to_date(sqlite_world: World, tmp_path: Path) -> None:
    """As if it had been made before campaigns had the column of 0020."""
    path = tmp_path / "backup.zip"
    sqlite_world.subscribe(2)
    backed_up(sqlite_world, path)

    def older(said: str) -> str:
        value = json.loads(said)
        (campaigns,) = [table for table in value["tables"] if table["name"] == "campaigns"]
        assert campaigns["rows"] == 0
        campaigns["columns"] = [column for column in campaigns["columns"] if column[0] != "report"]
        return json.dumps(value | {"revision": "0019"})

    path.write_bytes(changed(path.read_bytes(), "manifest.json", older))
    store, _ = restored(sqlite_world, path, f"sqlite:///{tmp_path / 'restored.db'}")
    assert store.revision() == REVISIONS[-1]
    with store.read() as tx:
        assert len(list(tx.subscribers.readers())) == 2
    store.close()


def test_a_backup_is_of_one_moment_while_readers_come_and_go(world: World, tmp_path: Path) -> None:
    """Each reader has a subscription: in a backup of two moments some would have none."""
    world.subscribe(20)
    stop = Event()

    def come() -> None:
        for number in range(200):
            if stop.is_set():
                break
            world.subscribe_one(f"late{number}@example.org")

    coming = Thread(target=come)
    coming.start()
    for number in range(3):
        manifest = backed_up(world, tmp_path / f"{number}.zip")
        assert manifest.count("subscribers") == manifest.count("subscriptions") >= 20
    stop.set()
    coming.join()


def test_all_tables_are_in_a_backup_but_those_of_running_processes() -> None:
    assert {shape.name for shape in shapes()} == set(instance.metadata.tables) - {"senders", "beats"}
