"""The corpus's judge finds what it is there to find: a judge that finds nothing would pass everything."""

import pytest

from tests.corpus.harm import find_harm
from tests.corpus.verdict import judge


@pytest.mark.parametrize(
    "html",
    [
        "<script>x</script>",
        "<p onclick='x'>",
        "<a href='javascript:x'>",
        "<a href=' jAva\tscript:x'>",
        "<a href='&#106;avascript:x'>",
        "<img src='data:image/svg+xml,x'>",
        "<form action='https://x.example/'>",
        "<meta http-equiv=Refresh content=0>",
        "<svg><g onload=x></svg>",
    ],
)
def test_harm_is_found(html: str) -> None:
    assert find_harm(html)


@pytest.mark.parametrize(
    "html", ["", "<p>javascript: it is a language</p>", "<a href='/a:b'>", "<a href='mailto:x@y.z'>"]
)
def test_what_is_harmless_is_not(html: str) -> None:
    assert find_harm(html) == []


def test_a_feed_is_read_and_a_page_is_refused_in_words() -> None:
    feed = b"<rss version='2.0'><channel><item><title>A</title><link>javascript:x</link></item></channel></rss>"
    assert judge(feed) == ("read", [])
    said, faults = judge(b"<html></html>")
    assert said.startswith("it is a web page")
    assert faults == []
