"""Signing up by JSON, from any page in the world: no cookie is read, so a browser may show the answer to whoever asks.

It has the defences of the forms: the field for machines, the puzzle with its time, and the same limits (security S1, S2, S7).
"""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field

from digest.web.desk import AtDesk, Client
from digest.web.forms import HONEYPOT
from digest.web.knock import Knock, Typed, chosen_lists, knock, say_look
from digest.web.puzzle import make_puzzle
from digest.words import negotiate

routes = APIRouter()
NO_STORE = {"Cache-Control": "no-store"}
#: What the fence adds to each answer, good or bad.
CORS = {
    "/api/challenge": {"Access-Control-Allow-Origin": "*"},
    "/api/subscribe": {"Access-Control-Allow-Origin": "*"},
}
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Content-Type",
    "Access-Control-Max-Age": "86400",
}


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str


class ListChoices(BaseModel):
    """What is wanted of one list."""

    topics: list[str] = Field(default=[], max_length=100, description="some of the list's; none is all")
    rhythm: str = Field("", max_length=20, description="every, weekly or monthly, where the list offers it")


class Subscription(BaseModel):
    """Who wants which lists."""

    email: str = Field(max_length=320)
    lists: list[str] = Field(max_length=50, json_schema_extra={"minItems": 1})  # none is said by `knock`, as to a form
    name: str = Field("", max_length=500)
    choices: dict[str, ListChoices] = Field(default={}, max_length=50, description="by the names of lists")
    hour: int | None = Field(None, ge=0, le=23, description="when mails are to come, in `zone`")
    zone: str = Field("", max_length=64, description="an IANA time zone")
    language: str = Field("", max_length=35, description="a BCP 47 tag: what the reader reads")
    altcha: str = Field("", max_length=4000, description="a solution of the puzzle; without it the limits are strict")
    leave_empty: str = Field("", max_length=1000, description="only machines fill it in")


class Accepted(BaseModel):
    """The same for every address."""

    status: str
    detail: str


def _problem(description: str) -> dict[str, Any]:
    return {
        "description": description,
        "content": {"application/problem+json": {"schema": Problem.model_json_schema()}},
    }


PROBLEMS: dict[int | str, dict[str, Any]] = {
    404: _problem("There is no such list."),
    413: _problem("The body is too big."),
    422: _problem("Something in it can be mended: the address, a choice, a solution that is old or was used."),
    429: _problem("More sign-ups than one network, or all of them, may send. `Retry-After` says when to try again."),
    503: _problem("Sign-ups are closed, or the database is busy."),
}


@routes.get("/api/challenge", responses={number: PROBLEMS[number] for number in (404, 422, 503)})
def challenge(
    desk: AtDesk,
    form: Annotated[str, Query(max_length=100, description="the list's name, or empty for several lists")] = "",
) -> JSONResponse:
    """A puzzle in ALTCHA's form (version 2). Its solution is taken once, for an hour, two seconds from now at the earliest."""
    if form:
        chosen_lists(desk, [form])
    return JSONResponse(make_puzzle(desk.app.keys, form, desk.app.now()), headers=NO_STORE)


@routes.post("/api/subscribe", status_code=202, response_model=Accepted, responses=PROBLEMS)
def subscribe(desk: AtDesk, client: Client, wanted: Subscription) -> JSONResponse:
    """Ask for lists. A mail goes to the address, and nothing else before its owner has confirmed."""
    if not getattr(wanted, HONEYPOT):
        knock(
            desk, Knock(_typed(wanted), client, "api", wanted.altcha, _language(wanted.language, desk.pages.words.tag))
        )
    return JSONResponse({"status": "check-your-inbox", "detail": " ".join(say_look(desk))}, 202, NO_STORE)


@routes.options("/api/challenge", include_in_schema=False)
@routes.options("/api/subscribe", include_in_schema=False)
def preflight() -> Response:
    """That a page of another site may ask (Fetch §3.2.2)."""
    return Response(headers=PREFLIGHT)


def _typed(wanted: Subscription) -> Typed:
    return Typed(
        email=wanted.email,
        name=wanted.name,
        chosen=tuple(dict.fromkeys(wanted.lists)),
        topics={name: each.topics for name, each in wanted.choices.items()},
        rhythms={name: each.rhythm for name, each in wanted.choices.items()},
        hour="" if wanted.hour is None else str(wanted.hour),
        zone=wanted.zone,
    )


def _language(said: str, otherwise: str) -> str:
    """One that we speak."""
    return negotiate(said, otherwise).tag
