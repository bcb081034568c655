"""The message built once: what every mail, every campaign and every notice must have."""

import email
import email.policy
from dataclasses import replace

import pytest

from digest.model.address import Mailbox
from digest.model.edition import Slot
from digest.model.errors import BadInput
from digest.model.mailing_list import MailingList
from digest.rendering.content import Content
from digest.rendering.skeleton import Campaign, build_skeleton, make_feedback_id
from digest.rendering.slots import Part, make_token
from tests.unit.rendering.week import SALT, TIDELINE

CONTENT = Content("issue", "Subject", "text\n", "<p>html</p>\n")
CAMPAIGN = Campaign("12", "https://news.example.org/tideline/")


def build(
    mailing_list: MailingList = TIDELINE, content: Content = CONTENT, campaign: Campaign | None = CAMPAIGN
) -> email.message.EmailMessage:
    message = email.message_from_bytes(build_skeleton(content, mailing_list, SALT, campaign), policy=email.policy.SMTP)
    assert not message.defects
    return message


def token(slot: Slot) -> str:
    return make_token(slot, Part.HEADER, SALT)


def test_campaign_has_all_list_headers() -> None:
    message = build()
    assert message["List-Id"] == "The Tideline <tideline.news.example.org>"
    assert message["List-Unsubscribe"] == f"<{token(Slot.UNSUBSCRIBE)}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-Post"] == "NO"
    assert message["List-Archive"] == "<https://news.example.org/tideline/>"
    assert message["Precedence"] == "bulk"
    assert message["Auto-Submitted"] is None


def test_notice_says_that_it_is_automatic_and_is_not_bulk() -> None:
    message = build(campaign=None)
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "OOF, AutoReply"
    assert (message["Precedence"], message["List-Unsubscribe"]) == (None, None)


def test_notice_with_a_way_out_has_the_button_too() -> None:
    way_out = replace(CONTENT, html=make_token(Slot.UNSUBSCRIBE, Part.HTML, SALT))
    assert build(content=way_out, campaign=None)["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_plain_part_comes_first_and_both_say_their_charset() -> None:
    parts = list(build().iter_parts())
    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"]
    assert [part.get_content_charset() for part in parts] == ["utf-8", "utf-8"]
    assert [part.get_content() for part in parts] == ["text\r\n", "<p>html</p>\r\n"]


def test_who_it_is_from_and_to() -> None:
    message = build()
    assert str(message["From"]) == "The Tideline <editor@news.example.org>"
    assert str(message["Reply-To"]) == "letters@news.example.org"
    assert build(replace(TIDELINE, reply_to=None))["Reply-To"] is None
    skeleton = build_skeleton(CONTENT, TIDELINE, SALT, CAMPAIGN)
    for slot, line in ((Slot.TO, "To: {}"), (Slot.DATE, "Date: {}"), (Slot.MESSAGE_ID, "Message-ID: <{}>")):
        assert f"\r\n{line.format(token(slot))}\r\n".encode() in skeleton


@pytest.mark.parametrize(
    ("title", "list_id"),
    [
        ("Tide", "Tide <tideline.news.example.org>"),
        ("Tide, weekly", '"Tide, weekly" <tideline.news.example.org>'),
        ("Küste", "<tideline.news.example.org>"),
        ("=?utf-8?Q?x?=", "<tideline.news.example.org>"),
        ("x" * 250, "<tideline.news.example.org>"),
    ],
)
def test_list_id_never_has_an_encoded_word(title: str, list_id: str) -> None:
    skeleton = build_skeleton(CONTENT, replace(TIDELINE, title=title), SALT, CAMPAIGN)
    assert f"\r\nList-Id: {list_id}\r\n".encode() in skeleton


@pytest.mark.parametrize(
    "list_id", ["", "nodot", "a..b", "a b.example", "<a.example>", "a.example\r\nBcc: x", f"a.{'b' * 255}", "ü.example"]
)
def test_list_id_that_is_none_is_refused(list_id: str) -> None:
    with pytest.raises(BadInput, match="list id"):
        build(replace(TIDELINE, list_id=list_id))


@pytest.mark.parametrize("what", ["title", "subject"])
@pytest.mark.parametrize("char", ["\r", "\n", "\0", "\x85", "\u2028", "\u202e"])
def test_nothing_can_add_a_header(what: str, char: str) -> None:
    evil = f"x{char}Bcc: all@example.org"
    with pytest.raises(BadInput):
        build(replace(TIDELINE, title=evil)) if what == "title" else build(content=replace(CONTENT, subject=evil))


def test_archive_link_cannot_add_a_header() -> None:
    with pytest.raises(BadInput, match="not a link"):
        build(campaign=Campaign("12", "https://a.example/\r\nBcc: x"))


@pytest.mark.parametrize("field", ["sender", "reply_to"])
def test_list_needs_an_address_that_everybody_takes(field: str) -> None:
    with pytest.raises(BadInput, match="beyond ASCII"):
        build(replace(TIDELINE, **{field: Mailbox.parse("zoë@example.org")}))  # type: ignore[arg-type]  # either field


@pytest.mark.parametrize("domain", ["example.org", "a.io", "a-very-long-name.of-a.host.example.org", "x"])
def test_feedback_id_is_what_postmasters_take(domain: str) -> None:
    mailing_list = replace(TIDELINE, sender=Mailbox.parse(f"ed@{domain}"))
    name = make_feedback_id("issue", mailing_list, CAMPAIGN)
    assert name.startswith("12:tideline:issue:")
    assert 5 <= len(name.rpartition(":")[2]) <= 15
    assert make_feedback_id("welcome", mailing_list, None).startswith("0:tideline:welcome:")


def test_same_input_same_bytes() -> None:
    assert build_skeleton(CONTENT, TIDELINE, SALT, CAMPAIGN) == build_skeleton(CONTENT, TIDELINE, SALT, CAMPAIGN)
    assert build_skeleton(CONTENT, TIDELINE, SALT, CAMPAIGN) != build_skeleton(CONTENT, TIDELINE, "other", CAMPAIGN)
