"""The plain text of a news site's article page, as a reader copies it: photo credit, headline, standfirst, story, agency
credit, and the site's trailer. Any of the parts may be missing. Runs in the confined process.

    blocks of text  →  without trailer  →  without agency credit  →  head (credit, headline, byline, standfirst) and body

Rules look at the shape of a line and at words that any news site uses, never at one site's name.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from digest.sources import agencies, trailers
from digest.sources.sanitize import clean_line

MAX_HEADLINE = 30  # words
MAX_STANDFIRST = 45  # words
PROSE = 20  # words that make a block with a full stop a paragraph

_STOP = re.compile(r"[.!?…:]['\"”’»)]*$")
_NAME_WORD = r"(?:[A-ZÀ-ÖØ-Þ][\w’'.-]*|d[aei]|de[lnr]?|la|le|van|von|al-[A-Z]\w+|bin|ibn|ten|ter|y|e)"
_BYLINE = re.compile(rf"(?:by|von|par|por|di|door|af|av)\s+(?P<names>(?i:{_NAME_WORD}).{{1,100}})", re.IGNORECASE)
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_STAMP = re.compile(
    r"(?:(?:first |last )?(?:published|updated|posted|modified|aired)\b.*\d.*"
    rf"|(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+)?(?:{_MONTH}\s+\d{{1,2}}|\d{{1,2}}\.?\s+{_MONTH})(?:,?\s+\d{{4}})?"
    r"(?:,?\s+(?:at\s+)?\d{1,2}[:.]\d{2}.*)?"
    r"|\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}\S*)?|\d{1,2}[./]\d{1,2}[./]\d{2,4}(?:,?\s+\d{1,2}:\d{2}.*)?"
    r"|\d+\s+min(?:ute)?s?\s+read)",
    re.IGNORECASE,
)
_BARE_NAME = re.compile(r"[A-ZÀ-ÖØ-Þ][\w’'-]+ (?:[A-ZÀ-ÖØ-Þ]\. )?[A-ZÀ-ÖØ-Þ][\w’'-]+")
_SPACES = re.compile("[\t\u00a0\u2000-\u200a\u202f\u205f\u3000]")
_INVISIBLE = re.compile("[\ufeff\u200b-\u200f\u2060\u00ad]")
_LINE_END = re.compile("\r\n|[\r\n\x0b\x0c\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class NewsPage:
    """The parts of a page, as plain text. A part that the page lacks is empty."""

    headline: str = ""
    standfirst: str = ""
    paragraphs: tuple[str, ...] = ()
    photo_credit: str = ""
    agency: str = ""
    author: str = ""


def parse_news_page(text: str) -> NewsPage:
    """Never raises. Text that is no news page at all becomes paragraphs, with a headline if its first line can be one."""
    story = trailers.remove(_blocks(text))
    story, agency = agencies.take(story)
    head, body = _split(story)
    credit, head = _photo_credit(head)
    author, head = _byline(head)
    headline, standfirst, rest = _headline(head, body)
    return NewsPage(headline, standfirst, (*rest, *body), credit, agency, author)


def _blocks(text: str) -> list[str]:
    """Paragraphs and single lines. Blank lines part blocks; where lines are not hard-wrapped, every line is a block."""
    text = _INVISIBLE.sub("", _SPACES.sub(" ", _LINE_END.sub("\n", text)))
    blocks: list[str] = []
    for part in re.split(r"\n[ ]*(?:\n[ ]*)+", text):
        lines = [line for line in (clean_line(line, len(line) + 1) for line in part.split("\n")) if line]
        blocks.extend([" ".join(lines)] if lines and _is_wrapped(lines) else lines)
    return blocks


def _is_wrapped(lines: Sequence[str]) -> bool:
    """Whether an editor broke a paragraph: all lines but the last are about as long, and most end within a sentence."""
    if len(lines) < 2:
        return True
    inner = lines[:-1]
    even = all(45 <= len(line) <= 100 for line in inner) and max(map(len, inner)) - min(map(len, inner)) <= 25
    return even and len(lines[-1]) <= 100 and sum(_STOP.search(line) is None for line in inner) * 2 > len(inner)


def _is_prose(block: str) -> bool:
    return _STOP.search(block) is not None and len(block.split()) >= PROSE


def _split(blocks: Sequence[str]) -> tuple[list[str], list[str]]:
    """What stands before the first paragraph, and the rest. A page without prose is all head but for what is beyond it."""
    for index, block in enumerate(blocks[:8]):
        if _is_prose(block) or len(block.split()) > MAX_STANDFIRST:
            return list(blocks[:index]), list(blocks[index:])
    return list(blocks[:2]), list(blocks[2:])


def _photo_credit(head: list[str]) -> tuple[str, list[str]]:
    """A line that is plainly a credit, or a bare name before two more short lines (a headline and a standfirst)."""
    for index, line in enumerate(head):
        if agencies.is_photo_credit(line):
            return agencies.without_label(line), head[:index] + head[index + 1 :]
    others = [line for line in head[1:] if not _BYLINE.fullmatch(line) and not _STAMP.fullmatch(line)]
    if others and _BARE_NAME.fullmatch(head[0]) and len(others[0].split()) >= 4:
        return head[0], head[1:]
    return "", head


def _byline(head: list[str]) -> tuple[str, list[str]]:
    """Takes bylines and time stamps out of the head, but never its first line."""
    author, kept = "", head[:1]
    for line in head[1:]:
        match = _BYLINE.fullmatch(line)
        if match and not _STOP.search(line) and len(line.split()) <= 12:
            author = author or re.split(r"\s+[|·–—@]\s*|,\s+(?=[a-z])", match["names"])[0].strip()
        elif not _STAMP.fullmatch(line):
            kept.append(line)
    return author, kept


def _headline(head: list[str], body: Sequence[str]) -> tuple[str, str, list[str]]:
    """Headline, standfirst, and what of the head is neither: it goes back to the story.

    A standfirst has no full stop where the paragraphs have one; a short sentence with one is the story's beginning.
    """
    if not head or len(head[0].split()) > MAX_HEADLINE:
        return "", "", head
    headline, rest = head[0], head[1:]
    if rest and (body or len(rest) > 1) and not re.search(r"[.!?…]['\"”’»)]*$", rest[0]):
        return headline, rest[0], rest[1:]
    return headline, "", rest
