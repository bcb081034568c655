"""Letters: one mail to one person by a template of your own, through the same outbox as all others."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from fastapi import Header
from pydantic import BaseModel, Field

from digest.audience.addresses import read_address
from digest.model.keys import token_hash
from digest.model.message import MessageState
from digest.pipeline.letter import Letter, find_posted, post
from digest.web.v1.gate import Number, ReadKey, SendKey, room
from digest.web.v1.shapes import Said

routes = room("messages")


class NewLetter(Said):
    template: str = Field(max_length=61, description="a folder of your templates", examples=["receipt"])
    to: str = Field(max_length=320, examples=["ann@example.org"])
    values: dict[str, Any] = Field(default={}, description="what the template sees as `values`")
    list: str = Field("", max_length=48, description="whose sender and look it has; needed where there are several")


class LetterShown(BaseModel):
    id: int
    state: MessageState
    attempts: int
    made_at: datetime
    settled_at: datetime | None
    said: str = Field(description="the last answer of the relay")


@routes.post("/messages", status_code=202, response_model=LetterShown)
def send(
    caller: SendKey,
    said: NewLetter,
    idempotency_key: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> Any:
    """Queue a letter. Send an Idempotency-Key with it: then it goes out once, however often you ask.

    Refused for an address that bounced, complained, or is not to be mailed for another reason.
    """
    app = caller.app
    name = token_hash(f"{caller.key.id}\0{idempotency_key}") if idempotency_key else app.nonce()
    letter = Letter(said.template, read_address(said.to), said.values, said.list)
    posted = post(app.store, app.keys, letter, app.settings.templates, name=name, now=app.now(), nonce=app.nonce())
    return _shown(asdict(posted))


@routes.get("/messages/{number}", response_model=LetterShown)
def show(caller: ReadKey, number: Number) -> Any:
    """Where a letter stands."""
    return _shown(asdict(find_posted(caller.app.store, number)))


def _shown(values: dict[str, Any]) -> dict[str, Any]:
    return values | {"said": values.pop("reply")}
