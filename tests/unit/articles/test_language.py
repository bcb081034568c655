"""Which language a text is in: claimed, guessed where there is no doubt, and else unknown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.articles.language import guess_language, language_of

TEXTS = {
    "en": "The ferry will not sail before May, and its new engine is still in Norway, the harbour office said.",
    "de": "Die Fähre fährt nicht vor Mai, und ihr neuer Motor steht noch in Norwegen, sagte das Hafenamt am Montag.",
    "fr": "Le bac ne partira pas avant mai, et son nouveau moteur est encore en Norvège, selon la capitainerie du port.",
    "es": "El transbordador no saldrá antes de mayo y su motor nuevo sigue en Noruega, según la oficina del puerto.",
    "it": "Il traghetto non partirà prima di maggio e il suo nuovo motore è ancora in Norvegia, secondo la capitaneria.",
    "pt": "O barco não sai antes de maio e o seu novo motor ainda está na Noruega, segundo a capitania do porto.",
    "nl": "De veerboot vaart niet voor mei en de nieuwe motor staat nog in Noorwegen, zegt het havenkantoor van de stad.",
    "sv": "Färjan går inte före maj och den nya motorn är kvar i Norge, säger hamnkontoret som inte har hört av sig.",
    "pl": "Prom nie wypłynie przed majem, a jego nowy silnik jest jeszcze w Norwegii i nie wiadomo, jak się to skończy.",
    "ru": "Паром не выйдет в море до мая, а его новый двигатель ещё стоит в Норвегии, сообщили власти порта и эксперты.",
    "uk": "Пором не вийде в море до травня, а його новий двигун ще стоїть у Норвегії, повідомили у порту.",
    "bg": "Фериботът няма да тръгне преди май, а новият му двигател още е в Норвегия, съобщиха от пристанището.",
    "el": "Το φέρι δεν θα αναχωρήσει πριν από τον Μάιο.",
    "ar": "لن تبحر العبارة قبل شهر مايو لأن محركها الجديد لا يزال في النرويج.",
    "fa": "این کشتی پیش از ماه مه حرکت نمی‌کند و موتور تازه‌اش هنوز در نروژ است.",
    "he": "המעבורת לא תפליג לפני מאי, והמנוע החדש עדיין בנורווגיה.",
    "ja": "フェリーは五月まで出航しない。新しいエンジンはまだノルウェーにある。",
    "zh": "渡轮五月之前不会启航，新发动机仍在挪威。",
    "ko": "여객선은 오월 전에는 출항하지 않는다.",
    "th": "เรือข้ามฟากจะไม่ออกก่อนเดือนพฤษภาคม",
}


@pytest.mark.parametrize(("language", "text"), TEXTS.items(), ids=TEXTS.keys())
def test_a_sentence_or_two_are_enough(language: str, text: str) -> None:
    assert guess_language(text) == language
    assert language_of("", text) == language


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026",
        "Taxi",
        "Port Ellery Harbour News Digest Update Weather Ferry Timetable",
        "Stadt Land Fluss",
        "नौका मई से पहले नहीं चलेगी।",  # Hindi, Marathi or Nepali
        "Og det er en den til som på de med for ikke et om har var",  # Danish or Norwegian
        "The ferry تأخرت",
        "🚢🚢🚢🚢🚢🚢🚢",
    ],
)
def test_a_doubt_is_left_a_doubt(text: str) -> None:
    assert guess_language(text) == ""


@pytest.mark.parametrize(
    ("claimed", "text", "language"),
    [
        ("de", "de", "de"),
        ("de-AT", "en", "de-AT"),
        ("en-US", "ar", "ar"),
        ("en", "ru", "ru"),
        ("ar", "en", "en"),
        ("az-Arab", "ar", "az-Arab"),
        ("sr-Latn", "de", "sr-Latn"),
        ("kk", "ru", "kk"),
        ("tlh", "en", "tlh"),
    ],
)
def test_a_claim_is_believed_unless_the_letters_prove_it_wrong(claimed: str, text: str, language: str) -> None:
    assert language_of(claimed, TEXTS[text]) == language


def test_a_name_in_other_letters_changes_nothing() -> None:
    assert guess_language("OpenStreetMap: " + TEXTS["ar"]) == "ar"
    assert guess_language(TEXTS["en"] + " (Зима)") == "en"


@given(st.text(max_size=300), st.sampled_from(["", "en", "ar", "zh-Hant", "x"]))
def test_whatever_comes_there_is_an_answer(text: str, claimed: str) -> None:
    assert language_of(claimed, text) in {claimed, guess_language(text)}
