"""Delivering an outbox as the service does it. `most`: stop after so many; the time is then from the first outcome to that one."""

import time
from itertools import count
from pathlib import Path
from threading import Event

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from bench.dkimpy import DkimpySigners
from bench.errand import Job, Stretch, Work, serve
from bench.world import LINKS, clock
from digest.delivery import open_transport
from digest.delivery.dkim import Signers
from digest.delivery.dkim_keys import DkimKey
from digest.model.message import MessageState, Settlement
from digest.pipeline.deliver import deliver
from digest.pipeline.fleet import NextHop
from digest.pipeline.sender import Sender
from digest.store import open_store

DOMAIN, SELECTOR = "example.org", "bench"


def prepare(job: Job) -> Work:
    """`key`: a PEM file to sign with; `dkimpy`: by that library."""
    hop = NextHop("relay", open_transport(f"smtp://127.0.0.1:{job['port']}?tls=none"), job["connections"])
    store = open_store(job["database"])
    with store.read() as tx:
        tx.lists.all()  # what is loaded only once
    meter = Meter(job.get("most", 0))
    signers = _signers(Path(job["key"]), by_dkimpy=job.get("dkimpy", False)) if "key" in job else None
    owner = job.get("owner", "bench")
    sender = Sender(store, (hop,), LINKS, clock, owner, signers=signers, stop=meter.enough, settled=meter.note)

    def work() -> int | Stretch:
        accepted = deliver(sender).settled[MessageState.ACCEPTED]
        return meter.stretch() if meter.most else accepted

    return work


class Meter:
    """Counts outcomes, and says when there were enough."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.enough = Event()
        self._numbers = count(1)
        self._began = self._ended = 0.0

    def note(self, settlement: Settlement) -> None:
        if settlement.state is not MessageState.ACCEPTED or self.enough.is_set():
            return
        number = next(self._numbers)
        if number == 1:
            self._began = time.perf_counter()
        if number == self.most:
            self._ended = time.perf_counter()
            self.enough.set()

    def stretch(self) -> Stretch:
        return Stretch(self.most if self.enough.is_set() else 0, self._began, self._ended)


def _signers(pem: Path, *, by_dkimpy: bool) -> Signers:
    if by_dkimpy:
        return DkimpySigners(DOMAIN, SELECTOR, pem.read_bytes())
    private = load_pem_private_key(pem.read_bytes(), None)
    assert isinstance(private, RSAPrivateKey)
    return Signers([DkimKey(DOMAIN, SELECTOR, private)])


if __name__ == "__main__":
    serve(prepare)
