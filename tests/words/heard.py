"""What is left to be read of a mail or page, and which sentences of ours in it are still English."""

import html
import re
from functools import cache

from digest.words import words_in
from tests.words.catalogues import plain, read, spoken

_UNSEEN = re.compile(r"<!--.*?-->|<(style|script)\b.*?</\1>", re.DOTALL)
_TOLD_IN_TAGS = re.compile(r'\b(?:alt|title|aria-label|aria-roledescription|placeholder)="([^"]*)"')
_TAG = re.compile(r"<[^>]*>")
_PLACE = re.compile(r"%\(\w+\)[sd]")
_ADDRESS = re.compile(r"https?://\S+|\S+@\S+")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ]{2,}")


def seen(page: str) -> str:
    """Its words, with those that only a screen reader tells."""
    page = _UNSEEN.sub(" ", page)
    return html.unescape(" ".join([*_TOLD_IN_TAGS.findall(page), _TAG.sub(" ", page)]))


def english_in(text: str, language: str) -> list[str]:
    """Pieces of our English sentences that stand in it but in no address, those left out that are the same in its language.

    A single word is left out, too, that stands in any translation: "Newsletters" is a German genitive.
    """
    text = " ".join(_ADDRESS.sub(" ", text).split())
    found = [piece for piece, same in _pieces() if language not in same and _stands(piece, text)]
    return [piece for piece in found if " " in piece or not _stands(piece, _all_said(language))]


def latin_words(text: str) -> list[str]:
    """Of a text that should have none but addresses."""
    return _LATIN.findall(_ADDRESS.sub(" ", text))


@cache
def _pieces() -> list[tuple[str, frozenset[str]]]:
    """What stands between the places of a sentence, and in which languages a translation has it, too.

    A catalogue has them all (test_catalogues.py), and is read more quickly than our code.
    """
    found = []
    for message in (each for each in read("de") if each.id):
        for sentence in plain(message):
            whole = " ".join(sentence.split())
            pieces = (piece.strip() for piece in _PLACE.split(whole))
            kept = [piece for piece in pieces if len(_LATIN.findall(piece)) > 1 or len(piece) > 4]
            found += [(piece, _alike(sentence, piece)) for piece in kept]
    return found


@cache
def _all_said(language: str) -> str:
    return "\n".join(form for message in read(language) if message.id for form in spoken(message))


def _alike(sentence: str, piece: str) -> frozenset[str]:
    said = {tag: " ".join(words_in(tag).gettext(sentence).split()) for tag in ("de", "es", "fr", "ar")}
    return frozenset({"en", *(tag for tag, words in said.items() if _stands(piece, words))})


def _stands(piece: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(piece)}(?!\w)", text, re.IGNORECASE) is not None
