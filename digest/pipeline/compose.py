"""What a message row becomes: bytes for one reader. A pure function of the row, its edition and our keys."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from digest.delivery.content import Content, Form
from digest.delivery.transport import Envelope
from digest.links import Links, ReturnPaths
from digest.model.address import Address, Mailbox
from digest.model.edition import Edition, Slot
from digest.model.fresh_link import LinkPurpose
from digest.model.message import Outgoing
from digest.rendering.compose import Composer
from digest.store import Store

if TYPE_CHECKING:
    from digest.delivery.dkim import Prepared, Signer, Signers

CONFIRM = "confirm"  # in a row's slots: the nonce that the confirmation token is made from
EDITIONS_AT_HAND = 64

#: Here, because finding them in Slot takes half as long as making a link.
_UNSUBSCRIBE, _PREFERENCES = Slot.UNSUBSCRIBE, Slot.PREFERENCES


class Compositor:
    """Composes messages; keeps the editions it needs at hand. Safe for several threads."""

    def __init__(
        self,
        store: Store,
        links: Links,
        signers: "Signers | None" = None,
        return_paths: ReturnPaths | None = None,
    ) -> None:
        self._store = store
        self._return_paths = return_paths
        self._links = links
        self._links_of = links.of_readers()
        self._signers = signers
        self._edition: Callable[[int], ReadyEdition] = lru_cache(EDITIONS_AT_HAND)(self._load)

    def compose(self, message: Outgoing) -> tuple[Envelope, Content]:
        """The same row always gives the same bytes: a copy sent after a crash is the same message."""
        return self.fill(self.edition(message.edition_id), message)

    def edition(self, edition_id: int) -> "ReadyEdition":
        """From the database, once. What that raises is not the message's fault."""
        return self._edition(edition_id)

    def fill(self, ready: "ReadyEdition", message: Outgoing) -> tuple[Envelope, Content]:
        """Without the database. Whatever this raises is the message's or its edition's fault."""
        own = ready.composer.own(
            Mailbox(message.address, message.name),
            ready.message_id(message.id),
            message.created_at,
            self.slots(message),
        )
        sender = ready.sender if self._return_paths is None else self._return_paths.of(message.id)
        return Envelope(sender, message.address), ready.fill(own, message.created_at)

    def _load(self, edition_id: int) -> "ReadyEdition":
        with self._store.read() as tx:
            edition = tx.editions.get(edition_id)
            mailing_list = tx.lists.get(edition.list_id)
        view = self._links.view(edition_id)
        sender = mailing_list.sender.address
        signer = self._signers.for_sender(sender) if self._signers else None
        return ReadyEdition(edition, sender, mailing_list.list_id, {Slot.VIEW: view}, signer)

    def slots(self, message: Outgoing) -> dict[Slot, str]:
        """What the reader's own links are."""
        reader = message.subscriber_id or 0  # a test to no subscriber: its links lead to a page that says so
        unsubscribe, preferences = self._links_of(reader, message.list_id)
        slots = {_UNSUBSCRIBE: unsubscribe, _PREFERENCES: preferences}
        return slots | self._own_slots(message.slots) if message.slots else slots

    def _own_slots(self, kept: Mapping[str, str]) -> dict[Slot, str]:
        """Of a mail of its own, from the nonces in its row."""
        links, slots = self._links, {}
        if CONFIRM in kept:
            slots[Slot.CONFIRM] = links.confirm(links.keys.confirmation_token(kept[CONFIRM]))
        for purpose in LinkPurpose:
            if purpose in kept:
                slots[Slot.LINK] = links.fresh(purpose, links.keys.fresh_token(purpose, kept[purpose]))
        return slots


@dataclass(frozen=True)
class ReadyEdition:
    """An edition with what its list says of envelopes; taken apart when the first message is filled."""

    edition: Edition
    sender: Address
    domain: str
    same: dict[Slot, str]  # for all readers
    signer: "Signer | None"

    @cached_property
    def composer(self) -> Composer:
        return Composer(self.edition, self.same)

    def message_id(self, number: int) -> str:
        """`left@domain`: unguessable through the edition's salt, unique by the row, and the same at every attempt.

        The domain is the list's List-Id, which never changes, so a sender renamed in mid-campaign changes nothing.
        """
        left = self._salted.copy()
        left.update(b"%d" % number)
        return f"{left.hexdigest()}@{self.domain}"

    @cached_property
    def _salted(self) -> "hashlib.blake2b":
        return hashlib.blake2b(f"{self.edition.salt}:{self.edition.id}:".encode(), digest_size=16)

    def fill(self, own: Sequence[bytes], date: datetime) -> Content:
        """Signed, if there is a key for its sender; of the row's own date, so that a copy has the same signature."""
        if self._prepared is None:
            return self._form.fill(own)
        return self._form.fill([self._prepared.sign(own, date), *own])

    @cached_property
    def _prepared(self) -> "Prepared | None":
        return self.signer.prepare(self.composer.static) if self.signer else None

    @cached_property
    def _form(self) -> Form:
        static = self.composer.static
        return Form(static if self.signer is None else [b"", *static])
