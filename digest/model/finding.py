"""What the lint found in a mail: a value, not an error. Whether it stops the mail is said by its severity."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum


class Severity(StrEnum):
    """How bad it is. A mail with a failure is not sent unless an operator says so."""

    FAILURE = "failure"  # readers cannot use the mail, or their providers may refuse it
    WARNING = "warning"  # some readers get less than others
    NOTE = "note"  # worth knowing; shown when asked for


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found. `said` is a sentence without a full stop, `where` the first place it was found at."""

    severity: Severity
    rule: str  # a short name that stays the same: "alt", "contrast", "dead-link"
    said: str
    where: str = ""
    times: int = 1

    def __str__(self) -> str:
        return (
            f"{self.said}{f' ({self.where})' if self.where else ''}{f', {self.times} times' if self.times > 1 else ''}"
        )


_ORDER = {severity: number for number, severity in enumerate(Severity)}


def sort_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The worst first; what is the same but for its place is told once, with how often it was found."""
    found: dict[tuple[Severity, str, str], Finding] = {}
    for finding in findings:
        key = finding.severity, finding.rule, finding.said
        known = found.get(key)
        found[key] = replace(known, times=known.times + finding.times) if known else finding
    return tuple(sorted(found.values(), key=lambda finding: _ORDER[finding.severity]))


def failures(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(finding for finding in findings if finding.severity is Severity.FAILURE)
