"""One folder, one story: files of a feed in `feed/`, the mail's text that readers get in `expected.txt`.

`UPDATE_GOLDEN=1 pytest tests/journeys` writes what comes out now; look at it before you commit it.
"""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from digest.model.feed import Feed, FeedKind
from digest.pipeline.refresh import refresh
from digest.pipeline.trial import preview
from tests.pipeline.world import World, make_world

STORIES = sorted(path.parent for path in Path(__file__).parent.glob("*/feed"))


def mail_of(world: World, folder: Path) -> str:
    listed = replace(world.mailing_list, topics=("Town", "Science"))
    with world.app.store.write() as tx:
        tx.lists.save(listed)
        tx.feeds.add(Feed(0, listed.id, str(folder), FeedKind.FOLDER, topic="Town"))
    reports = list(refresh(world.app.store, world.app.limits, now=world.clock))
    assert [report.error for report in reports] == [""]
    issue = replace(world, mailing_list=listed).draft()
    files = preview(world.app.store, issue.id, world.app.render, world.app.links, now=world.clock())
    assert b"<script" not in files["body.html"]
    assert b"onclick" not in files["body.html"]
    return files["body.txt"].decode()


@pytest.mark.parametrize("story", STORIES, ids=[story.name for story in STORIES])
def test_a_feed_becomes_the_mail_that_was_looked_at(story: Path, sqlite_url: str) -> None:
    world = make_world(sqlite_url)
    text = mail_of(world, story / "feed")
    world.app.close()
    expected = story / "expected.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")
