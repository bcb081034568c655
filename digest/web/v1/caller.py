"""Who calls: a program with a key."""

from dataclasses import dataclass

from fastapi import Request

from digest.app import App
from digest.audience.notices import Notices
from digest.model.operator import ApiKey, Operator, Right, Via
from digest.operators.api_keys import find_key
from digest.operators.log_in import acting
from digest.web.desk import Desk
from digest.web.v1.problems import NoKey


@dataclass(frozen=True, slots=True)
class Caller:
    """A program with a key. What is done through its App is on record as its operator's."""

    app: App
    notices: Notices
    operator: Operator
    key: ApiKey
    rights: frozenset[Right]


def find_caller(request: Request) -> Caller:
    """Once for a request. Raises NoKey and TooFast."""
    kept: Caller | None = getattr(request.state, "caller", None)
    if kept is not None:
        return kept
    desk: Desk = request.app.state.desk
    kind, _, key = request.headers.get("authorization", "").partition(" ")
    found = find_key(desk.app.store, key.strip(), desk.app.now()) if kind.lower() == "bearer" else None
    if found is None:
        raise NoKey("That needs an API key that works: Authorization: Bearer digest_…")
    operator, kept_key, rights = found
    request.app.state.allowance.use(desk.app.store, kept_key.id, desk.app.now())
    theirs = desk.app.acting(acting(operator, Via.API))
    request.state.caller = Caller(theirs, desk.notices, operator, kept_key, rights)
    return find_caller(request)
