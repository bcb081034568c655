"""The languages we speak: which one fits a tag (BCP 47) or a browser's wishes (RFC 9110 §12.5.4), and what is said in it."""

import gettext as gnu
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from io import BytesIO
from pathlib import Path

from digest.model.language import LANGUAGES, closest_language, frame_language

__all__ = ["LANGUAGES", "Words", "negotiate", "read_direction", "to_say", "words_in"]

CATALOGUES = Path(__file__).parent / "catalogues"

_RTL_LANGUAGES = frozenset(
    {"ar", "arc", "ckb", "dv", "fa", "he", "iw", "ks", "ku-arab", "nqo", "ps", "sd", "syr", "ug", "ur", "yi"}
)
_RTL_SCRIPTS = frozenset({"adlm", "arab", "hebr", "nkoo", "syrc", "thaa"})


@dataclass(frozen=True)
class Words:
    """One language. `tag` is a key of LANGUAGES."""

    tag: str

    @property
    def direction(self) -> str:
        return read_direction(self.tag)

    def gettext(self, sentence: str, **values: object) -> str:
        """`values` stand in the sentence as %(name)s."""
        said = self._translations.gettext(sentence) if sentence else ""  # gettext gives the catalogue's own head for ""
        return said % values if values else said

    def ngettext(self, one: str, many: str, count: int, **values: object) -> str:
        """By the language's own plural rules; `count` stands in the sentence as %(num)s."""
        return self.plural(one, many, count) % {"num": count, **values}

    def plural(self, one: str, many: str, count: int) -> str:
        """The form of a sentence that goes with a count, its places not filled in."""
        return self._translations.ngettext(one, many, count)

    def long_date(self, day: date) -> str:
        """`Monday 23 November 2026`, as the language has it and whatever the machine's locale."""
        from babel.dates import format_date  # noqa: PLC0415  babel takes its time to load

        return format_date(day, "EEEE d MMMM y" if self.tag == "en" else "full", self.tag)

    def plain_date(self, day: date) -> str:
        """`23 November 2026`, the same."""
        from babel.dates import format_date  # noqa: PLC0415  the same

        return format_date(day, "d MMMM y" if self.tag == "en" else "long", self.tag)

    def weekday(self, number: int) -> str:
        """0 is Monday."""
        from babel.dates import get_day_names  # noqa: PLC0415  the same

        return str(get_day_names("wide", "format", self.tag)[number])

    def join(self, parts: Sequence[str]) -> str:
        """`a, b and c`."""
        if self.tag == "en":  # without the comma before "and" that CLDR has for it
            return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)
        from babel.lists import format_list  # noqa: PLC0415  the same

        return format_list(list(parts), locale=self.tag)

    @cached_property
    def _translations(self) -> gnu.NullTranslations:
        return _read_catalogue(self.tag)


def words_in(*tags: str) -> Words:
    """Of the first language that we speak of those that some tags name, whatever the region or script; else English."""
    return _words(frame_language(*tags))


def to_say(sentence: str) -> str:
    """The sentence as it is. Marks one that `gettext` says later, so that `make words` finds it."""
    return sentence


def negotiate(wishes: str, otherwise: str = "en") -> Words:
    """What a browser asks for in Accept-Language; `otherwise` when that is none of ours, or nothing."""
    for tag in sorted(_weighed(wishes), key=lambda each: -each[1]):
        if tag[1] > 0 and (known := closest_language(tag[0])):
            return _words(known)
    return words_in(otherwise)


def read_direction(language: str) -> str:
    """`rtl` or `ltr`, from a BCP 47 tag."""
    parts = language.lower().replace("_", "-").split("-")
    return "rtl" if parts[0] in _RTL_LANGUAGES or not _RTL_SCRIPTS.isdisjoint(parts) else "ltr"


@cache
def _words(tag: str) -> Words:
    return Words(tag)


@cache
def _read_catalogue(tag: str) -> gnu.NullTranslations:
    file = CATALOGUES / f"{tag}.po"
    if not file.is_file():
        return gnu.NullTranslations()
    from babel.messages.mofile import write_mo  # noqa: PLC0415  the same
    from babel.messages.pofile import read_po  # noqa: PLC0415  the same

    compiled = BytesIO()
    with file.open("rb") as source:
        write_mo(compiled, read_po(source, locale=tag))
    compiled.seek(0)
    return gnu.GNUTranslations(compiled)


def _weighed(wishes: str) -> list[tuple[str, float]]:
    """Each language and its weight; what is not well-formed weighs nothing."""
    found = []
    for wish in wishes.split(",")[:20]:
        tag, _, weight = wish.partition(";")
        said = weight.strip().removeprefix("q=") if weight else "1"
        found.append((tag, float(said) if said.replace(".", "", 1).isdecimal() else 0.0))
    return found
