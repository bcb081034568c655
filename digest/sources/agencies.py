"""Credit lines of news pages: who took the picture, and which agency's report a story rests on. Pure; whole lines only."""

import re
from collections.abc import Sequence

#: News agencies that sign with their name alone. A name that is missing here is still found beside "and agencies" and the like.
_NAMES = (
    r"(?:the )?(?:AP|Associated Press|Reuters|AFP|Agence France[- ]Presse|dpa|UPI|EFE|ANSA|APA|PA(?: Media)?|Press Association"
    r"|Xinhua|TASS|Interfax|Kyodo(?: News)?|Jiji(?: Press)?|Yonhap|PTI|ANI|IANS|Anadolu(?: Agency)?|Bloomberg(?: News)?|Belga|ANP"
    r"|NTB|TT|Ritzau|STT|LETA|BNS|MTI|PAP|CTK|ČTK|SDA|Keystone-SDA|AAP|RNZ|CP|(?:The )?Canadian Press|Lusa|KNA|epd|SID|MENA|NAN"
    r"|Getty(?: Images)?|EPA|Shutterstock|Alamy)"
)
_ANY = r"[\w’'.&-]+(?: [\w’'.&-]+){0,5}"
_JOIN = r"(?:\s*[,/;+]\s*(?:and |und |et |y |e )?|\s+(?:and|und|et|y|e|with|&)\s+)"
_WIRES = r"(?:(?:news |wire )?(?:wire services|wires|agencies)|wire (?:reports|services)|news services|staff(?: reports)?|wire)"
_SAID = re.compile(r"\b(?:said|says|told|was|were|is|are|has|have|had|will|would|could)\b", re.IGNORECASE)

_AGENCY_LINES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?:with |from |by )?(?:{_ANY}{_JOIN})*{_WIRES}(?:{_JOIN}{_ANY})?",
        rf"(?:compiled|adapted|edited) (?:by .{{1,40}} )?from (?:{_ANY}{_JOIN})*{_WIRES}",
        rf"{_WIRES} contributed(?: .{{1,40}})?",
        rf"(?:with |via |source: |sources: |agency: |agencies: |© ?(?:\d{{4}} )?)*{_NAMES}(?:{_JOIN}{_NAMES})*",
        rf"{_ANY}{_JOIN}{_NAMES}(?:{_JOIN}{_NAMES})*",
        rf"{_NAMES}{_JOIN}{_ANY}",
        rf"with (?:additional |further )?(?:reporting|files|material|information|contributions?) (?:by|from) {_ANY}(?:{_JOIN}{_ANY})*",
        r"(?:additional |further )?reporting by .{2,120}",
        r".{2,100} contributed (?:reporting|to this (?:report|story|article)|to the reporting)(?: from .{2,40})?",
        (
            rf"(?:mit (?:material von|informationen von|agenturmaterial)|mit|avec|con informaci[oó]n de|con|com) (?:{_NAMES}|agenturen|agences"
            rf"|agencias|agenzie|ag[êe]ncias)(?:{_JOIN}{_ANY})*"
        ),
        r"(?:quellen?|fuentes?|sources?|fonte|bron): .{2,60}",
    )
)
_GLUED = re.compile(
    rf"(?<=[.!?”\"’])\s+(?P<credit>(?:[A-ZÀ-Þ][\w’'.&-]*(?: [A-ZÀ-Þ][\w’'.&-]*){{0,5}} and )?(?:wire services|news agencies|agencies)"
    rf"|[Ww]ith (?:files |reporting |additional reporting )?(?:from |by )?{_NAMES}(?: and {_NAMES})?)\.?$"
)
_LABEL = re.compile(
    r"(?:file )?(?:photo(?:graph)?s?|images?|pictures?|pics?|foto|bild|credits?|photo credit|image credit|copyright)"
    r"(?:(?: (?:by|courtesy(?: of)?|from|credit|via))\s*:?|\s*[:/|–—-])\s+|©\s*(?:\d{4}\s*)?|courtesy(?: of)? ",
    re.IGNORECASE,
)
_PERSON = r"[A-ZÀ-ÖØ-Þ][\w’'.-]*(?: (?:[A-ZÀ-ÖØ-Þ][\w’'.-]*|d[aei]|de[lnr]?|la|le|van|von|al|bin|ter|ten)){0,5}"
_HOUSE = r"[A-ZÀ-ÖØ-Þa-z][\w’'.&-]*(?: [A-ZÀ-ÖØ-Þ][\w’'.&-]*){0,4}"
_PHOTO_LINES = (
    re.compile(
        rf"(?:{_PERSON}(?:, {_PERSON})*|(?i:handout|pool|file|stringer)) ?/ ?{_HOUSE}(?:(?: ?/ ?| via | for ){_HOUSE})*"
    ),
    re.compile(rf"{_PERSON} (?:via|for) (?i:{_NAMES})(?:(?: ?/ ?| via ){_HOUSE})*"),
    re.compile(rf"{_PERSON} (?:via|for) {_HOUSE}(?: ?/ ?{_HOUSE})+"),
    re.compile(rf"{_PERSON} ?(?:[|–—,-]) ?(?i:{_NAMES})(?: (?i:photo|images?))?"),
    re.compile(rf"{_PERSON} ?\((?i:{_NAMES})\)|\((?i:{_NAMES})\) {_PERSON}"),
    re.compile(rf"(?i:{_NAMES})(?: (?i:photo|images?))?(?: ?/ ?(?:{_PERSON}))?"),
    re.compile(rf"(?i:(?:{_LABEL.pattern})){_HOUSE}(?:(?: ?[/|,] ?| via | for | and ){_HOUSE})*"),
)
MAX_WORDS = 16  # of one credit line
MAX_LENGTH = 200  # characters of one


def take(blocks: Sequence[str]) -> tuple[list[str], str]:
    """The blocks without the agency credits at their end, and these credits, joined by "; "."""
    story = list(blocks)
    found: list[str] = []
    while len(story) > 1 and (line := _agency(story[-1])):
        found.insert(0, line)
        story.pop()
    if story and not found and (match := _GLUED.search(story[-1])):
        found.append(match["credit"])
        story[-1] = story[-1][: match.start()].rstrip()
    return story, "; ".join(found)


def is_photo_credit(line: str) -> bool:
    """Whether a line of the head can be nothing but a credit."""
    line = _bare(line)
    return (
        len(line) <= MAX_LENGTH
        and len(line.split()) <= MAX_WORDS - 4
        and any(pattern.fullmatch(line) for pattern in _PHOTO_LINES)
    )


def without_label(line: str) -> str:
    """`Photo: Ann Roe/AP` → `Ann Roe/AP`."""
    match = _LABEL.match(line)
    return _bare(line[match.end() :] if match else line) or line


def _agency(line: str) -> str:
    """The credit in a line, or ""."""
    bare = _bare(line)
    if len(bare) > MAX_LENGTH or len(bare.split()) > MAX_WORDS or _SAID.search(bare):
        return ""
    return bare if any(pattern.fullmatch(bare) for pattern in _AGENCY_LINES) else ""


def _bare(line: str) -> str:
    """Without a dash before it, brackets around it, or a full stop after it."""
    bare = line.strip().lstrip("—–-•* ").rstrip(" .")
    pairs = {("(", ")"), ("[", "]")}
    return bare[1:-1].strip() if len(bare) > 1 and (bare[0], bare[-1]) in pairs else bare
