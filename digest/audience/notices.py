"""The mails that answer a reader, from confirm-subscription to unsubscribed, rendered once for all who get the same.

Rendering takes some 30 ms and a sign-up must not, so what was rendered is remembered. The salt is made from the secret key:
the same mail always has the same bytes, and the store keeps it once.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Lock

from digest.model.address import Address
from digest.model.brand import NO_BRAND, Brand
from digest.model.edition import Edition
from digest.model.issue import IssueItem
from digest.model.keys import Keys
from digest.model.language import frame_language
from digest.model.mailing_list import FRONT_PAGE, MailingList
from digest.model.subscriber import Subscriber
from digest.store import Transaction
from digest.store.messages import NewMessage

#: The mails that answer readers, by their folders of templates, in the order in which readers meet them.
ANSWERS = {
    "confirm-subscription": "Asks to confirm",
    "welcome": "Welcome",
    "unsubscribed": "Goodbye",
    "your-data": "Link to their data",
    "allow-address": "Asks about another address",
    "confirm-address": "Asks the other address",
    "address-changed": "Says that they moved",
}
REMEMBERED = (
    256  # different mails: lists × kinds × languages, and the combinations of lists that are asked for together
)


@dataclass(frozen=True)
class Notices:
    """Renders by the operator's own templates where there are some. Safe from several threads. Raises DigestError in words
    when a template is wrong. `language` is the reader's, "" when it is not known: then they speak the list's, or English.
    """

    keys: Keys
    base_url: str
    own_templates: Path | None = None
    theme: str = FRONT_PAGE  # for lists that choose none
    brand: Brand = NO_BRAND
    _rendered: dict[tuple[object, ...], Edition] = field(default_factory=dict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def confirmation(self, lists: Sequence[MailingList], language: str = "") -> Edition:
        """One mail for all lists that were chosen together; it comes from the first."""
        from digest.rendering.edition import render_confirmation  # noqa: PLC0415  premailer takes half a second to load

        first, titles = lists[0].dressed(self.theme, self.brand), tuple(each.title for each in lists)
        spoken = frame_language(language, first.language)
        return self._once(
            ("confirm-subscription", _looks(first), titles, spoken),
            lambda salt: render_confirmation(
                first, titles, salt=salt, own_templates=self.own_templates, language=spoken
            ),
        )

    def welcome(self, mailing_list: MailingList, best: Sequence[IssueItem] = (), *, language: str = "") -> Edition:
        """`best` are articles of former issues, for who gets no current one."""
        from digest.rendering.edition import render_welcome  # noqa: PLC0415  the same

        dressed = mailing_list.dressed(self.theme, self.brand)
        spoken = frame_language(language, dressed.language)
        archive = f"{self.base_url}/lists/{mailing_list.name}/archive" if mailing_list.archive.is_linked else ""
        return self._once(
            ("welcome", _looks(dressed), spoken, tuple(each.article_id for each in best), archive),
            lambda salt: render_welcome(
                dressed, salt=salt, archive_url=archive, own_templates=self.own_templates, best=best, language=spoken
            ),
        )

    def unsubscribed(self, mailing_list: MailingList, language: str = "") -> Edition:
        from digest.rendering.edition import render_unsubscribed  # noqa: PLC0415  the same

        back = f"{self.base_url}/lists/{mailing_list.name}"
        dressed = mailing_list.dressed(self.theme, self.brand)
        spoken = frame_language(language, dressed.language)
        return self._once(
            ("unsubscribed", _looks(dressed), spoken),
            lambda salt: render_unsubscribed(
                dressed, salt=salt, signup_url=back, own_templates=self.own_templates, language=spoken
            ),
        )

    def sample(self, mail: str, mailing_list: MailingList) -> Edition:
        """One of ANSWERS, as it would be rendered now, for whoever looks at it."""
        match mail:
            case "confirm-subscription":
                return self.confirmation([mailing_list])
            case "welcome":
                return self.welcome(mailing_list)
            case "unsubscribed":
                return self.unsubscribed(mailing_list)
        return self._letter(mail, mailing_list, "")

    def your_data(self, mailing_list: MailingList, language: str = "") -> Edition:
        return self._letter("your-data", mailing_list, language)

    def allow_address(self, mailing_list: MailingList, language: str = "") -> Edition:
        return self._letter("allow-address", mailing_list, language)

    def confirm_address(self, mailing_list: MailingList, language: str = "") -> Edition:
        return self._letter("confirm-address", mailing_list, language)

    def address_changed(self, mailing_list: MailingList, language: str = "") -> Edition:
        return self._letter("address-changed", mailing_list, language)

    def _letter(self, mail: str, mailing_list: MailingList, language: str) -> Edition:
        from digest.rendering.edition import render_letter  # noqa: PLC0415  the same

        dressed = mailing_list.dressed(self.theme, self.brand)
        spoken = frame_language(language, dressed.language)
        return self._once(
            (mail, _looks(dressed), spoken),
            lambda salt: render_letter(mail, dressed, salt=salt, own_templates=self.own_templates, language=spoken),
        )

    def _once(self, key: tuple[object, ...], render: Callable[[str], Edition]) -> Edition:
        """Until a template of the operator's changes."""
        known = (*key, _stamp(self.own_templates))
        with self._lock:
            if known not in self._rendered:
                while len(self._rendered) >= REMEMBERED:
                    self._rendered.pop(next(iter(self._rendered)))
                self._rendered[known] = render(self.keys.tag("notice-salt", repr(key).encode()).hex())
            return self._rendered[known]


def _stamp(folder: Path | None) -> int:
    """Another one when a file in it was changed, added or removed."""
    if folder is None:
        return 0
    found = []
    for each in folder.rglob("*"):
        with suppress(FileNotFoundError):  # an editor may be saving it just now
            found.append((each.as_posix(), each.stat().st_mtime_ns))
    return hash(tuple(sorted(found)))


def queue_notice(
    tx: Transaction,
    rendered: Edition,
    subscriber: Subscriber,
    *,
    key: str,
    now: datetime,
    due_at: datetime | None = None,
    slots: dict[str, str] | None = None,
    to: tuple[Address, str] | None = None,
) -> bool:
    """Into the outbox, in the caller's transaction. False when a message with this key was made before.

    `to` is another address of theirs, and its hash.
    """
    edition = rendered if rendered.id else tx.editions.keep(rendered, None, now)
    address, address_hash = to or (subscriber.address, tx.subscribers.hash_of(subscriber.id) or "")
    message = NewMessage(
        key=key,
        purpose=edition.mail,
        list_id=edition.list_id,
        edition_id=edition.id,
        address=address,
        address_hash=address_hash,
        name=subscriber.name,
        subscriber_id=subscriber.id,
        slots=slots or {},
    )
    return tx.messages.add(message, now, due_at=due_at)


def _looks(mailing_list: MailingList) -> tuple[object, ...]:
    """What of a list a mail can show: all but when it appears."""
    return (
        mailing_list.id,
        mailing_list.name,
        mailing_list.title,
        mailing_list.tagline,
        mailing_list.sender,
        mailing_list.reply_to,
        mailing_list.postal_address,
        mailing_list.list_id,
        mailing_list.language,
        mailing_list.theme,
        mailing_list.brand,
    )
