"""Webhooks, and how their calls fare."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from digest.model.errors import NotFound
from digest.model.webhook import CallState, Topic, Webhook
from digest.operators.webhooks import add_webhook, call_again, change_secret, change_webhook, remove_webhook
from digest.web.v1.caller import Caller
from digest.web.v1.gate import Number, OwnKey, room
from digest.web.v1.shapes import Page, Said

routes = room("webhooks")


class WebhookShown(BaseModel):
    id: int
    url: str
    label: str
    topics: list[Topic]
    created_at: datetime
    disabled_at: datetime | None
    reason: str = Field(description="why it was switched off")


class WebhookMade(WebhookShown):
    secret: str = Field(description="signs its calls; shown this once")


class CallShown(BaseModel):
    id: int
    topic: Topic
    state: CallState
    attempts: int
    created_at: datetime
    due_at: datetime
    said: str = Field(description="by the last try")


class NewWebhook(Said):
    url: str = Field(max_length=2000, examples=["https://hooks.example.org/digest"])
    topics: list[Topic] = Field(min_length=1, max_length=len(Topic))
    label: str = Field("", max_length=100)


class WebhookSaid(Said):
    """What is left out stays as it is."""

    topics: list[Topic] | None = Field(None, min_length=1, max_length=len(Topic))
    label: str | None = Field(None, max_length=100)
    enabled: bool | None = None


@routes.get("/webhooks", response_model=Page[WebhookShown])
def webhooks(caller: OwnKey) -> Any:
    with caller.app.store.read() as tx:
        return {"items": [_shown(each) for each in tx.webhooks.all()]}


@routes.post("/webhooks", status_code=201, response_model=WebhookMade)
def add(caller: OwnKey, said: NewWebhook) -> Any:
    """It is told what happens from now on."""
    app = caller.app
    made = add_webhook(
        app.store, app.keys, said.url, said.topics, label=said.label, now=app.now(), random=_random(caller)
    )
    return _shown(made.kept) | {"secret": made.secret}


@routes.get("/webhooks/{number}", response_model=WebhookShown)
def show(caller: OwnKey, number: Number) -> Any:
    with caller.app.store.read() as tx:
        return _shown(tx.webhooks.get(number))


@routes.patch("/webhooks/{number}", response_model=WebhookShown)
def change(caller: OwnKey, number: Number, said: WebhookSaid) -> Any:
    """Switched off, it is called no more, and what waits for it is given up."""
    return _shown(change_webhook(caller.app.store, number, **said.model_dump(), now=caller.app.now()))


@routes.delete("/webhooks/{number}", status_code=204)
def remove(caller: OwnKey, number: Number) -> None:
    remove_webhook(caller.app.store, number, now=caller.app.now())


@routes.post("/webhooks/{number}/secret", response_model=WebhookMade)
def renew(caller: OwnKey, number: Number) -> Any:
    """Calls are signed with the old secret too, until the next change."""
    app = caller.app
    made = change_secret(app.store, app.keys, number, now=app.now(), random=_random(caller))
    return _shown(made.kept) | {"secret": made.secret}


@routes.get("/webhooks/{number}/calls", response_model=Page[CallShown])
def calls(caller: OwnKey, number: Number) -> Any:
    """The newest ones."""
    with caller.app.store.read() as tx:
        tx.webhooks.get(number)
        return {"items": [asdict(each) for each in tx.webhooks.newest(number)]}


@routes.post("/webhooks/{number}/calls/{call}/again", status_code=202, response_model=CallShown)
def again(caller: OwnKey, number: Number, call: Number) -> Any:
    """Within a few seconds."""
    app = caller.app
    call_again(app.store, call, now=app.now())
    with app.store.read() as tx:
        found = next((each for each in tx.webhooks.newest(number) if each.id == call), None)
    if found is None:
        raise NotFound(f"Webhook {number} has no call {call} of late.")
    return asdict(found)


def _random(caller: Caller) -> str:
    return caller.app.nonce() + caller.app.nonce()


def _shown(found: Webhook) -> dict[str, Any]:
    secrets = {"sealed_secret", "old_secret"}
    return {name: value for name, value in asdict(found).items() if name not in secrets} | {
        "topics": sorted(found.topics)
    }
