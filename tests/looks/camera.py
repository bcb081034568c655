"""Debian's Chromium, with fonts of Debian's and no others, so that a page looks the same on every machine."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from playwright.sync_api import Browser, Page, Route, sync_playwright

from tests.doubles.debian import environment, unpacked
from tests.unit.rendering.week import PICTURES

_FONTS = ("fonts-sil-charis", "fonts-liberation", "fonts-dejavu-core")
_STAND_INS = {
    "Georgia": "Charis SIL",
    "Helvetica Neue": "Liberation Sans",
    "Helvetica": "Liberation Sans",
    "Arial": "Liberation Sans",
    "serif": "Charis SIL",
    "sans-serif": "Liberation Sans",
    "monospace": "DejaVu Sans Mono",
}
_SHOTS = Path(__file__).parents[2] / "examples/newsroom/pictures"

_PATIENCE = 120_000  # milliseconds: a busy machine is slow, and how slow is not what is tested

Scheme = Literal["light", "dark"]


class Camera:
    """Keeps a page open for each kind of window: a new one costs more than a picture."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._pages: dict[tuple[int, Scheme, bool], Page] = {}

    def take(self, html: str, *, width: int, scheme: Scheme = "light", pictures: bool = True) -> bytes:
        """The whole page as JPEG, which takes less time than PNG. Nothing but the demo's pictures is loaded, and no script runs."""
        kind = (width, scheme, pictures)
        page = self._pages.get(kind) or self._pages.setdefault(kind, self._open(*kind))
        page.set_content(html, wait_until="load")
        return page.screenshot(full_page=True, type="jpeg", quality=92)

    def _open(self, width: int, scheme: Scheme, pictures: bool) -> Page:
        page = self._browser.new_page(
            viewport={"width": width, "height": 400}, color_scheme=scheme, java_script_enabled=False
        )
        page.set_default_timeout(_PATIENCE)
        page.route("**/*", _give if pictures else _refuse)
        return page


@contextmanager
def open_camera() -> Iterator[Camera]:
    with open_browser() as browser:
        yield Camera(browser)


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Skips the test, in words, where Chromium cannot be had."""
    root = unpacked("chromium", *_FONTS)
    with TemporaryDirectory() as scratch, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=root / "usr/lib/chromium/chromium",
            timeout=_PATIENCE,
            args=["--no-sandbox", "--font-render-hinting=none", "--disable-lcd-text"],
            env={**environment(root), "FONTCONFIG_FILE": str(_configure_fonts(root, Path(scratch)))},
        )
        yield browser
        browser.close()


def _give(route: Route) -> None:
    name = Path(route.request.url.removeprefix(f"{PICTURES}/")).with_suffix(".jpg")
    if route.request.url.startswith(PICTURES) and (_SHOTS / name).is_file():
        route.fulfill(path=_SHOTS / name)
    else:
        route.abort()


def _refuse(route: Route) -> None:
    route.abort()


def _configure_fonts(root: Path, scratch: Path) -> Path:
    aliases = "".join(
        f'<alias binding="same"><family>{name}</family><prefer><family>{font}</family></prefer></alias>'
        for name, font in _STAND_INS.items()
    )
    folders = "".join(f"<dir>{_gather(root / 'usr/share/fonts', scratch)}</dir>")
    file = scratch / "fonts.conf"
    file.write_text(f"<fontconfig>{folders}<cachedir>{scratch}/cache</cachedir>{aliases}</fontconfig>")
    return file


def _gather(fonts: Path, scratch: Path) -> Path:
    """Only the fonts that were asked for: those that come with Chromium differ from machine to machine."""
    folder = scratch / "fonts"
    folder.mkdir()
    for font in fonts.rglob("*.[ot]tf"):
        shutil.copy(font, folder)
    return folder
