"""The invented newsroom on this machine: feeds in several formats, article pages and pictures, all dated this week.

Everything is made from the templates in examples/newsroom when the newsroom opens; newsroom.yaml there says what is served.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import escape

from digest.demo.serving import Answer, LocalServer
from digest.demo.stories import Story, date_functions, read_stories, read_story, split_front_matter
from digest.model.errors import DigestError

HTML = "text/html; charset=utf-8"
_DAY = 86_400  # seconds
_IN_MARKDOWN = ("summary", "image", "image_alt", "image_credit")
_HERE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class ExampleFeed:
    """A feed that the demo reads: an address, or the name of the folder that `write_folder` fills."""

    topic: str
    shows: str  # which format it is there to show
    location: str = ""  # absolute, once the newsroom is open
    folder: str = ""


class Newsroom:
    """Open from `with` to its end, on 127.0.0.1. Port 0 takes any free one; a fixed port keeps the articles' addresses."""

    def __init__(self, now: datetime, port: int = 0) -> None:
        """`now` is aware; every date is counted back from it."""
        self._server = LocalServer(port, self._answer)
        try:
            self._press = _Press(self.base_url, now)
            self._answers = dict(self._press.answers())
        except BaseException:
            self._server.stop()
            raise

    @property
    def base_url(self) -> str:
        return self._server.base_url

    @property
    def feeds(self) -> tuple[ExampleFeed, ...]:
        """What a list may read, in the order of its topics."""
        return tuple(
            ExampleFeed(**feed | {"location": self.base_url + feed["location"] if "location" in feed else ""})
            for feed in self._press.plan["feeds"]
        )

    def write_folder(self, directory: Path) -> tuple[Path, ...]:
        """Fill the directory with the folder feed's files; it is made if need be. Safe twice."""
        return self._press.write_folder(directory)

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.stop()

    def _answer(self, path: str) -> Answer | None:
        return self._answers.get(path)


def examples_folder() -> Path:
    """`examples/newsroom`: inside the package when installed from a wheel, beside it in a checkout."""
    for root in (_HERE.parent, _HERE.parent.parent):
        if (found := root / "examples" / "newsroom").is_dir():
            return found
    raise DigestError("The demo's newsroom is missing: there is no folder examples/newsroom. Install digest again.")


class _Press:
    """Turns the templates into what is served and written, for one address and one now."""

    def __init__(self, base: str, now: datetime) -> None:
        self._examples = examples_folder()
        self._now = now
        self._stories = read_stories(self._examples / "stories")
        self.plan: dict[str, Any] = yaml.safe_load((self._examples / "newsroom.yaml").read_text("utf-8"))
        self._templates = self._environment(base)

    def answers(self) -> Iterator[tuple[str, Answer]]:
        """Every path with its answer. What newsroom.yaml names comes last and so wins over a plain page."""
        for story in self._stories:
            yield story.path, self._page(story, self.plan["desks"][story.desk])
        for slug, desk in self.plan["desks"].items():
            yield f"/{slug}/", Answer(self._render("served/desk.html.j2", slug=slug, desk=desk), HTML)
        yield from self._folder_pages()
        for file in sorted((self._examples / "pictures").glob("*.jpg")):
            yield f"/pictures/{file.name}", Answer(file.read_bytes(), "image/jpeg", max_age=_DAY)
        for page in self.plan["pages"]:
            yield page["path"], Answer(self._render(f"served/{page['template']}"), page["type"])

    def write_folder(self, directory: Path) -> tuple[Path, ...]:
        directory.mkdir(parents=True, exist_ok=True)
        yesterday = (self._now - timedelta(days=1)).timestamp()
        return tuple(_write(directory / name, body, yesterday) for name, body in self._folder())

    def _folder(self) -> Iterator[tuple[str, bytes]]:
        for file in sorted((self._examples / "folder").glob("*.j2")):
            yield file.stem, self._render(f"folder/{file.name}")

    def _folder_pages(self) -> Iterator[tuple[str, Answer]]:
        """The folder's Markdown and HTML give an address each; that is answered too."""
        desk = next(feed["folder"] for feed in self.plan["feeds"] if "folder" in feed)
        for name, body in self._folder():
            slug, _, kind = name.partition(".")
            if kind == "html":
                yield f"/{desk}/{slug}", Answer(body, HTML)
            elif kind == "md":
                yield f"/{desk}/{slug}", self._page(_from_markdown(desk, slug, body.decode()), self.plan["desks"][desk])

    def _page(self, story: Story, desk: dict[str, str]) -> Answer:
        return Answer(self._render("served/story.html.j2", story=story, desk=desk), HTML)

    def _render(self, template: str, **names: Any) -> bytes:
        return self._templates.get_template(template).render(**names).encode()

    def _environment(self, base: str) -> Environment:
        environment = Environment(
            loader=FileSystemLoader([self._examples, self._examples / "served"]),
            autoescape=_is_markup,  # noqa: S701 - a function: on for HTML and XML, off for the folder's Markdown and text
            undefined=StrictUndefined,
            keep_trailing_newline=True,
        )
        environment.globals |= date_functions(self._now) | {
            "base": base,
            "desks": self.plan["desks"],
            "feeds": self.plan["feeds"],
            "stories": lambda desk: [story for story in self._stories if story.desk == desk],
            "story": lambda desk, slug: next(s for s in self._stories if (s.desk, s.slug) == (desk, slug)),
            "picture_html": lambda story: _picture_html(base, story),
            "picture_bytes": lambda name: (self._examples / "pictures" / name).stat().st_size,
        }
        return environment


def _is_markup(template: str | None) -> bool:
    return template is not None and template.endswith((".html.j2", ".xml.j2", ".rdf.j2"))


def _picture_html(base: str, story: Story) -> str:
    if not story.picture:
        return ""
    return (
        f'<figure><img src="{base}/pictures/{story.picture}" alt="{escape(story.alt)}" width="960" height="600">'
        f"<figcaption>{escape(story.credit)}</figcaption></figure>"
    )


def _from_markdown(desk: str, slug: str, text: str) -> Story:
    """The folder's front matter has the words that writers of Markdown use, not those of the newsroom."""
    front, _ = split_front_matter(text)
    standfirst, image, alt, credit = (str(front.get(key, "")) for key in _IN_MARKDOWN)
    picture = image.rpartition("/")[2]
    return replace(read_story(desk, slug, text), standfirst=standfirst, picture=picture, alt=alt, credit=credit)


def _write(file: Path, body: bytes, modified: float) -> Path:
    file.write_bytes(body)
    os.utime(file, (modified, modified))  # plain text has no other date
    return file
