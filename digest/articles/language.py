"""Which language a text is in: what its feed claims, else a cheap guess, and only where that is certain ("" where it is not).

    script of most letters → one language (Greek, Thai, …), or letters that only one has (Cyrillic, Arabic), or
    the commonest words (a dozen languages in Latin letters)

A wrong tag makes a screen reader read gibberish, hyphens fall wrongly and a text run the wrong way; none does no harm.
"""

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from itertools import chain

MOST = 0.7  # of the letters make a script the text's own
FEWEST_LETTERS = 6
FEWEST_WORDS = 8
_READ = 1_500  # characters

#: Where scripts begin (the ranges that news are written in), and what they are called; "-" is no letter of a script.
_TABLE = """
    41 Latn  5B -  61 Latn  7B -  C0 Latn  250 -  370 Grek  400 Cyrl  530 Armn  590 Hebr  600 Arab  700 -  750 Arab  780 -
    900 Deva  980 Beng  A00 Guru  A80 Gujr  B00 -  B80 Taml  C00 Telu  C80 Knda  D00 Mlym  D80 Sinh  E00 Thai  E80 Laoo  F00 -
    1000 Mymr  10A0 Geor  1100 Hang  1200 Ethi  13A0 -  1780 Khmr  1800 -  1E00 Latn  1F00 Grek  2000 -  3041 Kana  3100 -
    3400 Hani  A000 -  AC00 Hang  D7B0 -  F900 Hani  FB00 -  FB1D Hebr  FB50 Arab  FE00 -  FE70 Arab  FF00 -
"""
_RANGES = [(int(start, 16), name) for start, name in re.findall(r"([0-9A-F]+) (\w+|-)", _TABLE)]
_STARTS = [start for start, _ in _RANGES]
#: Scripts of one language, as far as news go.
_ALONE = {
    "Grek": "el", "Armn": "hy", "Hang": "ko", "Thai": "th", "Geor": "ka", "Taml": "ta", "Telu": "te", "Knda": "kn",
    "Mlym": "ml", "Sinh": "si", "Laoo": "lo", "Khmr": "km", "Mymr": "my", "Gujr": "gu", "Guru": "pa", "Kana": "ja",
}  # fmt: skip
#: Letters that tell languages of one script apart; the first that is there decides.
_LETTERS = {
    "Cyrl": (("ђћ", "sr"), ("ѓќѕ", "mk"), ("ў", "be"), ("їєґ", "uk"), ("қңғәө", ""), ("ыэ", "ru"), ("ъ", "bg")),
    "Arab": (
        ("ٹڈڑںے", "ur"),
        ("ټډړښځڅې", "ps"),
        ("ێۆڕڵ", "ckb"),
        ("ۇۈې", "ug"),
        ("ڄڃڳ", ""),
        ("پچژگ", "fa"),
        ("ةأإىال", "ar"),
    ),
    "Hebr": (("ײױװ", "yi"), ("אבהל", "he")),
    "Beng": (("ৰৱ", "as"), ("আইএক", "bn")),
}
_COMMONEST = {
    "en": "the and of to is that it was for with as his he are this be have from at not which they has were their been will an but",
    "de": "der die und das ist nicht von den mit sich des auf für im ein eine dem auch es als nach wird bei werden einer hat sind zum zur",
    "fr": "le les et des est une dans que pour qui du au il sur pas plus par ce ne se avec sont cette aux ses été ont mais nous vous leur",
    "es": "el los y las una que del por con para se es su más como pero sus ya este sí porque esta entre cuando muy sin sobre también fue",
    "it": "il di che e la un è per non una sono con del le da si al come più ma gli ha nel della dei alla anche delle lo questo nella",
    "pt": "o os e que do da em um para é com não uma no na por mais as dos como mas foi ao ele das tem à seu sua ou ser são também pelo",
    "nl": "de het een en van is dat op te in zijn voor met niet aan er om ook als bij maar dan nog naar door werd wordt hebben heeft deze",
    "sv": "och att det som en på är av för med den till inte ett om var har de jag från sig men vi kan hade ut när över också efter",
    "da": "og det at en den til er som på de med af for ikke der et om har var fra han men sig blev efter også skal kan nu eller være",
    "nb": "og det at en den til er som på de med av for ikke et om har var fra han men seg ble etter også skal kan nå eller være etter",
    "pl": "i w na z się że do nie jest to o jak po za od przez przy dla ale oraz który która które tym był było były są po może już",
    "fi": "ja on ei että se oli hän mutta ovat joka kun niin myös kuin mukaan ovat tai ole sen jo vain sitä hänen voi olla jos",
    "cs": "a v se na je že s z do o to i ve za pro jsou by jako po které který byl podle také než od při však jeho bude není",
    "tr": "ve bir bu için da de ile olarak daha çok en olan gibi kadar sonra ne var ise göre ancak her yeni olduğunu değil ya",
    "id": "yang dan di dari untuk dengan pada ini itu tidak dalam akan ke adalah oleh juga sebagai bisa ada karena mereka telah",
    "hu": "a az és hogy nem is egy ez meg volt már csak el ezt mint azt de még szerint lesz után pedig vagy ha fel",
}
_LANGUAGES_OF: defaultdict[str, list[str]] = defaultdict(list)  # by word
for _language, _words in _COMMONEST.items():
    for _each in dict.fromkeys(_words.split()):
        _LANGUAGES_OF[_each].append(_language)
_OTHERS = "no nn is sk ro hr sl et lv lt ms vi ca eu gl ga cy sq mt af sw"
_LATIN = frozenset(_COMMONEST) | frozenset(_OTHERS.split())
_NOT_LATIN = frozenset(
    {*_ALONE.values(), *("ar", "fa", "ur", "he", "yi", "ru", "uk", "bg", "be", "mk", "zh", "hi", "bn")}
)
_WORD = re.compile(r"[^\W\d_]+")
_NO_LETTERS = bytes(n for n in range(128) if not chr(n).isalpha())


def language_of(claimed: str, text: str) -> str:
    """BCP 47. A claim is believed unless the letters prove it wrong: many a feed says "en" because its program does."""
    if not claimed:
        return guess_language(text)
    script = _script(_letters(text))
    base, *rest = claimed.lower().split("-")
    if any(len(part) == 4 and part.isalpha() for part in rest):  # it says its script: sr-Latn, az-Arab
        return claimed
    if (base in _LATIN and script not in {"", "Latn"}) or (base in _NOT_LATIN and script == "Latn"):
        return guess_language(text) or claimed
    return claimed


def guess_language(text: str) -> str:
    """The language, or "" where there is a doubt."""
    letters = _letters(text)
    script = _script(letters)
    if script == "Latn":
        return _by_words(text)
    if script == "Hani":
        return "ja" if letters["Kana"] else "zh"
    if script in _LETTERS:
        return next((language for marks, language in _LETTERS[script] if not set(marks).isdisjoint(text.lower())), "")
    return _ALONE.get(script, "")


def _letters(text: str) -> Counter[str]:
    """How many of each script. Ideograms and kana count together when there are both: Japanese mixes them."""
    text = text[:_READ]
    if text.isascii():
        return Counter(Latn=len(text.encode().translate(None, _NO_LETTERS)))
    found = Counter(_RANGES[place][1] for char in text if (place := bisect_right(_STARTS, ord(char)) - 1) >= 0)
    del found["-"]
    if found["Kana"] * 20 > found["Hani"] and found["Kana"]:
        found["Kana"] += found.pop("Hani", 0)
    return found


def _script(letters: Counter[str]) -> str:
    count = letters.total()
    script, most = max(letters.items(), key=lambda one: one[1], default=("", 0))
    return script if count >= FEWEST_LETTERS and most >= MOST * count else ""


def _by_words(text: str) -> str:
    """The language of whose commonest words by far the most are there."""
    words = set(_WORD.findall(text[:_READ].lower()))
    if len(words) < FEWEST_WORDS:
        return ""
    scores = Counter(chain.from_iterable(_LANGUAGES_OF[word] for word in _LANGUAGES_OF.keys() & words))
    (language, best), (_, second) = [*scores.most_common(2), ("", 0), ("", 0)][:2]
    return language if best >= 3 and best * 6 >= len(words) and best >= 1.5 * second else ""
