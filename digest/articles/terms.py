"""A text as the terms that say what it is about: folded, cut to their stems, without the words that stand everywhere.

Rough on purpose, and the same for all languages with letters: a stem is the first letters of a word without its commonest
endings. Chinese and Japanese put no spaces between words; there two neighbouring signs are a term.
"""

import re
import unicodedata

_STEM = 6  # letters: `ministry` and `minister` are one then, `transport` and `transfer` are not
_KNOWN = 100_000  # words
_WORD = re.compile(r"\d+(?:[.,:]\d+)*|[^\W\d_]+")
_ASCII_WORD = re.compile(r"[a-z]+|[0-9]+(?:[.,:][0-9]+)*")  # the same of small ASCII letters, in half the time
_ENDING = re.compile(r"(?:s|es|e|n|en|ed|er)$")
_VOICED = "\u3099\u309a"  # what makes two kana of one
_SIGNS = re.compile("[\u3041-\u30ff\u3400-\u9fff]")
_ARABIC = re.compile("(?:وال|بال|لل|ال)(?=...)")  # "the", alone and behind "and", "with", "to"

_COMMON = {
    "en": """
        a about after all also an and are as at be been before but by can could did do does down for from had has have he
        her his how i if in into is it its just more most new no not of off on one or our out over said say says she so
        than that the their them there these they this those to two up was we were what when where which who why will
        with would you your
    """,
    "de": """
        aber als am an auch auf aus bei bis das dass dem den der des die ein eine einem einen einer er es für hat haben
        im in ist mit nach nicht oder sich sie sind über um und von vor war was wegen werden wie wird zu zum zur
    """,
    "fr": """
        a après au aux avec ce cette dans de des du elle en est et il ils la le les mais ne on ont ou où par pas plus
        pour qui que sa se ses son sont sur un une été
    """,
    "es, it, pt, nl": """
        al alla com como con da de dei del della di do e een el em en es gli han het il io la las lo los ma más não nel o
        os para per pero por que se si son su sus te um una uno van y zijn è
    """,
    "ar": "إلى أن التي الذي بعد بين حتى عن على في قبل كان لم ما مع من هذا هذه هو هي",
}
_WEEKDAYS = """
    monday tuesday wednesday thursday friday saturday sunday montag dienstag mittwoch donnerstag freitag samstag sonnabend
    sonntag lundi mardi mercredi jeudi vendredi samedi dimanche lunes martes miércoles jueves viernes sábado domingo lunedì
    martedì mercoledì giovedì venerdì sabato domenica maandag dinsdag woensdag donderdag vrijdag zaterdag zondag
    الاثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد
"""
_MONTHS = """
    january february april june july august september october november december januar februar märz mai juni juli oktober
    dezember janvier février mars avril juin juillet août septembre octobre novembre décembre enero febrero marzo abril
    mayo junio julio agosto septiembre octubre noviembre diciembre
"""  # not `March` and `May`, which are words too


def terms(text: str) -> tuple[str, ...]:
    """In the order of the text."""
    folded = fold(text)
    words = (_ASCII_WORD if folded.isascii() else _WORD).findall(folded)
    if not folded.isascii() and _SIGNS.search(folded):
        words = [part for word in words for part in _parted(word)]
    return tuple(filter(None, map(_STEMS.__getitem__, words)))


def fold(text: str) -> str:
    """One spelling: small letters without accents and vowel signs, full-width figures as plain ones."""
    if text.isascii():
        return text.casefold()
    small = unicodedata.normalize("NFKC", text).casefold()  # in this order: letters for mathematics have capitals, too
    bare = [char for char in unicodedata.normalize("NFKD", small) if char in _VOICED or not unicodedata.combining(char)]
    return unicodedata.normalize("NFC", "".join(bare))


def is_count(term: str) -> bool:
    """Whether it is a number, a weekday or a month: what alone differs between two appearances of one column."""
    return term[0].isdigit() or term in _CALENDAR


def _parted(word: str) -> list[str]:
    return [word[at : at + 2] for at in range(max(1, len(word) - 1))] if _SIGNS.match(word) else [word]


def _stem(word: str) -> str:
    """Nothing of a word that stands everywhere."""
    if word[0].isdigit():
        return word.replace(",", ".")
    if word in _EVERYWHERE:
        return ""
    stem = _ARABIC.sub("", word, count=1)[:_STEM] if word[0] > "\u05ff" else word[:_STEM]
    return _ENDING.sub("", stem) if len(stem) > 4 else stem


class _Stems(dict[str, str]):
    """Each word is cut once, since a text has the same few again and again; forgotten when there are too many."""

    def __missing__(self, word: str) -> str:
        if len(self) > _KNOWN:
            self.clear()
        return self.setdefault(word, _stem(word))


_EVERYWHERE = frozenset(fold(word) for words in _COMMON.values() for word in words.split())
_CALENDAR = frozenset(_stem(fold(word)) for word in f"{_WEEKDAYS} {_MONTHS}".split())
_STEMS = _Stems()
