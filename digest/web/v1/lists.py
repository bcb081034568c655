"""Lists: what people subscribe to, and when it appears."""

from typing import Any

from pydantic import Field

from digest.model.errors import BadInput
from digest.pipeline.describe import describe_list
from digest.pipeline.plan import ListChange, add_list, change_list
from digest.rendering.themes import check_theme
from digest.web.v1.caller import Caller
from digest.web.v1.gate import ManageKey, Name, ReadKey, room
from digest.web.v1.shapes import ListCounts, ListShown, Page, Said

routes = room("lists")


class ListSaid(Said):
    """What is left out stays as it is; "" empties it."""

    title: str | None = Field(None, max_length=500)
    tagline: str | None = Field(None, max_length=1000)
    sender: str | None = Field(None, alias="from", max_length=500, examples=["The Town <news@example.org>"])
    reply_to: str | None = Field(None, max_length=500)
    postal_address: str | None = Field(None, max_length=1000)
    weekdays: str | None = Field(None, max_length=100, examples=["mon,thu"])
    at: str | None = Field(None, max_length=5, examples=["08:00"])
    zone: str | None = Field(None, max_length=64, examples=["Europe/Vienna"])
    catch_up: str | None = Field(None, max_length=20)
    late_hours: int | None = None
    window_days: int | None = None
    min_articles: int | None = None
    max_articles: int | None = None
    max_per_feed: int | None = None
    topics: str | None = Field(None, max_length=2000, examples=["Town, Science"])
    rhythms: str | None = Field(None, max_length=100)
    greets_with_issue: bool | None = None
    says_goodbye: bool | None = None
    language: str | None = Field(None, max_length=35)
    send_within_hours: int | None = None
    seeds: str | None = Field(None, max_length=5000)
    canary_percent: int | None = None
    canary_refused_percent: int | None = None
    max_per_topic: int | None = None
    half_life_hours: int | None = None
    too_few: str | None = Field(None, max_length=20)
    corrections: bool | None = None
    draft_ahead_hours: int | None = None
    editors: str | None = Field(None, max_length=5000)
    theme: str | None = Field(None, max_length=60)
    brand: list[str] | None = Field(None, max_length=50, examples=[["accent=#0b5394"]])
    archive: str | None = Field(None, max_length=20)


class NewList(ListSaid):
    name: str = Field(max_length=48, description="a-z, 0-9 and hyphens; in links and commands", examples=["weekly"])


@routes.get("/lists", response_model=Page[ListShown])
def all_lists(caller: ReadKey) -> Any:
    with caller.app.store.read() as tx:
        return {"items": [describe_list(each) for each in tx.lists.all()]}


@routes.post("/lists", status_code=201, response_model=ListShown)
def add(caller: ManageKey, said: NewList) -> Any:
    """Add a list. Only its name and its sender must be said."""
    return describe_list(add_list(caller.app.store, said.name, _change(caller, said), now=caller.app.now()))


@routes.get("/lists/{name}", response_model=ListShown)
def show(caller: ReadKey, name: Name) -> Any:
    with caller.app.store.read() as tx:
        return describe_list(tx.lists.by_name(name))


@routes.patch("/lists/{name}", response_model=ListShown)
def change(caller: ManageKey, name: Name, said: ListSaid) -> Any:
    wanted = _change(caller, said)
    if wanted.empty:
        raise BadInput(f"Nothing to change in {name}; name what to set, such as title.")
    return describe_list(change_list(caller.app.store, name, wanted, now=caller.app.now()))


@routes.get("/lists/{name}/counts", response_model=ListCounts)
def count(caller: ReadKey, name: Name) -> Any:
    """How many subscriptions are in which state."""
    with caller.app.store.read() as tx:
        return tx.subscribers.counts(tx.lists.by_name(name).id)


def _change(caller: Caller, said: ListSaid) -> ListChange:
    values = said.model_dump(exclude={"name"})
    if said.theme:
        check_theme(said.theme, caller.app.settings.templates)
    return ListChange(**values | {"brand": None if said.brand is None else tuple(said.brand)})
