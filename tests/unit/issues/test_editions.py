"""One issue as its editions: everybody's topics, what they missed, nothing twice, and not too many."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from digest.issues.editions import Cut, Earlier, Excluded, cut_issue
from digest.model.address import Mailbox
from digest.model.article import Article
from digest.model.choices import Choices, Group
from digest.model.edition import Form
from digest.model.issue import Issue, IssueContent, IssueItem, IssueState, Section
from digest.model.mailing_list import MailingList, Rhythm, Schedule

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
LIST = MailingList(
    id=1,
    name="daily",
    title="The Daily",
    sender=Mailbox.parse("daily@example.org"),
    reply_to=None,
    postal_address="1 Mill Lane",
    list_id="daily.example.org",
    schedule=Schedule(frozenset(range(7)), time(8), "Europe/Vienna"),
    max_articles=6,
    topics=("Town", "Science"),
)


def item(number: int, topic: str) -> IssueItem:
    article = Article(f"Title {number}", f"https://example.org/{number}", "Summary.", "", 100, NOW)
    return IssueItem(number, topic, article)


def an_issue(number: int, *, days_ago: int = 0) -> Issue:
    """Its articles are 10 × number …: the lead and one more of Town, one of Science, one of none."""
    lead, town, science, other = (
        item(10 * number + n, topic) for n, topic in enumerate(("Town", "Town", "Science", ""))
    )
    sections = Section("Town", (town,)), Section("Science", (science,)), Section("More", (other,))
    return Issue(
        id=number,
        list_id=1,
        period=TODAY - timedelta(days=days_ago),
        number=number,
        state=IssueState.DRAFT,
        reason="",
        content=IssueContent(lead, sections),
        window_from=NOW,
        window_to=NOW,
        salt="5a17",
        created_at=NOW,
    )


THREE, TWO, ONE = an_issue(3), Earlier(102, an_issue(2, days_ago=1)), Earlier(101, an_issue(1, days_ago=2))
EARLIER = [ONE, TWO]


def group(cursor: int = 102, readers: int = 10, choices_id: int = 0, **chosen: object) -> Group:
    return Group(choices_id, cursor, readers, Choices(**chosen))  # type: ignore[arg-type]  # any of its fields


def numbers(cut: Cut) -> list[int]:
    return [each.article_id for each in cut.content.items]


def only(*groups: Group) -> Cut:
    """The edition of these groups, which are alike."""
    cutting = cut_issue(LIST, THREE, EARLIER, groups)
    (cut,) = (cut for cut in cutting.cuts if cut.groups)
    return cut


def test_who_chose_nothing_and_missed_nothing_gets_the_whole_issue() -> None:
    cut = only(group())
    assert cut.content is THREE.content
    assert cut.readers == 10


def test_a_new_reader_is_told_nothing_old() -> None:
    assert numbers(only(group(cursor=0))) == [30, 31, 32, 33]


def test_topics_narrow_it() -> None:
    cut = only(group(topics=("Science",)))
    assert numbers(cut) == [32]
    assert cut.content.lead is not None
    assert cut.content.sections == ()


def test_all_topics_are_the_whole_issue_with_what_has_none() -> None:
    assert numbers(only(group(topics=("Science", "Town")), group())) == [30, 31, 32, 33]


def test_topics_that_the_list_gave_up_are_no_topics() -> None:
    assert numbers(only(group(topics=("Sport",)))) == [30, 31, 32, 33]


def test_what_was_missed_is_caught_up_the_best_of_each_first_up_to_the_cap() -> None:
    cut = only(group(cursor=101))
    assert numbers(cut)[0] == 30  # the newest issue's lead leads
    assert set(numbers(cut)) == {30, 31, 32, 20, 21, 22}  # six at most: the last of each issue stays behind
    assert [(section.title, [each.article_id for each in section.items]) for section in cut.content.sections] == [
        ("Town", [31, 20, 21]),
        ("Science", [32, 22]),
    ]


def test_what_was_missed_too_long_ago_is_not() -> None:
    old = Earlier(99, an_issue(1, days_ago=36))
    cutting = cut_issue(LIST, THREE, [old, TWO], [group(cursor=98)])
    caught_up = next(cut for cut in cutting.cuts if cut.groups)
    assert not set(numbers(caught_up)) & {10, 11, 12, 13}


def test_a_weekly_reader_gets_nothing_until_their_day_and_then_all() -> None:
    on_monday = group(rhythm=Rhythm.WEEKLY, weekday=0, cursor=100)
    on_friday = group(rhythm=Rhythm.WEEKLY, weekday=4, cursor=100, choices_id=2, readers=3)
    cutting = cut_issue(replace(LIST, max_articles=30), THREE, EARLIER, [on_monday, on_friday])
    assert cutting.readers_without(Excluded.OTHER_RHYTHM) == 3
    (theirs,) = (cut for cut in cutting.cuts if cut.groups)
    assert set(numbers(theirs)) == {number + n for number in (10, 20, 30) for n in range(4)}


def test_nothing_in_their_topics_is_no_mail() -> None:
    bare = replace(THREE, content=replace(THREE.content, sections=THREE.content.sections[:1]))
    cutting = cut_issue(LIST, bare, EARLIER, [group(topics=("Science",), readers=7)])
    assert cutting.readers_without(Excluded.NOTHING_NEW) == 7
    assert [cut.readers for cut in cutting.cuts] == [0]  # the whole issue is there all the same


def test_who_chose_alike_in_effect_shares_an_edition() -> None:
    """Both missed nothing of Science."""
    bare = Earlier(102, replace(TWO.issue, content=replace(TWO.issue.content, sections=())))
    groups = [group(topics=("Science",), cursor=101), group(topics=("Science",), cursor=102, hour=7, choices_id=9)]
    cutting = cut_issue(LIST, THREE, [ONE, bare], groups)
    assert [cut.readers for cut in cutting.cuts] == [0, 20]


def test_text_alone_is_an_edition_of_its_own() -> None:
    cutting = cut_issue(LIST, THREE, EARLIER, [group(), group(choices_id=4, form=Form.TEXT)])
    assert [(cut.form, cut.readers) for cut in cutting.cuts] == [(Form.HTML, 10), (Form.TEXT, 10)]


def test_another_language_is_an_edition_of_its_own_and_the_lists_is_not() -> None:
    german = replace(LIST, language="de-AT")
    groups = [
        group(),
        group(choices_id=1, language="de"),
        group(choices_id=2, language="ar"),
        group(choices_id=3, language="fi"),  # which we do not speak
        group(choices_id=4, language="en"),
    ]
    cutting = cut_issue(german, THREE, EARLIER, groups)
    assert [(cut.language, cut.readers) for cut in cutting.cuts] == [("de", 30), ("ar", 10), ("en", 10)]
    assert [cut.content for cut in cutting.cuts] == [THREE.content] * 3


def test_there_are_never_too_many_and_the_smallest_get_the_whole_issue() -> None:
    groups = [
        group(choices_id=1, readers=50, topics=("Science",)),
        group(choices_id=2, readers=5, topics=("Town",)),
        group(choices_id=3, readers=4, topics=("Town",), form=Form.TEXT),
        group(choices_id=4, readers=3, cursor=101),
    ]
    cutting = cut_issue(LIST, THREE, EARLIER, groups, most=3)
    assert [(cut.form, cut.readers, numbers(cut)) for cut in cutting.cuts] == [
        (Form.HTML, 8, [30, 31, 32, 33]),
        (Form.HTML, 50, [32]),
        (Form.TEXT, 4, [30, 31, 32, 33]),
    ]
    assert cutting.folded == 3


CHOICES = st.builds(
    Choices,
    topics=st.sets(st.sampled_from(["Town", "Science", "Sport"])).map(lambda found: tuple(sorted(found))),
    rhythm=st.sampled_from(Rhythm),
    weekday=st.none() | st.integers(0, 6),
    language=st.sampled_from(["", "de", "ar"]),
    form=st.sampled_from(Form),
)
GROUPS = st.lists(
    st.tuples(st.integers(0, 103), st.integers(1, 99), CHOICES), max_size=12, unique_by=lambda each: each[0]
)


@given(GROUPS, st.integers(7, 20))
def test_every_reader_is_in_one_edition_or_excluded_and_is_told_nothing_twice(
    found: list[tuple[int, int, Choices]], most: int
) -> None:
    groups = [Group(number, cursor, readers, choices) for number, (cursor, readers, choices) in enumerate(found)]
    cutting = cut_issue(LIST, THREE, EARLIER, groups, most=most)
    assert cutting.cuts[0].content is THREE.content
    assert len(cutting.cuts) <= most
    told = [each for cut in cutting.cuts for each in cut.groups]
    kept_out = [each for theirs in cutting.excluded.values() for each in theirs]
    assert sorted(told + kept_out, key=lambda each: each.choices_id) == groups
    for cut in cutting.cuts:
        assert len(set(numbers(cut))) == len(numbers(cut))
        for theirs in cut.groups:
            had = {n for each in EARLIER if 0 < each.campaign_id <= theirs.cursor for n in map_numbers(each.issue)}
            assert not had & set(numbers(cut))


def map_numbers(issue: Issue) -> list[int]:
    return [each.article_id for each in issue.content.items]
