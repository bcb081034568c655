"""Which features of HTML and CSS a mail uses, by the names that caniemail has for them."""

import re
from collections.abc import Iterator
from functools import lru_cache

from lxml import html

from digest.rendering.lint.mail import Mail, describe
from digest.rendering.lint.selectors import Selector
from digest.rendering.lint.styles import Declaration, read_declarations

#: Properties whose feature has another name. The others are called css-NAME.
_PROPERTIES = {
    **dict.fromkeys(("left", "right", "top", "bottom"), "css-left-right-top-bottom"),
    **dict.fromkeys(("gap", "column-gap", "row-gap"), "css-gap"),
    **dict.fromkeys(("block-size", "inline-size"), "css-block-inline-size"),
    **dict.fromkeys(("border-inline", "border-block"), "css-border-inline-block"),
    **dict.fromkeys(("margin-inline", "margin-block"), "css-margin-inline-block"),
    **dict.fromkeys(("padding-inline", "padding-block"), "css-padding-inline-block"),
    **dict.fromkeys(("flex-flow", "flex-grow", "flex-shrink", "flex-basis", "flex"), "css-display-flex"),
    **dict.fromkeys(("columns", "column-width", "column-fill", "column-span"), "css-column-layout-properties"),
    **dict.fromkeys(("text-emphasis-color", "text-emphasis-style"), "css-text-emphasis"),
    "color": "",  # everybody shows it, and caniemail has no page on it
}
#: Families of properties: the first that begins a name decides.
_FAMILIES = (
    ("border-collapse", "css-border-collapse"),
    ("border-spacing", "css-border-spacing"),
    ("border-image", "css-border-image"),
    ("border-start-", "css-border-radius-logical"),
    ("border-end-", "css-border-radius-logical"),
    ("border-inline-", "css-border-inline-block-longhand"),
    ("border-block-", "css-border-inline-block-longhand"),
    ("border-", "css-border"),
    ("margin-inline-", "css-margin-inline-start-end"),
    ("margin-block-", "css-margin-block-start-end"),
    ("margin-", "css-margin"),
    ("padding-inline-", "css-padding-inline-start-end"),
    ("padding-block-", "css-padding-block-start-end"),
    ("padding-", "css-padding"),
    ("grid-template", "css-grid-template"),
    ("grid-", "css-display-grid"),
    ("column-rule", "css-column-layout-properties"),
    ("scroll-snap", "css-scroll-snap"),
    ("animation-", "css-animation"),
    ("transition-", "css-transition"),
    ("overflow-x", "css-overflow"),
    ("overflow-y", "css-overflow"),
    ("inset-", "css-inset"),
    ("mask-", "css-mask-image"),
    ("outline-", "css-outline"),
    ("--", "css-variables"),
)
_VALUES = (
    (re.compile(r"\binitial\b"), "css-unit-initial"),
    (re.compile(r"\bvar\("), "css-variables"),
    (re.compile(r"\bcalc\("), "css-unit-calc"),
    (re.compile(r"\brgba\("), "css-rgba"),
    (re.compile(r"\brgb\("), "css-rgb"),
    (re.compile(r"\b(?:ok)?l(?:ch|ab)\("), "css-modern-color"),
    (re.compile(r"\b(?:fit|min|max)-content\b"), "css-intrinsic-size"),
    (re.compile(r"\b(?:system-ui|ui-(?:serif|sans-serif|rounded|monospace))\b"), "css-sytem-ui"),
)
_FUNCTION = re.compile(r"\b(clamp|min|max|light-dark)\(")
_GRADIENT = re.compile(r"\b((?:linear|radial|conic)-gradient)\(")
_UNIT = re.compile(r"(?<![\w#.-])[-+]?(?:\d+\.?\d*|\.\d+)(px|pt|pc|cm|mm|in|em|ex|ch|rem|vh|vw|vmin|vmax|%)")
_NO_VALUES = re.compile(r"""url\([^)]*\)|"[^"]*"|'[^']*'""")

_ELEMENTS = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), "html-h1-h6"),
    **dict.fromkeys(("ul", "ol", "li", "dl", "dt", "dd"), "html-lists"),
    **dict.fromkeys(("tr", "td", "th", "tbody", "thead", "tfoot", "caption", "col", "colgroup"), "html-table"),
    **dict.fromkeys(
        ("article", "aside", "details", "figcaption", "figure", "footer", "header", "main", "mark", "nav", "section",
         "summary", "time"), "html-semantics",
    ),
    **dict.fromkeys(("map", "area"), "html-image-maps"),
    **dict.fromkeys(("video", "source"), "html-video"),
    # Older than the web's first mail client, or seen by none: caniemail has no page on them.
    **dict.fromkeys(("html", "head", "title", "meta", "a", "b", "i", "em", "u", "br", "center", "font", "sup", "sub"), ""),
}  # fmt: skip
_ATTRIBUTES = (
    "align", "aria-describedby", "aria-hidden", "aria-label", "aria-labelledby", "aria-live", "background", "cellpadding",
    "cellspacing", "dir", "height", "hidden", "lang", "popover", "required", "role", "target", "valign", "width",
)  # fmt: skip
_FORMATS = {
    "apng": "apng", "avif": "avif", "bmp": "bmp", "gif": "gif", "heic": "heif", "heif": "heif", "ico": "ico", "jpeg": "jpg",
    "jpg": "jpg", "mp4": "mp4", "png": "png", "svg": "svg", "tif": "tiff", "tiff": "tiff", "webp": "webp",
}  # fmt: skip
_MEDIA = {
    "prefers-color-scheme": "css-at-media-prefers-color-scheme",
    "prefers-reduced-motion": "css-at-media-prefers-reduced-motion",
    "orientation": "css-at-media-orientation",
    "hover": "css-at-media-hover",
    "device-pixel-ratio": "css-at-media-device-pixel-ratio",
}
_COMBINATORS = {" ": "descendant", ">": "child", "+": "adjacent-sibling", "~": "general-sibling"}

Use = tuple[str, str]  # a feature's name, and where it is used


def find_uses(mail: Mail) -> dict[str, str]:
    """Each feature's name, with the first place where it is used."""
    uses: dict[str, str] = {}
    for name, where in _uses(mail):
        uses.setdefault(name, where)
    return uses


def _uses(mail: Mail) -> Iterator[Use]:
    seen: set[str] = set()
    for element in mail.elements:
        where = ""
        for name in _of_element(element):
            if name not in seen:
                where = where or describe(element)
                seen.add(name)
                yield name, where
    yield from _of_sheet(mail)


def _of_element(element: html.HtmlElement) -> Iterator[str]:
    tag = str(element.tag)
    yield _ELEMENTS.get(tag, f"html-{tag}")
    yield from (f"html-{name}" for name in _ATTRIBUTES if element.get(name) is not None)
    if element.get("srcset") is not None or (tag == "img" and element.get("sizes") is not None):
        yield "html-srcset"
    if element.get("loading") is not None:
        yield "html-loading-attribute"
    yield from _of_address(element)
    yield from _of_style(element.get("style", ""))


def _of_address(element: html.HtmlElement) -> Iterator[str]:
    href, src = element.get("href", ""), element.get("src", "")
    if href.startswith("#") and href != "#":
        yield "html-anchor-links"
    if href.lower().startswith("mailto:"):
        yield "html-mailto-links"
    if src.startswith("data:"):
        yield "image-base64"
    extension = re.search(r"\.([a-z0-9]{3,4})$", re.split(r"[?#]", src, maxsplit=1)[0].lower())
    if element.tag == "img" and extension and extension[1] in _FORMATS:
        yield f"image-{_FORMATS[extension[1]]}"
    if element.tag == "meta" and element.get("name") == "color-scheme":
        yield "html-meta-color-scheme"


def _of_sheet(mail: Mail) -> Iterator[Use]:
    for name, prelude in mail.sheet.at_rules:
        yield f"css-at-{name}", f"@{name} {prelude}"[:60]
        if name == "media":
            yield from ((feature, f"@media {prelude}"[:60]) for word, feature in _MEDIA.items() if word in prelude)
    for rule in mail.sheet.rules:
        names = [name for selector in rule.selectors for name in _of_selector(selector)]
        names += ["css-selector-grouping"] if len(rule.selectors) > 1 else []
        names += [name for declaration in rule.declarations for name in features_of(declaration)]
        yield from ((name, "<style>") for name in names)


def _of_selector(selector: Selector) -> Iterator[str]:
    yield from (f"css-selector-{_COMBINATORS[each]}" for each in selector.combinators)
    for compound in selector.compounds:
        if compound.tag:
            yield "css-selector-universal" if compound.tag == "*" else "css-selector-type"
        if compound.ids:
            yield "css-selector-id"
        if compound.classes:
            yield "css-selector-class" if len(compound.classes) == 1 else "css-selector-chaining"
        if compound.attributes:
            yield "css-selector-attribute"
        for pseudo in compound.pseudos:
            yield f"css-pseudo-{'element' if pseudo.startswith('::') else 'class'}-{pseudo.strip(':')}"


@lru_cache(4_096)
def _of_style(style: str) -> tuple[str, ...]:
    """Most elements have the same few."""
    found = (feature for declaration in read_declarations(style) for feature in features_of(declaration))
    return tuple(dict.fromkeys(found))


def features_of(declaration: Declaration) -> Iterator[str]:
    """What a client must know to do what it says. A vendor's own property is meant for that vendor, and is none."""
    name, value = declaration.name, declaration.value.lower()
    if name.startswith(("mso-", "-ms-", "-webkit-", "-moz-")):
        return
    yield from _of_property(name, value)
    if declaration.important:
        yield "css-important"
    plain = _NO_VALUES.sub("", value)
    yield from (feature for pattern, feature in _VALUES if pattern.search(plain))
    yield from (f"css-function-{found}" for found in _FUNCTION.findall(plain))
    yield from (f"css-{found}" for found in _GRADIENT.findall(plain))
    yield from (f"css-unit-{'percent' if unit == '%' else unit}" for unit in dict.fromkeys(_UNIT.findall(plain)))


def _of_property(name: str, value: str) -> Iterator[str]:
    if name == "display":
        kind = value.removeprefix("inline-")
        yield f"css-display-{kind}" if kind in {"flex", "grid", "none"} else "css-display"
        return
    if name == "white-space" and value in {"normal", "nowrap"}:
        return  # without it lines break where that client breaks them; without `pre` they would run together
    if name in _PROPERTIES:
        yield _PROPERTIES[name]
    elif (
        name.startswith("border-") and name.endswith("-radius") and not name.startswith(("border-start", "border-end"))
    ):
        yield "css-border-radius"
    else:
        yield next((feature for family, feature in _FAMILIES if name.startswith(family)), f"css-{name}")
