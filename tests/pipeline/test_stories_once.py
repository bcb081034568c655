"""Each story once: copies in several feeds, through a real database, to the mail."""

from dataclasses import replace
from datetime import timedelta

from digest.articles.decide import content_hash
from digest.model.article import Article
from digest.model.feed import Feed, FeedKind
from digest.model.issue import Also
from digest.model.wish import Wish, WishKind
from digest.pipeline.desk import wish
from digest.pipeline.trial import preview
from tests.pipeline.world import PERIOD, World

TEXT = (
    "An earthquake of magnitude 6.4 shook the islands off Kaledon on Sunday; people ran into the streets of Marisol,"
    " where power was out for hours. No tsunami warning was issued."
)


def add(world: World, site: str, title: str, text: str, *, own: bool = False, words: int = 200) -> None:
    published = world.clock() - timedelta(hours=5)
    url = f"https://{site}.example/quake"
    article = Article(title, url, text, f"<p>{text}</p>", words, published, publisher=site.title())
    feed = Feed(0, world.mailing_list.id, f"https://{site}.example/feed", FeedKind.SYNDICATION, own=own)
    with world.app.store.write() as tx:
        number = tx.articles.add(tx.feeds.add(feed), article, content_hash(article), world.clock())
        tx.articles.add_keys(world.mailing_list.id, number, [f"url:{url}"])


def test_copies_of_a_story_are_one_article_that_names_the_others(world: World) -> None:
    add(world, "post", "Strong earthquake shakes southern islands", TEXT, words=300)
    add(world, "ours", "What the quake did to Marisol", TEXT, own=True)
    add(world, "echo", "Tremor off Kaledon", TEXT.partition(" where")[0])
    add(
        world,
        "radio",
        "Ferry aground",
        "The ferry Aurora ran aground off Skarn Point at dawn; all passengers are safe.",
    )
    issue = world.draft()
    items = {item.article.publisher: item.also for item in issue.content.items}
    others = (Also("Post", "https://post.example/quake"), Also("Echo", "https://echo.example/quake"))
    assert items == {"Ours": others, "Radio": ()}
    reasons = {left.title: left.reason for left in issue.content.left_out}
    assert set(reasons) == {"Strong earthquake shakes southern islands", "Tremor off Kaledon"}
    assert set(reasons.values()) == {"The same story is told by Ours, whose copy leads."}
    files = preview(world.app.store, issue.id, world.app.render, world.app.links, now=world.clock())
    assert b"Also at Post:\nhttps://post.example/quake\n" in files["body.txt"]
    assert b'href="https://echo.example/quake"' in files["body.html"]


def test_what_was_found_stays_when_the_copies_change(world: World) -> None:
    add(world, "post", "Strong earthquake shakes southern islands", TEXT)
    add(world, "echo", "Tremor off Kaledon", TEXT)
    issue = world.draft()
    with world.app.store.write() as tx:
        for kept in tx.articles.candidates(world.mailing_list.id, issue.window_from, issue.window_to, issue.id):
            tx.articles.change(kept.id, replace(kept.article, title="Corrected", summary=""), "new", world.clock())
        assert tx.issues.get(issue.id).content == issue.content


def test_a_story_that_an_earlier_issue_told_is_not_told_again_by_another_feed(world: World) -> None:
    add(world, "post", "Strong earthquake shakes southern islands", TEXT, words=300)
    world.publish(world.draft())
    world.clock.forward(days=1)
    add(world, "echo", "Tremor off Kaledon", TEXT)
    add(world, "radio", "Ferry aground", "The ferry Aurora ran aground off Skarn Point at dawn; all are safe.")
    issue = world.draft(PERIOD + timedelta(days=1))
    assert [item.article.publisher for item in issue.content.items] == ["Radio"]
    assert {left.title: left.reason for left in issue.content.left_out}["Tremor off Kaledon"] == (
        "Issue No. 1 told this story already: “Strong earthquake shakes southern islands”."
    )


def test_an_editor_may_have_it_told_again(world: World) -> None:
    add(world, "post", "Strong earthquake shakes southern islands", TEXT, words=300)
    world.publish(world.draft())
    add(world, "echo", "Tremor off Kaledon", TEXT)
    add(world, "radio", "Ferry aground", "The ferry Aurora ran aground off Skarn Point at dawn; all are safe.")
    issue = world.draft(PERIOD + timedelta(days=1))
    (left,) = (each for each in issue.content.left_out if each.title == "Tremor off Kaledon")
    edited = wish(world.app.store, issue.id, [Wish(WishKind.PIN, left.article_id)], now=world.clock())
    assert {item.article.publisher for item in edited.issue.content.items} == {"Echo", "Radio"}
