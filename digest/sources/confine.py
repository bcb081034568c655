"""Parses strangers' bytes in the confined process (digest.confine; security S21).

`run(task, content, **arguments)` is what the other modules call; it may be called from several threads at once. What comes back
is read with suspicion: a child that a hostile feed took over can only give wrong entries.
"""

import os
from datetime import datetime
from typing import Any

from digest import confine
from digest.confine import Confined, Why
from digest.model.feed import Entry, Picture
from digest.sources.parsed import FoundFeed, Parsed, Unreadable

TOO_SLOW = "it takes too long to parse"
TOO_LARGE = "it needs more memory than a feed may"
CRASHED = "it makes the parser crash"

_WORDS = {
    Why.TOO_SLOW: TOO_SLOW,
    Why.TOO_LARGE: TOO_LARGE,
    Why.TOO_LONG: "it holds more than a feed may",
    Why.CRASHED: CRASHED,
    Why.NO_PROCESS: "no process could be started to parse it",
}


class Pool(confine.Pool):
    """Children that parse: the tasks are those of digest.sources.worker."""

    def run(self, task: str, content: bytes, /, **arguments: Any) -> Parsed:
        """Raises Unreadable, whatever goes wrong."""
        try:
            reply = super().run("digest.sources.worker:answer_task", content, task=task, arguments=arguments)
        except Confined as failure:
            raise Unreadable(_WORDS[failure.why] + (f" ({failure.said})" if failure.said else "")) from None
        return _judge(reply)


_SHARED = Pool(size=max(2, min(4, os.cpu_count() or 2)))


def run(task: str, content: bytes, **arguments: Any) -> Parsed:
    """Does `task` (see digest.sources.worker) on `content` in a child. Raises Unreadable."""
    return _SHARED.run(task, content, **arguments)


def _judge(reply: Any) -> Parsed:
    if isinstance(reply, dict) and "error" in reply:
        raise Unreadable(str(reply["error"]))
    try:
        return decode(reply["parsed"])
    except (KeyError, TypeError, ValueError):
        raise Unreadable(CRASHED) from None


def decode(values: dict[str, Any]) -> Parsed:
    """The opposite of digest.sources.worker.encode."""
    return Parsed(
        title=str(values["title"]),
        language=str(values["language"]),
        entries=tuple(_entry(entry) for entry in values["entries"]),
        notes=tuple(str(note) for note in values["notes"]),
        feeds=tuple(_found(feed) for feed in values["feeds"]),
        is_article=bool(values["is_article"]),
    )


def _found(values: dict[str, Any]) -> FoundFeed:
    folders = tuple(str(name) for name in values["folders"])
    return FoundFeed(str(values["location"]), str(values["title"]), folders, bool(values["is_page"]))


def _entry(values: dict[str, Any]) -> Entry:
    picture = values.pop("picture")
    published, updated = _date(values.pop("published_at")), _date(values.pop("updated_at"))
    return Entry(**values, published_at=published, updated_at=updated, picture=Picture(**picture) if picture else None)


def _date(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
