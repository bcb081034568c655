"""Feeds: how they fare, and which there are."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from digest.model.errors import BadInput, DigestError
from digest.model.feed import Feed, FeedHealth
from digest.pipeline.checkup import check_feeds
from digest.pipeline.follow import change_feed, follow, unfollow
from digest.pipeline.opml import export_opml, import_opml
from digest.pipeline.refresh import refresh_by_hand
from digest.web.admin.gate import DeskRoute, ManageSeat, ReadSeat, Sent
from digest.web.admin.seat import HEADERS, Seat
from digest.web.forms import MAX_FIELDS, Form
from digest.web.phrases import counted

routes = APIRouter(include_in_schema=False, route_class=DeskRoute)
READ = ["GET", "HEAD"]
ListName = Annotated[str, Query(alias="list", max_length=60)]


async def _read_file(request: Request) -> tuple[str, bytes]:
    """The name and bytes of the file that a form sends; nothing when there is none. The fence bounds its size."""
    try:
        async with request.form(max_fields=MAX_FIELDS, max_files=1) as form:
            file = form.get("file")
            return (file.filename or "", await file.read()) if isinstance(file, UploadFile) else ("", b"")
    except HTTPException:
        return "", b""


SentFile = Annotated[tuple[str, bytes], Depends(_read_file)]


@routes.api_route("/desk/feeds", methods=READ)
def show_feeds(seat: ReadSeat, list_name: ListName = "") -> HTMLResponse:
    return _show(seat, list_name)


@routes.post("/desk/lists/{name}/feeds")
def add(seat: ManageSeat, form: Sent, name: str) -> Response:
    """The network is asked, so this may take half a minute. A folder on this machine is nothing that a browser may name."""
    app = seat.app
    try:
        followed = follow(
            app.store,
            name,
            form.get("address").strip(),
            topic=form.get("topic"),
            limits=app.limits,
            weight=read_weight(form.get("weight") or "1"),
            own=form.get("own") == "yes",
            folders=False,
            now=app.now(),
        )
    except DigestError as error:
        return _show(seat, name, str(error), form)
    others = f" Also found there: {', '.join(map(str, followed.found.others))}." if followed.found.others else ""
    return seat.go(f"/desk/feeds?list={name}", f"{_called(followed.feed)} is followed.{others}")


@routes.post("/desk/lists/{name}/feeds/read")
def read_now(seat: ManageSeat, name: str) -> Response:
    app = seat.app
    with app.store.read() as tx:
        list_id = tx.lists.by_name(name).id
    reports = list(refresh_by_hand(app.store, app.limits, now=app.now, list_id=list_id))
    failed = sum(1 for each in reports if each.error)
    trouble = f" {counted(failed, 'feed')} could not be read; see below." if failed else ""
    new = counted(sum(each.new for each in reports), "new article")
    return seat.go(f"/desk/feeds?list={name}", f"{new} from {counted(len(reports), 'feed')}.{trouble}")


@routes.post("/desk/lists/{name}/feeds/{number}")
def change(seat: ManageSeat, form: Sent, name: str, number: int) -> Response:
    weight, own = read_weight(form.get("weight")), form.get("own") == "yes"
    changed = change_feed(seat.app.store, name, str(number), weight=weight, own=own, now=seat.app.now())
    return seat.go(f"/desk/feeds?list={name}", f"{_called(changed)} is changed, from the next draft on.")


@routes.post("/desk/lists/{name}/feeds/{number}/remove")
def remove(seat: ManageSeat, name: str, number: int) -> Response:
    removed = unfollow(seat.app.store, name, str(number), now=seat.app.now())
    return seat.go(f"/desk/feeds?list={name}", f"{_called(removed)} is not followed any more; its articles stay.")


@routes.api_route("/desk/lists/{name}/feeds.opml", methods=READ)
def export(seat: ReadSeat, name: str) -> Response:
    document, _ = export_opml(seat.app.store, name, now=seat.app.now())
    named = {"Content-Disposition": f'attachment; filename="{name}.opml"'}  # a list's name is a-z, 0-9 and hyphens
    return Response(document, 200, HEADERS | named, media_type="text/x-opml")


@routes.post("/desk/lists/{name}/feeds.opml")
def take_in(seat: ManageSeat, file: SentFile, name: str) -> Response:
    called, content = file
    try:
        done = import_opml(seat.app.store, name, content, called=called[:100] or "The file", now=seat.app.now())
    except BadInput as error:
        return _show(seat, name, str(error))
    known = f"; {done.known:,} were there already" if done.known else ""
    said = f"{counted(len(done.added), 'feed')} added{known}. They are read at the next refresh."
    return seat.go(f"/desk/feeds?list={name}", " ".join((said, *done.notes)))


def read_weight(said: str) -> float:
    """Raises BadInput for what is no number."""
    try:
        return float(said.replace(",", "."))
    except ValueError:
        raise BadInput(f"{said!r} is no weight; write a number such as 1 or 0.5.") from None


def _called(feed: Feed) -> str:
    return feed.title or feed.location


def _show(seat: Seat, list_name: str, complaint: str = "", form: Form | None = None) -> HTMLResponse:
    with seat.app.store.read() as tx:
        lists = tx.lists.all()
        chosen = tx.lists.by_name(list_name) if list_name else lists[0] if len(lists) == 1 else None
        feeds = list(check_feeds(tx, chosen.id if chosen else None, seat.app.now()))
    return seat.show(
        "feeds.html",
        422 if complaint else 200,
        lists=lists,
        names={each.id: each for each in lists},
        chosen=chosen,
        feeds=sorted(feeds, key=lambda pair: _WORST_FIRST[pair[1].health]),
        complaint=complaint,
        typed=form or Form(),
    )


_WORST_FIRST = {health: number for number, health in enumerate(FeedHealth)}
