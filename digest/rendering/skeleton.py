"""The MIME message of an edition, built once: headers, text part, HTML part, with tokens where readers differ.

Our own bytes (RFC 5322, 2045–2047): the standard library builds a mail in milliseconds, and this one must be written so that
tokens can be filled by joining. CRLF only, 7-bit, multipart/alternative with the plainest part first (RFC 2046 §5.1.4).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from digest.model.address import Mailbox
from digest.model.edition import Slot
from digest.model.errors import BadInput
from digest.model.mailing_list import MailingList
from digest.model.picture import Rendition
from digest.rendering.content import Content
from digest.rendering.embed import embed, relate
from digest.rendering.headers import make_field, make_mailbox, make_phrase, make_text_field, refuse_unprintable
from digest.rendering.slots import Part, make_mark, make_token
from digest.rendering.transfer import encode_body

MAX_LIST_ID = 255  # octets, RFC 2919 §2
_LIST_ID = re.compile(r"[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+", re.IGNORECASE)
_LINK = re.compile(r"https?://[!#-;=?-\[\]^_a-z~%]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Campaign:
    """Makes a mail one of a campaign: bulk, and with all that RFC 2369, 2919 and 8058 ask of it.

    There is no way to build a campaign's message without List-Id, List-Unsubscribe and List-Unsubscribe-Post.
    """

    label: str  # the first field of Feedback-ID: the number
    archive_url: str = ""  # where former issues are; "" for nowhere


def build_skeleton(
    content: Content,
    mailing_list: MailingList,
    salt: str,
    campaign: Campaign | None,
    pictures: Mapping[str, Rendition] = MappingProxyType({}),
) -> bytes:
    """The whole message with its tokens. A mail without a campaign is a notice that a reader's own act caused.

    Of `pictures`, by their addresses in the HTML, it carries as many as it has room for.
    """
    fields = _common_fields(content, mailing_list, salt)
    fields += _notice_fields(mailing_list) if campaign is None else _campaign_fields(mailing_list, salt, campaign)
    if campaign is None and make_token(Slot.UNSUBSCRIBE, Part.HTML, salt) in content.html:
        fields += _unsubscribe_fields(salt)
    fields.append(make_field("Feedback-ID", make_feedback_id(content.mail, mailing_list, campaign)))
    return "\r\n".join(fields).encode("ascii") + b"\r\n" + _build_body(content, salt, pictures, mailing_list.list_id)


def make_feedback_id(mail: str, mailing_list: MailingList, campaign: Campaign | None) -> str:
    """`issue number:list:mail:sender`, the same for every reader (Google's Feedback Loop; the sender has 5–15 characters)."""
    label = campaign.label if campaign else "0"
    sender = re.sub(r"[^a-z0-9]+", "-", mailing_list.sender.address.domain)[:15].ljust(5, "0")
    return f"{label}:{mailing_list.name}:{mail}:{sender}"


def _common_fields(content: Content, mailing_list: MailingList, salt: str) -> list[str]:
    fields = [
        make_field("From", make_mailbox(_check_own(mailing_list.sender))),
        make_field("To", make_token(Slot.TO, Part.HEADER, salt)),
        make_text_field("Subject", content.subject),
        make_field("Date", make_token(Slot.DATE, Part.HEADER, salt)),
        make_field("Message-ID", f"<{make_token(Slot.MESSAGE_ID, Part.HEADER, salt)}>"),
    ]
    if mailing_list.reply_to:
        fields.insert(1, make_field("Reply-To", make_mailbox(_check_own(mailing_list.reply_to))))
    return fields


def _check_own(mailbox: Mailbox) -> Mailbox:
    if mailbox.address.needs_smtputf8:
        raise BadInput(
            f"{mailbox.address} cannot send or take replies for a list: few servers take a name beyond ASCII."
        )
    return mailbox


def _campaign_fields(mailing_list: MailingList, salt: str, campaign: Campaign) -> list[str]:
    fields = [make_field("List-Id", _make_list_id(mailing_list)), *_unsubscribe_fields(salt)]
    fields.append(make_field("List-Post", "NO"))  # RFC 2369 §3.4: nobody posts to an announcement list
    if campaign.archive_url:
        fields.append(make_field("List-Archive", f"<{_check_link(campaign.archive_url)}>"))
    return [*fields, make_field("Precedence", "bulk")]


def _unsubscribe_fields(salt: str) -> list[str]:
    return [
        make_field("List-Unsubscribe", f"<{make_token(Slot.UNSUBSCRIBE, Part.HEADER, salt)}>"),
        make_field("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),  # RFC 8058 §3.1
    ]


def _notice_fields(mailing_list: MailingList) -> list[str]:
    return [
        make_field("List-Id", _make_list_id(mailing_list)),
        make_field("Auto-Submitted", "auto-generated"),  # RFC 3834 §5
        make_field("X-Auto-Response-Suppress", "OOF, AutoReply"),  # Exchange's own way to ask for the same
    ]


def _make_list_id(mailing_list: MailingList) -> str:
    """The id, after the title if that can stand there without encoded words."""
    if len(mailing_list.list_id) > MAX_LIST_ID or not _LIST_ID.fullmatch(mailing_list.list_id):
        raise BadInput(f"The list id {mailing_list.list_id!r} is not of the form label.domain (RFC 2919).")
    phrase = make_phrase(refuse_unprintable("The title", mailing_list.title))
    fits = phrase and "=?" not in phrase and len(phrase) + len(mailing_list.list_id) < MAX_LIST_ID
    return f"{phrase} <{mailing_list.list_id}>" if fits else f"<{mailing_list.list_id}>"


def _check_link(link: str) -> str:
    if not _LINK.fullmatch(link):
        raise BadInput(
            f"{link!r} is not a link that a header may carry: it must be http(s), in ASCII and without spaces."
        )
    return link


def _build_body(content: Content, salt: str, pictures: Mapping[str, Rendition], domain: str) -> bytes:
    if not content.html:
        return _lines("MIME-Version: 1.0", *_part_fields("plain"), "") + encode_body(content.text, salt)
    # The line end before a boundary belongs to it (RFC 2046 §5.1.1): an empty line leaves each part its own last one.
    # Quoted-printable never holds "=_": no line of a part can be taken for the boundary (RFC 2045 §6.7).
    boundary = f"=_{make_mark(salt, 'boundary')}"
    return b"".join(
        (
            _lines("MIME-Version: 1.0", f'Content-Type: multipart/alternative; boundary="{boundary}"', ""),
            _lines(f"--{boundary}", *_part_fields("plain"), ""),
            encode_body(content.text, salt),
            _lines("", f"--{boundary}"),
            _html_part(content.html, salt, pictures, domain),
            _lines("", f"--{boundary}--"),
        )
    )


def _html_part(html: str, salt: str, pictures: Mapping[str, Rendition], domain: str) -> bytes:
    """The HTML alone, or with the pictures that it carries."""
    pointed, carried = embed(html, pictures, domain)
    part = _lines(*_part_fields("html"), "") + encode_body(pointed, salt)
    return relate(part, carried, f"=_{make_mark(salt, 'related')}") if carried else part


def _part_fields(subtype: str) -> tuple[str, str]:
    return f"Content-Type: text/{subtype}; charset=utf-8", "Content-Transfer-Encoding: quoted-printable"


def _lines(*lines: str) -> bytes:
    return "".join(f"{line}\r\n" for line in lines).encode("ascii")
