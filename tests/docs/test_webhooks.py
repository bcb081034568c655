"""The example that verifies a webhook's call verifies ours, and nothing else."""

import time
from datetime import UTC, datetime

import pytest

from digest.operators.calls import sign
from tests.docs.documents import ROOT, read

SECRET, OTHER = "whsec_AAECAwQFBgcICQoLDA0ODw==", "whsec_//79/Pv6+fj39vX08/Lx8A=="
BODY = b'{"type": "issue.sent"}'


@pytest.mark.parametrize(
    ("signed_by", "age", "body", "ours"),
    [
        ([SECRET], 0, BODY, True),
        ([OTHER, SECRET], 0, BODY, True),
        ([OTHER], 0, BODY, False),
        ([SECRET], 400, BODY, False),
        ([SECRET], 0, b"{}", False),
    ],
)
def test_the_example_tells_our_calls_from_others(signed_by: list[str], age: int, body: bytes, *, ours: bool) -> None:
    code = read(ROOT / "docs" / "operate" / "webhooks.md").partition("```python\n")[2].partition("```")[0]
    there: dict[str, object] = {}
    exec(code, there)
    is_ours = there["is_ours"]
    headers = sign(7, BODY, signed_by, datetime.fromtimestamp(time.time() - age, UTC))
    assert callable(is_ours)
    assert is_ours(headers, body, SECRET) is ours
