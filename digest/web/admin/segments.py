"""Segments: a form of rows that works without a script. Adding a row and counting change nothing; saving does."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel
from pydantic import Field as PydanticField

from digest.audience.segments import count_segment, keep_segment, remove_segment
from digest.model.errors import BadInput
from digest.model.operator import Right
from digest.model.segment import MOMENTS, MOST_CONDITIONS, WORDS, Compare, Field, Match, read_filter, read_segment
from digest.web.admin.gate import DeskRoute, ManageSeat, ReadersSeat, Sent
from digest.web.admin.seat import Seat

routes = APIRouter(include_in_schema=False, route_class=DeskRoute)
READ = ["GET", "HEAD"]
Short = Annotated[str, PydanticField(max_length=200)]
Rows = list[tuple[str, str, str]]


class Built(BaseModel):
    """What stands in the form: a field, a comparison and a value for each row."""

    name: str = PydanticField(default="", max_length=200)
    match: str = PydanticField(default=Match.ALL, max_length=20)
    field: list[Short] = PydanticField(default=[], max_length=2 * MOST_CONDITIONS)
    compare: list[Short] = PydanticField(default=[], max_length=2 * MOST_CONDITIONS)
    value: list[Short] = PydanticField(default=[], max_length=2 * MOST_CONDITIONS)
    act: str = PydanticField(default="", max_length=20)

    @property
    def rows(self) -> Rows:
        return list(zip(self.field, self.compare, self.value, strict=False))

    @property
    def said(self) -> Rows:
        """Without the rows that nothing was typed in."""
        return [row for row in self.rows if row[2].strip()]


@routes.api_route("/desk/segments", methods=READ)
def show_segments(seat: ReadersSeat, built: Annotated[Built, Query()]) -> HTMLResponse:
    if built.act != "count":
        return _show(seat, built)
    try:
        counts = count_segment(seat.app.store, read_filter(built.said, built.match), now=seat.app.now())
    except BadInput as error:
        return _show(seat, built, complaint=str(error))
    return _show(seat, built, counts=counts)


@routes.post("/desk/segments")
def save(seat: ManageSeat, form: Sent) -> Response:
    built = Built(
        name=form.get("name")[:200],
        match=form.get("match")[:20] or Match.ALL,
        field=[each[:200] for each in form.all("field")[: 2 * MOST_CONDITIONS]],
        compare=[each[:200] for each in form.all("compare")[: 2 * MOST_CONDITIONS]],
        value=[each[:200] for each in form.all("value")[: 2 * MOST_CONDITIONS]],
    )
    try:
        kept = keep_segment(seat.app.store, read_segment(built.name, built.said, built.match), now=seat.app.now())
    except BadInput as error:
        return _show(seat, built, complaint=str(error), status=422)
    return seat.go("/desk/segments", f"The segment {kept.name} is saved.")


@routes.api_route("/desk/segments/{number}", methods=READ)
def show_segment(seat: ReadersSeat, number: int) -> HTMLResponse:
    """With how many are in it now."""
    with seat.app.store.read() as tx:
        found = tx.segments.get(number)
    said = [(each.field.value, each.compare.value, each.value) for each in found.conditions]
    built = Built(
        match=found.match,
        field=[row[0] for row in said],
        compare=[row[1] for row in said],
        value=[row[2] for row in said],
    )
    counts = count_segment(seat.app.store, found, now=seat.app.now())
    return _show(seat, built, counts=counts, counted=found.name)


@routes.post("/desk/segments/{number}/remove")
def remove(seat: ManageSeat, number: int) -> Response:
    gone = remove_segment(seat.app.store, number, now=seat.app.now())
    return seat.go("/desk/segments", f"The segment {gone.name} is removed. Issues that were sent by it stay.")


def _show(
    seat: Seat,
    built: Built,
    *,
    counts: dict[str, int] | None = None,
    counted: str = "these conditions",
    complaint: str = "",
    status: int = 200,
) -> HTMLResponse:
    with seat.app.store.read() as tx:
        found, lists = tx.segments.all(), tx.lists.all()
    rows = built.rows or [("", "", "")]
    if built.act == "row" and len(rows) < MOST_CONDITIONS:
        rows.append(("", "", ""))
    return seat.show(
        "segments.html",
        status,
        found=found,
        built=built,
        rows=rows,
        fields=list(Field),
        compares=list(Compare),
        words={each: sorted(WORDS[each]) for each in WORDS},
        moments=sorted(MOMENTS),
        titles={each.name: each.title for each in lists},
        counts=counts,
        counted=counted,
        complaint=complaint,
        change=seat.may(Right.MANAGE),
    )
