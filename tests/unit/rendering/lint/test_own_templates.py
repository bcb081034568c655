"""Every mail of ours passes its own checks with no warning: with pictures and without, from right to left, with long words."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from digest.model.article import Article
from digest.model.edition import Edition
from digest.model.finding import Severity
from digest.model.mailing_list import MailingList
from digest.rendering.edition import render_confirmation, render_issue, render_unsubscribed, render_welcome
from digest.rendering.lint import lint_mail, read_mail
from tests.unit.rendering.week import LEAD, SALT, TIDELINE, WEEK, compose, make_issue

ARCHIVE = "https://news.example.org/tideline"
LONG = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen" * 3
ARABIC = "عودة السفينة إلى الميناء بعد غياب طويل"
LISTS = {
    "left to right": TIDELINE,
    "right to left": replace(TIDELINE, language="ar", title="صحيفة الساحل", tagline=ARABIC),
    "long words": replace(TIDELINE, title=LONG[:80], tagline=LONG, postal_address=LONG),
    "bare": replace(TIDELINE, tagline="", postal_address="", reply_to=None),
}


def week(change: Callable[[Article], Article]) -> dict[str, tuple[Article, ...]]:
    return {topic: tuple(map(change, articles)) for topic, articles in WEEK.items()}


def issue_of(change: Callable[[Article], Article]) -> Callable[[MailingList], Edition]:
    return lambda mailing_list: render_issue(make_issue(change(LEAD), week(change)), mailing_list, archive_url=ARCHIVE)


def without_picture(article: Article) -> Article:
    return replace(article, picture=None)


def wordless(article: Article) -> Article:
    return replace(article, summary="", author="", agency="")


def arabic(article: Article) -> Article:
    return replace(article, title=ARABIC, summary=ARABIC, language="ar")


def long_worded(article: Article) -> Article:
    return replace(article, title=LONG, summary=LONG, author=LONG, publisher=LONG)


def tall(article: Article) -> Article:
    picture = article.picture
    return replace(article, picture=picture and replace(picture, width=400, height=900, alt=""))


MAILS: dict[str, Callable[[MailingList], Edition]] = {
    "issue with pictures": issue_of(lambda article: article),
    "issue without pictures": issue_of(without_picture),
    "issue of headlines": issue_of(wordless),
    "issue in Arabic": issue_of(arabic),
    "issue of long words": issue_of(long_worded),
    "issue with tall pictures": issue_of(tall),
    "issue without a lead": lambda mailing_list: render_issue(make_issue(None), mailing_list),
    "issue of one": lambda mailing_list: render_issue(make_issue(LEAD, {}), mailing_list),
    "confirmation": lambda mailing_list: render_confirmation(mailing_list, [mailing_list.title, "Nets"], salt=SALT),
    "welcome": lambda mailing_list: render_welcome(mailing_list, salt=SALT, archive_url=ARCHIVE),
    "goodbye": lambda mailing_list: render_unsubscribed(mailing_list, salt=SALT, signup_url=ARCHIVE),
    "goodbye for good": lambda mailing_list: render_unsubscribed(mailing_list, salt=SALT),
}


@pytest.mark.parametrize("mail", MAILS)
@pytest.mark.parametrize("mailing_list", LISTS)
def test_no_warning(mail: str, mailing_list: str) -> None:
    message = compose(MAILS[mail](LISTS[mailing_list]))
    findings = lint_mail(read_mail(message, salt=SALT))
    assert [str(finding) for finding in findings if finding.severity is not Severity.NOTE] == []
