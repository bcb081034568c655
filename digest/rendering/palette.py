"""Colours of a mail that can be read: a theme's own, or made from an operator's brand. Contrast as in WCAG 2.2 §1.4.3. Pure."""

from dataclasses import dataclass, replace
from typing import NoReturn

from digest.model.brand import Brand
from digest.model.errors import BadInput

CONTRAST = 4.5

WHITE, BLACK = "#ffffff", "#000000"
_STEPS = 40


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one scheme, each `#rrggbb`. Every ink can be read on every paper it stands on."""

    ground: str  # around the sheet; nothing is written there
    paper: str  # the sheet
    tint: str  # where a picture is not shown
    line: str  # hairlines
    ink: str  # headlines
    text: str  # running text
    soft: str  # bylines and the footer; also on the tint
    accent: str  # kickers, section titles, links, buttons
    on_accent: str  # what is written on a button


def brand_light(theme: Palette, brand: Brand) -> Palette:
    """The theme's light palette in the brand's colours. Raises BadInput for a colour that cannot be read."""
    return _brand(theme, _Given("", brand.background, brand.ink, brand.accent, brand.accent))


def brand_dark(theme: Palette, brand: Brand) -> Palette:
    """The same for the dark one; without a dark accent, the light one is brightened until it can be read."""
    return _brand(
        theme,
        _Given("dark_", brand.dark_background, brand.dark_ink, brand.dark_accent, brand.dark_accent or brand.accent),
    )


def contrast(one: str, other: str) -> float:
    """From 1 (the same) to 21 (black on white)."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def mix(colour: str, other: str, share: float) -> str:
    """`share` is how much of the other: from 0.0 to 1.0."""
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round(one + (two - one) * share):02x}" for one, two in pairs)


def make_readable(colour: str, *papers: str) -> str | None:
    """The same colour, or as little darker or brighter as needed to be read on all papers. None if nothing can be."""
    end = max((BLACK, WHITE), key=lambda each: _least(each, papers))
    tries = (mix(colour, end, step / _STEPS) for step in range(_STEPS + 1))
    return next((each for each in tries if _least(each, papers) >= CONTRAST), None)


@dataclass(frozen=True, slots=True)
class _Given:
    """Of a brand, what is for one scheme."""

    prefix: str  # of the fields' names, for complaints
    background: str
    ink: str
    accent: str  # as it was given for this scheme, and must be kept
    hue: str  # what an accent is made from if there is none


def _brand(theme: Palette, given: _Given) -> Palette:
    palette = _repaper(theme, given) if given.background or given.ink else theme
    accent = _accent(palette, given)
    return palette if accent == theme.accent else replace(palette, accent=accent, on_accent=_write_on(accent))


def _accent(palette: Palette, given: _Given) -> str:
    if given.accent:
        return _refuse_faint(f"{given.prefix}accent", given.accent, palette.paper)
    return make_readable(given.hue or palette.accent, palette.paper) or _refuse_middling(given, palette.paper)


def _repaper(theme: Palette, given: _Given) -> Palette:
    paper = given.background or theme.paper
    if given.ink:
        ink = _refuse_faint(f"{given.prefix}ink", given.ink, paper)
    else:
        ink = make_readable(theme.ink, paper) or _refuse_middling(given, paper)
    tint = mix(paper, ink, 0.08)
    soft = make_readable(mix(ink, paper, 0.36), paper, tint) or _refuse_middling(given, paper)
    text = make_readable(mix(ink, paper, 0.14), paper) or ink
    ground = mix(paper, ink, 0.06) if given.background else theme.ground
    return replace(
        theme, ground=ground, paper=paper, tint=tint, line=mix(paper, ink, 0.16), ink=ink, text=text, soft=soft
    )


def _write_on(colour: str) -> str:
    """White where it can be read, as on most brands' buttons; else black, which then can."""
    return WHITE if contrast(WHITE, colour) >= CONTRAST else BLACK


def _refuse_faint(name: str, colour: str, paper: str) -> str:
    if (seen := contrast(colour, paper)) >= CONTRAST:
        return colour
    better = make_readable(colour, paper)
    raise BadInput(
        f"The brand's {name} {colour} has a contrast of {int(seen * 10) / 10}:1 on {paper}, and text needs {CONTRAST}:1"
        + (f"; {better} would do." if better else "; choose another background.")
    )


def _refuse_middling(given: _Given, paper: str) -> NoReturn:
    raise BadInput(
        f"The brand's {given.prefix}background {paper} is too near the middle between light and dark: softer text cannot"
        " be read on it. Choose a lighter or a darker one."
    )


def _least(colour: str, papers: tuple[str, ...]) -> float:
    return min(contrast(colour, paper) for paper in papers)


def _channels(colour: str) -> list[int]:
    return [int(colour[start : start + 2], 16) for start in (1, 3, 5)]


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
