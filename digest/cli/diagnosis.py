"""`digest doctor`: what all of it depends on, looked at one by one."""

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.show import Json, dump, note, say, table
from digest.model.errors import BadInput, DigestError

if TYPE_CHECKING:
    from digest.delivery.dkim_keys import DkimKey
    from digest.doctor.verdict import Finding
    from digest.settings import Settings
    from digest.store import Store

CHECKS = (
    "database", "disk", "clock", "scheduler", "queue", "backup", "key", "relay", "tls", "pages",
    "spf", "dkim", "dmarc", "mx", "ptr", "returns",
)  # fmt: skip


Only = Annotated[
    list[str] | None, typer.Option(metavar="CHECK", help=f"Only these; may be repeated: {', '.join(CHECKS)}.")
]
Dns = Annotated[str, typer.Option(metavar="SERVER", help="The DNS server to ask [default: this machine's].")]
Clock = Annotated[str, typer.Option("--clock", metavar="HOST:PORT", help="The time server to ask.")]


def doctor(only: Only = None, dns: Dns = "", clock: Clock = "pool.ntp.org:123", as_json: Json = False) -> None:
    """Look at what sending depends on, and say what to do.

    Changes nothing and sends no mail. Ends with 1 if anything fails.
    """
    from digest.app import config_path
    from digest.doctor.verdict import Verdict
    from digest.settings import load_settings
    from digest.store import open_store

    wanted = set(only or CHECKS)
    if unknown := wanted - set(CHECKS):
        raise BadInput(f"There is no check {min(unknown)!r}; there are {', '.join(CHECKS)}.")
    settings = load_settings(config_path())
    store = open_store(settings.database_url)
    try:
        found = [each for each in _look(settings, store, wanted, dns, clock) if each.check in wanted]
    finally:
        store.close()
    _tell(found, as_json=as_json)
    if any(each.verdict is Verdict.FAIL for each in found):
        raise typer.Exit(1)


def _tell(found: "list[Finding]", *, as_json: bool) -> None:
    if as_json:
        dump(
            [
                {"check": each.check, "about": each.about, "verdict": each.verdict, "said": each.said, "do": each.do}
                for each in found
            ]
        )
        return
    table(("", "check", "about", "finding"), [(each.verdict, each.check, each.about, each.said) for each in found])
    to_do = [each for each in found if each.do]
    if not to_do:
        note("All is well.")
        return
    say("")
    say("What to do:")
    for each in to_do:
        say(f"- {each.check}{f' of {each.about}' if each.about else ''}: {each.do}")


def _look(settings: "Settings", store: "Store", wanted: set[str], dns: str, clock: str) -> "Iterator[Finding]":
    from digest.app import now
    from digest.doctor.machine import check_clock, check_database, check_disk, check_processes

    if wanted & {"database"}:
        yield from check_database(store)
    if wanted & {"disk"}:
        yield from check_disk([place for place in (store.folder, settings.backup_dir) if place is not None])
    if wanted & {"clock"}:
        yield check_clock(clock, now)
    if wanted & {"scheduler", "queue", "backup"}:
        yield from check_processes(store, now(), settings.backup_hours)
    if wanted & {"key"}:
        yield _key(settings, store)
    if wanted & {"relay", "tls"}:
        yield from _relays(settings)
    if wanted & {"pages", "tls"}:
        yield from _pages(settings)
    if wanted & {"returns"}:
        yield from _returns(settings)
    if wanted & {"spf", "dkim", "dmarc", "mx", "ptr"}:
        yield from _names(settings, store, wanted, dns)


def _key(settings: "Settings", store: "Store") -> "Finding":
    from digest.app import check_keys, config_path, make_keys
    from digest.doctor.verdict import fail, ok

    try:
        check_keys(store, make_keys(settings, config_path()))
    except DigestError as error:
        return fail("key", "secret_key", str(error), "Do as it says.")
    return ok("key", "secret_key", "it is the one that the database was made with; is there a copy of it elsewhere?")


def _relays(settings: "Settings") -> "Iterator[Finding]":
    from digest.app import now
    from digest.doctor.verdict import fail
    from digest.doctor.ways import check_relay, open_briefly
    from digest.hops import ONLY, open_hops

    try:
        open_hops(settings)
    except DigestError as error:
        yield fail("relay", "", str(error), "Mend the settings file.")
        return
    for name, url in _relay_urls(settings, ONLY):
        yield from check_relay(name, open_briefly(url), now())


def _returns(settings: "Settings") -> "Iterator[Finding]":
    from digest.doctor.machine import check_returns
    from digest.doctor.ways import check_mailbox

    if settings.bounce_folder is not None or settings.bounce_imap is None:
        yield check_returns(settings.bounce_address, settings.bounce_folder)
    if settings.bounce_imap is not None:
        yield check_mailbox(settings.bounce_address, settings.bounce_imap.get_secret_value())


def _pages(settings: "Settings") -> "Iterator[Finding]":
    from digest.app import now
    from digest.doctor.ways import check_pages

    yield from check_pages(settings.base_url, now())


def _names(settings: "Settings", store: "Store", wanted: set[str], dns: str) -> "Iterator[Finding]":
    from digest.doctor.mail_dns import check_dkim, check_dmarc, check_mx, check_ptr, check_spf
    from digest.doctor.names import Names
    from digest.doctor.verdict import fail

    names, domains = Names([dns] if dns else ()), _domains(store)
    envelopes = sorted({*domains, *settings.bounce_address.split("@")[1:]})
    looks: dict[str, Callable[[], Iterable[Finding]]] = {
        "spf": lambda: check_spf(names, envelopes),
        "dkim": lambda: check_dkim(names, domains, _dkim_keys(settings)),
        "dmarc": lambda: check_dmarc(names, domains),
        "mx": lambda: check_mx(names, envelopes),
        "ptr": lambda: check_ptr(names, _relay_hosts(settings)),
    }
    for name, look in looks.items():
        if name in wanted:
            try:
                yield from look()
            except DigestError as error:
                yield fail(name, "", str(error), "Mend the settings file.")


def _domains(store: "Store") -> list[str]:
    """Of the senders of all lists."""
    try:
        with store.read() as tx:
            return sorted({each.sender.address.domain for each in tx.lists.all()})
    except DigestError:  # the database's own finding says so
        return []


def _dkim_keys(settings: "Settings") -> "list[DkimKey]":
    from digest.delivery.dkim_keys import load_keys

    return load_keys(settings.dkim)


def _relay_hosts(settings: "Settings") -> list[str]:
    from digest.delivery.relay import parse_relay

    said = [url for _, url in _relay_urls(settings, "")]
    return sorted({parse_relay(url).host for url in said if not url.startswith("maildir:")})


def _relay_urls(settings: "Settings", only: str) -> list[tuple[str, str]]:
    if settings.smtp_url is not None:
        return [(only, settings.smtp_url.get_secret_value())]
    return [(relay.name, relay.url.get_secret_value()) for relay in settings.relays]
