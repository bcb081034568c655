"""Many readers at once: unsubscribed, suppressed or erased; and undone."""

from dataclasses import asdict
from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, Field, model_validator

from digest.audience.bulk import change_many, undo
from digest.audience.search import read_search
from digest.model.bulk import MOST_AT_ONCE, BulkKind
from digest.model.errors import BadInput, Outdated
from digest.web.v1.caller import Caller
from digest.web.v1.gate import MOST_NUMBER, Number, ReadersChangeKey, room
from digest.web.v1.shapes import Said

routes = room("subscribers")


class Whom(Said):
    """As `GET /subscribers` finds them, or by their numbers."""

    q: str = Field("", max_length=320)
    list_name: str = Field("", alias="list", max_length=48)
    state: str = Field("", max_length=20)
    where: list[str] = Field([], max_length=20)
    numbers: list[int] | None = Field(None, min_length=1, max_length=MOST_AT_ONCE)

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.numbers is not None and (self.q or self.list_name or self.state or self.where):
            message = "say numbers or filters, not both"
            raise ValueError(message)
        if self.numbers is not None and not all(0 < each <= MOST_NUMBER for each in self.numbers):
            message = "a reader's number is from 1 on"
            raise ValueError(message)
        return self


class BulkSaid(Said):
    act: BulkKind
    whom: Whom
    from_list: str | None = Field(None, max_length=48, description="to unsubscribe from")
    count: int = Field(ge=1, description="how many you expect; if they are more or fewer, nothing is done")


class CountShown(BaseModel):
    count: int


class BulkShown(BaseModel):
    id: int
    kind: BulkKind
    readers: int = Field(description="whom it changed")
    at: datetime
    is_undone: bool
    left: int = Field(0, description="who fit too, beyond what is changed at once: ask again for them")


class UndoneShown(BaseModel):
    readers: int


@routes.post("/subscribers/count", response_model=CountShown)
def count(caller: ReadersChangeKey, said: Whom) -> Any:
    """Changes nothing."""
    return {"count": _find(caller, said)[1]}


@routes.post("/subscribers/bulk", response_model=BulkShown)
def change(caller: ReadersChangeKey, said: BulkSaid) -> Any:
    """Unsubscribing and suppressing can be undone for a week, for who has not acted since."""
    numbers, count = _find(caller, said.whom)
    if count != said.count:
        raise Outdated(f"They are {count:,}, not {said.count:,}; nothing is done.")
    list_id = None
    if said.from_list is not None:
        with caller.app.store.read() as tx:
            list_id = tx.lists.by_name(said.from_list).id
    app = caller.app
    done = change_many(app.store, app.keys, said.act, numbers, list_id=list_id, now=app.now())
    return asdict(done) | {"left": count - len(numbers)}


@routes.post("/bulks/{number}/undo", response_model=UndoneShown)
def take_back(caller: ReadersChangeKey, number: Number) -> Any:
    return {"readers": undo(caller.app.store, number, now=caller.app.now())}


def _find(caller: Caller, whom: Whom) -> tuple[list[int], int]:
    """Those that can be changed at once, and how many they all are. Raises BadInput for nobody."""
    if whom.numbers is not None:
        named = list(dict.fromkeys(whom.numbers))
        return named, len(named)
    with caller.app.store.read() as tx:
        search, now = read_search(tx, whom.q, whom.list_name, whom.state, whom.where), caller.app.now()
        numbers, count = tx.readers.numbers(search, now, limit=MOST_AT_ONCE), tx.readers.count(search, now)
    if not numbers:
        raise BadInput("These filters find nobody.")
    return numbers, count
