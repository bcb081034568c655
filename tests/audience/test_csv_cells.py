"""No cell is a formula, and each is read as it was written (security S25)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.audience.csv_cells import read_cell, write_cell


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "＋1", "－1", "＠x"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert write_cell(text) == f"'{text}"


@given(st.text(max_size=20) | st.text(alphabet="'=+-@", max_size=5))
def test_a_cell_is_read_as_it_was(text: str) -> None:
    assert read_cell(write_cell(text)) == text
