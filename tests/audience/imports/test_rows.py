import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.audience.imports.rows import MAX_RECORD, BadRow, Row, read_rows
from digest.model.errors import BadInput


def rows(raw: bytes) -> list[Row | BadRow]:
    return list(read_rows(io.BytesIO(raw)))


def cells(raw: bytes) -> list[tuple[str, ...]]:
    return [row.cells for row in rows(raw) if isinstance(row, Row)]


@pytest.mark.parametrize(
    "raw",
    [
        b"a@x.org,Ann\nb@x.org,Bob\n",
        b"a@x.org,Ann\r\nb@x.org,Bob",
        b"\xef\xbb\xbfa@x.org,Ann\nb@x.org,Bob",
        b"a@x.org;Ann\nb@x.org;Bob\n",
        b"a@x.org\tAnn\n\n   \nb@x.org\tBob\n",
        b'"a@x.org", "Ann"\n "b@x.org",Bob\n',
    ],
)
def test_the_kinds_of_csv_that_programs_write(raw: bytes) -> None:
    assert cells(raw) == [("a@x.org", "Ann"), ("b@x.org", "Bob")]


def test_a_cell_may_have_several_lines_and_quotes() -> None:
    assert rows(b'a@x.org,"Ann ""A""\nBee, jr."\nb@x.org,Bob\n') == [
        Row(1, ("a@x.org", 'Ann "A"\nBee, jr.')),
        Row(3, ("b@x.org", "Bob")),
    ]


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (b"J\xfcrgen,b@x.org", "is not UTF-8 (byte 2 is 0xfc, in Windows-1252 “ü”); save the file as CSV in UTF-8"),
        (b"b\x00@x.org", "has a NUL byte"),
        (b'"Bob,b@x.org', "opens a quotation mark that is never closed"),
        (b'"Bob" Bee,b@x.org', "has its quotation marks in the wrong places"),
        (b"b@x.org\rBob", "has a carriage return in the middle"),
        (b"x" * 200_000, f"is longer than {MAX_RECORD} bytes"),
        (b"b@x.org" + b"," * 600, "has 601 cells; 500 are the most"),
    ],
)
def test_a_broken_row_is_refused_by_its_line_and_the_others_go_on(broken: bytes, reason: str) -> None:
    found = rows(b"a@x.org\n" + broken + b"\n" + b"c@x.org\n" * 60)
    assert found[:3] == [Row(1, ("a@x.org",)), BadRow(2, reason), Row(3, ("c@x.org",))]
    assert len(found) == 62


def test_a_quote_that_is_never_closed_costs_one_row_even_before_other_quotes() -> None:
    found = rows(b'"Ann,a@x.org\n"Bob",b@x.org\n"Cyd","c@x.org"\n')
    assert isinstance(found[0], BadRow)
    assert found[1:] == [Row(2, ("Bob", "b@x.org")), Row(3, ("Cyd", "c@x.org"))]


def test_utf_16_is_named() -> None:
    with pytest.raises(BadInput, match="UTF-16"):
        rows("a@x.org\n".encode("utf-16"))


def test_what_stands_in_quotes_stays_as_it_is() -> None:
    assert cells(b'" a ","b\rc"\n') == [(" a ", "b\rc")]


@given(st.binary(max_size=400) | st.text(alphabet='a,"\n\r;@ \0é', max_size=200).map(lambda text: text.encode()))
def test_any_bytes_are_rows_or_refusals_in_order(raw: bytes) -> None:
    try:
        found = rows(raw)
    except BadInput:
        assert raw[:2] in (b"\xff\xfe", b"\xfe\xff")
        return
    numbers = [row.line for row in found]
    assert numbers == sorted(set(numbers))
