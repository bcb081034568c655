"""The same engine on PostgreSQL: one process against one on SQLite, and two against one, signed, so that the CPU counts.

Each process has its own sink, so that no sink is what they wait for. All of it shares the machine's cores with the server.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import reduce
from pathlib import Path

from bench.errand import send, send_all
from bench.outbox import Outbox, a_key
from bench.postfix import SmtpSink, postfix
from bench.postgresql import a_server
from bench.race import Entrant, Race, Row, Scale, Turn

CONNECTIONS = 32
SQLITE, POSTGRESQL = "digest on SQLite", "digest on PostgreSQL"
ONE, TWO = "digest on PostgreSQL, signed, one process", "digest on PostgreSQL, signed, two processes"
_COUNTS = {Scale.WHOLE: 15_000, Scale.QUICK: 1_500, Scale.TINY: 60}
_SIGNED = {Scale.WHOLE: 10_000, Scale.QUICK: 1_000, Scale.TINY: 60}
_ROUNDS = {Scale.WHOLE: 3, Scale.QUICK: 1, Scale.TINY: 1}


@contextmanager
def _open_engines(scale: Scale, place: Path) -> Iterator[Sequence[Entrant]]:
    tools, count = postfix(), _COUNTS[scale]
    outbox = Outbox(place, count)
    with a_server() as server, SmtpSink(tools) as sink:
        server.fill(count)

        def ours(url: str, *, profile: bool = False) -> Turn:
            job = {"database": url, "port": sink.port, "connections": CONNECTIONS, "profile": profile}
            return sink.beside(lambda: send("deliver", **job))

        def on_server(*, profile: bool = False) -> Turn:
            return server.beside(lambda: ours(server.url, profile=profile))

        yield (
            Entrant(POSTGRESQL, count, on_server, server.refill, lambda: on_server(profile=True)),
            Entrant(SQLITE, count, lambda: ours(outbox.url), outbox.refill),
        )


@contextmanager
def _open_processes(scale: Scale, place: Path) -> Iterator[Sequence[Entrant]]:
    tools, count, key = postfix(), _SIGNED[scale], str(a_key(place))
    with a_server() as server, ExitStack() as stack:
        sinks = [stack.enter_context(SmtpSink(tools)) for _ in range(2)]
        server.fill(count)

        def ours(processes: int) -> Turn:
            job = {"database": server.url, "connections": CONNECTIONS, "key": key}
            jobs = [job | {"owner": f"bench-{n}", "port": sinks[n].port} for n in range(processes)]
            run = reduce(lambda inner, sink: lambda: sink.beside(inner), sinks, lambda: send_all("deliver", jobs))
            return server.beside(run)

        yield (
            Entrant(TWO, count, lambda: ours(2), server.refill),
            Entrant(ONE, count, lambda: ours(1), server.refill),
        )


ENGINES = Race(
    "postgresql", lambda _: (Row("on PostgreSQL, against SQLite", POSTGRESQL, SQLITE, 0.7),), _open_engines, _ROUNDS
)
RACE = Race(
    "processes", lambda _: (Row("two processes on PostgreSQL, against one", TWO, ONE),), _open_processes, _ROUNDS
)
