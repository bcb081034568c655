"""The stories of the invented newsroom, as they lie in examples/: Markdown with front matter, dated in days before now.

A story is what a newsroom has; an article is what we keep of it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import yaml
from markdown_it import MarkdownIt

from digest.model.errors import DigestError

_MARKDOWN = MarkdownIt("commonmark", {"html": False})
_WHEN = ("days_ago", "hour", "minute")


@dataclass(frozen=True, slots=True)
class Story:
    """One story. `when` holds the arguments of `moment`, and is empty for a story without a date."""

    desk: str
    slug: str
    title: str
    standfirst: str
    author: str
    html: str
    picture: str = ""  # a file of pictures/
    alt: str = ""
    credit: str = ""
    when: Mapping[str, int] = field(default_factory=dict)

    @property
    def path(self) -> str:
        return f"/{self.desk}/{self.slug}"


def read_stories(folder: Path) -> tuple[Story, ...]:
    """Every `<desk>/<slug>.md` below the folder, the newest first and those without a date last."""
    stories = [read_story(file.parent.name, file.stem, file.read_text("utf-8")) for file in folder.glob("*/*.md")]
    return tuple(sorted(stories, key=_age))


def read_story(desk: str, slug: str, text: str) -> Story:
    """From front matter and Markdown; a story without a title or text is refused in words."""
    front, body = split_front_matter(text)
    if not front.get("title") or not body.strip():
        raise DigestError(f"The example {desk}/{slug}.md needs front matter with a title, and a text below it.")
    when = {name: int(front.pop(name)) for name in _WHEN if name in front}
    fields = {name: str(front.get(name, "")) for name in ("title", "standfirst", "author", "picture", "alt", "credit")}
    return Story(desk=desk, slug=slug, html=_MARKDOWN.render(body), when=when, **fields)


def split_front_matter(text: str) -> tuple[dict[str, Any], str]:
    """The YAML between the first two `---` lines, and what follows; ({}, text) when there is none."""
    head, fence, body = text.removeprefix("---\n").partition("\n---\n")
    if not text.startswith("---\n") or not fence:
        return {}, text
    return dict(yaml.safe_load(head) or {}), body


def moment(now: datetime, *, days_ago: int, hour: int = 0, minute: int = 0) -> datetime:
    """That time of day (UTC), so many days before now; a negative number is a day to come."""
    day = now.astimezone(UTC) - timedelta(days=days_ago)
    return day.replace(hour=hour, minute=minute, second=0, microsecond=0)


def date_functions(now: datetime) -> dict[str, Callable[..., str]]:
    """What the templates write dates with: `rfc822(days_ago=2, hour=9)`, `iso(…)` and, for people, `day(…)`."""
    return {
        "rfc822": lambda **when: format_datetime(moment(now, **when)),  # RFC 5322 §3.3, as RSS wants it
        "iso": lambda **when: moment(now, **when).isoformat().replace("+00:00", "Z"),  # RFC 3339
        "day": lambda **when: f"{moment(now, **when):%A %-d %B %Y}",
    }


def _age(story: Story) -> tuple[bool, int, str]:
    minutes = story.when.get("days_ago", 0) * 1440 - story.when.get("hour", 0) * 60 - story.when.get("minute", 0)
    return not story.when, minutes, story.slug
