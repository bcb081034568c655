"""Drafts ahead of their slot: the editors are told once, and it goes out by itself unless it is held."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from digest.app import App
from digest.model.address import Address
from digest.model.edition import Edition, Form
from digest.model.errors import DigestError
from digest.model.feed import FetchLimits
from digest.model.issue import Issue, IssueState
from digest.model.mailing_list import MailingList
from digest.model.wish import Wish, WishKind
from digest.pipeline.ahead import draft_ahead
from digest.pipeline.deliver import deliver
from digest.pipeline.desk import approve, hold, wish
from digest.pipeline.tick import Appeared, Ticker
from digest.store import open_store
from digest.store.tables import editions, messages
from tests.doubles.smtp_server import SmtpServer
from tests.pipeline.world import KEYS, World, with_relay

SLOT = datetime(2026, 11, 30, 7, 0, tzinfo=UTC)  # the list's next one: Monday 08:00 in Vienna
EDITORS = (Address.parse("ed@example.org"), Address.parse("sub@example.org"))


def ticker(world: World) -> Ticker:
    return Ticker(world.app.store, FetchLimits(), world.app.render, KEYS, world.clock, lambda: "7" * 32)


def ready(world: World, count: int = 3, **changes: object) -> World:
    """Six hours before the slot of a list with two editors and two readers; no feed to read over the network."""
    world.clock.time = SLOT - timedelta(hours=6)
    world.subscribe(2)
    if count:
        world.add_articles(count, days_ago=0)
    settings = {"draft_ahead_hours": 6, "editors": EDITORS} | changes
    world.mailing_list = replace(world.mailing_list, **settings)  # type: ignore[arg-type]  # any field
    with world.app.store.write() as tx:
        tx.lists.save(world.mailing_list)
        for feed in tx.feeds.of_list():
            tx.feeds.record_gone(feed.id, "closed for the test", world.clock())
    return world


def tick(world: World) -> list[Appeared]:
    return list(ticker(world).tick())


def only_issue(world: World) -> Issue:
    with world.app.store.read() as tx:
        (found,) = tx.issues.all()
        return tx.issues.get(found.id)


def mails(world: World) -> list[tuple[str, str, str]]:
    """To whom, subject and text of each mail to an editor."""
    with world.app.store.read() as tx:
        query = (
            messages.join(editions, editions.c.id == messages.c.edition_id)
            .select()
            .with_only_columns(messages.c.address, editions.c.subject, editions.c.text)
            .where(messages.c.purpose == "draft-ready")
            .order_by(messages.c.id)
        )
        return [(row.address, row.subject, row.text) for row in tx._connection.execute(query)]


def test_the_draft_is_made_ahead_and_its_editors_are_told_once(world: World) -> None:
    ready(world)
    world.clock.forward(seconds=-1)
    assert tick(world) == []
    world.clock.forward(seconds=1)
    (appeared,) = tick(world)
    assert appeared.said == "Issue 1 of weekly is drafted ahead; editors: 2 told."
    assert tick(world) == []
    assert only_issue(world).state is IssueState.DRAFT
    (first, second) = mails(world)
    assert (first[0], second[0]) == ("ed@example.org", "sub@example.org")
    assert first[1] == "Draft of The Weekly 1: Story number 0"
    assert "Monday 30 November 2026, 08:00 (Europe/Vienna)" in " ".join(first[2].split())
    assert "It has 3 articles, and each mail" in first[2]


def test_at_its_slot_it_goes_out_by_itself_with_what_came_and_what_was_asked(world: World) -> None:
    ready(world)
    tick(world)
    issue = only_issue(world)
    dropped = issue.content.items[0].article_id
    wish(world.app.store, issue.id, [Wish(WishKind.DROP, dropped)], now=world.clock())
    world.clock.forward(hours=5)
    world.add_articles(1, days_ago=0)
    world.clock.time = SLOT
    (appeared,) = tick(world)
    assert "published to 2 readers" in appeared.said
    sent = only_issue(world)
    assert len(sent.content.items) == 3
    assert dropped not in [item.article_id for item in sent.content.items]


def test_approved_it_goes_out_exactly_as_it_stood(world: World) -> None:
    ready(world)
    tick(world)
    approved = approve(world.app.store, only_issue(world).id, now=world.clock())
    assert approved.goes_out_at == SLOT
    world.clock.forward(hours=5)
    world.add_articles(1, days_ago=0)
    world.clock.time = SLOT
    (appeared,) = tick(world)
    assert "published to 2 readers" in appeared.said
    assert only_issue(world).content == approved.issue.content


def test_held_it_stays(world: World) -> None:
    ready(world)
    tick(world)
    hold(world.app.store, only_issue(world).id, "the lead is wrong", now=world.clock())
    world.clock.time = SLOT
    assert tick(world) == []
    assert only_issue(world).state is IssueState.HELD
    world.clock.forward(days=1)
    assert tick(world) == []


def test_held_and_then_approved_it_makes_its_slot(world: World) -> None:
    ready(world)
    tick(world)
    hold(world.app.store, only_issue(world).id, "wait", now=world.clock())
    approve(world.app.store, only_issue(world).id, now=world.clock())
    world.clock.time = SLOT
    (appeared,) = tick(world)
    assert "published to 2 readers" in appeared.said


def test_an_issue_held_while_it_is_being_published_is_not_sent(world: World) -> None:
    ready(world)
    world.clock.time = SLOT

    def hold_it(issue: Issue, mailing_list: MailingList, form: Form = Form.HTML, language: str = "") -> Edition:
        hold(world.app.store, issue.id, "stop", now=world.clock())
        return world.app.render(issue, mailing_list, form, language)

    assert list(replace(ticker(world), render=hold_it).tick()) == []
    assert only_issue(world).state is IssueState.HELD


def test_an_issue_held_before_it_is_drafted_at_its_slot_stays_held(world: World) -> None:
    ready(world)
    world.clock.time = SLOT
    ticking = ticker(world)
    ticking._take_slot(world.mailing_list, world.clock())
    issue = only_issue(world)
    with world.app.store.write() as tx:
        tx.issues.move(issue.id, IssueState.HELD, reason="stop")
    assert ticking._appear_or_hold(issue) is None  # as read before
    assert only_issue(world).reason == "stop"


def test_an_approved_issue_that_is_too_late_is_held(world: World) -> None:
    ready(world)
    tick(world)
    approve(world.app.store, only_issue(world).id, now=world.clock())
    world.clock.time = SLOT + timedelta(days=3)
    (appeared,) = tick(world)
    assert appeared.issue.state is IssueState.HELD
    assert "was missed by 3 days" in appeared.said


def test_too_little_ahead_is_told_and_the_slot_gets_its_chance(world: World) -> None:
    ready(world, count=0)
    tick(world)
    assert only_issue(world).state is IssueState.SKIPPED
    assert mails(world)[0][1] == "Draft of The Weekly 1: not enough yet"
    assert "Nothing new means no mail" in mails(world)[0][2]
    world.add_articles(1, days_ago=0)
    with world.app.store.write() as tx:
        for feed in tx.feeds.of_list():
            tx.feeds.record_gone(feed.id, "closed for the test", world.clock())
    world.clock.time = SLOT
    (appeared,) = tick(world)
    assert "published to 2 readers" in appeared.said


def test_a_scheduler_killed_between_draft_and_mail_tells_the_editors_later(world: World) -> None:
    ready(world)
    asked: list[str] = []
    drafted = draft_ahead(
        world.app.store, world.mailing_list, lambda: asked.append("refresh"), now=world.clock, nonce=lambda: "7" * 32
    )
    assert drafted is not None  # and then killed
    (appeared,) = tick(world)
    assert "2 told" in appeared.said
    assert len(mails(world)) == 2
    assert asked == ["refresh"]


def test_two_schedulers_tell_the_editors_once(world: World) -> None:
    ready(world)
    apps = [App(world.app.settings, open_store(world.app.settings.database_url), world.app.keys) for _ in range(3)]

    def run(app: App) -> list[Appeared]:
        return list(replace(ticker(world), store=app.store).tick())

    with ThreadPoolExecutor(3) as pool:
        said = [appeared.said for each in pool.map(run, apps) for appeared in each]
    for app in apps:
        app.close()
    assert said == ["Issue 1 of weekly is drafted ahead; editors: 2 told."]
    assert len(mails(world)) == 2


def test_a_draft_made_by_hand_before_is_made_anew_and_told(world: World) -> None:
    ready(world)
    world.clock.forward(hours=-1)
    drafted = world.draft(SLOT.date())
    world.clock.forward(hours=1)
    tick(world)
    assert only_issue(world).id == drafted.id
    assert only_issue(world).window_to == world.clock()
    assert len(mails(world)) == 2


def test_what_an_editor_approved_before_the_tick_is_left_alone(world: World) -> None:
    ready(world)
    approve(world.app.store, world.draft(SLOT.date()).id, now=world.clock())
    assert tick(world) == []
    assert only_issue(world).state is IssueState.APPROVED


def test_a_draft_that_cannot_be_rendered_is_told_with_its_trouble(sqlite_world: World) -> None:
    world = ready(sqlite_world)

    def broken(issue: Issue, mailing_list: MailingList, form: Form = Form.HTML, language: str = "") -> Edition:  # noqa: ARG001  as it is called
        raise DigestError("The e-mail template issue/body.html, line 3, cannot be used.")

    list(replace(ticker(world), render=broken).tick())
    assert "As things are it cannot go out. The e-mail template" in " ".join(mails(world)[0][2].split())


def test_a_wrong_template_of_the_mail_itself_is_said_once(sqlite_world: World, tmp_path: Path) -> None:
    world = ready(sqlite_world)
    (tmp_path / "draft-ready").mkdir()
    (tmp_path / "draft-ready" / "subject.txt").write_text("{{ nonsense }}")
    own = replace(ticker(world), own_templates=tmp_path)
    (appeared,) = own.tick()
    assert "nobody was told: The e-mail template" in appeared.said
    assert list(own.tick()) == []


@pytest.mark.parametrize("hours", [0, 6])
def test_without_editors_nobody_is_told(sqlite_world: World, hours: int) -> None:
    world = ready(sqlite_world, draft_ahead_hours=hours, editors=())
    assert len(tick(world)) == (1 if hours else 0)
    assert mails(world) == []


def test_the_mail_reaches_its_editors_by_the_relay(world: World) -> None:
    ready(world)
    tick(world)
    with SmtpServer() as server:
        deliver(with_relay(world, f"smtp://{server.host}:{server.port}?tls=none").app.sender())
    assert sorted(each.recipient for each in server.messages) == sorted(map(str, EDITORS))
    mail = message_from_bytes(server.messages[0].content, policy=policy.default)
    body = mail.get_body(("plain",))
    assert isinstance(body, EmailMessage)
    assert "Story number 0" in body.get_content()
    assert "List-Unsubscribe" not in mail
