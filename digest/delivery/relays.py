"""How several relays share the messages, and what trouble with one does to that. Pure rules, for one thread.

    RelayHealth   a failure makes it rest, longer each time; one that will not have us is shut for this run
    Ceiling       half as many connections after a 421, one more with each quiet minute
    RelayState    both, and what the sending loop knows of a relay
    share_out     connections by weight; an idle one of the relay that had the least for its weight is asked first

`now` is the clock that `throttle.Pace` is asked with, in seconds.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from digest.model.errors import BadSetting

LONGEST_REST = 300.0  # seconds
QUIET = 60.0  # seconds without trouble for one connection more
SAME_BREATH = 1.0  # seconds: 421s so near to each other are one


@dataclass(slots=True)
class RelayHealth:
    """Whether a relay can be asked: after n failures in a row it rests for 1, 2, 4 … 300 seconds."""

    failures: int = 0  # in a row
    rests_until: float = -math.inf
    why: str = ""  # it rests or is shut, in words

    @property
    def is_shut(self) -> bool:
        return self.rests_until == math.inf

    def healthy(self, now: float) -> bool:
        return now >= self.rests_until

    def failed(self, now: float, why: str) -> None:
        """It could not be reached or hung up. What fails while it rests had begun before, and is the same failure."""
        if not self.healthy(now):
            return
        self.rests_until = now + min(2.0 ** min(self.failures, 10), LONGEST_REST)
        self.failures += 1
        self.why = why

    def succeeded(self) -> None:
        """It let us in or took a message. What is shut stays so."""
        if not self.is_shut:
            self.failures, self.rests_until, self.why = 0, -math.inf, ""

    def shut(self, why: str) -> None:
        """It will not have us (TLS, authentication), and asking again may lock the account: not in this run."""
        self.rests_until, self.why = math.inf, why


@dataclass(slots=True)
class Ceiling:
    """How many connections a relay may have: `most`, but half after a 421 to a new connection or in the midst of one."""

    most: int
    _kept: int = field(default=0, init=False)  # what the last 421 left
    _since: float = field(default=-math.inf, init=False)  # that 421

    def allowed(self, now: float) -> int:
        if self._since == -math.inf:
            return self.most
        return min(self.most, self._kept + max(0, int((now - self._since) // QUIET)))

    def turned_away(self, now: float) -> None:
        """A 421. Several connections get it at once: within a second, they are one."""
        if 0 <= now - self._since < SAME_BREATH:
            return
        self._kept = max(1, self.allowed(now) // 2)
        self._since = now


@dataclass(slots=True)
class RelayState:
    """One relay while we send. The loop keeps `handed`."""

    name: str
    ceiling: Ceiling
    weight: float = 1.0
    health: RelayHealth = field(default_factory=RelayHealth)
    handed: int = 0  # messages, in this run
    missed: float = 0.0  # messages that it need not make up for

    @property
    def load(self) -> float:
        return (self.handed + self.missed) / self.weight

    def returns(self, relays: Iterable["RelayState"]) -> None:
        """It can be asked again after a rest: it begins level with the others, lest it gets everything until it has caught up."""
        level = min((each.load for each in relays if each is not self), default=0.0)
        self.missed += max(0.0, (level - self.load) * self.weight)


def share_out(connections: int, weights: Mapping[str, float]) -> dict[str, int]:
    """How many of all connections each relay gets: in proportion to its weight, by largest remainder, at least one.

    So there are more than `connections` when there are more relays. Raises BadSetting for a weight that is none.
    """
    for name, weight in weights.items():
        if not 0 < weight < math.inf:
            raise BadSetting(f"The relay {name!r} has the weight {weight:g}; make it a number above 0.")
    shares = _small_ones(connections, weights)
    large = {name: weight for name, weight in weights.items() if name not in shares}
    shares |= _by_largest_remainder(connections - len(shares), large)
    return {name: shares[name] for name in weights}


def _small_ones(connections: int, weights: Mapping[str, float]) -> dict[str, int]:
    """Those whose part would be less than one get one; what they take may make others small."""
    shares: dict[str, int] = {}
    while True:
        rest = {name: weight for name, weight in weights.items() if name not in shares}
        parts = _parts(connections - len(shares), rest)
        small = [name for name, part in parts.items() if part < 1]
        if not small:
            return shares
        shares |= dict.fromkeys(small, 1)


def _by_largest_remainder(connections: int, weights: Mapping[str, float]) -> dict[str, int]:
    parts = _parts(connections, weights)
    shares = {name: int(part) for name, part in parts.items()}
    by_remainder = sorted(parts, key=lambda name: (shares[name] - parts[name], name))
    for name in by_remainder[: connections - sum(shares.values())]:
        shares[name] += 1
    return shares


def _parts(connections: int, weights: Mapping[str, float]) -> dict[str, float]:
    largest = max(weights.values(), default=1.0)  # a sum of the largest floats would be infinite
    total = sum(weight / largest for weight in weights.values())
    return {name: connections * (weight / largest) / total for name, weight in weights.items()}
