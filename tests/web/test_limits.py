from datetime import UTC, datetime

import pytest

from digest.audience.door import Proof, Visit
from digest.model.keys import Keys
from digest.web.limits import visit_from

KEYS = Keys(b"a secret for tests, of 32 bytes.")
PROOF = Proof("solved", datetime(2026, 5, 4, 8, 0, tzinfo=UTC))


def seen(client: str) -> Visit:
    return visit_from(KEYS, client, 100, PROOF)


@pytest.mark.parametrize(
    "client", ["127.0.0.1", "::1", "10.1.2.3", "192.168.1.1", "fd00::1", "testclient", "", "::ffff:10.0.0.1"]
)
def test_a_proxy_on_this_machine_or_near_it_is_not_one_reader(client: str) -> None:
    assert seen(client) == Visit(proof=PROOF, per_hour=100)


@pytest.mark.parametrize(
    ("one", "other", "narrow", "wide"),
    [
        ("8.8.4.4", "8.8.4.255", True, True),
        ("8.8.4.4", "::ffff:8.8.4.9", True, True),
        ("8.8.4.4", "8.8.5.4", False, True),
        ("2a00:1450:1:2::1", "2a00:1450:1:2:ffff::1", True, True),
        ("2a00:1450:1:2::1", "2a00:1450:1:3::1", False, True),
        ("2a00:1450:1:2::1", "2a00:1450:2:2::1", False, False),
    ],
)
def test_neighbours_share(one: str, other: str, narrow: bool, wide: bool) -> None:
    assert (seen(one).network == seen(other).network) is narrow
    assert (seen(one).wide_network == seen(other).wide_network) is wide
    assert seen(one).network
    assert one not in repr(seen(one))
