"""Who confirms gets the current issue; when there is none, the welcome names the best of the last ones."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from digest.audience.confirm import confirm
from digest.audience.notices import Notices
from digest.audience.sign_up import Application, sign_up
from digest.model.edition import Edition
from digest.model.subscriber import Consent
from tests.pipeline.world import KEYS, PERIOD, World, make_world


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    made = make_world(database_url)
    yield made
    made.app.close()


def arrive(world: World, name: str) -> dict[str, Edition]:
    """The mails that a reader gets who signs up and confirms, by their kinds."""
    app, now = world.app, world.clock()
    notices, nonce = Notices(KEYS, app.settings.base_url), f"{name:0>32}"
    application = Application(f"{name}@example.org", ("weekly",), Consent("form", "Sign up", now))
    sign_up(app.store, KEYS, notices, application, now=now, nonce=nonce)
    confirm(app.store, notices, KEYS.confirmation_token(nonce), now=now)
    with app.store.read() as tx:
        query = f"SELECT purpose, edition_id FROM messages WHERE address = '{name}@example.org'"
        return {mail: tx.editions.get(number) for mail, number in tx._connection.exec_driver_sql(query)}


def test_the_current_issue_comes_at_once_and_the_welcome_is_short(world: World) -> None:
    world.add_articles(3)
    world.publish()
    mails = arrive(world, "ann")
    assert set(mails) == {"confirm-subscription", "welcome", "issue"}
    assert "Story number" not in mails["welcome"].text


def test_when_the_last_issue_is_old_the_welcome_has_the_best_of_the_last_ones(world: World) -> None:
    world.add_articles(4)
    world.publish()
    world.clock.forward(days=7)
    world.add_articles(4, days_ago=1)
    world.publish(world.draft(PERIOD + timedelta(days=7)))
    world.clock.forward(days=30)
    mails = arrive(world, "ann")
    assert set(mails) == {"confirm-subscription", "welcome"}
    for body in (mails["welcome"].text, mails["welcome"].html):
        assert body.count("https://news.example.org/stories/") == 5
        assert "best of our last issues" in body.lower()
    assert arrive(world, "bob")["welcome"].id == mails["welcome"].id  # rendered and kept once


def test_a_list_without_issues_welcomes_without_any(world: World) -> None:
    assert "best of" not in arrive(world, "ann")["welcome"].text.lower()


def test_a_list_that_does_not_greet_sends_neither(world: World) -> None:
    with world.app.store.write() as tx:
        tx.lists.save(replace(world.mailing_list, greets_with_issue=False))
    world.add_articles(3)
    world.publish()
    assert set(arrive(world, "ann")) == {"confirm-subscription", "welcome"}
    world.clock.forward(days=30)
    assert "Story number" not in arrive(world, "bob")["welcome"].text
