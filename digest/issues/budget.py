"""Making an issue fit: what is given up first when its mail would be too large. Pure.

Gmail shows the first 102 kB of a mail's HTML and hides the rest, the way to unsubscribe with it; so an issue stays below 90 kB,
links and footer included. The web edition always holds everything.
"""

from dataclasses import replace

from digest.model.edition import Fit
from digest.model.issue import IssueContent

LARGEST_HTML = 90_000  # octets of the decoded HTML part, every reader's links filled in

_SHORTER = ((280, 160), (220, 100))  # characters of the lead's summary and of the others'
_HEADLINES = (0.66, 0.33, 0.0)  # how many of the articles behind the lead keep more than their headline
_SHOWN = (0.75, 0.5, 0.35, 0.25, 0.15, 0.1, 0.05, 0.0)  # how many of them are shown


def ladder(count: int) -> tuple[Fit, ...]:
    """The ways to show so many articles, from all of each to the lead alone; each gives up something more."""
    lead, short = _SHORTER[-1]
    behind = max(0, count - 1)
    steps = [Fit(), *(Fit(*shorter) for shorter in _SHORTER)]
    steps += [Fit(lead, short, full=1 + int(behind * share)) for share in _HEADLINES]
    steps += [Fit(lead, short, full=1, shown=1 + int(behind * share)) for share in _SHOWN]
    return tuple(dict.fromkeys(steps))


def cut_to(content: IssueContent, shown: int | None) -> IssueContent:
    """The content without what is on the web only."""
    if shown is None or shown >= len(content.items):
        return content
    kept = {id(item) for item in content.items[:shown]}
    sections = (
        replace(section, items=tuple(item for item in section.items if id(item) in kept))
        for section in content.sections
    )
    return replace(content, sections=tuple(section for section in sections if section.items))
