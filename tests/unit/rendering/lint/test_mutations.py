"""Each thing that is spoilt in a good mail is found by the rule that is meant for it, and by no other."""

from dataclasses import replace

import pytest

from digest.model.edition import Slot
from digest.rendering.lint import lint_mail, read_mail
from digest.rendering.slots import Part, make_token
from tests.unit.rendering.lint.good import GOOD, MEANT, OWN, UNSUBSCRIBE, rules, spoilt, told
from tests.unit.rendering.week import SALT

IN_HTML = [
    ('<html lang="en"', "<html", "lang", "does not say its language"),
    ('<div role="article"', '<center><div role="article"', "lang", "no wrapper"),
    ('lang="en" dir="ltr" class="page"', 'lang="en" dir="left" class="page"', "lang", "'left' is no direction"),
    ('<html lang="en"', '<html lang="english please"', "lang", "is no language tag"),
    ("<title>", "<title></title><meta content=", "title", "no <title>"),
    ('name="supported-color-schemes"', 'name="x"', "color-scheme", "no <meta name=supported-color-schemes>"),
    ('<table role="presentation"', "<table", "role", "no role=presentation"),
    ('role="article"', "", "role", "no wrapper has role=article"),
    ('alt="A red lightship under tow at dawn"', "", "alt", "no alt text"),
    ('alt="A red lightship under tow at dawn"', 'alt="IMG_1.jpg"', "alt", "the name of a file"),
    ("<h1", "<p", "headings", "0 headings of the first level"),
    ("<h3", "<h4", "headings", "a <h4> follows a <h2>: a level is left out"),
    ("<h1", "<h2", "headings", "the first heading is a <h2>"),
    ("</h1>", "</h1><h2></h2>", "headings", "a heading is empty"),
    ("display:none", "", "preheader", "hidden preheader"),
    (">Preferences<", "><", "link-text", "has no text"),
    (">Preferences<", ">example.com<", "link-host", "reads example.com, and leads to news.example.org"),
    ("</body>", "<script>1</script></body>", "foreign", "there is a <script>"),
    ("</body>", "<iframe></iframe></body>", "foreign", "there is a <iframe>"),
    ("</body>", '<a href="#">up</a></body>', "link", "leads nowhere"),
    ("</body>", '<a href="#top">up</a></body>', "link clients", "leads to #top, which is not in the mail"),
    ("</body>", '<a href="javascript:x()">up</a></body>', "link", "no address of the web"),
    ("</body>", '<a href="/archive">up</a></body>', "link", "no address of the web"),
    ("</body>", '<a href="https://harbourpost.example/new">up</a></body>', "text-links", "is not in the text"),
    (
        "</body>",
        '<img alt="x" src="data:image/png;base64,AAAA"></body>',
        "clients",
        "Base 64 image format does nothing in",
    ),
    ("</body>", '<img alt="x" src="boat.png"></body>', "picture", "at no address of the web"),
    ("</body>", '<img alt="x"></body>', "picture", "has no address"),
    ("</body>", "x" * 60_000 + "</body>", "size", "warning: the HTML has"),
    ("</body>", "x" * 90_000 + "</body>", "size", "failure: the HTML has"),
    ("</body>", "<p>Dear {{ first_name }}</p></body>", "placeholder", "failure: '{{ first_name }}'"),
    ("</body>", "<p>Dear *|FNAME|*</p></body>", "placeholder", "'*|FNAME|*'"),
    ("</body>", "<p>Dear %%name%%</p></body>", "placeholder", "'%%name%%'"),
    ("</body>", "<p>Lorem ipsum dolor</p></body>", "placeholder", "warning: 'Lorem ipsum'"),
    ("</body>", "<p style='color:#eee'>pale</p></body>", "contrast", "failure: #eeeeee on"),
    ("</body>", "<p style='color:#777777'>pale</p></body>", "contrast", "light scheme, and 4.5:1 is needed"),
    ("</body>", "<p style='position:absolute'>x</p></body>", "clients", "position does nothing in"),
    ("</body>", "<details>x</details></body>", "clients", "HTML5 semantics"),
    ('class="title-link"', 'class="title-link" style="display:grid"', "clients", "display:grid does nothing in"),
]


@pytest.mark.parametrize(("old", "new", "rule", "said"), IN_HTML)
def test_html(old: str, new: str, rule: str, said: str) -> None:
    mail = spoilt(GOOD, old, new)
    assert rules(mail) == set(rule.split())
    assert said in told(mail)


IN_BYTES = [
    (b"</table>\r\n", b"</table>\n", "line-ends", "other than CRLF"),
    (b"ferry", b"fer\0ry", "nul", "a NUL"),
    (b"List-Post: NO", b"List-Post: NO" + b"x" * 1000, "line-length", "and 998 are allowed"),
    (b"\r\nTo: ", b"\r\nTo: x@example.org\r\nTo: ", "header-once", "the header to stands 2 times"),
    (b"\r\nDate: ", b"\r\nX-Date: ", "header-missing", "there is no date header"),
    (b"Date: Mon, ", b"Date: Mon the ", "date", "none that RFC 5322 knows"),
    (b"+0000", b"GMT", "date", "with its zone in figures"),
    (b"\r\nPrecedence", "\r\nX-U: ü\r\nPrecedence".encode(), "header-ascii", "beyond ASCII"),
    (b"List-Id: The Tideline", b"List-Id: =?utf-8?Q?x?=", "encoded-word", "list-id has an encoded word"),
    (b"\r\nList-Id: ", b"\r\nX-List-Id: ", "bulk", "bulk mail without list-id"),
    (b"<tideline.news.example.org>", b"<tideline>", "list-id", "not of the form"),
    (b"\r\nList-Unsubscribe-Post: ", b"\r\nX-Post: ", "bulk", "without list-unsubscribe-post"),
    (b"=One-Click", b"=Two-Clicks", "one-click", "does not say List-Unsubscribe=One-Click"),
    (b"Message-ID: <", b"Message-ID: <here ", "message-id", "not of the form <left@domain>"),
    (b"12.5f2c9e@news.example.org", b"12.5f2c9e@localhost", "message-id", "not of the form <left@domain>"),
    (b"Feedback-ID: 12:", b"Feedback-ID: 1:1:12:", "feedback-id", "after three fields at most"),
    (b"From: The Tideline <", b"From: x@example.org, The Tideline <", "from", "more than one sender"),
    (b"ferry", "fähre".encode(), "7bit", "not 7-bit"),
    (b"ferry", b"x" * 77, "encoded-line", "longer than 76"),
    (b"text/plain; charset=utf-8", b"text/plain", "charset", "text/plain part does not say its charset"),
    (b"multipart/alternative", b"multipart/mixed", "parts", "do not stand in a multipart/alternative"),
]


@pytest.mark.parametrize(("old", "new", "rule", "said"), IN_BYTES)
def test_bytes(old: bytes, new: bytes, rule: str, said: str) -> None:
    assert old in GOOD.message
    mail = read_mail(GOOD.message.replace(old, new, 1), salt=SALT, own=OWN)
    assert rules(mail) - ({"text-links"} if b"ferry" in old else set()) == {rule}  # which spoils a link in the text too
    assert said in told(mail)


def test_html_before_text_is_found() -> None:
    head, text, html, end = GOOD.message.split(b"--=_")
    mail = read_mail(b"--=_".join((head, html, text, end)), salt=SALT)
    assert rules(mail) == {"parts"}
    assert "stands before the text" in told(mail)


def test_a_mail_without_text_is_found() -> None:
    mail = replace(GOOD, text=" \n")
    assert rules(mail) == {"text-part"}


def test_a_part_without_a_way_out_is_found() -> None:
    for mail in (spoilt(GOOD, UNSUBSCRIBE.replace("&", "&amp;"), "https://news.example.org/x"),):
        assert rules(mail) == {"unsubscribe", "text-links"}
        assert "the HTML has no link to unsubscribe" in told(mail)
    without = replace(GOOD, text=GOOD.text.replace(UNSUBSCRIBE, ""))
    assert rules(without) == {"unsubscribe", "text-links"}
    assert "the text has no link to unsubscribe" in told(without)


def test_an_unsubscribe_link_without_tls_fails_but_for_trying_out() -> None:
    for host, severity in (("news.example.org", "failure"), ("127.0.0.1:8000", "warning")):
        plain = GOOD.message.replace(b"List-Unsubscribe: <https://news.example.org", f"List-Unsubscribe: <http://{host}".encode())  # fmt: skip
        assert f"{severity}: the unsubscribe link does not begin with https://" in told(read_mail(plain))


def test_what_an_article_says_is_no_placeholder_of_ours() -> None:
    spoiled = spoilt(GOOD, "</body>", "<p>How to write {{ name }} in a template</p></body>")
    mail = replace(spoiled, quoted=("How to write {{ name }} in a template",))
    assert [finding.severity.value for finding in lint_mail(mail) if finding.rule == "placeholder"] == ["warning"]


def test_a_slot_that_was_not_filled_is_found() -> None:
    token = make_token(Slot.PREFERENCES, Part.HTML, SALT)
    assert rules(spoilt(GOOD, "</body>", f"<p>{token}</p></body>")) == {"placeholder"}
    assert rules(replace(spoilt(GOOD, "</body>", f"<p>{token}</p></body>"), salt="another")) == set()


def test_a_good_mail_has_no_findings() -> None:
    assert rules(GOOD) == set()
    assert MEANT


def test_what_is_found_twice_is_told_once() -> None:
    mail = replace(GOOD, html=GOOD.html.replace("<h3", "<h3 lang=xx-", 2))
    assert "'xx-' is no language tag" in told(mail)
    assert sum(finding.rule == "lang" for finding in lint_mail(mail)) == 1
    assert "2 times" in told(mail)


def test_the_worst_comes_first() -> None:
    mail = spoilt(spoilt(GOOD, "<title>", "<title></title><meta content="), "</body>", "<base></body>")
    severities = list(dict.fromkeys(finding.severity.value for finding in lint_mail(mail)))
    assert severities == ["failure", "warning", "note"]


def test_a_mail_of_plain_text_alone_is_fine() -> None:
    head, text, _, _ = GOOD.message.split(b"--=_")
    fields = head.partition(b"MIME-Version")[0]
    plain = fields + b"MIME-Version: 1.0\r\n" + text.partition(b"\r\n")[2]
    assert rules(read_mail(plain)) == set()
