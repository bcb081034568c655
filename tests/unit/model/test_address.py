import unicodedata

import idna
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from digest.model.address import MAX_ADDRESS, MAX_LOCAL, Address, Mailbox, unprintable
from digest.model.errors import BadInput

WHOLE = [
    ("ann@example.org", "ann@example.org"),
    ("Ann.Lee+news@EXAMPLE.org", "Ann.Lee+news@example.org"),
    ("  ann@example.org\n", "ann@example.org"),
    ("o'neil@example.org", "o'neil@example.org"),
    ("a@localhost", "a@localhost"),
    ("{odd}|=~@example.org", "{odd}|=~@example.org"),
    ("ann@bücher.example", "ann@xn--bcher-kva.example"),
    ("ann@BU\u0308CHER.example", "ann@xn--bcher-kva.example"),
    ("ann@straße.example", "ann@xn--strae-oqa.example"),
    ("ann@例え。テスト", "ann@xn--r8jz45g.xn--zckzah"),
    ("ann@col·legi.example", "ann@xn--collegi-xma.example"),
    ("ann@ｅｘａｍｐｌｅ.org", "ann@example.org"),
    ("jürgen@example.org", "jürgen@example.org"),
    ("ju\u0308rgen@example.org", "jürgen@example.org"),
    ("用户@例子.example", "用户@xn--fsqu00a.example"),
]

NONE = [
    "",
    "@",
    "ann",
    "ann@",
    "@example.org",
    "a b@example.org",
    "ann@exa mple.org",
    "a@b>\r\nRCPT TO:<x@y",
    "ann@example.org>\r\nDATA",
    "ann\r\n@example.org",
    "ann@example.org\r\nBcc: bo@example.org",
    "ann\0@example.org",
    "ann@example.org\0",
    "<ann@example.org>",
    '"ann lee"@example.org',
    "ann@[192.0.2.1]",
    ".ann@example.org",
    "ann.@example.org",
    "a..b@example.org",
    "ann@-example.org",
    "ann@example-.org",
    "ann@example..org",
    "ann@example.org.",
    "ann,bo@example.org",
    "ann@example.org,bo@example.org",
    "ann@example.org;",
    "a\u2028b@example.org",
    "a\u00a0b@example.org",
    "a\u202eb@example.org",
    "a\u200bb@example.org",
    "a\x85b@example.org",
    "a\ud800b@example.org",
    "ann@\ud800.example",
    "ann@ex\u200dample.org",
    "ann@☃.example",
    "ann@\u0308x.example",
    "ann@bü／cher.example",
    "ann@bü＠cher.example",
    "ann@bü\r\ncher.example",
    "ann@bü..example",
    "ann@-bü.example",
]


@pytest.mark.parametrize(("text", "address"), WHOLE)
def test_a_plain_address_is_kept_and_its_domain_is_lowered_and_in_a_labels(text: str, address: str) -> None:
    assert str(Address.parse(text)) == address


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_address_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(BadInput) as refusal:
        Address.parse(text)
    assert unprintable(str(refusal.value)) is None


@given(st.text() | st.builds("{}@{}".format, st.text(max_size=8), st.text(max_size=8)))
@example("a@b>\r\nRCPT TO:<x@y")
@example("jürgen@bücher.example")
@example("\u1fef@\u212a.example")
def test_nothing_that_parses_can_leave_its_place_on_the_wire(text: str) -> None:
    try:
        address = Address.parse(text)
    except BadInput:
        return
    wire = str(address)
    assert not any(char in wire for char in '\r\n\0 <>"(),:;[\\]\t\x85\u2028\u2029')
    assert not any(unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp", "Zs"} for char in wire)
    assert address.domain.isascii()
    assert wire.count("@") == 1
    assert len(wire.encode()) <= MAX_ADDRESS
    assert Address.parse(wire) == address


LABELS = st.text(st.characters(categories=["Ll", "Lu", "Lo", "Lm", "Mn", "Nd"]), min_size=1, max_size=6)


@given(LABELS)
@example("ß")
@example("ς")
@example("İ")
@example("K\u0308")
@example("ﬁ")
@example("Ⅷ")
@example("ẞ")
@example("ϲ")
@example("𝞁")
@example("Ꭰ")
@example("a\u034fb")
@example("a\u3164b")
@example("a\u0345")
def test_a_domain_never_becomes_another_domain(label: str) -> None:
    try:
        expected = idna.encode(f"{label}.example", uts46=True, std3_rules=True).decode()
    except idna.IDNAError:
        return
    try:
        address = Address.parse(f"ann@{label}.example")
    except BadInput:
        return  # stricter is safe
    assert address.domain == expected


@pytest.mark.parametrize(
    "domain", ["münchen.example", "ελλάδα.example", "пример.example", "مثال.example", "예시.example"]
)
def test_scripts_in_use_agree_with_idna_2008(domain: str) -> None:
    assert Address.parse(f"ann@{domain}").domain == idna.encode(domain).decode()


def test_an_address_may_be_as_long_as_the_standard_says_and_no_longer() -> None:
    domain = ".".join(["d" * 60] * 3 + ["e" * (MAX_ADDRESS - MAX_LOCAL - 1 - 183)])
    longest = Address.parse(f"{'a' * MAX_LOCAL}@{domain}")
    assert len(str(longest)) == MAX_ADDRESS
    for text in (f"{'a' * MAX_LOCAL}@{domain}f", f"{'a' * (MAX_LOCAL + 1)}@example.org", f"{'ü' * 33}@example.org"):
        with pytest.raises(BadInput, match="too long"):
            Address.parse(text)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("ann.lee@gmail.com", "annlee@gmail.com", True),
        ("A.nnLee+news@googlemail.com", "annlee@gmail.com", True),
        ("ann+news@example.org", "ANN@example.org", True),
        ("ann.lee@example.org", "annlee@example.org", False),
        ("+ann@example.org", "+bob@example.org", False),
        ("ann@example.org", "ann@example.com", False),
    ],
)
def test_spellings_that_reach_one_person_are_one_inbox_and_still_addresses_of_their_own(
    one: str, other: str, same: bool
) -> None:
    first, second = Address.parse(one), Address.parse(other)
    assert (first.inbox == second.inbox) is same
    assert first != second


@pytest.mark.parametrize("char", ["a", "ü", ".", "@", " ", "<", "\u0308", "\r\n"])
def test_a_huge_text_is_refused_at_once_and_not_shown_whole(char: str) -> None:
    for text in (char * 200_000, f"ann@{char * 200_000}", f"{char * 200_000}@example.org"):
        with pytest.raises(BadInput) as refusal:
            Mailbox.parse(text)
        assert len(str(refusal.value)) < 2_000


def test_a_domain_that_shrinks_is_not_cut_to_another() -> None:
    syllables = "\u1100\u1161\u11a8" * 40  # three letters each, which are one when composed
    assert len(Address.parse(f"ann@{syllables}.{syllables}.example").domain) < 120
    with pytest.raises(BadInput, match="not a domain name"):
        Address.parse(f"ann@{syllables}.{syllables}.example.cut.here")


def test_case_makes_no_second_subscriber() -> None:
    assert Address.parse("Ann@Example.org").key == Address.parse("ann@EXAMPLE.ORG").key
    assert Address.parse("ann@bücher.example").key == Address.parse("ann@xn--bcher-kva.example").key
    assert Address.parse("ann@example.org").key != Address.parse("a.nn@example.org").key


def test_only_a_local_part_beyond_ascii_needs_smtputf8() -> None:
    assert Address.parse("jürgen@example.org").needs_smtputf8
    assert not Address.parse("ann@bücher.example").needs_smtputf8


def test_a_masked_address_shows_its_domain_only() -> None:
    assert Address.parse("annabel@example.org").masked == "a…@example.org"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("ann@example.org", ""),
        ("<ann@example.org>", ""),
        ("Ann Lee <ann@example.org>", "Ann Lee"),
        ('"Lee, Ann" <ann@example.org>', "Lee, Ann"),
        (" Ann  < ann@example.org > ", "Ann"),
    ],
)
def test_a_mailbox_has_a_name_or_none(text: str, name: str) -> None:
    assert Mailbox.parse(text) == Mailbox(Address("ann", "example.org"), name)


@pytest.mark.parametrize("char", ["\r", "\n", "\0", "\x1b", "\x7f", "\x85", "\u2028", "\u202e", "\u2066", "\ud800"])
def test_a_name_can_carry_no_second_header(char: str) -> None:
    with pytest.raises(BadInput, match=f"U\\+{ord(char):04X}"):
        Mailbox(Address("ann", "example.org"), f"Ann{char}Bcc: bo@example.org")
    with pytest.raises(BadInput):
        Mailbox.parse(f"Ann{char}Lee <ann@example.org>")


@pytest.mark.parametrize("text", ["Ann ann@example.org>", "Ann <>", "Ann <ann@example.org> <", "Ann <bo>"])
def test_a_broken_mailbox_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        Mailbox.parse(text)


def test_a_mailbox_reads_back_what_it_shows() -> None:
    mailbox = Mailbox.parse("Ann Lee <ann@example.org>")
    assert Mailbox.parse(str(mailbox)) == mailbox
