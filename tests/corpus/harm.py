"""What could run, call home by itself or ask for a password in some HTML, found by a parser that has nothing to do with ours."""

import re
from html.parser import HTMLParser

ELEMENTS = frozenset(
    [
        "script",
        "iframe",
        "object",
        "embed",
        "applet",
        "form",
        "input",
        "button",
        "textarea",
        "select",
        "base",
        "svg",
        "math",
        "frame",
        "frameset",
        "portal",
        "audio",
        "video",
        "template",
        "noscript",
    ]
)
LINKS = frozenset(
    {"href", "src", "action", "formaction", "background", "poster", "cite", "data", "srcset", "xlink:href"}
)
_SCHEME = re.compile(r"\s*([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_SAFE = frozenset({"http", "https", "mailto"})
_INVISIBLE = re.compile("[\x00-\x20\u00ad\u200b-\u200f\u2028-\u202e\u2060\ufeff]")


def find_harm(html: str) -> list[str]:
    """One sentence for each thing found; none for harmless HTML."""
    finder = _Finder()
    finder.feed(html)
    finder.close()
    return finder.found


class _Finder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ELEMENTS:
            self.found.append(f"an element <{tag}>")
        for name, value in attrs:
            if name.startswith("on"):
                self.found.append(f"an attribute {name} of <{tag}>")
            if name in LINKS and not _is_safe(value or ""):
                self.found.append(f"a link {value!r} in {name} of <{tag}>")
            if name == "http-equiv" and (value or "").lower() == "refresh":
                self.found.append("a redirection by <meta>")


def _is_safe(link: str) -> bool:
    """Relative, or of a scheme that only shows something; looked at as a browser does, which skips blanks and controls."""
    scheme = _SCHEME.match(_INVISIBLE.sub("", link))
    return scheme is None or scheme[1].lower() in _SAFE
