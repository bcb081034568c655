"""A letter: one mail to one person by an operator's own template, because a program asks for it. Through the same outbox and
ledger as all others, and queued once for one key.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from digest.model.address import Address
from digest.model.errors import BadInput, NotFound, WrongState
from digest.model.keys import Keys
from digest.model.mailing_list import MailingList
from digest.model.message import OwnMail
from digest.model.operator import ActKind
from digest.store import Store, Transaction
from digest.store.messages import NewMessage, Posted

if TYPE_CHECKING:
    from digest.model.edition import Edition

PARTS = ("subject.txt", "body.txt", "body.html")
DEEPEST = 5  # values inside values
MOST_VALUES = 1_000
KEY = f"{OwnMail.LETTER}:"  # how the outbox's keys of letters begin


@dataclass(frozen=True, slots=True)
class Letter:
    """What is asked for. `values` are what the template sees under that name; `list_name` is whose sender and look it has."""

    template: str
    to: Address
    values: Mapping[str, Any]
    list_name: str = ""


def post(
    store: Store, keys: Keys, letter: Letter, own_templates: Path | None, *, name: str, now: datetime, nonce: str
) -> Posted:
    """Queue it. `name` says which one it is: a second of that name is refused, whatever stands in it.

    Raises NotFound for no template or list, BadInput for values that cannot be, WrongState for an address that is not to be
    mailed.
    """
    folder = find_template(own_templates, letter.template)
    _check_values(letter.values)
    address_hash = keys.address_hash(letter.to)
    with store.read() as tx:
        mailing_list = _choose(tx, letter.list_name)
        _refuse_suppressed(tx, letter.to, address_hash)
    edition = _render(letter, mailing_list, folder, nonce)  # takes a while: no transaction is open
    with store.write() as tx:
        _refuse_suppressed(tx, letter.to, address_hash)
        known = tx.subscribers.find(letter.to)
        message = NewMessage(
            key=f"{KEY}{name}",
            purpose=OwnMail.LETTER,
            list_id=mailing_list.id,
            edition_id=tx.editions.keep(edition, None, now).id,
            address=letter.to,
            address_hash=address_hash,
            name=known.name if known else "",
            subscriber_id=known.id if known else None,
        )
        if not tx.messages.add(message, now):
            raise WrongState("A letter of that Idempotency-Key is in the outbox already; take another for this one.")
        posted = tx.messages.posted_as(message.key)
        assert posted is not None
        tx.acts.note(ActKind.LETTER_POSTED, now, f"message {posted.id}", template=letter.template)
        return posted


def find_posted(store: Store, number: int) -> Posted:
    """Where a letter stands. Raises NotFound for a message that is none."""
    with store.read() as tx:
        found = tx.messages.posted(number, KEY)
    if found is None:
        raise NotFound(f"There is no letter {number}.")
    return found


def find_template(own_templates: Path | None, name: str) -> Path:
    """The folder that holds it. Only an operator's own: ours mean something else. Raises NotFound."""
    from digest.rendering.themes import find_shipped_templates  # noqa: PLC0415  only who posts needs it

    known = own_templates is not None and re.fullmatch(r"[a-z0-9][a-z0-9-]{0,60}", name) is not None
    if own_templates is None or not known or not all((own_templates / name / part).is_file() for part in PARTS):
        raise NotFound(
            f"There is no template {name[:60]!r} for letters: make a folder of that name with {', '.join(PARTS)} in your "
            "templates folder."
        )
    if (find_shipped_templates() / name).exists():
        raise NotFound(f"{name!r} is one of digest's own mails and cannot be posted as a letter.")
    return own_templates


def _render(letter: Letter, mailing_list: MailingList, own_templates: Path, nonce: str) -> "Edition":
    from digest.rendering.edition import render_edition  # noqa: PLC0415  premailer takes half a second to load

    return render_edition(
        letter.template,
        mailing_list=mailing_list,
        salt=nonce,
        context={"values": dict(letter.values)},
        own_templates=own_templates,
    )


def _choose(tx: Transaction, name: str) -> MailingList:
    if name:
        return tx.lists.by_name(name)
    lists = tx.lists.all()
    if len(lists) != 1:
        raise BadInput("Say in whose name it goes out: the name of a list.")
    return lists[0]


def _refuse_suppressed(tx: Transaction, address: Address, address_hash: str) -> None:
    if reason := tx.suppressions.reason(address_hash):
        raise WrongState(f"{address} is not to be mailed: {reason}.")


def _check_values(values: Mapping[str, Any]) -> None:
    if _count(values, DEEPEST) > MOST_VALUES:
        raise BadInput(f"A letter has {MOST_VALUES:,} values at most, {DEEPEST} deep.")


def _count(value: object, deepest: int) -> int:
    if not isinstance(value, dict | list):
        return 1
    if not deepest:
        return MOST_VALUES + 1
    return 1 + sum(_count(each, deepest - 1) for each in (value.values() if isinstance(value, dict) else value))
