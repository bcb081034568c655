"""Where sentences end, and cutting there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.articles.sentences import columns, cut, sentence_ends, shorten


def split(text: str) -> list[str]:
    ends = list(sentence_ends(text))
    return [text[start:end].strip() for start, end in zip([0, *ends], ends, strict=False)]


@pytest.mark.parametrize(
    "marked",
    [
        "One.| Two!| Three?| Four…| Five",
        "Mr. Kerry met U.S. Secretary J. Smith.| They talked.",
        "He came at 5 p.m. and left.| She stayed.",
        'He said "no."| She said (yes!)| They laughed.',
        "Das gilt z.B. am 3. Mai.| Der 31. Dezember ist frei.| Ende.",
        "It grew to 1.5 million in 2024.| Version 3.11.2 came.",
        "Yahoo! is a company.| So is Ask.com today.",
        "这是第一句。|这是第二句！|真的吗？|是",
        "هل هذا صحيح؟| نعم.",
        "यह पहला वाक्य है।| यह दूसरा।",
        "¿Qué pasa?| ¡Nada!| Fin.",
        "No stop here|\nA new line",
    ],
)
def test_sentences_end_where_a_reader_sees_them_end(marked: str) -> None:
    assert split(marked.replace("|", "")) == [sentence.strip() for sentence in marked.split("|")]


@given(st.text(st.sampled_from('ab AB.!?…。"”) \n1U.S؟')))
def test_ends_grow_and_reach_the_end(text: str) -> None:
    ends = list(sentence_ends(text))
    assert ends == sorted(set(ends))
    assert not text.strip() or ends[-1] == len(text.rstrip())


def test_what_fits_is_not_touched() -> None:
    assert shorten("Short, and no stop", 300) == "Short, and no stop"


def test_a_long_text_ends_with_a_whole_sentence() -> None:
    text = "The first sentence is here for all of us to read. " * 4
    assert shorten(text, 120) == ("The first sentence is here for all of us to read. " * 2).strip()


def test_a_sentence_that_is_too_long_is_cut_between_words() -> None:
    assert shorten("word " * 30, 22) == "word word word word…"


def test_too_short_a_sentence_is_not_left_alone() -> None:
    text = "Wow. " + "the rest of it goes on and on " * 20
    assert shorten(text, 100, least=60).startswith("Wow. the rest")


def test_a_cut_leaves_no_comma_before_the_ellipsis() -> None:
    assert cut("one two three, four five", 17) == "one two three…"


def test_ideograms_take_two_columns_and_are_cut_without_spaces() -> None:
    assert columns("漢字ab") == 6
    assert cut("漢字" * 10, 11) == "漢字漢字漢…"


def test_an_emoji_is_not_torn() -> None:
    family = "👩\u200d👩\u200d👧"
    assert cut("x" + family * 5, 5) == "x…"


def test_a_letter_keeps_its_accents() -> None:
    assert cut("xq\u0301q\u0301q\u0301", 3) == "x…"


@given(st.text(st.sampled_from("ab .!,漢字\u0301\u200d👩") | st.characters(), max_size=80), st.integers(5, 40))
def test_nothing_grows_past_its_limit(text: str, limit: int) -> None:
    for result in (cut(text, limit), shorten(text, limit, least=3)):
        assert columns(result) <= limit
        assert text.startswith(result.removesuffix("…"))
