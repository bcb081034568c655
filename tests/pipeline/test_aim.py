"""An issue is sent to a segment only, or to all but one: who is left out is told, and stands frozen."""

from collections.abc import Iterator

import pytest

from digest.audience.segments import add_segment, remove_segment
from digest.issues.editions import Excluded
from digest.model.errors import BadInput, NotFound
from digest.pipeline.aim import Nobody, count_readers, find_aim
from digest.pipeline.publish import publish
from digest.pipeline.rehearse import dry_run
from tests.pipeline.world import KEYS, World, make_world


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    world = make_world(database_url)
    world.subscribe(4)
    world.subscribe_one("ann@town.example")
    world.add_articles(3)
    add_segment(world.app.store, "town", ["domain is town.example"], now=world.clock())
    yield world
    world.app.close()


@pytest.mark.parametrize(("only", "but", "readers"), [("town", None, 1), (None, "town", 4), (None, None, 5)])
def test_who_gets_it(world: World, only: str | None, but: str | None, readers: int) -> None:
    app, issue = world.app, world.draft()
    aim = find_aim(app.store, only, but, world.clock())
    assert count_readers(app.store, issue.id, aim) == readers
    rehearsed = dry_run(app.store, issue.id, app.render, app.links, aim=aim)
    assert rehearsed.excluded.get(Excluded.OUTSIDE, 0) == 5 - readers
    done = publish(app.store, issue.id, app.render, KEYS, now=world.clock(), aim=aim)
    assert done.campaign.audience == readers
    assert done.excluded.get("not in the segment", 0) == 5 - readers
    assert done.excluded["suppressed"] == 0
    assert done.campaign.aimed == str(aim)
    if only:
        remove_segment(app.store, 1, now=world.clock())
        with app.store.read() as tx:
            assert tx.campaigns.get(done.campaign.id).aimed == "only town (domain is town.example)"


def test_nobody_in_it_is_said(world: World) -> None:
    add_segment(world.app.store, "none", ["language is ar"], now=world.clock())
    aim = find_aim(world.app.store, "none", None, world.clock())
    with pytest.raises(Nobody, match="5 not in the segment"):
        count_readers(world.app.store, world.draft().id, aim)
    with pytest.raises(NotFound):
        find_aim(world.app.store, "unknown", None, world.clock())


def test_what_was_aimed_at_others_is_not_missed(world: World) -> None:
    app, issue = world.app, world.draft()
    aim = find_aim(app.store, "town", None, world.clock())
    publish(app.store, issue.id, app.render, KEYS, now=world.clock(), aim=aim)
    world.clock.forward(days=7)
    world.add_articles(2)
    following = world.draft(world.clock().date())
    found = dry_run(app.store, following.id, app.render, app.links)
    assert [(each.readers, each.articles, each.catches_up) for each in found.editions] == [(5, 2, False)]


def test_segments_are_named_once_and_name_lists_that_are_there(world: World) -> None:
    for name, where in (("town", "language is de"), ("other", "list is none"), ("other", "nonsense")):
        with pytest.raises(BadInput):
            add_segment(world.app.store, name, [where], now=world.clock())
    with world.app.store.read() as tx:
        assert [each.kind for each in tx.acts.newest()][-1:] == ["segment_changed"]
