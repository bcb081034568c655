"""Which links of a mail are dead: asked over the network, politely, and remembered for the next who wants to know.

    known answers (a day for good ones, an hour for others) → hosts at once, one question at a time for each → store

Nobody is asked more than MOST_OF_A_HOST things, nor twice within PAUSE; all of it ends after SECONDS. What was not asked is not
known, which stops nothing. Safe twice, killed, and at the same time as another: the newest answer wins.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

from digest.model.feed import FetchLimits
from digest.model.link_check import LinkCheck, LinkState
from digest.sources.probe import BUSY, UNRESOLVED, probe
from digest.store import Store

AT_ONCE = 8  # hosts
MOST_OF_A_HOST = 20


@dataclass(frozen=True, slots=True)
class Manners:
    """Seconds."""

    pause: float = 1.0  # between two questions to a host
    each: float = 10.0  # for one exchange
    whole: float = 60.0  # for all of it


def check_links(
    store: Store,
    addresses: Sequence[str],
    limits: FetchLimits,
    *,
    now: Callable[[], datetime],
    manners: Manners = Manners(),
) -> dict[str, LinkCheck]:
    """What is known of each address by the end; those that there was no time for are not in it."""
    with store.read() as tx:
        known = tx.link_checks.known(addresses, now())
    until = time.monotonic() + manners.whole
    hosts = _by_host(address for address in dict.fromkeys(addresses) if address not in known)
    with ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="links") as pool:
        asked = pool.map(lambda those: list(_ask_host(those, limits, now, manners, until)), hosts)
        found = _unless_offline([check for checks in asked for check in checks])
    with store.write() as tx:
        tx.link_checks.keep(found)
    return known | {check.address: check for check in found}


def _by_host(addresses: Iterable[str]) -> list[list[str]]:
    hosts: dict[str, list[str]] = defaultdict(list)
    for address in addresses:
        hosts[_host(address)].append(address)
    return [those[:MOST_OF_A_HOST] for those in hosts.values()]


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _ask_host(
    addresses: Sequence[str], limits: FetchLimits, now: Callable[[], datetime], manners: Manners, until: float
) -> Iterator[LinkCheck]:
    for number, address in enumerate(addresses):
        if number:
            time.sleep(manners.pause)
        left = until - time.monotonic()
        if left <= 0:
            return
        state, said = probe(address, replace(limits, max_seconds=min(manners.each, left)))
        yield LinkCheck(address, state, said, now())
        if said in {UNRESOLVED, BUSY}:  # it will not be otherwise a second later
            return


def _unless_offline(checks: list[LinkCheck]) -> list[LinkCheck]:
    """Where no host at all can be found, it is not the hosts that are missing."""
    if any(check.said != UNRESOLVED for check in checks):
        return checks
    return [replace(check, state=LinkState.UNKNOWN) for check in checks]
