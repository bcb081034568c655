"""Composing one message for each reader, beside building each with the standard library and inlining each anew."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path

from premailer import Premailer

from bench.measure import Step, Subject
from bench.world import LINKS, NOW, a_database, an_address, an_issue
from digest.model.edition import Edition, Slot
from digest.model.mailing_list import MailingList
from digest.model.message import Outgoing
from digest.pipeline.compose import Compositor
from digest.pipeline.render import make_render
from digest.rendering.compose import fill_html, fill_text

ARTICLES = 20
BUILT = 30  # messages that the standard library builds in one run
INLINED = 3  # messages that premailer inlines in one run


@contextmanager
def _open(size: int, place: Path) -> Iterator[Sequence[Subject]]:
    database = a_database(place)
    mailing_list = database.mailing_list
    with database.store.write() as tx:
        rendered = make_render(LINKS, None)(an_issue(ARTICLES, mailing_list), mailing_list)
        edition = tx.editions.keep(rendered, None, NOW)
    compositor = Compositor(database.store, LINKS)
    readers = [_outgoing(number, edition) for number in range(size)]
    built, inlined = readers[:BUILT], readers[:INLINED]
    yield (
        Subject("compose", lambda: sum(_has_body(compositor.compose(reader)[1].wire) for reader in readers)),
        Subject(
            "EmailMessage built and written out for each",
            lambda: sum(_has_body(_build(reader, edition, mailing_list, compositor)) for reader in built),
            units=len(built),
        ),
        Subject(
            "premailer run for each, nothing else",
            lambda: sum(_has_body(_inline(reader, edition, compositor)) for reader in inlined),
            units=len(inlined),
        ),
    )
    database.close()


def _has_body(content: bytes) -> bool:
    return content.count(b"\n") > 100


def _outgoing(number: int, edition: Edition) -> Outgoing:
    return Outgoing(
        id=number,
        campaign_id=1,
        edition_id=edition.id,
        subscriber_id=number,
        list_id=edition.list_id,
        address=an_address(number),
        name="Ann Reader",
        attempts=1,
        created_at=NOW,
    )


def _build(reader: Outgoing, edition: Edition, mailing_list: MailingList, compositor: Compositor) -> bytes:
    """The same mail, the way the manual of the standard library shows."""
    slots = _slots(reader, compositor)
    mail = EmailMessage(policy=SMTP)
    mail["From"] = f"{mailing_list.sender.name} <{mailing_list.sender.address}>"
    mail["To"] = f"{reader.name} <{reader.address}>"
    mail["Subject"] = edition.subject
    mail["Date"] = format_datetime(reader.created_at)
    mail["Message-ID"] = f"<{compositor.edition(edition.id).message_id(reader.id)}>"
    mail["List-Id"] = f"{mailing_list.title} <{mailing_list.list_id}>"
    mail["List-Unsubscribe"] = f"<{slots[Slot.UNSUBSCRIBE]}>"
    mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(fill_text(edition, slots), cte="quoted-printable")
    mail.add_alternative(fill_html(edition, slots), subtype="html", cte="quoted-printable")
    return mail.as_bytes()


def _slots(reader: Outgoing, compositor: Compositor) -> dict[Slot, str]:
    return compositor.slots(reader) | compositor.edition(reader.edition_id).same


def _inline(reader: Outgoing, edition: Edition, compositor: Compositor) -> bytes:
    """What is inlined already is quicker to inline again, so this flatters it."""
    page = fill_html(edition, _slots(reader, compositor))
    return str(Premailer(page, allow_network=False, disable_validation=True).transform()).encode()


STEP = Step("compose", "readers", (100, 1_000, 10_000), (100, 1_000), _open)
