"""Links: made and read here only, each for one purpose, in one spelling, by one key."""

import base64
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.links import Links, Purpose, ReturnPaths
from digest.model.address import Address
from digest.model.keys import TAG_BYTES, Keys
from digest.settings import LONGEST_BOUNCES

LINKS = Links("https://news.example.org", Keys(b"one secret of at least 32 bytes, or so"))
OTHERS = Links("https://news.example.org", Keys(b"another secret of at least 32 bytes..."))
ALPHABET = string.ascii_letters + string.digits + "-_"
NUMBERS = st.integers(0, 2**63 - 1)


def token(link: str) -> str:
    return link.rsplit("/", 1)[1]


@given(NUMBERS, NUMBERS)
def test_what_was_made_is_read(subscriber: int, list_id: int) -> None:
    unsubscribe, preferences = LINKS.unsubscribe(subscriber, list_id), LINKS.preferences(subscriber, list_id)
    assert LINKS.of_readers()(subscriber, list_id) == (unsubscribe, preferences)
    view, article = LINKS.view(subscriber), LINKS.article(subscriber)
    assert LINKS.read(Purpose.UNSUBSCRIBE, token(unsubscribe)) == (subscriber, list_id)
    assert LINKS.read(Purpose.PREFERENCES, token(preferences)) == (subscriber, list_id)
    assert LINKS.read(Purpose.VIEW, token(view)) == (subscriber,)
    assert LINKS.read(Purpose.ARTICLE, token(article)) == (subscriber,)
    assert all(set(token(link)) <= set(ALPHABET) for link in (unsubscribe, preferences, view, article))
    assert all(24 <= len(token(link)) <= 50 for link in (unsubscribe, preferences, view, article))


def test_a_link_says_what_it_is_for() -> None:
    assert LINKS.unsubscribe(1, 2).startswith("https://news.example.org/u/")
    assert LINKS.preferences(1, 2).startswith("https://news.example.org/p/")
    assert LINKS.view(1).startswith("https://news.example.org/v/")
    assert LINKS.article(1).startswith("https://news.example.org/a/")
    assert LINKS.confirm("t0ken") == "https://news.example.org/c/t0ken"


def test_a_link_is_the_same_whenever_it_is_made() -> None:
    """It stands in mails that are years old."""
    assert token(LINKS.unsubscribe(300, 2)) == "AawCAmnchoqfFT9vy60g2pDi5DI"


@pytest.mark.parametrize("made", Purpose)
@pytest.mark.parametrize("asked", Purpose)
def test_a_token_is_good_for_its_own_purpose_only(made: Purpose, asked: Purpose) -> None:
    text = token(LINKS._signed(made, 7, 1))
    assert LINKS.read(asked, text) == ((7, 1) if made is asked else None)
    assert OTHERS.read(asked, text) is None


def test_nothing_shorter_longer_or_changed_is_read() -> None:
    whole = token(LINKS.unsubscribe(12345, 67))
    cut = [whole[:length] for length in range(len(whole))]
    longer = [whole + char for char in ALPHABET + "=. \n/+"]
    changed = [
        whole[:place] + char + whole[place + 1 :]
        for place in range(len(whole))
        for char in ALPHABET + "=+/ é"
        if char != whole[place]
    ]
    assert [text for text in cut + longer + changed if LINKS.read(Purpose.UNSUBSCRIBE, text) is not None] == []


@pytest.mark.parametrize("number", range(40))
def test_a_token_has_one_spelling(number: int) -> None:
    """Neither base64's other alphabet, nor padding, nor white space, nor the spare bits of the last character."""
    whole = token(LINKS.view(128**number) if number < 9 else LINKS.unsubscribe(number, 1))
    raw = base64.urlsafe_b64decode(whole + "=" * (-len(whole) % 4))
    spellings = {
        whole + "=",
        whole + "=" * (-len(whole) % 4 or 4),
        " " + whole,
        whole + "\n",
        base64.b64encode(raw).decode().rstrip("="),
        *(whole[:-1] + char for char in ALPHABET),
    } - {whole}
    for purpose in Purpose:
        assert [text for text in spellings if LINKS.read(purpose, text) is not None] == []


def test_a_key_number_that_is_not_ours_is_not_read() -> None:
    body = b"\x02\x01\x01"
    signed = base64.urlsafe_b64encode(body + LINKS.keys.tag("link:u", body)).rstrip(b"=").decode()
    assert LINKS.read(Purpose.UNSUBSCRIBE, signed) is None


@given(st.one_of(st.text(), st.text(ALPHABET, max_size=200), st.binary(max_size=90).map(lambda raw: raw.hex())))
def test_garbage_is_nothing(text: str) -> None:
    assert [LINKS.read(purpose, text) for purpose in Purpose] == [None] * len(Purpose)


@given(st.binary(max_size=TAG_BYTES + 24))
def test_well_spelt_garbage_is_nothing(raw: bytes) -> None:
    text = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
    assert [LINKS.read(purpose, text) for purpose in Purpose] == [None] * len(Purpose)


def test_a_megabyte_is_nothing_at_once() -> None:
    assert LINKS.read(Purpose.VIEW, "A" * 1_000_000) is None


BASE = Address.parse("bounces@news.example.org")
PATHS = ReturnPaths(BASE, LINKS.keys)


@given(NUMBERS)
def test_a_return_path_is_read_whatever_its_case(number: int) -> None:
    address = PATHS.of(number)
    assert len(address.local) <= 64
    assert PATHS.read(str(address)) == PATHS.read(str(address).upper()) == number
    longest = ReturnPaths(Address("b" * LONGEST_BOUNCES, "example.org"), LINKS.keys)
    assert longest.read(str(longest.of(number))) == number


def test_a_return_path_is_the_same_whenever_it_is_made() -> None:
    """It is in mails that are on their way."""
    assert str(PATHS.of(300)) == "bounces+agwafu2bfk5vrkdlciaptp4neowjaxi@news.example.org"


def test_another_s_return_path_is_not_ours() -> None:
    whole = str(PATHS.of(7))
    token = whole.partition("+")[2].partition("@")[0]
    others = [
        str(ReturnPaths(BASE, OTHERS.keys).of(7)),
        f"bounces+{token}@example.org",
        f"other+{token}@news.example.org",
        f"bounces-{token}@news.example.org",
        f"bounces+{token[:-1]}@news.example.org",
        f"bounces+{token}a@news.example.org",
        f"bounces+{'a' * 8}{token[8:]}@news.example.org",
        "bounces+@news.example.org",
        "bounces@news.example.org",
        "bounces+é@news.example.org",
        "",
        "@",
    ]
    assert [text for text in others if PATHS.read(text) is not None] == []


@given(st.text(max_size=100))
def test_no_text_is_a_return_path(text: str) -> None:
    assert PATHS.read(f"bounces+{text}@news.example.org") is None


def test_whose_link_to_leave_it_is() -> None:
    assert LINKS.unsubscribes(LINKS.unsubscribe(7, 2)) == (7, 2)
    strangers = [OTHERS.unsubscribe(7, 2), LINKS.preferences(7, 2), LINKS.unsubscribe(7, 2).replace("news.", "x."), ""]
    assert [link for link in strangers if LINKS.unsubscribes(link) is not None] == []
