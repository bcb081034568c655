"""The settings: all of them as they are now, and those that an owner may change while all of it runs."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from pydantic import SecretStr

from digest.model.errors import BadInput, WrongState
from digest.operators.changing import change_setting, reset_setting
from digest.settings import CHANGEABLE, Settings, read_change
from digest.web.admin.gate import DeskRoute, OwnSeat, Sent
from digest.web.admin.seat import Seat

routes = APIRouter(include_in_schema=False, route_class=DeskRoute)


@routes.api_route("/desk/settings", methods=["GET", "HEAD"])
def show_settings(seat: OwnSeat) -> HTMLResponse:
    return _show(seat)


@routes.post("/desk/settings/{name}")
def change(seat: OwnSeat, form: Sent, name: str) -> Response:
    """To what is typed; without anything typed, to what the settings file says."""
    app, typed = seat.app, form.get("value").strip()
    try:
        if typed:
            change_setting(app.store, name, read_change(name, typed), now=app.now())
        else:
            reset_setting(app.store, name, now=app.now())
    except (BadInput, WrongState) as error:
        return _show(seat, str(error))
    return seat.go("/desk/settings", f"{name} is changed, for all that runs.")


def _show(seat: Seat, complaint: str = "") -> HTMLResponse:
    with seat.app.store.read() as tx:
        changed = tx.overrides.all()
    kept, now = seat.app.settings, seat.app.settings_now()
    fields = Settings.model_fields
    return seat.show(
        "settings.html",
        422 if complaint else 200,
        changeable=[(name, fields[name].description, getattr(now, name), getattr(kept, name)) for name in CHANGEABLE],
        changed=changed,
        others=[
            (name, field.description, seat.app.store.name if name == "database_url" else say_value(getattr(now, name)))
            for name, field in fields.items()
            if name not in CHANGEABLE
        ],
        complaint=complaint,
    )


def say_value(value: Any) -> str:
    """In words, and no secret."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, SecretStr):
        return "set"
    if isinstance(value, dict):
        return "; ".join(f"{name} {', '.join(map(str, each))}" for name, each in value.items()) or "none"
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "none"
    return "not set" if value is None else str(value)
