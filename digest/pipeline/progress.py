"""What a sender is doing, for whoever watches: counted as it happens, told once a second as a value that fits into a database."""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from digest.model.message import MessageState

RATE_SECONDS = 5  # over which the rate is the mean
DOMAINS_SHOWN = 5
DOMAINS_COUNTED = 2_000  # more are counted as others


@dataclass(frozen=True, slots=True)
class Stage:
    """How much went through one relay, or to one domain of recipients."""

    name: str
    accepted: int = 0
    deferred: int = 0
    bounced: int = 0
    connections: int = 0  # open now; of a relay
    trouble: str = ""  # why it is slow or rests, in words


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One sender at one moment. Counts are since it began."""

    rate: float = 0  # messages a second that came to an end, lately
    campaigns: Mapping[int, Mapping[str, int]] | None = None  # campaign → state → messages
    relays: tuple[Stage, ...] = ()
    domains: tuple[Stage, ...] = ()

    def to_json(self) -> dict[str, Any]:
        campaigns = {str(number): dict(counts) for number, counts in (self.campaigns or {}).items()}
        return {
            "rate": round(self.rate, 1),
            "campaigns": campaigns,
            "relays": [asdict(stage) for stage in self.relays],
            "domains": [asdict(stage) for stage in self.domains],
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        return cls(
            value["rate"],
            {int(number): counts for number, counts in value["campaigns"].items()},
            tuple(Stage(**stage) for stage in value["relays"]),
            tuple(Stage(**stage) for stage in value["domains"]),
        )


class Progress:
    """Used by one thread. `now` is time.monotonic()."""

    def __init__(self, now: float) -> None:
        self._began = now
        self._lately: deque[tuple[float, int]] = deque(maxlen=64)  # when it was looked at, and how many there were
        self._total = 0
        self._campaigns: defaultdict[int, Counter[str]] = defaultdict(Counter)
        self._relays: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._domains: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._uncounted: Counter[tuple[str, str, MessageState]] = Counter()  # by relay and domain

    def note(self, campaign_id: int | None, relay: str, domain: str, state: MessageState, count: int = 1) -> None:
        """So many messages came to an end, or have to wait."""
        self._total += count
        self._uncounted[relay, domain, state] += count
        if campaign_id is not None:
            self._campaigns[campaign_id][state] += count
        if relay:
            self._relays[relay][state] += count
        if domain in self._domains or len(self._domains) < DOMAINS_COUNTED:
            self._domains[domain][state] += count

    def take_uncounted(self) -> Mapping[tuple[str, str, MessageState], int]:
        """What came since this was asked for last."""
        taken, self._uncounted = self._uncounted, Counter()
        return taken

    def look(self, now: float, relays: Iterable[tuple[str, int, str]], slow: Mapping[str, str]) -> Snapshot:
        """`relays` are those there are, with open connections and trouble; `slow` the domains that are sent to slowly, and why."""
        return Snapshot(
            self._rate(now),
            {number: dict(counts) for number, counts in self._campaigns.items()},
            tuple(_stage(name, self._relays.get(name), open_, trouble) for name, open_, trouble in relays),
            tuple(_stage(name, self._domains.get(name), 0, slow.get(name, "")) for name in self._shown(slow)),
        )

    def _shown(self, slow: Mapping[str, str]) -> list[str]:
        """Those that are slow, then those that most went to."""
        most = sorted(self._domains, key=lambda name: -self._domains[name].total())[:DOMAINS_SHOWN]
        return list(dict.fromkeys([*sorted(slow)[:DOMAINS_SHOWN], *most]))

    def _rate(self, now: float) -> float:
        self._lately.append((now, self._total))
        while len(self._lately) > 2 and now - self._lately[1][0] >= RATE_SECONDS:
            self._lately.popleft()
        since, before = self._lately[0] if len(self._lately) > 1 else (self._began, 0)
        return (self._total - before) / max(now - since, 0.001)


def _stage(name: str, counts: Counter[str] | None, connections: int, trouble: str) -> Stage:
    counts = counts or Counter()
    return Stage(
        name,
        counts[MessageState.ACCEPTED],
        counts[MessageState.DEFERRED],
        counts[MessageState.BOUNCED],
        connections,
        trouble,
    )
