"""What the lint found, on a terminal: the worst first, wrapped below each other, and a line that sums it up."""

import shutil
import sys
import textwrap
from collections import Counter
from collections.abc import Sequence

from digest.cli.show import PARTLY, counted, dump, note, plain
from digest.model.finding import Finding, Severity

FAILED = 1
WIDEST = 110  # columns: longer lines are hard to read

_COLOURS = {Severity.FAILURE: "31", Severity.WARNING: "33", Severity.NOTE: "2"}  # ECMA-48 §8.3.117


def tell(issue_id: int, findings: Sequence[Finding], *, verbose: bool, as_json: bool) -> int:
    """Prints them, and returns the code to end with. Notes are shown on demand, in JSON always."""
    from digest.pipeline.describe import describe_finding

    counts = Counter(finding.severity for finding in findings)
    if as_json:
        dump({"issue": issue_id, "findings": [describe_finding(finding) for finding in findings]})
    else:
        for finding in findings:
            if verbose or finding.severity is not Severity.NOTE:
                _print(finding)
        note(_summary(issue_id, counts, hidden=0 if verbose else counts[Severity.NOTE]))
    return FAILED if counts[Severity.FAILURE] else PARTLY if counts[Severity.WARNING] else 0


def _print(finding: Finding) -> None:
    width = min(shutil.get_terminal_size().columns, WIDEST) if sys.stdout.isatty() else 10_000
    head = f"{finding.severity.value:<7}  {finding.rule:<14}  "
    times = f" ({finding.times} times)" if finding.times > 1 else ""
    lines = _wrapped(f"{finding.said}{times}", width - len(head))
    if finding.where:
        lines += _wrapped(f"{'first: ' if finding.times > 1 else ''}{finding.where}", width - len(head))
    shown = head.replace(finding.severity.value, _coloured(finding.severity), 1)
    sys.stdout.write("\n".join([shown + lines[0], *(" " * len(head) + line for line in lines[1:])]) + "\n")


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(plain(text), max(width, 30), break_long_words=False, break_on_hyphens=False)


def _coloured(severity: Severity) -> str:
    return f"\033[{_COLOURS[severity]}m{severity.value}\033[0m" if sys.stdout.isatty() else severity.value


def _summary(issue_id: int, counts: Counter[Severity], *, hidden: int) -> str:
    found = [counted(counts[each], each.value) for each in (Severity.FAILURE, Severity.WARNING) if counts[each]]
    more = f" {counted(hidden, 'note')}: --verbose shows {'it' if hidden == 1 else 'them'}." if hidden else ""
    if not found:
        return f"Issue {issue_id} passes.{more}"
    end = ", so it is not sent unless forced" if counts[Severity.FAILURE] else "; it can be sent"
    return f"Issue {issue_id} has {' and '.join(found)}{end}.{more}"
