"""An operator who looks at pages of the desk, one after the other, over and over; each is waited for."""

import time
from http.client import HTTPConnection

from bench.errand import Job, Stretch, Work, serve, waited
from bench.newsroom import SESSION
from bench.world import NOW
from digest.model.event import EventKind
from digest.store import open_store

COOKIE = {"Cookie": f"__Host-digest={SESSION}"}


def prepare(job: Job) -> Work:
    """`paths`, each so many `times`. Only the code is loaded before; the first look at each page counts.

    Between looks somebody signs up in `database`, as far as the desk can see: nothing that was counted before holds any more.
    """
    connection, store = HTTPConnection("127.0.0.1", job["port"], timeout=60), open_store(job["database"])
    _look(connection, "/desk/account")

    def look(path: str) -> float:
        with store.write() as tx:
            tx.events.add(EventKind.SIGNED_UP, NOW, subscriber_id=1, list_id=1)
        return _look(connection, path)

    def work() -> Stretch:
        began = time.perf_counter()
        return waited(began, [look(path) for _ in range(job["times"]) for path in job["paths"]])

    return work


def _look(connection: HTTPConnection, path: str) -> float:
    """Seconds. Raises RuntimeError when it is not there to be seen."""
    began = time.perf_counter()
    connection.request("GET", path, headers=COOKIE)
    response = connection.getresponse()
    response.read()
    if response.status != 200:
        message = f"{path} answered {response.status}."
        raise RuntimeError(message)
    return time.perf_counter() - began


if __name__ == "__main__":
    serve(prepare)
