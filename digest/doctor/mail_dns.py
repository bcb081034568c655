"""What DNS says of those who send: SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 7489), MX, and PTR of the relay (RFC 1912 §2.1).

Gmail and Yahoo ask all three of whoever sends more than 5,000 mails a day, and reverse DNS that leads back.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from ipaddress import ip_address
from typing import Protocol

from digest.doctor.names import Names, Unreachable
from digest.doctor.verdict import Finding, fail, ok, warn

MOST_LOOKUPS = 10  # RFC 7208 §4.6.4
NOT_TOLD = "Ask again where DNS can be reached, or name a server with --dns."

_TERM = re.compile(r"^[+?~-]?(include|a|mx|ptr|exists)(?=[:/]|$)|^(redirect)(?==)", re.IGNORECASE)


class Key(Protocol):
    """A DKIM key that we sign with."""

    @property
    def domain(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def record(self) -> str: ...
    @property
    def zone_line(self) -> str: ...


def check_spf(names: Names, domains: Iterable[str]) -> Iterator[Finding]:
    for domain in domains:
        yield _asked("spf", domain, partial(_spf, names, domain))


def _spf(names: Names, domain: str) -> Finding:
    records = _records(names, domain, "v=spf1")
    if not records:
        example = "v=spf1 include:YOUR-RELAY ~all"
        return fail(
            "spf", domain, "there is no SPF record", f'Add a TXT record to {domain} that names your relay: "{example}".'
        )
    if len(records) > 1:
        return fail(
            "spf", domain, f"there are {len(records)} SPF records, and that voids them all", "Make one of them."
        )
    lookups = _count_lookups(names, records[0], domain)
    if lookups > MOST_LOOKUPS:
        return fail(
            "spf",
            domain,
            f"it needs more than {MOST_LOOKUPS} questions to DNS, so it counts as an error",
            "Take out includes that nobody needs.",
        )
    end = records[0].lower().split()[-1]
    if end in {"+all", "all"}:
        return fail("spf", domain, "it allows the whole world to send (+all)", "End it with ~all or -all.")
    if end not in {"-all", "~all"} and "redirect=" not in end:
        return warn("spf", domain, f"it ends with {end[:40]!r}, so it forbids nobody", "End it with ~all or -all.")
    return ok("spf", domain, records[0][:120])


def _count_lookups(names: Names, record: str, domain: str, seen: tuple[str, ...] = ()) -> int:
    """As a receiver would: those of what is included, too. Stops when there are too many."""
    count = 0
    for term in record.split()[1:]:
        if not (found := _TERM.match(term)):
            continue
        count += 1
        target = re.split(r"[:=]", term, maxsplit=1)[-1].lower()
        if (
            (found[1] or found[2]).lower() in {"include", "redirect"}
            and target not in (*seen, domain)
            and "%" not in target
        ):
            inner = _records(names, target, "v=spf1")
            count += _count_lookups(names, inner[0], target, (*seen, domain)) if inner else 0
        if count > MOST_LOOKUPS:
            break
    return count


def check_dkim(names: Names, domains: Iterable[str], keys: Sequence[Key]) -> Iterator[Finding]:
    for domain in domains:
        if not any(domain == key.domain or domain.endswith(f".{key.domain}") for key in keys):
            yield warn(
                "dkim",
                domain,
                "no key of ours signs its mails; does the relay?",
                f"If it does not, make a key: `digest dkim new {domain}`.",
            )
    for key in keys:
        yield _asked("dkim", key.name, partial(_dkim, names, key))


def _dkim(names: Names, key: Key) -> Finding:
    records = names.texts(key.name)
    add = f"Set this record: {key.zone_line}"
    if not records:
        return fail("dkim", key.name, "its record is not in DNS, so our signatures fail", add)
    if any(_tag(record, "p") == _tag(key.record, "p") for record in records):
        testing = any("y" in _tag(record, "t").split(":") for record in records)
        if testing:
            return warn(
                "dkim", key.name, "it says that it is only being tested (t=y)", "Take t=y out when all is well."
            )
        return ok("dkim", key.name, "DNS has the key that we sign with")
    if any(not _tag(record, "p") for record in records):
        return fail("dkim", key.name, "DNS says that this key was revoked (p=)", add)
    return fail("dkim", key.name, "DNS has another key than the one we sign with, so our signatures fail", add)


def check_dmarc(names: Names, domains: Iterable[str]) -> Iterator[Finding]:
    for domain in domains:
        yield _asked("dmarc", domain, partial(_dmarc, names, domain))


def _dmarc(names: Names, domain: str) -> Finding:
    labels = domain.split(".")
    places = [".".join(labels[at:]) for at in range(max(1, len(labels) - 1))]  # RFC 9989: up the tree
    for place in places:
        records = _records(names, f"_dmarc.{place}", "v=dmarc1")
        if len(records) > 1:
            return fail(
                "dmarc",
                domain,
                f"there are {len(records)} DMARC records at {place}, and that voids them",
                "Make one of them.",
            )
        if records:
            policy = _tag(records[0], "p").lower()
            if policy not in {"none", "quarantine", "reject"}:
                return fail(
                    "dmarc",
                    domain,
                    f"its policy is {policy[:20]!r}, which is none",
                    "Say p=none, p=quarantine or p=reject.",
                )
            return ok("dmarc", domain, f"p={policy}{'' if place == domain else f', of {place}'}")
    record = f"v=DMARC1; p=none; rua=mailto:postmaster@{domain}"
    return fail("dmarc", domain, "there is no DMARC record", f'Add a TXT record to _dmarc.{domain}: "{record}".')


def check_mx(names: Names, domains: Iterable[str]) -> Iterator[Finding]:
    for domain in domains:
        yield _asked("mx", domain, partial(_mx, names, domain))


def _mx(names: Names, domain: str) -> Finding:
    hosts = names.mail_hosts(domain)
    if hosts == ["."]:
        return fail(
            "mx",
            domain,
            "it says that it takes no mail (null MX), and many refuse mail from such",
            "Give it a mail server.",
        )
    if hosts:
        return ok("mx", domain, f"replies go to {hosts[0]}")
    if names.addresses(domain):
        return ok("mx", domain, "replies go to its own address: it has no MX")
    return fail("mx", domain, "no mail can be sent there, and many refuse mail from such", "Give it an MX record.")


def check_ptr(names: Names, hosts: Iterable[str]) -> Iterator[Finding]:
    """Of relays. A large provider sends from other machines than it takes mail at: so no more than a warning."""
    for host in hosts:
        yield _asked("ptr", host, partial(_ptr, names, host))


def _ptr(names: Names, host: str) -> Finding:
    addresses = [host] if _is_address(host) else names.addresses(host)
    public = [address for address in addresses if ip_address(address).is_global]
    if not public:
        return warn(
            "ptr",
            host,
            "it is on this machine or network, so its public address cannot be told from here",
            "See that this address has a PTR record that leads to the relay's name, and back.",
        )
    bad = [address for address in public if not _leads_back(names, address)]
    if bad:
        return warn(
            "ptr",
            host,
            f"{bad[0]} has no PTR record that leads back to it",
            "If mails leave from there, ask its provider for one.",
        )
    return ok("ptr", host, f"{public[0]} has a name that leads back to it")


def _leads_back(names: Names, address: str) -> bool:
    return any(address in names.addresses(name) for name in names.pointers(address))


def _asked(check: str, about: str, look: Callable[[], Finding]) -> Finding:
    try:
        return look()
    except Unreachable as why:
        return warn(check, about, f"it cannot be told: {why}", NOT_TOLD)


def _records(names: Names, name: str, version: str) -> list[str]:
    return [text for text in names.texts(name) if re.split(r"[ ;]", text.lower(), maxsplit=1)[0] == version]


def _tag(record: str, name: str) -> str:
    """Of a list of tags, without spaces (RFC 6376 §3.2); "" when it is not there."""
    for part in record.split(";"):
        key, _, value = part.partition("=")
        if key.strip().lower() == name:
            return re.sub(r"\s+", "", value)
    return ""


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
