"""Importing a file of Mailchimp's; or, `bare`: its rows split by Python's csv reader and put into a bare table, nothing looked at."""

import csv
import itertools
import sqlite3
from pathlib import Path

from bench.errand import Job, Work, serve
from bench.world import KEYS, NOW
from digest.audience.imports import File, Plan, apply
from digest.audience.notices import Notices
from digest.store import open_store

_PLAN = Plan("weekly", confirmed=True, consent="ticked the box at the book fair")


def prepare(job: Job) -> Work:
    return _bare(Path(job["file"]), Path(job["path"])) if job["bare"] else _bring(Path(job["file"]), job["database"])


def _bring(file: Path, database: str) -> Work:
    import digest.rendering.edition  # noqa: F401, PLC0415  it takes half a second to load, however long the file

    store, numbers = open_store(database), itertools.count()
    notices = Notices(KEYS, "https://news.example.org")
    with store.read() as tx:
        tx.lists.all()

    def work() -> int:
        with file.open("rb") as stream:
            files = [File(file.name, stream)]
            done = apply(store, KEYS, notices, files, _PLAN, by="bench", now=NOW, nonce=lambda: f"{next(numbers):032x}")
        return done.added

    return work


def _bare(file: Path, path: Path) -> Work:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE bare (address, name, joined, network)")

    def work() -> int:
        connection.execute("BEGIN")
        with file.open(encoding="utf-8", newline="") as stream:
            rows = csv.reader(stream)
            next(rows)
            made = ((row[0], row[1], row[4], row[5]) for row in rows)
            count = connection.executemany("INSERT INTO bare VALUES (?, ?, ?, ?)", made).rowcount
        connection.execute("COMMIT")
        return count

    return work


if __name__ == "__main__":
    serve(prepare)
