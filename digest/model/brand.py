"""An operator's brand: colours, logo and fonts for mails. They reach CSS only as what is checked here."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from digest.model.errors import BadInput
from digest.model.web_address import is_web_address

GENERIC_FONTS = ("serif", "sans-serif", "monospace")
MAX_FONTS = 8
LOGO_WIDTHS = range(16, 529)  # CSS pixels; the column of a mail has 528
DEFAULT_LOGO_WIDTH = 200

_COLOUR = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE)
_FONT = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[ -][A-Za-z0-9]+){0,5}")
_LINK = re.compile(r"https://[!#-&(-;=?-\[\]_a-z~]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Brand:
    """What is empty is as the theme has it, or made from what is given. Colours are `#rrggbb`."""

    accent: str = ""
    background: str = ""  # of the sheet that the mail is written on
    ink: str = ""
    dark_accent: str = ""  # these three: for readers whose mail program is dark
    dark_background: str = ""
    dark_ink: str = ""
    logo: str = ""  # its https address
    logo_alt: str = ""  # the list's title if empty
    logo_width: int = 0
    heading_font: str = ""  # "Georgia, serif"
    body_font: str = ""

    def over(self, other: "Brand") -> "Brand":
        """This brand, and the other's where this one says nothing."""
        return replace(other, **self.said())

    def said(self) -> dict[str, Any]:
        """Only what is given."""
        return {field.name: value for field in fields(self) if (value := getattr(self, field.name))}

    def __str__(self) -> str:
        return ", ".join(f"{name} {value}" for name, value in self.said().items()) or "none"


NO_BRAND = Brand()


def parse_brand(said: Mapping[str, object]) -> Brand:
    """From names and values as an operator writes them; an empty value, or a width of 0, is none. Raises BadInput in words."""
    known = [field.name for field in fields(Brand)]
    for name in said:
        if name not in known:
            raise BadInput(f"A brand has no {name!r}; it may have {', '.join(known)}.")
    return Brand(**{name: _parse(name, value) for name, value in said.items() if value not in ("", None, 0)})


def _parse(name: str, value: object) -> Any:
    if name == "logo_width":
        return _width(value)
    if not isinstance(value, str):
        raise BadInput(f"The brand's {name} is {value!r}; it must be a text.")
    if name == "logo":
        return _logo(value.strip())
    if name == "logo_alt":
        return _line(value)
    return _fonts(name, value) if name.endswith("_font") else _colour(name, value.strip())


def _colour(name: str, value: str) -> str:
    if not _COLOUR.fullmatch(value):
        raise BadInput(f"The brand's {name} is {value!r}; write a colour as #rrggbb, such as #0b5394.")
    digits = value[1:].lower()
    return f"#{digits}" if len(digits) == 6 else "#" + "".join(digit * 2 for digit in digits)


def _logo(value: str) -> str:
    if not _LINK.fullmatch(value) or not is_web_address(value):
        raise BadInput(f"The brand's logo is {value!r}; it must be a picture's address that begins with https://.")
    return value


def _width(value: object) -> int:
    digits = str(value).strip()
    if isinstance(value, bool) or not (digits.isascii() and digits.isdigit()) or int(digits[:9]) not in LOGO_WIDTHS:
        raise BadInput(
            f"The brand's logo_width is {value!r}; it must be from {LOGO_WIDTHS.start} to {LOGO_WIDTHS.stop - 1} pixels."
        )
    return int(digits)


def _line(value: str) -> str:
    line = " ".join(value.split())
    if not line.isprintable() or len(line) > 200:
        raise BadInput("The brand's logo_alt must be a line of at most 200 characters that can be shown.")
    return line


def _fonts(name: str, value: str) -> str:
    """A stack: names with commas between them, the last one of a kind that every mail program has."""
    names = [" ".join(word.strip().strip("'\"").split()) for word in value.split(",")]
    for font in names:
        if not _FONT.fullmatch(font):
            raise BadInput(f"The brand's {name} has {font!r}, which is no font's name: letters, digits, spaces and -.")
    if names[-1].lower() not in GENERIC_FONTS or len(names) > MAX_FONTS:
        raise BadInput(
            f"The brand's {name} must be at most {MAX_FONTS} names, and end in {', '.join(GENERIC_FONTS[:-1])}"
            f" or {GENERIC_FONTS[-1]}, for readers who have none of the others."
        )
    return ", ".join([*names[:-1], names[-1].lower()])
