"""Colours, and how well one can be read on another (WCAG 2.2 §1.4.3)."""

from dataclasses import dataclass
from functools import lru_cache

import tinycss2
from tinycss2.color5 import parse_color


@dataclass(frozen=True, slots=True)
class Colour:
    """Red, green and blue from 0 to 1, and how much of what lies below is covered."""

    red: float
    green: float
    blue: float
    alpha: float = 1.0

    def over(self, below: "Colour") -> "Colour":
        def mixed(one: float, other: float) -> float:
            return one * self.alpha + other * (1 - self.alpha)

        return Colour(mixed(self.red, below.red), mixed(self.green, below.green), mixed(self.blue, below.blue))

    @property
    def luminance(self) -> float:
        def linear(part: float) -> float:
            return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

        return 0.2126 * linear(self.red) + 0.7152 * linear(self.green) + 0.0722 * linear(self.blue)

    def __str__(self) -> str:
        return "#" + "".join(f"{round(part * 255):02x}" for part in (self.red, self.green, self.blue))


WHITE, BLACK = Colour(1, 1, 1), Colour(0, 0, 0)
TRANSPARENT = Colour(0, 0, 0, 0)


def contrast(one: Colour, other: Colour) -> float:
    """From 1, the same, to 21, black on white."""
    darker, lighter = sorted((one.luminance, other.luminance))
    return (lighter + 0.05) / (darker + 0.05)


@lru_cache(1_024)
def read_colour(value: str, scheme: str) -> Colour | None:
    """None for what is none, or none that we know: var(), currentColor, inherit."""
    if value.strip().lower() == "currentcolor":
        return None
    try:
        found = parse_color(value, (scheme,))
        parts = found.to("srgb").coordinates if found is not None else None
    except (AttributeError, NotImplementedError, RecursionError, TypeError, ValueError, ZeroDivisionError):
        return None  # tinycss2 gives up in many ways on values that are no colours
    if found is None or parts is None or any(part is None for part in (*parts, found.alpha)):
        return None
    red, green, blue = (min(1.0, max(0.0, float(part))) for part in parts)
    return Colour(red, green, blue, min(1.0, max(0.0, float(found.alpha))))


@lru_cache(1_024)
def find_colour(value: str, scheme: str) -> Colour | None:
    """The colour in a shorthand such as `url(paper.png) no-repeat #fffdf8`; None for none."""
    try:
        words = [tinycss2.serialize([each]) for each in tinycss2.parse_component_value_list(value)]
    except RecursionError:  # brackets in brackets, a thousand deep
        return None
    return next((found for word in words if (found := read_colour(word, scheme))), None)
