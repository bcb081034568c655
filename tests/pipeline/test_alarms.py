"""What is wrong, as a rule; and the mails: once when it begins, once when it is over."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from digest.model.alert import AlertKind
from digest.model.issue import Campaign, CampaignState, Issue, IssueContent, IssueState
from digest.model.message import MessageState
from digest.pipeline.alarms import LATE, Facts, Unwell, judge
from digest.pipeline.brake import pause, resume
from digest.pipeline.deliver import deliver
from digest.store.watching import Queue
from tests.doubles.smtp_server import Rule, SmtpServer, reply
from tests.pipeline.world import NOW, World, a_list, with_relay

WEEKLY = replace(a_list(), id=1)
HOUR = timedelta(hours=1)
ACCEPTED, BOUNCED, DEFERRED = MessageState.ACCEPTED, MessageState.BOUNCED, MessageState.DEFERRED


def keys(facts: Facts) -> list[str]:
    alerts = judge(facts, NOW)
    assert all(alert.said.endswith(".") and len(alert.said) < 300 for alert in alerts), alerts
    return [alert.key for alert in alerts]


def facts(**known: object) -> Facts:
    return Facts(lists={1: WEEKLY}, **known)  # type: ignore[arg-type]  # any of its fields


def an_issue(state: IssueState, late: timedelta | None) -> Issue:
    send_at = None if late is None else NOW - late
    return Issue(7, 1, date(2026, 11, 23), 3, state, "the mayor", IssueContent(None, ()), NOW, NOW, "", NOW, send_at)


def test_nothing_is_wrong_when_all_is_well() -> None:
    well = facts(queues=(Queue(None, 3, NOW + HOUR),), lately={("", "a.example", ACCEPTED): 1000}, backed_up_at=NOW)
    assert keys(well) == []


@pytest.mark.parametrize(
    ("late", "wrong"), [(-HOUR, []), (LATE, []), (LATE + timedelta(seconds=1), ["issue-late:list-1"])]
)
def test_a_slot_that_nobody_takes(late: timedelta, wrong: list[str]) -> None:
    assert keys(Facts(lists={1: replace(WEEKLY, next_due_at=NOW - late)})) == wrong


@pytest.mark.parametrize(
    ("issue", "wrong"),
    [
        (an_issue(IssueState.DRAFT, LATE / 2), []),
        (an_issue(IssueState.APPROVED, LATE * 2), ["issue-late:issue-7"]),
        (an_issue(IssueState.HELD, None), ["issue-late:held-7"]),
    ],
)
def test_an_issue_that_should_be_out(issue: Issue, wrong: list[str]) -> None:
    assert keys(facts(waiting=(issue,))) == wrong


def test_a_paused_campaign_and_mails_that_stand_still() -> None:
    campaign = Campaign(1, 7, CampaignState.PAUSED, "refused", 9, NOW, NOW)
    still = (Queue(None, 3, NOW - 2 * HOUR), Queue(8, 3, NOW - 2 * HOUR), Queue(9, 3, NOW - HOUR / 2))
    found = keys(facts(paused=((campaign, 1),), queues=still))
    assert found == ["issue-late:paused-7", "issue-late:mails", "issue-late:queue-8"]


@pytest.mark.parametrize(
    ("counts", "wrong"),
    [
        ({("a", ACCEPTED): 380, ("a", BOUNCED): 20}, []),
        ({("a", ACCEPTED): 379, ("a", BOUNCED): 21}, ["all"]),
        ({("a", ACCEPTED): 5, ("a", BOUNCED): 19}, []),
        ({("a", ACCEPTED): 100, ("b", ACCEPTED): 10, ("a", DEFERRED): 90}, []),
        ({("a", ACCEPTED): 10, ("a", DEFERRED): 30}, ["all"]),
        ({("a", ACCEPTED): 10_000, ("b", BOUNCED): 30, ("other", BOUNCED): 50}, ["b"]),
        ({("a", ACCEPTED): 10_000, ("c", ACCEPTED): 20, ("c", DEFERRED): 60}, ["c"]),
    ],
)
def test_refusals_of_all_or_of_single_domains(counts: dict[tuple[str, MessageState], int], wrong: list[str]) -> None:
    lately = {("main", domain, state): count for (domain, state), count in counts.items()}
    assert keys(facts(lately=lately)) == [f"refusals-high:{about}" for about in wrong]


def test_feeds_and_backups() -> None:
    assert keys(facts(feeds=(Unwell(1, 3, "The Harbour Post", "Nothing new came."),))) == ["feed-silent:3"]
    assert keys(facts(backup_due_at=NOW + HOUR)) == []
    never, old = facts(backup_due_at=NOW - HOUR), facts(backup_due_at=NOW - HOUR, backed_up_at=NOW - 50 * HOUR)
    assert keys(never) == keys(old) == ["backup-old:backup"]
    assert "never" in judge(never, NOW)[0].said
    assert {alert.kind for alert in judge(old, NOW)} == {AlertKind.BACKUP_OLD}


# With a database.


def look(world: World) -> tuple[list[str], list[str]]:
    told = world.app.watchman.look()
    return [alert.key for alert in told.begun], [alert.key for alert in told.over]


def mails_of(world: World) -> list[str]:
    with SmtpServer() as server:
        deliver(with_relay(world, f"smtp://{server.host}:{server.port}?tls=none").app.sender())
        return [f"{message.recipient}\n{message.content.decode()}" for message in server.messages]


def test_it_is_told_once_and_that_it_is_over_once(world: World) -> None:
    world.subscribe(2)
    world.add_articles(2)
    campaign = world.publish()
    assert look(world) == ([], [])
    pause(world.app.store, campaign.issue_id, why="the mayor called", now=world.clock())
    assert look(world) == ([f"issue-late:paused-{campaign.issue_id}"], [])
    assert look(world) == ([], [])
    (mail,) = mails_of(world)
    assert mail.startswith("news@example.org\n")
    assert "Subject: Late: something is wrong with The Weekly" in mail
    assert "the mayor called" in mail
    assert "List-Unsubscribe" not in mail
    resume(world.app.store, campaign.issue_id, now=world.clock())
    assert look(world) == ([], [f"issue-late:paused-{campaign.issue_id}"])
    assert look(world) == ([], [])
    over = [mail for mail in mails_of(world) if "Subject: Over: what was wrong with The Weekly" in mail]
    assert len(over) == 1


def test_refusals_in_a_real_campaign_are_told_to_each_operator(world: World) -> None:
    said: Callable[..., World] = with_relay
    with SmtpServer(Rule(reply("550 5.1.1 nobody"), verb="RCPT", recipient="^reader")) as server:
        set_up = said(
            world, f"smtp://{server.host}:{server.port}?tls=none", operators=("ann@x.example", "bo@x.example")
        )
        set_up.subscribe(30)
        set_up.add_articles(2)
        set_up.publish()
        deliver(set_up.app.sender())
        assert look(set_up) == (["refusals-high:all"], [])
    assert sorted(mail.partition("\n")[0] for mail in mails_of(set_up)) == ["ann@x.example", "bo@x.example"]
    set_up.clock.forward(hours=3)
    assert look(set_up) == ([], ["refusals-high:all"])


def test_a_backup_is_missed_only_where_there_should_be_some(sqlite_world: World) -> None:
    world = sqlite_world
    with world.app.store.write() as tx:
        tx.instance.remember("fingerprint", world.clock())
    world.clock.forward(days=3)
    assert look(world) == ([], [])
    wants = with_relay(world, "smtp://127.0.0.1:1?tls=none", backup_dir="/var/backups/digest")
    assert look(wants) == (["backup-old:backup"], [])
    with world.app.store.write() as tx:
        tx.watching.beat("backup", world.clock())
    assert look(wants) == ([], ["backup-old:backup"])
