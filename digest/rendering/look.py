"""What a list's mails look like: its theme's colours and fonts, with the operator's brand over them. Pure.

A theme is a folder `_themes/NAME` of templates that are searched before the others (environment.py); what stands here is the
colours and fonts that they find in `look`. A theme of an operator's own begins with those of the front page.
"""

from dataclasses import dataclass

from digest.model.brand import DEFAULT_LOGO_WIDTH, Brand
from digest.model.mailing_list import FRONT_PAGE
from digest.rendering.palette import Palette, brand_dark, brand_light

_SERIF = "Georgia, Times New Roman, Times, serif"
_SANS = "Helvetica Neue, Helvetica, Arial, sans-serif"


@dataclass(frozen=True, slots=True)
class Logo:
    url: str
    alt: str
    width: int  # CSS pixels


@dataclass(frozen=True, slots=True)
class Look:
    """`look` in every mail. Fonts are stacks as CSS takes them."""

    theme: str
    light: Palette
    dark: Palette
    heading: str
    body: str
    small: str  # bylines, dates and the footer
    logo: Logo | None


@dataclass(frozen=True, slots=True)
class _Theme:
    light: Palette
    dark: Palette
    heading: str
    body: str
    small: str


_FRONT_PAGE = _Theme(
    light=Palette(
        ground="#f1ede4",
        paper="#fffdf8",
        tint="#ece6da",
        line="#ddd6c8",
        ink="#1c1a17",
        text="#37322b",
        soft="#655e53",
        accent="#8c2318",
        on_accent="#ffffff",
    ),
    dark=Palette(
        ground="#100f0e",
        paper="#1a1917",
        tint="#2a2824",
        line="#3a362f",
        ink="#f0ebe1",
        text="#d5cec2",
        soft="#a89f91",
        accent="#e8a091",
        on_accent="#1a1917",
    ),
    heading=_SERIF,
    body=_SERIF,
    small=_SANS,
)
_HEADLINES = _Theme(
    light=Palette(
        ground="#e9edf0",
        paper="#ffffff",
        tint="#eef2f5",
        line="#d9e0e6",
        ink="#12202b",
        text="#33424e",
        soft="#566572",
        accent="#0a5c8a",
        on_accent="#ffffff",
    ),
    dark=Palette(
        ground="#0b1014",
        paper="#121a20",
        tint="#1d2830",
        line="#2b3841",
        ink="#eaf0f4",
        text="#c3ced6",
        soft="#95a4af",
        accent="#79c0e8",
        on_accent="#0b1014",
    ),
    heading=_SANS,
    body=_SANS,
    small=_SANS,
)
_MAGAZINE = _Theme(
    light=Palette(
        ground="#e4e2df",
        paper="#ffffff",
        tint="#ebe9e6",
        line="#d8d5d0",
        ink="#111111",
        text="#333130",
        soft="#62605d",
        accent="#b3362b",
        on_accent="#ffffff",
    ),
    dark=Palette(
        ground="#000000",
        paper="#141414",
        tint="#262524",
        line="#393735",
        ink="#f6f4f1",
        text="#d3d0cb",
        soft="#a29e98",
        accent="#ff8b7d",
        on_accent="#141414",
    ),
    heading=_SANS,
    body=_SERIF,
    small=_SANS,
)
_THEMES = {FRONT_PAGE: _FRONT_PAGE, "headlines": _HEADLINES, "magazine": _MAGAZINE}


def make_look(theme: str, brand: Brand, title: str) -> Look:
    """Raises BadInput for a colour of the brand that could not be read."""
    base = _THEMES.get(theme, _FRONT_PAGE)
    return Look(
        theme=theme,
        light=brand_light(base.light, brand),
        dark=brand_dark(base.dark, brand),
        heading=_css(brand.heading_font or base.heading),
        body=_css(brand.body_font or base.body),
        small=_css(brand.body_font or base.small),
        logo=Logo(brand.logo, brand.logo_alt or title, brand.logo_width or DEFAULT_LOGO_WIDTH) if brand.logo else None,
    )


def check_brand(brand: Brand) -> None:
    """Raises BadInput for a colour that could not be read in one of our themes."""
    for theme in _THEMES:
        make_look(theme, brand, "")


def _css(stack: str) -> str:
    """A word that begins with a digit is no CSS identifier, so such a name needs its quotes."""
    return ", ".join(_quoted(name) for name in stack.split(", "))


def _quoted(name: str) -> str:
    return f"'{name}'" if any(word[0].isdigit() for word in name.replace("-", " ").split()) else name
