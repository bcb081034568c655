"""One reader's message: right bytes whatever is filled in, or a refusal in words."""

import email
import email.policy
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.model.address import Address, Mailbox, unprintable
from digest.model.edition import Edition, Slot
from digest.model.errors import BadInput, DigestError
from digest.rendering.compose import Composer, fill_html, fill_text
from digest.rendering.edition import render_confirmation, render_issue
from digest.rendering.lint import lint_message
from tests.unit.rendering.week import LINKS, MESSAGE_ID, READER, SALT, THEN, TIDELINE, compose, make_issue

NAMES = st.text(max_size=120).filter(lambda text: not unprintable(text))
LOCALS = st.from_regex(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,60}", fullmatch=True)
PATHS = st.from_regex(r"[A-Za-z0-9/?&=._~%-]{0,600}", fullmatch=True).filter(lambda path: "=?" not in path)


@cache
def issue() -> Edition:
    return render_issue(make_issue(), TIDELINE)


@cache
def composer() -> Composer:
    return Composer(issue())


def parse(message: bytes) -> email.message.EmailMessage:
    parsed = email.message_from_bytes(message, policy=email.policy.SMTPUTF8)
    assert not parsed.defects
    return parsed


def parts(message: bytes) -> tuple[str, str]:
    text, html = (part.get_content().replace("\r\n", "\n") for part in parse(message).iter_parts())
    return text, html


def test_message_reads_back() -> None:
    message = parse(compose(issue()))
    assert str(message["To"]) == "Ann Lindqvist <ann@reader.example>"
    assert message["Message-ID"] == f"<{MESSAGE_ID}>"
    assert message["Date"].datetime == THEN
    assert message["Subject"] == issue().subject
    assert message["List-Unsubscribe"] == f"<{LINKS[Slot.UNSUBSCRIBE]}>"
    text, html = parts(compose(issue()))
    filled = {**LINKS, Slot.ADDRESS: "ann@reader.example"}
    assert text == fill_text(issue(), filled)
    assert html == fill_html(issue(), filled)


@settings(deadline=None, max_examples=50)  # the first message renders the edition
@given(NAMES, LOCALS, PATHS)
def test_any_reader_gets_a_clean_message(name: str, local: str, path: str) -> None:
    to = Mailbox(Address(local, "reader.example"), name)
    links = {slot: f"https://news.example.org/{slot.lower()}/{path}" for slot in LINKS}
    message = composer().compose(to, MESSAGE_ID, THEN, links)
    assert lint_message(message) == ()
    assert parse(message).keys() == parse(compose(issue())).keys()
    text, html = parts(message)
    assert links[Slot.UNSUBSCRIBE] in text
    assert f"{local}@reader.example" in text
    assert f'href="{links[Slot.VIEW]}"'.replace("&", "&amp;") in html


def test_values_are_escaped_where_they_stand() -> None:
    to = Mailbox(Address("o'&mara", "reader.example"))
    text, html = parts(composer().compose(to, MESSAGE_ID, THEN, LINKS))
    assert "o'&mara@reader.example" in text
    assert "o&#x27;&amp;mara@reader.example" in html
    assert "?list=tideline&amp;issue=12" in html
    assert "?list=tideline&issue=12" in text


def test_no_token_is_left() -> None:
    text, html = parts(compose(issue()))
    assert not re.search(
        r"Z(?:ADDRESS|UNSUBSCRIBE|PREFERENCES|VIEW|CONFIRM|TO|DATE|MESSAGEID|LINK)[A-Z0-9]{16}", text + html
    )


def test_same_values_same_bytes() -> None:
    assert compose(issue()) == compose(render_issue(make_issue(), TIDELINE))


def test_address_beyond_ascii_stands_as_it_is_and_only_there() -> None:
    message = compose(issue(), Mailbox.parse("Zoë <zoë@bücher.example>"))
    head, _, body = message.partition(b"\r\n\r\n")
    assert "To: =?utf-8?B?Wm/Dqw==?= <zoë@xn--bcher-kva.example>\r\n".encode() in head
    assert body.isascii()
    assert head.replace("zoë@".encode(), b"").isascii()
    assert "zoë@xn--bcher-kva.example" in parts(message)[0]


@pytest.mark.parametrize(
    "link",
    [
        "",
        "news.example.org/u",
        "javascript:alert(1)",
        "mailto:u@example.org",
        "https://news.example.org/\r\nBcc: x",
        "https://news.example.org/a b",
        "https://news.example.org/ü",
        "https://news.example.org/<x>",
        'https://news.example.org/"x"',
        "https://",
        "https://news.example.org/" + "x" * 900,
    ],
)
@pytest.mark.parametrize("slot", [Slot.UNSUBSCRIBE, Slot.VIEW])
def test_link_that_is_none_is_refused(link: str, slot: Slot) -> None:
    with pytest.raises(BadInput, match="cannot stand in a mail"):
        composer().compose(READER, MESSAGE_ID, THEN, {**LINKS, slot: link})


@pytest.mark.parametrize("link", ["http://news.example.org/u", "http://127.0.0.1.example.org/u", "http://10.0.0.1/u"])
def test_one_click_needs_https(link: str) -> None:
    with pytest.raises(BadInput, match="must begin with https"):
        composer().compose(READER, MESSAGE_ID, THEN, {**LINKS, Slot.UNSUBSCRIBE: link})


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8000", "[::1]:8000", "digest.localhost"])
def test_a_trial_on_this_machine_may_do_without(host: str) -> None:
    link = f"http://{host}/u/x"
    assert f"List-Unsubscribe: <{link}>".encode() in composer().compose(
        READER, MESSAGE_ID, THEN, {**LINKS, Slot.UNSUBSCRIBE: link}
    )


@pytest.mark.parametrize(
    "message_id", ["", "x", "<x@y.example>", "x@y.example\r\nBcc: z", "=?utf-8?Q?x?=@y.example", "ü@y.example"]
)
def test_message_id_that_is_none_is_refused(message_id: str) -> None:
    with pytest.raises(BadInput, match="not a Message-ID"):
        composer().compose(READER, message_id, THEN, LINKS)


def test_date_without_a_zone_is_refused() -> None:
    with pytest.raises(BadInput, match="no time zone"):
        composer().compose(READER, MESSAGE_ID, datetime(2026, 11, 23), LINKS)  # noqa: DTZ001  what is refused


def test_date_keeps_its_zone() -> None:
    date = datetime(2026, 11, 23, 8, tzinfo=timezone(timedelta(hours=1)))
    assert b"\r\nDate: Mon, 23 Nov 2026 08:00:00 +0100\r\n" in composer().compose(READER, MESSAGE_ID, date, LINKS)


def test_missing_value_is_named() -> None:
    with pytest.raises(BadInput, match="a place for preferences"):
        composer().compose(READER, MESSAGE_ID, THEN, {slot: LINKS[slot] for slot in LINKS if slot != Slot.PREFERENCES})


def test_value_without_a_place_is_no_error() -> None:
    edition = render_confirmation(TIDELINE, (), salt=SALT)
    assert Composer(edition).compose(READER, MESSAGE_ID, THEN, LINKS) == Composer(edition).compose(
        READER, MESSAGE_ID, THEN, {Slot.CONFIRM: LINKS[Slot.CONFIRM]}
    )


@pytest.mark.parametrize("field", ["List-Id", "List-Unsubscribe", "List-Unsubscribe-Post"])
def test_campaign_without_its_headers_cannot_be_composed(field: str) -> None:
    crippled = re.sub(rf"\r\n{field}: [^\r]*".encode(), b"", issue().skeleton)
    assert crippled != issue().skeleton
    with pytest.raises(DigestError, match=f"no {field} header"):
        Composer(replace(issue(), skeleton=crippled))


def test_page_needs_no_reader() -> None:
    page = fill_html(issue(), {})
    assert "your address" in page
    assert 'href="#"' in page
    assert fill_html(issue(), {Slot.VIEW: 'https://x.example/"><script>'}).count("<script>") == 0


def test_page_shows_the_reader() -> None:
    assert "ann@reader.example" in fill_text(issue(), {**LINKS, Slot.ADDRESS: "ann@reader.example"})


def test_dates_far_away_are_written() -> None:
    assert b"Date: Fri, 01 Jan 2100" in composer().compose(READER, MESSAGE_ID, datetime(2100, 1, 1, tzinfo=UTC), LINKS)
