"""Readers: search and filter a million, one reader's whole story, and what operators do about them."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response

from digest.audience.enrol import add_subscriber
from digest.audience.judge import Enrolled
from digest.audience.new_address import Clerk, change_address
from digest.audience.person import erase_person
from digest.audience.remind import remind
from digest.audience.search import make_search, split_condition
from digest.audience.story import address_of, tell_story
from digest.audience.suppress import lift_suppression, say_lasting, suppress_address
from digest.audience.unsubscribe import BY_OPERATOR, unsubscribe, unsubscribe_all
from digest.model.errors import BadInput, WrongState
from digest.model.operator import Right
from digest.model.segment import read_filter
from digest.model.subscriber import SubscriptionState
from digest.store import Transaction
from digest.store.readers import Search
from digest.web.admin.gate import DeskRoute, ReadersChangeSeat, ReadersSeat, Sent
from digest.web.admin.seat import Seat
from digest.web.admin.sieve import Sieve, offered
from digest.web.forms import Form

routes = APIRouter(include_in_schema=False, route_class=DeskRoute)
READ = ["GET", "HEAD"]
A_PAGE = 50
BULKS_SHOWN = 5

Asked = Annotated[Sieve, Query()]


@routes.api_route("/desk/readers", methods=READ)
def show_readers(seat: ReadersSeat, sieve: Asked) -> HTMLResponse:
    return _show(seat, sieve)


@routes.post("/desk/readers")
def add(seat: ReadersChangeSeat, form: Sent) -> Response:
    app = seat.app
    try:
        became = add_subscriber(
            app.store,
            app.keys,
            app.notices,
            address=form.get("address"),
            list_name=form.get("to_list"),
            name=form.get("name"),
            confirmed=form.get("confirmed") == "yes",
            consent=form.get("consent"),
            now=app.now(),
            nonce=app.nonce,
        )
    except BadInput as error:
        return _show(seat, Sieve(), str(error), form)
    return seat.go("/desk/readers", f"{form.get('address')}: {_BECAME[became]}")


@routes.api_route("/desk/readers/{number}", methods=READ)
def show_reader(seat: ReadersSeat, number: int) -> HTMLResponse:
    return _show_reader(seat, number)


@routes.post("/desk/readers/{number}/unsubscribe")
def leave(seat: ReadersChangeSeat, form: Sent, number: int) -> Response:
    """From the list that the form names, or from all."""
    app, name = seat.app, form.get("list")
    if not name:
        left = len(unsubscribe_all(app.store, number, now=app.now(), by=BY_OPERATOR))
        return _go(seat, number, f"They left {left} list{'s' * (left != 1)}.")
    with app.store.read() as tx:
        mailing_list = tx.lists.by_name(name)
    unsubscribe(app.store, number, mailing_list.id, now=app.now(), by=BY_OPERATOR)
    return _go(seat, number, f"They are off {mailing_list.title}. Only they themselves can come back.")


@routes.post("/desk/readers/{number}/suppress")
def suppress(seat: ReadersChangeSeat, number: int) -> Response:
    app = seat.app
    new = suppress_address(app.store, app.keys, address_of(app.store, number), now=app.now())
    return _go(seat, number, "Nothing is mailed to this address any more." if new else "It was suppressed already.")


@routes.post("/desk/readers/{number}/lift")
def lift(seat: ReadersChangeSeat, number: int) -> Response:
    app = seat.app
    found = tell_story(app.store, app.keys, number).suppression
    lift_suppression(app.store, found.address_hash if found else "", now=app.now())
    return _go(seat, number, "This address may be mailed again.")


@routes.post("/desk/readers/{number}/address")
def move(seat: ReadersChangeSeat, form: Sent, number: int) -> Response:
    app = seat.app
    clerk = Clerk(app.store, app.keys, app.notices, app.now(), app.nonce())
    try:
        merged = change_address(clerk, address_of(app.store, number), form.get("address"))
    except BadInput as error:
        return _show_reader(seat, number, str(error), form)
    return _go(seat, number, "They have another address." + " It was a reader's too; they are one now." * merged)


@routes.post("/desk/readers/{number}/ask")
def ask_again(seat: ReadersChangeSeat, number: int) -> Response:
    app = seat.app
    address_of(app.store, number)
    remind(app.store, app.keys, app.notices, number, now=app.now(), nonce=app.nonce())
    return _go(seat, number, "The mail that asks them to confirm is on its way.")


@routes.post("/desk/readers/{number}/erase")
def erase(seat: ReadersChangeSeat, form: Sent, number: int) -> Response:
    """With the address typed once more: it cannot be undone."""
    app = seat.app
    address = address_of(app.store, number)
    if form.get("address").strip().casefold() != address.casefold():
        return _show_reader(seat, number, f"To erase this reader, type their address: {address}", form)
    erase_person(app.store, app.keys, address, now=app.now())
    return seat.go("/desk/readers", "They are erased: nothing is left that names them.")


def search_of(tx: Transaction, sieve: Sieve) -> Search:
    """Raises BadInput and NotFound in words."""
    segment = [tx.segments.get(sieve.segment)] if sieve.segment else []
    said = read_filter([split_condition(each) for each in sieve.conditions])
    return make_search(tx, sieve.q, sieve.list_name, sieve.state, said, *segment)


def _show(seat: Seat, sieve: Sieve, complaint: str = "", form: Form | None = None) -> HTMLResponse:
    trouble, found, bulks = "", None, []
    with seat.app.store.read() as tx:
        lists, segments = tx.lists.all(), tx.segments.all()
        try:
            found = tx.readers.page(search_of(tx, sieve), seat.app.now(), before=sieve.after, limit=A_PAGE)
        except (BadInput, WrongState) as error:
            trouble = str(error)
        if seat.may(Right.READERS_CHANGE):
            bulks = tx.bulks.newest(BULKS_SHOWN)
    return seat.show(
        "readers.html",
        422 if complaint else 200,
        found=found,
        sieve=sieve,
        lists=lists,
        titles={each.id: each.title for each in lists},
        segments=segments,
        states=list(SubscriptionState),
        offered=offered(lists),
        bulks=bulks,
        trouble=trouble,
        complaint=complaint,
        typed=form or Form(),
        change=seat.may(Right.READERS_CHANGE),
        more=_link(sieve, found.next) if found and found.next else "",
    )


def _link(sieve: Sieve, after: int) -> str:
    return f"/desk/readers?{urlencode([*sieve.fields(), ('after', after)])}"


def _show_reader(seat: Seat, number: int, complaint: str = "", form: Form | None = None) -> HTMLResponse:
    story = tell_story(seat.app.store, seat.app.keys, number)
    pending = any(each.subscription.state is SubscriptionState.PENDING for each in story.kept)
    return seat.show(
        "reader.html",
        422 if complaint else 200,
        story=story,
        pending=pending,
        lasting=say_lasting(story.suppression.reason) if story.suppression else "",
        change=seat.may(Right.READERS_CHANGE),
        complaint=complaint,
        typed=form or Form(),
    )


def _go(seat: Seat, number: int, said: str) -> Response:
    return seat.go(f"/desk/readers/{number}", said)


_BECAME = {
    Enrolled.ADDED: "added.",
    Enrolled.PENDING: "a mail asks them to confirm.",
    Enrolled.OPTED_OUT: "kept as one who does not want it.",
    Enrolled.ALREADY: "is on that list already; nothing was changed.",
    Enrolled.LEFT_ALONE: "left that list or must not be mailed; only they themselves can come back.",
}
