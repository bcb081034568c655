"""By which keys an entry is recognised, so that an edited article is never a second article."""

import hashlib

from digest.articles.summary import headline
from digest.articles.text import tidy
from digest.model.feed import Entry
from digest.model.web_address import canonical_url

__all__ = ["canonical_url", "identity_keys"]

MAX_KEY = 500  # characters; PostgreSQL's index takes 2,704 octets a row


def identity_keys(entry: Entry, feed_id: int) -> tuple[str, ...]:
    """Every key by which the entry is known, the strongest first; never empty.

    `url:<canonical>` holds in every feed of a list, `guid:<feed>:<guid>` and `title:<feed>:<title>` in their own feed
    only. A GUID that is an address gives its url key too. The title counts only when there is nothing better, since
    editors change it and columns repeat it.
    """
    guid = tidy(entry.guid or "")
    keys = [f"url:{address}" for address in _addresses(tidy(entry.url or ""), guid)]
    if guid:
        keys.append(f"guid:{feed_id}:{guid}")
    if not keys:
        keys.append(f"title:{feed_id}:{headline(entry).casefold()}")
    return tuple(dict.fromkeys(_bounded(key) for key in keys))


def _addresses(url: str, guid: str) -> list[str]:
    """The pages that the entry is; a site's home page is none, for every entry of a careless feed links to it."""
    if url == guid and _is_anchored(url):
        # The feed itself says that the fragment tells its entries apart: a page of release notes, one anchor each.
        return [f"{canonical_url(url)}#{url.partition('#')[2]}"]
    return [page for page in map(canonical_url, (url, guid)) if page and not _is_home(page)]


def _is_anchored(url: str) -> bool:
    fragment = url.partition("#")[2]
    return bool(fragment) and "=" not in fragment and canonical_url(url) != ""  # `#xtor=RSS-1` counts clicks


def _is_home(page: str) -> bool:
    return page.endswith("/") and page.count("/") == 3 and "?" not in page and "#" not in page


def _bounded(key: str) -> str:
    if len(key) <= MAX_KEY:
        return key
    return key[: MAX_KEY - 65] + "~" + hashlib.sha256(key.encode()).hexdigest()
