"""Which network addresses a feed may lead us to, and connections to exactly the address that was checked (security S19).

The name is resolved here and nowhere else, all its addresses are judged, and the socket is opened to one of them: a name that
resolves to something else a moment later changes nothing. TLS and the Host header still carry the name.
"""

import socket
import threading
import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

import httpcore2

Resolver = Callable[[str, int], list[str]]  # (host, port) → addresses as text; raises OSError

PLAIN_PORTS = {80, 443}
FIRST_FREE_PORT = 1_024  # below it, other services than the web answer

_NAT64 = ip_network("64:ff9b::/96")  # RFC 6052
_REFUSED = (
    ip_network("192.88.99.0/24"),  # 6to4 relays, RFC 7526
    ip_network("64:ff9b:1::/48"),  # local NAT64, RFC 8215
    ip_network("::/96"),  # IPv4-compatible, RFC 4291 §2.5.5.1
    ip_network("fec0::/10"),  # site-local, RFC 3879
    ip_network("2001::/32"),  # Teredo, RFC 4380
)


class Refused(Exception):
    """The address may not be asked. `str()` is a clause for a sentence, without a full stop."""


def resolve(host: str, port: int) -> list[str]:
    """What the system says. Numbers in any notation (`0x7f.1`, `2130706433`) come out as what they mean."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(info[4][0]) for info in found))


def is_public(address: str) -> bool:
    """Whether it is an address of the open Internet; an IPv4 address wrapped in IPv6 is judged by what is inside."""
    try:
        number = _unwrap(ip_address(address.partition("%")[0]))
    except ValueError:
        return False
    if any(number in network for network in _REFUSED if network.version == number.version):
        return False
    return number.is_global and not (number.is_multicast or number.is_reserved or number.is_unspecified)


def checked(host: str, port: int, allowed: frozenset[str], look_up: Resolver = resolve) -> list[str]:
    """The addresses of a host that may be asked: the allowed private ones if there are any, else all, if all are public.

    Raises Refused, and OSError when the name cannot be resolved.
    """
    addresses = look_up(host, port)
    opened = [address for address in addresses if _is_allowed(address, allowed)]
    if opened:
        return opened
    if not addresses or not all(is_public(address) for address in addresses):
        raise Refused(f"{host} is in a private network, which feeds may not lead to")
    if port not in PLAIN_PORTS and port < FIRST_FREE_PORT:
        raise Refused(f"port {port} is not one that the web is served on")
    return addresses


def _unwrap(number: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    if isinstance(number, IPv6Address):
        if inner := number.ipv4_mapped or number.sixtofour:
            return inner
        if number in _NAT64:
            return IPv4Address(int(number) & 0xFFFFFFFF)
    return number


def _is_allowed(address: str, allowed: frozenset[str]) -> bool:
    try:
        number = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inner = number.ipv4_mapped if isinstance(number, IPv6Address) else None
    return any((inner or number) in each for each in _networks(allowed) if each.version == (inner or number).version)


@lru_cache(16)  # a setting
def _networks(allowed: frozenset[str]) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(network, strict=False) for network in allowed)


def _is_number(host: str) -> bool:
    """Whether the host is an address in its usual spelling, which nobody has to be asked for."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


class Deadline:
    """The moment at which an exchange is over, whatever it is doing."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds, more than 0; raises httpcore2.ReadTimeout when there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise httpcore2.ReadTimeout
        return left


class GuardedBackend(httpcore2.NetworkBackend):
    """Opens connections to checked addresses only, and lets none of them outlive the deadline."""

    def __init__(self, allowed: frozenset[str], deadline: Deadline, look_up: Resolver = resolve) -> None:
        self._allowed = allowed
        self._deadline = deadline
        self._look_up = look_up
        self._sockets = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the deadline is what counts
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        """Tries the addresses one after the other, the last one's failure is raised."""
        addresses = self._addresses(host, port)
        for address in addresses[:-1]:
            try:
                share = self._deadline.left() / len(addresses)
                return self._open(address, port, share, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                continue
        return self._open(addresses[-1], port, self._deadline.left(), local_address, socket_options)

    def _open(self, address: str, port: int, seconds: float, *rest: Any) -> httpcore2.NetworkStream:
        return _TimedStream(self._sockets.connect_tcp(address, port, seconds, *rest), self._deadline)

    def _addresses(self, host: str, port: int) -> list[str]:
        """Resolving has no time-out of its own, so it is done in a thread that may be left behind; a number needs none."""
        if _is_number(host):
            return checked(host, port, self._allowed, self._look_up)
        outcome: list[list[str] | Exception] = []

        def look() -> None:
            try:
                outcome.append(checked(host, port, self._allowed, self._look_up))
            except Exception as error:  # noqa: BLE001 - handed to the waiting thread
                outcome.append(error)

        thread = threading.Thread(target=look, name="resolve", daemon=True)
        thread.start()
        thread.join(self._deadline.left())
        if not outcome:
            raise httpcore2.ConnectTimeout
        if isinstance(outcome[0], Exception):
            raise outcome[0]
        return outcome[0]


class _TimedStream(httpcore2.NetworkStream):
    """A connection whose every wait ends at the deadline: a server that sends a byte a second gets no more than that."""

    def __init__(self, stream: httpcore2.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - the deadline is what counts
        return self._stream.read(max_bytes, self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - the deadline is what counts
        self._stream.write(buffer, self._deadline.left())

    def start_tls(
        self,
        ssl_context: Any,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 - the deadline is what counts
    ) -> "_TimedStream":
        return _TimedStream(self._stream.start_tls(ssl_context, server_hostname, self._deadline.left()), self._deadline)

    def close(self) -> None:
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
