"""Every sentence that readers are told, from code and templates, and the catalogues of its translations: `python -m
tests.words.catalogues` (`make words`) brings new ones in, keeps what is translated, and drops what is said no more.
"""

from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

from digest.model.language import LANGUAGES, OTHERWISE
from digest.words.languages import CATALOGUES

ROOT = Path(__file__).parents[2]

#: Verbs and rules whose complaints reach readers: there the sentence of an error is one to be translated.
TO_READERS = ("digest/audience/*.py", "digest/web/**/*.py", "digest/model/choices.py")
TO_OPERATORS = ("bulk.py", "enrol.py", "exports.py", "remind.py", "search.py", "segments.py", "story.py", "suppress.py")
OPERATORS_ROOMS = {ROOT / "digest/web/admin", ROOT / "digest/web/v1"}  # they read English

_WORDS = {"gettext": None, "ngettext": (1, 2), "to_say": None}
_PAGES = {**_WORDS, "say": None}  # there short for gettext
_ERRORS = dict.fromkeys(("BadInput", "NotFound", "WrongState", "TryLater", "TooMany"))
_JINJA = {
    "trimmed": "true",
    "trim_blocks": "true",
    "lstrip_blocks": "true",
    "newstyle_gettext": "true",
    "silent": "false",
}
_KEPT_HEADERS = (b'"Language: ', b'"Plural-Forms', b'"MIME', b'"Content')
#: As GNU gettext writes it; Babel has the last two forms the other way round.
_PLURALS = {
    "ar": "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5);"
}


@cache
def sentences() -> Catalog:
    """All of them, with the files they are in, untranslated."""
    found = Catalog()
    for file, sentence in sorted(_said(), key=repr):
        found.add(sentence, locations=[(file, None)])  # type: ignore[list-item]  # a file without a line
    return found


def file_of(language: str) -> Path:
    return CATALOGUES / f"{language}.po"


def read(language: str) -> Catalog:
    with file_of(language).open("rb") as source:
        return read_po(source, locale=language)


def bring_up_to_date(language: str) -> bytes:
    """The catalogue as it should stand; empty where a translation is missing."""
    catalogue = read(language) if file_of(language).is_file() else Catalog(language)
    catalogue.fuzzy = False
    catalogue.header_comment = (
        f"# What digest says to readers, in {LANGUAGES[language]}. `make words` brings new sentences in."
    )
    if language in _PLURALS:
        catalogue.mime_headers = [("Plural-Forms", _PLURALS[language])]
    catalogue.update(sentences(), no_fuzzy_matching=True, update_header_comment=False)
    written = BytesIO()
    write_po(written, catalogue, width=120, sort_output=True, ignore_obsolete=True, include_lineno=False)
    return b"".join(_without_dates(written.getvalue()))


def translated() -> list[str]:
    """The languages that have a catalogue: all but the one that is written in the code."""
    return [language for language in LANGUAGES if language != OTHERWISE]


def plain(message: Message) -> list[str]:
    """Its sentence, or the one and the many."""
    return [message.id] if isinstance(message.id, str) else list(message.id)


def spoken(message: Message) -> list[str]:
    """Its translation, or each of its plural forms."""
    forms = message.string or ""
    return [forms] if isinstance(forms, str) else [form or "" for form in forms]


def _without_dates(written: bytes) -> Iterator[bytes]:
    """Nor whatever else of the head is not about the language: who reads the difference sees what was said anew."""
    head, between, rest = written.partition(b"\n\n")
    lines = [line for line in head.splitlines() if not line.startswith(b'"') or line.startswith(_KEPT_HEADERS)]
    yield b"\n".join(lines) + between + rest.lstrip(b"\n")


def _said() -> Iterator[tuple[str, str | tuple[str, ...]]]:
    found = {file for pattern in TO_READERS for file in ROOT.glob(pattern)}
    to_readers = {file for file in found if file.name not in TO_OPERATORS and not OPERATORS_ROOMS & set(file.parents)}
    for file in (ROOT / "digest").rglob("*.py"):
        words = _PAGES if file.is_relative_to(ROOT / "digest/web") else _WORDS
        yield from _extract("python", file, words | (_ERRORS if file in to_readers else {}), {})
    for folder in ("digest/web/templates", "templates/email"):
        for file in (ROOT / folder).rglob("*.*"):
            if file.suffix in {".html", ".txt"}:
                yield from _extract(babel_extract, file, {"_": None, **_WORDS}, _JINJA)


def _extract(
    method: object, file: Path, keywords: dict[str, object], options: dict[str, str]
) -> Iterator[tuple[str, str | tuple[str, ...]]]:
    with file.open("rb") as source:
        for _, sentence, *_ in extract(method, source, keywords, (), options):  # type: ignore[arg-type]  # as Babel takes them
            yield file.relative_to(ROOT).as_posix(), sentence


if __name__ == "__main__":
    for each in translated():
        file_of(each).write_bytes(bring_up_to_date(each))
        missing = sum(not all(spoken(message)) for message in read(each) if message.id)
        print(f"{each}: {missing} to translate")  # noqa: T201  a command
