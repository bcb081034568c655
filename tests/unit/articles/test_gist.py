"""An entry's gist says what is shown of it, wherever it was told; what comes from elsewhere is not trusted."""

from dataclasses import replace

import pytest

from digest.articles.decide import decide
from digest.articles.gist import gist_of
from digest.model.feed import Entry, Gist, Picture
from tests.unit.articles.test_decide import ENTRY, FEED, NOW, article


def test_it_is_what_is_shown() -> None:
    picture = Picture("https://example.org/oven.jpg", alt="An oven", credit="Ben")
    assert gist_of(ENTRY) == Gist("Bread rises", "Ten bakers, one oven", 9, "", "Ann", "", "", "", picture)


@pytest.mark.parametrize(
    "entry",
    [
        ENTRY,
        Entry("", summary_html="<p>Only a <b>note</b>\u202e.</p>", topic=" Bread "),
        Entry("Le pain", content_html="<p>Dans la ville.</p>", language="fr", publisher=" A\u200bB ", agency="AFP\n"),
        Entry("No picture", url="https://example.org/1", picture=Picture("javascript:1")),
    ],
)
def test_told_before_or_now_it_comes_to_the_same(entry: Entry) -> None:
    told = replace(entry, gist=gist_of(entry))
    assert decide(told, feed=FEED, known={}, now=NOW) == decide(entry, feed=FEED, known={}, now=NOW)


def test_who_took_the_parser_over_can_put_nothing_into_a_header() -> None:
    line = "A\r\nBcc: all@example.org\u202e"
    gist = Gist(
        line, line, 3, "en", line, line, line, line, Picture("https://example.org/a.jpg", alt=line, credit=line)
    )
    seen = article(replace(ENTRY, gist=gist))
    assert seen.picture
    shown = [seen.title, seen.summary, seen.author, seen.publisher, seen.agency, seen.picture.alt, seen.picture.credit]
    assert shown == ["A Bcc: all@example.org"] * 7
