"""Entries under a short link or a feed proxy's address: where it leads is asked, once, so that they are known by their page.

No transaction is open while the web is asked. A link that does not answer stays as it is, and is asked again at the next
reading.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from digest.model.feed import Entry, FeedOutcome, FeedRead, FetchLimits
from digest.model.tracking import SHORTENERS
from digest.model.web_address import is_short
from digest.sources import where_it_leads
from digest.store import Store

MOST = 50  # links of one reading: a feed of short links alone is through after a few
SECONDS = 5.0  # for one


def lead_on(
    store: Store, outcome: FeedOutcome, limits: FetchLimits, *, now: datetime, hosts: Collection[str] = SHORTENERS
) -> FeedOutcome:
    """The reading with the addresses of pages in the place of short links, as far as they are known."""
    if not isinstance(outcome, FeedRead):
        return outcome
    links = list(dict.fromkeys(entry.url for entry in outcome.entries if entry.url and is_short(entry.url, hosts)))
    if not links:
        return outcome
    with store.read() as tx:
        known = tx.short_links.known(links)
    found = _ask([link for link in links if link not in known][:MOST], limits)
    if found:
        with store.write() as tx:
            tx.short_links.keep(found, now)
    known |= found
    return replace(outcome, entries=tuple(_led_on(entry, known) for entry in outcome.entries))


def _ask(links: Sequence[str], limits: FetchLimits) -> dict[str, str]:
    soon = replace(limits, max_seconds=min(SECONDS, limits.max_seconds))
    return {link: page for link in links if (page := where_it_leads(link, soon))}


def _led_on(entry: Entry, known: dict[str, str]) -> Entry:
    """The link stays its GUID where it has none: other feeds, or the next reading, may give nothing else."""
    page = known.get(entry.url or "")
    return replace(entry, url=page, guid=entry.guid or entry.url) if page else entry
