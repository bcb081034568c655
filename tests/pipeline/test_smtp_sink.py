"""An issue sent to Postfix's smtp-sink with each of its faults: nobody is lost, nobody is told what is not so."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from digest.model.errors import DigestError, TryLater
from digest.model.issue import CampaignState, OnCrash
from digest.model.message import MessageState
from tests.doubles.smtp_sink import Sink, smtp_sink
from tests.pipeline.test_deliver import addresses, send
from tests.pipeline.world import World, with_relay

READERS = 20
ACCEPTED, BOUNCED, DEFERRED = MessageState.ACCEPTED, MessageState.BOUNCED, MessageState.DEFERRED
QUEUED, UNCERTAIN = MessageState.QUEUED, MessageState.UNCERTAIN


def ready(world: World, sink: Sink, readers: int = READERS, **settings: Any) -> World:
    world.subscribe(readers)
    world.add_articles(2)
    return with_relay(world, f"smtp://127.0.0.1:{sink.port}?tls=none", **settings)


@pytest.mark.parametrize(
    "flags",
    [
        (),
        ("-8",),  # no 8BITMIME
        ("-e",),  # no ESMTP at all
        ("-E",),  # no enhanced status codes
        ("-p",),  # no pipelining
        ("-P",),  # the banner of a firewall that breaks ESMTP
        ("-a", "-C", "-F", "-N"),
        ("-f", "EHLO"),
        ("-f", "QUIT"),
        ("-q", "QUIT"),
        ("-h", "mail-relay.with-a-long-name.example"),
        ("-m", "1"),  # one connection at a time: the others hang before the greeting
        ("-T", "1024"),  # a narrow window
    ],
    ids=" ".join,
)
def test_what_harms_nobody(sqlite_world: World, tmp_path: Path, flags: tuple[str, ...]) -> None:
    with smtp_sink(tmp_path, *flags) as sink:
        world = ready(sqlite_world, sink)
        campaign = world.publish()
        send(world)
    assert world.account(campaign).counts == {ACCEPTED: READERS}
    assert sorted(sink.recipients()) == addresses(READERS)


@pytest.mark.parametrize(
    ("flags", "state"),
    [
        (("-r", "MAIL"), DEFERRED),
        (("-r", "RCPT"), DEFERRED),
        (("-r", "DATA"), DEFERRED),
        (("-r", "."), DEFERRED),
        (("-f", "RCPT"), BOUNCED),
        (("-f", "DATA"), BOUNCED),
        (("-f", "."), BOUNCED),
        (("-q", "MAIL"), DEFERRED),
        (("-q", "RCPT"), DEFERRED),
        (("-q", "DATA"), DEFERRED),
        (("-A", "0"), DEFERRED),  # refused in the midst of the body, which it no longer reads
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else str(value),
)
def test_what_becomes_of_each_reader(
    sqlite_world: World, tmp_path: Path, flags: tuple[str, ...], state: MessageState
) -> None:
    with smtp_sink(tmp_path, *flags) as sink:
        world = ready(sqlite_world, sink, on_crash=OnCrash.HOLD)
        campaign = world.publish()
        send(world)
    assert world.account(campaign).counts == {state: READERS}
    assert not [reader for reader, copies in Counter(sink.recipients()).items() if copies > 1]


def test_a_hang_up_for_an_answer_is_uncertain_where_nobody_may_get_it_twice(
    sqlite_world: World, tmp_path: Path
) -> None:
    """Those that were offered behind such a dot, and lost their connection twice, wait."""
    with smtp_sink(tmp_path, "-q", ".") as sink:
        world = ready(sqlite_world, sink, on_crash=OnCrash.HOLD)
        campaign = world.publish()
        send(world)
    account = world.account(campaign)
    assert account.of(UNCERTAIN) + account.of(DEFERRED) == READERS
    assert account.of(UNCERTAIN) >= len(sink.recipients()) == len(set(sink.recipients()))


@pytest.mark.parametrize("command", ["CONNECT", "EHLO"])
@pytest.mark.parametrize("flag", ["-q", "-Q", "-r"])
def test_who_is_not_let_in_loses_nobody(sqlite_world: World, tmp_path: Path, flag: str, command: str) -> None:
    with smtp_sink(tmp_path, flag, command) as sink:
        world = ready(sqlite_world, sink, 3)
        campaign = world.publish()
        with pytest.raises(TryLater):
            send(world)
    assert world.account(campaign).counts == {QUEUED: 3}


@pytest.mark.parametrize("commands", ["CONNECT", "EHLO,HELO"])
def test_who_is_turned_away_for_good_is_told(sqlite_world: World, tmp_path: Path, commands: str) -> None:
    with smtp_sink(tmp_path, "-f", commands) as sink:
        world = ready(sqlite_world, sink, 3)
        campaign = world.publish()
        with pytest.raises(DigestError, match="turned us away"):
            send(world)
    assert world.account(campaign).counts == {QUEUED: 3}


def test_a_sender_refused_for_good_pauses_the_campaign_and_touches_no_reader(
    sqlite_world: World, tmp_path: Path
) -> None:
    with smtp_sink(tmp_path, "-f", "MAIL") as sink:
        world = ready(sqlite_world, sink)
        campaign = world.publish()
        report = send(world)
    assert campaign.issue_id in report.paused
    assert world.account(campaign).of(BOUNCED) == 0
    assert world.account(campaign).open == READERS
    with world.app.store.read() as tx:
        assert tx.campaigns.get(campaign.id).state is CampaignState.PAUSED


@pytest.mark.parametrize("command", ["RCPT", "."])
def test_421_in_the_midst_is_tried_later(sqlite_world: World, tmp_path: Path, command: str) -> None:
    with smtp_sink(tmp_path, "-Q", command) as sink:
        world = ready(sqlite_world, sink, 1)
        campaign = world.publish()
        send(world)
    assert world.account(campaign).counts == {DEFERRED: 1}


def test_a_sink_that_ends_in_mid_issue_loses_nobody(sqlite_world: World, tmp_path: Path) -> None:
    with smtp_sink(tmp_path, "-M", "5") as sink:
        world = ready(sqlite_world, sink, on_crash=OnCrash.HOLD)
        campaign = world.publish()
        with pytest.raises(TryLater):
            send(world)
    (tmp_path / "rest").mkdir()
    with smtp_sink(tmp_path / "rest") as rest:
        again = with_relay(world, f"smtp://127.0.0.1:{rest.port}?tls=none", on_crash=OnCrash.HOLD)
        again.clock.forward(minutes=2)
        send(again)
    account = again.account(campaign)
    assert account.of(ACCEPTED) + account.of(UNCERTAIN) == READERS
    assert account.of(UNCERTAIN) <= again.app.settings.connections
    assert not set(sink.recipients()) & set(rest.recipients())


def test_slow_answers_make_one_copy(sqlite_world: World, tmp_path: Path) -> None:
    with smtp_sink(tmp_path, "-w", "1", "-H", "1") as sink:
        world = ready(sqlite_world, sink, 3)
        campaign = world.publish()
        send(world)
    assert world.account(campaign).counts == {ACCEPTED: 3}
    assert sorted(sink.recipients()) == addresses(3)
