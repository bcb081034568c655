"""What the desk's pages are timed with: readers by the million on two lists; one issue that was sent to all of them, one that is
being sent, and a draft. On SQLite or PostgreSQL.
"""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import text

from bench.outbox import ARTICLES, publish_in
from bench.world import KEYS, NOW, PERIOD, SALT, Database, add_articles, add_readers
from digest.model.address import Address
from digest.model.operator import Role
from digest.operators.sessions import open_session
from digest.pipeline.assemble import assemble
from digest.pipeline.cursors import move_cursors
from digest.pipeline.report import add_up_finished
from digest.store import Store

SESSION = "the session of whoever looks at the benchmark's pages"
SENT, DRAFT, GOING = 1, 2, 3  # issues

#: A fiftieth is suppressed, a twentieth has left, some speak other languages, and everybody has a story.
_READERS = (
    (
        "INSERT INTO subscriptions (subscriber_id, list_id, state, consent_source, consent_text, consent_at, confirmed_at) "
        "SELECT id, (SELECT max(id) FROM lists), 'confirmed', 'form', 'Sign up', created_at, created_at FROM subscribers"
    ),
    "UPDATE subscribers SET language = 'de', name = 'Bob Reader' WHERE id % 7 = 0",
    (
        "UPDATE subscriptions SET state = 'unsubscribed', unsubscribed_at = confirmed_at "
        "WHERE list_id = 1 AND subscriber_id % 20 = 1"
    ),
    (
        "INSERT INTO suppressions (address_hash, reason, created_at) "
        "SELECT address_hash, 'bounced', created_at FROM subscribers WHERE id % 50 = 2"
    ),
    (
        "INSERT INTO events (kind, at, subscriber_id, list_id, detail) "
        "SELECT 'confirmed', created_at, id, 1, '{}' FROM subscribers"
    ),
)
_SENT = (
    "UPDATE messages SET state = 'accepted', relay = 'mx', reply_code = 250, settled_at = due_at WHERE campaign_id = 1",
    (
        "UPDATE messages SET state = 'bounced', reply_code = 550, reply_text = 'No such user' "
        "WHERE campaign_id = 1 AND id % 100 = 3"
    ),
)
_GOING = (
    (
        "UPDATE messages SET state = 'accepted', relay = 'mx', reply_code = 250, settled_at = due_at "
        "WHERE campaign_id = 2 AND id % 3 = 0"
    ),
)


def furnish(database: Database, readers: int) -> None:
    """An open, empty database with its list becomes that newsroom."""
    store, weekly = database.store, database.mailing_list
    with store.write() as tx:
        daily = tx.lists.add(replace(weekly, name="daily", title="The Daily", list_id="daily.example.org"), NOW)
    add_articles(database, ARTICLES)
    add_articles(replace(database, mailing_list=daily), ARTICLES)
    add_readers(database, readers)
    _say(store, _READERS)
    publish_in(store, weekly)
    _say(store, _SENT)
    _end(store)
    add_articles(database, ARTICLES, first=ARTICLES)
    assemble(store, weekly, PERIOD + timedelta(days=7), now=NOW + timedelta(minutes=1), salt=SALT)
    publish_in(store, daily)
    _say(store, _GOING)
    _let_in(store)


def _say(store: Store, statements: tuple[str, ...]) -> None:
    with store.write() as tx:
        for statement in statements:
            tx._connection.execute(text(statement))  # noqa: SLF001  what takes weeks of a real newsroom


def _end(store: Store) -> None:
    with store.write() as tx:
        tx.campaigns.finish(1, NOW)
    list(add_up_finished(store))
    move_cursors(store, 1)


def _let_in(store: Store) -> None:
    with store.write() as tx:
        owner = tx.operators.add(Address("ann", "example.org"), "Ann", Role.OWNER, NOW)
        open_session(tx, KEYS, owner, browser="bench", client="", now=NOW, token=SESSION)
