"""The site over a real database, and a visitor without a browser."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import altcha
import httpx2
import pytest
from fastapi import FastAPI
from sqlalchemy import make_url, text
from starlette.testclient import TestClient

from digest.model.address import Address
from digest.model.subscriber import SubscriptionState
from digest.web.site import create_app
from tests.pipeline.world import World, a_list, make_world

BASE_URL = "https://news.example.org"


@dataclass
class Site:
    world: World
    app: FastAPI
    client: TestClient

    def stamp(self, page: str) -> str:
        """What the form of a page carries."""
        return self.client.get(page).text.partition('name="stamp" value="')[2].partition('"')[0]

    def sign_up(self, email: str, **fields: str) -> str:
        """Through the form of the list's page; returns what it answers."""
        values = {"email": email, "stamp": self.stamp("/lists/weekly"), "leave_empty": ""} | fields
        self.world.clock.forward(seconds=3)  # a person takes a while to type
        return self.client.post("/lists/weekly", data=values).text

    def send(
        self, page: str, action: str, email: str = "ann@example.org", **fields: str | list[str]
    ) -> httpx2.Response:
        """A form as a person sends it, without a script."""
        values = {"email": email, "stamp": self.stamp(page)} | fields
        self.world.clock.forward(seconds=3)
        return self.client.post(action, data=values)

    def solution(self, form: str = "weekly") -> str:
        """Of a puzzle for a form, as a browser finds it; three seconds go by."""
        challenge = altcha.Challenge.from_dict(self.client.get(f"/api/challenge?form={form}").json())
        self.world.clock.forward(seconds=3)
        solved = altcha.solve_challenge(challenge)
        assert solved is not None
        return altcha.Payload(challenge, solved).to_base64()

    def seen_from(self, client: str) -> TestClient:
        """The site, for who comes from this address."""
        return TestClient(self.app, client=(client, 1), base_url=BASE_URL, follow_redirects=False)

    def token(self) -> str:
        """Of the last confirmation mail."""
        with self.world.app.store.read() as tx:
            query = "SELECT max(id) FROM messages WHERE purpose = 'confirm-subscription'"
            message = tx.outbox.by_number(tx._connection.exec_driver_sql(query).scalar_one())
        assert message is not None
        return self.world.app.keys.confirmation_token(message.slots["confirm"])

    def fresh_token(self, mail: str) -> str:
        """Of the last mail of a kind that holds a fresh link; "" when there is none."""
        with self.world.app.store.read() as tx:
            query = "SELECT max(id) FROM messages WHERE purpose = :mail"
            number = tx._connection.execute(text(query), {"mail": mail}).scalar()
            message = tx.outbox.by_number(number) if number else None
        if message is None:
            return ""
        purpose, nonce = next(iter(message.slots.items()))
        return self.world.app.keys.fresh_token(purpose, nonce)

    def change_list(self, **values: object) -> None:
        self.world.mailing_list = replace(self.world.mailing_list, **values)  # type: ignore[arg-type]  # any of its fields
        with self.world.app.store.write() as tx:
            tx.lists.save(self.world.mailing_list)

    def state(self, email: str) -> SubscriptionState | None:
        with self.world.app.store.read() as tx:
            subscriber = tx.subscribers.find(Address.parse(email))
            if subscriber is None:
                return None
            kept = tx.subscribers.subscription(subscriber.id, self.world.mailing_list.id)
        return kept.state if kept else None

    def mails(self) -> list[str]:
        with self.world.app.store.read() as tx:
            query = "SELECT purpose FROM messages WHERE campaign_id IS NULL ORDER BY id"
            return list(tx._connection.exec_driver_sql(query).scalars())

    def dump(self) -> list[str]:
        """Everything that is in the database (SQLite)."""
        path = make_url(self.world.app.store.name).database
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            return list(connection.iterdump())
        finally:
            connection.close()

    def add_list(self, name: str, title: str) -> None:
        with self.world.app.store.write() as tx:
            new = replace(a_list(), name=name, title=title, list_id=f"{name}.example.org")
            tx.lists.add(new, self.world.clock())

    def path(self, link: str) -> str:
        return link.removeprefix(BASE_URL)


def open_site(world: World) -> Site:
    app = create_app(world.app)
    return Site(world, app, TestClient(app, base_url=BASE_URL, follow_redirects=False))


@pytest.fixture
def site(sqlite_url: str) -> Iterator[Site]:
    world = make_world(sqlite_url)
    yield open_site(world)
    world.app.close()


@pytest.fixture
def each_site(database_url: str) -> Iterator[Site]:
    """On SQLite and on PostgreSQL."""
    world = make_world(database_url)
    yield open_site(world)
    world.app.close()


@pytest.fixture
def stylesheet() -> str:
    return (Path(__file__).parents[2] / "digest/web/static/site.css").read_text("utf-8")
