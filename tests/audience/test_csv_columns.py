import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.audience.csv_columns import find_columns, read_cell, write_cell
from digest.audience.csv_rows import Row
from digest.model.errors import BadInput
from digest.model.subscriber import SubscriptionState

CONFIRMED, PENDING, UNSUBSCRIBED = SubscriptionState


@pytest.mark.parametrize(
    ("header", "row", "found"),
    [
        ("email", "a@x.org", ("a@x.org", "")),
        ("Name,E-Mail", "Ann,a@x.org", ("a@x.org", "Ann")),
        ("Email Address,First Name,Last Name", "a@x.org,Ann,Bee", ("a@x.org", "Ann Bee")),
        ("Email Address,Address", "a@x.org,1 Paper Lane", ("a@x.org", "")),
        ("Address", "a@x.org", ("a@x.org", "")),
        ("id,email,name,note", "7,a@x.org,Ann", ("a@x.org", "Ann")),
        ("name,email", "Ann", ("", "Ann")),
    ],
)
def test_headers_of_common_exports(header: str, row: str, found: tuple[str, str]) -> None:
    columns = find_columns(header.split(","))
    cells = Row(2, tuple(row.split(",")))
    assert columns.has_header
    assert (columns.cell(cells, "email"), columns.name(cells)) == found


def test_a_file_without_header() -> None:
    assert find_columns(["a@x.org"]).places == {"email": 0}
    assert find_columns(["Ann", "a@x.org"]).places == {"email": 1, "name": 0}
    assert not find_columns(["7", "a@x.org", "x"]).has_header


def test_a_file_without_addresses_is_refused() -> None:
    with pytest.raises(BadInput, match="column of addresses"):
        find_columns(["name", "town"])


@pytest.mark.parametrize(
    ("header", "row", "state"),
    [
        ("email", "a@x.org", SubscriptionState.CONFIRMED),
        ("email,status", "a@x.org,active", SubscriptionState.CONFIRMED),
        ("email,status", "a@x.org,Unsubscribed", SubscriptionState.UNSUBSCRIBED),
        ("email,status", "a@x.org,pending", SubscriptionState.PENDING),
        ("email,status", "a@x.org,lurking", None),
        ("email,email_disabled", "a@x.org,true", SubscriptionState.UNSUBSCRIBED),
        ("email,email_disabled", "a@x.org,false", SubscriptionState.CONFIRMED),
        ("email,subscribed_to_emails", "a@x.org,false", SubscriptionState.UNSUBSCRIBED),
        ("Email Address,UNSUB_TIME", "a@x.org,2026-01-02 03:04:05", SubscriptionState.UNSUBSCRIBED),
        ("Email Address,CLEAN_TIME", "a@x.org,2026-01-02 03:04:05", SubscriptionState.UNSUBSCRIBED),
    ],
)
def test_who_has_left_elsewhere_is_seen(header: str, row: str, state: SubscriptionState | None) -> None:
    assert find_columns(header.split(",")).state(Row(2, tuple(row.split(",")))) is state


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "＋1", "－1", "＠x"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert write_cell(text) == f"'{text}"


@given(st.text(max_size=20) | st.text(alphabet="'=+-@", max_size=5))
def test_a_cell_is_read_as_it_was(text: str) -> None:
    assert read_cell(write_cell(text)) == text
