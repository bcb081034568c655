"""Which articles tell one story, which copy is best, and that neither depends on the order they come in."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.articles import similarity
from digest.articles.similarity import best_copy_first, stories
from digest.model.article import Article, KeptArticle
from digest.model.feed import Picture

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
PICTURE = Picture("https://example.org/hall.jpg")
FIRE = (
    "Flames tore through Northport's market hall on Tuesday. More than eighty firefighters fought them for six hours."
)
QUAKE = (
    "An earthquake of magnitude 6.4 shook the islands off Kaledon on Sunday; people ran into the streets of Marisol."
)


def kept(
    key: int, title: str, text: str = "", *, feed: int = 0, hours: float = 0, own: bool = False, **of: object
) -> KeptArticle:
    """Article `key`, each from a feed and a site of its own unless it is said."""
    plain = Article(
        title=title,
        url=f"https://feed{feed or key}.example/{key}",
        summary=text,
        body_html="",
        word_count=100,
        published_at=NOON + timedelta(hours=hours),
        publisher=f"Feed {feed or key}",
    )
    return KeptArticle(key, feed or key, "", NOON, replace(plain, **of), own=own)  # type: ignore[arg-type] # any field


def told(*articles: KeptArticle) -> list[tuple[int, ...]]:
    return [story.article_ids for story in stories(articles)]


def test_nothing_and_one_article_have_no_copies() -> None:
    assert told() == []
    assert told(kept(1, "Market hall burns", FIRE)) == []


def test_agency_copy_is_one_story_whatever_its_headline() -> None:
    assert told(kept(1, "Market hall burns", FIRE), kept(2, "Eighty fight blaze", FIRE), kept(3, "Quake", QUAKE)) == [
        (1, 2)
    ]


def test_of_a_cut_text_the_sentence_that_is_left_is_enough() -> None:
    assert told(kept(1, "Market hall burns", FIRE), kept(2, "Blaze", FIRE.partition(". ")[0])) == [(1, 2)]


def test_the_text_counts_where_there_is_no_summary() -> None:
    body = f"<p>{FIRE.replace('Northport', '<b>Northport</b>')}</p>"
    assert told(kept(1, "Market hall burns", FIRE), kept(2, "Blaze", "", body_html=body)) == [(1, 2)]


def test_a_page_is_one_story_whatever_its_words() -> None:
    page = "https://example.org/hall"
    assert told(kept(1, "A", url=page), kept(2, "B", QUAKE, url=f"{page}?utm_source=x")) == [(1, 2)]
    assert told(kept(1, "A", url=""), kept(2, "B", url="")) == []


def test_a_page_that_joins_two_stories_makes_them_one() -> None:
    page = "https://example.org/hall"
    articles = [
        kept(1, "Market hall burns", FIRE),
        kept(2, "Quake off Kaledon", QUAKE, url=page),
        kept(3, "Blaze in market hall", FIRE, url=page, word_count=1),
    ]
    assert told(*articles) == [(1, 2, 3)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Weather for Tuesday", "Weather for Wednesday"),
        ("Das Wetter am Montag", "Das Wetter am Dienstag"),
        ("Round 3: results", "Round 4: results"),
        ("Lantern 4.2 released", "Lantern 4.3 released"),
        ("الطقس يوم الثلاثاء", "الطقس يوم الأربعاء"),
    ],
)
def test_a_column_is_another_story_each_day_in_whatever_words(one: str, other: str) -> None:
    assert told(kept(1, one, FIRE), kept(2, other, FIRE)) == []
    assert told(kept(1, one, FIRE), kept(2, one, FIRE)) == [(1, 2)]


def test_two_days_of_one_columns_headline_are_two_stories() -> None:
    assert told(kept(1, "Morning briefing", FIRE, feed=7), kept(2, "Morning briefing", QUAKE, feed=7)) == []
    assert told(kept(1, "Morning briefing", FIRE, feed=7), kept(2, "Morning briefing", FIRE, feed=7)) == [(1, 2)]


def test_one_site_s_two_feeds_are_one_house() -> None:
    same = [
        kept(key, f"Hall {word}", FIRE, url=f"https://site.example/{key}")
        for key, word in enumerate(("burns", "in flames"), 1)
    ]
    assert told(*same) == []


def test_furniture_that_a_feed_puts_into_each_text_does_not_count() -> None:
    wall = "This article is for subscribers only. Log in or subscribe to read on; a subscription supports independent journalism."
    walled = [kept(key, title, wall, feed=7) for key, title in ((1, "Quay sinks"), (2, "Fog signal"))]
    other = kept(3, "Herring", wall)
    assert told(*walled, other) == []


def test_the_same_words_days_later_are_another_story() -> None:
    assert told(kept(1, "Market hall burns", FIRE), kept(2, "Blaze", FIRE, hours=24 * 5)) == []


def test_two_languages_are_two_stories() -> None:
    german = "Flammen zerstörten am Dienstag die Markthalle in Northport. Mehr als achtzig Feuerwehrleute kämpften sechs Stunden."
    assert told(kept(1, "Market hall burns", FIRE), kept(2, "Markthalle brennt", german)) == []


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (kept(9, "A", own=True, word_count=1, hours=5), kept(1, "A", word_count=400, picture=PICTURE)),
        (kept(9, "A", word_count=101, hours=5), kept(1, "A", picture=PICTURE)),
        (kept(9, "A", word_count=400, picture=PICTURE, hours=5), kept(1, "A", word_count=4000)),
        (kept(9, "A", hours=-1), kept(1, "A", picture=Picture("", credit="Ben"))),
        (kept(1, "A"), kept(9, "A")),
    ],
)
def test_the_best_copy_is_best_by_a_rule_that_one_can_read(better: KeptArticle, worse: KeptArticle) -> None:
    assert sorted([worse, better], key=best_copy_first) == [better, worse]


def test_the_best_copy_comes_first_in_its_story() -> None:
    full, ours = kept(1, "Market hall burns", FIRE, word_count=300), kept(2, "Blaze", FIRE, own=True, word_count=90)
    assert told(full, ours, kept(3, "Fire!", FIRE)) == [(2, 1, 3)]


def test_a_story_with_more_copies_than_are_compared_stays_one() -> None:
    copies = [
        kept(key, f"Northport headline {word}", FIRE) for key, word in enumerate(["red", "blue", "green"] * 30, 1)
    ]
    assert [len(story) for story in told(*copies)] == [90]


titles = st.lists(st.sampled_from(["hall", "burns", "quake", "3", "Tuesday", "Weather", "地震", "العاصفة"]), max_size=5)
texts = st.sampled_from(["", FIRE, QUAKE, FIRE + " " + QUAKE, FIRE[:60], "地震で断水続く、港町の給水所に列"])
heaps = st.lists(
    st.builds(
        lambda key, feed, title, text, page, hours: kept(
            key, " ".join(title), text, feed=feed, url=f"https://s{page % 4}.example/{page}", hours=hours
        ),
        st.integers(1, 10_000),
        st.integers(1, 5),
        titles,
        texts,
        st.integers(0, 20),
        st.integers(0, 200),
    ),
    max_size=25,
    unique_by=lambda article: article.id,
)


@given(heaps, st.randoms())
def test_the_order_never_matters_and_no_article_is_in_two_stories(heap: list[KeptArticle], random: Random) -> None:
    found = stories(heap)
    shuffled: Sequence[KeptArticle] = random.sample(heap, len(heap))
    assert stories(shuffled) == found
    keys = [key for story in found for key in story.article_ids]
    assert len(keys) == len(set(keys))
    assert set(keys) <= {article.id for article in heap}
    assert all(len(story.article_ids) > 1 for story in found)
    by_id = {article.id: article for article in heap}
    for story in found:
        copies = [by_id[key] for key in story.article_ids]
        assert copies == sorted(copies, key=best_copy_first)


def test_the_rarest_terms_find_a_copy_in_a_crowd_of_one_headline() -> None:
    """A term that stands in too many stories is not looked up; the rest of the text still finds the copy."""
    crowd = [
        kept(key, "Weather in town", "Rain and wind in town: " + " ".join(name(key * 9 + at) for at in range(9)))
        for key in range(1, 3 * similarity._CROWDED)
    ]
    copy = kept(999, "Weather in town", crowd[-1].article.summary, hours=1)
    assert told(*crowd, copy) == [(crowd[-1].id, 999)]


def name(number: int) -> str:
    """A word of its own for each number."""
    return "".join("bcdfghklmnprstvw"[int(digit, 16)] + "a" for digit in f"{number:x}")
