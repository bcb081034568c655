import re

import pytest

from digest.model.edition import Slot
from digest.model.errors import BadInput
from digest.rendering.slots import Part, known_tokens, make_token, token_pattern


def test_tokens_survive_html_and_quoted_printable() -> None:
    assert all(re.fullmatch(r"[A-Z][A-Z0-9]{16,40}", token) for token in known_tokens("salt"))


def test_each_slot_and_part_has_its_own_token() -> None:
    assert len(known_tokens("salt")) == len(Slot) * len(Part)


def test_token_cannot_be_guessed_from_another_issue() -> None:
    assert not set(known_tokens("salt")) & set(known_tokens("another salt"))


def test_token_is_no_part_of_another() -> None:
    tokens = known_tokens("salt")
    assert not [(one, two) for one in tokens for two in tokens if one != two and one in two]


def test_pattern_finds_tokens_that_touch() -> None:
    one, two = make_token(Slot.VIEW, Part.HTML, "s"), make_token(Slot.TO, Part.HEADER, "s")
    assert token_pattern("s").findall(f"a{one}{two}b") == [one, two]


def test_no_salt_no_token() -> None:
    with pytest.raises(BadInput, match="without a salt"):
        make_token(Slot.VIEW, Part.HTML, "")
