import pytest

from digest.model.edition import Edition
from digest.web.neutral import make_neutral

SIGN_UP = "https://news.example.org/lists/weekly?a&b"


def shown(html: str) -> str:
    return make_neutral(Edition("issue", 1, "s", html, "", b"", "salt"), SIGN_UP)


@pytest.mark.parametrize(
    ("html", "neutral"),
    [
        ('<p><a href="https://x.org/">A</a></p>', '<p><a href="https://x.org/">A</a></p>'),
        ("<p>&nbsp;</p>", "<p>&nbsp;</p>"),
        ('<p>To leave, <a class="x" href="#">press here</a>.</p>', "<p>To leave, press here.</p>"),
        (
            '<p class="f"><a style="s" href="#" id="u">A</a> &nbsp;&middot;&nbsp; <a href="#">B</a></p>',
            '<p class="f"><a style="s" href="https://news.example.org/lists/weekly?a&amp;b" id="u">Get email updates</a></p>',
        ),
    ],
)
def test_links_of_one_reader_are_words_or_an_invitation(html: str, neutral: str) -> None:
    assert shown(html) == neutral
