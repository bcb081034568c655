"""Delivering an outbox into a server that takes everything, beside smtplib with the same bytes and no ledger."""

import smtplib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from bench.measure import Step, Subject
from bench.sink import Sink
from bench.world import KEYS, LINKS, NOW, PERIOD, SALT, Database, a_database, add_articles, add_readers, clock
from digest.delivery import open_transport
from digest.model.message import MessageState, Outgoing, Reply, Settlement
from digest.pipeline.assemble import assemble
from digest.pipeline.compose import Compositor
from digest.pipeline.deliver import deliver
from digest.pipeline.fleet import NextHop
from digest.pipeline.publish import publish
from digest.pipeline.render import make_render
from digest.pipeline.sender import Sender

ARTICLES = 20
SAMPLE = 1_000  # messages in one run of a comparison
OWNER = "bench"
GROUP = 100  # messages claimed at a time where no sender decides it


@contextmanager
def _open(size: int, place: Path) -> Iterator[Sequence[Subject]]:
    database = a_database(place, canary_percent=0)  # all may be claimed at once
    add_articles(database, ARTICLES)
    add_readers(database, size)
    issue = assemble(database.store, database.mailing_list, PERIOD, now=NOW, salt=SALT).issue
    publish(database.store, issue.id, make_render(LINKS, None), KEYS, now=NOW)
    mails = _mails(database, min(size, SAMPLE))
    kept = database.keep("published.db")
    sampled = None if size <= SAMPLE else SAMPLE

    def ready() -> None:
        database.fresh(kept)

    with Sink() as sink:
        whole = [Subject("deliver, 4 connections", lambda: _deliver(database, sink.port, 4), ready)]
        if sampled is None:
            whole.append(Subject("deliver, 1 connection", lambda: _deliver(database, sink.port, 1), ready))
        yield (
            *whole,
            Subject("of it: the ledger alone", lambda: _write_down(database, len(mails)), ready, sampled),
            Subject("smtplib, 4 connections, no ledger", lambda: _send(mails, sink.port, 4), units=sampled),
            Subject("smtplib, 1 connection, no ledger", lambda: _send(mails, sink.port, 1), units=sampled),
        )
    database.close()


def _mails(database: Database, count: int) -> list[tuple[Outgoing, bytes]]:
    """The first messages of the outbox, composed."""
    compositor = Compositor(database.store, LINKS)
    with database.store.read() as tx:  # what it claims is not committed
        first = tx.outbox.claim(OWNER, count, NOW)
        return [(message, compositor.compose(message)[1].plain) for message in first]


def _deliver(database: Database, port: int, connections: int) -> int:
    hop = NextHop("relay", open_transport(f"smtp://127.0.0.1:{port}?tls=none"), connections)
    report = deliver(Sender(database.store, (hop,), LINKS, clock, OWNER))
    return report.settled[MessageState.ACCEPTED]


def _write_down(database: Database, count: int) -> int:
    """What delivering writes, in as many transactions: claim, then arm each together with the outcome of the one before."""
    done = 0
    outcome: Settlement | None = None
    while done < count:
        with database.store.write() as tx:
            hand = tx.outbox.claim(OWNER, min(GROUP, count - done), NOW)
        for message in hand:
            with database.store.write() as tx:
                if outcome is not None:
                    tx.outbox.settle(outcome, NOW)
                done += tx.outbox.arm(message.id, OWNER, NOW)
            outcome = Settlement(message.id, MessageState.ACCEPTED, Reply(250, "2.0.0", "taken"))
    return done


def _send(mails: list[tuple[Outgoing, bytes]], port: int, connections: int) -> int:
    """Each connection sends its share, one mail after the other."""
    with ThreadPoolExecutor(connections) as pool:
        return sum(pool.map(lambda first: _send_all(mails[first::connections], port), range(connections)))


def _send_all(mails: list[tuple[Outgoing, bytes]], port: int) -> int:
    with smtplib.SMTP("127.0.0.1", port, local_hostname="bench.example.org") as server:
        for message, content in mails:
            server.sendmail("news@example.org", [str(message.address)], content)
    return len(mails)


STEP = Step("deliver", "readers", (100, 1_000, 10_000), (20, 100), _open)
