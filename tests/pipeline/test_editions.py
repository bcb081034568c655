"""Editions on a real database: whose mail holds what, nothing twice, nothing lost, at their hour, and byte for byte again."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from digest.articles.decide import content_hash
from digest.audience.choose import choose_for
from digest.audience.confirm import confirm
from digest.audience.notices import Notices
from digest.audience.sign_up import Application, sign_up
from digest.issues.budget import LARGEST_HTML
from digest.issues.editions import Excluded
from digest.model.address import Address
from digest.model.choices import ChoiceChange
from digest.model.errors import BadInput, NotFound, WrongState
from digest.model.feed import FeedKind
from digest.model.issue import Issue
from digest.model.mailing_list import Rhythm
from digest.model.message import MessageState
from digest.model.subscriber import Consent
from digest.pipeline.deliver import deliver
from digest.pipeline.rehearse import dry_run
from digest.pipeline.replay import replay
from digest.pipeline.trial import preview
from digest.rendering.compose import fill_web
from tests.doubles.smtp_server import Message, SmtpServer
from tests.pipeline.world import KEYS, PERIOD, World, a_feed, an_article, with_relay

DAY = timedelta(days=1)


@pytest.fixture
def daily(world: World) -> World:
    """A list that appears daily, with two topics and every rhythm."""
    changed = replace(world.mailing_list, topics=("Town", "Science"), rhythms=tuple(Rhythm), window_days=2)
    with world.app.store.write() as tx:
        tx.lists.save(changed)
    world.mailing_list = changed
    return world


def tell(world: World, number: int, topic: str, words: str = "") -> None:
    """An article of a topic, with a feed for each."""
    with world.app.store.write() as tx:
        feeds = {feed.topic: feed for feed in tx.feeds.of_list(world.mailing_list.id)}
        location = f"https://news.example.org/{topic}.xml"
        new = replace(a_feed(world.mailing_list.id), location=location, kind=FeedKind.SYNDICATION, topic=topic)
        feed = feeds.get(topic) or tx.feeds.add(new)
        article = an_article(number, world.clock() - timedelta(hours=1))
        article = replace(article, summary=words or article.summary)
        article_id = tx.articles.add(feed, article, content_hash(article), world.clock())
        tx.articles.add_keys(feed.list_id, article_id, [f"url:{article.url}"])


def choose(world: World, reader: str, **said: str) -> None:
    choose_for(world.app.store, reader, "weekly", ChoiceChange(**said), now=world.clock())


def send(world: World, day: int, *articles: tuple[int, str]) -> tuple[Issue, dict[str, Message]]:
    """Publish the issue of that many days on, with these articles, and deliver what is due; by reader."""
    world.clock.time = datetime(2026, 11, 23, 9, tzinfo=UTC) + day * DAY
    for number, topic in articles:
        tell(world, number, topic)
    issue = world.draft(PERIOD + day * DAY)
    with SmtpServer() as server:
        ready = with_relay(world, f"smtp://127.0.0.1:{server.port}?tls=none")
        ready.publish(issue)
        deliver(ready.app.sender())
    return issue, {message.recipient.partition("@")[0]: message for message in server.messages}


def told(message: Message) -> set[int]:
    """Which stories it tells."""
    body = parsed(message).get_body(("plain",))
    assert body is not None
    return {int(number) for number in re.findall(r"stories/(\d+)\s", body.get_content())}


def parsed(message: Message) -> EmailMessage:
    return message_from_bytes(message.content, policy=policy.default)


def test_everybody_gets_their_topics_and_those_without_news_get_nothing(daily: World) -> None:
    for name in ("all", "town", "science"):
        daily.subscribe_one(f"{name}@example.org")
    choose(daily, "town@example.org", topics="Town")
    choose(daily, "science@example.org", topics="Science")
    _, first = send(daily, 0, (1, "Town"), (2, "Science"))
    assert {name: told(mail) for name, mail in first.items()} == {"all": {1, 2}, "town": {1}, "science": {2}}
    _, second = send(daily, 1, (3, "Town"))
    assert {name: told(mail) for name, mail in second.items()} == {"all": {3}, "town": {3}}
    _, third = send(daily, 2, (4, "Science"), (5, "Town"))
    assert {name: told(mail) for name, mail in third.items()} == {"all": {4, 5}, "town": {5}, "science": {4}}


def test_a_paused_reader_catches_up_once(daily: World) -> None:
    daily.subscribe_one("here@example.org")
    daily.subscribe_one("away@example.org")
    send(daily, 0, (1, "Town"))
    choose(daily, "away@example.org", pause_until="2026-11-26")
    for day in (1, 2):
        _, mails = send(daily, day, (1 + day, "Town"))
        assert set(mails) == {"here"}
    _, mails = send(daily, 3, (4, "Town"))
    assert {name: told(mail) for name, mail in mails.items()} == {"here": {4}, "away": {2, 3, 4}}
    _, mails = send(daily, 4, (5, "Town"))
    assert {name: told(mail) for name, mail in mails.items()} == {"here": {5}, "away": {5}}


def test_who_was_refused_is_told_with_the_next_issue(daily: World) -> None:
    daily.subscribe_one("here@example.org")
    away = daily.subscribe_one("away@example.org")
    send(daily, 0, (1, "Town"))
    issue, _ = send(daily, 1, (2, "Town"))
    with daily.app.store.write() as tx:  # as if the next hop had bounced it
        campaign = tx.campaigns.of_issue(issue.id)
        assert campaign is not None
        tx._connection.exec_driver_sql(
            f"UPDATE messages SET state = 'bounced' WHERE campaign_id = {campaign.id} AND subscriber_id = {away.id}"
        )
    _, mails = send(daily, 2, (3, "Town"))
    assert {name: told(mail) for name, mail in mails.items()} == {"here": {3}, "away": {2, 3}}


def test_a_weekly_reader_of_a_daily_list_gets_the_week_on_their_day(daily: World) -> None:
    daily.subscribe_one("daily@example.org")
    daily.subscribe_one("weekly@example.org")
    send(daily, 0, (1, "Town"))
    choose(daily, "weekly@example.org", rhythm="weekly", weekday="fri")
    for day in (1, 2, 3):
        assert set(send(daily, day, (1 + day, "Town"))[1]) == {"daily"}
    _, mails = send(daily, 4, (5, "Town"))
    assert {name: told(mail) for name, mail in mails.items()} == {"daily": {5}, "weekly": {2, 3, 4, 5}}


def test_an_issue_waits_for_its_readers_hour_and_the_sender_does_not(daily: World) -> None:
    daily.subscribe_one("now@example.org")
    daily.subscribe_one("later@example.org")
    choose(daily, "later@example.org", hour="7", zone="Asia/Tokyo")
    issue, mails = send(daily, 0, (1, "Town"))
    assert set(mails) == {"now"}
    with SmtpServer() as server:
        ready = with_relay(daily, f"smtp://127.0.0.1:{server.port}?tls=none")
        deliver(ready.app.sender())
        assert server.messages == []
        daily.clock.time = datetime(2026, 11, 23, 22, tzinfo=UTC)  # 07:00 in Tokyo
        report = deliver(ready.app.sender())
    assert [message.recipient for message in server.messages] == ["later@example.org"]
    assert parsed(server.messages[0])["date"].datetime == daily.clock.time
    assert report.accounts[issue.id].counts == {MessageState.ACCEPTED: 2}


def test_text_alone_has_no_html_and_the_web_edition_all_the_same(daily: World) -> None:
    daily.subscribe_one("text@example.org")
    choose(daily, "text@example.org", form="text")
    _, mails = send(daily, 0, (1, "Town"))
    mail = parsed(mails["text"])
    assert mail.get_content_type() == "text/plain"
    assert told(mails["text"]) == {1}
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    with daily.app.store.read() as tx:
        message = tx.outbox.by_number(1)
        assert message is not None
        edition = tx.editions.get(message.edition_id)
    assert "<html" in fill_web(edition, {})


def test_a_large_issue_fits_and_the_web_has_it_whole(daily: World) -> None:
    """However large: the unsubscribe line stands within what mail programs show."""
    with daily.app.store.write() as tx:
        daily.mailing_list = replace(daily.mailing_list, max_articles=150, max_per_feed=150)
        tx.lists.save(daily.mailing_list)
    daily.subscribe_one("all@example.org")
    for number in range(150):
        tell(daily, number, "Town", "One sentence of a summary that goes on for quite some time, as summaries do. " * 5)
    issue, mails = send(daily, 0)
    body = parsed(mails["all"]).get_body(("html",))
    assert body is not None
    html = body.get_content()
    assert len(html.encode()) <= LARGEST_HTML
    assert "Unsubscribe</a>" in html
    assert "more stories on the web" in html
    edition = daily.edition(issue)
    assert edition is not None
    assert all(f'stories/{number}"' in fill_web(edition, {}) for number in range(150))


def test_what_a_reader_was_sent_is_rebuilt_byte_for_byte_whatever_was_changed_since(daily: World) -> None:
    for name in ("all", "science"):
        daily.subscribe_one(f"{name}@example.org")
    choose(daily, "science@example.org", topics="Science")
    issue, mails = send(daily, 0, (1, "Town"), (2, "Science"))
    with daily.app.store.write() as tx:
        sender = replace(daily.mailing_list.sender, name="Renamed")
        tx.lists.save(replace(daily.mailing_list, title="Renamed", sender=sender, postal_address="Elsewhere"))
    daily.clock.forward(days=365)
    app = daily.app
    for name, mail in mails.items():
        assert replay(app.store, app.links, None, issue.id, Address(name, "example.org")) == mail.content
    with pytest.raises(NotFound, match="not among the readers"):
        replay(app.store, app.links, None, issue.id, Address("nobody", "example.org"))


def test_readers_of_other_languages_get_the_same_articles_in_a_frame_of_theirs(daily: World) -> None:
    for name in ("all", "german", "austrian", "arab"):
        daily.subscribe_one(f"{name}@example.org")
    choose(daily, "german@example.org", language="de")
    choose(daily, "austrian@example.org", language="de-AT")
    choose(daily, "arab@example.org", language="ar")
    issue, mails = send(daily, 0, (1, "Town"), (2, "Science"))
    assert {name: told(mail) for name, mail in mails.items()} == {name: {1, 2} for name in mails}
    words = {name: unsubscribe_words(mail) for name, mail in mails.items()}
    assert words == {
        "all": "Unsubscribe:",
        "german": "Abmelden:",
        "austrian": "Abmelden:",
        "arab": "إلغاء الاشتراك:",
    }
    with daily.app.store.read() as tx:
        assert len(tx.editions.all_of_issue(issue.id)) == 3
    daily.clock.forward(days=365)
    choose(daily, "arab@example.org", language="fr")  # which changes nothing of what was sent
    app = daily.app
    for name, mail in mails.items():
        assert replay(app.store, app.links, None, issue.id, Address(name, "example.org")) == mail.content


def unsubscribe_words(message: Message) -> str:
    body = parsed(message).get_body(("plain",))
    assert body is not None
    lines = body.get_content().splitlines()
    (place,) = (number for number, line in enumerate(lines) if "/u/" in line)
    return str(lines[place - 1])


def test_what_was_not_published_cannot_be_replayed(daily: World) -> None:
    tell(daily, 1, "Town")
    with pytest.raises(WrongState, match="nobody was sent anything"):
        replay(daily.app.store, daily.app.links, None, daily.draft().id, Address("all", "example.org"))


def test_an_issue_remembers_what_it_was_made_with(daily: World) -> None:
    daily.subscribe_one("all@example.org")
    issue, _ = send(daily, 0, (1, "Town"))
    with daily.app.store.read() as tx:
        campaign = tx.campaigns.of_issue(issue.id)
        assert campaign is not None
        frozen = tx.campaigns.frozen(campaign.id)
    edition = daily.edition(issue)
    assert edition is not None
    assert len(edition.templates) == 64
    assert frozen["list"]["title"] == "The Weekly"
    assert frozen["digest"]


def test_who_confirms_gets_the_current_issue_at_once_and_nothing_of_it_again(daily: World) -> None:
    daily.subscribe_one("old@example.org")
    send(daily, 0, (1, "Town"))
    notices = Notices(KEYS, "https://news.example.org")
    token = ask_and_get_token(daily, notices)
    confirm(daily.app.store, notices, token, now=daily.clock())
    confirm(daily.app.store, notices, token, now=daily.clock())
    with SmtpServer() as server:
        deliver(with_relay(daily, f"smtp://127.0.0.1:{server.port}?tls=none").app.sender())
    issues = [message for message in server.messages if parsed(message)["List-Post"] == "NO"]
    assert [(message.recipient, told(message)) for message in issues] == [("new@example.org", {1})]
    _, mails = send(daily, 1, (2, "Town"))
    assert {name: told(mail) for name, mail in mails.items()} == {"old": {2}, "new": {2}}


def ask_and_get_token(world: World, notices: Notices) -> str:
    app = world.app
    application = Application("new@example.org", ("weekly",), Consent("form", "Sign up", world.clock()))
    sign_up(app.store, KEYS, notices, application, now=world.clock(), nonce=app.nonce())
    with app.store.write() as tx:
        (message,) = tx.outbox.claim("me", 10, world.clock())
        tx.outbox.put_back("me")
    return KEYS.confirmation_token(message.slots["confirm"])


def test_a_dry_run_says_who_would_get_what_and_why_the_others_nothing(daily: World) -> None:
    for name in ("all", "town", "weekly", "away", "science"):
        daily.subscribe_one(f"{name}@example.org")
    send(daily, 0, (1, "Town"))
    choose(daily, "town@example.org", topics="Town")
    choose(daily, "science@example.org", topics="Science")
    choose(daily, "weekly@example.org", rhythm="weekly", weekday="sun")
    choose(daily, "away@example.org", pause_until="2027-01-01")
    daily.clock.forward(days=1)
    tell(daily, 2, "Town")
    tell(daily, 3, "")
    issue = daily.draft(PERIOD + DAY)
    app = daily.app
    preview(app.store, issue.id, app.render, app.links, now=daily.clock())
    tell(daily, 4, "Town")
    issue = daily.draft(PERIOD + DAY)
    found = dry_run(app.store, issue.id, app.render, app.links)
    assert [(each.readers, each.topics, each.articles) for each in found.editions] == [(1, (), 3), (1, ("Town",), 2)]
    assert found.excluded == {Excluded.OTHER_RHYTHM: 1, Excluded.NOTHING_NEW: 1, Excluded.PAUSED: 1}
    last, previewed = found.differences
    assert (last.added, last.gone) == (tuple(item.article.title for item in issue.content.items), ("Story number 1",))
    assert (previewed.added, previewed.gone) == (("Story number 4",), ())
    published = daily.publish(issue)
    assert published.audience == found.audience == 2


def test_choices_are_refused_in_words(daily: World) -> None:
    daily.subscribe_one("all@example.org")
    with pytest.raises(BadInput, match="no time zone we know"):
        choose(daily, "all@example.org", zone="Mars/Olympus")
    with pytest.raises(BadInput, match=r"do not speak 'fi'.* en \(English\), de \(Deutsch\)"):
        choose(daily, "all@example.org", language="fi")
    with pytest.raises(NotFound, match="no subscription to weekly"):
        choose(daily, "nobody@example.org", hour="7")


def test_a_reader_who_chooses_while_it_is_rendered_gets_what_they_chose(daily: World) -> None:
    daily.subscribe_one("all@example.org")
    tell(daily, 1, "Town")
    tell(daily, 2, "Science")
    issue = daily.draft(date(2026, 11, 23))
    render = daily.app.render
    chosen: list[bool] = []

    def choosing(*given: object, **more: object) -> object:
        if not chosen:
            choose(daily, "all@example.org", topics="Science")
            chosen.append(True)
        return render(*given, **more)  # type: ignore[arg-type]  # as it was called

    daily.app.__dict__["render"] = choosing
    with SmtpServer() as server:
        ready = with_relay(daily, f"smtp://127.0.0.1:{server.port}?tls=none")
        ready.app.__dict__["render"] = choosing
        ready.publish(issue)
        deliver(ready.app.sender())
    assert [told(message) for message in server.messages] == [{2}]
