"""An issue's HTML as everybody may see it: no reader's address, none of the links that only work for one reader, nothing that runs.

The mail's HTML is read as a document, cleaned, and put between our own header and footer.
"""

import re
from collections.abc import Iterator

from lxml import etree, html
from lxml.html import HtmlElement

from digest.model.edition import Edition, Slot
from digest.words import Words

_ADDRESS = "reader-of-this-issue"  # stands for it until its place is found
_DEAD = "#"  # where a link of one reader leads
_BLOCKS = ("p", "li", "td", "th", "div", "body")
_LINES = frozenset({"p", "li"})
_BETWEEN = re.compile(r"[\s\u00a0·|•,/–—-]*")
#: Nothing of it is in our templates, and an operator's own may have anything. The policy of the page forbids it as well.
_ACTIVE = (
    "//script | //iframe | //frame | //object | //embed | //applet | //form | //base | //link | //meta[@http-equiv] | "
    "//comment() | //processing-instruction()"
)


def make_neutral(edition: Edition, frame: str = "") -> str:
    """The whole issue. `frame` is a page of ours whose header, footer and head are put around it."""
    from digest.rendering.compose import fill_web  # noqa: PLC0415  the mail's rendering, needed by one page only
    from digest.rendering.frame import read_frame  # noqa: PLC0415  the same

    document = _parse(fill_web(edition, {Slot.ADDRESS: _ADDRESS}))
    for each in document.xpath(_ACTIVE):
        each.drop_tree()
    for element in document.iter(etree.Element):
        _take_scripts(element)
    _drop_reader(document, read_frame(edition))
    if frame:
        _put_around(document, _parse(frame))
    return html.tostring(document, doctype="<!DOCTYPE html>", encoding="unicode")


def _parse(text: str) -> HtmlElement:
    parser = html.HTMLParser(encoding="utf-8", huge_tree=True)
    return html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)


def _take_scripts(element: HtmlElement) -> None:
    for name, value in element.items():
        link = re.sub(r"[\x00-\x20]", "", value).lower()
        if name.lower().startswith("on") or link.startswith(("javascript:", "vbscript:", "data:text")):
            del element.attrib[name]


def _drop_reader(document: HtmlElement, words: Words) -> None:
    """A line about the reader goes, and one that is all links of theirs; such a link elsewhere becomes plain words."""
    dead = document.xpath(f"//a[@href='{_DEAD}']")
    lines = {line for link in dead if _is_all_dead(line := _block_of(link))}
    places = {_block_of(element) for element in _with_address(document)}
    for line in lines | {place for place in places if place.tag in _LINES}:
        if _is_in(line, document):
            line.drop_tree()
    for link in dead:
        if _is_in(link, document):
            link.drop_tag()
    for place in places:
        _put_in_place_of_address(place, words.gettext("your address"))


def _is_in(element: HtmlElement, document: HtmlElement) -> bool:
    return any(each is document for each in element.iterancestors())


def _block_of(element: HtmlElement) -> HtmlElement:
    return next((each for each in (element, *element.iterancestors()) if each.tag in _BLOCKS), element)


def _is_all_dead(line: HtmlElement) -> bool:
    if line.tag not in _LINES:
        return False
    links = line.xpath(".//a")
    beside = [text for text in line.itertext() if text.strip()]
    said = [text for link in links for text in link.itertext() if text.strip()]
    between = "".join(beside)
    for text in said:
        between = between.replace(text, "", 1)
    return all(link.get("href") == _DEAD for link in links) and bool(_BETWEEN.fullmatch(between))


def _with_address(document: HtmlElement) -> Iterator[HtmlElement]:
    for element in document.iter(etree.Element):
        if _ADDRESS in (element.text or ""):
            yield element
        parent = element.getparent()
        if _ADDRESS in (element.tail or "") and parent is not None:
            yield parent


def _put_in_place_of_address(line: HtmlElement, words: str) -> None:
    for element in line.iter(etree.Element):
        element.text = (element.text or "").replace(_ADDRESS, words) or None
        element.tail = (element.tail or "").replace(_ADDRESS, words) or None


def _put_around(document: HtmlElement, frame: HtmlElement) -> None:
    """The issue becomes the page's `main`; what the frame has in its head comes after the mail's own."""
    body = _part(document, "body")
    main = html.Element("main")
    main.text, body.text = body.text, None
    main.extend(list(body))
    for place in list(_part(frame, "body")):
        body.append(main if place.tag == "main" else place)
    _part(document, "head").extend(list(_part(frame, "head")))


def _part(document: HtmlElement, name: str) -> HtmlElement:
    """The head or the body; a document of an operator's own template may have none."""
    part = document.find(name)
    if part is None:
        part = html.Element(name)
        document.insert(0 if name == "head" else len(document), part)
    return part
