"""Which key is let in, and to what: every call for every right (security S13, S14)."""

from collections.abc import Iterator
from itertools import cycle
from typing import Any

import pytest

from digest.model.operator import Right, Role
from digest.operators.accounts import change_operator
from digest.operators.api_keys import revoke_key
from digest.store.door import Rate
from digest.web.v1 import allowance
from digest.web.v1.allowance import A_KEY, LOT
from digest.web.v1.gate import Needs
from tests.web.conftest import Site
from tests.web.v1.conftest import Programs


def routes_of(site: Site) -> Iterator[Any]:
    pending = list(site.app.router.routes)
    while pending:
        route = pending.pop()
        pending += getattr(getattr(route, "original_router", None), "routes", ())
        if getattr(route, "path", "").startswith("/api/v1"):
            yield route


def needed(route: Any) -> list[Right]:
    found, pending = [], list(route.dependant.dependencies)
    while pending:
        each = pending.pop()
        pending += each.dependencies
        if isinstance(each.call, Needs):
            found.append(each.call.right)
    return found


def asked(site: Site) -> list[tuple[str, str, Right]]:
    """Method, path and right of every call."""
    places = {"number": 1, "name": "weekly", "id": "0" * 32, "call": 1}
    return [
        (method, route.path.removeprefix("/api/v1").format(**places), needed(route)[0])
        for route in routes_of(site)
        for method in sorted(route.methods)
    ]


def test_every_call_names_one_right(programs: Programs) -> None:
    found = {(route.path, *route.methods): needed(route) for route in routes_of(programs.office.site)}
    assert len(found) > 40
    assert all(len(rights) == 1 for rights in found.values())


def test_each_scope_opens_its_calls_and_no_others(programs: Programs) -> None:
    clients = {right: programs.client(right) for right in Right}
    for client in clients.values():
        client.get("/lists")  # so that what is counted stands in the database
    before = programs.office.site.dump()
    for method, path, right in asked(programs.office.site):
        for scope, client in clients.items():
            if scope is right and method != "GET":
                continue  # what it does is tested where it is done
            answer = client.request(method, path)
            assert (answer.status_code == 403) == (scope is not right), (method, path, scope, answer.text)
            assert answer.status_code < 500
    assert rest(programs.office.site.dump()) == rest(before)


def rest(dump: list[str]) -> list[str]:
    """Without what is counted of requests."""
    return [line for line in dump if '"buckets"' not in line and '"api_keys"' not in line]


def test_nobody_gets_in_without_a_key_that_works(programs: Programs) -> None:
    site, key, other = programs.office.site, programs.key(), programs.key()
    revoke_key(programs.world.app.store, 2, now=programs.world.clock())
    old = programs.key(days=1)
    programs.world.clock.forward(days=2)
    seat = programs.office.seat()
    before = site.dump()
    wrong = cycle([{}, {"Authorization": "Bearer digest_x"}, {"Authorization": f"Basic {key}"}])
    for method, path, _ in asked(site):
        answer = seat.request(method, f"/api/v1{path}", headers=next(wrong))  # whose cookie counts for nothing
        assert answer.status_code == 401, (method, path)
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.headers["content-type"] == "application/problem+json"
    for dead in (other, old):
        assert programs.client(key=dead).get("/lists").status_code == 401
    assert site.dump() == before


def test_a_key_loses_what_its_operator_loses(programs: Programs) -> None:
    editor, store = programs.office.staff[Role.EDITOR], programs.world.app.store
    client = programs.client(key=programs.key(Right.READ, Right.EDIT, role=Role.EDITOR))
    assert client.post("/issues/9/preview").status_code == 404
    change_operator(store, editor.id, role=Role.ANALYST, now=programs.world.clock())
    assert client.post("/issues/9/preview").status_code == 403
    assert client.get("/issues").status_code == 200
    change_operator(store, editor.id, disabled=True, now=programs.world.clock())
    assert client.get("/issues").status_code == 401


def test_a_key_that_asks_too_often_waits(programs: Programs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allowance, "A_KEY", Rate(burst=1, seconds=A_KEY.seconds))
    client = programs.client(Right.READ)
    assert [client.get("/campaigns").status_code for _ in range(LOT)] == [200] * LOT
    answer = client.get("/campaigns")
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) >= 1
    assert programs.client(Right.READ).get("/campaigns").status_code == 200  # another key's are its own
    programs.world.clock.forward(seconds=3)
    assert client.get("/campaigns").status_code == 200


def test_nothing_in_the_database_lets_anybody_in(programs: Programs) -> None:
    client = programs.client()
    key = client.headers["authorization"].removeprefix("Bearer ")
    said = {"operator": programs.office.staff[Role.PROGRAM].id, "label": "Nightly", "scopes": ["read"]}
    made = client.post("/keys", json=said, headers={"Idempotency-Key": "one"}).json()["key"]
    invited = {"address": "new@example.org", "role": "editor"}
    link = client.post("/operators", json=invited, headers={"Idempotency-Key": "two"}).json()["link"]
    dump = "\n".join(programs.office.site.dump())
    assert made.startswith("digest_")
    for secret in (key, made, link.rpartition("/")[2]):
        assert secret not in dump


@pytest.mark.parametrize("path", ["/lists/", "//lists", "/LISTS", "/lists/.", "/lists;x", "/nothing"])
def test_other_spellings_lead_nowhere(programs: Programs, path: str) -> None:
    answer = programs.client(Right.OWN).get(f"https://news.example.org/api/v1{path}")
    assert answer.status_code in {403, 404}
    assert answer.headers["content-type"] == "application/problem+json"
