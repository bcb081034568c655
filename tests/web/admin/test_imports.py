"""Readers brought in by a browser: looked at first, imported, taken back; a stranger's file is never read."""

import io
import zipfile

import httpx2
import pytest

from digest.model.operator import Role
from digest.model.subscriber import SubscriptionState
from tests.web.admin.conftest import Office
from tests.web.admin.test_entrance import found

TABLE = b"email,name\nann@example.org,Ann\nbob@example.org,Bob\nnobody,Nobody\n"
AGREED = {"list": "weekly", "confirmed": "yes", "consent": "a form on paper, 2024"}


def look(office: Office, content: bytes = TABLE, name: str = "readers.csv", **fields: str) -> httpx2.Response:
    return office.seat(Role.EDITOR).post("/desk/imports", data=AGREED | fields, files={"file": (name, content)})


def kept(page: str) -> dict[str, str]:
    return {name: found(rf'name="{name}" value="([^"]*)"', page) for name in ("kept", "list", "confirmed", "consent")}


def test_it_is_looked_at_first_then_imported_and_taken_back(each_office: Office) -> None:
    office = each_office
    page = look(office).text
    assert "line 4" in page
    assert office.site.state("ann@example.org") is None
    seat = office.seat(Role.EDITOR)
    assert seat.post("/desk/imports/apply", data=kept(page)).status_code == 303
    assert office.site.state("ann@example.org") is SubscriptionState.CONFIRMED
    assert "2 new" in seat.get("/desk/imports").text
    assert seat.post("/desk/imports/apply", data=kept(page)).status_code == 422  # the file is gone
    assert seat.post("/desk/imports/1/undo").status_code == 303
    assert office.site.state("ann@example.org") is None


def test_another_operators_file_is_not_theirs(office: Office) -> None:
    form = kept(look(office).text)
    assert office.seat(Role.OWNER).post("/desk/imports/apply", data=form).status_code == 422
    assert office.seat(Role.EDITOR).post("/desk/imports/apply", data=form | {"kept": "../x"}).status_code == 422


@pytest.mark.parametrize(
    ("fields", "content", "said"),
    [
        ({"consent": ""}, TABLE, "consent"),
        ({}, b"", "empty"),
        ({}, b"colour,size\nred,4\n", "address"),
        ({"list": "nope"}, TABLE, "nope"),
    ],
)
def test_what_cannot_be_used_is_said_in_words(
    office: Office, fields: dict[str, str], content: bytes, said: str
) -> None:
    page = look(office, content, **fields)
    assert page.status_code in {404, 422}
    assert said in page.text


def test_no_file_is_said(office: Office) -> None:
    assert "Choose a file" in office.seat().post("/desk/imports", data=AGREED).text


def test_mailchimps_zip(office: Office) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(
            "subscribed_members.csv",
            "Email Address,First Name,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,LAST_CHANGED,LEID,EUID\nann@example.org,Ann,2,,,,,1,a\n",
        )
    assert "Mailchimp" in look(office, packed.getvalue(), "members.zip").text


def test_an_analyst_and_a_stranger_send_no_file(office: Office) -> None:
    analyst = office.seat(Role.ANALYST)
    before = office.site.dump()
    file = {"file": ("readers.csv", TABLE)}
    assert analyst.post("/desk/imports", data=AGREED, files=file).status_code == 403
    assert office.visitor().post("/desk/imports", data=AGREED, files=file).status_code == 303
    assert office.site.dump() == before


def test_more_than_any_file_has_is_refused(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digest.web.fence.MAX_UPLOAD", 100_000)
    assert look(office, TABLE + b"x" * 200_000).status_code == 413
