"""A list's issues for feed readers, as Atom and JSON Feed; and for one reader, by their own link, the articles of their choice.

A reader's own link shows what they chose and nothing else: no address is in it, and nothing can be changed by it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import groupby

from fastapi import APIRouter, Request
from fastapi.responses import Response

from digest.issues.editions import narrowed_to
from digest.links import Purpose
from digest.model.errors import NotFound
from digest.model.mailing_list import MailingList
from digest.model.subscriber import Subscription, SubscriptionState
from digest.model.web_address import is_web_address
from digest.rendering.bulletin import Bulletin, BulletinItem, make_id, write_atom, write_json
from digest.store import Transaction
from digest.store.archive import Archived, ArchivedStory
from digest.web.archive import READ, address_of_picture, find_list, robots
from digest.web.caching import OWN, PUBLIC, answer_cached
from digest.web.desk import AtDesk, Desk
from digest.words import words_in

routes = APIRouter(include_in_schema=False)

ISSUES = 20
STORIES = 60

#: A browser shows a feed as a document; nothing in it is to be run or fetched.
BULLETIN_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"


@dataclass(frozen=True, slots=True)
class _Form:
    page: str
    media_type: str
    write: Callable[[Bulletin], bytes]


ATOM = _Form("feed.atom", "application/atom+xml; charset=utf-8", write_atom)
JSON = _Form("feed.json", "application/feed+json; charset=utf-8", write_json)


@routes.api_route("/lists/{name}/feed.atom", methods=READ)
def atom(request: Request, desk: AtDesk, name: str) -> Response:
    return _answer_issues(request, desk, name, ATOM)


@routes.api_route("/lists/{name}/feed.json", methods=READ)
def json_feed(request: Request, desk: AtDesk, name: str) -> Response:
    return _answer_issues(request, desk, name, JSON)


@routes.api_route("/f/{token}", methods=READ)
def own(request: Request, desk: AtDesk, token: str) -> Response:
    """410 tells a feed reader to ask no more (RFC 9110 §15.5.11): its reader has left, or was erased."""
    numbers = desk.app.links.read(Purpose.FEED, token)
    if numbers is None or len(numbers) not in (2, 3):
        raise NotFound("This link is not complete. Copy all of it.")
    with desk.app.store.read() as tx:
        number, list_id, feed_number = (*numbers, 0)[:3]
        reader = tx.subscribers.known_as(number)
        subscription = tx.subscribers.subscription(reader.id, list_id) if reader else None
        if subscription is None or subscription.state is not SubscriptionState.CONFIRMED:
            return _say_ended(desk, desk.pages.words.gettext("It came with a subscription that is there no more."))
        if subscription.feed_number != feed_number:
            return _say_ended(desk, desk.pages.words.gettext("Its reader has given it another address."))
        bulletin = _of_reader(desk, tx, subscription)
    headers = _headers(ATOM, OWN) | {"X-Robots-Tag": "noindex"}
    return answer_cached(request, write_atom(bulletin), headers, modified_at=bulletin.updated_at)


def _say_ended(desk: Desk, why: str) -> Response:
    return desk.pages.tell(desk.pages.words.gettext("This feed has ended"), why, status=410)


def _answer_issues(request: Request, desk: Desk, name: str, form: _Form) -> Response:
    with desk.app.store.read() as tx:
        mailing_list = find_list(tx, name)
        bulletin = _of_list(desk, tx, mailing_list, desk.app.links.list_page(name, form.page))
    headers = _headers(form, PUBLIC) | robots(mailing_list)
    return answer_cached(request, form.write(bulletin), headers, modified_at=bulletin.updated_at)


def _headers(form: _Form, caching: str) -> dict[str, str]:
    return {"Content-Type": form.media_type, "Cache-Control": caching, "Content-Security-Policy": BULLETIN_POLICY}


def _of_list(desk: Desk, tx: Transaction, mailing_list: MailingList, own_url: str) -> Bulletin:
    """In the list's language, whatever the asker's: a feed reader asks for many."""
    since = tx.archive.begins_at(mailing_list.id)
    issues = sorted(tx.archive.page(mailing_list.id, most=ISSUES), key=lambda issue: issue.published_at, reverse=True)
    stories: dict[int, list[ArchivedStory]] = {issue.id: [] for issue in issues}
    for story in tx.archive.stories(stories):
        stories[story.issue_id].append(story)
    pictures = tx.pictures.served(issue.picture.url for issue in issues if issue.picture)

    def item(issue: Archived) -> BulletinItem:
        picture = pictures.get(issue.picture.url) if issue.picture else None
        return BulletinItem(
            id=make_id(mailing_list.list_id, since, "issues", issue.number),
            title=issue.subject,
            url=desk.app.links.list_page(mailing_list.name, f"issues/{issue.number}"),
            published_at=issue.published_at,
            updated_at=issue.published_at,  # it never changes
            summary=issue.standfirst,
            html=_tell(desk, stories[issue.id], address_of_picture(desk, picture)),
            language=mailing_list.language,
            picture=address_of_picture(desk, picture),
        )

    return Bulletin(
        id=make_id(mailing_list.list_id, since, "issues"),
        title=mailing_list.title,
        subtitle=mailing_list.tagline,
        own_url=own_url,
        page_url=desk.app.links.list_page(mailing_list.name, "archive"),
        author=mailing_list.sender.name or mailing_list.title,
        language=mailing_list.language,
        updated_at=issues[0].published_at if issues else since,
        items=tuple(map(item, issues)),
    )


def _tell(desk: Desk, stories: list[ArchivedStory], picture: str) -> str:
    sections = [(title, list(those)) for title, those in groupby(stories, key=lambda story: story.section)]
    return desk.pages.render("bulletin.html", sections=sections, picture=picture, address=partial(_address, desk))


def _address(desk: Desk, story: ArchivedStory) -> str:
    """Its own, or ours of an article that has none: nothing but http(s) leads out of here."""
    return story.url if is_web_address(story.url) else desk.app.links.article(story.article_id)


def _of_reader(desk: Desk, tx: Transaction, subscription: Subscription) -> Bulletin:
    mailing_list = tx.lists.get(subscription.list_id)
    since = tx.archive.begins_at(mailing_list.id)
    topics = narrowed_to(mailing_list, tx.audiences.choices(subscription.choices_id))
    stories = tx.archive.newest_stories(mailing_list.id, topics, STORIES)
    words = words_in(mailing_list.language)
    chosen = words.gettext("Your topics: %(topics)s", topics=words.join(topics)) if topics else mailing_list.tagline
    own_url = desk.app.links.feed(subscription.subscriber_id, mailing_list.id, subscription.feed_number)
    return Bulletin(
        id=make_id(mailing_list.list_id, since, "readers", own_url.rpartition("/")[2]),
        title=mailing_list.title,
        subtitle=chosen,
        own_url=own_url,
        page_url=desk.app.links.list_page(mailing_list.name),
        author=mailing_list.sender.name or mailing_list.title,
        language=mailing_list.language,
        updated_at=max((story.told_at for story in stories), default=since),
        items=tuple(_item(desk, mailing_list, since, story) for story in stories),
    )


def _item(desk: Desk, mailing_list: MailingList, since: datetime, story: ArchivedStory) -> BulletinItem:
    return BulletinItem(
        id=make_id(mailing_list.list_id, since, "articles", story.article_id),
        title=story.title,
        url=_address(desk, story),
        published_at=story.published_at,
        updated_at=story.told_at,
        summary=story.summary,
        language=story.language,
        author=story.publisher or story.author,
        topic=story.topic,
    )
