"""Whether the time of an answer tells what is known of an address: `python -m bench.alike` signs up known, unknown, suppressed and
limited addresses in turn, over one connection, and compares how long each took to be answered (security S7).

Nothing is asserted: a machine that does other things too spreads all four alike. |t| is Welch's, against unknown addresses; that of
two samples of the same kind is below 3 in 997 of a thousand comparisons, and above 4.5 is taken for a leak.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from http.client import HTTPConnection
from itertools import chain
from math import sqrt
from pathlib import Path
from random import Random
from statistics import fmean, median, variance

from bench.child import Child
from bench.tables import aligned
from bench.world import KEYS, NOW, a_database, add_readers, an_address
from digest.model.address import Address
from digest.model.subscriber import SuppressionReason

CALLS = 1_000  # of each kind
WORN_OUT = 30  # sign-ups of the limited address beforehand: more than one inbox has (audience/door.py)
HEADERS = {"Content-Type": "application/json"}

Told = tuple[int, bytes, str]  # status, body, headers


def main() -> None:
    parser = argparse.ArgumentParser(
        "bench.alike", description="How long sign-ups take, by what is known of the address."
    )
    parser.add_argument("--calls", type=int, default=CALLS, help=f"of each kind; {CALLS} unless said")
    print(compare(parser.parse_args().calls), end="")


def compare(calls: int) -> str:
    """A table; one line says whether all answers were the same, byte for byte."""
    with tempfile.TemporaryDirectory(prefix="digest-bench-") as folder:
        known, suppressed = _prepare(Path(folder), calls)
        addresses = {
            "unknown": [f"new{number}@example.org" for number in range(calls)],
            "known": known,
            "suppressed": suppressed,
            "limited": ["limited@example.org"] * calls,
        }
        with Child("bench.doorway", f"sqlite:///{folder}/subscribers.db") as door:
            took, told = _knock(door.port, addresses)
    return _table(took) + f"\n{len(told)} different answer{'s' * (len(told) != 1)} to {4 * calls:,} sign-ups\n"


def _prepare(place: Path, count: int) -> tuple[list[str], list[str]]:
    database = a_database(place)
    add_readers(database, count)
    suppressed = [f"suppressed{number}@example.org" for number in range(count)]
    with database.store.write() as tx:
        for address in suppressed:
            tx.suppressions.add(KEYS.address_hash(Address.parse(address)), SuppressionReason.COMPLAINT, NOW)
    database.close()
    return [str(an_address(number)) for number in range(count)], suppressed


def _knock(port: int, addresses: Mapping[str, Sequence[str]]) -> tuple[dict[str, list[float]], set[Told]]:
    """Seconds of each kind, and what was told. Kinds are mixed, so that whatever else the machine does hits all alike."""
    took: dict[str, list[float]] = {kind: [] for kind in addresses}
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    for _ in range(WORN_OUT):
        _ask(connection, "limited@example.org")
    told = set()
    for kind, address in _mixed(addresses):
        seconds, answer = _ask(connection, address)
        took[kind].append(seconds)
        told.add(answer)
    connection.close()
    return took, told


def _mixed(addresses: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    """In rounds of one of each kind, in an order that chance gives each round."""
    chance = Random(7)
    rounds = zip(*([(kind, address) for address in those] for kind, those in addresses.items()), strict=True)
    return chain.from_iterable(chance.sample(each, len(each)) for each in rounds)


#: The time, and the random name of an answer.
_ALWAYS_OTHERS = {"date", "x-request-id"}


def _ask(connection: HTTPConnection, address: str) -> tuple[float, Told]:
    body = json.dumps({"email": address, "lists": ["weekly"]}).encode()
    began = time.perf_counter()
    connection.request("POST", "/api/subscribe", body, HEADERS)
    response = connection.getresponse()
    read = response.read()
    seconds = time.perf_counter() - began
    headers = [(name, value) for name, value in response.getheaders() if name.lower() not in _ALWAYS_OTHERS]
    return seconds, (response.status, read, repr(headers))


def _table(took: Mapping[str, Sequence[float]]) -> str:
    head = ["address", "calls", "mean, ms", "half within, ms", "1 % beyond, ms", "|t| against unknown"]
    rows = [[kind, f"{len(those):,}", *_figures(those), _t(those, took["unknown"])] for kind, those in took.items()]
    return aligned([head, *rows])


def _figures(seconds: Sequence[float]) -> list[str]:
    beyond = sorted(seconds)[len(seconds) * 99 // 100]
    return [f"{each * 1000:.2f}" for each in (fmean(seconds), median(seconds), beyond)]


def _t(one: Sequence[float], other: Sequence[float]) -> str:
    """Welch's: the difference of means in units of its own error."""
    if one is other:
        return "–"
    spread = sqrt(variance(one) / len(one) + variance(other) / len(other))
    return f"{abs(fmean(one) - fmean(other)) / spread:.2f}"


if __name__ == "__main__":
    main()
