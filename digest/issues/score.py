"""How much an article counts for an issue: freshness × feed weight × coverage × the editor's pin. Pure, and told with its factors."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import log2

from digest.model.article import KeptArticle

PIN = 100.0  # more than all other factors together
EACH_DOUBLING = 0.25  # of the outlets that tell a story adds this to its coverage
MOST_OUTLETS = 16  # beyond these, one agency's text stands everywhere


@dataclass(frozen=True, slots=True)
class Score:
    """The factors. `str` tells them, as in `0.78 fresh × 1 weight × 1.25 coverage (2 outlets)`."""

    freshness: float
    weight: float
    outlets: int = 1
    pinned: bool = False

    @property
    def value(self) -> float:
        return self.freshness * self.weight * coverage(self.outlets) * (PIN if self.pinned else 1.0)

    def __str__(self) -> str:
        factors = [f"{figure(self.freshness)} fresh", f"{figure(self.weight)} weight"]
        if self.outlets > 1:
            factors.append(f"{figure(coverage(self.outlets))} coverage ({self.outlets} outlets)")
        if self.pinned:
            factors.append(f"{figure(PIN)} pinned")
        return " × ".join(factors)


def score(kept: KeptArticle, *, at: datetime, half_life_hours: int, outlets: int = 1, pinned: bool = False) -> Score:
    """`outlets` is how many tell the story, this one included."""
    return Score(freshness(at - kept.article.published_at, half_life_hours), kept.weight, outlets, pinned)


def freshness(age: timedelta, half_life_hours: int) -> float:
    """1 at once, 0.5 after the half-life, 0.25 after another one."""
    hours = max(age / timedelta(hours=1), 0.0)
    return float(0.5 ** (hours / max(half_life_hours, 1)))


def coverage(outlets: int) -> float:
    """1 for one outlet, 1.25 for two, 1.5 for four; it grows slowly, and not beyond sixteen."""
    return 1.0 + EACH_DOUBLING * log2(min(max(outlets, 1), MOST_OUTLETS))


def figure(value: float) -> str:
    """`0.62`, `1`, and `<0.01` for what is next to nothing."""
    if 0 < value < 0.005:
        return "<0.01"
    return f"{value:.2f}".rstrip("0").rstrip(".")
