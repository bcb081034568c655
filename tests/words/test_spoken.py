"""Every mail in every language: not a word of English is left in it, and each part runs its own way.

The list and its articles are Arabic, so that whatever is Latin is ours.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from digest.model.edition import Edition, Fit, Form, Slot
from digest.model.feed import Picture
from digest.model.issue import Also, Correction, Issue, IssueItem, Section
from digest.model.mailing_list import MailingList
from digest.rendering.compose import fill_html, fill_text
from digest.rendering.edition import (
    render_confirmation,
    render_issue,
    render_letter,
    render_unsubscribed,
    render_welcome,
)
from digest.rendering.frame import read_frame
from digest.rendering.themes import list_themes
from digest.words import LANGUAGES, words_in
from tests.looks.issue import RTL, TIDE
from tests.unit.rendering.week import LINKS, SALT, TIDELINE
from tests.words.heard import english_in, latin_words, seen

FILLED = {**LINKS, Slot.ADDRESS: "ann@reader.example"}
LETTERS = ("your-data", "allow-address", "confirm-address", "address-changed")
ARCHIVE = "https://news.example.org/tideline"


def _full(issue: Issue) -> Issue:
    """With all that a mail can have: others who tell a story, photographs, an introduction, corrections, stories without topic."""
    content = issue.content
    harbour, _ = content.sections
    several = (Also("الخبر", "https://a.example/1"), Also("الرأي", ""))
    items = tuple(replace(item, also=several * each) for item, each in zip(harbour.items, (1, 4), strict=True))
    credited = replace(items[1].article, picture=Picture("", "", "سلمى"))
    unled = Section("", (IssueItem(9, "", credited),))
    return replace(
        issue,
        content=replace(
            content,
            sections=(replace(harbour, items=items), replace(harbour, title="More"), unled),
            intro="ذهبنا إلى الرصيف لنرى ذلك.",
            corrections=(Correction(90, 11, "الجسر مغلق حتى حزيران", "", "https://port.example/bridge", "ar"),),
        ),
    )


def _letter(mail: str, theme: str, tag: str) -> Edition:
    return render_letter(mail, replace(TIDE, theme=theme), salt=SALT, language=tag)


ISSUE = _full(RTL)
MAILS: dict[str, Callable[[str, str], Edition]] = {
    "issue": lambda theme, tag: render_issue(ISSUE, replace(TIDE, theme=theme), language=tag, more=3),
    "issue of few": lambda theme, tag: render_issue(
        replace(ISSUE, content=replace(ISSUE.content, lead=None, sections=ISSUE.content.sections[2:])),
        replace(TIDE, theme=theme),
        language=tag,
        fit=Fit(full=0),
    ),
    "confirmation": lambda theme, tag: render_confirmation(
        replace(TIDE, theme=theme), [TIDE.title, "الشباك"], salt=SALT, language=tag
    ),
    "welcome": lambda theme, tag: render_welcome(
        replace(TIDE, theme=theme), salt=SALT, archive_url=ARCHIVE, language=tag
    ),
    "welcome without archive": lambda theme, tag: render_welcome(replace(TIDE, theme=theme), salt=SALT, language=tag),
    "goodbye": lambda theme, tag: render_unsubscribed(
        replace(TIDE, theme=theme), salt=SALT, signup_url=ARCHIVE, language=tag
    ),
    "goodbye for good": lambda theme, tag: render_unsubscribed(replace(TIDE, theme=theme), salt=SALT, language=tag),
}
MAILS |= {mail: partial(_letter, mail) for mail in LETTERS}
FOREIGN = [tag for tag in LANGUAGES if tag != "en"]


@pytest.mark.parametrize("theme", list_themes())
@pytest.mark.parametrize("mail", MAILS)
def test_an_arabic_mail_has_no_latin_word(mail: str, theme: str) -> None:
    edition = MAILS[mail](theme, "ar")
    for part in (seen(fill_html(edition, FILLED)), fill_text(edition, FILLED), edition.subject):
        assert latin_words(part) == []


@pytest.mark.parametrize("tag", FOREIGN)
@pytest.mark.parametrize("mail", MAILS)
def test_no_english_sentence_is_left_in_a_mail(mail: str, tag: str) -> None:
    edition = MAILS[mail]("front-page", tag)
    for part in (seen(fill_html(edition, FILLED)), fill_text(edition, FILLED), edition.subject):
        assert english_in(part, tag) == []


def test_the_check_would_find_some() -> None:
    edition = MAILS["welcome"]("front-page", "en")
    assert "Unsubscribe" in english_in(fill_text(edition, FILLED), "de")
    assert "Preferences" in latin_words(seen(fill_html(edition, FILLED)))


@pytest.mark.parametrize("tag", LANGUAGES)
@pytest.mark.parametrize("mail", MAILS)
def test_the_frame_says_what_it_is(mail: str, tag: str) -> None:
    edition = MAILS[mail]("front-page", tag)
    assert read_frame(edition).tag == tag
    assert f'class="footer" lang="{tag}" dir="{words_in(tag).direction}"' in edition.html
    if mail != "your-data":  # which names none
        assert words_in(tag).gettext("your address") in seen(fill_html(edition, {}))


@pytest.mark.parametrize(("mailing_list", "tag"), [(TIDE, "en"), (TIDELINE, "ar")])
def test_a_letter_runs_as_its_frame_and_the_list_names_itself_its_own_way(mailing_list: MailingList, tag: str) -> None:
    html = render_welcome(mailing_list, salt=SALT, language=tag).html
    own, frame = words_in(mailing_list.language), words_in(tag)
    assert f'<html lang="{frame.tag}" dir="{frame.direction}"' in html
    assert re.search(rf'<h1 [^>]*lang="{own.tag}" dir="{own.direction}"', html)
    assert f'class="letter" lang="{frame.tag}" dir="{frame.direction}"' in html


@pytest.mark.parametrize("theme", list_themes())
def test_an_issue_runs_as_its_list_and_our_words_in_it_as_the_frame(theme: str) -> None:
    html = render_issue(ISSUE, replace(TIDE, theme=theme), language="de").html
    assert '<html lang="ar" dir="rtl"' in html
    heading = html.partition("Weitere Artikel")[0].rpartition("<td")[2]
    assert 'lang="de" dir="ltr"' in heading
    assert 'align="right"' in heading  # with the other headings
    assert re.search(r'<bdi lang="de" dir="ltr">\d+&nbsp;Min\.|<bdi lang="de" dir="ltr">\d+\u00a0Min\.', html)


def test_without_a_wish_a_mail_speaks_as_its_list_does_or_english() -> None:
    assert read_frame(render_welcome(TIDE, salt=SALT)).tag == "ar"
    assert read_frame(render_welcome(replace(TIDE, language="de-AT"), salt=SALT)).tag == "de"
    assert read_frame(render_welcome(replace(TIDE, language="fi"), salt=SALT)).tag == "en"
    assert read_frame(render_welcome(replace(TIDE, language="fr"), salt=SALT, language="pt")).tag == "fr"


def test_a_mail_of_text_alone_has_a_frame_too() -> None:
    edition = render_issue(ISSUE, TIDE, form=Form.TEXT, language="es")
    assert "Darse de baja:" in edition.text
    assert read_frame(edition).tag == "es"


def test_dates_are_the_frames() -> None:
    for tag in LANGUAGES:
        edition = MAILS["issue"]("front-page", tag)
        assert words_in(tag).long_date(ISSUE.period) in seen(edition.html)
        assert words_in(tag).long_date(ISSUE.period) in edition.text
