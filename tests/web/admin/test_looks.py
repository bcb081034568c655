"""What a list's mails look like is tried before it is changed, and nothing that is tried is kept."""

from pathlib import Path

import pytest

from digest.audience.notices import ANSWERS
from digest.model.operator import ActKind, Role
from digest.settings import Settings
from tests.web.admin.conftest import Office
from tests.web.admin.week import Week, start_week

LOOK = "/desk/lists/weekly/look"


@pytest.fixture
def week(office: Office) -> Week:
    return start_week(office)


def brand_of(week: Week) -> dict[str, object]:
    with week.office.world.app.store.read() as tx:
        found = tx.lists.by_name("weekly")
    return found.brand.said() | {"theme": found.theme}


def test_what_is_tried_is_seen_and_not_kept(week: Week) -> None:
    seat = week.office.seat(Role.EDITOR)
    seat.get("/desk/account")  # when they were last seen is written once
    before = week.office.site.dump()
    tried = "?theme=magazine&accent=%23124578"
    assert "#124578" not in seat.get(f"{LOOK}/preview").text
    page = seat.get(f"{LOOK}{tried}").text
    assert 'value="#124578"' in page
    assert "preview?as=dark&amp;theme=magazine&amp;accent=%23124578" in page
    mail = seat.get(f"{LOOK}/preview{tried}")
    assert "#124578" in mail.text
    assert mail.headers["content-security-policy"].startswith("sandbox")
    assert seat.get(f"{LOOK}/preview{tried}&as=text").headers["content-type"].startswith("text/plain")
    assert week.office.site.dump() == before


def test_what_is_saved_is_what_the_next_mail_looks_like(week: Week) -> None:
    seat = week.office.seat(Role.EDITOR)
    said = {"theme": "headlines", "accent": "#124578", "logo": "", "body_font": "Verdana, sans-serif"}
    assert seat.post(LOOK, data=said).status_code == 303
    assert brand_of(week) == {"theme": "headlines", "accent": "#124578", "body_font": "Verdana, sans-serif"}
    assert "#124578" in seat.get("/desk/issues/1/preview").text
    assert seat.post(LOOK, data={"theme": "", "accent": "", "body_font": ""}).status_code == 303
    assert brand_of(week) == {"theme": ""}
    assert [act.kind for act in week.acts()] == [ActKind.LIST_CHANGED] * 2


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"accent": "red"}, "write a colour as #rrggbb"),
        ({"theme": "none-such"}, "There is no theme"),
        ({"logo": "javascript:alert(1)"}, "a picture&#39;s address"),
        ({"logo_width": "9000"}, "from 16 to 528"),
        ({"body_font": "x;}"}, "no font&#39;s name"),
    ],
)
def test_what_cannot_be_is_said(week: Week, said: dict[str, str], why: str) -> None:
    seat, before = week.office.seat(Role.EDITOR), brand_of(week)
    for answer in (seat.get(LOOK, params=said), seat.post(LOOK, data=said)):
        assert answer.status_code == 422
        assert why in answer.text
    assert seat.get(f"{LOOK}/preview", params=said).status_code == 422
    assert brand_of(week) == before


def test_without_an_issue_it_is_said(office: Office) -> None:
    page = office.seat().get(LOOK)
    assert page.status_code == 200
    assert "draft one" in page.text
    assert office.seat().get(f"{LOOK}/preview").status_code == 404


@pytest.mark.parametrize("mail", list(ANSWERS))
def test_each_mail_that_answers_readers_is_seen_in_what_is_tried(week: Week, mail: str) -> None:
    seat = week.office.seat(Role.EDITOR)
    tried = f"?mail={mail}&theme=magazine&background=%23f4f9ff"
    page = seat.get(f"{LOOK}{tried}").text
    assert f"mail={mail}" in page
    assert f"<code>{mail}/body.html</code>" in page
    assert "#f4f9ff" in seat.get(f"{LOOK}/preview{tried}").text
    assert "The Weekly" in seat.get(f"{LOOK}/preview?mail={mail}&as=text").text


def test_a_template_of_ones_own_is_seen_as_soon_as_it_is_changed(week: Week, tmp_path: Path) -> None:
    app = week.office.world.app
    object.__setattr__(app, "settings", Settings(**(app.settings.model_dump() | {"templates": tmp_path})))
    seat, page = week.office.seat(Role.EDITOR), f"{LOOK}?mail=welcome"
    assert "welcome/body.txt</code></td><td>ours</td>" in seat.get(page).text
    (tmp_path / "welcome").mkdir()
    for words in ("Come in!", "Come in, all of you!"):
        (tmp_path / "welcome" / "body.txt").write_text(words)
        assert seat.get(f"{LOOK}/preview?mail=welcome&as=text").text.strip() == words
    assert "welcome/body.txt</code></td><td>yours</td>" in seat.get(page).text
    (tmp_path / "welcome" / "body.txt").write_text("{{ nothing }}")
    said = seat.get(page)
    assert said.status_code == 200
    assert "body.txt, line 1, cannot be used" in said.text


def test_a_mail_that_there_is_not_is_the_issue(week: Week) -> None:
    seat = week.office.seat(Role.EDITOR)
    assert seat.get(f"{LOOK}?mail=../../etc/passwd").text == seat.get(LOOK).text
