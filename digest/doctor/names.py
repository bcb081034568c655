"""Asks DNS. Once no server has answered, nobody waits for it again."""

from collections.abc import Sequence
from ipaddress import ip_address
from typing import Any

import dns.exception
import dns.name
import dns.resolver
import dns.reversename

SECONDS = 5.0  # for one question, over all servers


class Unreachable(Exception):
    """DNS could not be asked. Not that there is no such record."""


class Names:
    """By the machine's own servers, or those that are named (`192.0.2.53`, `127.0.0.1:5353`)."""

    def __init__(self, servers: Sequence[str] = (), *, seconds: float = SECONDS) -> None:
        self._why = ""
        self._resolver = _resolver(servers)
        if self._resolver is None:
            self._why = "this machine names no DNS server"
        else:
            self._resolver.lifetime = seconds

    def texts(self, name: str) -> list[str]:
        """TXT records, the strings of each joined (RFC 7208 §3.3)."""
        return [b"".join(record.strings).decode("utf-8", "replace") for record in self._ask(name, "TXT")]

    def addresses(self, name: str) -> list[str]:
        return [str(record.address) for kind in ("A", "AAAA") for record in self._ask(name, kind)]

    def mail_hosts(self, name: str) -> list[str]:
        """MX, the preferred first. `.` alone is the null MX of RFC 7505."""
        records = sorted(self._ask(name, "MX"), key=lambda record: record.preference)
        return [
            str(record.exchange) if record.exchange == dns.name.root else _plain(record.exchange) for record in records
        ]

    def pointers(self, address: str) -> list[str]:
        """The names that an address points back to."""
        reverse = dns.reversename.from_address(str(ip_address(address)))
        return [_plain(record.target) for record in self._ask(reverse, "PTR")]

    def _ask(self, name: "str | dns.name.Name", kind: str) -> list[Any]:
        """[] when there is none."""
        if self._why:
            raise Unreachable(self._why)
        assert self._resolver is not None
        try:
            return list(self._resolver.resolve(name, kind, search=False))
        except (
            dns.resolver.NXDOMAIN,
            dns.resolver.NoAnswer,
            dns.name.LabelTooLong,
            dns.name.EmptyLabel,
            dns.name.NameTooLong,
        ):
            return []
        except dns.resolver.NoNameservers:
            raise Unreachable(f"no DNS server would answer for {name}") from None
        except (dns.exception.Timeout, OSError):
            self._why = f"no DNS server answered within {self._resolver.lifetime:g} seconds"
            raise Unreachable(self._why) from None
        except dns.exception.DNSException as error:
            raise Unreachable(f"DNS answered for {name} what cannot be read ({type(error).__name__})") from None


def _resolver(servers: Sequence[str]) -> "dns.resolver.Resolver | None":
    if not servers:
        try:
            return dns.resolver.Resolver()
        except (dns.resolver.NoResolverConfiguration, OSError):
            return None
    resolver = dns.resolver.Resolver(configure=False)
    hosts = [server.rpartition(":") if server.count(":") == 1 else (server, "", "53") for server in servers]
    resolver.nameservers = [host for host, _, _ in hosts]
    resolver.nameserver_ports = {host: int(port) for host, _, port in hosts}
    return resolver


def _plain(name: "dns.name.Name") -> str:
    return str(name).rstrip(".").lower()
