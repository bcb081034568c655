"""The text part: lines of at most 72 columns, counted as a terminal shows them (a CJK character takes two)."""

import re
import unicodedata

WIDTH = 72  # columns; RFC 5322 allows 78, and a reply's "> " must fit too

_BLANKS = re.compile(r"[^\S\u00a0\u202f]+")  # but those that do not break, as French has before a colon
_WIDE = frozenset("WF")
_INVISIBLE = frozenset({"Mn", "Me", "Cf"})


def measure(text: str) -> int:
    """How many columns a text takes."""
    return len(text) if text.isascii() and text.isprintable() else sum(map(_columns, text))


def wrap(text: str, width: int = WIDTH, indent: str = "") -> str:
    """Fill lines with whole words, each line after `indent`. A link or another long word is never broken; CJK text may be."""
    lines: list[str] = []
    line = ""
    for word in _split_wide(text, width - len(indent)):
        if line and measure(line) + 1 + measure(word) > width - len(indent):
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    lines.append(line)
    return "\n".join(f"{indent}{line}".rstrip() for line in lines)


def tidy(text: str) -> str:
    """No space at line ends, never two blank lines in a row, one line end at the end: templates need not care."""
    lines = "\n".join(line.rstrip() for line in text.strip().splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines) + "\n"


def _columns(char: str) -> int:
    if unicodedata.category(char) in _INVISIBLE:
        return 0
    return 2 if unicodedata.east_asian_width(char) in _WIDE else 1


def _split_wide(text: str, width: int) -> list[str]:
    """Words; one of wide characters that is longer than a line is cut, as such scripts have no spaces to break at."""
    words: list[str] = []
    for word in filter(None, _BLANKS.split(text)):
        cuttable = not word.isascii() and any(_columns(char) == 2 for char in word) and measure(word) > width
        words += _cut(word, width) if cuttable else [word]
    return words


def _cut(word: str, width: int) -> list[str]:
    pieces = [""]
    for char in word:
        if measure(pieces[-1]) + _columns(char) > width:
            pieces.append("")
        pieces[-1] += char
    return pieces
