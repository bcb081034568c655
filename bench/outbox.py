"""A published issue for so many readers, of which each turn gets a copy of its own; and readers by the million."""

import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bench.world import KEYS, LINKS, NOW, PERIOD, SALT, Database, a_database, add_articles, add_readers, an_address
from digest.model.issue import Issue
from digest.model.mailing_list import MailingList
from digest.pipeline.assemble import assemble
from digest.pipeline.compose import Compositor
from digest.pipeline.publish import publish
from digest.pipeline.render import make_render
from digest.store import Store

ARTICLES = 7  # make a mail of about 30 kB


class Outbox:
    """In a SQLite file."""

    def __init__(self, place: Path, readers: int) -> None:
        place.mkdir(exist_ok=True)
        database = drafted(place)
        add_readers(database, readers)
        publish_in(database.store, database.mailing_list)
        self.octets = mail_octets(database.store)
        self._kept = database.keep("published.db")
        self._path = place / "turn.db"

    @property
    def url(self) -> str:
        return f"sqlite:///{self._path}"

    def refill(self) -> None:
        """As it was published; and nothing else waits to be written to the disk."""
        copy_database(self._kept, self._path)


def copy_database(kept: Path, path: Path) -> None:
    for left in path.parent.glob(f"{path.name}*"):
        left.unlink()
    shutil.copy(kept, path)
    with path.open("rb") as copy:
        os.fsync(copy.fileno())  # or the disk would still be busy with it when the clock runs


def drafted(place: Path) -> Database:
    """An issue, and nobody to read it."""
    database = a_database(place)
    add_articles(database, ARTICLES)
    return database


def publish_in(store: Store, mailing_list: MailingList) -> Issue:
    issue = assemble(store, mailing_list, PERIOD, now=NOW, salt=SALT).issue
    publish(store, issue.id, make_render(LINKS, None), KEYS, now=NOW)
    return issue


def mail_octets(store: Store) -> int:
    """Of a mail on the wire, without the final dot."""
    with store.read() as tx:  # what it claims is not committed
        (message,) = tx.outbox.claim("bench", 1, NOW)
    return len(Compositor(store, LINKS).compose(message)[1].wire)


def add_many_readers(path: Path, count: int) -> None:
    """As `add_readers` does it, by two statements; a million in less than a minute. Nobody else may have it open."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")
    connection.create_function("hashed", 1, _hashed(), deterministic=True)
    now = NOW.strftime("%Y-%m-%d %H:%M:%S.000000")
    connection.execute("BEGIN")
    connection.execute(
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?) "
        "INSERT INTO subscribers (address, address_key, address_hash, name, language, created_at) "
        "SELECT 'reader' || i || '@example.org', 'reader' || i || '@example.org', hashed(i), 'Ann Reader', 'en', ? FROM n",
        (count, now),
    )
    connection.execute(
        "INSERT INTO subscriptions (subscriber_id, list_id, state, consent_source, consent_text, consent_at, confirmed_at) "
        "SELECT id, (SELECT id FROM lists), 'confirmed', 'form', 'Sign up for our weekly newsletter', ?, ? FROM subscribers",
        (now, now),
    )
    connection.execute("COMMIT")
    connection.close()


def _hashed() -> Callable[[int], str]:
    return lambda number: KEYS.address_hash(an_address(number))


def a_key(place: Path) -> Path:
    """RSA-2048, in the form that dkimpy reads."""
    path = place / "rsa-2048.pem"
    key = generate_private_key(public_exponent=65537, key_size=2048)
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()))
    return path
