"""A message in pieces gets the signature that it gets whole, wherever it is cut."""

from collections.abc import Sequence
from itertools import chain, pairwise, zip_longest

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from digest.delivery.dkim import Signer, sign_message
from digest.model.errors import DigestError
from tests.unit.delivery.signing import MAIL, WHEN, dkimpy_verifies, ed25519_key, plainly_verified

FORM = [
    b"From: The Weekly <news@example.org>\r\nTo: ",
    b"\r\nSubject: What happened\r\nDate: ",
    b"\r\nMessage-ID: <",
    b">\r\nList-Unsubscribe: <",
    b">\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\nContent-Type: text/plain\r\n\r\nDear  =\r\n",
    b"=\r\n, this is for you:  \r\n\r\n",
    b"\r\n\r\n",
    b" \t\r\n\r\n",
]
OWN = [
    b"Ann <ann@example.net>",
    b"Mon, 23 Nov 2026 07:30:00 +0000",
    b"12.abc@example.org",
    b"https://news.example.org/u/12.abc",
    b"ann@example.net",
    b"https://news.example.org/=\r\nview/12.abc",
    b"bye",
]


def join(static: Sequence[bytes], own: Sequence[bytes]) -> bytes:
    return b"".join(chain.from_iterable(zip_longest(static, own, fillvalue=b"")))


def signed_right(static: Sequence[bytes], own: Sequence[bytes]) -> bool:
    key, message = ed25519_key(), join(static, own)
    signature = Signer([key]).prepare(static).sign(own, WHEN)
    ended = message if message.endswith(b"\r\n") else message + b"\r\n"  # as it goes on the wire
    return (
        signature == sign_message(message, [key], WHEN)
        and plainly_verified(signature, message, key)
        and dkimpy_verifies(signature + ended, [key]) == [True]
    )


def test_a_message_as_ours_are_is_signed_right() -> None:
    assert signed_right(FORM, OWN)


@pytest.mark.parametrize(
    "to",
    [
        b"ann@example.net",
        b'"' + b"A long name " * 5 + b'"\r\n <ann@example.net>',
        "Jürgen <jürgen@example.net>".encode(),
    ],
)
def test_the_readers_we_have_need_no_second_look(to: bytes) -> None:
    outline = Signer([ed25519_key()]).prepare(FORM)._outline
    assert outline is not None
    assert outline.relax([to, *OWN[1:]]) is not None


@pytest.mark.parametrize("at", range(len(OWN)))
@pytest.mark.parametrize(
    "piece",
    [
        b"",
        b" ",
        b"\t ",
        b" x",
        b"x ",
        b"x  \ty",
        b"\r\n x",
        b"x\r\n y",
        b"x\r\n \r\n y",
        "Jürgen\u00a0Ü <jürgen@example.net>".encode(),
        b'"' + b"A very long name " * 6 + b'"\r\n <ann@example.net>',
        b"a:b",
    ],
)
def test_an_own_piece_may_be_anything_that_leaves_the_header_one(at: int, piece: bytes) -> None:
    assert signed_right(FORM, [*OWN[:at], piece, *OWN[at + 1 :]])


@pytest.mark.parametrize("at", range(4, len(OWN)))
@pytest.mark.parametrize(
    "piece", [b"\r\n", b"\r\n\r\n", b" \r\n ", b"x\r\n", b"\r\nx", b"x \r\n\r\n\r\n y", b"x\t\r\n"]
)
def test_an_own_piece_of_the_body_may_be_lines(at: int, piece: bytes) -> None:
    assert signed_right(FORM, [*OWN[:at], piece, *OWN[at + 1 :]])


@pytest.mark.parametrize(
    "ending", [[b""] * 3, [b"", b"\r\n", b" "], [b"\r\n \r\n", b" ", b"\t\r\n"], [b" ", b" ", b" "]]
)
def test_a_body_may_end_in_nothing(ending: list[bytes]) -> None:
    assert signed_right([*FORM[:5], b" ", b"\r\n", b""], [*OWN[:4], *ending])


@pytest.mark.parametrize(
    "piece", [b"x\r\n\r\nan early end\r\n", b"x\r\nBcc: y", b"x\r\nFrom: forged", b"x\r\nList-Help: y\r\n\tz"]
)
def test_an_own_piece_may_change_the_header_as_a_whole(piece: bytes) -> None:
    assert signed_right(FORM, [piece, *OWN[1:]])


@pytest.mark.parametrize(
    ("static", "own"),
    [
        ([b"From: a\r", b"\n\r\nbody"], [b""]),
        ([b"From: a\r", b"\r\nbody"], [b"\n"]),
        ([b"From: a\r\n", b"\r\nbody text: no field\r\n\r\nmore"], [b""]),
        ([b"From: a\r\n", b"\n\r\nbody"], [b"\r"]),
        ([b"Fr", b"om: a\r\n\r\nbody"], [b""]),
        ([b"", b": a\r\n\r\nbody"], [b"From"]),
        ([b"Subject: x\r\n", b": a\r\n\r\nbody"], [b"From"]),
        ([b"", b""], [MAIL]),
        ([b"", b"From: a\r\n\r\nbody"], [b""]),
        ([b"", b"From: a\r\n\r\nbody"], [b"To: b\r\n"]),
        ([b"From \t: a\r\nSubject\t:", b"\r\n\r\nbody"], [b" b"]),
        ([b"From: a\r\nSubject: ", b"\r\n\r\n", b"\r\n"], [b"\x0b", b"\x0c"]),
        ([b"From: a\r\nSubject: ", b"\r\n\r\n", b"\r\n"], [b"\0", b"\0"]),
        ([b"From: a\r\nX: \0\r\nTo: ", b"\r\n\r\nbody"], [b"b"]),
        ([b"From: a\r\nTo: b\r\n\r\nbody\r", b"more"], [b"\n"]),
        ([b"From: a\r\nTo: b\r\n\r\n", b"", b"", b"\r\n"], [b"", b" ", b""]),
        ([b"From: a\r\nList-", b": b\r\n\r\nbody"], [b"Help"]),
        ([b"From: a\r\nX-", b": b\r\nTo: c\r\n\r\nbody"], [b"a: b\r\nSubject"]),
    ],
)
def test_wherever_it_is_cut(static: list[bytes], own: list[bytes]) -> None:
    key = ed25519_key()
    signature = Signer([key]).prepare(static).sign(own, WHEN)
    assert signature == sign_message(join(static, own), [key], WHEN)
    assert plainly_verified(signature, join(static, own), key)


NAMES = st.sampled_from(
    [b"To", b"Subject", b"SUBJECT", b"Date", b"From", b"List-Help", b"List-Id", b"X-Own", b"Precedence"]
)
WORDS = st.lists(
    st.sampled_from([b"a", b"b", b":", b";", b"=", b" ", b"\t", b"  ", b"\r\n ", b"\r\n\t ", "ü\u00a0".encode()]),
    max_size=8,
).map(b"".join)
VALUES = st.tuples(WORDS, st.sampled_from([b"", b"x", b"\r\n x"])).map(b"".join)  # no fold of nothing before the body
LINES = st.lists(
    st.sampled_from([b"a", b"b", b".", b"=", b"=\r\n", b" ", b"\t", b"   ", b"\r\n", b"\r\n\r\n", "ü\u00a0".encode()]),
    max_size=25,
).map(b"".join)


@st.composite
def messages(draw: st.DrawFn) -> bytes:
    fields = draw(st.lists(st.tuples(NAMES, VALUES), max_size=5))
    fields.insert(draw(st.integers(0, len(fields))), (b"From", b" news@example.org"))
    return b"".join(name + b":" + value + b"\r\n" for name, value in fields) + draw(
        st.one_of(st.just(b""), LINES.map(b"\r\n".__add__))
    )


@st.composite
def cut_messages(draw: st.DrawFn) -> tuple[list[bytes], list[bytes]]:
    message = draw(messages())
    cuts = sorted(draw(st.lists(st.integers(0, len(message)), max_size=8)))
    edges = [0, *cuts[: len(cuts) // 2 * 2], len(message)]
    pieces = [message[start:stop] for start, stop in pairwise(edges)]
    return pieces[::2], pieces[1::2]


@given(cut_messages())
@example(([b"From: a\r\nSubject: ", b"\r\n\r\n"], [b"\r\n x"]))
def test_any_message_cut_anywhere_is_signed_as_it_is_whole(cut: tuple[list[bytes], list[bytes]]) -> None:
    assert signed_right(*cut)


@given(cut_messages(), st.lists(st.one_of(VALUES, LINES), min_size=4, max_size=4))
def test_any_own_pieces_in_any_form_are_signed_as_the_whole_is(
    cut: tuple[list[bytes], list[bytes]], own: list[bytes]
) -> None:
    static, _ = cut
    filled = own[: len(static) - 1]
    assert outcome(static, filled) == outcome([join(static, filled)], [])


def outcome(static: Sequence[bytes], own: Sequence[bytes]) -> bytes:
    """The signature, or nothing for what cannot be signed."""
    try:
        return Signer([ed25519_key()]).prepare(static).sign(own, WHEN)
    except DigestError:
        return b""
