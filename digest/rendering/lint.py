"""What is wrong with a mail, in words: the byte rules of RFC 5322 and 2047, and what makes HTML readable for all.

For previews and tests. Findings are values, not errors: an operator's own templates may break a rule of taste knowingly.
"""

import re
from collections import Counter
from collections.abc import Iterator

from lxml import html

MAX_LINE = 998  # octets, RFC 5322 §2.1.1
MAX_HTML = 90_000  # octets, decoded: Gmail clips at about 102 kB
PREHEADER_LENGTH = range(40, 131)

_SINGLE = frozenset({b"from", b"to", b"reply-to", b"subject", b"date", b"message-id", b"mime-version", b"content-type"})
_PURE = re.compile(rb"list-|message-id|feedback-id|precedence|auto-submitted", re.IGNORECASE)
_ONE_CLICK = (b"list-id", b"list-unsubscribe", b"list-unsubscribe-post")


def lint_message(message: bytes) -> tuple[str, ...]:
    """Findings about a whole message as it would go to the next hop."""
    head, _, body = message.partition(b"\r\n\r\n")
    return (*_lint_lines(message), *_lint_fields(head), *_lint_encoding(body))


def lint_html(document: str) -> tuple[str, ...]:
    """Findings about an HTML part, inlined, with or without its slots filled."""
    tree = html.document_fromstring(document.encode(), parser=html.HTMLParser(encoding="utf-8"))
    checks = (_lint_document, _lint_elements, _lint_headings, _lint_preheader)
    findings = [finding for check in checks for finding in check(tree)]
    if (size := len(document.encode())) > MAX_HTML:
        findings.append(f"the HTML has {size:,} bytes: Gmail cuts it off at about {MAX_HTML:,}")
    return tuple(findings)


def _lint_lines(message: bytes) -> Iterator[str]:
    if re.search(rb"(?<!\r)\n|\r(?!\n)", message):
        yield "a line ends in something other than CRLF"
    if b"\0" in message:
        yield "there is a NUL"
    if (longest := max(map(len, message.split(b"\r\n")))) > MAX_LINE:
        yield f"a line has {longest} octets, and {MAX_LINE} are allowed"


def _lint_fields(head: bytes) -> Iterator[str]:
    fields = re.split(rb"\r\n(?![ \t])", head)
    names = Counter(field.partition(b":")[0].lower() for field in fields)
    yield from (f"the header {name.decode('ascii', 'replace')} stands {n} times" for name, n in names.items() if n > 1)
    yield from (f"there is no {name.decode()} header" for name in sorted(_SINGLE - {b"reply-to"}) if not names[name])
    if not head.isascii():
        yield "a header has a character beyond ASCII"
    yield from (f"{field[:40]!r} has an encoded word" for field in fields if _PURE.match(field) and b"=?" in field)
    if b"\r\nPrecedence: bulk" in head:
        yield from (f"bulk mail without {name.decode()}" for name in _ONE_CLICK if not names[name])


def _lint_encoding(body: bytes) -> Iterator[str]:
    if not body.isascii():
        yield "the body is not 7-bit"
    if any(len(line) > 76 for line in body.split(b"\r\n")):
        yield "an encoded line is longer than 76 octets (RFC 2045 §6.7)"


def _lint_document(tree: html.HtmlElement) -> Iterator[str]:
    if not tree.get("lang") or not tree.get("dir"):
        yield "<html> does not say its language and direction"
    if not tree.xpath("//body/*[@lang and @dir]"):
        yield "no wrapper says the language and direction: some clients drop <html>"
    if not (tree.findtext(".//title") or "").strip():
        yield "there is no <title>"
    names = set(tree.xpath("//meta/@name"))
    yield from (
        f"there is no <meta name={name}>" for name in ("color-scheme", "supported-color-schemes") if name not in names
    )
    yield from (
        f"there is a <{element.tag}>" for element in tree.xpath("//script | //link | //form | //iframe | //base")
    )


def _lint_elements(tree: html.HtmlElement) -> Iterator[str]:
    for _ in tree.xpath("//table[not(@role='presentation')]"):
        yield "a layout table has no role=presentation"
    for image in tree.xpath("//img[not(@alt)]"):
        yield f"the picture {image.get('src')} has no alt text"
    for link in tree.xpath("//a[not(normalize-space(.)) and not(.//img[@alt!=''])]"):
        yield f"the link to {link.get('href')} has no text"


def _lint_headings(tree: html.HtmlElement) -> Iterator[str]:
    levels = [int(heading.tag[1]) for heading in tree.xpath("//h1 | //h2 | //h3 | //h4 | //h5 | //h6")]
    if levels.count(1) != 1:
        yield f"there are {levels.count(1)} headings of the first level"
    if any(after > before + 1 for before, after in zip([0, *levels], levels, strict=False)):
        yield "a level of headings is left out"


def _lint_preheader(tree: html.HtmlElement) -> Iterator[str]:
    first = next(iter(tree.xpath("//body/*[1]")), None)
    text = "" if first is None else re.sub(r"[\s\u034f\u200c\u2007\xa0]+", " ", first.text_content()).strip()
    if first is None or "display:none" not in first.get("style", "").replace(" ", ""):
        yield "the body does not begin with a hidden preheader"
    elif len(text) not in PREHEADER_LENGTH:
        yield f"the preheader has {len(text)} characters; inboxes show 40 to 130"
