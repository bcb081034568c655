"""Whole mails: right for readers, machines and strangers' articles."""

import email
import email.policy
import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from digest.model.brand import parse_brand
from digest.model.edition import Edition, Slot
from digest.model.errors import BadInput, DigestError
from digest.model.finding import Severity
from digest.model.issue import Also, Issue
from digest.rendering.compose import fill_html, fill_text
from digest.rendering.edition import (
    render_confirmation,
    render_edition,
    render_issue,
    render_unsubscribed,
    render_welcome,
)
from digest.rendering.lint import lint_mail, lint_message, read_mail
from digest.rendering.plaintext import measure
from digest.rendering.slots import Part, make_token
from tests.unit.rendering.week import LEAD, LINKS, SALT, TIDELINE, WEEK, compose, make_article, make_issue

ALSO = tuple(
    Also(name, f"https://paper{number}.example/2026/11/story?a=1&b={number}")
    for number, name in enumerate(
        ["The Ledger", "<b>Echo</b> & Sons", "صحيفة الساحل", "Skarn Gazette of a long name " * 3]
    )
)


def told_by_others(issue: Issue) -> Issue:
    """Each article by one more than the one before."""
    content = issue.content
    assert content.lead
    sections = tuple(
        replace(section, items=tuple(replace(item, also=ALSO[: at + 1]) for at, item in enumerate(section.items)))
        for section in content.sections
    )
    lead = replace(content.lead, also=(*ALSO, Also("Radio", ""), Also("Echo", "")))
    return replace(issue, content=replace(content, lead=lead, sections=sections))


ARCHIVE = "https://news.example.org/tideline?all=1&from=start"
ODD = "https://example.org/ein weg?a=1&b={{ x }}&q=\"ü'🦀"
BRAND = parse_brand(
    {
        "accent": "#0a7",
        "background": "#0d2036",
        "dark_background": "#fff8e0",
        "logo": "https://pictures.example.org/logo.png?a=1&b=2",
        "heading_font": "'Source Sans 3', Verdana, sans-serif",
    }
)
MAILS: dict[str, Callable[[], Edition]] = {
    "issue": lambda: render_issue(make_issue(), TIDELINE, archive_url=ARCHIVE),
    "odd": lambda: render_issue(make_issue(replace(LEAD, url=ODD), {"": (replace(LEAD, url=ODD + "#2"),)}), TIDELINE),
    "one": lambda: render_issue(make_issue(LEAD, {}), TIDELINE),
    "unled": lambda: render_issue(make_issue(None, {"": (LEAD,)}), TIDELINE),
    "nothing": lambda: render_issue(make_issue(None, {}), TIDELINE),
    "bare": lambda: render_issue(
        make_issue(replace(LEAD, picture=None, author="", agency="", summary="", url="")), TIDELINE
    ),
    "told by others too": lambda: render_issue(told_by_others(make_issue()), TIDELINE),
    "arabic": lambda: render_issue(
        make_issue(replace(LEAD, title="عودة السفينة")), replace(TIDELINE, title="صحيفة", language="ar")
    ),
    "headlines": lambda: render_issue(make_issue(), replace(TIDELINE, theme="headlines"), archive_url=ARCHIVE),
    "magazine": lambda: render_issue(make_issue(), replace(TIDELINE, theme="magazine"), archive_url=ARCHIVE),
    "arabic headlines": lambda: render_issue(make_issue(), replace(TIDELINE, theme="headlines", language="ar")),
    "arabic magazine": lambda: render_issue(make_issue(), replace(TIDELINE, theme="magazine", language="ar")),
    "welcome in headlines": lambda: render_welcome(replace(TIDELINE, theme="headlines"), salt=SALT),
    "welcome in the magazine": lambda: render_welcome(replace(TIDELINE, theme="magazine"), salt=SALT),
    "branded": lambda: render_issue(make_issue(), replace(TIDELINE, brand=BRAND)),
    "branded magazine": lambda: render_issue(make_issue(), replace(TIDELINE, theme="magazine", brand=BRAND)),
    "plain list": lambda: render_issue(make_issue(), replace(TIDELINE, tagline="", postal_address="", reply_to=None)),
    "confirm-subscription": lambda: render_confirmation(TIDELINE, ["The Tideline", "Küste & Meer", "Nets"], salt=SALT),
    "welcome": lambda: render_welcome(TIDELINE, salt=SALT, archive_url=ARCHIVE),
    "welcome without archive": lambda: render_welcome(TIDELINE, salt=SALT),
    "unsubscribed": lambda: render_unsubscribed(TIDELINE, salt=SALT, signup_url=ARCHIVE),
    "unsubscribed for good": lambda: render_unsubscribed(TIDELINE, salt=SALT),
}


@pytest.fixture(params=MAILS)
def edition(request: pytest.FixtureRequest) -> Edition:
    return MAILS[request.param]()


def hrefs(html: str) -> set[str]:
    return {unescape(link) for link in re.findall(r'<a [^>]*?href="([^"]*)"', html)}


def test_every_message_is_clean(edition: Edition) -> None:
    assert lint_message(compose(edition)) == ()


def test_every_html_part_is_readable_for_all(edition: Edition) -> None:
    findings = lint_mail(read_mail(compose(edition), salt=SALT, quoted=(ODD,)))
    found = [str(finding) for finding in findings if finding.severity is not Severity.NOTE]
    assert found == (["'{{ x }}' was not filled in (in the text), 6 times"] if ODD in edition.text else [])


def test_every_link_of_the_html_stands_in_the_text_on_a_line_of_its_own(edition: Edition) -> None:
    links = hrefs(fill_html(edition, LINKS))
    assert links <= set(fill_text(edition, LINKS).splitlines())


def test_no_line_of_text_is_too_long_but_links(edition: Edition) -> None:
    text = fill_text(edition, {**LINKS, Slot.ADDRESS: "ann@reader.example"})
    assert [line for line in text.splitlines() if measure(line) > 78 and not line.startswith("https://")] == []


@pytest.mark.parametrize("mail", MAILS)
def test_same_input_same_bytes(mail: str) -> None:
    assert MAILS[mail]() == MAILS[mail]()


def test_odd_links_come_out_to_the_letter() -> None:
    html = parse_parts(compose(MAILS["odd"]()))[1]
    assert {ODD, ODD + "#2"} <= hrefs(html)


def parse_parts(message: bytes) -> tuple[str, str]:
    parsed = email.message_from_bytes(message, policy=email.policy.SMTP)
    text, html = (part.get_content().replace("\r\n", "\n") for part in parsed.iter_parts())
    return text, html


def test_issue_says_what_the_law_and_readers_want() -> None:
    edition = MAILS["issue"]()
    for body in (fill_html(edition, LINKS), fill_text(edition, LINKS)):
        for words in ("You get this because", "4 Quay Street", "Port Ellery PE1 2QS", "View in browser", "No. 12"):
            assert words in body
    assert "Photograph: Marta Oyelaran / Coastwise" in edition.html
    assert edition.subject == f"{LEAD.title} – The Tideline 12"


def test_who_else_tells_a_story_is_said_in_both_parts() -> None:
    edition = MAILS["told by others too"]()
    page = unescape(re.sub(r"<[^>]*>", "", edition.html))
    assert "Also at The Ledger, <b>Echo</b> & Sons, صحيفة الساحل" in page
    assert " and 2 more" in page
    assert "Also at The Ledger:\nhttps://paper0.example/2026/11/story?a=1&b=0\n" in edition.text
    assert "and at 2 more" in edition.text


def test_confirmation_says_what_to_do_if_it_was_not_you() -> None:
    edition = MAILS["confirm-subscription"]()
    text = fill_text(edition, {**LINKS, Slot.ADDRESS: "ann@reader.example"})
    for words in (
        "ann@reader.example",
        "Küste & Meer",
        "48 hours",
        "If it was not you, do nothing",
        LINKS[Slot.CONFIRM],
    ):
        assert words in text
    assert LINKS[Slot.CONFIRM] in hrefs(fill_html(edition, LINKS))


def test_thirty_articles_stay_under_what_gmail_shows() -> None:
    wordy = "A summary as long as summaries get, with all that one could wish to know about the matter. " * 4
    week = {topic: tuple(replace(WEEK["Harbour"][0], summary=wordy) for _ in range(8)) for topic in WEEK}
    edition = render_issue(make_issue(LEAD, week), TIDELINE)
    assert len(fill_html(edition, LINKS).encode()) < 90_000


def test_article_cannot_fill_a_slot() -> None:
    tokens = " ".join(make_token(slot, part, SALT) for slot in Slot for part in Part)
    honest = render_issue(make_issue(replace(LEAD, title="a  b")), TIDELINE)
    evil = render_issue(make_issue(replace(LEAD, title=f"a {tokens} b", url=f"{LEAD.url}{tokens}")), TIDELINE)
    message = compose(evil)
    assert evil.skeleton.count(make_token(Slot.UNSUBSCRIBE, Part.HTML, SALT).encode()) == honest.skeleton.count(
        make_token(Slot.UNSUBSCRIBE, Part.HTML, SALT).encode()
    )
    assert message.count(b"To: ") == compose(honest).count(b"To: ")


def test_article_cannot_bring_markup() -> None:
    evil = '<script>alert(1)</script><img src=x onerror=alert(1)>"><a href="javascript:x">'
    issue = make_issue(
        replace(LEAD, title=evil, summary=evil, publisher=evil, agency=evil, author=evil, url="javascript:alert(1)"),
        {evil: (make_article(evil, evil, url=f"https://example.org/{evil}"),)},
    )
    html = render_issue(issue, replace(TIDELINE, title=evil, tagline=evil, postal_address=evil)).html
    assert "<script" not in html
    assert not re.search(r"<[^>]*\sonerror=", re.sub(r'"[^"]*"', '""', html))
    assert not [link for link in hrefs(html) if link.startswith("javascript")]


@settings(
    max_examples=12, deadline=None, phases=[Phase.generate]
)  # a mail takes a tenth of a second: too long to shrink
@given(st.text(), st.text(), st.text())
def test_any_article_makes_a_clean_mail(title: str, summary: str, publisher: str) -> None:
    article = replace(LEAD, title=title, summary=summary, publisher=publisher, url=f"https://example.org/{title}")
    edition = render_issue(make_issue(article, {title: (article,)}), TIDELINE)
    message = compose(edition)
    assert lint_message(message) == ()
    assert parse_parts(message)[0] == fill_text(edition, {**LINKS, Slot.ADDRESS: "ann@reader.example"})


def test_campaign_needs_its_way_out_in_both_parts(tmp_path: Path) -> None:
    for part in ("body.txt", "body.html"):
        (tmp_path / "issue").mkdir(exist_ok=True)
        (tmp_path / "issue" / part).write_text("<p>No way out.</p>")
        with pytest.raises(DigestError, match=rf"issue/{part} has no {{{{ slot.unsubscribe }}}}"):
            render_issue(make_issue(), TIDELINE, own_templates=tmp_path)
        (tmp_path / "issue" / part).unlink()


def test_mail_without_a_subject_is_refused(tmp_path: Path) -> None:
    (tmp_path / "welcome").mkdir()
    (tmp_path / "welcome" / "subject.txt").write_text(" \n")
    with pytest.raises(DigestError, match=r"welcome/subject\.txt gives no subject"):
        render_welcome(TIDELINE, salt=SALT, own_templates=tmp_path)


def test_new_mail_is_one_folder(tmp_path: Path) -> None:
    (tmp_path / "note").mkdir()
    for name, text in {"subject.txt": "Note", "body.txt": "{{ words }}", "body.html": "<p>{{ words }}</p>"}.items():
        (tmp_path / "note" / name).write_text(text)
    edition = render_edition(
        "note", mailing_list=TIDELINE, salt=SALT, context={"words": "a & b"}, own_templates=tmp_path
    )
    assert (edition.mail, edition.subject, edition.text) == ("note", "Note", "a & b\n")
    assert "<p>a &amp; b</p>" in edition.html


def test_edition_carries_what_it_was_made_of() -> None:
    issue: Issue = make_issue()
    edition = render_issue(issue, TIDELINE)
    assert (edition.list_id, edition.salt, edition.mail, edition.id) == (TIDELINE.id, issue.salt, "issue", 0)


def test_themes_show_the_same_stories_each_in_its_own_way() -> None:
    pages = {theme: fill_html(MAILS[theme](), LINKS) for theme in ("issue", "headlines", "magazine")}
    assert len({frozenset(hrefs(page)) for page in pages.values()}) == 1
    assert [page.count("<img") for page in pages.values()] == [7, 0, 7]
    assert 'width="132"' in pages["issue"]
    assert 'width="600"' in pages["magazine"]
    assert len({fill_text(MAILS[theme](), LINKS) for theme in pages}) == 1


def test_brand_colours_every_theme_and_the_dark_scheme() -> None:
    for mail in ("branded", "branded magazine"):
        html = MAILS[mail]().html
        assert "background-color:#0d2036" in html
        assert ".sheet { background-color: #fff8e0 !important; }" in html
        assert 'font-family:"Source Sans 3", Verdana, sans-serif' in html
        assert (
            '<img class="logo" src="https://pictures.example.org/logo.png?a=1&amp;b=2" width="200" alt="The Tideline"'
            in html
        )


def test_colour_that_cannot_be_read_stops_the_mail() -> None:
    with pytest.raises(BadInput, match=r"accent #ffcc00 has a contrast of 1\.4:1 on #fffdf8"):
        render_welcome(replace(TIDELINE, brand=parse_brand({"accent": "#fc0"})), salt=SALT)


def test_unknown_theme_is_named() -> None:
    with pytest.raises(DigestError, match="no theme 'paper'; there are front-page, headlines, magazine"):
        render_welcome(replace(TIDELINE, theme="paper"), salt=SALT)


def test_own_theme_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "_themes/mine/_base").mkdir(parents=True)
    (tmp_path / "_themes/mine/_base/stories.html").write_text(
        "{% macro show_lead(lead) %}<tr><td>LEAD {{ lead.title }} {{ look.light.accent }}</td></tr>{% endmacro %}"
        "{% macro show_section(title, section) %}<tr><td>{{ title }}</td></tr>{% endmacro %}"
    )
    mine = render_issue(make_issue(), replace(TIDELINE, theme="mine"), own_templates=tmp_path)
    assert f"LEAD {LEAD.title} #8c2318" in mine.html
    assert "LEAD" not in render_issue(make_issue(), TIDELINE, own_templates=tmp_path).html
