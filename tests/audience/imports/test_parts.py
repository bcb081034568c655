"""What is handed over: one file, or a ZIP of some. A flood, a trap or a wreck is refused in words (security S22, S26)."""

import contextlib
import io
import struct
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.audience.imports.parts import File, find_parts, fingerprint
from digest.model.errors import BadInput


def zipped(members: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def parts(raw: bytes) -> list[tuple[str, bytes]]:
    return [(part.name, part.open().read()) for part in find_parts([File("in", io.BytesIO(raw))])]


def test_a_file_is_one_table_and_a_zip_several() -> None:
    assert parts(b"ann@example.org") == [("in", b"ann@example.org")]
    raw = zipped({"subscribed.csv": "a", "lists/cleaned.csv": "b", "readme": "c", "__MACOSX/x.csv": "d"})
    assert parts(raw) == [("in/subscribed.csv", b"a"), ("in/lists/cleaned.csv", b"b")]


def test_a_table_can_be_read_again_and_tells_how_far_it_is() -> None:
    (part,) = find_parts([File("in", io.BytesIO(zipped({"a.csv": "one\ntwo\n"})))])
    for _ in range(2):
        stream = part.open()
        assert (stream.readline(100), stream.tell()) == (b"one\n", 4)


@pytest.mark.parametrize(
    ("raw", "complaint"),
    [
        (zipped({"readme": "x"}), "without a CSV"),
        (zipped({"a.csv": b"\0" * 3_000_000}), "would unpack to 3,000,000 bytes"),
        (zipped({"a.csv": "x"})[:-30], "broken ZIP"),
        (b"PK\3\4 and no more", "broken ZIP"),
        (zipped({f"{number}.csv": "" for number in range(1001)}), "1001 files"),
    ],
    ids=["no table", "bomb", "cut", "no zip", "many"],
)
def test_a_zip_that_is_none_of_ours_is_refused(raw: bytes, complaint: str) -> None:
    with pytest.raises(BadInput, match=complaint):
        parts(raw)


def test_a_zip_of_a_huge_directory_is_not_opened() -> None:
    raw = bytearray(zipped({"a.csv": "x"}))
    struct.pack_into("<L", raw, raw.rfind(b"PK\5\6") + 12, 2**30)
    with pytest.raises(BadInput, match="too many files"):
        parts(bytes(raw))


def test_a_member_that_is_damaged_is_named() -> None:
    raw = bytearray(zipped({"a.csv": "the same words again and again " * 20}))
    raw[60] ^= 0xFF
    with pytest.raises(BadInput, match="is damaged"):
        parts(bytes(raw))


@given(st.integers(0, 300), st.binary(min_size=1, max_size=8))
def test_any_wreck_is_a_sentence(place: int, bytes_: bytes) -> None:
    raw = bytearray(zipped({"a.csv": "email\nann@example.org\n", "b.csv": "email\nbob@example.org\n"}))
    raw[place : place + len(bytes_)] = bytes_
    with contextlib.suppress(BadInput):
        parts(bytes(raw))


def test_the_same_bytes_have_one_fingerprint_in_any_order() -> None:
    one, two = File("a", io.BytesIO(b"1")), File("b", io.BytesIO(b"2"))
    assert fingerprint([one, two]) == fingerprint([two, one]) != fingerprint([one])
