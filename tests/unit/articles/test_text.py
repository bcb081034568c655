"""HTML as text, in any script and of any quality."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.articles.text import paragraphs, plain_text, tidy, word_count
from digest.model.address import unprintable


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  two\n words\t ", "two words"),
        ("a\u00a0\u00a0 b", "a b"),
        ("Ça\u00a0!", "Ça\u00a0!"),
        ("e\u0301", "é"),
        ("a\u202eb\u2066c", "abc"),
        ("a\x00b\x1bc\u00add\ufeff", "abcd"),
        ("a\u2028b\u2029c\x85d", "a b c d"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d🍳", "👩\u200d🍳"),
        (
            "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
            "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        ),
        ("z\u200be\u2060r\u200bo", "zero"),
        ("e\u200b\u0301", "é"),
        ("\u200b\u2060\u3164\u2800", ""),
        ("\u200d\u200c\u200e \u0301", ""),
    ],
)
def test_tidy(text: str, expected: str) -> None:
    assert tidy(text) == expected


@given(st.text(st.characters(codec=None)))
def test_what_is_tidy_may_stand_in_a_header_and_stays_as_it_is(text: str) -> None:
    once = tidy(text)
    assert unprintable(once) is None
    assert tidy(once) == once
    assert once.encode() or not once


def test_blocks_are_paragraphs_and_inline_tags_are_not() -> None:
    html = "<h1>A</h1><p>One <b>bold</b>\n  <a href='x'>link</a>, x<sup>2</sup>.</p><ul><li>i<li>ii</ul>"
    assert paragraphs(html) == ("A", "One bold link, x2.", "i", "ii")


def test_a_line_break_is_a_space_and_two_are_a_paragraph() -> None:
    assert paragraphs("a<br>b<br/><br />c") == ("a b", "c")


def test_what_is_not_shown_is_not_read() -> None:
    assert plain_text("<style>p{}</style><p>a</p><script>b</script><svg><title>c</title></svg>") == "a"


def test_prose_has_no_headings_captions_or_tables() -> None:
    html = "<h2>H</h2><figure><img><figcaption>Photo: Ann</figcaption></figure><table><td>1</table><p>Text.</p>"
    assert paragraphs(html, prose=True) == ("Text.",)


def test_references_are_resolved_once() -> None:
    assert plain_text("<p>AT&amp;T &lt;b&gt; &amp;lt; &#8217;</p>") == "AT&T <b> &lt; ’"


@given(st.text(st.sampled_from("<>/ap!-&;#x\"'= \n") | st.characters(codec=None), max_size=200))
def test_no_text_is_an_error(html: str) -> None:
    for paragraph in (*paragraphs(html), *paragraphs(html, prose=True)):
        assert paragraph == tidy(paragraph)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("— …", 0),
        ("It's a well-known cease-fire.", 4),
        ("1,000 loaves cost 3.50", 4),
        ("这是一个句子", 3),
        ("これはペンです。", 4),
        ("Python で書く", 3),
        ("한국어 문장입니다", 2),
        ("ภาษาไทยสวย", 2),
        ("كتب الولد الدرس", 3),
    ],
)
def test_words_as_reading_time_counts_them(text: str, count: int) -> None:
    assert word_count(text) == count


@given(st.text(alphabet="ab_1 '.,-\n(", max_size=40))
def test_words_of_plain_ascii_are_counted_as_all_others_are(text: str) -> None:
    assert word_count(text) == word_count(f"{text} é") - 1
