"""Where e-mail templates come from and what they may do.

A file is looked for in the theme's folder (`_themes/NAME`), the operator's own before ours, and then beside it, the operator's
own before ours. Templates run in Jinja2's sandbox: values cannot be changed, names that do not exist are errors, and what would
swell a small template into gigabytes is gone (security S23). An operator's own run in a confined process (confine.py) as well.
"""

import hashlib
import traceback
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined, TemplateError, TemplateNotFound, TemplateSyntaxError
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from digest.model.errors import DigestError
from digest.rendering.phrasing import shorten
from digest.rendering.plaintext import wrap
from digest.rendering.themes import THEMES, check_theme, find_shipped_templates
from digest.words import speak

MAX_RENDERED = 5_000_000  # characters of one part: fifty times what Gmail shows

_SWELLING_FILTERS = ("batch", "center", "format", "indent", "slice")
_SWELLING_METHODS = frozenset({"center", "expandtabs", "format", "format_map", "ljust", "rjust", "zfill"})


class _Sandbox(ImmutableSandboxedEnvironment):
    """The sandbox, with arithmetic for numbers only: `'a' * 10**9` is a small template and a large text."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def call_binop(self, context: Context, operator: str, left: object, right: object) -> object:
        numbers = isinstance(left, int | float) and isinstance(right, int | float)
        if operator == "**" or not numbers:
            raise SecurityError(f"{operator!r} is only for two numbers here, and '**' for none")
        return super().call_binop(context, operator, left, right)

    def is_safe_attribute(self, obj: object, attr: str, value: object) -> bool:
        if isinstance(obj, str) and attr in _SWELLING_METHODS:
            return False
        return super().is_safe_attribute(obj, attr, value)


@cache
def make_environment(own_templates: Path | None = None, theme: str = "") -> _Sandbox:
    """The environment for a folder of the operator's, or for ours alone. New and changed files are seen at the next rendering."""
    if own_templates is not None and not own_templates.is_dir():
        raise DigestError(f"There is no folder of e-mail templates at {own_templates}.")
    if theme:
        check_theme(theme, own_templates)
    folders = [folder for folder in (own_templates, find_shipped_templates()) if folder]
    themed = [folder / THEMES / theme for folder in folders if theme]
    environment = _Sandbox(
        loader=ChoiceLoader([FileSystemLoader(folder) for folder in (*themed, *folders)]),
        undefined=StrictUndefined,
        autoescape=_is_html,
        trim_blocks=True,
        lstrip_blocks=True,
        cache_size=0 if own_templates else 100,  # a cached template of ours would hide a new one of the operator's
    )
    environment.globals.clear()  # lipsum, cycler, joiner, namespace, dict, range
    for name in _SWELLING_FILTERS:
        del environment.filters[name]
    environment.filters.update(shorten=shorten, wrap=wrap)
    speak(environment)
    return environment


def hash_templates(own_templates: Path | None = None) -> str:
    """SHA-256 of every template that could be used, by its name: what an issue is frozen with."""
    files: dict[str, Path] = {}
    for folder in filter(None, (find_shipped_templates(), own_templates)):
        files |= {file.relative_to(folder).as_posix(): file for file in folder.rglob("*") if file.is_file()}
    digest = hashlib.sha256()
    for name, file in sorted(files.items()):
        digest.update(f"{name}\0{hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def find_templates(mail: str, own_templates: Path | None = None, theme: str = "") -> dict[str, str]:
    """The files that a mail is made of, and whose each one is: "yours", "ours", or a theme's of either."""
    folders = [
        (folder, whose) for folder, whose in ((own_templates, "yours"), (find_shipped_templates(), "ours")) if folder
    ]
    themed = [(folder / THEMES / theme, f"{whose}, of the theme {theme}") for folder, whose in folders if theme]
    found: dict[str, str] = {}
    for folder, whose in reversed([*themed, *folders]):
        for part in (mail, "_base"):
            for file in sorted((folder / part).glob("*")):
                found[f"{part}/{file.name}"] = whose
    return dict(sorted(found.items(), key=lambda each: (each[0].startswith("_"), each[0])))


def render_template(
    name: str, context: Mapping[str, object], own_templates: Path | None = None, theme: str = ""
) -> str:
    """One part of a mail. Raises DigestError: one sentence with the file, the line and what is wrong."""
    environment = make_environment(own_templates, theme)
    try:
        return _gather(environment.get_template(name).generate(context))
    except (DigestError, MemoryError):
        raise
    except TemplateNotFound as error:
        raise DigestError(f"There is no e-mail template {error.name!r}, needed for {name}.") from None
    except TemplateSyntaxError as error:
        raise DigestError(_say(error.filename or name, error.lineno, error.message or "it cannot be read")) from None
    except UnicodeDecodeError:
        raise DigestError(f"The e-mail template {name} is not in UTF-8: save it as UTF-8.") from None
    except Exception as error:  # noqa: BLE001  a template can raise whatever Python can
        raise DigestError(_say(*_find_line(error, name), _describe(error))) from None


def _is_html(name: str | None) -> bool:
    return name is not None and name.endswith(".html")


def _gather(pieces: Iterator[str]) -> str:
    text: list[str] = []
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > MAX_RENDERED:
            raise SecurityError(f"it gives more than {MAX_RENDERED:,} characters")
        text.append(piece)
    return "".join(text)


def _find_line(error: Exception, name: str) -> tuple[str, int]:
    """The innermost template line of a traceback; Jinja2 writes templates' own files and lines into it."""
    frames = [(frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(error.__traceback__)]
    lines = [(file, line) for file, line in frames if not file.endswith(".py")]
    return lines[-1] if lines else (name, 0)


def _describe(error: Exception) -> str:
    if isinstance(error, TemplateError):
        return error.message or type(error).__name__
    return f"{type(error).__name__}: {error}"


def _say(file: str, line: int, what: str) -> str:
    place = f"{file}, line {line}" if line else file
    return f"The e-mail template {place}, cannot be used: {' '.join(what.split()).rstrip('.')}."
