"""Who is let in, and to what: every route of the desk, for every role, asked for in every way (security S11–S13)."""

from collections.abc import Iterator
from typing import Any

import pytest

from digest.model.operator import RIGHTS, Right, Role
from digest.web.admin.gate import Needs, read_way_back
from tests.web.admin.conftest import Office
from tests.web.conftest import BASE_URL, Site

#: Where nobody need be logged in.
OPEN = {"/desk/log-in", "/desk/log-in/with", "/desk/log-in/back", "/desk/log-in/code", "/desk/welcome/{token}"}


def routes_of(site: Site) -> Iterator[Any]:
    pending = list(site.app.router.routes)
    while pending:
        route = pending.pop()
        pending += getattr(getattr(route, "original_router", None), "routes", ())
        if getattr(route, "path", "").startswith("/desk"):
            yield route


def needed(route: Any) -> list[Right | None]:
    """The rights that a route's seats ask for."""
    found, pending = [], list(route.dependant.dependencies)
    while pending:
        each = pending.pop()
        pending += each.dependencies
        if isinstance(each.call, Needs):
            found.append(each.call.right)
    return found


def asked(site: Site) -> list[tuple[str, str, Right | None]]:
    """Method, path and right of everything that needs a seat."""
    return [
        (method, route.path.format(number=1, call=1, token="x", name="weekly", article=1), needed(route)[0])
        for route in routes_of(site)
        if route.path not in OPEN
        for method in sorted(route.methods)
    ]


def test_every_route_of_the_desk_asks_for_a_seat(office: Office) -> None:
    found = {route.path: needed(route) for route in routes_of(office.site)}
    assert len(found) > 10
    assert {path for path, rights in found.items() if not rights} == OPEN
    assert all(len(rights) == 1 for path, rights in found.items() if path not in OPEN)


def test_nobody_gets_in_without_logging_in(office: Office) -> None:
    before = office.site.dump()
    for method, path, _ in asked(office.site):
        for headers in ({}, {"Cookie": "__Host-digest=stolen"}, {"Authorization": "Bearer x"}):
            response = office.visitor().request(method, path, headers=headers)
            assert response.status_code == 303, (method, path)
            assert response.headers["location"].startswith("/desk/log-in")
    assert office.site.dump() == before


def test_each_role_gets_what_its_rights_say_and_no_more(office: Office) -> None:
    seats = {role: office.seat(role) for role in Role}
    for method, path, right in asked(office.site):
        for role, seat in seats.items():
            if path in {"/desk/log-out", "/desk/account/sessions/1/end"}:
                continue
            may = right is None or right in RIGHTS[role]
            if may and method == "POST":
                continue  # what it does is tested where it is done
            status = seat.request(method, path).status_code
            assert (status == 403) == (not may), (method, path, role, status)


def test_an_analyst_changes_nothing(office: Office) -> None:
    seat = office.seat(Role.ANALYST)
    before = office.site.dump()
    writing = [(method, path) for method, path, right in asked(office.site) if method == "POST" and right is not None]
    assert writing
    for method, path in writing:
        assert seat.request(method, path).status_code == 403, path
    assert office.site.dump() == before


def test_looking_changes_nothing(office: Office) -> None:
    seat = office.seat()
    before = office.site.dump()
    for method, path, _ in asked(office.site):
        if method in {"GET", "HEAD"}:
            assert seat.request(method, path).status_code in {200, 404}, path
    assert office.site.dump() == before


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "", "Origin": "null"},
        {"Sec-Fetch-Site": ""},
    ],
)
def test_no_other_sites_form_counts(office: Office, headers: dict[str, str]) -> None:
    seat = office.seat()
    before = office.site.dump()
    paths = {path for method, path, _ in asked(office.site) if method == "POST"} | {"/desk/log-in", "/desk/welcome/x"}
    for path in paths:
        assert seat.post(path, headers=headers).status_code == 403, path
    assert office.site.dump() == before


def test_a_browser_without_fetch_metadata_is_known_by_its_origin(office: Office) -> None:
    seat = office.seat()
    headers = {"Sec-Fetch-Site": "", "Origin": "https://news.example.org"}
    assert seat.post("/desk/account/second-factor/off", headers=headers).status_code == 303


def test_other_spellings_of_a_path_lead_nowhere(office: Office) -> None:
    """A check by path would be gone around like this (CVE-2026-22595); ours is in the handler."""
    seat = office.seat(Role.ANALYST)
    for method, path, right in asked(office.site):
        if right is None or right in RIGHTS[Role.ANALYST]:
            continue
        spellings = (
            f"{path}/",
            path.replace("/desk", "//desk", 1),
            path.upper(),
            f"{path}%2e",
            f"{path}/.",
            f"{path};x",
        )
        for spelled in spellings:
            status = seat.request(method, f"{BASE_URL}{spelled}", headers={"Host": "evil.example"}).status_code
            assert status in {403, 404, 405}, (method, spelled)


def test_a_poisoned_host_changes_no_link(office: Office) -> None:
    seat = office.seat()
    page = seat.post(
        "/desk/operators", data={"address": "new@example.org", "role": "editor"}, headers={"Host": "evil.example"}
    )
    assert "https://news.example.org/desk/welcome/" in page.text
    assert "evil.example" not in page.text


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example",
        "//evil.example",
        "/desk//evil.example",
        "/desk\\evil",
        "/desk/../x",
        "/p/x",
        "/desk@evil",
        "",
    ],
)
def test_the_way_back_stays_at_the_desk(path: str) -> None:
    assert read_way_back(path) == ""
    assert read_way_back("/desk/issues/12") == "/desk/issues/12"
