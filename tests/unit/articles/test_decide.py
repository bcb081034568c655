"""New, changed, unchanged or refused: every rule as a function of values."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from digest.articles.decide import (
    ArticleDecision,
    ChangedArticle,
    Namesakes,
    NewArticle,
    RefusedEntry,
    UnchangedArticle,
    content_hash,
    decide,
    decide_all,
    name_mark,
)
from digest.articles.identity import identity_keys
from digest.model.article import Article, KnownArticle
from digest.model.feed import Entry, Feed, FeedKind, Picture

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
YESTERDAY = NOW - timedelta(days=1)
FEED = Feed(id=7, list_id=1, location="https://example.org/feed", kind=FeedKind.SYNDICATION, title="The Old Town Baker")
ENTRY = Entry(
    title="Bread rises",
    guid="1",
    url="https://example.org/bread?utm_source=rss",
    summary_html="<p>Ten bakers, one oven</p>",
    content_html="<p>Ten bakers of the old town light one oven.</p>",
    published_at=YESTERDAY,
    author="Ann",
    picture=Picture("https://example.org/oven.jpg", alt=" An\noven ", credit="Ben"),
)


def new(entry: Entry, feed: Feed = FEED) -> NewArticle:
    decision = decide(entry, feed=feed, known={}, now=NOW)
    assert isinstance(decision, NewArticle)
    return decision


def article(entry: Entry) -> Article:
    return new(entry).article


def again(entry: Entry, *, before: Entry = ENTRY, feed: Feed = FEED, owner: int | None = FEED.id) -> ArticleDecision:
    """The decision an hour after `before` was kept."""
    kept = new(before)
    known = KnownArticle(3, owner, kept.content_hash, NOW, kept.article.published_at)
    return decide(entry, feed=feed, known=dict.fromkeys(kept.keys, known), now=NOW + timedelta(hours=1))


def test_an_unknown_entry_is_a_new_article_with_all_its_keys() -> None:
    decision = new(ENTRY)
    assert decision.keys == identity_keys(ENTRY, FEED.id)
    assert decision.content_hash == content_hash(decision.article)
    assert decision.article == Article(
        title="Bread rises",
        url="https://example.org/bread?utm_source=rss",
        summary="Ten bakers, one oven",
        body_html=ENTRY.content_html,
        word_count=9,
        published_at=YESTERDAY,
        author="Ann",
        publisher="The Old Town Baker",
        picture=Picture("https://example.org/oven.jpg", alt="An oven", credit="Ben"),
    )


def test_the_same_entry_again_is_nothing_new() -> None:
    assert again(ENTRY) == UnchangedArticle(3, identity_keys(ENTRY, FEED.id))


@pytest.mark.parametrize(
    "edit",
    [
        replace(ENTRY, title="Bread rises again"),
        replace(ENTRY, content_html="<p>Twelve bakers.</p>"),
        replace(ENTRY, url="https://example.org/bread-rises"),
        replace(ENTRY, guid="2", title="Another headline"),
        replace(ENTRY, picture=None),
    ],
)
def test_an_edit_changes_the_article_and_keeps_its_date(edit: Entry) -> None:
    decision = again(replace(edit, published_at=NOW + timedelta(minutes=30)))
    assert isinstance(decision, ChangedArticle)
    assert decision.article_id == 3
    assert decision.keys == identity_keys(edit, FEED.id)
    assert decision.article.published_at == YESTERDAY


@pytest.mark.parametrize(
    "edit",
    [
        replace(ENTRY, published_at=NOW + timedelta(minutes=30)),
        replace(ENTRY, published_at=None),
        replace(ENTRY, updated_at=NOW),
        replace(ENTRY, url="https://example.org/bread?utm_source=mail"),
        replace(ENTRY, guid="2"),
    ],
)
def test_another_date_guid_or_tracking_parameter_is_no_change(edit: Entry) -> None:
    assert again(edit) == UnchangedArticle(3, identity_keys(edit, FEED.id))


def test_an_undated_article_keeps_its_first_sight() -> None:
    undated = replace(ENTRY, published_at=None)
    decision = again(replace(undated, title="Another"), before=undated)
    assert isinstance(decision, ChangedArticle)
    assert decision.article.published_at == NOW


def test_only_the_feed_that_brought_an_article_changes_it() -> None:
    other = replace(FEED, id=8, title="The Valley Post")
    edit = replace(ENTRY, title="Bread, says our neighbour")
    assert again(edit, feed=other) == UnchangedArticle(3, identity_keys(edit, 8))
    assert isinstance(again(edit, feed=other, owner=None), ChangedArticle)


def test_keys_that_lead_to_two_articles_lead_to_the_older() -> None:
    first, second = identity_keys(ENTRY, FEED.id)
    known = {
        first: KnownArticle(9, FEED.id, "", NOW, NOW),
        second: KnownArticle(5, FEED.id, "", YESTERDAY, YESTERDAY),
    }
    decision = decide(ENTRY, feed=FEED, known=known, now=NOW)
    assert isinstance(decision, ChangedArticle)
    assert decision.article_id == 5


@pytest.mark.parametrize(
    ("claimed", "believed"),
    [
        (YESTERDAY, YESTERDAY),
        (NOW, NOW),
        (NOW + timedelta(minutes=2), NOW),
        (NOW + timedelta(days=400), NOW),
        (datetime(1970, 1, 1, tzinfo=UTC), NOW),
        (datetime(1994, 12, 31, tzinfo=UTC), NOW),
        (datetime(1995, 1, 1, tzinfo=UTC), datetime(1995, 1, 1, tzinfo=UTC)),
        (None, NOW),
    ],
)
def test_a_date_is_believed_from_1995_until_now(claimed: datetime | None, believed: datetime) -> None:
    assert article(replace(ENTRY, published_at=claimed)).published_at == believed


def test_a_feed_that_only_says_when_it_was_updated_is_believed() -> None:
    assert article(replace(ENTRY, published_at=None, updated_at=YESTERDAY)).published_at == YESTERDAY


def test_an_entry_without_title_and_text_is_refused_in_words() -> None:
    decision = decide(Entry(title=" ", url="https://example.org/x"), feed=FEED, known={}, now=NOW)
    assert decision == RefusedEntry("", "An entry (https://example.org/x) has neither a title nor a text.")


def test_a_title_alone_or_a_text_alone_is_enough() -> None:
    assert article(Entry(title="Closed on Friday")).url == ""
    assert article(Entry(title="", content_html="<p>A note.</p>")).title == "A note."


def test_only_web_addresses_are_linked_and_a_permalink_guid_stands_in() -> None:
    entry = Entry(title="A", url="javascript:alert(1)", guid="https://example.org/a b")
    assert article(entry).url == "https://example.org/a%20b"
    assert article(replace(ENTRY, picture=Picture("data:image/png;base64,AA"))).picture is None


def test_a_picture_s_credit_is_kept_where_only_that_is_known() -> None:
    assert article(replace(ENTRY, picture=Picture("", credit=" Ben /\nAgency"))).picture == Picture(
        "", credit="Ben / Agency"
    )


def test_the_publisher_is_the_entry_s_or_the_feed_s_or_the_site_s() -> None:
    nameless = replace(FEED, title="")
    assert article(replace(ENTRY, publisher="Wire")).publisher == "Wire"
    assert new(replace(ENTRY, url="https://www.example.org/a"), nameless).article.publisher == "example.org"


def test_the_topic_is_the_entry_s_own_or_the_feed_s() -> None:
    on_bread = replace(FEED, topic="Bread")
    assert new(ENTRY, on_bread).topic == "Bread"
    assert new(replace(ENTRY, topic=" Cake "), on_bread).topic == "Cake"


def test_words_are_counted_in_the_summary_when_there_is_no_body() -> None:
    assert article(replace(ENTRY, content_html="")).word_count == 4


def test_an_entry_that_stands_twice_in_a_feed_counts_once() -> None:
    other = Entry(title="Else", guid="2")
    decisions = decide_all([ENTRY, replace(ENTRY, title="Copy"), other], feed=FEED, known={}, now=NOW)
    assert [type(decision) for decision in decisions] == [NewArticle, RefusedEntry, NewArticle]
    assert decisions[1] == RefusedEntry("Copy", "'Copy' stands in the feed twice; the first one counts.")


# GUIDs that are worth nothing


def told(*entries: Entry) -> dict[str, KnownArticle]:
    """The keys under which a reading of these entries is kept."""
    known: dict[str, KnownArticle] = {}
    for number, decision in enumerate(decide_all(entries, feed=FEED, known={}, now=NOW), 1):
        if isinstance(decision, NewArticle):
            kept = KnownArticle(number, FEED.id, decision.content_hash, NOW, decision.article.published_at)
            for key in decision.keys:
                known.setdefault(key, kept)
    return known


def entry(name: str, guid: str | None = None, *, page: bool = True, date: datetime | None = YESTERDAY) -> Entry:
    url = f"https://example.org/{name}" if page else None
    return Entry(title=name.title(), guid=guid, url=url, summary_html=f"<p>About {name}.</p>", published_at=date)


def types(*entries: Entry, known: dict[str, KnownArticle], names: Namesakes | None = None) -> list[type]:
    decisions = decide_all(entries, feed=FEED, known=known, now=NOW, namesakes=lambda: names or {})
    return [type(decision) for decision in decisions]


@pytest.mark.parametrize("page", [True, False])
def test_entries_that_share_a_guid_are_articles_of_their_own(page: bool) -> None:
    one, two, three = (entry(name, "0", page=page) for name in ("bread", "cake", "pie"))
    known = told(one, two)
    assert types(one, two, known={}) == [NewArticle, NewArticle]
    assert types(one, two, known=known) == [UnchangedArticle, UnchangedArticle]
    assert types(three, two, known=known) == [NewArticle, UnchangedArticle]


@pytest.mark.parametrize("page", [True, False])
def test_a_guid_that_was_shared_once_stands_for_nobody_from_then_on(page: bool) -> None:
    known = told(entry("bread", "0", page=page), entry("cake", "0", page=page))
    assert types(entry("pie", "0", page=page), known=known) == [NewArticle]


def test_a_revision_beside_the_entry_it_revises_is_still_the_same_entry() -> None:
    assert types(ENTRY, replace(ENTRY, title="Revised"), known={}) == [NewArticle, RefusedEntry]


def test_changed_guids_make_no_article_new_that_has_an_address() -> None:
    before = [entry(name, f"old-{name}") for name in ("bread", "cake")]
    after = [replace(one, guid=f"new-{one.title}") for one in before]
    assert types(*after, known=told(*before)) == [UnchangedArticle, UnchangedArticle]


def named(*entries: Entry) -> Namesakes:
    found: Namesakes = {}
    for number, one in enumerate(entries, 1):
        kept = new(one)
        known = KnownArticle(number, FEED.id, kept.content_hash, NOW, kept.article.published_at)
        marks = [name_mark(kept.article.title, mark) for mark in (kept.article.published_at, kept.content_hash)]
        found = {**found, **dict.fromkeys(marks, known)}
    return found


@pytest.mark.parametrize("date", [YESTERDAY, None, NOW + timedelta(days=1)])
def test_changed_guids_make_no_article_new_that_has_only_its_headline(date: datetime | None) -> None:
    before = [entry(name, f"old-{name}", page=False, date=date) for name in ("bread", "cake")]
    after = [replace(one, guid=f"new-{one.title}") for one in before]
    assert types(*after, known=told(*before), names=named(*before)) == [UnchangedArticle, UnchangedArticle]


def test_a_site_that_moved_with_all_its_addresses_tells_no_news_again() -> None:
    before = [entry(name, name) for name in ("bread", "cake")]
    after = [replace(one, guid=f"new-{one.title}", url=f"https://example.net/{one.title}") for one in before]
    assert types(*after, known=told(*before), names=named(*before)) == [ChangedArticle, ChangedArticle]


def test_a_column_of_one_headline_is_new_each_day_though_nothing_of_it_is_known() -> None:
    before = entry("weather", "monday", page=False, date=YESTERDAY)
    after = replace(before, guid="tuesday", published_at=NOW)
    undated = replace(after, published_at=None, summary_html="<p>Rain.</p>")
    for one in (after, undated):
        assert types(one, known=told(before), names=named(before)) == [NewArticle]


def test_a_headline_counts_only_where_no_guid_is_known() -> None:
    before = [entry(name, name, page=False) for name in ("bread", "cake")]
    copy = replace(before[0], guid="else")
    assert types(*before, copy, known=told(*before), names=named(*before))[-1] is NewArticle
