"""When refusals that may be about us stop a campaign, and how the first mails of one must fare.

Of some it is certain that they are (`Reply.certainly_about_us`), and one is enough. Others may be one mailbox's own policy: one in
a campaign is nothing, many are a pattern. None of either kind counts against a reader.
"""

from collections import deque
from dataclasses import dataclass, field

from digest.model.message import Reply

LATELY = 100  # outcomes
PATTERN = 3  # doubtful refusals among the last LATELY, or in a row
PATTERN_PERCENT = 2  # of all outcomes


@dataclass
class Refusals:
    """The outcomes of one campaign. Note each; if it should pause, it should until it is resumed with a new one of these.

    `outcomes` and `doubtful` may begin with what is known of the campaign from before. Silence is no outcome.
    """

    outcomes: int = 0
    doubtful: int = 0  # refusals that may be about us
    _noted: int = field(default=0, init=False)
    _doubtful_at: deque[int] = field(default_factory=deque, init=False)  # which of those noted were doubtful, of late
    _in_a_row: int = field(default=0, init=False)
    _why: str = field(default="", init=False)

    def note(self, reply: Reply) -> None:
        if reply.silent:
            return
        self._count(doubtful=reply.about_us)
        if reply.certainly_about_us:
            self._why = self._why or str(reply)
        elif reply.about_us and self._is_a_pattern():
            self._why = self._why or self._pattern(reply)

    def note_accepted(self, count: int = 1) -> None:
        """So many, one after the other."""
        self.outcomes += count
        self._noted += count
        self._in_a_row = 0

    def should_pause(self) -> str:
        """Why, in words that may follow a colon; "" when it need not."""
        return self._why

    def _count(self, *, doubtful: bool) -> None:
        self.outcomes += 1
        self._noted += 1
        self._in_a_row = self._in_a_row + 1 if doubtful else 0
        if doubtful:
            self.doubtful += 1
            self._doubtful_at.append(self._noted)

    @property
    def _of_late(self) -> int:
        """How many of the last LATELY outcomes were doubtful."""
        while self._doubtful_at and self._doubtful_at[0] <= self._noted - LATELY:
            self._doubtful_at.popleft()
        return len(self._doubtful_at)

    def _is_a_pattern(self) -> bool:
        many = self.doubtful * 100 >= self.outcomes * PATTERN_PERCENT
        return self._of_late >= PATTERN and (many or self._in_a_row >= PATTERN)

    def _pattern(self, reply: Reply) -> str:
        return (
            f"{self._of_late} of the last {min(self._noted, LATELY)} mails were refused in a way that may be about us, "
            f"the last one with: {reply}"
        )


def canary_verdict(accepted: int, refused: int, limit_percent: float) -> str:
    """Why the rest of a campaign must wait after its first mails; "" to go on. Give it only what has an end."""
    outcomes = accepted + refused
    if refused * 100 <= outcomes * limit_percent:
        return ""
    return (
        f"{refused} of the first {outcomes} mails were refused ({refused * 100 / outcomes:.3g} %), "
        f"more than the {limit_percent:g} % that are allowed"
    )
