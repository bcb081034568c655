"""Every picture that is taken: each theme in light and dark, wide and narrow, with and without pictures, both directions; and text."""

import html
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import product

from digest.model.edition import Edition
from digest.rendering.compose import fill_html, fill_text
from digest.rendering.edition import render_issue
from digest.rendering.themes import list_themes
from tests.looks.camera import Camera, Scheme
from tests.looks.issue import made
from tests.unit.rendering.week import LINKS

WIDTHS = (600, 360)  # CSS pixels: a window beside a list of mails, and a phone
SCHEMES: tuple[Scheme, ...] = ("light", "dark")


@dataclass(frozen=True)
class Shot:
    theme: str  # "text" for the text part, which all themes share
    direction: str
    scheme: Scheme
    width: int
    pictures: bool

    @property
    def name(self) -> str:
        return f"{self.theme}-{self.direction}-{self.scheme}-{self.width}" + ("" if self.pictures else "-unloaded")


def shots() -> Iterator[Shot]:
    for theme, direction, scheme, width, pictures in product(
        list_themes(), ("ltr", "rtl"), SCHEMES, WIDTHS, (True, False)
    ):
        yield Shot(theme, direction, scheme, width, pictures)
    for direction, width in product(("ltr", "rtl"), WIDTHS):
        yield Shot("text", direction, "light", width, pictures=True)


def take(camera: Camera, shot: Shot) -> bytes:
    return camera.take(_page(shot), width=shot.width, scheme=shot.scheme, pictures=shot.pictures)


def _page(shot: Shot) -> str:
    if shot.theme != "text":
        return fill_html(_edition(shot.theme, shot.direction), LINKS)
    text = html.escape(fill_text(_edition("front-page", shot.direction), LINKS))
    return (
        '<!DOCTYPE html><meta charset="utf-8"><body style="margin:16px;background:#fff;color:#000">'
        f'<pre dir="auto" style="font:13px/18px monospace;white-space:pre-wrap;overflow-wrap:anywhere">{text}</pre>'
    )


@cache
def _edition(theme: str, direction: str) -> Edition:
    issue, mailing_list = made(direction)
    return render_issue(issue, replace(mailing_list, theme=theme))
