"""Webhooks, and how their calls fare. For owners."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from digest.model.errors import BadInput
from digest.model.webhook import Topic
from digest.operators.webhooks import add_webhook, call_again, change_secret, change_webhook, remove_webhook
from digest.web.admin.gate import DeskRoute, OwnSeat, Sent
from digest.web.admin.seat import Seat
from digest.web.forms import Form

routes = APIRouter(include_in_schema=False, route_class=DeskRoute)
READ = ["GET", "HEAD"]


@routes.api_route("/desk/webhooks", methods=READ)
def show_webhooks(seat: OwnSeat) -> HTMLResponse:
    return _show(seat)


@routes.post("/desk/webhooks")
def add(seat: OwnSeat, form: Sent) -> Response:
    """Its secret is shown once: so this answers with the page itself."""
    app, topics = seat.app, [Topic(each) for each in form.all("topic") if each in set(Topic)]
    try:
        made = add_webhook(
            app.store,
            app.keys,
            form.get("url").strip(),
            topics,
            label=form.get("label"),
            now=app.now(),
            random=app.nonce() + app.nonce(),
        )
    except BadInput as error:
        return _show(seat, complaint=str(error), form=form)
    return _show(seat, secret=made.secret)


@routes.api_route("/desk/webhooks/{number}", methods=READ)
def show_calls(seat: OwnSeat, number: int) -> HTMLResponse:
    with seat.app.store.read() as tx:
        hook, calls = tx.webhooks.get(number), tx.webhooks.newest(number)
    return seat.show("webhook.html", hook=hook, calls=calls)


@routes.post("/desk/webhooks/{number}")
def change(seat: OwnSeat, form: Sent, number: int) -> Response:
    match form.get("do"):
        case "on" | "off" as wish:
            change_webhook(seat.app.store, number, enabled=wish == "on", now=seat.app.now())
            return seat.go(f"/desk/webhooks/{number}", f"The webhook is {wish}.")
        case "secret":
            app = seat.app
            made = change_secret(app.store, app.keys, number, now=app.now(), random=app.nonce() + app.nonce())
            return _show(seat, secret=made.secret)
        case "remove":
            removed = remove_webhook(seat.app.store, number, now=seat.app.now())
            return seat.go("/desk/webhooks", f"{removed.url} is called no more.")
    raise BadInput("That button is none of this page.")


@routes.post("/desk/webhooks/{number}/calls/{call}")
def again(seat: OwnSeat, number: int, call: int) -> Response:
    call_again(seat.app.store, call, now=seat.app.now())
    return seat.go(f"/desk/webhooks/{number}", f"Call {call} is made again within a few seconds.")


def _show(seat: Seat, secret: str = "", complaint: str = "", form: Form | None = None) -> HTMLResponse:
    with seat.app.store.read() as tx:
        hooks = tx.webhooks.all()
    status, typed = 422 if complaint else 200, form or Form()
    return seat.show(
        "webhooks.html", status, hooks=hooks, topics=list(Topic), secret=secret, complaint=complaint, typed=typed
    )
