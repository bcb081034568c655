"""Former issues on the web: a list's archive, each issue on its page, and the same issue by a reader's own link.

An issue's page is the edition as it was published, cleaned of its readers and between our own header and footer. No script runs
there: what strangers wrote was sanitised when it was read, and a browser is told to run nothing of it all the same (security S16).
"""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from digest.links import Purpose
from digest.model.edition import Edition
from digest.model.errors import NotFound
from digest.model.mailing_list import Archive, MailingList
from digest.model.picture import ServedPicture
from digest.rendering.phrasing import see_direction, shorten
from digest.store import Transaction
from digest.store.archive import Archived
from digest.web.caching import PUBLIC, answer_cached
from digest.web.desk import AtDesk, Desk
from digest.web.neutral import make_neutral
from digest.words import read_direction

routes = APIRouter(include_in_schema=False)
READ = ["GET", "HEAD"]

PAGE = 20  # issues
STANDFIRST = 220  # characters
DESCRIPTION = 200  # of what others show beside a link

#: Pictures may be other sites', as in the mail.
VIEW_POLICY = (
    "default-src 'none'; img-src http: https:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; sandbox allow-popups allow-popups-to-escape-sandbox"
)


@dataclass(frozen=True, slots=True)
class Graph:
    """What a page says of itself to whoever shows a link to it."""

    kind: str
    site: str
    title: str
    description: str
    url: str
    picture: str = ""
    published_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """An issue in the archive's index."""

    issue: Archived
    title: str
    second: str  # the first article's headline, where the subject is another
    standfirst: str
    language: str
    direction: str
    picture: ServedPicture | None


@routes.api_route("/lists/{name}/archive", methods=READ)
def index(request: Request, desk: AtDesk, name: str, page: str = "1") -> Response:
    number = read_number(page)
    with desk.app.store.read() as tx:
        mailing_list = find_list(tx, name)
        extent = tx.archive.extent(mailing_list.id)
        count = max(1, -(-extent.issues // PAGE))
        if not 0 < number <= count:
            return _say_missing(
                desk, tx, mailing_list, desk.pages.words.gettext("There is no such page of the archive")
            )
        issues = tx.archive.page(mailing_list.id, most=PAGE, after=(number - 1) * PAGE)
        pictures = tx.pictures.served(issue.picture.url for issue in issues if issue.picture)
    shown = [_show(issue, mailing_list, pictures) for issue in issues]
    url = desk.app.links.list_page(name, "archive") + (f"?page={number}" if number > 1 else "")
    said = _graph_of_index(desk, mailing_list, shown, url)
    html = desk.pages.render("archive.html", list=mailing_list, issues=shown, number=number, count=count, said=said)
    return answer_cached(
        request, html.encode(), _headers(mailing_list, url), modified_at=extent.newest_at if number == 1 else None
    )


@routes.api_route("/lists/{name}/issues/{number}", methods=READ)
def one_issue(request: Request, desk: AtDesk, name: str, number: str) -> Response:
    words = desk.pages.words
    with desk.app.store.read() as tx:
        mailing_list = find_list(tx, name)
        issue = tx.archive.get(mailing_list.id, read_number(number))
        if issue is None:
            title = words.gettext("There is no issue No. %(number)s", number=number[:9])
            return _say_missing(desk, tx, mailing_list, title)
        older, newer = tx.archive.before(issue, mailing_list.id), tx.archive.behind(issue, mailing_list.id)
        edition = tx.editions.get(issue.edition_id)
        pictures = tx.pictures.served([issue.picture.url] if issue.picture else [])
    url = desk.app.links.list_page(name, f"issues/{issue.number}")
    said = _graph_of_issue(desk, mailing_list, _show(issue, mailing_list, pictures), url)
    html = _framed(desk, mailing_list, edition, older=older, newer=newer, said=said)
    headers = _headers(mailing_list, url) | {"Content-Security-Policy": VIEW_POLICY}
    modified_at = newer.published_at if newer else issue.published_at  # since then its page leads to that one
    return answer_cached(request, html.encode(), headers, modified_at=max(modified_at, issue.published_at))


@routes.api_route("/v/{token}", methods=READ)
def view(desk: AtDesk, token: str) -> HTMLResponse:
    """What a reader's mail shows, in a browser: of those who chose alike, and so with nothing of any one of them."""
    numbers = desk.app.links.read(Purpose.VIEW, token)
    if numbers is None or len(numbers) != 1:
        raise NotFound("This link is not complete. Open it from the mail again, or copy all of it.")
    with desk.app.store.read() as tx:
        edition = tx.editions.get(numbers[0])
        mailing_list = tx.lists.get(edition.list_id)
        is_withdrawn = tx.archive.has_withdrawn(edition.id)
    if edition.mail != "issue":
        raise NotFound("This link leads to no issue.")
    if is_withdrawn:
        words = desk.pages.words
        said = words.gettext("Its editors have taken it from the web. What is in your mailbox stays as it is.")
        return desk.pages.tell(words.gettext("This issue was withdrawn"), said, status=410, of_list=mailing_list)
    headers = {"Content-Security-Policy": VIEW_POLICY, "Cache-Control": "private, no-store", "X-Robots-Tag": "noindex"}
    return HTMLResponse(_framed(desk, mailing_list, edition), headers=headers)


def find_list(tx: Transaction, name: str) -> MailingList:
    """One with an archive. Raises NotFound, in the same words when there is no such list."""
    missing = NotFound("There is no archive here.")
    try:
        mailing_list = tx.lists.by_name(name)
    except NotFound:
        raise missing from None
    if mailing_list.archive is Archive.OFF:
        raise missing
    return mailing_list


def read_number(text: str) -> int:
    """0 for what is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 and text[0] != "0" else 0


def address_of_picture(desk: Desk, picture: ServedPicture | None) -> str:
    return f"{desk.app.links.base_url}/pictures/{picture.wide}" if picture else ""


def robots(mailing_list: MailingList) -> dict[str, str]:
    """For what search engines are to leave out."""
    return {} if mailing_list.archive is Archive.PUBLIC else {"X-Robots-Tag": "noindex"}


def _framed(
    desk: Desk,
    mailing_list: MailingList,
    edition: Edition,
    *,
    older: Archived | None = None,
    newer: Archived | None = None,
    said: Graph | None = None,
) -> str:
    frame = desk.pages.render(
        "archive_frame.html",
        list=mailing_list,
        older=older,
        newer=newer,
        said=said,
        has_archive=mailing_list.archive is not Archive.OFF,
        indexed=said is not None and mailing_list.archive is Archive.PUBLIC,
    )
    return make_neutral(edition, frame)


def _headers(mailing_list: MailingList, url: str) -> dict[str, str]:
    """Of a page that is the same for everybody who reads the same language."""
    return {
        "Content-Type": "text/html; charset=utf-8",
        "Cache-Control": PUBLIC,
        "Vary": "Accept-Language",
        "Link": f'<{quote(url, safe=":/?=&[]%~")}>; rel="canonical"',  # RFC 6596
        **robots(mailing_list),
    }


def _show(issue: Archived, mailing_list: MailingList, pictures: dict[str, ServedPicture]) -> Shown:
    title, second = _titles(issue)
    language = issue.language or mailing_list.language
    return Shown(
        issue=issue,
        title=title,
        second=second,
        standfirst=shorten(issue.standfirst, STANDFIRST),
        language=language,
        direction=see_direction(title, read_direction(language)),
        picture=pictures.get(issue.picture.url) if issue.picture else None,
    )


def _titles(issue: Archived) -> tuple[str, str]:
    """The subject, and below it the first headline; the headline alone where the subject only repeats it, as the usual one does."""
    if not issue.headline:
        return issue.subject, ""
    repeats = shorten(issue.headline, 60).rstrip("…") in issue.subject
    return (issue.headline, "") if repeats else (issue.subject, issue.headline)


def _graph_of_index(desk: Desk, mailing_list: MailingList, shown: list[Shown], url: str) -> Graph:
    title = desk.pages.words.gettext("Former issues of %(list)s", list=mailing_list.title)
    picture = next((each.picture for each in shown if each.picture), None)
    description = mailing_list.tagline or (shown[0].title if shown else title)
    return Graph("website", mailing_list.title, title, description, url, address_of_picture(desk, picture))


def _graph_of_issue(desk: Desk, mailing_list: MailingList, shown: Shown, url: str) -> Graph:
    issue, words = shown.issue, desk.pages.words
    usual = words.gettext(
        "Issue No. %(number)s of %(list)s, %(date)s",
        number=issue.number,
        list=mailing_list.title,
        date=words.long_date(issue.period),
    )
    return Graph(
        kind="article",
        site=mailing_list.title,
        title=issue.subject,
        description=shorten(issue.standfirst, DESCRIPTION) or usual,
        url=url,
        picture=address_of_picture(desk, shown.picture) or (issue.picture.url if issue.picture else ""),
        published_at=issue.published_at,
    )


def _say_missing(desk: Desk, tx: Transaction, mailing_list: MailingList, title: str) -> Response:
    newest = next(iter(tx.archive.page(mailing_list.id, most=1)), None)
    return desk.pages.show("archive_missing.html", 404, list=mailing_list, title=title, newest=newest)
