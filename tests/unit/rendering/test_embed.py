"""Pictures inside a mail: found by their ids, within the room there is, and parsed by the standard library as we meant them."""

import email
import email.policy
from email.message import EmailMessage

from digest.model.edition import Edition
from digest.model.picture import Rendition
from digest.rendering.edition import render_issue
from digest.rendering.embed import MAX_EMBEDDED, embed
from tests.unit.rendering.week import LEAD, PICTURES, TIDELINE, WEEK, compose, make_issue

DOMAIN = "tideline.news.example.org"
LEAD_URL, FERRY_URL = f"{PICTURES}/lightship.png", f"{PICTURES}/ferry.png"


def rendition(word: bytes, size: int = 5_000, media_type: str = "image/jpeg") -> Rendition:
    return Rendition((word * size)[:size], media_type, 1056, 704)


RENDITIONS = {LEAD_URL: rendition(b"lead"), FERRY_URL: rendition(b"ferry", 999, "image/png")}


def edition(renditions: dict[str, Rendition]) -> Edition:
    return render_issue(make_issue(), TIDELINE, embedded=renditions)


def parts(message: EmailMessage) -> tuple[EmailMessage, EmailMessage, list[EmailMessage]]:
    """The text, the HTML and the pictures."""
    assert message.get_content_type() == "multipart/alternative"
    text, related = message.iter_parts()
    assert isinstance(text, EmailMessage)
    assert isinstance(related, EmailMessage)
    assert (related.get_content_type(), related.get_param("type")) == ("multipart/related", "text/html")
    html, *pictures = related.iter_parts()
    return text, html, pictures  # type: ignore[return-value]  # parts of an EmailMessage are some


def read(made: Edition) -> EmailMessage:
    message = email.message_from_bytes(compose(made), policy=email.policy.SMTP)
    assert not [part for part in message.walk() if part.defects]
    return message


def test_the_mail_carries_its_pictures_and_the_html_finds_them() -> None:
    _, html, (lead, ferry) = parts(read(edition(RENDITIONS)))
    for picture, kept in ((lead, RENDITIONS[LEAD_URL]), (ferry, RENDITIONS[FERRY_URL])):
        assert picture.get_content_type() == kept.media_type
        assert picture.get_content() == kept.content
        assert picture.get_content_disposition() == "inline"
        assert f'src="cid:{picture["Content-ID"].strip("<>")}"' in html.get_content()
    assert LEAD_URL not in html.get_content()
    assert f"{PICTURES}/horn.png" in html.get_content()  # which we do not have


def test_the_web_edition_links_to_them_all_the_same() -> None:
    made = edition(RENDITIONS)
    assert "cid:" not in made.html
    assert LEAD_URL in made.html


def test_without_pictures_nothing_is_related() -> None:
    unpictured = {f"{PICTURES}/elsewhere.png": rendition(b"x")}
    assert edition(unpictured).skeleton == edition({}).skeleton
    assert b"multipart/related" not in edition({}).skeleton


def test_the_first_ones_that_fit_are_carried() -> None:
    html = "".join(f'<img class="x" src="{url}">' for url in ("a", "b", "b", "c", "d"))
    renditions = {
        "a": rendition(b"a", MAX_EMBEDDED - 1_000),
        "b": rendition(b"b", 1_001),
        "c": rendition(b"c", 600),
        "d": rendition(b"d", 400),
    }
    pointed, carried = embed(html, renditions, DOMAIN)
    assert [one.rendition.content[:1] for one in carried] == [b"a", b"c", b"d"]
    assert pointed.count('src="b"') == 2
    assert sum(len(one.rendition.content) for one in carried) == MAX_EMBEDDED


def test_a_picture_shown_twice_is_carried_once() -> None:
    pointed, carried = embed('<img src="a"><p>src="a"</p><img src="a">', {"a": rendition(b"a")}, DOMAIN)
    assert (pointed.count("cid:"), len(carried)) == (2, 1)


def test_only_a_source_is_replaced() -> None:
    html = '<a href="a">a</a><img data-src="a" alt="a">'
    assert embed(html, {"a": rendition(b"a")}, DOMAIN) == (html, ())


def test_ids_are_the_content_s() -> None:
    _, (first,) = embed('<img src="a">', {"a": rendition(b"a")}, DOMAIN)
    _, (second,) = embed('<img src="b">', {"b": rendition(b"a")}, DOMAIN)
    assert first.content_id == second.content_id
    assert first.content_id.endswith(f"@{DOMAIN}")


def test_the_same_pictures_give_the_same_bytes_in_short_7_bit_lines() -> None:
    assert edition(RENDITIONS).skeleton == edition(RENDITIONS).skeleton
    mail = compose(edition(RENDITIONS))
    assert mail.isascii()
    assert max(map(len, mail.split(b"\r\n"))) <= 998
    assert b"\n" not in mail.replace(b"\r\n", b"")


def test_a_story_beside_has_the_thumb_where_there_is_one() -> None:
    story = WEEK["Harbour"][0]
    assert story.picture
    assert LEAD.picture
    html = edition({}).html
    assert f'src="{story.picture.url}" width="132" height="99"' in html
