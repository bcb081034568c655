"""What a news site puts after (and between) the paragraphs of a story: links, sign-up boxes, buttons. Pure; whole lines first,
then what is glued to the last paragraph without a line end.
"""

import re
from collections.abc import Sequence

_SITE = r"[^.!?]{1,60}?"
_NEWS = r"(?:news|stories|story|articles?|links|coverage|content|topics?|reading|videos?|posts|items)"
_MAIL = r"(?:newsletters?|e-?mails?|updates?|alerts?|briefings?|digests?|bulletins?|headlines|notifications)"
_PLACE = r"(?:facebook|twitter|x|instagram|linkedin|whatsapp|telegram|mastodon|bluesky|reddit|youtube|tiktok|threads|google news|e-?mail)"

#: Phrases strong enough to be cut off even where they are glued to a sentence.
_STRONG = (
    rf"related (?:{_NEWS}|from {_SITE})",
    rf"(?:more|latest|top|recommended|trending|popular|other) {_NEWS}(?: (?:from|on|in|about) {_SITE})?",
    (
        rf"(?:get|receive) (?:the |our |your |all )?(?:latest |breaking |free |daily |weekly |top )*(?:news |story |e-?mail |breaking )*(?:{_MAIL}|news)"
        rf"(?: (?:from|by|on|in|for|to|about|delivered) {_SITE})?"
    ),
    (
        rf"(?:sign[ -]?up|subscribe|register) (?:now |here |today |free )?(?:for|to) (?:the |our |free |a |this |{_SITE}’s |{_SITE}'s )*"
        rf"(?:free |daily |weekly |morning |evening |monthly )*(?:e-?mail |news )?(?:{_MAIL})(?: here| now| today)?(?: (?:from|by) {_SITE})?"
    ),
    rf"(?:sign[ -]?up|subscribe|register) (?:for|to) {_SITE} (?:{_MAIL})",
    rf"find {_SITE} on (?:your |cable |satellite |local )*(?:tv|television|cable|radio|dial|app store)",
    rf"(?:follow|like|find|join|connect with) (?:us|{_SITE}) on {_PLACE}(?:(?:,| and| or|,? and) {_PLACE})*(?: @\w+)?",
    rf"share (?:this|the|on|via)(?: (?:article|story|page|post|on|via|with|{_PLACE}))*",
    r"(?:you (?:may|might) (?:also )?(?:like|be interested in)|recommended for you|editors?['’]s? picks?|don['’]t miss|most (?:read|popular|viewed"
    r"|shared|commented|watched))(?: (?:in|on|from) " + _SITE + ")?",
    rf"download (?:the |our )?{_SITE} app(?: .{{1,40}})?",
    r"back to (?:the )?(?:top|home(?: ?page)?)",
    r"(?:©|\(c\)|copyright).{0,80}|all rights reserved",
    r"(?:leave|post|add|write) a comment|(?:\d+|no|show|view|all) comments?",
)
#: Whole lines that are never part of a story, wherever they stand.
_ANYWHERE = (
    (
        r"(?:share|tweet|print|e-?mail|save|comments?|like|copy link|link copied|listen|bookmark|facebook|twitter|whatsapp|linkedin|reddit|pinterest)"
        r"(?:\s*[|,·/•&+]?\s*(?:share|tweet|print|e-?mail|save|comments?|like|copy link|facebook|twitter|x|whatsapp|linkedin|reddit|pinterest))*"
    ),
    r"(?:advertisement|advertising|anzeige|sponsored(?: content)?|ad|promoted|publicidad|publicité)",
    r"(?:story|article) continues (?:below|after)(?: .{1,40})?|continue reading(?: .{1,60})?|skip (?:advertisement|to .{1,40})",
    r"(?:read|see|watch|listen|learn|hear)(?: (?:more|also|next|now|on))*:.{0,160}|(?:related|more|also|in pictures|in depth|opinion|explainer): .{1,160}",
    r"(?:read|see) (?:more|also)(?: .{1,120})?|more (?:on|from|about|in) .{1,60}",
)
#: Weak lines: only after the story.
_AT_END = (
    (
        r"(?:your |enter your )?e-?mail(?: address)?|subscribe(?: now| here| today)?|sign[ -]?up(?: now| here| today)?|log ?in|register|donate(?: now)?"
        r"|submit|next(?: article| story)?|previous(?: article| story)?|home|search|menu|contact us|about us|privacy policy|terms (?:of (?:use|service)"
        r"|and conditions)|cookie (?:policy|settings)|help|faqs?|careers|advertise(?: with us)?|report (?:an error|a typo|a correction)"
    ),
    r"(?:tags?|topics?|filed under|categories|category|keywords|section)(?::.{1,160})?|#\w+(?:[ ,]+#\w+)*",
    r"(?:join|support|become) (?:us|our|a) .{1,60}|(?:have|got) a (?:tip|story|question|correction).{0,80}|(?:contact|e-?mail|write to) (?:us|the .{1,30}) at .{1,60}",
)
#: Headings after which nothing but links follows.
_OPENER = re.compile(
    rf"(?:related(?: {_NEWS}| from .{{1,40}})?|(?:more|latest|top|recommended|trending|popular|other) {_NEWS}(?: .{{1,60}})?|most (?:read|popular|viewed"
    r"|shared)(?: .{1,40})?|you (?:may|might) also like|recommended(?: for you)?|trending(?: now)?|editors?['’]s? picks?|don['’]t miss|comments"
    rf"|read (?:more|next|also)|see also|more (?:from|on|in) .{{1,60}}|up next|in this section):?",
    re.IGNORECASE,
)
_ANY_LINE = re.compile("|".join(f"(?:{pattern})" for pattern in _ANYWHERE), re.IGNORECASE)
_END_LINE = re.compile("|".join(f"(?:{pattern})" for pattern in (*_STRONG, *_ANYWHERE, *_AT_END)), re.IGNORECASE)
_PHRASE = re.compile("|".join(f"(?:{pattern})" for pattern in _STRONG), re.IGNORECASE)
#: Where a glued phrase may begin. Capitals are wanted, a word boundary is not: "… said.Get email updates from …".
_START = re.compile(
    "(?=Related|More|Latest|Top|Recommended|Trending|Popular|Get|Receive|Sign|Subscribe|Register|Find|Follow|Like|Join|Connect"
    "|Share|You m|Editor|Don|Most|Download|Back to|©|\\(c\\)|Copyright|All rights|Leave|Post a|Add a|RELATED|SIGN|GET|SUBSCRIBE"
    "|FOLLOW|SHARE)"
)
MAX_WORDS = 16  # of one trailer line
MAX_LENGTH = 200  # characters of one


def remove(blocks: Sequence[str]) -> list[str]:
    """The blocks of the story alone. The first block always stays: a page is never trailer from end to end."""
    story = [block for index, block in enumerate(blocks) if index == 0 or not _is_line(_ANY_LINE, block)]
    story = _cut_at_opener(story)
    while len(story) > 1:
        if _is_line(_END_LINE, story[-1]):
            story.pop()
        elif (shorter := _unglue(story[-1])) != story[-1]:
            story[-1:] = [shorter] if shorter else []
        else:
            break
    return story


def _is_line(pattern: re.Pattern[str], block: str) -> bool:
    text = block.strip(" :›»>→|•*-–—").rstrip(".…!")
    return not text or (
        len(text) <= MAX_LENGTH and len(text.split()) <= MAX_WORDS and pattern.fullmatch(text) is not None
    )


def _cut_at_opener(story: list[str]) -> list[str]:
    """Without the list of links under a heading like "Related News", if no paragraph follows it."""
    for index in range(2, len(story)):
        if _OPENER.fullmatch(story[index].strip()) and not any(_is_paragraph(block) for block in story[index + 1 :]):
            return story[:index]
    return story


def _is_paragraph(block: str) -> bool:
    return len(block.split()) >= 18 and re.search(r"[.!?]['\"”’)]*$", block) is not None


def _unglue(block: str) -> str:
    """Cuts the last glued phrase off, if everything from its first word to the end is one."""
    starts = [match.end() for match in _START.finditer(block)]
    for start in reversed(starts):
        tail = block[start:].strip().rstrip(".…!:")
        if len(tail) > MAX_LENGTH or len(tail.split()) > MAX_WORDS:
            break
        if _PHRASE.fullmatch(tail) and (start == 0 or _may_end(block[:start])):
            return block[:start].rstrip()
    return block


def _may_end(before: str) -> bool:
    """Whether a story, or another trailer phrase, can end here: after a stop, or where a new word is glued on."""
    return not before.endswith((",", ";", "(", "“"))
