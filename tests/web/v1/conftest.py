"""The API over a real database, with a key for each right."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from starlette.testclient import TestClient

from digest.model.operator import Right, Role
from digest.operators.api_keys import make_key
from tests.pipeline.world import World
from tests.web.admin.conftest import Office, open_office
from tests.web.conftest import BASE_URL


@dataclass
class Programs:
    """Programs that call the API."""

    office: Office

    @property
    def world(self) -> World:
        return self.office.world

    def key(self, *scopes: Right, role: Role = Role.OWNER, days: int | None = None) -> str:
        """A key of an operator of this role; for all that they may, if no scope is named."""
        app, operator = self.world.app, self.office.staff[role]
        chosen = frozenset(scopes) or operator.rights
        random = app.nonce() + app.nonce()
        return make_key(app.store, operator, "Test", chosen, days=days, now=app.now(), random=random).key

    def client(self, *scopes: Right, key: str = "") -> TestClient:
        headers = {"Authorization": f"Bearer {key or self.key(*scopes)}"}
        return TestClient(self.office.site.app, base_url=f"{BASE_URL}/api/v1", follow_redirects=False, headers=headers)


@pytest.fixture
def programs(sqlite_url: str) -> Iterator[Programs]:
    office = open_office(sqlite_url)
    yield Programs(office)
    office.world.app.close()


@pytest.fixture
def each_programs(database_url: str) -> Iterator[Programs]:
    """On SQLite and on PostgreSQL."""
    office = open_office(database_url)
    yield Programs(office)
    office.world.app.close()
