import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.audience.addresses import MAX_NAME, clean_language, clean_name, read_address
from digest.model.address import unprintable
from digest.model.errors import BadInput


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("ann@example.org", "ann@example.org"),
        ("  Ann.B+news@EXAMPLE.org \n", "Ann.B+news@example.org"),
        ("jürgen@bücher.example", "jürgen@xn--bcher-kva.example"),
        ("用户@例子.广告", "用户@xn--fsqu00a.xn--4rr70v"),
        ("reader@readers.test", "reader@readers.test"),
        ("o'brien@example.org", "o'brien@example.org"),
    ],
)
def test_an_address_is_read(typed: str, address: str) -> None:
    assert str(read_address(typed)) == address


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "ann",
        "@example.org",
        "ann@",
        "ann@localhost",
        "ann@example..org",
        "a..b@example.org",
        "ann b@example.org",
        "Ann <ann@example.org>",
        '"ann b"@example.org',
        "ann@[127.0.0.1]",
        "ann@example.org\r\nBcc: eve@example.org",
        "ann@example.org>\r\nRCPT TO:<eve@example.org",
        "ann\r\n@example.org",
        "ann\x00@example.org",
        "ann\x0b@example.org",
        "ann\x85@example.org",
        "ann\u2028@example.org",
        "ann\u202e@example.org",
        "ann@example.org,eve@example.org",
        "ann@example.org eve@example.org",
        "x" * 65 + "@example.org",
        "ann@" + "x." * 200 + "org",
        "x" * 100_000,
    ],
)
def test_what_is_no_address_is_refused_in_one_sentence(typed: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_address(typed)
    said = str(refused.value)
    assert unprintable(said) is None
    assert len(said) < 400


@given(st.text(max_size=60) | st.from_regex(r"[\w.+'-]{1,9}[@\s\r\n<>]{1,3}[\w.-]{1,9}\.[a-z]{2,3}"))
def test_whatever_is_typed_is_an_address_that_no_envelope_breaks_at_or_refused(typed: str) -> None:
    try:
        address = str(read_address(typed))
    except BadInput:
        return
    assert not set(address) & set(' \r\n\0<>"(),:;\\[]')
    assert address.count("@") == 1


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Ann", "Ann"),
        ("  Ann \t Björk-Lee ", ""),  # a tab is a control character
        ("  Ann   Björk-Lee ", "Ann Björk-Lee"),
        ("J. R. O'Neil, Jr.", "J. R. O'Neil, Jr."),
        ("山田 太郎", "山田 太郎"),
        ("Ann\r\nBcc: eve@example.org", ""),
        ("Ann\u202egnp.exe", ""),
        ("Win money at https://spam.example/x", ""),
        ("www.spam.example", ""),
        ("Visit spam.com now", ""),
        ("buy spam.example/now", ""),
        ("<b>Ann</b>", ""),
        ("{{ config }}", ""),
        ("x" * 500, "x" * MAX_NAME),
    ],
)
def test_a_name_is_kept_clean_or_not_at_all(typed: str, name: str) -> None:
    assert clean_name(typed) == name


@given(st.text(max_size=300))
def test_a_cleaned_name_stays_as_it_is(typed: str) -> None:
    name = clean_name(typed)
    assert clean_name(name) == name
    assert unprintable(name) is None


@pytest.mark.parametrize(
    ("typed", "tag"), [("de", "de"), ("de_AT", "de-AT"), ("", ""), ("German!", ""), ("a\r\nb", "")]
)
def test_a_language_is_a_tag_or_nothing(typed: str, tag: str) -> None:
    assert clean_language(typed) == tag
