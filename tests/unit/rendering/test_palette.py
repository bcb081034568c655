"""Whatever colours an operator chooses: every ink can be read on every paper, or the choice is refused in one sentence."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.model.brand import NO_BRAND, Brand
from digest.model.errors import BadInput
from digest.rendering.look import _THEMES, Look, make_look
from digest.rendering.palette import CONTRAST, Palette, contrast, make_readable, mix

COLOURS = st.tuples(*[st.integers(0, 255)] * 3).map(lambda rgb: "#{:02x}{:02x}{:02x}".format(*rgb))
MAYBE = st.one_of(st.just(""), COLOURS)
THEMES = st.sampled_from(sorted(_THEMES))


def assert_readable(palette: Palette) -> None:
    inks = {name: getattr(palette, name) for name in ("ink", "text", "soft", "accent")}
    faint = {name: ink for name, ink in inks.items() if contrast(ink, palette.paper) < CONTRAST}
    assert faint == {}
    assert contrast(palette.soft, palette.tint) >= CONTRAST
    assert contrast(palette.on_accent, palette.accent) >= CONTRAST


@pytest.mark.parametrize("theme", _THEMES)
def test_our_own_colours_can_be_read(theme: str) -> None:
    look = make_look(theme, NO_BRAND, "The Tideline")
    assert_readable(look.light)
    assert_readable(look.dark)
    assert (look.light, look.dark) == (_THEMES[theme].light, _THEMES[theme].dark)


def made(theme: str, brand: Brand) -> Look | str:
    """The look, or what is said against it."""
    try:
        return make_look(theme, brand, "")
    except BadInput as error:
        return str(error)


@settings(deadline=None)
@given(THEMES, st.builds(Brand, MAYBE, MAYBE, MAYBE, MAYBE, MAYBE, MAYBE))
def test_any_brand_can_be_read_or_is_refused_in_one_sentence(theme: str, brand: Brand) -> None:
    look = made(theme, brand)
    if isinstance(look, str):
        assert look.startswith("The brand's ")
        return
    assert_readable(look.light)
    assert_readable(look.dark)
    for given_colour, used in (
        (brand.accent, look.light.accent),
        (brand.background, look.light.paper),
        (brand.ink, look.light.ink),
    ):
        assert used == (given_colour or used)


@settings(deadline=None)
@given(THEMES, COLOURS)
def test_accent_that_can_be_read_in_the_light_gets_a_dark_one_made(theme: str, accent: str) -> None:
    light = _THEMES[theme].light
    if contrast(accent, light.paper) >= CONTRAST:
        assert_readable(make_look(theme, Brand(accent=accent), "").dark)


@pytest.mark.parametrize(
    ("brand", "said"),
    [
        (Brand(accent="#ffcc00"), "accent #ffcc00 has a contrast of 1.4:1 on #fffdf8, and text needs 4.5:1; #"),
        (Brand(dark_accent="#333333"), "dark_accent #333333 has a contrast of 1.3:1 on #1a1917"),
        (Brand(background="#ffffff", ink="#bbbbbb"), "ink #bbbbbb has a contrast of 1.9:1 on #ffffff"),
        (Brand(background="#777777"), "background #777777 is too near the middle between light and dark"),
    ],
)
def test_what_cannot_be_read_is_refused(brand: Brand, said: str) -> None:
    with pytest.raises(BadInput) as caught:
        make_look("front-page", brand, "")
    assert said in str(caught.value)


def test_colour_that_would_do_is_said_and_does() -> None:
    with pytest.raises(BadInput) as caught:
        make_look("front-page", Brand(accent="#ffcc00"), "")
    better = str(caught.value).split("; ")[1][:7]
    assert make_look("front-page", Brand(accent=better), "").light.accent == better


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)
    assert contrast("#0000ff", "#ffff00") == pytest.approx(8.0, abs=0.01)


def test_mixing() -> None:
    assert (mix("#000000", "#ffffff", 0), mix("#000000", "#ffffff", 1)) == ("#000000", "#ffffff")
    assert mix("#102030", "#304050", 0.5) == "#203040"


@settings(deadline=None)
@given(COLOURS, COLOURS)
def test_on_one_paper_something_can_always_be_read(colour: str, paper: str) -> None:
    made = make_readable(colour, paper)
    assert made is not None
    assert contrast(made, paper) >= CONTRAST


def test_what_can_be_read_stays_as_it_is() -> None:
    assert make_readable("#123456", "#ffffff") == "#123456"


def test_brand_over_a_brand_keeps_what_it_does_not_say() -> None:
    house = Brand(accent="#0b5394", logo="https://a.example/logo.png")
    assert Brand(accent="#8c2318").over(house) == replace(house, accent="#8c2318")
    assert NO_BRAND.over(house) == house


def test_logo_and_fonts_reach_the_look() -> None:
    look = make_look("front-page", Brand(logo="https://a.example/l.png", body_font="Source Sans 3, sans-serif"), "Tide")
    assert look.logo is not None
    assert (look.logo.alt, look.logo.width) == ("Tide", 200)
    assert (look.body, look.small) == ("'Source Sans 3', sans-serif",) * 2
    assert look.heading.startswith("Georgia")
