"""What goes into an issue, in which order, and why the rest does not; the order of the candidates never matters."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.issues.assemble import LATE_FEED, TooLittle, assemble
from digest.issues.choose import choose_lead
from digest.model.address import Mailbox
from digest.model.article import Article, KeptArticle, Story
from digest.model.feed import Picture
from digest.model.issue import Also, IssueContent
from digest.model.mailing_list import MailingList, Schedule, TooFew

TO = datetime(2026, 11, 23, 8, tzinfo=UTC)
FROM = TO - timedelta(days=7)
PICTURE = Picture("https://example.org/oven.jpg")
LIST = MailingList(
    id=1,
    name="weekly",
    title="The Weekly Loaf",
    sender=Mailbox.parse("loaf@example.org"),
    reply_to=None,
    postal_address="1 Mill Lane",
    list_id="weekly.example.org",
    schedule=Schedule(frozenset({0}), time(8), "Europe/Vienna"),
    topics=("Bread", "Cake"),
)


def kept(
    key: int, *, feed: int = 1, topic: str = "", hours: float = 0, seen: datetime | None = None, **of: object
) -> KeptArticle:
    """Article number `key`, published that many hours (by default `key`) before the end of the window."""
    published = TO - timedelta(hours=hours or key)
    plain = Article(
        title=f"Title {key}",
        url=f"https://example.org/{key}",
        summary=f"Summary {key}.",
        body_html="",
        word_count=100,
        published_at=published,
    )
    return KeptArticle(key, feed, topic, seen or max(published, FROM), replace(plain, **of))  # type: ignore[arg-type] # any field


def content(
    candidates: list[KeptArticle], mailing_list: MailingList = LIST, stories: Sequence[Story] = ()
) -> IssueContent:
    result = assemble(mailing_list, candidates, stories, window_from=FROM, window_to=TO)
    assert isinstance(result, IssueContent)
    return result


def ids(result: IssueContent) -> list[int]:
    return [item.article_id for item in result.items]


def reason(result: IssueContent | TooLittle) -> str:
    (left_out,) = result.left_out
    return left_out.reason


def test_the_newest_come_first_in_their_sections_and_the_lead_stands_in_none() -> None:
    articles = [
        kept(1, topic="Cake"),
        kept(2, topic="Bread"),
        kept(3, picture=PICTURE),
        kept(4, topic="Bread"),
        kept(5, topic="Jam"),
        kept(6),
    ]
    result = content(articles)
    assert result.lead is not None
    assert result.lead.article_id == 3
    shown = [(section.title, [item.article_id for item in section.items]) for section in result.sections]
    assert shown == [("Bread", [2, 4]), ("Cake", [1]), ("More", [5, 6])]
    assert result.left_out == ()
    assert [item.topic for item in result.items] == ["", "Bread", "Bread", "Cake", "Jam", ""]


def test_a_list_without_topics_has_one_section_without_a_title() -> None:
    result = content([kept(1), kept(2, topic="Bread"), kept(3)], replace(LIST, topics=()))
    assert [section.title for section in result.sections] == [""]


def test_one_article_is_a_lead_without_sections() -> None:
    result = content([kept(1)])
    assert (ids(result), result.sections) == ([1], ())


def test_both_ends_of_the_window_are_inside() -> None:
    assert ids(content([kept(1, published_at=TO), kept(2, published_at=FROM)])) == [1, 2]


@pytest.mark.parametrize(
    ("published", "seen", "words"),
    [
        (TO + timedelta(seconds=1), TO, "after this issue's window"),
        (FROM - timedelta(seconds=1), FROM - timedelta(seconds=1), "before this issue's window"),
        (FROM - LATE_FEED - timedelta(seconds=1), TO, "before this issue's window"),
    ],
)
def test_what_is_outside_the_window_is_left_out_in_words(published: datetime, seen: datetime, words: str) -> None:
    result = content([kept(1), kept(2, published_at=published, seen=seen)])
    assert ids(result) == [1]
    assert words in reason(result)


def test_an_article_that_its_feed_brought_late_is_not_lost_between_two_issues() -> None:
    assert ids(content([kept(1), kept(2, published_at=FROM - timedelta(minutes=5), seen=FROM)])) == [1, 2]


def test_a_story_is_told_once_by_its_best_copy_which_says_who_else_has_it() -> None:
    best, second, third = (
        kept(3, feed=3, publisher="The Post"),
        kept(1, publisher="Radio"),
        kept(2, feed=2, publisher="", url="https://www.echo.example/a"),
    )
    result = content([second, third, best, kept(4)], stories=[Story((3, 1, 2))])
    assert ids(result) == [3, 4]
    also = {item.article_id: item.also for item in result.items}
    assert also == {
        3: (Also("Radio", "https://example.org/1"), Also("echo.example", "https://www.echo.example/a")),
        4: (),
    }
    assert {out.reason for out in result.left_out} == {"The same story is told by The Post, whose copy leads."}
    assert len(result.left_out) == 2


def test_a_publisher_is_named_once_and_never_beside_itself() -> None:
    copies = [kept(key, publisher=name) for key, name in enumerate(["Post", "Post", "Radio", "Radio"], 1)]
    (item,) = content(copies, stories=[Story((1, 2, 3, 4))]).items
    assert item.also == (Also("Radio", "https://example.org/3"),)


def test_the_best_copy_that_is_fresh_leads() -> None:
    old = kept(1, hours=24 * 10, publisher="Post")
    result = content([old, kept(2, publisher="Radio"), kept(3, publisher="Echo")], stories=[Story((1, 2, 3))])
    assert [(item.article_id, item.also) for item in result.items] == [(2, (Also("Echo", "https://example.org/3"),))]
    reasons = {out.title: out.reason for out in result.left_out}
    assert "before this issue's window" in reasons["Title 1"]
    assert reasons["Title 3"] == "The same story is told by Radio, whose copy leads."


def test_a_copy_without_a_name_or_an_address_is_left_out_too() -> None:
    result = content([kept(1, url=""), kept(2, url="")], stories=[Story((1, 2))])
    assert [(item.article_id, item.also) for item in result.items] == [(1, ())]
    assert reason(result) == "The same story is told by another article, whose copy leads."


def test_the_caps_hold_and_say_so() -> None:
    capped = replace(LIST, max_per_feed=2, max_articles=3, topics=())
    result = content([kept(1), kept(2), kept(3), kept(4, feed=2), kept(5, feed=3)], capped)
    assert ids(result) == [1, 2, 4]
    assert [(out.title, out.reason) for out in result.left_out] == [
        ("Title 3", "Its feed has 2 articles in this issue already, the most that the list takes; its score is 0.97."),
        ("Title 5", "The issue has 3 articles already, the most that the list takes; its score is 0.95."),
    ]


def test_a_topic_s_cap_holds_and_says_so() -> None:
    capped = replace(LIST, max_per_topic=1)
    result = content([kept(1, topic="Bread"), kept(2, topic="Bread"), kept(3), kept(4)], capped)
    assert sorted(ids(result)) == [1, 3]
    assert [out.reason for out in result.left_out] == [
        "Bread has 1 article already, the most that the list takes of a topic; its score is 0.98.",
        "More has 1 article already, the most that the list takes of a topic; its score is 0.96.",
    ]
    assert ids(content([kept(1), kept(2)], replace(capped, topics=()))) == [1, 2]  # there are no topics to cap


def test_a_heavier_feed_s_older_article_comes_before_a_fresh_one() -> None:
    heavy = replace(kept(30, feed=2), weight=2.0)
    result = content([kept(1), kept(2), heavy], replace(LIST, max_articles=2, topics=()))
    assert ids(result) == [30, 1]
    assert result.items[0].score == pytest.approx(2 * 0.5 ** (30 / 72), abs=1e-4)
    assert result.items[0].factors == "0.75 fresh × 2 weight"


def test_a_story_that_many_tell_comes_before_a_fresher_one() -> None:
    small = replace(LIST, max_articles=1, topics=())
    copies = [kept(key, feed=key, publisher=f"Paper {key}") for key in (11, 12, 13)]
    stories = [Story((10, 11, 12, 13))]
    result = assemble(small, [kept(1), kept(10), *copies], stories, window_from=FROM, window_to=TO)
    assert isinstance(result, IssueContent)
    assert ids(result) == [10]
    assert result.items[0].factors == "0.91 fresh × 1 weight × 1.5 coverage (4 outlets)"


def test_a_short_edition_goes_out_however_little_there_is() -> None:
    short = replace(LIST, min_articles=5, too_few=TooFew.SHORT)
    assert ids(content([kept(1)], short)) == [1]
    assert isinstance(assemble(short, [], window_from=FROM, window_to=TO), TooLittle)


def test_what_is_carried_over_is_said_so() -> None:
    carrying = replace(LIST, min_articles=2, too_few=TooFew.CARRY)
    result = assemble(carrying, [kept(1)], window_from=FROM, window_to=TO)
    assert isinstance(result, TooLittle)
    wanted = "Only 1 article came, and this list asks for 2: no mail, and what came is kept for the next issue."
    assert result.reason == wanted


def test_a_repeat_does_not_use_up_its_feed_s_share() -> None:
    capped = replace(LIST, max_per_feed=1)
    assert ids(content([kept(1), kept(2, feed=2), kept(3)], capped, stories=[Story((2, 1))])) == [2, 3]


def test_nothing_new_means_no_mail() -> None:
    result = assemble(LIST, [kept(1, hours=24 * 10)], window_from=FROM, window_to=TO)
    assert isinstance(result, TooLittle)
    assert (result.found, result.wanted) == (0, 1)
    assert result.reason.startswith("Nothing new means no mail")
    assert "before this issue's window" in reason(result)


@pytest.mark.parametrize(("count", "words"), [(1, "Only 1 article came"), (2, "Only 2 articles came")])
def test_too_little_new_means_no_mail(count: int, words: str) -> None:
    picky = replace(LIST, min_articles=3)
    result = assemble(picky, [kept(key) for key in range(1, count + 1)], window_from=FROM, window_to=TO)
    assert isinstance(result, TooLittle)
    assert result.reason == f"{words}, and this list asks for 3: no mail."


def test_too_little_within_the_limits_means_no_mail() -> None:
    strict = replace(LIST, min_articles=3, max_per_feed=2)
    result = assemble(strict, [kept(key) for key in range(1, 6)], window_from=FROM, window_to=TO)
    assert isinstance(result, TooLittle)
    assert result.reason == "Only 2 of 5 new articles are within this list's limits, and it asks for 3: no mail."
    assert len(result.left_out) == 3


@pytest.mark.parametrize("wanted", [0, -1])
def test_no_setting_makes_an_empty_mail(wanted: int) -> None:
    assert isinstance(assemble(replace(LIST, min_articles=wanted), [], window_from=FROM, window_to=TO), TooLittle)
    for nothing in (replace(LIST, max_articles=0), replace(LIST, max_per_feed=0)):
        assert isinstance(assemble(nothing, [kept(1)], window_from=FROM, window_to=TO), TooLittle)


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (kept(9, picture=PICTURE), kept(1, word_count=5000)),
        (kept(9, picture=replace(PICTURE, width=600)), kept(1, picture=replace(PICTURE, width=88))),
        (kept(9, picture=PICTURE), kept(1, picture=Picture("", credit="Ben"))),
        (kept(9, word_count=101), kept(1, picture=Picture("", credit="Ben"))),
        (kept(9), kept(1, summary="", word_count=5000)),
        (kept(9, word_count=400), kept(1, word_count=399)),
        (kept(1, word_count=400), kept(9, word_count=5000)),
    ],
)
def test_the_lead_is_the_best_by_a_rule_that_one_can_read(better: KeptArticle, worse: KeptArticle) -> None:
    assert choose_lead([worse, better]) is better
    assert choose_lead([better, worse]) is better


articles = st.builds(
    lambda key, feed, topic, hours, title, page, words, pictured: kept(
        key,
        feed=feed,
        topic=topic,
        hours=hours,
        seen=FROM,
        title=f"Title {title}",
        url=f"https://example.org/{page}",
        word_count=words,
        picture=PICTURE if pictured else None,
    ),
    st.integers(1, 10_000),
    st.integers(1, 4),
    st.sampled_from(["", "Bread", "Cake", "Jam"]),
    st.integers(-30, 300),
    st.integers(0, 40),
    st.integers(0, 40),
    st.sampled_from([50, 100]),
    st.booleans(),
)
lists = st.builds(
    lambda least, most, per_feed, topics: replace(
        LIST, min_articles=least, max_articles=most, max_per_feed=per_feed, topics=topics
    ),
    st.integers(0, 3),
    st.integers(0, 12),
    st.integers(0, 5),
    st.sampled_from([(), ("Bread",), ("Cake", "Bread"), ("Bread", "More")]),
)


@given(lists, st.lists(articles, max_size=40, unique_by=lambda kept: kept.id), st.randoms(), st.integers(1, 5))
def test_whatever_comes_every_article_is_in_or_left_out_and_the_caps_hold(
    mailing_list: MailingList,
    candidates: list[KeptArticle],
    random: Random,
    together: int,
) -> None:
    keys = sorted(candidate.id for candidate in candidates)
    stories = [Story(tuple(keys[at : at + together])) for at in range(0, len(keys) // 2, together)]
    result = assemble(mailing_list, candidates, stories, window_from=FROM, window_to=TO)
    shuffled = list(candidates)
    random.shuffle(shuffled)
    assert assemble(mailing_list, shuffled, stories, window_from=FROM, window_to=TO) == result
    assert all(out.reason.endswith(".") for out in result.left_out)
    if isinstance(result, TooLittle):
        assert result.reason
        return
    assert all(len(set(ids(result)) & set(story.article_ids)) <= 1 for story in stories)
    chosen = [candidate for candidate in candidates if candidate.id in ids(result)]
    told = sorted([*(item.article.title for item in result.items), *(out.title for out in result.left_out)])
    assert told == sorted(candidate.article.title for candidate in candidates)
    assert len(chosen) == len(ids(result)) == len(set(ids(result)))
    assert max(1, mailing_list.min_articles) <= len(chosen) <= mailing_list.max_articles
    feeds = [candidate.feed_id for candidate in chosen]
    assert all(feeds.count(feed) <= mailing_list.max_per_feed for feed in feeds)
    assert all(section.items for section in result.sections)
    for section in result.sections:
        dates = [item.article.published_at for item in section.items]
        assert dates == sorted(dates, reverse=True)
