"""The YAML block between two `---` lines at the top of a folder's file. Runs in the confined process.

Only plain values are taken (text, numbers, dates, lists of them), each with its line, so that an error can name it. Anchors
are never followed, so that no YAML bomb unfolds.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from email.utils import parsedate_to_datetime
from typing import NoReturn

import yaml

from digest.sources.parsed import Unreadable
from digest.sources.sanitize import absolute, clean_line, language_tag

MAX_SIZE = 65_536  # characters
_BLOCK = re.compile(r"---[ \t]*\n(?P<yaml>.*?)(?<=\n)(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_OPENED = re.compile(r"---[ \t]*\n\s*[A-Za-z_][\w -]*:(?:\s|$)")


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """Key → (value, line). Keys are lower case with underscores."""

    values: dict[str, tuple[str, int]]

    def text(self, *names: str) -> str:
        """The first of these keys that is there, on one line."""
        return next((clean_line(self.values[name][0], 2_000) for name in names if name in self.values), "")

    def address(self, *names: str) -> str | None:
        """An absolute http(s) address; raises Unreadable with the line when it is none."""
        for name in names:
            value, line = self.values.get(name, ("", 0))
            if value.strip():
                return absolute(value) or _refuse(name, value, line, "no http or https address")
        return None

    def moment(self, *names: str) -> datetime | None:
        """A date with or without a time; without a zone it is UTC. Raises Unreadable with the line when it is none."""
        for name in names:
            value, line = self.values.get(name, ("", 0))
            if value.strip():
                return _moment(value.strip()) or _refuse(name, value, line, "no date")
        return None

    def language(self) -> str:
        return language_tag(self.text("language", "lang"))


def split(text: str) -> tuple[FrontMatter, str]:
    """The front matter, empty if there is none, and the text after it. Raises Unreadable, naming the line."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    match = _BLOCK.match(text)
    if match is None:
        if _OPENED.match(text):
            raise Unreadable("line 1: the front matter that begins here is never closed by a line of three hyphens")
        return FrontMatter({}), text
    if len(match["yaml"]) > MAX_SIZE:
        raise Unreadable(f"line 1: the front matter is longer than {MAX_SIZE:,} characters")
    return FrontMatter(_values(match["yaml"])), text[match.end() :]


def _values(source: str) -> dict[str, tuple[str, int]]:
    root = _compose(source)
    if root is None:
        return {}
    if not isinstance(root, yaml.MappingNode):
        raise Unreadable(f"line {_line(root)}: the front matter is not a list of `key: value` lines")
    found = {}
    for key, value in root.value:
        if isinstance(key, yaml.ScalarNode) and (text := _plain(value)) is not None:
            found[key.value.strip().lower().replace("-", "_")] = (text, _line(key))
    return found


def _compose(source: str) -> yaml.Node | None:
    try:
        return yaml.compose(source, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise Unreadable(
            f"line {mark.line + 2 if mark else 1}: {error.problem or 'the front matter is not YAML'}"
        ) from None
    except (yaml.YAMLError, ValueError):
        raise Unreadable("line 1: the front matter has characters that YAML does not allow") from None


def _plain(node: yaml.Node) -> str | None:
    """What stands there, as it is written; a list is joined. Anything deeper is not for us."""
    if isinstance(node, yaml.ScalarNode):
        return "" if node.tag == "tag:yaml.org,2002:null" else str(node.value)
    if isinstance(node, yaml.SequenceNode):
        return ", ".join(str(part.value) for part in node.value[:20] if isinstance(part, yaml.ScalarNode))
    return None


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 2  # counted from 0, and after the opening hyphens


def _moment(value: str) -> datetime | None:
    for read in (datetime.fromisoformat, _day, parsedate_to_datetime):
        try:
            moment = read(value)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, TypeError, OverflowError, IndexError):
            continue
    return None


def _day(value: str) -> datetime:
    """YAML allows one-digit months and days, and a space before the zone."""
    parts = re.fullmatch(
        r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T]+(\d{1,2}:\d{2}(?::\d{2})?) ?(Z|[+-]\d{2}(?::?\d{2})?)?)?", value
    )
    if parts is None:
        raise ValueError(value)
    day = date(int(parts[1]), int(parts[2]), int(parts[3]))
    if parts[4] is None:
        return datetime.combine(day, time(), UTC)
    zone = f"{parts[5]}:00" if parts[5] and len(parts[5]) == 3 else parts[5] or "Z"
    return datetime.fromisoformat(
        f"{day.isoformat()}T{parts[4].zfill(5) if parts[4].count(':') == 1 else parts[4].zfill(8)}{zone}"
    )


def _refuse(name: str, value: str, line: int, what: str) -> NoReturn:
    raise Unreadable(f"line {line}: {name} is {clean_line(value, 80)!r}, which is {what}")
