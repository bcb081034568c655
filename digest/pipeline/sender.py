"""What delivering needs, put together by `app`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from threading import Event
from typing import TYPE_CHECKING

from digest.delivery.throttle import Pace
from digest.links import Links, ReturnPaths
from digest.model.issue import OnCrash
from digest.model.message import Settlement
from digest.pipeline.fleet import NextHop
from digest.pipeline.progress import Snapshot
from digest.store import Store

if TYPE_CHECKING:
    from digest.delivery.dkim import Signers


@dataclass(frozen=True)
class Sender:
    """`owner` names this process in its claims, `stop` ends it after the messages in hand."""

    store: Store
    hops: tuple[NextHop, ...]
    links: Links
    now: Callable[[], datetime]
    owner: str
    on_crash: OnCrash = OnCrash.RESEND
    signers: "Signers | None" = None  # of DKIM
    return_paths: ReturnPaths | None = None  # None: what comes back goes to the list's sender
    pace: Pace | None = None
    stop: Event | None = None
    settled: Callable[[Settlement], None] | None = None  # told of each
    watch: Callable[[Snapshot], None] | None = None  # told once a second
