"""What is done to many readers at once: a page first says how many, and what it means; a button does it; most of it can be undone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response
from pydantic import Field

from digest.audience.bulk import change_many, undo
from digest.model.bulk import MOST_AT_ONCE, BulkKind
from digest.model.errors import BadInput, NotFound
from digest.store import Transaction
from digest.web.admin.gate import DeskRoute, ReadersChangeSeat, Sent
from digest.web.admin.readers import search_of
from digest.web.admin.seat import Seat
from digest.web.admin.sieve import Sieve
from digest.web.forms import Form
from digest.web.v1.gate import MOST_NUMBER

routes = APIRouter(include_in_schema=False, route_class=DeskRoute)
READ = ["GET", "HEAD"]


class Chosen(Sieve):
    """Who, and what is to be done: those that were ticked, or all that the filters found."""

    act: str = ""
    who: str = ""
    number: list[int] = Field(default=[], max_length=100)


@dataclass(frozen=True, slots=True)
class Many:
    kind: BulkKind
    numbers: Sequence[int]
    count: int  # of all who fit; more than can be changed at once go at the next press
    list_id: int | None


@routes.api_route("/desk/readers/many", methods=READ)
def ask(seat: ReadersChangeSeat, chosen: Annotated[Chosen, Query()]) -> HTMLResponse:
    """Changes nothing: how many they are, and what it would mean."""
    if not chosen.act:
        raise NotFound("Nothing was chosen: tick readers, or filter them, and say what is to be done.")
    return _ask(seat, chosen)


@routes.post("/desk/readers/many")
def do(seat: ReadersChangeSeat, form: Sent) -> Response:
    """If they are as many as the page said; else it asks again."""
    chosen = _read(form)
    with seat.app.store.read() as tx:
        many = _many(tx, seat, chosen)
    if form.get("count") != str(many.count):
        return _ask(seat, chosen, "Meanwhile they are more, or fewer. Look again, and press once more.")
    app = seat.app
    done = change_many(app.store, app.keys, many.kind, many.numbers, list_id=many.list_id, now=app.now())
    rest = f" {many.count - len(many.numbers):,} more fit: filter again for them." * (many.count > len(many.numbers))
    return seat.go("/desk/readers", f"{_DONE[many.kind]} {done.readers:,} of {len(many.numbers):,} readers.{rest}")


@routes.post("/desk/readers/many/{number}/undo")
def take_back(seat: ReadersChangeSeat, number: int) -> Response:
    count = undo(seat.app.store, number, now=seat.app.now())
    return seat.go("/desk/readers", f"Undone for {count:,} readers. Who has acted since is as they wish.")


def _ask(seat: Seat, chosen: Chosen, complaint: str = "") -> HTMLResponse:
    with seat.app.store.read() as tx:
        many = _many(tx, seat, chosen)
        lists = {each.id: each for each in tx.lists.all()}
        some = [tx.subscribers.get(number) for number in many.numbers[:5]]
    return seat.show(
        "many.html",
        409 if complaint else 200,
        many=many,
        of_list=lists.get(many.list_id or 0),
        some=[each for each in some if each],
        fields=[
            *chosen.fields(),
            ("act", chosen.act),
            ("who", chosen.who),
            *(("number", each) for each in chosen.number),
        ],
        complaint=complaint,
    )


def _many(tx: Transaction, seat: Seat, chosen: Chosen) -> Many:
    kind, _, list_name = chosen.act.partition(":")
    if kind not in set(BulkKind):
        raise BadInput(f"Many readers can be: {', '.join(BulkKind)}.")
    list_id = tx.lists.by_name(list_name).id if list_name else None
    if (kind == BulkKind.UNSUBSCRIBE) != (list_id is not None):
        raise BadInput("Readers are unsubscribed from one list: say from which.")
    if chosen.who == "all":
        search, now = search_of(tx, chosen), seat.app.now()
        numbers, count = tx.readers.numbers(search, now, limit=MOST_AT_ONCE), tx.readers.count(search, now)
    else:
        numbers = list(dict.fromkeys(each for each in chosen.number if 0 < each <= MOST_NUMBER))
        count = len(numbers)
    if not numbers:
        raise BadInput("Nobody was chosen: tick readers, or choose all that the filters find.")
    return Many(BulkKind(kind), numbers, count, list_id)


def _read(form: Form) -> Chosen:
    one = {name: form.get(name) for name in ("q", "list", "state", "segment", "act", "who") if form.get(name)}
    numbers = [int(each) for each in form.all("number") if each.isdecimal() and len(each) < 11]
    try:
        return Chosen(**one, where=form.all("where"), number=numbers)  # type: ignore[arg-type]  # texts, as a link has them
    except ValueError:
        raise BadInput("That form is not one of ours; filter the readers again.") from None


_DONE = {
    BulkKind.UNSUBSCRIBE: "Unsubscribed",
    BulkKind.SUPPRESS: "Suppressed",
    BulkKind.ERASE: "Erased",
}
