import pytest

from digest.audience.disposable import is_disposable
from digest.model.address import Address


@pytest.mark.parametrize(
    ("text", "lent"),
    [
        ("x@mailinator.com", True),
        ("x@MAILINATOR.COM", True),
        ("x@eu.mailinator.com", True),
        ("x@notmailinator.com", False),
        ("x@mailinator.com.example.org", False),
        ("mailinator.com@example.org", False),
        ("x@com", False),
    ],
)
def test_a_domain_that_lends_addresses_is_known_by_itself_and_below(text: str, lent: bool) -> None:
    assert is_disposable(Address.parse(text)) is lent
