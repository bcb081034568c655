"""The composition root: settings become an App, whose parts the doors hand to the steps. The one place with a clock and dice."""

import os
import secrets
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from digest import journal
from digest.links import Links, ReturnPaths
from digest.model.address import Address
from digest.model.errors import BadInput, BadSetting
from digest.model.feed import FetchLimits
from digest.model.keys import Keys
from digest.model.message import Settlement
from digest.model.operator import Actor
from digest.model.picture import PictureWay
from digest.rendering.themes import check_theme
from digest.settings import Settings, load_settings, with_changes
from digest.store import Store, open_store

if TYPE_CHECKING:
    from digest.audience.notices import Notices
    from digest.delivery.dkim import Signers
    from digest.delivery.throttle import Pace
    from digest.feedback.imap import ImapMailbox
    from digest.model.alert import Alert
    from digest.model.edition import Edition
    from digest.model.mailing_list import MailingList
    from digest.operators.oidc import Provider
    from digest.pipeline.care import Caretaker
    from digest.pipeline.fleet import NextHop
    from digest.pipeline.lint import Linter
    from digest.pipeline.page_pictures import PageAsker
    from digest.pipeline.pictures import PictureDesk
    from digest.pipeline.progress import Snapshot
    from digest.pipeline.render import Render
    from digest.pipeline.sender import Sender
    from digest.pipeline.watchman import Watchman
    from digest.rendering.care import FeedView

CONFIG = "DIGEST_CONFIG"


def config_path(environ: Mapping[str, str] = os.environ) -> Path:
    """The settings file: DIGEST_CONFIG, else digest.toml in the working directory."""
    return Path(environ.get(CONFIG) or "digest.toml")


def now() -> datetime:
    return datetime.now(UTC)


def nonce() -> str:
    """128 random bits, in hexadecimal."""
    return secrets.token_hex(16)


@dataclass(frozen=True)
class App:
    """What a door needs to call the steps. Made by `open_app`; tests make their own, with their own clock and dice."""

    settings: Settings
    store: Store
    keys: Keys
    now: Callable[[], datetime] = now
    nonce: Callable[[], str] = nonce

    def acting(self, actor: Actor) -> "App":
        """The same, for somebody: what is done through it is on record as theirs."""
        theirs = copy(self)  # with what was made already
        object.__setattr__(theirs, "store", self.store.acting(actor))
        return theirs

    def settings_now(self) -> Settings:
        """With what an owner changed while all of it runs."""
        with self.store.read() as tx:
            return with_changes(self.settings, tx.overrides.all())

    @cached_property
    def links(self) -> Links:
        return Links(self.settings.base_url, self.keys)

    @cached_property
    def return_paths(self) -> ReturnPaths | None:
        """Envelope senders of our own; None while what comes back goes to the lists' senders."""
        base = self.settings.bounce_address
        return ReturnPaths(Address.parse(base), self.keys) if base else None

    @cached_property
    def mailbox(self) -> "ImapMailbox | None":
        """With what came back. Raises BadSetting."""
        from digest.feedback.imap import ImapMailbox, parse_place  # noqa: PLC0415  the same

        said = self.settings.bounce_imap
        return None if said is None else ImapMailbox(parse_place(said.get_secret_value()))

    @cached_property
    def hops(self) -> "tuple[NextHop, ...]":
        """The next hops. Raises BadSetting when none is set, or one cannot be used; so only those who send ask for them."""
        from digest.hops import open_hops  # noqa: PLC0415  only those who send load it

        return open_hops(self.settings)

    @cached_property
    def pace(self) -> "Pace":
        """Kept for as long as this process lives: it remembers what went out. Raises BadSetting for a limit that is none."""
        from digest.hops import open_pace  # noqa: PLC0415  the same

        return open_pace(self.settings)

    @cached_property
    def signers(self) -> "Signers | None":
        """Who signs our mails; None when there is no key. Raises BadSetting for a key file that is none."""
        if not self.settings.dkim:
            return None
        from digest.delivery.dkim import open_signer  # noqa: PLC0415  cryptography takes its time to load

        return open_signer(self.settings.dkim)

    def check_hops(self) -> None:
        """Raises BadSetting when there is no next hop, or it, a limit or a DKIM key cannot be used as it is set."""
        assert self.hops
        assert self.pace
        assert self.signers is None or self.settings.dkim

    @cached_property
    def render(self) -> "Render":
        """How drafts become editions, with the operator's own templates when there are some."""
        from digest.pipeline.render import make_render  # noqa: PLC0415  the same

        said = self.settings
        return make_render(self.links, said.templates, said.theme, said.brand, pictures=self.pictures, pages=self.pages)

    @cached_property
    def proof_render(self) -> "Render":
        """The same for whoever only looks: nobody is asked for a picture, and nothing is kept."""
        from digest.pipeline.render import make_render  # noqa: PLC0415  the same

        said, pictures, pages = self.settings, self.pictures, self.pages
        return make_render(
            self.links, said.templates, said.theme, said.brand, pictures=pictures, pages=pages, ask=False
        )

    @cached_property
    def pictures(self) -> "PictureDesk | None":
        """Who fetches the pictures of issues; None when they are only linked to."""
        if self.settings.pictures is PictureWay.LINK:
            return None
        from digest.pipeline.pictures import PictureDesk  # noqa: PLC0415  the same

        embed = self.settings.pictures is PictureWay.EMBEDDED
        return PictureDesk(self.store, self.limits, self.links, self.now, embed=embed)

    @cached_property
    def pages(self) -> "PageAsker | None":
        """Who asks articles' pages for a picture; None when they are not to be asked."""
        if not self.settings.page_pictures:
            return None
        from digest.pipeline.page_pictures import PageAsker  # noqa: PLC0415  the same

        return PageAsker(self.store, self.limits, self.now)

    @cached_property
    def notices(self) -> "Notices":
        """The mails that answer readers."""
        from digest.audience.notices import Notices  # noqa: PLC0415  the same

        said = self.settings
        return Notices(self.keys, said.base_url, said.templates, said.theme, said.brand)

    @cached_property
    def linter(self) -> "Linter":
        """Who looks at mails before they go out."""
        from digest.pipeline.lint import Linter  # noqa: PLC0415  the same

        return Linter(self.store, self.links, self.limits, self.now, self.settings.lint_clients)

    @cached_property
    def caretaker(self) -> "Caretaker":
        """Who tells the operator of feeds that need care."""
        from digest.pipeline.care import Caretaker  # noqa: PLC0415  the same
        from digest.rendering.care import render_care  # noqa: PLC0415  the same

        def render(mailing_list: "MailingList", due: datetime, feeds: "Sequence[FeedView]", salt: str) -> "Edition":
            dressed = mailing_list.dressed(self.settings.theme, self.settings.brand)
            return render_care(dressed, due, feeds, salt=salt, own_templates=self.settings.templates)

        operators = tuple(map(Address.parse, self.settings.operators))
        return Caretaker(self.store, render, self.keys, operators, self.now)

    @cached_property
    def watchman(self) -> "Watchman":
        """Who tells operators what is wrong."""
        from digest.pipeline.watchman import Watchman  # noqa: PLC0415  the same
        from digest.rendering.alert import render_alerts  # noqa: PLC0415  the same

        said = self.settings

        def render(
            mailing_list: "MailingList", begun: "Sequence[Alert]", over: "Sequence[Alert]", salt: str
        ) -> "Edition":
            dressed = mailing_list.dressed(said.theme, said.brand)
            return render_alerts(dressed, begun, over, salt=salt, own_templates=said.templates)

        operators = tuple(map(Address.parse, said.operators))
        backs_up = said.backup_dir is not None
        return Watchman(self.store, render, self.keys, operators, said.backup_hours, backs_up, self.now)

    def sender(
        self,
        stop: Event | None = None,
        settled: Callable[[Settlement], None] | None = None,
        watch: "Callable[[Snapshot], None] | None" = None,
    ) -> "Sender":
        """Who delivers, with this process's name in its claims."""
        from digest.pipeline.sender import Sender  # noqa: PLC0415  the same

        return Sender(
            self.store,
            self.hops,
            self.links,
            self.now,
            owner=f"{socket.gethostname()}:{os.getpid()}:{self.nonce()[:8]}",
            on_crash=self.settings.on_crash,
            signers=self.signers,
            return_paths=self.return_paths,
            pace=self.pace,
            stop=stop,
            settled=settled,
            watch=watch,
        )

    @property
    def provider(self) -> "Provider | None":
        """By whom operators may log in, besides their passwords."""
        said = self.settings.oidc
        if said is None:
            return None
        from digest.operators.oidc import Provider  # noqa: PLC0415  the same

        return Provider(said.issuer, said.client_id, said.client_secret.get_secret_value(), said.label)

    @property
    def limits(self) -> FetchLimits:
        return FetchLimits(allow_private=frozenset(self.settings.private_networks))

    def close(self) -> None:
        self.store.close()


def open_app(config: Path | None = None, environ: Mapping[str, str] = os.environ) -> App:
    """Read the settings and open the database. Raises DigestError in words when anything does not fit."""
    path = config or config_path(environ)
    settings = load_settings(path, environ)
    keys = make_keys(settings, path)
    _check_theme(settings)
    store = open_store(settings.database_url)
    try:
        store.check_schema()
        check_keys(store, keys)
    except BaseException:
        store.close()
        raise
    return App(settings, store, keys)


def _check_theme(settings: Settings) -> None:
    try:
        check_theme(settings.theme, settings.templates)
    except BadInput as error:
        raise BadSetting(f"The setting theme (or DIGEST_THEME) is wrong. {error}") from None


def make_keys(settings: Settings, path: Path) -> Keys:
    if settings.secret_key is None:
        missing = f"secret_key in {path}" if path.exists() else f"settings file {path}"
        raise BadSetting(f"There is no {missing}, nor a DIGEST_SECRET_KEY; run `digest init` to make one.")
    return Keys(settings.secret_key.get_secret_value().encode())


def check_keys(store: Store, keys: Keys) -> None:
    """The database must be used with the secret that it was made with: else old links break and suppressions are forgotten."""
    with store.read() as tx:
        kept = tx.instance.fingerprint()
    if kept is None:
        with store.write() as tx:
            kept = tx.instance.remember(keys.fingerprint, now())
    if kept != keys.fingerprint:
        raise BadSetting(
            "This secret_key is not the one that the database was made with; use that one, "
            "or links in old mails break and suppressed addresses would be mailed again."
        )


def start_journal(settings: Settings) -> None:
    """Log as it is set, without what is secret."""
    journal.set_up(settings.log_format, secrets_of(settings))


def secrets_of(settings: Settings) -> Iterator[str]:
    """What is set and must stand nowhere else: keys, tokens, and passwords as they are written and as they are meant."""
    oidc = settings.oidc.client_secret if settings.oidc is not None else None
    for secret in (settings.secret_key, settings.metrics_token, oidc):
        if secret is not None:
            yield secret.get_secret_value()
    relays = [settings.smtp_url, *(relay.url for relay in settings.relays)]
    for url in (settings.database_url, *(relay.get_secret_value() for relay in relays if relay is not None)):
        password = urlsplit(url).password or ""
        yield from (password, unquote(password))
