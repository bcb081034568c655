"""A sheet for each theme, of golden pictures beside each other: for the documents."""

from pathlib import Path

from PIL import Image

from digest.rendering.themes import list_themes
from tests.looks.gallery import FILE, GOLDEN

OUT = Path(__file__).parents[2] / "docs/pictures"
HEIGHT = 1300  # of a page that is shown; the rest is cut off
GAP = 24
SHOWN = ("ltr-light-600", "ltr-dark-360", "rtl-light-360", "ltr-light-360-unloaded")


def make_sheets() -> list[Path]:
    return [_make(theme) for theme in list_themes()]


def _make(theme: str) -> Path:
    pictures = [Image.open(GOLDEN / f"{theme}-{shown}{FILE}") for shown in SHOWN]
    height = min(HEIGHT, max(picture.height for picture in pictures))
    width = sum(picture.width for picture in pictures) + GAP * (len(pictures) + 1)
    sheet = Image.new("RGB", (width, height + 2 * GAP), "#c9c6c0")
    left = GAP
    for picture in pictures:
        sheet.paste(picture.crop((0, 0, picture.width, min(height, picture.height))), (left, GAP))
        left += picture.width + GAP
    file = OUT / f"theme-{theme}.jpg"
    sheet.resize((sheet.width * 2 // 3, sheet.height * 2 // 3), Image.Resampling.LANCZOS).save(
        file, quality=78, optimize=True
    )
    return file
