"""What templates see: plain frozen values without methods, secrets or surprises (security S23).

Every text has passed `clean`: no control characters, and nothing that could be taken for a slot. Links are http(s) or "".
"""

import dataclasses
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import count
from typing import TypeVar
from urllib.parse import urlsplit

from digest.model.article import Article
from digest.model.edition import Fit
from digest.model.feed import Picture
from digest.model.issue import OTHER_SECTION, Correction, Issue, IssueContent, IssueItem
from digest.model.mailing_list import MailingList
from digest.rendering.phrasing import make_preheader, see_direction, shorten, split_paragraphs
from digest.rendering.slots import token_pattern
from digest.words import read_direction

FEWEST_WORDS = 120  # of fewer we have a teaser only, and its length says nothing about how long one reads
ALSO = 4  # others who tell a story are named; more would be louder than the story
COLUMN = 528  # CSS pixels: a sheet of 600 less its margins

T = TypeVar("T")

_ROOMY = Fit()


@dataclass(frozen=True, slots=True)
class ListView:
    """`list` in every mail."""

    name: str
    title: str
    tagline: str
    language: str  # BCP 47
    direction: str  # "ltr" or "rtl"
    start: str  # where its lines begin, "left" or "right"
    end: str
    sender: str  # the name it is sent under
    sender_address: str
    postal_lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PictureView:
    """Sizes are CSS pixels, None where the feed does not say."""

    url: str
    thumb: str  # the address of a smaller one where there is one, else the same
    alt: str
    credit: str  # the photographer's line
    width: int | None
    height: int | None
    shown_width: int  # of the full column, or less when it is known to have less
    shown_height: int | None  # at that width; None when it is not known, or cropped
    tall: bool  # known to be upright: to be cropped, or it fills the screen


@dataclass(frozen=True, slots=True)
class AlsoView:
    """Who else tells the story."""

    publisher: str
    url: str  # "" when that copy has no page of its own


@dataclass(frozen=True, slots=True)
class ArticleView:
    """An article as templates see it. `body_html` is sanitised, and escaped unless a template says `|safe`."""

    title: str
    url: str  # "" when it has no page of its own
    summary: str
    body_html: str
    author: str
    publisher: str
    agency: str  # "" also when it is the publisher
    minutes: int | None  # to read it; None when we have too little of it to know
    picture: PictureView | None
    photo_credit: str  # also when the picture itself is not to be had
    language: str
    direction: str
    start: str  # where its lines begin, "left" or "right"
    topic: str
    published_on: date
    also: tuple[AlsoView, ...]  # the first few
    also_more: int  # how many others are not named


@dataclass(frozen=True, slots=True)
class SectionView:
    title: str  # "" for articles of no topic
    articles: tuple[ArticleView, ...]
    rest: bool = False  # the others of this list's have topics


@dataclass(frozen=True, slots=True)
class CorrectionView:
    """An article of an earlier issue that reads differently now."""

    title: str
    url: str
    number: int  # of that issue
    language: str
    direction: str


@dataclass(frozen=True, slots=True)
class IssueView:
    """`issue` in the mail of that name."""

    number: int
    date: date
    lead: ArticleView | None
    sections: tuple[SectionView, ...]
    count: int  # of articles, the lead included
    headline: str  # the lead's, or the first there is; "" for an empty issue
    preheader: str
    subject: str = ""  # an editor's own
    intro: tuple[str, ...] = ()  # an editor's paragraphs, above the lead
    intro_direction: str = "ltr"
    corrections: tuple[CorrectionView, ...] = ()
    more: int = 0  # articles that are on the web only


def view_list(mailing_list: MailingList) -> ListView:
    direction = read_direction(mailing_list.language)
    start, end = ("right", "left") if direction == "rtl" else ("left", "right")
    return ListView(
        name=mailing_list.name,
        title=_flatten(mailing_list.title),
        tagline=_flatten(mailing_list.tagline),
        language=mailing_list.language or "en",
        direction=direction,
        start=start,
        end=end,
        sender=_flatten(mailing_list.sender.name) or _flatten(mailing_list.title),
        sender_address=str(mailing_list.sender.address),
        postal_lines=tuple(line.strip() for line in mailing_list.postal_address.splitlines() if line.strip()),
    )


def view_issue(
    issue: Issue, language: str, fit: Fit = _ROOMY, more: int = 0, topics: tuple[str, ...] = ()
) -> IssueView:
    """`more` articles are on the web only: they are not in the issue's content here. `topics` are the list's."""
    content = issue.content
    items = content.items
    titles = [_flatten(item.article.title) for item in items]
    return IssueView(
        number=issue.number,
        date=issue.period,
        lead=_view_item(content.lead, language, fit.lead_summary) if content.lead else None,
        sections=tuple(_view_sections(content, language, fit, topics)),
        count=len(items),
        headline=titles[0] if titles else "",
        preheader=make_preheader(_flatten(items[0].article.summary) if items else "", titles[1:]),
        subject=_flatten(content.subject),
        intro=split_paragraphs(content.intro),
        intro_direction=see_direction(content.intro, read_direction(language)),
        corrections=tuple(_view_correction(each, language) for each in content.corrections),
        more=more,
    )


def view_items(items: Sequence[IssueItem], language: str) -> tuple[ArticleView, ...]:
    """Articles outside of an issue, by their headlines."""
    return tuple(_view_item(item, language, _ROOMY.summary) for item in items)


def clean(value: T, salt: str) -> T:
    """The same value with every text in it made safe to print. Values are texts, views, and collections of them."""
    return _clean(value, token_pattern(salt))


def _clean(value: T, tokens: re.Pattern[str]) -> T:
    if isinstance(value, str):
        printable = value if value.isprintable() else "".join(filter(_is_printable, value))
        return tokens.sub("", printable)  # type: ignore[return-value]  # str in, str out
    if isinstance(value, tuple):
        return tuple(_clean(item, tokens) for item in value)  # type: ignore[return-value]  # a tuple in, a tuple out
    if isinstance(value, list):
        return [_clean(item, tokens) for item in value]  # type: ignore[return-value]  # the same
    if isinstance(value, dict):
        return {name: _clean(item, tokens) for name, item in value.items()}  # type: ignore[return-value]  # the same
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value)]
        return dataclasses.replace(value, **{name: _clean(getattr(value, name), tokens) for name in names})
    return value


def _is_printable(char: str) -> bool:
    # Bidirectional overrides would turn round whatever follows in the same paragraph (security S3).
    if char in "\n\t":
        return True
    return unicodedata.category(char) not in {"Cc", "Cs", "Cn"} and not "\u202a" <= char <= "\u202e"


def _flatten(text: str) -> str:
    return " ".join(text.split())


def _view_correction(each: Correction, language: str) -> CorrectionView:
    direction = see_direction(each.title, read_direction(each.language or language))
    return CorrectionView(
        _flatten(each.title), _keep_web(each.url), each.issue_number, each.language or language, direction
    )


def _view_sections(content: IssueContent, language: str, fit: Fit, topics: tuple[str, ...]) -> Iterator[SectionView]:
    places = count(0 if content.lead is None else 1)
    for section in content.sections:
        views = tuple(
            _view_fitting(item, language, fit, place) for item, place in zip(section.items, places, strict=False)
        )
        if views:
            rest = section.title == OTHER_SECTION and OTHER_SECTION not in topics
            yield SectionView("" if rest else _flatten(section.title), views, rest)


def _view_fitting(item: IssueItem, language: str, fit: Fit, place: int) -> ArticleView:
    view = _view_item(item, language, fit.summary)
    in_full = fit.full is None or place < fit.full
    return view if in_full else replace(view, summary="", picture=None, photo_credit="")


def _view_item(item: IssueItem, language: str, summary: int) -> ArticleView:
    article = item.article
    publisher = _flatten(article.publisher) or _read_host(article.url)
    agency = _flatten(article.agency)
    direction = see_direction(article.title, read_direction(article.language or language))
    return ArticleView(
        title=_flatten(article.title),
        url=_keep_web(article.url),
        summary=shorten(article.summary, summary),
        body_html=article.body_html,
        author=_flatten(article.author),
        publisher=publisher,
        agency="" if agency.casefold() == publisher.casefold() else agency,
        minutes=article.reading_minutes if article.word_count >= FEWEST_WORDS else None,
        picture=_view_picture(article.picture, article),
        photo_credit=_flatten(article.picture.credit) if article.picture else "",
        language=article.language or language,
        direction=direction,
        start="right" if direction == "rtl" else "left",
        topic=_flatten(item.topic),
        published_on=article.published_at.date(),
        also=tuple(AlsoView(_flatten(other.publisher), _keep_web(other.url)) for other in item.also[:ALSO]),
        also_more=len(item.also[ALSO:]),
    )


def _view_picture(picture: Picture | None, article: Article) -> PictureView | None:
    if picture is None or not _keep_web(picture.url):
        return None
    shown_width = min(picture.width or COLUMN, COLUMN)
    tall = bool(picture.width and picture.height and picture.height > picture.width * 0.8)
    return PictureView(
        url=picture.url,
        thumb=_keep_web(picture.thumb) or picture.url,
        alt=_flatten(picture.alt) or _flatten(article.title),
        credit=_flatten(picture.credit),
        width=picture.width,
        height=picture.height,
        shown_width=shown_width,
        shown_height=None if tall else _scale(picture, shown_width),
        tall=tall,
    )


def _scale(picture: Picture, width: int) -> int | None:
    """Its height at that width, if it is known."""
    if not picture.width or not picture.height:
        return None
    return max(1, round(picture.height * width / picture.width))


def _keep_web(url: str) -> str:
    """Escaping does not make `javascript:` harmless: only http(s) links reach a template."""
    return url if url[:8].lower().startswith(("http://", "https://")) else ""


def _read_host(url: str) -> str:
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")
