"""The same personalised mails sent by libraries that others would take: smtplib in threads, aiosmtplib in tasks. No ledger.

All that we do for them beforehand is not measured: readers are in memory, the edition is taken apart, connections are kept.
A mail is bytes when they get it, so that they build no MIME; each connection sends its share, one mail after the other.
"""

import asyncio
import smtplib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, zip_longest

import aiosmtplib

from bench.errand import Job, Work, serve
from bench.world import LINKS
from digest.model.address import Mailbox
from digest.model.message import Outgoing
from digest.pipeline.compose import Compositor
from digest.store import open_store

HOST, HELLO, SENDER = "127.0.0.1", "bench.example.org", "news@example.org"

Mail = tuple[str, bytes]  # to whom, and what
Fill = Callable[[Outgoing], Mail]


def prepare(job: Job) -> Work:
    store = open_store(job["database"])
    with store.read() as tx:
        found = [tx.outbox.by_number(number) for number in range(1, job["count"] + 1)]
    readers = [reader for reader in found if reader is not None]
    compositor = Compositor(store, LINKS)
    fill = filler(compositor, readers[0].edition_id)
    fill(readers[0])
    shares = [readers[first :: job["connections"]] for first in range(job["connections"])]
    send = {"smtplib": _by_smtplib, "aiosmtplib": _by_aiosmtplib}[job["library"]]
    return lambda: send(shares, fill, job["port"])


def filler(compositor: Compositor, edition_id: int) -> Fill:
    """The quickest that we know: a reader's pieces between those of the edition, joined."""
    ready = compositor.edition(edition_id)
    composer, static = ready.composer, ready.composer.static

    def fill(reader: Outgoing) -> Mail:
        to = Mailbox(reader.address, reader.name)
        own = composer.own(to, ready.message_id(reader.id), reader.created_at, compositor.slots(reader))
        return str(reader.address), b"".join(chain.from_iterable(zip_longest(static, own, fillvalue=b"")))

    return fill


def _by_smtplib(shares: Sequence[Sequence[Outgoing]], fill: Fill, port: int) -> int:
    def send(share: Sequence[Outgoing]) -> int:
        with smtplib.SMTP(HOST, port, local_hostname=HELLO) as server:
            for address, mail in _mails(share, fill):
                server.sendmail(SENDER, [address], mail)
        return len(share)

    with ThreadPoolExecutor(len(shares)) as pool:
        return sum(pool.map(send, shares))


def _by_aiosmtplib(shares: Sequence[Sequence[Outgoing]], fill: Fill, port: int) -> int:
    async def send(share: Sequence[Outgoing]) -> int:
        server = aiosmtplib.SMTP(hostname=HOST, port=port, local_hostname=HELLO, start_tls=False)
        async with server:
            for address, mail in _mails(share, fill):
                await server.sendmail(SENDER, [address], mail)
        return len(share)

    async def send_all() -> int:
        return sum(await asyncio.gather(*map(send, shares)))

    return asyncio.run(send_all())


def _mails(share: Sequence[Outgoing], fill: Fill) -> Iterator[Mail]:
    return map(fill, share)


if __name__ == "__main__":
    serve(prepare)
