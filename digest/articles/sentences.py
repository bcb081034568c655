"""Where a sentence ends, in many scripts, and how to cut a text there.

Wrong in one direction only, as far as possible: an end that is not seen makes a text a little longer or shorter; an end
that is none makes it nonsense. So a doubtful full stop ("U.S. Secretary", "Mr. Kerry", "3. Mai") is no end.
"""

import re
import unicodedata
from collections.abc import Iterator

#: Latin, Greek, Cyrillic … | East Asian, which puts no space after it | Arabic, Urdu, Hindi, Armenian, Burmese, Ethiopic.
#: The first sign is looked for by itself, and only then what kind it is of: so it is found many times faster.
_END = re.compile(
    r"(?P<stop>[.!?…。！？｡؟۔।॥։။።](?:(?<=[.!?…])[.!?…]*|(?<=[。！？｡])(?P<wide>[。！？｡]*)|[؟۔।॥։။።]*))[\"'”’»›)\]」』）】〉》]*"
)
_TOKEN = re.compile(r"[^\s(\[{\"'“”‘’«»„]*$")
_INITIALS = re.compile(r"(?:\w\.)*\w|\d\d")  # "U.S", "J", "z.B"; also "3" and "31": German ordinals
#: English, German, French, Spanish, Italian, Scandinavian; none that is a common word
_ABBREVIATED = """
    adj adm al alt apr approx asst aug ave bd bldg bros bzw ca capt cf cie co corp dec dept dipl dott dr ed eds eg
    etc evtl excl feb fr fri gen ggf gov hon hr hrsg ie inc inkl jan jr jul jun kl lic lt ltd maj max messrs mio
    mlle mme mmes mr mrd mrs ms mt mts mwst nov nr núm oct okt pag pp pres prof pvt resp rev sen sep sept sgt sig
    sog spp sr sra st stk str tel tsd usw univ vgl viz vol vs zzgl
"""
_ABBREVIATIONS = frozenset(_ABBREVIATED.split())
_JOINERS = {"\u200d", "\ufe0f", "\ufe0e"}
_LOOK_BACK = 24  # characters; longer than any abbreviation

ELLIPSIS = "…"


def columns(text: str) -> int:
    """How wide it is shown, in Latin letters: an ideogram takes two."""
    if text.isascii():
        return len(text)
    return len(text) + sum(1 for char in text if char > "\u10ff" and unicodedata.east_asian_width(char) in "WF")


def sentence_ends(text: str) -> Iterator[int]:
    """The positions just after each sentence, growing; a line break ends one, and so does the end of the text."""
    start = 0
    for line in text.splitlines(keepends=True):
        body = line.rstrip()
        end = 0
        for match in _END.finditer(body):
            if _ends(body, match):
                end = match.end()
                yield start + end
        if end < len(body):
            yield start + len(body)
        start += len(line)


def shorten(text: str, limit: int, *, least: int = 60) -> str:
    """At most `limit` columns: whole sentences where they make at least `least`, else cut at a word with an ellipsis."""
    if columns(text) <= limit:
        return text
    whole = 0
    for end in sentence_ends(text):
        if columns(text[:end]) > limit:
            break
        whole = end
    return text[:whole] if columns(text[:whole]) >= least else cut(text, limit)


def cut(text: str, limit: int) -> str:
    """At most `limit` columns, cut between words where there are any, with an ellipsis; unchanged when it fits."""
    if columns(text) <= limit:
        return text
    head = _head(text, limit - 1)
    space = max(head.rfind(" "), head.rfind("\n"))
    if space > len(head) // 2 and not text[len(head)].isspace():
        head = head[:space]
    return head.rstrip(" \n,;:.!?-–—…") + ELLIPSIS


def _head(text: str, limit: int) -> str:
    """The first `limit` columns, without tearing a letter from its accents or an emoji from its parts."""
    end = min(len(text), limit)
    while columns(text[:end]) > limit:
        end -= 1
    while end > 1 and (_joins(text[end]) or text[end - 1] == "\u200d"):
        end -= 1
    return text[:end]


def _joins(char: str) -> bool:
    return bool(unicodedata.combining(char)) or char in _JOINERS


def _ends(line: str, match: re.Match[str]) -> bool:
    if match["wide"] is not None:
        return True
    rest = line[match.end() : match.end() + _LOOK_BACK]
    if not rest:
        return True
    if not rest[0].isspace() or _first_letter(rest).islower():
        return False
    return match["stop"] != "." or not _abbreviates(line[max(0, match.start() - _LOOK_BACK) : match.start()])


def _first_letter(rest: str) -> str:
    return next((char for char in rest if char.isalnum()), "")


def _abbreviates(before: str) -> bool:
    token = _TOKEN.search(before)
    word = token[0].lower() if token else ""
    return word in _ABBREVIATIONS or _INITIALS.fullmatch(word) is not None
