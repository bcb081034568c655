import re
from dataclasses import replace

import pytest

from digest.web.pages import Pages, say_cadence
from digest.words import words_in
from tests.pipeline.world import a_list


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ((), ""),
        ((0,), "It comes every Monday."),
        ((0, 3), "It comes every Monday and Thursday."),
        ((6, 0, 3), "It comes every Monday, Thursday and Sunday."),
        (range(5), "It comes on weekdays."),
        (range(7), "It comes every day."),
    ],
)
def test_when_a_list_comes_in_words(days: tuple[int, ...], words: str) -> None:
    schedule = replace(a_list().schedule, weekdays=frozenset(days))
    assert say_cadence(replace(a_list(), schedule=schedule), words_in("en")) == words


def test_a_site_below_a_path_links_within_it() -> None:
    page = bytes(
        Pages("https://example.org/news").tell("Hello", "World", of_list=a_list(), way_back=True).body
    ).decode()
    assert 'href="/news/lists/weekly"' in page
    assert 'href="/news/static/site.css?' in page


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_everything_can_be_read_in_light_and_dark(stylesheet: str) -> None:
    schemes = [dict(re.findall(r"--([\w-]+): (#\w{6});", block)) for block in stylesheet.split(":root")[1:3]]
    assert len(schemes[0]) == len(schemes[1]) == 10
    for colours in schemes:
        for words in ("ink", "text", "soft", "accent"):
            assert contrast(colours[words], colours["paper"]) >= 4.5, words
        assert contrast(colours["ink"], colours["table"]) >= 4.5
        assert contrast(colours["on-accent"], colours["accent"]) >= 4.5
        assert contrast(colours["edge"], colours["paper"]) >= 3  # of a field's border, WCAG 1.4.11


def test_the_stylesheet_asks_nothing_of_other_hosts(stylesheet: str) -> None:
    assert "url(" not in stylesheet
    assert "@import" not in stylesheet
