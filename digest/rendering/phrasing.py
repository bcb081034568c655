"""Small decisions about words: moments, shortening, the line an inbox shows beside the subject, which way a text runs."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime

from digest.words import words_in

PREHEADER = 130  # characters; inboxes show 40 to 130


def tell_moment(local: datetime, zone: str) -> str:
    """`Monday 23 November 2026, 07:00 (Europe/Vienna)`, for operators: in English."""
    return f"{words_in('en').long_date(local.date())}, {local:%H:%M} ({zone})"


def shorten(text: str, width: int) -> str:
    """At most `width` characters, cut between words, with an ellipsis if anything is gone."""
    text = " ".join(text.split())
    if len(text) <= width:
        return text
    cut = text.rfind(" ", 0, width)
    kept = text[: cut if cut > width // 2 else width - 1]  # one endless word is cut anywhere
    return kept.rstrip(" ,;:.–—-") + "…"


def make_preheader(summary: str, headlines: Iterable[str]) -> str:
    """What an inbox shows beside the subject: the lead in half a line, then what else there is."""
    parts = [shorten(summary, 80), *headlines]
    return shorten(" · ".join(filter(None, parts)), PREHEADER)


def split_paragraphs(text: str) -> tuple[str, ...]:
    """What stands between empty lines; a line end within a paragraph is a space."""
    paragraphs = re.split(r"\n\s*\n", text.replace("\r\n", "\n"))
    return tuple(filter(None, (" ".join(paragraph.split()) for paragraph in paragraphs)))


def see_direction(text: str, otherwise: str) -> str:
    """Which way a text runs, by most of its words that say so; by the first one, when there are as many of both.

    Not by the first letter alone (Unicode Bidirectional Algorithm, P2): an Arabic headline may begin with a Latin name. A word
    of a right-to-left script counts for more, since names and figures in it are Latin more often than the other way round.
    """
    ways = [way for word in text.split() if (way := _run(word))]
    if not ways:
        return otherwise
    share = ways.count("rtl") / len(ways)
    if 0.4 <= share <= 0.6:
        return "rtl" if otherwise == "rtl" else ways[0]
    return "rtl" if share > 0.5 else "ltr"


def _run(word: str) -> str:
    for char in word:
        kind = unicodedata.bidirectional(char)
        if kind in {"L", "R", "AL"}:
            return "ltr" if kind == "L" else "rtl"
    return ""
