"""What the limits of sign-ups know of a request: hashes of the networks that it comes from (security S1)."""

import ipaddress

from digest.audience.door import Proof, Visit
from digest.model.keys import Keys


def visit_from(keys: Keys, client: str, per_hour: int, proof: Proof | None) -> Visit:
    """`client` is the address of whoever asks. A private or loopback one is a proxy or this machine, and speaks for many."""
    address = _public(client)
    if address is None:
        return Visit(proof=proof, per_hour=per_hour)
    narrow = keys.network_hash(client, ipv6_bits=64)
    wide = keys.network_hash(client, ipv6_bits=48) if address.version == 6 else ""
    return Visit(narrow, wide, proof, per_hour)


def _public(client: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    address = mapped or address  # how a socket for both families names a client of IPv4
    return address if address.is_global else None
