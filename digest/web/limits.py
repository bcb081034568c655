"""How many sign-ups one network and all networks together may send (security S1): token buckets in memory.

Whoever meets a limit is told so, for it says nothing about any address. What one *address* may cost is audience/ask.py's.
"""

import ipaddress
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

REMEMBERED = 20_000  # networks; the one that was quiet the longest is forgotten first


@dataclass(frozen=True, slots=True)
class Rate:
    """`burst` at once, then one every `seconds`."""

    burst: int
    seconds: float


A_NETWORK = Rate(burst=30, seconds=60)
ALL_NETWORKS = Rate(burst=3_000, seconds=1)


@dataclass
class Buckets:
    """Safe from several threads. Each process counts for itself."""

    rate: Rate
    _full_at: OrderedDict[str, float] = field(default_factory=OrderedDict)  # when the bucket is full again, in seconds
    _lock: Lock = field(default_factory=Lock)

    def take(self, key: str, now: datetime) -> bool:
        """False when this key has used up its share."""
        at = now.timestamp()
        with self._lock:
            full_at = max(self._full_at.pop(key, at), at)
            room = full_at - at <= (self.rate.burst - 1) * self.rate.seconds
            self._full_at[key] = full_at + self.rate.seconds if room else full_at
            if len(self._full_at) > REMEMBERED:
                self._full_at.popitem(last=False)
        return room


@dataclass
class SignUpLimits:
    networks: Buckets = field(default_factory=lambda: Buckets(A_NETWORK))
    together: Buckets = field(default_factory=lambda: Buckets(ALL_NETWORKS))

    def take(self, client: str, network: str, now: datetime) -> bool:
        """`client` is where the request comes from, `network` what stands for its network.

        A private or loopback client is a proxy or this machine, and speaks for more than one reader.
        """
        if _is_public(client) and not self.networks.take(network, now):
            return False
        return self.together.take("", now)


def _is_public(client: str) -> bool:
    try:
        return ipaddress.ip_address(client).is_global
    except ValueError:
        return False
