"""CSS into style attributes: premailer, once per edition, fenced in.

premailer 3.10 rewrites links on the way (a space becomes %20, braces and letters beyond ASCII become escapes), fetches
stylesheets, and loses or crashes on at-rules. So: links are taken out before and put back after, only the <style> elements of our
own <head> are read, what must stay in the <head> (dark mode, narrow screens) is marked `data-premailer="ignore"`, and nothing
can be fetched or opened (security S18).
"""

import logging
import os
import re
from functools import lru_cache
from typing import Any

from lxml import etree, html

from digest.model.errors import DigestError
from digest.rendering.slots import make_mark

# Of 128 it forgets the rules of one of our templates while it applies them. Read when premailer is loaded, and only then.
os.environ.setdefault("PREMAILER_CACHE_MAXSIZE", "2048")
from premailer import Premailer

_LINKS = re.compile(r"""(\s(?:href|src|background|cite|action)\s*=\s*)(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_FETCHING = re.compile(r"@import|@charset|@namespace", re.IGNORECASE)
_FOREIGN = "//link | //script | //base | //meta[@http-equiv='refresh'] | //body//style"
_KEPT_ATTRIBUTES = ["width", "height", "align", "valign"]  # the templates set these; premailer would overwrite them
_OPTIONS: dict[str, Any] = {
    "allow_network": False,
    "allow_loading_external_files": False,
    "disable_validation": True,  # cssutils knows no CSS younger than 2011, and checking takes time
    "strip_important": False,
    "cache_css_parsing": False,  # _rules does
    "align_floating_images": False,  # no template floats a picture, and it parses every picture's style
    "disable_basic_attributes": _KEPT_ATTRIBUTES,
    "cssutils_logging_level": logging.CRITICAL,
}


def inline_css(document: str, salt: str) -> str:
    """The same document with its rules in `style` attributes. Links come out as they went in, to the letter."""
    fence = _Fence(f"ZLINK{make_mark(salt, 'link')}")
    tree = _parse(fence.take_out(document))
    for element in tree.xpath(_FOREIGN):
        element.drop_tree()
    for style in tree.xpath("//style"):
        _refuse_fetching(style.text or "")
    return fence.put_back(_inline(tree))


class _Fence:
    """Holds the values of link attributes, still escaped, while premailer works."""

    def __init__(self, mark: str) -> None:
        self._mark = mark
        self._links: list[str] = []

    def take_out(self, document: str) -> str:
        return _LINKS.sub(self._keep, document)

    def put_back(self, document: str) -> str:
        return re.sub(rf"{self._mark}N(\d+)Z", lambda match: self._links[int(match[1])], document)

    def _keep(self, match: re.Match[str]) -> str:
        self._links.append(match[2] if match[2] is not None else match[3].replace('"', "&quot;"))
        return f'{match[1]}"{self._mark}N{len(self._links) - 1}Z"'


def _parse(document: str) -> html.HtmlElement:
    return html.document_fromstring(document.encode(), parser=html.HTMLParser(encoding="utf-8"))


def _refuse_fetching(css: str) -> None:
    if match := _FETCHING.search(css):
        raise DigestError(
            f"An e-mail template's <style> has {match[0]}: a mail cannot fetch styles; write the rules there."
        )


class _Inliner(Premailer):  # type: ignore[misc]  # premailer has no types
    """Takes the rules of a sheet that it has read before as they are: the editions of an issue have one, and reading it takes most
    of the time.
    """

    def _parse_style_rules(self, css_body: str, ruleset_index: int) -> tuple[list[Any], list[Any]]:
        return _rules(css_body, ruleset_index)


@lru_cache(maxsize=64)
def _rules(css: str, index: int) -> tuple[list[Any], list[Any]]:
    return Premailer(**_OPTIONS)._parse_style_rules(css, index)  # type: ignore[no-any-return]  # noqa: SLF001  the method above is no other


def _inline(tree: html.HtmlElement) -> str:
    root = _Inliner(tree, **_OPTIONS).transform()
    return "<!DOCTYPE html>\n" + etree.tostring(root.getroot(), method="html", encoding="unicode") + "\n"
