"""The desk over a real database, with somebody of each role logged in."""

from collections.abc import Iterator
from dataclasses import dataclass
from unittest import mock

import pytest
from argon2 import PasswordHasher
from starlette.testclient import TestClient

from digest.model.address import Address
from digest.model.operator import Operator, Role
from digest.operators import passwords
from digest.operators.sessions import open_session
from tests.pipeline.world import World, make_world
from tests.web.conftest import BASE_URL, Site, open_site

OURS = {"Sec-Fetch-Site": "same-origin"}


@dataclass
class Office:
    site: Site
    staff: dict[Role, Operator]

    @property
    def world(self) -> World:
        return self.site.world

    def seat(self, role: Role = Role.OWNER) -> TestClient:
        """A browser in which somebody of this role is logged in."""
        app, operator = self.site.world.app, self.staff[role]
        token = f"{app.nonce()}{app.nonce()}"
        with app.store.write() as tx:
            open_session(tx, app.keys, operator, browser="Test", client="", now=app.now(), token=token)
        return self.visitor({"__Host-digest": token})

    def visitor(self, cookies: dict[str, str] | None = None) -> TestClient:
        """A browser that sends our own pages' forms."""
        return TestClient(self.site.app, base_url=BASE_URL, follow_redirects=False, headers=OURS, cookies=cookies)


def open_office(database_url: str) -> Office:
    world = make_world(database_url)
    with world.app.store.write() as tx:
        staff = {
            role: tx.operators.add(Address.parse(f"{role}@example.org"), role.title(), role, world.clock())
            for role in Role
        }
        tx.operators.set_password(staff[Role.OWNER].id, "unusable")
    return Office(open_site(world), staff)


@pytest.fixture(scope="session", autouse=True)
def _cheap_passwords() -> Iterator[None]:
    """Hashed as argon2id hashes them, but quickly and in little memory."""
    hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    with mock.patch.object(passwords, "_hasher", return_value=hasher):
        yield


@pytest.fixture
def office(sqlite_url: str) -> Iterator[Office]:
    opened = open_office(sqlite_url)
    yield opened
    opened.site.world.app.close()


@pytest.fixture
def each_office(database_url: str) -> Iterator[Office]:
    """On SQLite and on PostgreSQL."""
    opened = open_office(database_url)
    yield opened
    opened.site.world.app.close()
