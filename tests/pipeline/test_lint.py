"""An issue that does not pass its checks does not go out, by hand or by the clock; links are asked for politely and remembered."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from digest.articles.decide import content_hash
from digest.model.choices import Choices
from digest.model.edition import Edition, Form
from digest.model.errors import LintFailed
from digest.model.feed import FetchLimits
from digest.model.finding import Finding, Severity
from digest.model.issue import Issue, IssueState
from digest.model.link_check import LinkCheck, LinkState
from digest.model.mailing_list import MailingList
from digest.pipeline.dead_links import MOST_OF_A_HOST, Manners, check_links
from digest.pipeline.lint import Linter, lint_issue
from digest.pipeline.publish import publish
from digest.pipeline.tick import Ticker
from tests.doubles.feed_server import FeedServer
from tests.pipeline.test_tick import SLOT, ready
from tests.pipeline.world import KEYS, NOW, World, an_article

LIMITS = FetchLimits(max_seconds=5, allow_private=frozenset({"127.0.0.0/8"}))
HASTY = Manners(pause=0)


def linter(world: World, **changes: object) -> Linter:
    app = world.app
    return replace(Linter(app.store, app.links, LIMITS, world.clock, manners=HASTY), **changes)  # type: ignore[arg-type]  # tests change any field


def drafted(world: World, *urls: str, summary: str = "") -> Issue:
    """An issue of articles that lead there."""
    world.subscribe(2)
    world.add_articles(1)
    with world.app.store.write() as tx:
        (feed,) = tx.feeds.of_list()
        for number, url in enumerate(urls, 50):
            article = replace(an_article(number, NOW), url=url, summary=summary)
            tx.articles.add(feed, article, content_hash(article), NOW)
    return world.draft()


def meant(findings: tuple[Finding, ...]) -> list[Finding]:
    return [finding for finding in findings if finding.severity is not Severity.NOTE]


def state(world: World) -> IssueState:
    with world.app.store.read() as tx:
        (issue,) = tx.issues.all()
        return issue.state


def test_a_good_issue_passes(world: World) -> None:
    issue = drafted(world)
    assert meant(lint_issue(world.app.store, issue.id, world.app.render, linter(world), ask=False)) == []
    assert publish(world.app.store, issue.id, world.app.render, KEYS, now=NOW, check=linter(world)).campaign.audience


def test_dead_links_are_found_and_remembered(world: World) -> None:
    with FeedServer() as server:
        issue = drafted(world, server.at("/good"), server.url("/dead"), server.at("/shy", 403))
        store, render = world.app.store, world.app.render
        findings = lint_issue(store, issue.id, render, linter(world))
        asked = Counter(request.path for request in server.requests)
        again = lint_issue(store, issue.id, render, linter(world))
        assert Counter(request.path for request in server.requests) == asked
    (dead,) = meant(findings)
    assert (dead.severity, dead.rule) == (Severity.FAILURE, "dead-link")
    assert dead.said == f"a link is dead, it answered 404 Not Found: {server.url('/dead')}"
    assert f"a link could not be checked, it answered 403 Forbidden: {server.url('/shy')}" in [f.said for f in findings]
    assert again == findings
    assert asked == {"/good": 1, "/dead": 2, "/shy": 2}  # HEAD, and GET where that is refused


def test_our_own_links_are_not_asked_for(world: World) -> None:
    issue = drafted(world)
    with world.app.store.read() as tx:
        mailing_list = tx.lists.get(issue.list_id)
    looks = linter(world)
    mail = looks.read(issue, mailing_list, world.app.render(issue, mailing_list))
    looks.ask([mail])
    with world.app.store.read() as tx:
        assert tx.link_checks.known([f"{world.app.links.base_url}/stories/0"], NOW) == {}
    assert world.app.links.base_url in mail.html


def test_what_is_known_of_links_stops_the_sending(world: World) -> None:
    issue = drafted(world, "https://gone.example/1")
    dead = LinkCheck("https://gone.example/1", LinkState.DEAD, "it answered 410 Gone", NOW)
    with world.app.store.write() as tx:
        tx.link_checks.keep([dead])
    with pytest.raises(
        LintFailed, match=r"does not pass its checks: a link is dead, it answered 410 Gone: https://gone"
    ):
        publish(world.app.store, issue.id, world.app.render, KEYS, now=NOW, check=linter(world))
    assert state(world) is IssueState.DRAFT
    world.clock.forward(hours=2)  # what was dead two hours ago may be back
    publish(world.app.store, issue.id, world.app.render, KEYS, now=NOW, check=linter(world))


def test_an_articles_words_stop_nothing(world: World) -> None:
    issue = drafted(world, "https://example.com/1", summary="Write {{ name }} where the name goes.")
    (warning,) = meant(lint_issue(world.app.store, issue.id, world.app.render, linter(world), ask=False))
    assert (warning.severity, warning.rule) == (Severity.WARNING, "placeholder")


def failing(count: int) -> Callable[..., tuple[Finding, ...]]:
    found = tuple(Finding(Severity.FAILURE, "size", f"too large by {number}") for number in range(count))
    return lambda _issue, _list, _edition: found


def test_failures_are_one_sentence_with_what_to_do(world: World) -> None:
    issue = drafted(world)
    with pytest.raises(LintFailed) as raised:
        publish(world.app.store, issue.id, world.app.render, KEYS, now=NOW, check=failing(3))
    assert str(raised.value) == (
        "Issue 1 does not pass its checks: too large by 0, and 2 more. See `digest issue lint 1`; "
        "`digest issue send 1 --force` sends it as it is."
    )
    assert state(world) is IssueState.DRAFT


def with_text_readers(world: World) -> Issue:
    """An issue in two editions: one of its readers wants plain text."""
    issue = drafted(world)
    one = world.subscribe_one("plain@example.org")
    with world.app.store.write() as tx:
        tx.audiences.choose(one.id, issue.list_id, Choices(form=Form.TEXT), None)
    return issue


def test_each_edition_is_checked_and_what_is_in_both_is_told_once(world: World) -> None:
    issue = with_text_readers(world)
    seen: list[bool] = []
    bad = Finding(Severity.FAILURE, "size", "too large")

    def check(_issue: Issue, _list: MailingList, edition: Edition) -> tuple[Finding, ...]:
        seen.append(bool(edition.html))
        return () if edition.html else (bad,)

    with pytest.raises(LintFailed):
        publish(world.app.store, issue.id, world.app.render, KEYS, now=NOW, check=check)
    assert seen == [True, False]
    assert state(world) is IssueState.DRAFT
    assert meant(lint_issue(world.app.store, issue.id, world.app.render, linter(world), ask=False)) == []
    publish(world.app.store, issue.id, world.app.render, KEYS, now=NOW, check=linter(world))
    findings = lint_issue(world.app.store, issue.id, world.app.render, linter(world), ask=False)  # as it was published
    assert len({(finding.rule, finding.said) for finding in findings}) == len(findings)


def test_the_clock_holds_an_issue_that_does_not_pass(world: World) -> None:
    ready(world)
    world.clock.time = SLOT
    app = world.app
    ticker = Ticker(app.store, FetchLimits(), app.render, KEYS, world.clock, lambda: "7" * 32, check=failing(1))
    (appeared,) = ticker.tick()
    assert "is held: Issue 1 does not pass its checks: too large by 0." in appeared.said
    assert state(world) is IssueState.HELD
    publish(app.store, appeared.issue.id, app.render, KEYS, now=SLOT)  # as --force does
    assert state(world) is IssueState.PUBLISHED


def test_the_clock_sends_an_issue_that_passes(world: World) -> None:
    ready(world)
    world.clock.time = SLOT
    app = world.app
    ticker = Ticker(app.store, FetchLimits(), app.render, KEYS, world.clock, lambda: "7" * 32, check=linter(world))
    (appeared,) = ticker.tick()
    assert "published to 2 readers" in appeared.said


def test_only_the_clients_that_were_set_count(world: World) -> None:
    issue = drafted(world)
    with world.app.store.read() as tx:
        mailing_list: MailingList = tx.lists.get(issue.list_id)
    edition = world.app.render(issue, mailing_list)
    for clients, others in (("apple-mail",), "Outlook (Windows)"), (("outlook.windows",), "Apple Mail"):
        said = [finding.said for finding in linter(world, clients=clients)(issue, mailing_list, edition)]
        assert not any(others in text for text in said)
    assert any("Outlook (Windows)" in text for text in said)


# politeness


def test_a_host_is_asked_one_thing_at_a_time_and_not_too_many(sqlite_world: World) -> None:
    with FeedServer() as server:
        addresses = [server.at(f"/{number}") for number in range(MOST_OF_A_HOST + 5)]
        found = check_links(sqlite_world.app.store, addresses, LIMITS, now=sqlite_world.clock, manners=HASTY)
    assert len(found) == MOST_OF_A_HOST
    assert server.paths == [f"/{number}" for number in range(MOST_OF_A_HOST)]


def test_a_host_that_says_too_many_is_left_alone(sqlite_world: World) -> None:
    with FeedServer() as server:
        addresses = [server.at("/0"), server.at("/1", 429), server.at("/2")]
        check_links(sqlite_world.app.store, addresses, LIMITS, now=sqlite_world.clock, manners=HASTY)
    assert server.paths == ["/0", "/1"]


def test_when_the_time_is_over_nobody_is_asked(sqlite_world: World) -> None:
    with FeedServer() as server:
        addresses = [server.at("/0"), server.at("/1")]
        over = Manners(pause=0, whole=0)
        assert check_links(sqlite_world.app.store, addresses, LIMITS, now=sqlite_world.clock, manners=over) == {}
    assert server.requests == []


def test_without_a_network_nothing_is_dead(sqlite_world: World) -> None:
    nowhere = ["https://one.invalid/", "https://two.invalid/"]  # RFC 6761 §6.4: no resolver may find it
    found = check_links(sqlite_world.app.store, nowhere, LIMITS, now=sqlite_world.clock, manners=HASTY)
    assert {check.state for check in found.values()} == {LinkState.UNKNOWN}


def test_a_host_that_is_gone_is_dead_when_others_are_there(sqlite_world: World) -> None:
    with FeedServer() as server:
        addresses = ["https://nobody.invalid/", server.at("/")]
        found = check_links(sqlite_world.app.store, addresses, LIMITS, now=sqlite_world.clock, manners=HASTY)
    assert found[server.url("/")].state is LinkState.GOOD
    assert found["https://nobody.invalid/"].said == "its host name cannot be resolved"
