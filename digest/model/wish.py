"""What the editor asked of an issue. Kept beside it, and applied anew at each drafting, so that no draft loses it."""

from dataclasses import dataclass
from enum import StrEnum


class WishKind(StrEnum):
    """What is asked. Of each kind an article, or the issue, has one at most: the last counts."""

    PIN = "pin"  # in, whatever its age and the list's limits, and first in its section
    DROP = "drop"  # out
    LEAD = "lead"  # above the sections
    MOVE = "move"  # to a section and a place in it
    TITLE = "title"
    SUMMARY = "summary"
    SUBJECT = "subject"  # of the issue
    INTRO = "intro"  # of the issue: paragraphs above the lead


OF_ISSUE = frozenset({WishKind.SUBJECT, WishKind.INTRO})

#: Asking for one takes the others back.
INSTEAD_OF: dict[WishKind, frozenset[WishKind]] = {
    WishKind.PIN: frozenset({WishKind.DROP}),
    WishKind.DROP: frozenset({WishKind.PIN, WishKind.LEAD, WishKind.MOVE}),
    WishKind.LEAD: frozenset({WishKind.DROP, WishKind.MOVE}),
    WishKind.MOVE: frozenset({WishKind.DROP, WishKind.LEAD}),
}


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing that is asked."""

    kind: WishKind
    article_id: int = 0  # 0 for what is asked of the issue
    text: str = ""  # the new words; of a move the section
    position: int = 0  # of a move, from 1 on; 0 for the section's end


@dataclass(frozen=True, slots=True)
class Wishes:
    """All that is asked of one issue, the oldest first."""

    each: tuple[Wish, ...] = ()

    @property
    def pinned(self) -> frozenset[int]:
        return frozenset(wish.article_id for wish in self.each if wish.kind is WishKind.PIN)

    @property
    def dropped(self) -> frozenset[int]:
        return frozenset(wish.article_id for wish in self.each if wish.kind is WishKind.DROP)

    @property
    def wanted(self) -> frozenset[int]:
        """Articles that are in, whatever the rules say: an editor who moves or edits one wants to see it."""
        asked = {wish.article_id for wish in self.each if wish.kind not in OF_ISSUE}
        return frozenset(asked - self.dropped)


NO_WISHES = Wishes()
