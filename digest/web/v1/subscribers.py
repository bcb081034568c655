"""Subscribers: search, one's whole story, and what operators do about them."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel, Field

from digest.audience.choose import choose_for
from digest.audience.enrol import add_subscriber
from digest.audience.judge import Enrolled
from digest.audience.new_address import Clerk, change_address
from digest.audience.person import erase_person
from digest.audience.remind import remind
from digest.audience.search import read_search
from digest.audience.story import Story, address_of, tell_story
from digest.audience.suppress import suppress_address
from digest.audience.unsubscribe import BY_OPERATOR, Left, unsubscribe, unsubscribe_all
from digest.model.choices import ChoiceChange
from digest.model.edition import Form
from digest.model.event import EventKind
from digest.model.mailing_list import Rhythm
from digest.model.message import MessageState
from digest.model.operator import ActKind
from digest.model.subscriber import SubscriptionState, SuppressionReason
from digest.store.readers import ReaderLine
from digest.web.v1.caller import Caller
from digest.web.v1.gate import After, Limit, Number, ReadersChangeKey, ReadersKey, room
from digest.web.v1.shapes import Said

routes = room("subscribers")


class SubscriptionShown(BaseModel):
    list: str
    state: SubscriptionState
    consent_source: str
    consent_text: str
    consent_at: datetime
    confirmed_at: datetime | None
    unsubscribed_at: datetime | None
    paused_until: date | None


class SubscriberLine(BaseModel):
    id: int
    address: str
    name: str
    language: str
    created_at: datetime
    suppressed: SuppressionReason | None
    subscriptions: list[SubscriptionShown]


class SubscriberPage(BaseModel):
    items: list[SubscriberLine]
    next: int | None = Field(description="`after` for the next page; null on the last one")
    looked_further: bool = Field(
        description="so many readers were looked at for this page that some may be on the next, even if this one is empty"
    )


class ChoicesShown(BaseModel):
    topics: list[str]
    rhythm: Rhythm
    weekday: int | None
    hour: int | None
    zone: str
    language: str
    form: Form


class MailShown(BaseModel):
    mail: str
    subject: str
    list: str
    state: MessageState
    made_at: datetime
    settled_at: datetime | None
    said: str


class EventShown(BaseModel):
    kind: EventKind
    at: datetime
    list: str
    detail: dict[str, Any]


class ActAbout(BaseModel):
    kind: ActKind
    at: datetime
    actor: str


class SubscriberShown(SubscriberLine):
    choices: dict[str, ChoicesShown] = Field(description="by the names of lists")
    mails: list[MailShown] = Field(description="the latest, newest first")
    events: list[EventShown] = Field(description="likewise")
    acts: list[ActAbout] = Field(description="of operators about them, likewise")


class NewSubscriber(Said):
    address: str = Field(max_length=320, examples=["ann@example.org"])
    list: str = Field(max_length=48, examples=["weekly"])
    name: str = Field("", max_length=500)
    language: str = Field("", max_length=35)
    confirmed: bool = Field(
        default=False, description="they agreed already; needs `consent`. Else they are asked by mail"
    )
    consent: str = Field("", max_length=1000, description="how and when they agreed; kept as evidence")


class EnrolledShown(BaseModel):
    became: Enrolled


class OfList(Said):
    list: str | None = Field(None, max_length=48, description="all lists if left out")


class LeftLists(BaseModel):
    left: int = Field(description="lists that they left just now")


class NewAddress(Said):
    address: str = Field(max_length=320)


class Moved(BaseModel):
    merged: bool = Field(description="the new address was a reader's too; they are one now")


class Suppressed(BaseModel):
    suppressed: bool = Field(description="false when it was before")


class Asked(BaseModel):
    due_at: datetime


class ChoicesSaid(Said):
    """What is left out stays as it is; "" takes the list's own."""

    topics: str | None = Field(None, max_length=2000)
    rhythm: str | None = Field(None, max_length=20)
    weekday: str | None = Field(None, max_length=20)
    hour: str | None = Field(None, max_length=2)
    zone: str | None = Field(None, max_length=64)
    language: str | None = Field(None, max_length=35)
    form: str | None = Field(None, max_length=10)
    pause_until: str | None = Field(None, max_length=10)


@routes.get("/subscribers", response_model=SubscriberPage)
def search(  # noqa: PLR0917  each is a parameter of the query
    caller: ReadersKey,
    q: Annotated[str, Query(max_length=320, description="how the address or the name begins")] = "",
    list_name: Annotated[str, Query(alias="list", max_length=48)] = "",
    state: Annotated[str, Query(max_length=20)] = "",
    where: Annotated[
        list[str],
        Query(max_length=20, description="conditions as of segments, all of which must hold: `language is de`"),
    ] = [],  # noqa: B006  FastAPI copies it
    after: After = None,
    limit: Limit = 50,
) -> Any:
    """The newest first."""
    with caller.app.store.read() as tx:
        wanted = read_search(tx, q, list_name, state, where)
        found = tx.readers.page(wanted, caller.app.now(), before=after, limit=limit)
        names = {each.id: each.name for each in tx.lists.all()}
    items = [_line(each, names) for each in found.readers]
    return {"items": items, "next": found.next, "looked_further": found.looked_further}


@routes.post("/subscribers", status_code=201, response_model=EnrolledShown)
def add(caller: ReadersChangeKey, said: NewSubscriber) -> Any:
    """Bring a reader along. Who left, or must not be mailed, is never brought back by this."""
    app = caller.app
    values = said.model_dump(exclude={"list"})
    became = add_subscriber(
        app.store, app.keys, caller.notices, list_name=said.list, now=app.now(), nonce=app.nonce, **values
    )
    return {"became": became}


@routes.get("/subscribers/{number}", response_model=SubscriberShown)
def show(caller: ReadersKey, number: Number) -> Any:
    """All there is to know, from consent to the latest mail."""
    return _story(caller, tell_story(caller.app.store, caller.app.keys, number))


@routes.delete("/subscribers/{number}", status_code=204)
def erase(caller: ReadersChangeKey, number: Number) -> None:
    """Forget a person. Only they themselves can come back."""
    app = caller.app
    erase_person(app.store, app.keys, address_of(app.store, number), now=app.now())


@routes.post("/subscribers/{number}/unsubscribe", response_model=LeftLists)
def leave(caller: ReadersChangeKey, number: Number, said: OfList) -> Any:
    """Only they themselves can come back."""
    app = caller.app
    address_of(app.store, number)
    if said.list is None:
        return {"left": len(unsubscribe_all(app.store, number, now=app.now(), by=BY_OPERATOR))}
    with app.store.read() as tx:
        list_id = tx.lists.by_name(said.list).id
    left = unsubscribe(app.store, number, list_id, now=app.now(), by=BY_OPERATOR)
    return {"left": int(left.state is Left.LEFT)}


@routes.post("/subscribers/{number}/suppress", response_model=Suppressed)
def suppress(caller: ReadersChangeKey, number: Number) -> Any:
    """Nothing is mailed to their address any more, whatever a form or an import says later."""
    app = caller.app
    return {"suppressed": suppress_address(app.store, app.keys, address_of(app.store, number), now=app.now())}


@routes.post("/subscribers/{number}/address", response_model=Moved)
def move(caller: ReadersChangeKey, number: Number, said: NewAddress) -> Any:
    """With all that they chose. The old address is told."""
    app = caller.app
    clerk = Clerk(app.store, app.keys, caller.notices, app.now(), app.nonce())
    return {"merged": change_address(clerk, address_of(app.store, number), said.address)}


@routes.post("/subscribers/{number}/ask", status_code=202, response_model=Asked)
def ask_again(caller: ReadersChangeKey, number: Number) -> Any:
    """Mail the question once more to who has not confirmed: once a day, three times a month."""
    app = caller.app
    address_of(app.store, number)
    return {"due_at": remind(app.store, app.keys, caller.notices, number, now=app.now(), nonce=app.nonce())}


@routes.patch("/subscribers/{number}/choices/{name}", response_model=ChoicesShown)
def choose(caller: ReadersChangeKey, number: Number, name: str, said: ChoicesSaid) -> Any:
    """From the next issue of that list on."""
    app = caller.app
    change = ChoiceChange(**said.model_dump())
    return asdict(choose_for(app.store, address_of(app.store, number), name, change, now=app.now()).choices)


def _line(found: ReaderLine, names: dict[int, str]) -> dict[str, Any]:
    subscriber = found.subscriber
    return {
        "id": subscriber.id,
        "address": str(subscriber.address),
        "name": subscriber.name,
        "language": subscriber.language,
        "created_at": subscriber.created_at,
        "suppressed": found.suppressed,
        "subscriptions": [
            {
                "list": names[each.list_id],
                "state": each.state,
                "consent_source": each.consent.source,
                "consent_text": each.consent.text,
                "consent_at": each.consent.at,
                "confirmed_at": each.confirmed_at,
                "unsubscribed_at": each.unsubscribed_at,
                "paused_until": each.paused_until,
            }
            for each in found.subscriptions
        ],
    }


def _story(caller: Caller, story: Story) -> dict[str, Any]:
    with caller.app.store.read() as tx:
        names = {each.id: each.name for each in tx.lists.all()}
    reason = story.suppression.reason if story.suppression else None
    line = ReaderLine(story.subscriber, tuple(each.subscription for each in story.kept), reason)
    return _line(line, names) | {
        "choices": {each.mailing_list.name: asdict(each.choices) for each in story.kept},
        "mails": [
            {
                "mail": each.mail,
                "subject": each.subject,
                "list": names.get(each.list_id, ""),
                "state": each.state,
                "made_at": each.made_at,
                "settled_at": each.settled_at,
                "said": each.reply,
            }
            for each in story.mails
        ],
        "events": [
            {"kind": each.kind, "at": each.at, "list": names.get(each.list_id or 0, ""), "detail": dict(each.detail)}
            for each in story.events
        ],
        "acts": [{"kind": each.kind, "at": each.at, "actor": each.actor.name} for each in story.acts],
    }
