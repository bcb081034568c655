"""Limits, ramp-ups and brakes on a real run: what may go goes, what must wait waits in the outbox, and the others pass it.

Clocks stand still here, so what must wait for an hour waits until the clock is moved. Only one test looks at real seconds.
"""

import time
from collections import Counter
from datetime import date
from threading import Event, Timer
from typing import Any

from sqlalchemy import event

from digest.model.message import MessageState, Settlement
from digest.pipeline.deliver import DeliveryReport, deliver
from digest.pipeline.progress import Snapshot
from tests.doubles.smtp_server import Rule, SmtpServer, Turn, reply
from tests.pipeline.test_deliver import send
from tests.pipeline.world import World, with_relay, with_relays


def to_domains(world: World, **counts: int) -> None:
    """So many readers at `<name>.example`, in this order."""
    for name, count in counts.items():
        for number in range(count):
            world.subscribe_one(f"r{number}@{name}.example")
    world.add_articles(2)


def sending_by(world: World, server: SmtpServer, **settings: Any) -> World:
    return with_relay(world, f"smtp://127.0.0.1:{server.port}?tls=none", **settings)


def send_until(world: World, count: int) -> DeliveryReport:
    """A sender waits for whatever has to wait its turn; this one is told to stop when so many were settled."""
    stop = Event()
    settled: list[Settlement] = []

    def note(settlement: Settlement) -> None:
        settled.append(settlement)
        if len(settled) >= count:
            stop.set()

    at_last = Timer(60, stop.set)
    at_last.start()
    try:
        return send(world, stop=stop, settled=note)
    finally:
        at_last.cancel()


def by_domain(server: SmtpServer) -> Counter[str]:
    return Counter(message.recipient.partition("@")[2].partition(".")[0] for message in server.messages)


def test_a_domains_limit_holds_it_up_and_nobody_else(world: World) -> None:
    """Its readers are many, and come first."""
    to_domains(world, slow=120, quick=90)
    with SmtpServer() as server:
        ready = sending_by(world, server, domain_limits={"slow.example": ["3/hour"]})
        campaign = ready.publish()
        send_until(ready, 93)
    assert by_domain(server) == {"slow": 3, "quick": 90}
    account = ready.account(campaign)
    assert account.counts == {MessageState.ACCEPTED: 93, MessageState.QUEUED: 117}


def test_who_ends_gives_back_what_it_set_aside_of_a_limit(world: World) -> None:
    """Else the next process would wait for a day, for messages that never went."""
    to_domains(world, some=6)
    with SmtpServer() as server:
        url = f"smtp://127.0.0.1:{server.port}?tls=none"
        relay: dict[str, object] = {"name": "only", "url": url, "limits": ["6/day"]}
        campaign = with_relays(world, relay).publish()
        send_until(with_relays(world, relay, connections=1), 1)
        first = len(server.messages)
        send_until(with_relays(world, relay), 6 - first)
    assert first < 6
    assert world.account(campaign).counts == {MessageState.ACCEPTED: 6}


def test_what_waits_for_its_turn_comes_back(world: World) -> None:
    to_domains(world, slow=7)
    with SmtpServer() as server:
        for hour in range(3):
            ready = sending_by(world, server, domain_limits={"slow.example": ["3/hour"]})
            if not hour:
                campaign = ready.publish()
            send_until(ready, 3 if hour < 2 else 1)
            assert len(server.messages) == min(7, 3 * (hour + 1))
            ready.clock.forward(minutes=62)
    assert ready.account(campaign).counts == {MessageState.ACCEPTED: 7}
    assert len({message.recipient for message in server.messages}) == 7


def test_who_waits_for_a_turn_asks_now_and_then_and_is_heard_of(sqlite_world: World) -> None:
    """Not as fast as the database can answer: then nothing else would be written, not even that we are alive."""
    stop = Event()
    commits: list[None] = []
    beats: list[int] = []

    def count(_: Any) -> None:
        commits.append(None)
        if len(commits) > 300:
            stop.set()

    def watch(_: Snapshot) -> None:
        beats.append(len(commits))
        if len(beats) > 2:
            stop.set()

    to_domains(sqlite_world, slow=60)
    with SmtpServer() as server:
        ready = sending_by(sqlite_world, server, domain_limits={"slow.example": ["3/hour"]})
        ready.publish()
        event.listen(ready.app.store._engine, "commit", count)
        deliver(ready.app.sender(stop, None, watch))
    assert len(commits) < 300
    assert len(beats) > 2


def test_a_star_is_a_limit_to_each_domain_that_has_none_of_its_own(sqlite_world: World) -> None:
    to_domains(sqlite_world, one=9, two=9, own=9)
    with SmtpServer() as server:
        limits = {"*": ["2/minute"], "own.example": ["5/minute"]}
        ready = sending_by(sqlite_world, server, domain_limits=limits)
        ready.publish()
        send_until(ready, 9)
    assert by_domain(server) == {"one": 2, "two": 2, "own": 5}


def test_a_relays_limit_leaves_the_rest_to_the_others(sqlite_world: World) -> None:
    to_domains(sqlite_world, one=30)
    with SmtpServer() as small, SmtpServer() as large:
        relays: list[dict[str, object]] = [
            {"name": "small", "url": f"smtp://127.0.0.1:{small.port}?tls=none", "limits": ["4/day"], "weight": 5},
            {"name": "large", "url": f"smtp://127.0.0.1:{large.port}?tls=none"},
        ]
        ready = with_relays(sqlite_world, *relays)
        campaign = ready.publish()
        send(ready)
    assert len(small.messages) <= 4
    assert len(small.messages) + len(large.messages) == 30
    assert ready.account(campaign).counts == {MessageState.ACCEPTED: 30}


def test_a_day_limit_is_kept_over_a_restart(world: World) -> None:
    to_domains(world, one=12)
    with SmtpServer() as server:
        relays: list[dict[str, object]] = [
            {"name": "only", "url": f"smtp://127.0.0.1:{server.port}?tls=none", "limits": ["5/day"]}
        ]
        with_relays(world, *relays).publish()
        send_until(with_relays(world, *relays), 5)
        world.clock.forward(hours=1)
        look_in_vain(with_relays(world, *relays))
        assert len(server.messages) == 5
        world.clock.forward(days=1)
        send_until(with_relays(world, *relays), 5)
        assert len(server.messages) == 10


def look_in_vain(world: World) -> None:
    """Long enough to have looked at the limits."""
    stop = Event()
    beats: list[Snapshot] = []

    def watch(snapshot: Snapshot) -> None:
        beats.append(snapshot)
        if len(beats) > 1:
            stop.set()

    deliver(world.app.sender(stop, None, watch))


def test_a_new_sending_domain_ramps_up_from_day_to_day(sqlite_world: World) -> None:
    to_domains(sqlite_world, one=30)
    ramp_up = {"domain": "example.org", "start": date(2026, 11, 23), "first_day": 4, "growth": 2.0, "until": 16}
    with SmtpServer() as server:
        for day, sent in enumerate([4, 12, 28, 30]):
            ready = sending_by(sqlite_world, server, ramp_ups=[ramp_up])
            if not day:
                campaign = ready.publish()
            send_until(ready, sent - len(server.messages))
            assert len(server.messages) == sent
            ready.clock.forward(days=1, minutes=30)
    assert ready.account(campaign).counts == {MessageState.ACCEPTED: 30}


def test_no_second_has_more_than_its_limit(sqlite_world: World) -> None:
    """Counted where they arrive; what is on its way for a while may meet what came later, so a part of a second is looked at."""
    arrived: list[float] = []

    def note(turn: Turn) -> None:
        arrived.append(time.monotonic())
        turn.usual()

    to_domains(sqlite_world, one=25)
    with SmtpServer(Rule(note, verb="MAIL")) as server:
        ready = sending_by(sqlite_world, server, domain_limits={"*": ["10/second"]})
        campaign = ready.publish()
        send(ready)
    assert ready.account(campaign).counts == {MessageState.ACCEPTED: 25}
    arrived.sort()
    assert max(sum(start <= at < start + 0.6 for at in arrived) for start in arrived) <= 10


def test_a_domain_that_complains_is_slowed_and_the_others_go_on(world: World) -> None:
    to_domains(world, slow=40, quick=60)
    complaint = Rule(reply("450 4.7.28 too many from you"), verb="RCPT", recipient="@slow", times=1)
    with SmtpServer(complaint) as server:
        ready = sending_by(world, server)
        campaign = ready.publish()
        stop = Event()

        def note(_: Settlement) -> None:
            if by_domain(server)["quick"] == 60:
                stop.set()

        send(ready, stop=stop, settled=note)
    assert by_domain(server)["quick"] == 60
    assert by_domain(server)["slow"] < 39  # those wait
    assert ready.account(campaign).of(MessageState.BOUNCED) == 0
    assert ready.account(campaign).balanced
