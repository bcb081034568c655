"""Segments: saved filters over subscribers, to send an issue to these or to all but these."""

from typing import Any

from pydantic import BaseModel, Field

from digest.audience.segments import count_segment, keep_segment, remove_segment
from digest.model.segment import Compare, Match, Segment, read_filter, read_segment
from digest.model.segment import Field as SegmentField
from digest.web.v1.gate import ManageKey, Number, ReadersKey, ReadKey, room
from digest.web.v1.shapes import Page, Said

routes = room("segments")


class ConditionShown(BaseModel):
    field: SegmentField
    compare: Compare
    value: str


class SegmentShown(BaseModel):
    id: int
    name: str
    match: Match
    conditions: list[ConditionShown]


class ConditionSaid(Said):
    field: str = Field(max_length=40, examples=["joined"])
    compare: str = Field(max_length=20, examples=["since"])
    value: str = Field(max_length=200, examples=["30 days"])


class FilterSaid(Said):
    match: Match = Match.ALL
    conditions: list[ConditionSaid] = Field(min_length=1, max_length=20)

    def said(self) -> list[tuple[str, str, str]]:
        return [(each.field, each.compare, each.value) for each in self.conditions]


class NewSegment(FilterSaid):
    name: str = Field(max_length=60)


class Counted(BaseModel):
    lists: dict[str, int] = Field(description="confirmed readers who are in it, by the names of lists")


@routes.get("/segments", response_model=Page[SegmentShown])
def all_segments(caller: ReadKey) -> Any:
    with caller.app.store.read() as tx:
        return {"items": [_shown(each) for each in tx.segments.all()]}


@routes.post("/segments", status_code=201, response_model=SegmentShown)
def add(caller: ManageKey, said: NewSegment) -> Any:
    """Its readers are found anew at each use."""
    return _shown(
        keep_segment(caller.app.store, read_segment(said.name, said.said(), said.match), now=caller.app.now())
    )


@routes.post("/segments/count", response_model=Counted)
def count_unsaved(caller: ReadersKey, said: FilterSaid) -> Any:
    """How many they would be. Nothing is saved."""
    asked = read_filter(said.said(), said.match)
    return {"lists": count_segment(caller.app.store, asked, now=caller.app.now())}


@routes.get("/segments/{number}", response_model=SegmentShown)
def show(caller: ReadKey, number: Number) -> Any:
    with caller.app.store.read() as tx:
        return _shown(tx.segments.get(number))


@routes.get("/segments/{number}/count", response_model=Counted)
def count(caller: ReadersKey, number: Number) -> Any:
    with caller.app.store.read() as tx:
        found = tx.segments.get(number)
    return {"lists": count_segment(caller.app.store, found, now=caller.app.now())}


@routes.delete("/segments/{number}", status_code=204)
def remove(caller: ManageKey, number: Number) -> None:
    """Issues that were sent by it stay as they are."""
    remove_segment(caller.app.store, number, now=caller.app.now())


def _shown(found: Segment) -> dict[str, Any]:
    conditions = [{"field": each.field, "compare": each.compare, "value": each.value} for each in found.conditions]
    return {"id": found.id, "name": found.name, "match": found.match, "conditions": conditions}
