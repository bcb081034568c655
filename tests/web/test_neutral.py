"""An issue's HTML loses what is one reader's, and what could run; all else stays as it was published."""

import pytest

from digest.model.edition import Edition, Slot
from digest.rendering.slots import Part, make_token
from digest.web.neutral import make_neutral

ADDRESS = make_token(Slot.ADDRESS, Part.HTML, "salt")
LEAVE = make_token(Slot.UNSUBSCRIBE, Part.HTML, "salt")
PREFER = make_token(Slot.PREFERENCES, Part.HTML, "salt")
FRAME = '<head><meta name="robots" content="noindex"></head><body><header>Top</header><main></main><footer>End</footer>'


def body(html: str, frame: str = "") -> str:
    edition = Edition("issue", 1, "s", f"<html><head></head><body>{html}</body></html>", "", b"", "salt")
    return make_neutral(edition, frame).partition("<body>")[2].partition("</body>")[0]


@pytest.mark.parametrize(
    ("html", "neutral"),
    [
        ('<p><a href="https://x.org/">A</a></p>', '<p><a href="https://x.org/">A</a></p>'),
        ("<p>·</p>", "<p>·</p>"),
        (f'<p>To leave, <a href="{LEAVE}">press <b>here</b></a>.</p>', "<p>To leave, press <b>here</b>.</p>"),
        (f'<p><a href="{PREFER}">A</a> &nbsp;&middot;&nbsp; <a href="{LEAVE}"><span>B</span></a></p><p>C</p>', "<p>C</p>"),
        (f'<ul><li><a href="{LEAVE}">Leave</a></li></ul>', "<ul></ul>"),
        (f"<p>You get this because <span>{ADDRESS}</span> asked.</p><p>C</p>", "<p>C</p>"),
        (f"<div>To {ADDRESS}, <b>with</b> love</div>", "<div>To your address, <b>with</b> love</div>"),
        (f"<table><tr><td>{ADDRESS}<p>Story</p></td></tr></table>", "<table><tr><td>your address<p>Story</p></td></tr></table>"),
        (f'<p>To {ADDRESS}: <a href="{LEAVE}">leave</a></p>', ""),
        (f'<p><a href="{PREFER}">A</a> · <a href="https://x.org/">B</a></p>', '<p>A · <a href="https://x.org/">B</a></p>'),
    ],
)  # fmt: skip
def test_what_is_one_readers_goes(html: str, neutral: str) -> None:
    assert body(html) == neutral


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        "<p onclick=alert(1)>A</p>",
        '<a href="java\nscript:alert(1)">A</a>',
        '<a href=" JaVaScRiPt:alert(1)">A</a>',
        '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
        '<form action="https://x.org/"><input></form>',
        '<base href="https://x.org/">',
        '<meta http-equiv="refresh" content="0;url=https://x.org/">',
        '<link rel="stylesheet" href="https://x.org/">',
        "<!--[if mso]><script>alert(1)</script><![endif]-->",
        "<svg onload=alert(1)></svg>",
        '<object data="https://x.org/"></object>',
    ],
)
def test_what_could_run_or_lead_away_goes(html: str) -> None:
    shown = body(f"{html}<p>B</p>").lower()
    assert "<p>b</p>" in shown
    for word in ("script", "onclick", "onload", "iframe", "<form", "<base", "refresh", "<link", "<object"):
        assert word not in shown


def test_a_frame_is_put_around_it() -> None:
    assert body("text<p>A</p>tail", FRAME) == "<header>Top</header><main>text<p>A</p>tail</main><footer>End</footer>"
    edition = Edition("issue", 1, "s", "<title>T</title><p>A</p>", "", b"", "salt")
    head = make_neutral(edition, FRAME).partition("<body>")[0]
    assert head.startswith("<!DOCTYPE html>")
    assert "<title>T</title>" in head
    assert '<meta name="robots" content="noindex">' in head


def test_any_script_and_any_language_stay_as_they_are() -> None:
    assert (
        body("<p dir=rtl>صباح الخير — 𝄞 &lt;b&gt; &amp;amp;</p>")
        == '<p dir="rtl">صباح الخير — 𝄞 &lt;b&gt; &amp;amp;</p>'
    )
