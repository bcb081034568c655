"""Parses strangers' bytes in the confined process (digest.confine; security S21).

`run(task, content, **arguments)` is what the other modules call; it may be called from several threads at once. What comes back
is read with suspicion: a child that a hostile feed took over can only give wrong entries.
"""

import base64
import os
from collections.abc import Callable
from datetime import datetime
from typing import Any

from digest import confine
from digest.confine import Confined, Why
from digest.model.feed import Entry, Gist, Picture
from digest.model.picture import EXTENSIONS, Rendition
from digest.sources.parsed import FoundFeed, Parsed, Unreadable

TOO_SLOW = "it takes too long to parse"
TOO_LARGE = "it needs more memory than a feed may"
CRASHED = "it makes the parser crash"

GistOf = Callable[[Entry], Gist]

_WORDS = {
    Why.TOO_SLOW: TOO_SLOW,
    Why.TOO_LARGE: TOO_LARGE,
    Why.TOO_LONG: "it holds more than a feed may",
    Why.CRASHED: CRASHED,
    Why.NO_PROCESS: "no process could be started to parse it",
}


class Pool(confine.Pool):
    """Children that parse: the tasks are those of digest.sources.worker."""

    def run(self, task: str, content: bytes, /, gist: GistOf | None = None, **arguments: Any) -> Parsed:
        """Raises Unreadable, whatever goes wrong. `gist` is a function of a module, which the child imports."""
        named = f"{gist.__module__}:{gist.__name__}" if gist else ""
        return _judge(self._ask(task, content, arguments, gist=named))

    def render(self, content: bytes) -> tuple[Rendition, ...]:
        """A picture's renditions; none of one that is too small to be any. Raises Unreadable, whatever goes wrong."""
        return _judge_renditions(self._ask("picture", content, {}))

    def _ask(self, task: str, content: bytes, arguments: dict[str, Any], gist: str = "") -> dict[str, Any]:
        try:
            reply = super().run("digest.sources.worker:answer_task", content, task=task, arguments=arguments, gist=gist)
        except Confined as failure:
            raise Unreadable(_WORDS[failure.why] + (f" ({failure.said})" if failure.said else "")) from None
        return reply if isinstance(reply, dict) else {}


_SHARED = Pool(size=max(2, min(4, os.cpu_count() or 2)))
_DARKROOM = Pool(size=2)  # apart: a picture takes much memory, and a feed need not wait for it


def run(task: str, content: bytes, gist: GistOf | None = None, **arguments: Any) -> Parsed:
    """Does `task` (see digest.sources.worker) on `content` in a child, and tells entries' gist there. Raises Unreadable."""
    return _SHARED.run(task, content, gist, **arguments)


def render(content: bytes) -> tuple[Rendition, ...]:
    """A picture's renditions, made in a child; none of one that is too small to be any. Raises Unreadable."""
    return _DARKROOM.render(content)


def _judge(reply: dict[str, Any]) -> Parsed:
    if "error" in reply:
        raise Unreadable(str(reply["error"]))
    try:
        return decode(reply["parsed"])
    except (KeyError, TypeError, ValueError):
        raise Unreadable(CRASHED) from None


def _judge_renditions(reply: dict[str, Any]) -> tuple[Rendition, ...]:
    if "error" in reply:
        raise Unreadable(str(reply["error"]))
    try:
        return tuple(_rendition(values) for values in reply["renditions"])
    except (KeyError, TypeError, ValueError):
        raise Unreadable(CRASHED) from None


def _rendition(values: dict[str, Any]) -> Rendition:
    if values["media_type"] not in EXTENSIONS:
        raise ValueError(values["media_type"])
    content = base64.b64decode(values["content"], validate=True)
    return Rendition(content, values["media_type"], int(values["width"]), int(values["height"]))


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
    picture, gist = values.pop("picture"), values.pop("gist")
    published, updated = _date(values.pop("published_at")), _date(values.pop("updated_at"))
    return Entry(
        **values,
        published_at=published,
        updated_at=updated,
        picture=Picture(**picture) if picture else None,
        gist=_gist(gist) if gist else None,
    )


def _gist(values: dict[str, Any]) -> Gist:
    picture, count = values.pop("picture"), int(values.pop("word_count"))
    return Gist(**values, word_count=count, picture=Picture(**picture) if picture else None)


def _date(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
