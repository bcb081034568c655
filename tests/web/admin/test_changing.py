"""Settings that an owner changes while all of it runs count at once; no page shows a secret."""

import pytest

from digest.model.operator import ActKind, Role
from tests.pipeline.world import with_relay
from tests.web.admin.conftest import Office
from tests.web.conftest import open_site


def acts(office: Office) -> list[tuple[ActKind, str, object]]:
    with office.world.app.store.read() as tx:
        return [(act.kind, act.subject, act.detail["value"]) for act in tx.acts.newest(limit=9)]


def test_the_front_door_is_closed_and_opened_at_once(office: Office) -> None:
    seat, front = office.seat(), office.visitor()
    assert "<form" in front.get("/").text
    assert seat.post("/desk/settings/sign_ups", data={"value": "no"}).status_code == 303
    assert "<form" not in front.get("/").text
    assert "closed now" in seat.get("/desk/settings").text
    assert seat.post("/desk/settings/sign_ups", data={"value": ""}).status_code == 303
    assert "<form" in front.get("/").text
    said = "as the settings file says"
    assert acts(office) == [
        (ActKind.SETTING_CHANGED, "setting sign_ups", said),
        (ActKind.SETTING_CHANGED, "setting sign_ups", False),
    ]


def test_the_words_of_consent_are_those_that_are_shown(office: Office) -> None:
    office.seat().post("/desk/settings/sign_up_text", data={"value": "Get our news every Monday"})
    assert "Get our news every Monday" in office.visitor().get("/").text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("secret_key", "x" * 40),
        ("database_url", "sqlite:///other.db"),
        ("nonsense", "1"),
        ("sign_ups", "perhaps"),
        ("sign_ups_per_hour", "0"),
        ("unconfirmed_days", "1"),
        ("unconfirmed_days", "many"),
        ("sign_up_text", "x" * 501),
        ("sign_ups", ""),  # it is so already
    ],
)
def test_what_cannot_be_changed_is_said(office: Office, name: str, value: str) -> None:
    seat = office.seat()
    seat.get("/desk/account")  # when they were last seen is written once
    before = office.site.dump()
    answer = seat.post(f"/desk/settings/{name}", data={"value": value})
    assert answer.status_code == 422
    assert name in answer.text
    assert office.site.dump() == before


def test_no_secret_is_shown(office: Office) -> None:
    world = with_relay(office.world, "smtp://ann:letmein@mail.example.org:587", metrics_token="t0ken" * 8)
    there = Office(open_site(world), office.staff)
    page = there.seat(Role.OWNER).get("/desk/settings").text
    assert "smtp_url" in page
    for secret in ("letmein", "t0ken", "a secret of the tests"):
        assert secret not in page
