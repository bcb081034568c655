from datetime import UTC, datetime
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path

import pytest

from digest.demo.serving import Answer
from digest.demo.shelf import Shelf
from digest.demo.webmail import Webmail

AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
EVIL = "<script>alert('x')</script><img src=x onerror=alert(1)>"


class Seen(HTMLParser):
    """The elements of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def keep(shelf: Shelf, subject: str = "Hello", html: str = "", text: str = "Plain words\n", **headers: str) -> None:
    message = EmailMessage()
    named = {"Subject": subject, "From": "Ann <ann@news.example>", "To": "bo@reader.example", **headers}
    for name, value in named.items():
        message[name] = value
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    shelf.keep(message.as_bytes(), "ann@news.example", ("bo@reader.example",), AT)


def answer(shelf: Shelf, path: str) -> Answer:
    found = Webmail(shelf).answer(path)
    assert found is not None, path
    return found


def seen(shelf: Shelf, path: str) -> Seen:
    return Seen(answer(shelf, path).body.decode())


def test_an_empty_mailbox_says_so(shelf: Shelf) -> None:
    assert "Nothing has come yet." in seen(shelf, "/").words


def test_the_list_has_the_newest_first(shelf: Shelf) -> None:
    keep(shelf, "First")
    keep(shelf, "Second")
    page = seen(shelf, "/")
    links = [attributes["href"] for tag, attributes in page.tags if tag == "a"]
    assert links == ["/", "/mail/2", "/mail/1"]
    assert page.words.index("Second") < page.words.index("First")
    assert "to bo@reader.example" in page.words


def test_a_mail_shows_its_html_in_a_frame_that_can_do_nothing(shelf: Shelf) -> None:
    keep(shelf, html="<p>x</p>")
    frames = [attributes for tag, attributes in seen(shelf, "/mail/1").tags if tag == "iframe"]
    assert [(frame["src"], frame["sandbox"]) for frame in frames] == [
        ("/mail/1/body", "allow-popups allow-popups-to-escape-sandbox")
    ]


def test_the_body_may_run_nothing_and_ask_nobody_far_away(shelf: Shelf) -> None:
    keep(shelf, html=EVIL)
    policy = answer(shelf, "/mail/1/body").headers["Content-Security-Policy"]
    directives = dict(part.strip().partition(" ")[::2] for part in policy.split(";"))
    assert directives["default-src"] == "'none'"
    assert "script-src" not in directives
    assert directives["img-src"].split() == ["data:", "http://127.0.0.1:*", "http://localhost:*"]
    assert "allow-scripts" not in directives["sandbox"]
    assert "allow-same-origin" not in directives["sandbox"]


@pytest.mark.parametrize(
    ("html", "begins"),
    [
        (
            "<!doctype html><html><head lang=en><title>x</title></head></html>",
            "<!doctype html><html><head lang=en><base",
        ),
        ("<!DOCTYPE html>\n<html lang=en><body>x</body></html>", "<!DOCTYPE html>\n<html lang=en><base"),
        ("<header>x</header>", "<base"),
    ],
)
def test_links_of_a_mail_open_in_a_new_tab(shelf: Shelf, html: str, begins: str) -> None:
    keep(shelf, html=html)
    body = answer(shelf, "/mail/1/body").body.decode()
    assert body.startswith(begins)
    assert body.count('<base target="_blank">') == 1


@pytest.mark.parametrize("path", ["/", "/mail/1", "/mail/1/text", "/mail/1/source"])
def test_nothing_in_a_mail_becomes_markup_of_the_page(shelf: Shelf, path: str) -> None:
    keep(shelf, subject=EVIL, text=EVIL, html=EVIL, **{"X-Evil": EVIL, "Reply-To": f'"{EVIL}" <a@b.example>'})
    page = seen(shelf, path)
    assert [attributes for tag, attributes in page.tags if tag == "script"] == [{"src": "/mailbox.js", "defer": None}]
    assert not [tag for tag, _ in page.tags if tag == "img"]
    assert "alert('x')" in page.words


@pytest.mark.parametrize("path", ["/", "/mail/1"])
def test_a_page_loads_nothing_from_elsewhere(shelf: Shelf, path: str) -> None:
    keep(shelf, html="<p>x</p>")
    got = answer(shelf, path)
    assert "default-src 'none'" in got.headers["Content-Security-Policy"]
    assert "'unsafe" not in got.headers["Content-Security-Policy"]
    sources = [
        a.get("src") or a.get("href") or ""
        for tag, a in Seen(got.body.decode()).tags
        if tag in {"link", "script", "iframe"}
    ]
    assert sources
    assert all(source.startswith(("/", "data:,")) and not source.startswith("//") for source in sources)


def test_text_and_source_are_shown_as_they_are(shelf: Shelf) -> None:
    keep(shelf, text="Plain words\n", html="<p>x</p>", **{"List-Unsubscribe-Post": "List-Unsubscribe=One-Click"})
    assert "Plain words" in seen(shelf, "/mail/1/text").words
    source = seen(shelf, "/mail/1/source").words
    assert "Content-Type: multipart/alternative" in source
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in source


def test_a_mail_without_html_opens_at_its_text(shelf: Shelf) -> None:
    keep(shelf, text="Only words\n")
    page = seen(shelf, "/mail/1")
    assert "Only words" in page.words
    assert "iframe" not in [tag for tag, _ in page.tags]


def test_every_header_is_there_and_the_envelope(shelf: Shelf) -> None:
    keep(shelf, **{"List-Id": "<weekly.news.example>"})
    words = seen(shelf, "/mail/1").words
    assert "<weekly.news.example>" in words
    assert "<ann@news.example> → bo@reader.example" in words


def test_the_latest_number_is_told(shelf: Shelf) -> None:
    assert answer(shelf, "/latest").body == b"0"
    keep(shelf)
    assert answer(shelf, "/latest").body == b"1"


@pytest.mark.parametrize(
    "path", ["/mail/1", "/mail/0", "/mail/x", "/mail/1/other", "/nothing", "/mailbox.html", "/../mail.py"]
)
def test_what_is_not_there_is_not_answered(shelf: Shelf, path: str) -> None:
    assert Webmail(shelf).answer(path) is None


@pytest.mark.parametrize(("path", "kind"), [("/mailbox.css", "text/css"), ("/mailbox.js", "text/javascript")])
def test_its_style_and_script_are_its_own(shelf: Shelf, path: str, kind: str) -> None:
    got = answer(shelf, path)
    assert got.content_type.startswith(kind)
    assert b"://" not in got.body
