"""By which keys an entry is recognised, so that an edited article is never a second article."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

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
    return _keys(entry, entry.guid or "", feed_id)


def _keys(entry: Entry, guid: str, feed_id: int) -> tuple[str, ...]:
    strong = _strong_keys(entry.url or "", guid, feed_id)
    return strong or (_bounded(f"title:{feed_id}:{headline(entry).casefold()}"),)


@lru_cache(16_384)  # each is asked for several times in a reading, and again in the next one
def _strong_keys(url: str, guid: str, feed_id: int) -> tuple[str, ...]:
    guid = tidy(guid)
    keys = [f"url:{address}" for address in _addresses(tidy(url), guid)]
    if guid:
        keys.append(f"guid:{feed_id}:{guid}")
    return tuple(dict.fromkeys(_bounded(key) for key in keys))


def lookup_keys(entry: Entry, feed_id: int) -> tuple[str, ...]:
    """All that has to be looked up before `decide_all` can judge the entry, whatever its GUID turns out to be worth."""
    keys = identity_keys(entry, feed_id)
    guid = tidy(entry.guid or "")
    if not guid:
        return keys
    return tuple(dict.fromkeys((*keys, *_keys(entry, "", feed_id), shared_key(guid, feed_id))))


def all_are_changed(entries: Iterable[Entry], feed_id: int, known: Collection[str]) -> bool:
    """Whether not one GUID of a reading is known (of a feed without GUIDs: not one page), as when a site gets new software."""
    keys = [key for entry in entries for key in identity_keys(entry, feed_id)]
    for kind in ("guid:", "url:"):
        if strong := [key for key in keys if key.startswith(kind)]:
            return all(key not in known for key in strong)
    return False


def shared_key(guid: str, feed_id: int) -> str:
    """Remembers, like any key, that several entries of the feed had this GUID: from then on it stands for none of them."""
    return _bounded(f"shared:{feed_id}:{guid}")


def shared_guids(entries: Iterable[Entry], feed_id: int, known: Collection[str] = ()) -> frozenset[str]:
    """The GUIDs that tell nobody apart: several entries of this reading, or of an earlier one (`known`), have them.

    Two entries are two when their pages differ, or their headlines where they have no page: the same page twice is a
    repetition, or a revision (RFC 4287 §4.1.1).
    """
    having: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        if guid := tidy(entry.guid or ""):
            having[guid].append(entry)
    return frozenset(
        guid for guid, those in having.items() if _are_several(those, feed_id) or shared_key(guid, feed_id) in known
    )


def _are_several(entries: Sequence[Entry], feed_id: int) -> bool:
    return len(entries) > 1 and len({_keys(entry, "", feed_id)[0] for entry in entries}) > 1


def without_guids(entries: Iterable[Entry], guids: Collection[str]) -> tuple[Entry, ...]:
    """The entries, known by their pages and headlines alone where their GUID is one of these."""
    if not guids:
        return tuple(entries)
    return tuple(replace(entry, guid=None) if tidy(entry.guid or "") in guids else entry for entry in entries)


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
