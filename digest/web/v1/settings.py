"""Settings that may be changed while all of it runs."""

from typing import Any

from pydantic import BaseModel, Field

from digest.operators.changing import change_setting, reset_setting
from digest.settings import CHANGEABLE, read_change
from digest.web.v1.caller import Caller
from digest.web.v1.gate import OwnKey, room
from digest.web.v1.shapes import Said

routes = room("settings")


class SettingsShown(BaseModel):
    sign_ups: bool = Field(description="whether anybody may sign up")
    sign_ups_per_hour: int
    sign_up_text: str
    unconfirmed_days: int
    changed: list[str] = Field(description="those that differ from the settings file, or did when they were changed")


class SettingsSaid(Said):
    """What is left out stays as it is; null takes a change back."""

    sign_ups: bool | None = None
    sign_ups_per_hour: int | None = None
    sign_up_text: str | None = Field(None, max_length=500)
    unconfirmed_days: int | None = None


@routes.get("/settings", response_model=SettingsShown)
def settings(caller: OwnKey) -> Any:
    """As they are now."""
    return _shown(caller)


@routes.patch("/settings", response_model=SettingsShown)
def change(caller: OwnKey, said: SettingsSaid) -> Any:
    """They count at once, in everything that runs, and before the settings file."""
    app = caller.app
    with app.store.read() as tx:
        changed = tx.overrides.all()
    values = said.model_dump(exclude_unset=True)
    new = {name: read_change(name, str(value)) for name, value in values.items() if value is not None}
    for name, value in new.items():
        change_setting(app.store, name, value, now=app.now())
    for name in changed.keys() & (values.keys() - new.keys()):
        reset_setting(app.store, name, now=app.now())
    return _shown(caller)


def _shown(caller: Caller) -> dict[str, Any]:
    now = caller.app.settings_now()
    with caller.app.store.read() as tx:
        changed = sorted(tx.overrides.all())
    return {name: getattr(now, name) for name in CHANGEABLE} | {"changed": changed}
