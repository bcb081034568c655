"""Issues: one per list and period, frozen when drafted."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product

import pytest

from digest.model.errors import NotFound, WrongState
from digest.model.feed import Picture
from digest.model.issue import ISSUE_MOVES, Also, Correction, IssueContent, IssueItem, IssueState, LeftOut, Section
from digest.store import Store, Transaction
from digest.store.tables import issues
from tests.store import rows
from tests.store.rows import ARTICLE, DAY, HOUR, NOW, TODAY

WEEK = timedelta(days=7)
WINDOW = (NOW - WEEK, NOW)


def content(tx: Transaction, list_id: int) -> IssueContent:
    feed = rows.a_feed(tx, list_id)
    picture = Picture("https://example.org/p.jpg", "A cloud", "Ann / Agency", 800, 600)
    full = replace(ARTICLE, title="Lead “ß” 😀", picture=picture, author="A", publisher="P", agency="G", language="en")
    articles = [full, ARTICLE, replace(ARTICLE, title="Sun")]
    items = [
        IssueItem(
            rows.an_article(tx, feed, f"url:{n}", article=article), topic, article, score=0.1 * n, factors=f"0.{n}"
        )
        for n, (article, topic) in enumerate(zip(articles, ("World", "World", ""), strict=True))
    ]
    items[1] = replace(items[1], also=(Also("Öffi “ß”", "https://example.org/a"), Also("Radio", "")))
    sections = (Section("World", (items[1],)), Section("", (items[2],)))
    correction = Correction(9, 3, "Snow “ß”", "It snowed.", "https://example.org/snow", "en")
    left_out = (LeftOut("Old", "older than a week", 77),)
    return IssueContent(items[0], sections, left_out, "Read “this”", "Dear all.\n\nBye.", (correction,))


def test_a_draft_comes_back_as_it_was_assembled(store: Store) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        issue = tx.issues.get(rows.an_issue(tx, weekly.id))
        assembled = content(tx, weekly.id)
        tx.issues.fill(issue, assembled, WINDOW)
    with store.read() as tx:
        kept = tx.issues.get(issue.id)
    assert kept.content == assembled
    assert (kept.window_from, kept.window_to, kept.state, kept.number) == (*WINDOW, IssueState.DRAFT, 1)
    assert (kept.period, kept.salt, kept.created_at, kept.send_at) == (TODAY, "5a17", NOW, None)


def test_filling_again_replaces_what_was_there(store: Store) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        issue = tx.issues.get(rows.an_issue(tx, weekly.id))
        assembled = content(tx, weekly.id)
        tx.issues.fill(issue, assembled, WINDOW)
        shorter = IssueContent(None, assembled.sections[:1])
        tx.issues.fill(issue, shorter, (NOW - DAY, NOW))
        kept = tx.issues.get(issue.id)
    assert (kept.content, kept.window_from) == (shorter, NOW - DAY)


def test_an_article_edited_later_does_not_change_a_draft(store: Store) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        issue = tx.issues.get(rows.an_issue(tx, weekly.id))
        assembled = content(tx, weekly.id)
        tx.issues.fill(issue, assembled, WINDOW)
        for item in assembled.items:
            tx.articles.change(item.article_id, replace(item.article, title="Edited"), "new", NOW)
        assert tx.issues.get(issue.id).content == assembled


@pytest.mark.parametrize("state", [IssueState.PUBLISHED, IssueState.SENT])
def test_what_was_published_is_never_filled_again(store: Store, state: IssueState) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        draft = tx.issues.get(rows.an_issue(tx, weekly.id))
        assembled = content(tx, weekly.id)
        tx.issues.fill(draft, assembled, WINDOW)
        tx.issues.move(draft.id, IssueState.PUBLISHED)
        tx.issues.move(draft.id, state)
        with pytest.raises(WrongState, match=f"Issue {draft.id} is {state} already"):
            tx.issues.fill(draft, IssueContent(None, ()), WINDOW)
        assert tx.issues.get(draft.id).content == assembled


def test_a_period_has_one_issue(store: Store) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        number = rows.an_issue(tx, weekly.id)
        again = tx.issues.open_slot(weekly.id, TODAY, salt="other", window=WINDOW, now=NOW + HOUR, send_at=NOW + DAY)
        assert again == number
        kept = tx.issues.get(number)
    assert (kept.salt, kept.created_at, kept.send_at) == ("5a17", NOW, NOW + DAY)


def test_only_a_draft_is_given_a_time_to_be_sent(store: Store) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        number = rows.an_issue(tx, weekly.id)
        tx.issues.move(number, IssueState.PUBLISHED, published_at=NOW)
        tx.issues.open_slot(weekly.id, TODAY, salt="other", window=WINDOW, now=NOW, send_at=NOW)
        kept = tx.issues.get(number)
    assert (kept.state, kept.send_at, kept.published_at) == (IssueState.PUBLISHED, None, NOW)


def test_what_was_skipped_before_its_slot_gets_its_chance_at_it(store: Store) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        number = rows.an_issue(tx, weekly.id)
        tx.issues.move(number, IssueState.SKIPPED, reason="nothing new yet")
        tx.issues.open_slot(weekly.id, TODAY, salt="other", window=WINDOW, now=NOW, send_at=NOW)
        kept = tx.issues.get(number)
    assert (kept.state, kept.send_at, kept.reason) == (IssueState.DRAFT, NOW, "")


@pytest.mark.parametrize(("state", "send_at"), [(IssueState.APPROVED, NOW), (IssueState.HELD, None)])
def test_an_approved_issue_gets_its_slot_and_a_held_one_does_not(
    store: Store, state: IssueState, send_at: datetime | None
) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        number = rows.an_issue(tx, weekly.id)
        tx.issues.move(number, state)
        tx.issues.open_slot(weekly.id, TODAY, salt="other", window=WINDOW, now=NOW, send_at=NOW)
        assert (tx.issues.get(number).state, tx.issues.get(number).send_at) == (state, send_at)
        assert [issue.id for issue in tx.issues.to_send(NOW)] == ([number] if send_at else [])


@pytest.mark.parametrize(("state", "sent_at"), [(IssueState.APPROVED, NOW + DAY), (IssueState.DRAFT, NOW)])
def test_a_slot_does_not_overtake_what_an_editor_approved_for_later(
    store: Store, state: IssueState, sent_at: datetime
) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        number = rows.an_issue(tx, weekly.id)
        tx.issues.move(number, state)
        tx.issues.choose_moment(number, NOW + DAY)
        tx.issues.open_slot(weekly.id, TODAY, salt="other", window=WINDOW, now=NOW, send_at=NOW)
        assert tx.issues.get(number).send_at == sent_at
        assert [issue.id for issue in tx.issues.to_send(sent_at)] == [number]


def test_editors_are_told_once(store: Store) -> None:
    with store.write() as tx:
        number = rows.an_issue(tx, rows.a_list(tx).id)
        assert tx.issues.announce(number, NOW)
        assert not tx.issues.announce(number, NOW + HOUR)
        assert tx.issues.get(number).announced_at == NOW


def test_skipped_windows_count_from_the_last_published_issue_on(store: Store) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        for days in (0, 7, 14, 21):
            window = (NOW + (days - 7) * DAY, NOW + days * DAY)
            number = tx.issues.open_slot(weekly.id, TODAY + days * DAY, salt="s", window=window, now=NOW)
            tx.issues.move(number, IssueState.PUBLISHED if days == 7 else IssueState.SKIPPED)
        assert tx.issues.skipped_from(weekly.id) == NOW + 7 * DAY
        assert tx.issues.skipped_from(rows.a_list(tx, "daily").id) is None


def test_numbers_count_up_within_each_list(store: Store) -> None:
    with store.write() as tx:
        weekly, daily = rows.a_list(tx), rows.a_list(tx, "daily")
        made = [rows.an_issue(tx, each.id, TODAY + n * DAY) for n, each in product(range(3), (weekly, daily))]
        assert [tx.issues.get(number).number for number in made] == [1, 1, 2, 2, 3, 3]


def test_a_skipped_number_goes_to_the_next_issue_and_a_late_draft_gets_a_new_one(store: Store) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        first, skipped = rows.an_issue(tx, weekly.id), rows.an_issue(tx, weekly.id, TODAY + DAY)
        tx.issues.move(skipped, IssueState.SKIPPED, reason="nothing new")
        third = rows.an_issue(tx, weekly.id, TODAY + 2 * DAY)
        assert tx.issues.get(third).number == 2
        tx.issues.fill(tx.issues.get(skipped), content(tx, weekly.id), WINDOW)
        numbers = [tx.issues.get(number).number for number in (first, skipped, third)]
    assert numbers == [1, 3, 2]


def test_a_skipped_issue_drafted_before_the_next_keeps_its_number(store: Store) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        rows.an_issue(tx, weekly.id)
        skipped = rows.an_issue(tx, weekly.id, TODAY + DAY)
        tx.issues.move(skipped, IssueState.SKIPPED)
        tx.issues.move(skipped, IssueState.DRAFT)
        assert tx.issues.get(skipped).number == 2
        tx.issues.move(skipped, IssueState.HELD, reason="late")
        assert tx.issues.get(skipped).number == 2


@pytest.mark.parametrize(("old", "new"), list(product(IssueState, IssueState)))
def test_only_legal_moves_move(store: Store, old: IssueState, new: IssueState) -> None:
    legal = new in ISSUE_MOVES[old]
    with store.write() as tx:
        number = rows.an_issue(tx, rows.a_list(tx).id)
        tx._connection.execute(issues.update().values(state=old, reason="before"))
        assert tx.issues.move(number, new, reason="after") is legal
        kept = tx.issues.get(number)
    assert (kept.state, kept.reason) == ((new, "after") if legal else (old, "before"))


def test_drafts_whose_slot_has_come_are_to_be_sent_the_oldest_first(store: Store) -> None:
    with store.write() as tx:
        weekly = rows.a_list(tx)
        for days, send_at in ((0, NOW), (1, NOW - HOUR), (2, NOW + HOUR), (3, None), (4, NOW - DAY)):
            period = TODAY + days * DAY
            tx.issues.open_slot(weekly.id, period, salt="s", window=WINDOW, now=NOW, send_at=send_at)
        tx.issues.move(5, IssueState.HELD)
        assert [issue.id for issue in tx.issues.to_send(NOW)] == [2, 1]
        assert [issue.id for issue in tx.issues.to_send(NOW + HOUR)] == [2, 1, 3]


def test_issues_are_listed_newest_first(store: Store) -> None:
    with store.write() as tx:
        weekly, daily = rows.a_list(tx), rows.a_list(tx, "daily")
        old, new = rows.an_issue(tx, weekly.id), rows.an_issue(tx, weekly.id, TODAY + DAY)
        other = rows.an_issue(tx, daily.id, TODAY - DAY)
        assert [issue.id for issue in tx.issues.all()] == [new, old, other]
        assert [issue.id for issue in tx.issues.all(weekly.id)] == [new, old]
        found = tx.issues.of_period(weekly.id, TODAY)
        assert found
        assert found.id == old
        assert tx.issues.of_period(daily.id, TODAY) is None


@pytest.mark.parametrize("number", [0, -1, 99, 2**31, 2**63, 10**30])
def test_a_number_that_stands_for_nothing_is_said_so(store: Store, number: int) -> None:
    with store.read() as tx, pytest.raises(NotFound, match=f"There is no issue {number};"):
        tx.issues.get(number)
