"""The timetable's jobs: what fails is said in words and does not end the others; senders rest after a failure; stopping waits."""

import logging
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digest.app import App
from digest.model.errors import DigestError
from digest.model.issue import CampaignState, IssueState
from digest.model.message import MessageState
from digest.model.subscriber import SubscriptionState
from digest.pipeline.deliver import deliver
from digest.settings import Settings
from digest.store import open_store
from digest.timetable import MOST_PATIENT, Patience, Timetable
from tests.doubles.imap_server import ImapServer
from tests.doubles.returned import returned
from tests.doubles.smtp_server import Rule, SmtpServer, hang, reply
from tests.pipeline.test_deliver import addresses, prepared, recipients
from tests.pipeline.world import KEYS, World, with_relay

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def states(world: World) -> tuple[CampaignState, IssueState]:
    with world.app.store.read() as tx:
        (issue,) = tx.issues.all()
        campaign = tx.campaigns.of_issue(issue.id)
        assert campaign is not None
        return campaign.state, issue.state


def test_a_campaign_without_readers_ends_at_once(world: World) -> None:
    world.add_articles(2)
    campaign = world.publish()
    assert campaign.state is CampaignState.DONE
    assert states(world) == (CampaignState.DONE, IssueState.SENT)


def test_a_campaign_whose_sender_died_before_it_closed_it_is_closed(sqlite_world: World) -> None:
    """Nothing is due and nothing in hand, so only its state says that there is something to do."""
    with SmtpServer() as server:
        world = prepared(sqlite_world, server, 2)
        campaign = world.publish()
        Timetable(world.app).deliver()
        with world.app.store.write() as tx:
            tx._connection.exec_driver_sql("UPDATE campaigns SET state = 'running'")
            tx._connection.exec_driver_sql("UPDATE issues SET state = 'published'")
        Timetable(world.app).deliver()
    assert world.account(campaign).of(MessageState.ACCEPTED) == len(server.messages) == 2
    assert states(world) == (CampaignState.DONE, IssueState.SENT)


def test_delivering_rests_longer_after_each_failure() -> None:
    patience, now, rests = Patience(), NOW, []
    for _ in range(9):
        patience.lose(now)
        before = now
        while patience.resting(now):
            now += timedelta(seconds=1)
        rests.append(int((now - before).total_seconds()))
    assert rests == [6, 12, 24, 48, 96, 192, 300, 300, 300]
    assert max(rests) == MOST_PATIENT.total_seconds()
    patience.win()
    assert not patience.resting(before)


def test_a_wrong_password_is_not_hammered(sqlite_world: World) -> None:
    """Relays lock accounts that fail often: one try, however many connections there may be, and then a rest."""
    with SmtpServer(tls=True, users={"digest": "right"}) as server:
        relay = f"smtp://digest:wrong@localhost:{server.port}?tls=starttls&ca_file=tests/data/tls/ca.pem"
        world = with_relay(prepared(sqlite_world, server), relay)
        campaign = world.publish()
        timetable = Timetable(world.app)
        with pytest.raises(DigestError, match="refused the user or the password"):
            timetable.deliver()
        timetable.deliver()
        assert sum(len(session.logins) for session in server.sessions) == 1
        world.clock.forward(seconds=7)
        with pytest.raises(DigestError, match="refused the user or the password"):
            timetable.deliver()
    assert sum(len(session.logins) for session in server.sessions) == 2
    assert world.account(campaign).of(MessageState.QUEUED) == len(addresses())


def test_only_one_connection_tries_a_next_hop_that_will_not_have_us(sqlite_world: World) -> None:
    with SmtpServer(Rule(reply("554 5.7.1 not from your network"), verb="CONNECT")) as server:
        world = prepared(sqlite_world, server)
        world.publish()
        with pytest.raises(DigestError, match="turned us away"):
            deliver(world.app.sender())
    assert len(server.sessions) == 1


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (DigestError("The template is wrong."), "action=prune error=The template is wrong."),
        (KeyError("slot"), "action=prune error=KeyError: 'slot' (this is a fault of digest"),
        (MemoryError(), "action=prune error=MemoryError"),
    ],
)
def test_a_job_that_fails_is_logged_in_words_and_comes_again(
    sqlite_world: World,
    error: Exception,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.delenv("DIGEST_DEBUG", raising=False)
    turns, twice = [], threading.Event()

    def prune(_self: Timetable) -> None:
        turns.append(1)
        if len(turns) == 2:
            twice.set()
        raise error

    monkeypatch.setattr("digest.timetable.PRUNE_HOURS", 1 / 360_000)
    monkeypatch.setattr(Timetable, "prune", prune)
    timetable = Timetable(App(sqlite_world.app.settings, sqlite_world.app.store, KEYS))
    with caplog.at_level(logging.ERROR):
        timetable.start()
        assert twice.wait(20)
        timetable.shut_down()
    assert said in caplog.text
    assert "Traceback" not in caplog.text


def test_stopping_waits_for_the_messages_in_hand(sqlite_world: World) -> None:
    reached = threading.Event()

    def seen(_connection: int, _message: int, name: str) -> None:
        if name == "before .":
            reached.set()

    with SmtpServer(Rule(hang(), verb="."), on_event=seen) as server:
        world = prepared(sqlite_world, server, connections=2)
        campaign = world.publish()
        timetable = Timetable(world.app)
        timetable.start()
        assert reached.wait(20)
        stopping = threading.Thread(target=timetable.shut_down)
        stopping.start()
        assert timetable.stop.wait(20)
        assert stopping.is_alive()
        server.resume()
        stopping.join(20)
        assert not stopping.is_alive()
    account = world.account(campaign)
    assert 0 < account.of(MessageState.ACCEPTED) == len(server.messages) < len(addresses())
    assert account.of(MessageState.QUEUED) == len(addresses()) - len(server.messages)


def test_two_timetables_at_once_send_everything_once(sqlite_world: World) -> None:
    with SmtpServer() as server:
        world = prepared(sqlite_world, server)
        campaign = world.publish()
        second = App(world.app.settings, open_store(world.app.settings.database_url), KEYS, now=world.clock)
        timetables = [Timetable(world.app), Timetable(second)]
        for timetable in timetables:
            timetable.start()
        while world.account(campaign).open:
            threading.Event().wait(0.02)
        for timetable in timetables:
            timetable.shut_down()
        second.close()
    assert recipients(server) == addresses()


def test_who_did_not_confirm_is_forgotten_when_the_settings_say_so(sqlite_world: World) -> None:
    world = with_relay(sqlite_world, "smtp://127.0.0.1:1?tls=none", unconfirmed_days=4)
    world.subscribe_one("late@example.org", SubscriptionState.PENDING)
    for days, left in ((4, 1), (0.1, 0)):
        world.clock.forward(days=days)
        Timetable(world.app).prune()
        with world.app.store.read() as tx:
            assert len(list(tx.subscribers.readers())) == left


def test_what_came_back_is_read_from_a_folder_and_a_mailbox(sqlite_world: World, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "1").write_bytes(returned("postfix"))
    left = tmp_path / "cur" / "1:2,S"
    with ImapServer([returned("postfix")]) as server:
        places = {"bounce_folder": tmp_path, "bounce_imap": server.url}
        values = sqlite_world.app.settings.model_dump() | places
        timetable = Timetable(App(Settings(**values), sqlite_world.app.store, KEYS))
        timetable.start()
        for _ in range(400):
            if left.exists() and server.mails[101].flags:
                break
            threading.Event().wait(0.05)
        timetable.shut_down()
    assert left.read_bytes() == returned("postfix")
    assert server.mails[101].flags == {r"\Seen"}
