"""Changing a setting while all of it runs. What it may be is said where settings are read."""

from datetime import datetime

from digest.model.errors import WrongState
from digest.model.operator import ActKind
from digest.store import Store


def change_setting(store: Store, name: str, value: bool | int | str, *, now: datetime) -> None:
    """Counts at once, in every process, before the file and the environment."""
    with store.write() as tx:
        tx.overrides.put(name, value, now)
        tx.acts.note(ActKind.SETTING_CHANGED, now, f"setting {name}", value=value)


def reset_setting(store: Store, name: str, *, now: datetime) -> None:
    """As the file and the environment say again. Raises WrongState when it is so already."""
    with store.write() as tx:
        if not tx.overrides.drop(name):
            raise WrongState(f"The setting {name[:60]} was not changed; it is as the settings file says.")
        tx.acts.note(ActKind.SETTING_CHANGED, now, f"setting {name}", value="as the settings file says")
