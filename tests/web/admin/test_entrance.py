"""Logging in and out, with real passwords: what a browser sees."""

import re

import httpx2
import pyotp
import pytest
from starlette.testclient import TestClient

from digest.model.operator import Role
from tests.web.admin.conftest import Office

PASSWORD = "a quay with three boats"


def welcome(office: Office, role: Role = Role.EDITOR) -> str:
    """The path of a one-time link for an operator."""
    page = office.seat().post(f"/desk/operators/{office.staff[role].id}/invite")
    return found(r"https://news\.example\.org(/desk/welcome/[\w-]+)", page.text)


def with_password(office: Office, role: Role = Role.EDITOR) -> None:
    answer = office.visitor().post(welcome(office, role), data={"password": PASSWORD, "again": PASSWORD})
    assert answer.status_code == 303, answer.text


def log_in(
    office: Office, password: str = PASSWORD, address: str = "editor@example.org", to: str = ""
) -> tuple[TestClient, httpx2.Response]:
    browser = office.visitor()
    return browser, browser.post("/desk/log-in", data={"address": address, "password": password, "to": to})


def found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    assert match is not None, text
    return match[match.lastindex or 0]


def test_a_link_sets_a_password_once_and_lets_in(office: Office) -> None:
    link, browser = welcome(office), office.visitor()
    assert "editor@example.org" in browser.get(link).text
    assert browser.post(link, data={"password": PASSWORD, "again": "another one"}).status_code == 422
    assert browser.post(link, data={"password": "short", "again": "short"}).status_code == 422
    entered = browser.post(link, data={"password": PASSWORD, "again": PASSWORD})
    assert entered.headers["location"] == "/desk"
    cookie = entered.headers["set-cookie"]
    assert cookie.startswith("__Host-digest=")
    assert all(word in cookie for word in ("HttpOnly", "Secure", "Path=/", "SameSite=lax"))
    assert browser.get("/desk").status_code == 200
    assert office.visitor().get(link).status_code == 404
    assert office.visitor().post(link, data={"password": PASSWORD, "again": PASSWORD}).status_code == 404


def test_a_link_expires_and_a_newer_one_replaces_it(office: Office) -> None:
    older, newer = welcome(office), welcome(office)
    assert office.visitor().get(older).status_code == 404
    assert office.visitor().get(newer).status_code == 200
    office.world.clock.forward(hours=49)
    assert office.visitor().get(newer).status_code == 404


def test_log_in_and_out(office: Office) -> None:
    with_password(office)
    assert office.visitor().get("/desk/operators").headers["location"] == "/desk/log-in?to=/desk/operators"
    browser, answer = log_in(office, to="/desk/account")
    assert answer.headers["location"] == "/desk/account"
    assert browser.get("/desk/log-in").headers["location"] == "/desk"
    assert browser.post("/desk/log-out").headers["location"] == "/desk/log-in"
    assert browser.get("/desk").status_code == 303


def test_refusals_read_alike_and_are_limited(office: Office) -> None:
    with_password(office)
    said = [
        log_in(office, *pair)[1]
        for pair in (("wrong", "editor@example.org"), ("x", "nobody@example.org"), ("x", "no address"))
    ]
    texts = {re.sub(r'value="[^"]*"', "", each.text) for each in said}
    assert len(texts) == 1
    assert {each.status_code for each in said} == {403}
    for address in ("editor@example.org", "nobody@example.org"):
        answers = [log_in(office, "x", address)[1].text for _ in range(6)]
        assert "Too many tries" in answers[-1]
    assert "Too many tries" in log_in(office)[1].text  # the right one, too
    office.world.clock.forward(minutes=10)
    assert log_in(office)[1].status_code == 303


def test_a_second_factor(office: Office) -> None:
    with_password(office)
    browser, _ = log_in(office)
    other, _ = log_in(office)
    page = browser.get("/desk/account/second-factor").text
    assert "<svg" in page
    secret = found(r'name="secret" value="(\w+)"', page)
    totp = pyotp.TOTP(secret)

    def code() -> str:
        return totp.at(office.world.clock())

    assert "does not fit" in browser.post("/desk/account/second-factor", data={"secret": secret, "code": "0"}).text
    codes = browser.post("/desk/account/second-factor", data={"secret": secret, "code": code()}).text
    recovery = re.findall(r"<code>([0-9a-f-]{23})</code>", codes)
    assert len(recovery) == 10
    assert other.get("/desk").status_code == 303  # older sessions elsewhere ended
    assert browser.get("/desk").status_code == 200

    visitor, asked = log_in(office)
    assert "set-cookie" not in asked.headers
    ticket = found(r'name="ticket" value="([^"]+)"', asked.text)
    used = visitor.post("/desk/log-in/code", data={"ticket": ticket, "code": code()})
    assert used.status_code == 403  # that step's code was handed in when it was set up
    office.world.clock.forward(seconds=60)
    assert visitor.post("/desk/log-in/code", data={"ticket": ticket, "code": code()}).status_code == 303
    assert visitor.get("/desk").status_code == 200
    assert visitor.post("/desk/log-in/code", data={"ticket": f"1.{ticket}", "code": code()}).status_code == 403

    for status in (303, 403):  # a recovery code works once
        office.world.clock.forward(minutes=2)
        lost, asked = log_in(office)
        ticket = found(r'name="ticket" value="([^"]+)"', asked.text)
        assert lost.post("/desk/log-in/code", data={"ticket": ticket, "code": recovery[0]}).status_code == status
    office.world.clock.forward(minutes=6)
    assert lost.post("/desk/log-in/code", data={"ticket": ticket, "code": recovery[1]}).status_code == 403  # too late


@pytest.mark.parametrize("how", ["password", "role", "disabled", "link"])
def test_what_changes_ends_older_sessions(office: Office, how: str) -> None:
    """A stolen cookie is worth nothing after it (CVE-2026-34828)."""
    with_password(office)
    thief, _ = log_in(office)
    owner, number = office.seat(), office.staff[Role.EDITOR].id
    if how == "password":
        mine, _ = log_in(office)
        new = {"old": PASSWORD, "password": "another quay, no boats", "again": "another quay, no boats"}
        assert mine.post("/desk/account/password", data=new | {"old": "wrong"}).status_code == 422
        assert mine.post("/desk/account/password", data=new).status_code == 303
        assert mine.get("/desk").status_code == 200
    elif how == "link":
        with_password(office)
    else:
        role = "analyst" if how == "role" else "editor"
        changed = owner.post(
            f"/desk/operators/{number}", data={"role": role, "disabled": "yes" if how == "disabled" else ""}
        )
        assert changed.status_code == 303
    assert thief.get("/desk").status_code == 303


def test_there_is_always_an_owner(office: Office) -> None:
    owner = office.seat()
    answer = owner.post(f"/desk/operators/{office.staff[Role.OWNER].id}", data={"role": "editor"})
    assert answer.status_code == 409
    assert "only owner" in answer.text
    assert owner.get("/desk/operators").status_code == 200


def test_sessions_expire_and_can_be_ended(office: Office) -> None:
    one, other = office.seat(), office.seat()
    page = one.get("/desk/account").text
    number = found(r"/desk/account/sessions/(\d+)/end", page)
    assert one.post(f"/desk/account/sessions/{number}/end").status_code == 303
    assert other.get("/desk").status_code == 303
    office.world.clock.forward(hours=11)
    assert one.get("/desk").status_code == 200
    office.world.clock.forward(hours=11)
    assert one.get("/desk").status_code == 200
    office.world.clock.forward(hours=13)
    assert one.get("/desk").status_code == 303


def test_nothing_in_the_database_lets_anybody_in(office: Office) -> None:
    with_password(office)
    browser, _ = log_in(office)
    link = welcome(office)
    key = found(r"digest_[0-9a-f]{64}", office.seat().post("/desk/keys", data=a_key(office)).text)
    dump = "\n".join(office.site.dump())
    assert PASSWORD not in dump
    assert browser.cookies["__Host-digest"] not in dump
    assert link.rpartition("/")[2] not in dump
    assert key not in dump
    assert key[:13] in dump


def a_key(office: Office) -> dict[str, str]:
    return {"label": "Nightly", "operator": str(office.staff[Role.PROGRAM].id), "scope": "read", "days": "30"}


def test_a_key_is_made_shown_once_and_revoked(office: Office) -> None:
    owner = office.seat()
    assert "digest_" in owner.post("/desk/keys", data=a_key(office)).text
    assert not re.search(r"digest_[0-9a-f]{64}", owner.get("/desk/keys").text)
    assert owner.post("/desk/keys", data=a_key(office) | {"scope": "own"}).status_code == 422
    assert owner.post("/desk/keys", data=a_key(office) | {"label": ""}).status_code == 422
    assert owner.post("/desk/keys/1/revoke").status_code == 303
    assert "works no more" in owner.get("/desk/keys").text
    assert owner.post("/desk/keys/1/revoke").status_code == 409


def test_all_that_was_done_is_on_record(office: Office) -> None:
    with_password(office)
    log_in(office, "wrong")
    log_in(office)
    page = office.seat().get("/desk/record").text
    for word in ("invited", "password set", "log in refused", "logged in"):
        assert word in page
    assert "Editor" in page


def test_what_strangers_say_of_themselves_is_escaped(office: Office) -> None:
    with_password(office)
    browser = office.visitor()
    browser.headers["User-Agent"] = "<script>alert(1)</script>"
    browser.post("/desk/log-in", data={"address": "editor@example.org", "password": PASSWORD})
    assert "<script>alert" not in browser.get("/desk/account").text


def test_nobody_else_puts_words_on_our_pages(office: Office) -> None:
    seat = office.seat()
    seat.cookies.set("digest_said", "WW91IHdvbg==.00")
    assert "You won" not in seat.get("/desk").text
