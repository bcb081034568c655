"""Headers that nobody planned for: common names, a mapping, or none at all."""

import pytest

from digest.audience.imports.fields import Field
from digest.audience.imports.recognise import read_mapping, recognise
from digest.audience.imports.rows import Row
from digest.model.errors import BadInput

EMAIL, NAME, FIRST, LAST = Field.EMAIL, Field.NAME, Field.FIRST_NAME, Field.LAST_NAME


@pytest.mark.parametrize(
    ("header", "row", "found"),
    [
        ("email", "a@x.org", {EMAIL: "a@x.org"}),
        ("Name,E-Mail", "Ann,a@x.org", {NAME: "Ann", EMAIL: "a@x.org"}),
        ("Email Address,First Name,Last Name", "a@x.org,Ann,Bee", {EMAIL: "a@x.org", FIRST: "Ann", LAST: "Bee"}),
        ("Email Address,Address", "a@x.org,1 Paper Lane", {EMAIL: "a@x.org"}),
        ("Address", "a@x.org", {EMAIL: "a@x.org"}),
        ("id,email,name,other", "7,a@x.org,Ann", {EMAIL: "a@x.org", NAME: "Ann"}),
        ("name,email", "Ann", {NAME: "Ann"}),
        ("name,email", "'=1+1,a@x.org", {NAME: "=1+1", EMAIL: "a@x.org"}),
    ],
)
def test_headers_of_common_tables(header: str, row: str, found: dict[Field, str]) -> None:
    columns = recognise(header.split(","), {})
    assert columns.has_header
    assert columns.cells(Row(2, tuple(row.split(",")))) == found


def test_a_file_without_header() -> None:
    assert recognise(["a@x.org"], {}).places == {EMAIL: 0}
    assert recognise(["Ann", "a@x.org"], {}).places == {EMAIL: 1, NAME: 0}
    assert not recognise(["7", "a@x.org", "x"], {}).has_header


def test_a_file_without_addresses_is_refused() -> None:
    with pytest.raises(BadInput, match="column of addresses"):
        recognise(["name", "town"], {})


def test_what_the_operator_maps_counts_before_the_header() -> None:
    mapping = read_mapping(["Contact = email", "Region=topics", "email=ignore"])
    columns = recognise(["Contact", "email", "Region"], mapping)
    assert columns.cells(Row(2, ("a@x.org", "b@x.org", "Town"))) == {EMAIL: "a@x.org", Field.TOPICS: "Town"}


@pytest.mark.parametrize(
    ("said", "complaint"),
    [("Contact", "COLUMN=FIELD"), ("=email", "COLUMN=FIELD"), ("Contact=mail", "no field of ours")],
)
def test_a_mapping_that_is_none_is_refused(said: str, complaint: str) -> None:
    with pytest.raises(BadInput, match=complaint):
        read_mapping([said])


def test_a_mapped_column_that_is_not_there_is_named() -> None:
    with pytest.raises(BadInput, match="no column 'contact'; its columns are: email, name"):
        recognise(["email", "name"], {"contact": EMAIL})
