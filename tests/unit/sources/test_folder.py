import os
import socket
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.model.feed import Entry, FeedFailed, FeedKind, FeedRead, FeedUnchanged, FetchLimits, Picture
from digest.sources import read_feed
from digest.sources.parsed import Parsed, Unreadable
from digest.sources.textfile import parse_file
from digest.sources.worker import answer
from tests.unit.sources.conftest import feed_at
from tests.unit.sources.test_newspage import AGENCY, CREDIT, FULL, HEADLINE, STANDFIRST, STORY

LIMITS = FetchLimits(max_bytes=100_000)


def read(folder: Path, limits: FetchLimits = LIMITS, etag: str = "") -> FeedRead:
    outcome = read_feed(feed_at(str(folder), FeedKind.FOLDER, etag), limits)
    assert isinstance(outcome, FeedRead), outcome
    return outcome


def parse(text: str | bytes, name: str = "a.md") -> Entry:
    return whole(text, name).entries[0]


def whole(text: str | bytes, name: str = "a.md") -> Parsed:
    return parse_file(text.encode() if isinstance(text, str) else text, name=name)


MARKDOWN = """---
title: "Larks: a return"
url: https://field.example/larks
date: 2026-11-02 08:30:00 +01:00
updated: 2026-11-03
summary: They are back & loud.
author: [Ida Holm, Per Dahl]
image: https://field.example/lark.jpg
image_alt: A lark on a post
credit: Jon Berg
publisher: Field notes
agency: Coast Wire
topic: Nature
language: en-GB
draft: {deeper: [is, ignored]}
---
# Larks

They **sing** [again](notes/2) <script>alert(1)</script>.
"""


def test_markdown_with_front_matter() -> None:
    assert parse(MARKDOWN, "birds/larks.md") == Entry(
        title="Larks: a return",
        guid="birds/larks.md",
        url="https://field.example/larks",
        summary_html="<p>They are back &amp; loud.</p>",
        content_html='<p>They <strong>sing</strong> <a href="https://field.example/notes/2" rel="noopener noreferrer">again</a>'
        " &lt;script&gt;alert(1)&lt;/script&gt;.</p>",
        published_at=datetime(2026, 11, 2, 7, 30, tzinfo=UTC),
        updated_at=datetime(2026, 11, 3, tzinfo=UTC),
        author="Ida Holm, Per Dahl",
        publisher="Field notes",
        agency="Coast Wire",
        picture=Picture("https://field.example/lark.jpg", alt="A lark on a post", credit="Jon Berg"),
        language="en-GB",
        topic="Nature",
    )


def test_markdown_alone() -> None:
    entry = parse("# One\n\nTwo.\n\n![A quay](https://x.example/q.jpg)\n")
    assert (entry.title, entry.published_at, entry.url) == ("One", None, None)
    assert entry.content_html.startswith("<p>Two.</p>")
    assert entry.picture == Picture("https://x.example/q.jpg", alt="A quay")


def test_the_name_is_the_last_resort_for_a_title() -> None:
    assert parse("Just words.", "x/2026-11-02-the-harbour_reopens.md").title == "The harbour reopens"


def test_a_copied_news_page() -> None:
    assert parse(FULL, "bridge.txt") == Entry(
        title=HEADLINE,
        guid="bridge.txt",
        summary_html=f"<p>{STANDFIRST}</p>",
        content_html="\n".join(f"<p>{text}</p>" for text in STORY),
        agency=AGENCY,
        picture=Picture("", credit=CREDIT),
    )


def test_a_news_page_with_front_matter() -> None:
    entry = parse(f"---\nimage: https://x.example/b.jpg\ndate: 2026-11-02\n---\n{FULL}", "bridge.txt")
    assert entry.picture == Picture("https://x.example/b.jpg", credit=CREDIT)
    assert entry.published_at == datetime(2026, 11, 2, tzinfo=UTC)
    assert entry.title == HEADLINE


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "windows-1252"])
def test_text_in_other_encodings(encoding: str) -> None:
    assert parse(FULL.replace("Tamar", "Tämar").encode(encoding), "a.txt").title == HEADLINE.replace("Tamar", "Tämar")


def test_text_is_never_html() -> None:
    entry = parse(f"{HEADLINE}\n\n<script>alert(1)</script> & {STORY[0]}\n\n{STORY[1]}", "a.txt")
    assert "<script" not in entry.content_html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp;" in entry.content_html


def test_an_html_fragment() -> None:
    entry = parse('<h1>One <em>thing</em></h1><p onclick=x>Two.</p><img src="https://x.example/q.jpg">', "a.html")
    assert (entry.title, entry.content_html) == ("One thing", '<p>Two.</p><img src="https://x.example/q.jpg">')


def test_an_html_document() -> None:
    page = f"<!doctype html><html lang=en><head><title>{HEADLINE}</title></head><body><nav>Home</nav><article><h1>{HEADLINE}</h1>{''.join(f'<p>{text}</p>' for text in STORY)}</article></body></html>"
    entry = parse(page, "a.html")
    assert (entry.title, entry.guid, entry.language) == (HEADLINE, "a.html", "en")
    assert STORY[0] in entry.content_html
    assert "Home" not in entry.content_html


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("---\ntitle: a\nurl: ftp://x\n---\n", "line 3: url is 'ftp://x', which is no http or https address"),
        ("---\ntitle: a\n\ndate: yesterday\n---\nx", "line 4: date is 'yesterday', which is no date"),
        ("---\nsummary: b\ntitle: [a\n---\nx", "line 4: expected"),
        ("---\ntitle: a: b\n---\nx", "line 2: mapping values are not allowed here"),
        ("---\n- a\n- b\n---\nx", "line 2: the front matter is not a list of"),
        ("---\ntitle: a\n\ntext without end", "line 1: the front matter that begins here is never closed"),
        ("---\nimage: ./here.jpg\n---\nx", "line 2: image is './here.jpg'"),
        ("---\ntitle: \x1b\n---\nx", ""),
        ("---\na: " + "x" * 70_000 + "\n---\nx", "line 1: the front matter is longer"),
        ("", "it is empty"),
        ("---\n---\n\n", "it is empty"),
    ],
)
def test_errors_name_their_line(text: str, words: str) -> None:
    if not words:
        parse(text)
        return
    with pytest.raises(Unreadable) as failure:
        parse(text)
    assert str(failure.value).startswith(words)


def test_a_yaml_bomb_stays_folded() -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{','.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(9)
    )
    assert parse(f"---\n{bomb}title: still here\n---\nText.").title == "still here"


def test_a_line_of_hyphens_alone_is_no_front_matter() -> None:
    assert "Words" in parse("---\n\nWords.").content_html


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=200) | st.binary(max_size=200), st.sampled_from(["a.md", "a.txt", "a.html"]), st.booleans())
def test_any_file_gives_a_value_or_a_reason(content: str | bytes, name: str, front: bool) -> None:
    raw = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    reply = answer("file", (b"---\n" + raw + b"\n---\n" if front else b"") + raw, {"name": name})
    assert not str(reply.get("error", "")).startswith("it confuses"), reply
    assert "<script" not in str(reply).lower().replace("&lt;script", "")


# The folder itself


def test_a_folder(tmp_path: Path) -> None:
    (tmp_path / "birds").mkdir()
    (tmp_path / "birds" / "larks.md").write_text(MARKDOWN)
    (tmp_path / "bridge.txt").write_text(FULL)
    (tmp_path / ".hidden.md").write_text("# no")
    (tmp_path / "picture.jpg").write_bytes(b"no")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "a.md").write_text("# no")
    found = read(tmp_path)
    assert [entry.guid for entry in found.entries] == ["bridge.txt", "birds/larks.md"]
    assert (found.kind, found.title, found.location, found.notes) == (FeedKind.FOLDER, tmp_path.name, str(tmp_path), ())


def test_a_folder_is_read_again_only_when_something_changed(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# A")
    etag = read(tmp_path).etag
    feed = feed_at(str(tmp_path), FeedKind.FOLDER, etag)
    assert read_feed(feed, LIMITS) == FeedUnchanged()
    (tmp_path / "b.md").write_text("# B")
    assert len(read(tmp_path, etag=etag).entries) == 2


def test_a_broken_file_is_skipped_named_and_named_again(tmp_path: Path) -> None:
    (tmp_path / "bad.md").write_text("---\ntitle: a: b\n---\nx")
    (tmp_path / "good.md").write_text("# Good")
    found = read(tmp_path)
    assert [entry.title for entry in found.entries] == ["Good"]
    assert found.notes == ("bad.md, line 2: mapping values are not allowed here. It was left out.",)
    assert read(tmp_path, etag=found.etag).notes == found.notes


def test_nothing_outside_is_read(tmp_path: Path) -> None:
    outside, folder = tmp_path / "secret.txt", tmp_path / "folder"
    outside.write_text("secret")
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "secret.md").write_text("secret")
    folder.mkdir()
    (folder / "out.txt").symlink_to(outside)
    (folder / "below").symlink_to(tmp_path / "more")
    (folder / "a.md").write_text("# A")
    found = read(folder)
    assert "secret" not in str(found.entries)
    assert [entry.guid for entry in found.entries] == ["a.md"]
    assert found.notes == ("out.txt was left out: it is a symbolic link.",)


def test_a_fifo_and_a_socket_do_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    here = os.open(".", os.O_RDONLY)
    try:
        os.chdir(tmp_path)  # a socket's path must be short
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind("socket.md")
            found = read(tmp_path)
    finally:
        os.fchdir(here)
        os.close(here)
    assert found.entries == ()
    assert "pipe.md was left out: it is not an ordinary file." in found.notes
    assert any(note.startswith("socket.md was left out") for note in found.notes)


def test_a_huge_sparse_file_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "huge.txt").open("wb") as file:
        file.truncate(10_000_000_000)
    assert read(tmp_path).notes == ("huge.txt was left out: it is larger than 100,000 bytes.",)


def test_too_many_files(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / f"{number}.md").write_text(f"# {number}")
    found = read(tmp_path, replace(LIMITS, max_files=3))
    assert len(found.entries) == 3
    assert found.notes == ("3.md and what comes after it was left out: the folder is too large.",)


def test_deep_folders_end(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["d"] * 40)
    deep.mkdir(parents=True)
    (deep / "a.md").write_text("# A")
    assert read(tmp_path).entries == ()


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS takes UTF-8 names only")
def test_a_name_that_is_no_utf8(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9.md")).write_text("Words.")
    assert read(tmp_path).entries[0].guid == r"caf\xe9.md"


def test_an_unreadable_file(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# A")
    (tmp_path / "a.md").chmod(0)
    if os.geteuid() == 0:
        pytest.skip("root reads everything")
    assert read(tmp_path).notes == ("a.md was left out: permission denied.",)


def test_an_empty_folder(tmp_path: Path) -> None:
    assert read(tmp_path).notes == (f"{tmp_path} has no .md, .html or .txt file.",)


@pytest.mark.parametrize(
    ("name", "words"), [("nowhere", "there is no such folder"), ("file.md", "it is a file, not a folder"), ("a\0b", "")]
)
def test_no_folder(tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / "file.md").write_text("x")
    outcome = read_feed(feed_at(f"{tmp_path}/{name}", FeedKind.FOLDER), LIMITS)
    assert isinstance(outcome, FeedFailed)
    assert words in outcome.reason
