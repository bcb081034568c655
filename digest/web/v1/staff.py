"""Operators, keys, and the record of acts: for keys with the right “own”, which only owners can make."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel, Field

from digest.model.operator import Act, ActKind, ApiKey, Operator, Right, Role, Via
from digest.operators.accounts import Invited, add_operator, change_operator
from digest.operators.accounts import invite as make_link
from digest.operators.api_keys import make_key, revoke_key
from digest.operators.second_factor import switch_off
from digest.web.v1.caller import Caller
from digest.web.v1.gate import MOST_NUMBER, After, Limit, Number, OwnKey, room
from digest.web.v1.shapes import Page, Said

routes = room("operators")


class OperatorShown(BaseModel):
    id: int
    address: str
    name: str
    role: Role
    created_at: datetime
    has_password: bool
    has_second_factor: bool
    disabled_at: datetime | None
    seen_at: datetime | None


class InvitedShown(BaseModel):
    operator: OperatorShown
    link: str | None = Field(description="sets a password, once, for two days; null for a program")


class KeyShown(BaseModel):
    id: int
    operator_id: int
    label: str
    prefix: str
    scopes: list[Right]
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None
    revoked_at: datetime | None


class KeyMade(KeyShown):
    key: str = Field(description="shown this once")


class ActShown(BaseModel):
    id: int
    at: datetime
    actor: str
    operator_id: int | None
    via: Via
    kind: ActKind
    subject: str
    detail: dict[str, Any]


class NewOperator(Said):
    address: str = Field(max_length=320, examples=["ann@example.org"])
    role: Role
    name: str = Field("", max_length=100)


class OperatorSaid(Said):
    role: Role | None = None
    name: str | None = Field(None, max_length=100)
    disabled: bool | None = None


class NewKey(Said):
    operator: int = Field(ge=1, le=MOST_NUMBER)
    label: str = Field(max_length=100)
    scopes: list[Right] = Field(min_length=1, max_length=len(Right))
    days: int | None = Field(None, ge=1, le=3_650, description="how long it works; without an end if left out")


@routes.get("/operators", response_model=Page[OperatorShown])
def operators(caller: OwnKey) -> Any:
    with caller.app.store.read() as tx:
        return {"items": [_operator(each) for each in tx.operators.all()]}


@routes.post("/operators", status_code=201, response_model=InvitedShown)
def add(caller: OwnKey, said: NewOperator) -> Any:
    app = caller.app
    added = add_operator(app.store, app.keys, said.address, said.role, name=said.name, now=app.now(), nonce=app.nonce())
    return _invited(caller, added)


@routes.patch("/operators/{number}", response_model=OperatorShown)
def change(caller: OwnKey, number: Number, said: OperatorSaid) -> Any:
    """Another role, or being disabled, ends their sessions; their keys lose what they lose."""
    done = change_operator(
        caller.app.store, number, role=said.role, name=said.name, disabled=said.disabled, now=caller.app.now()
    )
    return _operator(done)


@routes.post("/operators/{number}/invite", response_model=InvitedShown)
def invite(caller: OwnKey, number: Number) -> Any:
    """Another link to set a password by; older ones work no more."""
    app = caller.app
    return _invited(caller, make_link(app.store, app.keys, number, now=app.now(), nonce=app.nonce()))


@routes.delete("/operators/{number}/second-factor", status_code=204)
def lose_second_factor(caller: OwnKey, number: Number) -> None:
    """For who has lost their telephone and their recovery codes: the password alone lets them in, until they set another."""
    with caller.app.store.read() as tx:
        operator = tx.operators.get(number)
    switch_off(caller.app.store, operator, session=0, now=caller.app.now())


@routes.get("/keys", response_model=Page[KeyShown])
def keys(caller: OwnKey) -> Any:
    with caller.app.store.read() as tx:
        return {"items": [_key(each) for each in tx.api_keys.all()]}


@routes.post("/keys", status_code=201, response_model=KeyMade)
def make(caller: OwnKey, said: NewKey) -> Any:
    app = caller.app
    with app.store.read() as tx:
        operator = tx.operators.get(said.operator)
    random = app.nonce() + app.nonce()
    made = make_key(app.store, operator, said.label, said.scopes, days=said.days, now=app.now(), random=random)
    return _key(made.kept) | {"key": made.key}


@routes.delete("/keys/{number}", response_model=KeyShown)
def revoke(caller: OwnKey, number: Number) -> Any:
    """It works no more, at once."""
    return _key(revoke_key(caller.app.store, number, now=caller.app.now()))


@routes.get("/record", response_model=Page[ActShown])
def record(
    caller: OwnKey,
    operator: Annotated[int | None, Query(ge=1, le=MOST_NUMBER)] = None,
    subject: Annotated[str, Query(max_length=200, examples=["issue 12"])] = "",
    after: After = None,
    limit: Limit = 50,
) -> Any:
    """What operators did, newest first."""
    with caller.app.store.read() as tx:
        found = tx.acts.newest(before=after, operator_id=operator, subject=subject, limit=limit + 1)
    return {
        "items": [_act(each) for each in found[:limit]],
        "next": found[limit - 1].id if len(found) > limit else None,
    }


def _operator(found: Operator) -> dict[str, Any]:
    return asdict(found) | {"address": str(found.address)}


def _key(found: ApiKey) -> dict[str, Any]:
    return asdict(found) | {"scopes": sorted(found.scopes)}


def _act(found: Act) -> dict[str, Any]:
    who = {"actor": found.actor.name, "operator_id": found.actor.operator_id, "via": found.actor.via}
    return asdict(found) | who


def _invited(caller: Caller, invited: Invited) -> dict[str, Any]:
    link = f"{caller.app.settings.base_url}/desk/welcome/{invited.token}" if invited.token else None
    return {"operator": _operator(invited.operator), "link": link}
