"""Several senders of one PostgreSQL database: everybody once, limits kept together, and the brake is felt by all of them."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest

from digest.model.message import MessageState
from digest.pipeline import brake
from digest.pipeline.deliver import DeliveryReport, deliver
from digest.pipeline.progress import Snapshot
from tests.doubles.smtp_server import Rule, SmtpServer, Turn
from tests.pipeline.test_deliver import addresses, recipients
from tests.pipeline.world import World, make_world, with_relay, with_relays

READERS = 80
LIMIT = 7


@pytest.fixture
def postgresql_world(postgresql_url: str) -> Iterator[World]:
    made = make_world(postgresql_url)
    yield made
    made.app.close()


def published(world: World, readers: int = READERS) -> World:
    world.subscribe(readers)
    world.add_articles(2)
    world.publish()
    return world


def at_once(send: Callable[[World], DeliveryReport], *ways: World) -> list[DeliveryReport]:
    with ThreadPoolExecutor(len(ways)) as pool:
        return list(pool.map(send, ways, timeout=120))


def two(world: World, server: SmtpServer) -> list[World]:
    return [with_relay(world, f"smtp://127.0.0.1:{server.port}?tls=none", connections=1) for _ in range(2)]


def drain(world: World) -> DeliveryReport:
    return deliver(world.app.sender())


class Both:
    """An action that waits, once on each connection, until so many have come: so all senders are at work."""

    def __init__(self, count: int) -> None:
        self._barrier = Barrier(count)

    def __call__(self, turn: Turn) -> None:
        if turn.session.message == 1:
            self._barrier.wait(60)
        turn.usual()


def test_everybody_gets_it_once_from_one_of_two(postgresql_world: World) -> None:
    world = published(postgresql_world)
    with SmtpServer(Rule(Both(2), verb=".")) as server:
        reports = at_once(drain, *two(world, server))
    assert recipients(server) == addresses(READERS)
    assert sum(report.settled[MessageState.ACCEPTED] for report in reports) == READERS
    assert all(report.settled[MessageState.ACCEPTED] for report in reports)
    assert {account.balanced for report in reports for account in report.accounts.values()} == {True}
    assert world.only_account().counts == {MessageState.ACCEPTED: READERS}


def test_a_stop_is_felt_by_both(postgresql_world: World) -> None:
    world = published(postgresql_world)

    def stop(turn: Turn) -> None:
        if turn.session.message == 3 and not stopped.is_set():
            stopped.set()
            brake.stop(world.app.store, 1, now=world.clock())
        turn.usual()

    stopped = Event()
    with SmtpServer(Rule(Both(2), verb=".", message=1), Rule(stop, verb=".")) as server:
        at_once(drain, *two(world, server))
    account = world.only_account()
    assert account.counts == {
        MessageState.ACCEPTED: len(server.messages),
        MessageState.FAILED: READERS - len(server.messages),
    }
    with SmtpServer() as rest:
        again = with_relay(world, f"smtp://127.0.0.1:{rest.port}?tls=none")
        brake.retry(again.app.store, 1, hours=48, now=again.clock())
        deliver(again.app.sender())
    assert sorted(recipients(server) + recipients(rest)) == addresses(READERS)


def test_two_keep_a_limit_together(postgresql_world: World) -> None:
    world = published(postgresql_world, 30)
    with SmtpServer() as server:

        def until_it_is_used_up(way: World) -> DeliveryReport:
            """And for two looks more."""
            stop = Event()
            beats: list[Snapshot] = []
            at_last = time.monotonic() + 60

            def watch(snapshot: Snapshot) -> None:
                if len(server.messages) >= LIMIT:
                    beats.append(snapshot)
                if len(beats) > 2 or time.monotonic() > at_last:
                    stop.set()

            return deliver(way.app.sender(stop, None, watch))

        url = f"smtp://127.0.0.1:{server.port}?tls=none"
        relay: dict[str, object] = {"name": "only", "url": url, "limits": [f"{LIMIT}/day"]}
        at_once(until_it_is_used_up, with_relays(world, relay), with_relays(world, relay))
        assert len(set(recipients(server))) == len(server.messages) == LIMIT
    assert world.only_account().counts == {MessageState.ACCEPTED: LIMIT, MessageState.QUEUED: 30 - LIMIT}
