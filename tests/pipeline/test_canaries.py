"""Canaries on a real run: seeds and the first of the audience go first; the rest follows, or waits for an operator."""

from datetime import timedelta
from typing import Any

import pytest

from digest.model.issue import Campaign, CampaignState, OnCrash
from digest.model.message import MessageState
from digest.pipeline import brake, publish
from digest.pipeline.plan import ListChange, change_list
from digest.store.campaigns import Terms
from tests.doubles.smtp_server import Action, Rule, SmtpServer, Turn, drop, reply
from tests.pipeline.test_deliver import addresses, prepared, recipients, send
from tests.pipeline.world import NOW, World

READERS = 40
FIRST = 4  # of them: a tenth
SEEDS = ["me@seeds.example", "you@seeds.example"]


@pytest.fixture(autouse=True)
def enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small audience, too, has canaries."""
    monkeypatch.setattr(publish, "ENOUGH", READERS)


def with_canaries(world: World, server: SmtpServer, *, seeds: bool = True, percent: int = 10, **settings: Any) -> World:
    change = ListChange(canary_percent=percent, canary_refused_percent=20, seeds=", ".join(SEEDS) if seeds else "")
    change_list(world.app.store, "weekly", change, now=world.clock())
    return prepared(world, server, READERS, **settings)


def state(world: World, campaign: Campaign) -> tuple[CampaignState, bool]:
    """And whether its canaries are still out."""
    with world.app.store.read() as tx:
        found = tx.campaigns.get(campaign.id)
    return found.state, found.canary is not None


class Others:
    """An action for RCPT that notes who came when those before them had not been taken yet."""

    def __init__(self, first: set[str]) -> None:
        self.too_soon: list[str] = []
        self._first = first

    def __call__(self, turn: Turn) -> None:
        taken = {message.recipient for message in turn.server.messages}
        if turn.recipient not in self._first and not self._first <= taken:
            self.too_soon.append(turn.recipient)
        turn.usual()


def canaries() -> set[str]:
    return {f"reader{number}@example.org" for number in range(FIRST)} | set(SEEDS)


def test_nobody_else_is_offered_before_all_canaries_are_taken(world: World) -> None:
    others = Others(canaries())
    with SmtpServer(Rule(others, verb="RCPT")) as server:
        ready = with_canaries(world, server)
        campaign = ready.publish()
        send(ready)
    assert others.too_soon == []
    assert recipients(server) == sorted([*addresses(READERS), *SEEDS])
    assert ready.account(campaign).counts == {MessageState.ACCEPTED: READERS}  # seeds are no part of the audience
    assert state(ready, campaign) == (CampaignState.DONE, False)


def test_seeds_come_before_everybody(sqlite_world: World) -> None:
    with SmtpServer() as server:
        ready = with_canaries(sqlite_world, server, connections=1)
        ready.publish()
        send(ready)
    assert [message.recipient for message in server.messages[:2]] == SEEDS
    assert {message.recipient for message in server.messages[: FIRST + 2]} == canaries()


def test_canaries_that_are_refused_pause_it_and_nobody_else_gets_it_until_it_is_resumed(world: World) -> None:
    refusal = Rule(reply("550 5.1.1 nobody here"), verb="RCPT", recipient="reader[01]@")
    with SmtpServer(refusal) as server:
        ready = with_canaries(world, server)
        campaign = ready.publish()
        report = send(ready)
        assert report.paused == {
            campaign.issue_id: "2 of the first 6 mails were refused (33.3 %), more than the 20 % that are allowed"
        }
        assert set(recipients(server)) < canaries()
        assert not send(ready).settled  # it waits for an operator
        brake.resume(ready.app.store, campaign.issue_id, now=ready.clock())
        send(ready)
    assert ready.account(campaign).counts == {MessageState.ACCEPTED: READERS - 2, MessageState.BOUNCED: 2}


def test_few_refusals_are_no_reason_to_wait(sqlite_world: World) -> None:
    with SmtpServer(Rule(reply("550 5.1.1 nobody here"), verb="RCPT", recipient="reader0@")) as server:
        ready = with_canaries(sqlite_world, server)
        campaign = ready.publish()
        send(ready)
    assert ready.account(campaign).counts == {MessageState.ACCEPTED: READERS - 1, MessageState.BOUNCED: 1}


def test_seeds_alone_hold_up_a_small_audience_too(sqlite_world: World) -> None:
    with SmtpServer(Rule(reply("550 5.1.1 nobody here"), verb="RCPT", recipient="me@seeds")) as server:
        ready = with_canaries(sqlite_world, server, percent=0)
        campaign = ready.publish()
        report = send(ready)
    assert "1 of the first 2 mails were refused" in report.paused[campaign.issue_id]
    assert recipients(server) == ["you@seeds.example"]


def test_a_policy_refusal_at_the_seeds_pauses_it(world: World) -> None:
    """What seeds are for: the provider does not want our mail, and no reader has been asked yet."""
    refusal = Rule(reply("550 5.7.26 unauthenticated mail is prohibited"), verb=".", recipient="@seeds")
    with SmtpServer(refusal) as server:
        ready = with_canaries(world, server, percent=0)
        campaign = ready.publish()
        report = send(ready)
        assert "refused" in report.paused[campaign.issue_id]
    assert server.messages == []
    assert ready.account(campaign).counts == {MessageState.QUEUED: READERS}


def test_deferred_canaries_are_waited_for_if_it_is_all_of_them(sqlite_world: World) -> None:
    greylisting = Rule(reply("450 4.7.1 greylisted, come back later"), verb="RCPT", times=FIRST)
    with SmtpServer(greylisting) as server:
        ready = with_canaries(sqlite_world, server, seeds=False)
        campaign = ready.publish()
        due = send(ready).next_due_at
        assert server.messages == []
        assert state(ready, campaign) == (CampaignState.RUNNING, True)
        assert due is not None
        assert due > ready.clock()
        ready.clock.time = due + timedelta(minutes=1)
        send(ready)
    assert ready.account(campaign).counts == {MessageState.ACCEPTED: READERS}


@pytest.mark.parametrize("action", [drop(), drop(record=True)])
def test_canaries_of_which_nobody_knows_hold_up_nobody_for_ever(sqlite_world: World, action: Action) -> None:
    with SmtpServer(Rule(action, verb=".", times=FIRST)) as server:
        ready = with_canaries(sqlite_world, server, seeds=False, on_crash=OnCrash.HOLD)
        campaign = ready.publish()
        send(ready)
        send(ready)
        ready.clock.forward(minutes=5)  # whose connection went twice before their dot wait a little
        send(ready)
    account = ready.account(campaign)
    assert account.of(MessageState.UNCERTAIN) == FIRST
    assert account.of(MessageState.ACCEPTED) == READERS - FIRST


def test_canaries_who_have_left_hold_up_nobody(sqlite_world: World) -> None:
    with SmtpServer() as server:
        ready = with_canaries(sqlite_world, server, seeds=False)
        campaign = ready.publish()
        with ready.app.store.write() as tx:
            tx._connection.exec_driver_sql("UPDATE subscriptions SET state = 'unsubscribed' WHERE subscriber_id <= 4")
        send(ready)
    assert ready.account(campaign).counts == {
        MessageState.ACCEPTED: READERS - FIRST,
        MessageState.SUPPRESSED: FIRST,
    }


@pytest.mark.parametrize(
    ("audience", "percent", "seeds", "first"),
    [(999, 1, False, None), (1000, 1, False, 10), (999, 1, True, 0), (5000, 2, True, 100), (5000, 0, False, None)],
)
def test_how_many_go_first(audience: int, percent: int, *, seeds: bool, first: int | None) -> None:
    assert Terms(NOW, canary_percent=percent, canary_from=1000, seeds=seeds).canaries(audience) == first
