from hypothesis import given
from hypothesis import strategies as st

from digest.rendering.plaintext import WIDTH, measure, tidy, wrap


def test_wraps_at_whole_words() -> None:
    assert wrap("one two three four", width=9) == "one two\nthree\nfour"


def test_link_is_never_broken() -> None:
    link = "https://example.org/" + "x" * 100
    assert wrap(f"See {link} now") == f"See\n{link}\nnow"


def test_a_blank_that_does_not_break_stays() -> None:
    assert wrap("Une photo\u00a0: la mer", width=9) == "Une\nphoto\u00a0:\nla mer"


def test_indent_counts() -> None:
    assert wrap("one two three", width=9, indent="  ") == "  one two\n  three"


def test_wide_characters_take_two_columns_and_are_cut() -> None:
    lines = wrap("灯台船が故郷に帰る" * 12).split("\n")
    assert max(map(measure, lines)) <= WIDTH
    assert "".join(lines) == "灯台船が故郷に帰る" * 12


def test_combining_marks_take_none() -> None:
    assert measure("e\u0301\u200d") == 1


@given(st.text())
def test_no_word_is_lost(text: str) -> None:
    assert "".join(wrap(text).split()) == "".join(text.split())


@given(st.lists(st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=WIDTH)))
def test_no_line_is_too_long(words: list[str]) -> None:
    assert all(len(line) <= WIDTH for line in wrap(" ".join(words)).split("\n"))


def test_tidy() -> None:
    assert tidy("\n\na  \n\n\n\n\nb\n\n") == "a\n\nb\n"
