"""Pages in the colours of a list's theme and brand: custom properties that stand after those of static/site.css.

The palettes are those of mails (rendering/look.py), in which every ink can be read on what it stands on.
"""

import hashlib
from dataclasses import dataclass

from digest.model.brand import NO_BRAND, Brand
from digest.model.mailing_list import FRONT_PAGE, MailingList
from digest.rendering.look import Look, make_look
from digest.rendering.palette import CONTRAST, Palette, contrast

NAME = "colours.css"


@dataclass(frozen=True, slots=True)
class House:
    """What the settings say about looks, for lists that say nothing."""

    theme: str = FRONT_PAGE
    brand: Brand = NO_BRAND

    def look(self, mailing_list: MailingList | None = None) -> Look:
        if mailing_list is None:
            return make_look(self.theme, self.brand, "")
        dressed = mailing_list.dressed(self.theme, self.brand)
        return make_look(dressed.theme, dressed.brand, "")

    def address(self, mailing_list: MailingList | None = None) -> str:
        """Of the stylesheet, below our root; "" where the colours are those of static/site.css."""
        look = self.look(mailing_list)
        usual = make_look(FRONT_PAGE, NO_BRAND, "")
        if (look.light, look.dark) == (usual.light, usual.dark):
            return ""
        version = hashlib.sha256(write_css(look).encode()).hexdigest()[:10]
        return f"/lists/{mailing_list.name}/{NAME}?{version}" if mailing_list else f"/{NAME}?{version}"


def write_css(look: Look) -> str:
    dark = f"@media (prefers-color-scheme: dark) {{\n{_root(look.dark)}}}\n"
    return _root(look.light) + dark


def _root(palette: Palette) -> str:
    said = {
        "table": palette.ground,
        "paper": palette.paper,
        "tint": palette.tint if contrast(palette.ink, palette.tint) >= CONTRAST else palette.paper,
        "ink": palette.ink,
        "text": palette.text,
        "soft": palette.soft,
        "line": palette.line,
        "edge": palette.soft,  # of a field: WCAG 2.2 §1.4.11 wants 3:1, and this has 4.5:1
        "accent": palette.accent,
        "on-accent": palette.on_accent,
    }
    return ":root {\n" + "".join(f"  --{name}: {colour};\n" for name, colour in said.items()) + "}\n"
