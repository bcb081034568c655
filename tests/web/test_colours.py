"""Pages wear the colours of the list that they are about, and everything on them can be read."""

import re
from itertools import product

import pytest

from digest.model.brand import NO_BRAND, Brand
from digest.rendering.look import make_look
from digest.rendering.palette import contrast
from digest.web.colours import House, write_css
from tests.pipeline.world import with_relay
from tests.web.conftest import Site, open_site
from tests.web.test_reader import confirmed, preferences_link

BRANDS = (
    NO_BRAND,
    Brand(accent="#0b5394"),
    Brand(background="#102030", accent="#ffd400"),
    Brand(ink="#555555", dark_background="#ffffff", dark_accent="#006600"),
)


def schemes(css: str) -> list[dict[str, str]]:
    return [dict(re.findall(r"--([\w-]+): (#\w{6});", block)) for block in css.split(":root")[1:]]


@pytest.mark.parametrize(("theme", "brand"), list(product(("front-page", "headlines", "magazine", "an-own"), BRANDS)))
def test_whatever_the_theme_and_brand_everything_can_be_read(theme: str, brand: Brand) -> None:
    light, dark = schemes(write_css(make_look(theme, brand, "")))
    for colours in (light, dark):
        for words in ("ink", "text", "soft", "accent"):
            assert contrast(colours[words], colours["paper"]) >= 4.5, words
        assert contrast(colours["ink"], colours["tint"]) >= 4.5
        assert contrast(colours["on-accent"], colours["accent"]) >= 4.5
        assert contrast(colours["edge"], colours["paper"]) >= 3  # of a field's border, WCAG 1.4.11


def test_they_are_all_that_the_stylesheet_has(stylesheet: str) -> None:
    assert schemes(write_css(make_look("magazine", NO_BRAND, "")))[0].keys() == schemes(stylesheet)[0].keys()


def test_without_a_brand_there_is_no_further_stylesheet(site: Site) -> None:
    assert House().address() == House().address(site.world.mailing_list) == ""
    assert "colours.css" not in site.client.get("/lists/weekly").text


def test_a_page_of_a_list_wears_its_brand_and_the_others_the_houses(site: Site) -> None:
    site.add_list("evening", "The Evening")
    site.change_list(brand=Brand(accent="#0b5394"))
    house = open_site(with_relay(site.world, "smtp://127.0.0.1:1?tls=none", brand={"accent": "#006600"}))
    link = preferences_link(house, confirmed(house))
    for path, accents in (
        ("/", ["#006600"]),
        ("/lists/weekly", ["#006600", "#0b5394"]),
        (link, ["#006600", "#0b5394"]),
    ):
        sheets = re.findall(r'<link rel="stylesheet" href="(/[^"]*colours\.css[^"]*)">', house.client.get(path).text)
        found = [house.client.get(sheet) for sheet in sheets]
        assert [schemes(sheet.text)[0]["accent"] for sheet in found] == accents, path
        assert all(sheet.headers["content-type"] == "text/css; charset=utf-8" for sheet in found)
        assert all("immutable" in sheet.headers["cache-control"] for sheet in found)


def test_the_address_changes_with_the_colours() -> None:
    addresses = {House("front-page", brand).address() for brand in BRANDS} | {House("magazine").address()}
    assert len(addresses) == len(BRANDS) + 1


def test_a_list_that_is_none_has_no_colours(site: Site) -> None:
    assert site.client.get("/lists/nope/colours.css").status_code == 404
