"""The frame of a mail: our own words around what others wrote. It may be in another language than they, and run the other way."""

import re
from dataclasses import dataclass

from digest.model.edition import Edition
from digest.words import Words, words_in

_FOOTER = re.compile(r'<td\b[^>]*\bclass="footer"[^>]*\blang="([^"]+)"')
_WHOLE = re.compile(r'<html\b[^>]*\blang="([^"]+)"')


@dataclass(frozen=True, slots=True)
class FrameView:
    """`frame` in every mail."""

    language: str  # BCP 47; templates have it as `lang` too, which is what `_()` goes by
    direction: str  # "ltr" or "rtl"
    start: str  # where its lines begin, "left" or "right"
    end: str


def view_frame(words: Words) -> FrameView:
    start, end = ("right", "left") if words.direction == "rtl" else ("left", "right")
    return FrameView(words.tag, words.direction, start, end)


def read_frame(edition: Edition) -> Words:
    """Of an edition as it was rendered, from what its footer says, or else the whole of it."""
    found = _FOOTER.search(edition.whole) or _WHOLE.search(edition.whole)
    return words_in(found[1] if found else "")
