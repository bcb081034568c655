"""How large the HTML is: Gmail shows the first 102 kB or so, and hides the rest, with the way to unsubscribe in it."""

from collections.abc import Iterator

from digest.model.finding import Finding, Severity
from digest.rendering.lint.mail import Mail

BUDGET = 90_000  # octets, decoded: what an issue should stay within
CLIPPED = 102_000


def check(mail: Mail) -> Iterator[Finding]:
    octets = len(mail.html.encode("utf-8", "replace"))
    if octets > CLIPPED:
        yield Finding(
            Severity.FAILURE, "size", f"the HTML has {octets:,} bytes: Gmail cuts it off at about {CLIPPED:,}"
        )
    elif octets > BUDGET:
        yield Finding(
            Severity.WARNING,
            "size",
            f"the HTML has {octets:,} bytes, more than {BUDGET:,}: Gmail cuts it off at about {CLIPPED:,}",
        )
