"""HTML as text: its paragraphs, tidied, and how many words they have.

The HTML is sanitised before it comes here (sources), so its tags are balanced; what is not gives odd text, never an error.
"""

import re
import unicodedata
from html import unescape

_SILENT = frozenset({"head", "iframe", "noscript", "object", "script", "style", "svg", "template", "title"})
#: Text, but not the story's sentences: what a summary must not begin with.
_NOT_PROSE = frozenset(
    {"aside", "button", "dl", "figcaption", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "nav", "pre", "table"}
)
_INLINE_TAGS = """
    a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd label mark q rp rt ruby s samp small
    span strike strong sub sup time tt u var wbr
"""
#: What stands for a tag in the text; for all others it is an empty line, and a comment (no tag) is nothing.
_BREAKS = dict.fromkeys(_INLINE_TAGS.split(), "") | {"": "", "br": "\n"}
#: Controls that are no space, byte order mark, soft hyphen, lone surrogates, direction overrides and isolates, and what
#: has no width or is a blank letter; not the joiners (U+200C, U+200D) and marks of direction (U+200E, U+200F).
_UNSHOWN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u180e\u200b\u202a-\u202e\u2060-\u206f\u2800\u3164\ufeff\uffa0\ufff9-\ufffb"
    "\ud800-\udfff]"
)
#: Of text that has nothing else nothing is seen.
_INVISIBLE = frozenset({"Cc", "Cf", "Mn", "Me", "Zs", "Zl", "Zp"})
#: Runs of spaces, and any single one but the plain and the two that are typography: French « ! », figures and units.
_SPACE = re.compile(r"\s{2,}|[^\S \u00a0\u202f]")
#: A comment, or a tag with attributes in which ">" may stand between quotation marks.
_TAG = re.compile(r"<!--.*?-->|<(/?)([a-zA-Z][a-zA-Z0-9]*)(?:[^>\"']|\"[^\"]*\"|'[^']*')*+>", re.DOTALL)
_BREAK = re.compile(r"\n\s*\n")

_IDEOGRAM = re.compile("[\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_SOUTH_EAST_ASIAN = re.compile("[\u0e01-\u0e3a\u0e40-\u0edf\u1000-\u109f\u1780-\u17d3]")  # Thai, Lao, Burmese, Khmer
_WORD = re.compile(r"\w++(?:['’.,-]\w++)*+")
#: ASCII as words, joiners and what parts words.
_SHAPE = bytes(ord("w" if chr(n).isalnum() or n == 0x5F else "-" if chr(n) in "'.,-" else " ") for n in range(256))


def tidy(text: str) -> str:
    """One line without controls, invisible marks and runs of spaces, in NFC; may stand in a header.

    Direction overrides go (they make a line read as another, security S3); joiners that scripts and emoji need stay.
    """
    if not text or _is_plain(text):
        return text.strip()
    shown = unicodedata.normalize("NFC", _UNSHOWN.sub("", text))
    line = _SPACE.sub(" ", shown).strip()
    return line if any(unicodedata.category(char) not in _INVISIBLE for char in line) else ""


def paragraphs(html: str, *, prose: bool = False) -> tuple[str, ...]:
    """The text of each block, tidied, none empty. `prose` leaves out headings, captions, tables, code and the like."""
    text = _text(html, _SILENT | _NOT_PROSE if prose else _SILENT)
    return tuple(found for part in _BREAK.split(text) if (found := tidy(part)))


def plain_text(html: str) -> str:
    """The text, paragraphs parted by an empty line."""
    return "\n\n".join(paragraphs(html))


def word_count(text: str) -> int:
    """Words as reading time counts them.

    Two ideograms or kana read about as long as one word, and five letters of the scripts that put no spaces between words.
    """
    if text.isascii():  # the same as below, many times faster
        shape = text.encode().translate(_SHAPE).replace(b"w-w", b"ww").replace(b"w-w", b"ww")
        return (b" " + shape.replace(b"-", b" ")).count(b" w")
    ideograms = len(_IDEOGRAM.findall(text))
    letters = len(_SOUTH_EAST_ASIAN.findall(text))
    rest = _SOUTH_EAST_ASIAN.sub(" ", _IDEOGRAM.sub(" ", text))
    return -(-ideograms // 2) + -(-letters // 5) + len(_WORD.findall(rest))


def _is_plain(text: str) -> bool:
    """Nothing to tidy but the ends. Most text is so, and this is the quickest way to see it."""
    return text.isascii() and text.isprintable() and "  " not in text


def _spaced(text: str) -> str:
    return text if _is_plain(text) else _SPACE.sub(" ", text)


def _text(html: str, skipped: frozenset[str]) -> str:
    """The text outside of skipped elements; a tag that is not inline parts it, and a doubled line break does too."""
    first, *rest = _TAG.split(_spaced(html))
    found = [_unescaped(first)]
    depth = 0  # how many skipped elements are open
    for closing, name, text in zip(rest[::3], rest[1::3], rest[2::3], strict=True):
        tag = (name or "").lower()
        found.append(_BREAKS.get(tag, "\n\n"))
        if tag in skipped:
            depth = max(0, depth + (-1 if closing else 1))
        if not depth:
            found.append(_unescaped(text))
    return "".join(found)


def _unescaped(text: str) -> str:
    return _spaced(unescape(text)) if "&" in text else text
