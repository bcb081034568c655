"""Every theme as a person has looked at it (tests/golden/looks), within what fonts and machines differ by."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from tests.looks.camera import Camera, open_camera
from tests.looks.compare import compare
from tests.looks.gallery import GOLDEN, differing
from tests.looks.matrix import shots

OUT = Path("build/looks")


@pytest.fixture(scope="module")
def camera() -> Iterator[Camera]:
    with open_camera() as opened:
        yield opened


@pytest.mark.parametrize("theme", sorted({shot.theme for shot in shots()}))
def test_every_look_is_as_it_was_looked_at(camera: Camera, theme: str) -> None:
    found = list(differing(camera, OUT, [shot for shot in shots() if shot.theme == theme]))
    assert found == [], "look at them; when they are good: UPDATE_GOLDEN=1 make looks"


def golden() -> Image.Image:
    return Image.open(GOLDEN / "front-page-ltr-light-600.webp").convert("RGB")


def test_a_picture_is_as_itself_however_it_was_pressed(tmp_path: Path) -> None:
    golden().save(tmp_path / "pressed.jpg", quality=60)
    assert compare(golden(), Image.open(tmp_path / "pressed.jpg")).small


def test_a_picture_that_moved_by_a_part_of_a_pixel_is_the_same() -> None:
    third = (1, 0, 0, 0, 1, 0.3)
    moved = golden().transform(golden().size, Image.Transform.AFFINE, third, Image.Resampling.BILINEAR)
    assert compare(golden(), moved).small


def test_another_colour_of_the_paper_is_seen() -> None:
    changed = golden()
    changed.paste("#f4f4ff", (0, 0, 600, 60))
    whole = Image.new("RGB", changed.size, "#f0f0ff")
    assert not compare(golden(), Image.blend(changed, whole, 0.5)).small


def test_a_headline_that_is_gone_is_seen() -> None:
    changed = golden()
    ImageDraw.Draw(changed).rectangle((48, 620, 552, 700), fill="#fffdf8")
    assert not compare(golden(), changed).small


def test_a_page_that_grew_is_seen() -> None:
    taller = Image.new("RGB", (600, golden().height * 11 // 10), "#f1ede4")
    taller.paste(golden())
    assert not compare(golden(), taller).small
