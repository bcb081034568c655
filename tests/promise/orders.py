"""What a sender's process is told, and what it does then: open the database, deliver, say how that ended."""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from digest.app import App
from digest.model.errors import DigestError, SenderBusy
from digest.model.issue import OnCrash
from digest.pipeline import deliver, sending
from digest.settings import Settings
from digest.store import Store, open_store
from tests.pipeline.world import KEYS, NOW
from tests.promise.wrong_engines import WRONG_ENGINES

DONE, TOLD, BUSY, BROKEN = 0, 3, 4, 5  # exit codes: delivered, stopped and said why, another one sends, anything else


@dataclass(frozen=True)
class Orders:
    """Everything a sender is told. Minutes are on the clock it believes in."""

    database_url: str
    smtp_url: str
    policy: OnCrash
    outcome: Path  # where it writes its last words
    connections: int = 4
    minutes_later: float = 0  # what its clock shows beyond the moment of publishing
    busy_seconds: float = 30.0
    stale_seconds: float = sending.STALE_SECONDS
    engine: str = ""  # one of WRONG_ENGINES; "" is ours
    go: Path | None = None  # it begins when there is such a file

    def to_json(self) -> str:
        return json.dumps(asdict(self), default=str)

    @classmethod
    def from_json(cls, text: str) -> "Orders":
        values = json.loads(text)
        go = Path(values["go"]) if values["go"] else None
        return cls(**values | {"policy": OnCrash(values["policy"]), "outcome": Path(values["outcome"]), "go": go})

    def open_store(self) -> Store:
        return open_store(self.database_url, busy_seconds=self.busy_seconds)

    def later(self, minutes: float) -> "Orders":
        return replace(self, minutes_later=self.minutes_later + minutes)


def carry_out(orders: Orders, store: Store | None = None) -> int:
    """In the sender's own process, which may have inherited a store without connections. Returns its exit code."""
    vars(sending)["STALE_SECONDS"] = orders.stale_seconds  # the one span that a harness must shrink
    if orders.engine:
        WRONG_ENGINES[orders.engine]()
    try:
        _wait_for_the_word(orders)
        _deliver(orders, store or orders.open_store())
    except SenderBusy as error:
        return _say(orders, str(error), BUSY)
    except DigestError as error:
        return _say(orders, str(error), TOLD)
    except BaseException as error:  # noqa: BLE001  whatever it is, the harness must hear of it
        return _say(orders, f"{type(error).__name__}: {error}", BROKEN)
    return _say(orders, "", DONE)


def _wait_for_the_word(orders: Orders) -> None:
    while orders.go is not None and not orders.go.exists():
        time.sleep(0.005)


def _deliver(orders: Orders, store: Store) -> None:
    settings = Settings(
        database_url=orders.database_url,
        smtp_url=orders.smtp_url,  # type: ignore[arg-type]  # pydantic reads a str as a secret
        base_url="https://news.example.org",
        connections=orders.connections,
        on_crash=orders.policy,
    )
    app = App(settings, store, KEYS, now=_clock(orders.minutes_later))
    try:
        deliver.deliver(app.sender())
    finally:
        app.close()


def _clock(minutes_later: float) -> Callable[[], datetime]:
    start, began = NOW + timedelta(minutes=minutes_later), time.monotonic()
    return lambda: start + timedelta(seconds=time.monotonic() - began)


def _say(orders: Orders, text: str, code: int) -> int:
    orders.outcome.write_text(text)
    sys.stdout.flush()
    return code
