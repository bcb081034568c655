"""Feeds: the addresses that a list's articles come from."""

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, Field

from digest.model.errors import BadInput
from digest.pipeline.checkup import check_feeds
from digest.pipeline.describe import describe_feed
from digest.pipeline.follow import change_feed, follow, unfollow
from digest.pipeline.refresh import refresh_by_hand
from digest.store import Transaction
from digest.web.v1.caller import Caller
from digest.web.v1.gate import ManageKey, Name, Number, ReadKey, room
from digest.web.v1.shapes import FeedShown, Followed, Page, Said

routes = room("feeds")


class NewFeed(Said):
    address: str = Field(max_length=2000, examples=["https://news.example.org/feed.xml"])
    topic: str = Field("", max_length=200)
    weight: float = 1.0
    own: bool = Field(default=False, description="of your own newsroom: its copy of a story leads")


class FeedRead(BaseModel):
    feed: int
    new: int = Field(description="articles")
    error: str = Field(description="why it could not be read, in a sentence")


class FeedSaid(Said):
    weight: float | None = None
    own: bool | None = None


@routes.get("/lists/{name}/feeds", response_model=Page[FeedShown])
def of_list(caller: ReadKey, name: Name) -> Any:
    with caller.app.store.read() as tx:
        return {"items": list(_described(caller, tx, tx.lists.by_name(name).id))}


@routes.post("/lists/{name}/feeds", status_code=201, response_model=Followed)
def add(caller: ManageKey, name: Name, said: NewFeed) -> Any:
    """Follow a feed. It is read once now, so that a wrong address is said at once. A folder of this machine is for the command."""
    if not said.address.strip().lower().startswith(("http://", "https://")):
        raise BadInput("A feed is followed by its address, https://…; a folder only by `digest feed add`.")
    app = caller.app
    followed = follow(
        app.store,
        name,
        said.address.strip(),
        topic=said.topic,
        limits=app.limits,
        weight=said.weight,
        own=said.own,
        now=app.now(),
    )
    return {"feed": _one(caller, followed.feed.id), "others": list(map(str, followed.found.others))}


@routes.post("/lists/{name}/feeds/read", response_model=Page[FeedRead])
def read(caller: ManageKey, name: Name) -> Any:
    """All of a list, now; a site that asked us to wait is waited for."""
    app = caller.app
    with app.store.read() as tx:
        list_id = tx.lists.by_name(name).id
    reports = refresh_by_hand(app.store, app.limits, now=app.now, list_id=list_id)
    return {"items": [{"feed": each.feed.id, "new": each.new, "error": each.error} for each in reports]}


@routes.get("/feeds/{number}", response_model=FeedShown)
def show(caller: ReadKey, number: Number) -> Any:
    return _one(caller, number)


@routes.patch("/feeds/{number}", response_model=FeedShown)
def change(caller: ManageKey, number: Number, said: FeedSaid) -> Any:
    if said.weight is None and said.own is None:
        raise BadInput(f"Nothing to change in feed {number}; say weight or own.")
    change_feed(
        caller.app.store,
        _list_of(caller, number),
        str(number),
        weight=said.weight,
        own=said.own,
        now=caller.app.now(),
    )
    return _one(caller, number)


@routes.delete("/feeds/{number}", status_code=204)
def remove(caller: ManageKey, number: Number) -> None:
    """Follow it no more. Its articles stay."""
    unfollow(caller.app.store, _list_of(caller, number), str(number), now=caller.app.now())


def _list_of(caller: Caller, number: int) -> str:
    with caller.app.store.read() as tx:
        return tx.lists.get(tx.feeds.get(number).list_id).name


def _one(caller: Caller, number: int) -> dict[str, Any]:
    with caller.app.store.read() as tx:
        return next(each for each in _described(caller, tx, tx.feeds.get(number).list_id) if each["id"] == number)


def _described(caller: Caller, tx: Transaction, list_id: int) -> Iterator[dict[str, Any]]:
    name = tx.lists.get(list_id).name
    for feed, checkup in check_feeds(tx, list_id, caller.app.now()):
        yield describe_feed(feed, checkup) | {"list": name}
