"""`digest list embed`: what is printed can be pasted into a page as it is."""

from html.parser import HTMLParser

from tests.cli.conftest import Place


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_the_box_is_printed_in_the_language_of_the_list_with_our_public_address(place: Place) -> None:
    place.environment["DIGEST_BASE_URL"] = "https://news.example.org/letters"
    place.good("list", "set", "weekly", "--title", "The <Weekly> & more", "--language", "ar")
    tags = _Tags()
    printed = place.good("list", "embed", "weekly")
    tags.feed(printed)
    (form,) = [attributes for tag, attributes in tags.found if tag == "form"]
    assert form["action"] == "https://news.example.org/letters/lists/weekly/embed?lang=ar"
    assert form["dir"] == "rtl"
    assert {attributes.get("name") for tag, attributes in tags.found if tag == "input"} == {
        "list",
        "email",
        "leave_empty",
    }
    assert "The &lt;Weekly&gt; &amp; more" in printed


def test_a_box_of_no_list_is_refused(place: Place) -> None:
    assert "monthly" in place.run("list", "embed", "monthly").sentence
