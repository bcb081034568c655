"""Addresses that are not to be mailed, and why. Only keyed hashes are kept of them."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import Path, Query
from pydantic import BaseModel, Field

from digest.audience.addresses import read_address
from digest.audience.suppress import lift_suppression, suppress_address
from digest.model.errors import BadInput
from digest.model.subscriber import SuppressionReason
from digest.store.suppressions import Suppression
from digest.web.v1.gate import Limit, ReadersChangeKey, ReadersKey, room
from digest.web.v1.shapes import Said

routes = room("suppressions")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class SuppressionShown(BaseModel):
    id: str
    reason: SuppressionReason
    at: datetime
    subscriber: int | None
    address: str = Field(description="as long as it is a subscriber's; else it is not known")


class SuppressionPage(BaseModel):
    items: list[SuppressionShown]
    next: str | None = Field(description="`after` for the next page; null on the last one")


class SuppressionCounts(BaseModel):
    counts: dict[SuppressionReason, int]


class AddressSaid(Said):
    address: str = Field(max_length=320)


class Added(BaseModel):
    suppressed: bool = Field(description="false when it was before, for whatever reason")


@routes.get("/suppressions", response_model=SuppressionPage)
def page(
    caller: ReadersKey,
    reason: SuppressionReason | None = None,
    address: Annotated[str, Query(max_length=320, description="only this one")] = "",
    after: Annotated[str | None, Query(max_length=100)] = None,
    limit: Limit = 50,
) -> Any:
    """The newest first."""
    with caller.app.store.read() as tx:
        if address:
            one = tx.suppressions.get(caller.app.keys.address_hash(read_address(address)))
            return {"items": [_shown(one)] if one else [], "next": None}
        found = tx.suppressions.page(reason, before=read_cursor(after) if after else None, limit=limit + 1)
    items = found[:limit]
    return {"items": [_shown(each) for each in items], "next": make_cursor(items[-1]) if len(found) > limit else None}


@routes.get("/suppressions/counts", response_model=SuppressionCounts)
def count(caller: ReadersKey) -> Any:
    with caller.app.store.read() as tx:
        return {"counts": tx.suppressions.counts()}


@routes.post("/suppressions", response_model=Added)
def add(caller: ReadersChangeKey, said: AddressSaid) -> Any:
    """It need not be a subscriber's."""
    app = caller.app
    return {"suppressed": suppress_address(app.store, app.keys, said.address, now=app.now())}


@routes.delete("/suppressions/{id}", status_code=204)
def lift(caller: ReadersChangeKey, number: Annotated[str, Path(alias="id", pattern="^[0-9a-f]{32}$")]) -> None:
    """Only what an operator said can be taken back."""
    lift_suppression(caller.app.store, number, now=caller.app.now())


def _shown(found: Suppression) -> dict[str, Any]:
    return {
        "id": found.address_hash,
        "reason": found.reason,
        "at": found.at,
        "subscriber": found.subscriber_id,
        "address": found.address,
    }


def make_cursor(last: Suppression) -> str:
    return f"{(last.at - _EPOCH) // timedelta(microseconds=1)}.{last.address_hash}"


def read_cursor(said: str) -> tuple[datetime, str]:
    found = re.fullmatch(r"([0-9]{1,17})\.([0-9a-f]{32})", said)
    if found is None:
        raise BadInput("`after` is what stood in `next` of the page before.")
    return _EPOCH + timedelta(microseconds=int(found[1])), found[2]
