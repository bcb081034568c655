"""A brand is what can safely stand in CSS, or is refused in one sentence that names the field."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.model.brand import NO_BRAND, Brand, parse_brand
from digest.model.errors import BadInput

FIELDS = sorted(Brand.__dataclass_fields__)


def test_everything_can_be_said() -> None:
    brand = parse_brand(
        {
            "accent": "#0B5394",
            "background": "#fff",
            "logo": "https://a.example/logo.png?w=2",
            "logo_alt": " The  Town ",
            "logo_width": "120",
            "heading_font": "'Trebuchet MS', Source Sans 3, sans-serif",
            "ink": "",
            "dark_ink": None,
        }
    )
    assert brand == Brand(
        accent="#0b5394",
        background="#ffffff",
        logo="https://a.example/logo.png?w=2",
        logo_alt="The Town",
        logo_width=120,
        heading_font="Trebuchet MS, Source Sans 3, sans-serif",
    )
    assert parse_brand(brand.said()) == brand
    assert parse_brand({}) == NO_BRAND == parse_brand({"accent": "", "logo_width": 0})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("accent", "red"),
        ("accent", "#12"),
        ("accent", "#12345g"),
        ("accent", "#123456; } body { display: none"),
        ("accent", 7),
        ("logo", "http://a.example/logo.png"),
        ("logo", "javascript:alert(1)"),
        ("logo", 'https://a.example/"onerror="x'),
        ("logo", "https://"),
        ("logo_width", "0"),
        ("logo_width", "²"),
        ("logo_width", True),
        ("logo_width", "9" * 5000),
        ("logo_alt", "a\u202eb"),
        ("logo_alt", "a" * 201),
        ("heading_font", "Georgia"),
        ("heading_font", "Georgia, url(https://a.example), serif"),
        ("heading_font", "Georgia; color: red, serif"),
        ("body_font", "</style><script>, serif"),
        ("body_font", ", ".join(["A"] * 8 + ["serif"])),
        ("colour", "#123456"),
        ("accent", ["#123456"]),
    ],
)
def test_what_cannot_be_is_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(BadInput) as caught:
        parse_brand({name: value})
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


def parsed(said: dict[str, object]) -> Brand | str:
    """The brand, or what is said against it."""
    try:
        return parse_brand(said)
    except BadInput as error:
        return str(error)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(FIELDS), st.one_of(st.text(), st.integers(), st.none())))
def test_whatever_is_said_is_harmless_in_css_or_refused(said: dict[str, object]) -> None:
    brand = parsed(said)
    if isinstance(brand, str):
        assert "\n" not in brand
        return
    for name in (name for name in FIELDS if name.endswith(("accent", "background", "ink"))):
        assert re.fullmatch(r"(#[0-9a-f]{6})?", getattr(brand, name))
    assert not set(brand.heading_font + brand.body_font) & set(";:{}()<>\\/'\"&@")
