"""What the confined process does for sources: each task is a parser of strangers' bytes, its answer what JSON can carry."""

import base64
import dataclasses
import importlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

from digest.model.feed import Entry, Gist, Picture
from digest.model.picture import Rendition
from digest.sources.parsed import Parsed, Unreadable

#: Task → where it is done. Imported when first asked for: a child that only reads feeds never loads trafilatura.
_TASKS = {
    "feed": "digest.sources.parse:parse_feed",
    "page": "digest.sources.page:parse_page",
    "card": "digest.sources.page:parse_card",
    "links": "digest.sources.page:parse_links",
    "opml": "digest.sources.opml:parse_opml",
    "file": "digest.sources.textfile:parse_file",
    "picture": "digest.sources.rendition:make_renditions",
}


_ENTRY = tuple(field.name for field in dataclasses.fields(Entry))
_GIST = tuple(field.name for field in dataclasses.fields(Gist))


def answer_task(content: bytes, *, task: str, arguments: dict[str, Any], gist: str = "") -> dict[str, Any]:
    """As digest.confine.child calls it. `gist` names what tells the gist of each entry."""
    return answer(task, content, arguments, gist)


def answer(task: str, content: bytes, arguments: dict[str, Any], gist: str = "") -> dict[str, Any]:
    """The reply to one task. Raises only MemoryError, after which the process is of no use."""
    try:
        result = _named(_TASKS[task])(content, **arguments)
        if not isinstance(result, Parsed):
            return {"renditions": encode_renditions(result)}
        return {"parsed": encode(result, _named(gist) if gist else _no_gist)}
    except Unreadable as error:
        return {"error": str(error)}
    except MemoryError:
        raise
    except RecursionError:
        return {"error": "it is nested too deeply"}
    except Exception as error:  # noqa: BLE001 - parsers of strangers' bytes raise what they like; none of it may end a refresh
        return {"error": f"it confuses the parser ({type(error).__name__})"}


def _no_gist(_entry: Entry) -> None:
    pass


def encode(parsed: Parsed, gist_of: Callable[[Entry], Gist | None] = _no_gist) -> dict[str, Any]:
    """What JSON can carry; dates as ISO 8601."""
    values: dict[str, Any] = {field.name: getattr(parsed, field.name) for field in dataclasses.fields(parsed)}
    values["feeds"] = [dataclasses.asdict(feed) for feed in parsed.feeds]
    values["entries"] = [_plain(entry, gist_of(entry)) for entry in parsed.entries]
    return values


def _plain(entry: Entry, gist: Gist | None) -> dict[str, Any]:
    """Value by value: dataclasses.asdict copies each of them deeply, which takes longer than parsing."""
    values = {name: getattr(entry, name) for name in _ENTRY}
    values["picture"] = _plain_picture(entry.picture)
    if gist:
        values["gist"] = {name: getattr(gist, name) for name in _GIST} | {"picture": _plain_picture(gist.picture)}
    for name in ("published_at", "updated_at"):
        moment: datetime | None = values[name]
        values[name] = moment.isoformat() if moment else None
    return values


def _plain_picture(picture: Picture | None) -> dict[str, Any] | None:
    return dataclasses.asdict(picture) if picture else None


def encode_renditions(renditions: tuple[Rendition, ...]) -> list[dict[str, Any]]:
    """The same; bytes as base64."""
    return [dataclasses.asdict(each) | {"content": base64.b64encode(each.content).decode()} for each in renditions]


def _named(place: str) -> Callable[..., Any]:
    """The function `module:name`."""
    module, _, name = place.partition(":")
    function: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return function
