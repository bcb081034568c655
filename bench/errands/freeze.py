"""Publishing a draft: rendered once, its audience frozen into the outbox. Or, `bare`: the same rows by one plain statement."""

import sqlite3
from pathlib import Path

from bench.errand import Job, Work, serve
from bench.world import KEYS, LINKS, NOW
from digest.pipeline.publish import publish
from digest.pipeline.render import make_render
from digest.store import open_store

_BARE = """
INSERT INTO bare (
  campaign_id, subscriber_id, list_id, edition_id, purpose, address, address_hash, name, slots, state, attempts, due_at,
  lease_owner, created_at, reply_code, reply_status, reply_text, relay
)
SELECT 1, s.id, 1, 1, 'issue', s.address, s.address_hash, s.name, '', 'queued', 0, ?, '', ?, 0, '', '', ''
FROM subscriptions u JOIN subscribers s ON s.id = u.subscriber_id
WHERE u.list_id = 1 AND u.state = 'confirmed'
ORDER BY u.subscriber_id
"""


def prepare(job: Job) -> Work:
    return _bare(Path(job["path"])) if job["bare"] else _publish(Path(job["path"]), job["issue"])


def _publish(path: Path, issue_id: int) -> Work:
    import digest.rendering.edition  # noqa: F401, PLC0415  it takes half a second to load, whatever the audience

    store = open_store(f"sqlite:///{path}")
    with store.read() as tx:
        tx.lists.all()
    return lambda: publish(store, issue_id, make_render(LINKS, None), KEYS, now=NOW).campaign.audience


def _bare(path: Path) -> Work:
    """Into a table of the same columns that has its primary key and nothing else; with our settings, on disk when it returns."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous = FULL")
    names = [row[1] for row in connection.execute("PRAGMA table_info(messages)") if row[1] != "id"]
    connection.execute(f"CREATE TABLE bare (id INTEGER PRIMARY KEY, {', '.join(names)})")
    return lambda: connection.execute(_BARE, (str(NOW), str(NOW))).rowcount


if __name__ == "__main__":
    serve(prepare)
