"""One page has one spelling: what is folded, what is not, and that folding twice changes nothing."""

from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from digest.model.web_address import canonical_url, is_web_address

PAGE = "https://example.org/news/a"

SAME_PAGE = [
    "https://example.org/news/a",
    "HTTPS://Example.ORG/news/a",
    "http://example.org/news/a",
    "https://example.org:443/news/a",
    "http://example.org:80/news/a",
    "https://example.org./news/a",
    "https://user:secret@example.org/news/a",
    "https://example.org/news/a/",
    "https://example.org/news/a#comments",
    "https://example.org/news/a?",
    "https://example.org/news/a?utm_source=feed&utm_medium=rss",
    "https://example.org/news/a?fbclid=1&gclid=2&mc_cid=3&mc_eid=4",
    "https://example.org/news/a?UTM_Source=feed",
    "https://example.org/news/a?utm%5Fsource=feed",
    "https://example.org/n%65ws/%61",
    "  https://example.org/news/a\n",
    "https://www.example.org/news/a",
    "https://m.example.org/news/a",
    "https://mobile.example.org/news/a",
    "https://www.m.example.org/news/a",
    "https://amp.example.org/news/a",
    "https://example.org/amp/news/a",
    "https://example.org/news/a/amp/",
    "https://example.org/news/a.amp",
    "https://example.org/news/a?amp",
    "https://example.org/news/a?AMP=1&outputType=amp",
    "https://example.org/news/a?ref=rss&at_medium=RSS&ito=1490&ocid=feed",
    "https://www.google.com/amp/s/www.example.org/news/a/amp",
    "https://www.google.co.uk/amp/example.org/news/a",
    "https://example-org.cdn.ampproject.org/c/s/example.org/news/a?amp=1",
    "https://www.google.com/url?rct=j&url=https%3A%2F%2Fexample.org%2Fnews%2Fa%3Futm_source%3Dx&ct=ga",
    "https://l.facebook.com/l.php?u=https%3A%2F%2Fexample.org%2Fnews%2Fa&h=AT0",
    "https://out.reddit.com/?url=https%3A%2F%2Fwww.google.com%2Furl%3Fq%3Dhttps%253A%252F%252Fexample.org%252Fnews%252Fa",
]

OTHER_PAGES = [
    "https://news.example.org/news/a",
    "https://amp.org/news/a",
    "https://m.co.uk/news/a",
    "https://example.org/amp",
    "https://example.org/news/champ",
    "https://example.org/news/a?ref=amp",
    "https://example.org/url?url=https%3A%2F%2Fexample.org%2Fnews%2Fa",
    "https://www.google.com/url?url=news/a",
    "https://example.org:8443/news/a",
    "https://example.org/news/A",
    "https://example.org/news//a",
    "https://example.org/news/a?id=1",
    "https://example.org/news/a?ref=front",
    "https://example.org/news%2Fa",
    "https://example.org/news/a#!/b",
    "https://example.org/news/a#/b",
]

NO_PAGES = [
    "",
    "   ",
    "news/a",
    "//example.org/a",
    "tag:example.org,2026:1",
    "urn:uuid:6f9619ff-8b86-d011-b42d-00c04fc964ff",
    "mailto:ann@example.org",
    "javascript:alert(1)",
    "https://",
    "https:///a",
    "https://example.org:port/",
    "https://example.org:99999/",
    "https://[::1/",
    "https://[fe80::1%25eth0]/",
    "https://exa mple.org/",
    "https://-example.org/",
    "https://" + "ü" * 80 + ".example/",
]


@pytest.mark.parametrize("url", SAME_PAGE)
def test_one_page_has_one_spelling(url: str) -> None:
    assert canonical_url(url) == PAGE


@pytest.mark.parametrize("url", OTHER_PAGES)
def test_what_may_be_another_page_stays_apart(url: str) -> None:
    assert canonical_url(url) not in {"", PAGE}


@pytest.mark.parametrize("url", NO_PAGES)
def test_what_is_no_web_address_has_no_spelling(url: str) -> None:
    assert canonical_url(url) == ""
    assert not is_web_address(url)


def test_hosts_and_paths_in_any_alphabet_meet_their_ascii_spelling() -> None:
    assert canonical_url("https://BÜCHER.example/é") == canonical_url("https://xn--bcher-kva.example/%c3%a9")


def test_a_small_screens_page_in_one_language_is_the_page_in_that_language() -> None:
    assert canonical_url("https://en.m.wikipedia.org/wiki/Ferry") == "https://en.wikipedia.org/wiki/Ferry"


def test_an_amp_page_with_an_ending_keeps_the_ending() -> None:
    assert canonical_url("https://example.org/a.amp.html") == "https://example.org/a.html"


def test_parameters_are_sorted_by_name_and_equal_names_keep_their_order() -> None:
    assert canonical_url("https://example.org/?b=1&a=2&a=1&&c") == "https://example.org/?a=2&a=1&b=1&c"


def test_an_escaped_separator_stays_escaped() -> None:
    assert canonical_url("https://example.org/a%3fb?c=%26%3d") == "https://example.org/a%3Fb?c=%26%3D"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://example.org", "https://example.org/"),
        ("https://example.org//", "https://example.org/"),
        ("https://example.org/a///", "https://example.org/a"),
        ("https://example.org/a/?id=1", "https://example.org/a?id=1"),
        ("http://[::1]:8080/a", "https://[::1]:8080/a"),
    ],
)
def test_slashes_at_the_end(url: str, expected: str) -> None:
    assert canonical_url(url) == expected


tails = st.text(st.characters(codec=None) | st.sampled_from("/?#&=%;:@[]!.~ \t\n"), max_size=40)
hosts = st.text(st.sampled_from("abcXYZ019.-_:@[]%üß。Ａ漢\u200d"), max_size=20)
dressed = st.builds(
    "".join, st.lists(st.sampled_from(["www.", "m.", "amp.", "mobile.", "a.", "co.", "uk", "-"]), max_size=6)
)
pieces = st.sampled_from(["/amp", "/", ".amp", "amp", ".html", "a", "%61mp", "?amp", "&amp=1", "&ref=rss", "#!/amp"])
amp_tails = st.builds("".join, st.lists(pieces, max_size=7))
addresses = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["http://", "HTTPS://"]),
    hosts | dressed,
    st.sampled_from("/?#"),
    tails | amp_tails,
)
wrapped = st.builds(
    lambda wrapper, url, times: (
        wrapper + (quote(quote(url, errors="surrogatepass")) if times else quote(url, errors="surrogatepass"))
    ),
    st.sampled_from(
        [
            "https://www.google.com/url?q=",
            "https://www.google.com/amp/s/",
            "https://x.cdn.ampproject.org/c/",
            "https://l.facebook.com/l.php?u=https://google.com/url?url=",
        ]
    ),
    addresses,
    st.booleans(),
)


@given(addresses | wrapped | st.text())
@example("https://a/%%341")
@example("https://a/\ud800?\ud800")
@example("http://a:443/")
@example("https://ａ［/")
def test_folding_twice_is_folding_once(url: str) -> None:
    once = canonical_url(url)
    assert canonical_url(once) == once


@given(addresses | wrapped)
def test_the_spelling_is_plain_ascii_and_never_carries_a_password(url: str) -> None:
    page = canonical_url(url)
    assert page == "" or (page.isascii() and page.isprintable() and " " not in page and page.startswith("https://"))
    assert "@" not in page.partition("://")[2].partition("/")[0]
