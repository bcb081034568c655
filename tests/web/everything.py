"""A reader who does all that can be done on our pages, and everything that can go wrong: what is shown and answered to them.

The lists and their articles are Arabic, so that in other languages whatever is Arabic is theirs, and in Arabic whatever is Latin ours.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import httpx2

from digest.model.article import Article
from digest.model.event import EventKind
from digest.model.mailing_list import Archive, Rhythm
from digest.model.subscriber import SuppressionReason
from tests.looks.issue import TIDE
from tests.pipeline.world import make_world, with_relay
from tests.web.conftest import Site, open_site
from tests.web.newsroom import add_issues, change_list, publish_week
from tests.web.test_public import suppress
from tests.web.test_reader import confirmed, preferences_link, unsubscribe_link

ANN = "ann@example.org"
#: Of events, those that are about no reader; each other one has a sentence on the page of their data.
OF_CAMPAIGNS = {
    EventKind(kind)
    for kind in ("erased", "published", "sent", "held", "paused", "resumed", "stopped", "retried", "recovered")
}


@contextmanager
def open_coast(url: str) -> Iterator[Site]:
    world = make_world(url)
    site = open_site(world)
    values = {
        "title": "المد والجزر",
        "tagline": "ما تحدث عنه الساحل",
        "sender": TIDE.sender,
        "postal_address": "رصيف الميناء",
        "language": "ar",
        "archive": Archive.PUBLIC,
        "rhythms": tuple(Rhythm),
    }
    change_list(world, **values, topics=("البلدة", "العلوم"))
    with world.app.store.write() as tx:
        evening = replace(world.mailing_list, id=0, name="evening", title="المساء", list_id="evening.example.org")
        tx.lists.add(replace(evening, topics=()), world.clock())
    yield site
    world.app.close()


@dataclass
class Walk:
    """A reader who does all that can be done, and everything that can go wrong, in one language."""

    site: Site
    tag: str
    pages: dict[str, httpx2.Response] = field(default_factory=dict)

    def get(self, name: str, path: str) -> httpx2.Response:
        return self._keep(name, self.site.client.get(self._in_language(path)))

    def post(self, name: str, path: str, **fields: str | list[str]) -> httpx2.Response:
        return self._keep(name, self.site.client.post(self._in_language(path), data=fields))

    def sign_up(self, name: str, email: str, **fields: str | list[str]) -> None:
        stamp = self.site.stamp("/")
        self.site.world.clock.forward(seconds=3)
        self.post(name, "/subscribe", email=email, stamp=stamp, list=["weekly", "evening"], **fields)

    def _in_language(self, path: str) -> str:
        return f"{path}{'&' if '?' in path else '?'}lang={self.tag}"

    def _keep(self, name: str, response: httpx2.Response) -> httpx2.Response:
        assert name not in self.pages
        self.pages[name] = response
        return response


def walk(site: Site, tag: str) -> Walk:
    done = Walk(site, tag)
    site.client.headers["Accept-Language"] = tag
    publish_week(site.world, 0, change=in_arabic)
    with site.world.app.store.write() as tx:
        add_issues(tx, site.world, 21)
    for part in (come_in, confirm, leave, prefer, see_data, move, read, stumble):
        part(done)
    return done


def in_arabic(article: Article) -> Article:
    words = dict.fromkeys(("title", "summary", "publisher", "author", "agency"), f"الخبر {article.url[-2:]}")
    return replace(article, **words, language="ar", body_html="<p>الميناء.</p>", picture=None)  # type: ignore[arg-type]  # all are texts


def come_in(on: Walk) -> None:
    on.get("front", "/")
    on.get("list", "/lists/weekly")
    on.get("boxes", "/embed")
    on.get("box", "/lists/weekly/embed")
    on.sign_up("asked", "new@example.org")
    on.sign_up("no address", "")
    on.sign_up("wrong address", "عنوان")
    on.post("nothing chosen", "/subscribe", email=ANN, stamp=_late(on, "/"))
    on.post("not offered", "/lists/weekly", **{"email": ANN, "stamp": _late(on, "/lists/weekly"), "topic-weekly": "x"})
    on.post("old form", "/lists/weekly", email=ANN)
    on.post("too quick", "/lists/weekly", email=ANN, stamp=on.site.stamp("/lists/weekly"))
    on.post("one more press", "/lists/weekly/embed", email=ANN)
    on.post("one more press for several", "/embed", email=ANN, list=["weekly", "evening"])
    on.post("nothing ticked", "/embed", email=ANN)
    on.get("no list", "/lists/nope")


def confirm(on: Walk) -> None:
    on.get("unknown link", "/c/nothing")
    on.sign_up("asked for expiry", "late@example.org")
    link = f"/c/{on.site.token()}"
    on.get("confirm", link)
    on.site.world.clock.forward(hours=49)
    on.get("expired", link)
    on.get("expired again", f"{link}/again")
    on.post("a new link", f"{link}/again")
    suppress(on.site, "late@example.org", SuppressionReason.COMPLAINT)
    on.get("refused", f"/c/{on.site.token()}")
    on.sign_up("asked to confirm", "cid@example.org")
    link = f"/c/{on.site.token()}"
    on.post("confirmed", link)
    on.post("confirmed already", link)
    number = _number(on, "cid@example.org")
    for each in (1, 2):
        on.site.client.post(on.site.path(on.site.world.app.links.unsubscribe(number, each)))
    on.get("used", link)


def leave(on: Walk) -> None:
    number = confirmed(on.site, "bob@example.org")
    link = unsubscribe_link(on.site, number)
    on.get("unsubscribe", link)
    on.post("no such wish", f"{link}/less", less="never")
    on.post("once a week", f"{link}/less", less="weekly")
    on.post("once a month", f"{link}/less", less="monthly")
    on.post("a pause", f"{link}/less", less="pause")
    on.get("less", f"{link}/less")
    on.post("left", link, by="page")
    on.get("left before", link)
    on.get("why", f"{link}/why")
    on.post("thanks", f"{link}/why", reason="other")
    on.get("ended feed", on.site.path(on.site.world.app.links.feed(number, 1)))
    with on.site.world.app.store.write() as tx:
        tx.subscribers.erase(number)
    on.get("nobody", link)
    on.get("nobody's preferences", preferences_link(on.site, number))
    on.get("cut short", f"{link}x")


def prefer(on: Walk) -> None:
    link = preferences_link(on.site, confirmed(on.site, ANN))
    on.get("preferences", link)
    choices = {"topics": "some", "topic": "البلدة", "rhythm": "weekly", "weekday": "fri", "hour": "7", "pause": "4"}
    on.post("saved", link, do="save", **choices)
    on.get("preferences with a pause", link)
    on.post("mistakes", link, do="save", topics="some", zone="x", language="x")
    on.post("not on offer", link, do="save", topics="some", topic="x")
    on.post("nothing pressed", link)
    on.post("ask for none", link, do="join")
    on.post("ask for one", link, do="join", list="evening")
    on.post("another address", link, do="address", email="moved@example.org")
    on.post("a wrong other address", link, do="address", email="x")
    on.post("ask for data", link, do="data")


def see_data(on: Walk) -> None:
    """With everything that can have happened, and each mail that can have been sent."""
    number = _number(on, ANN)
    with on.site.world.app.store.write() as tx:
        for kind in set(EventKind) - OF_CAMPAIGNS:
            tx.events.add(kind, on.site.world.clock(), subscriber_id=number, list_id=1)
    link = f"/me/{on.site.fresh_token('your-data')}"
    on.get("my data", link)
    on.post("a feed's new address", f"{link}/feed", list="weekly")
    on.post("no feed", f"{link}/feed", list="x")
    on.get("a feed", f"{link}/feed")
    on.get("renewed feed", on.site.path(on.site.world.app.links.feed(number, 1)))
    on.post("unsure", f"{link}/erase")
    on.get("erase", f"{link}/erase")
    on.get("no data", "/me/nothing")


def move(on: Walk) -> None:
    link = f"/address/{on.site.fresh_token('allow-address')}"
    on.get("allow a move", link)
    on.post("asked to move", link)
    link = f"/address/{on.site.fresh_token('confirm-address')}"
    on.get("move", link)
    on.post("moved", link)
    on.get("moved before", link)
    on.post("erased", f"/me/{on.site.fresh_token('your-data')}/erase", sure="yes")
    reader = confirmed(on.site, "eve@example.org")
    on.post("left by preferences", preferences_link(on.site, reader), do="leave")
    on.get("preferences of who has left", preferences_link(on.site, reader))
    on.post("left all", preferences_link(on.site, reader), do="leave-all")


def read(on: Walk) -> None:
    links = on.site.world.app.links
    on.get("archive", "/lists/weekly/archive")
    on.get("archive, page 2", "/lists/weekly/archive?page=2")
    on.get("no page of the archive", "/lists/weekly/archive?page=9")
    on.get("empty archive", "/lists/evening/archive")
    on.get("issue", "/lists/weekly/issues/1")
    on.get("no issue", "/lists/weekly/issues/99")
    on.get("article", on.site.path(links.article(1)))
    on.get("no article", on.site.path(links.article(99)))
    with on.site.world.app.store.read() as tx:
        edition = tx.editions.of_issue(1)
    assert edition is not None
    on.get("in the browser", on.site.path(links.view(edition.id)))


def stumble(on: Walk) -> None:
    """What goes wrong with no fault of a page."""
    on.get("nowhere", "/nope")
    on.post("wrong method", "/")
    on.post("too much", "/lists/weekly", email="x" * 20_000)
    crowd = on.site.seen_from("8.8.4.4")
    for _ in range(9):
        answer = crowd.post(f"/lists/weekly?lang={on.tag}", data={"email": ANN, "stamp": _late(on, "/lists/weekly")})
    on.pages["too many"] = answer
    shut = open_site(with_relay(on.site.world, "smtp://127.0.0.1:1?tls=none", sign_ups=False))
    on.pages["closed"] = shut.client.get(f"/?lang={on.tag}")
    on.pages["closed to a press"] = shut.client.post(f"/lists/weekly/embed?lang={on.tag}", data={"email": ANN})


def _late(on: Walk, page: str) -> str:
    """A form's stamp, from when a person has filled it in."""
    stamp = on.site.stamp(page)
    on.site.world.clock.forward(seconds=3)
    return stamp


def _number(on: Walk, email: str) -> int:
    with on.site.world.app.store.read() as tx:
        return next(each.subscriber.id for each in tx.subscribers.readers() if str(each.subscriber.address) == email)
