"""Webhooks against a real receiver: owed once, signed as Standard Webhooks has it, tried again, given up."""

import base64
import hmac
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from digest.model.address import Address
from digest.model.errors import BadInput, WrongState
from digest.model.event import EventKind
from digest.model.feed import FetchLimits
from digest.model.webhook import CallState, Topic
from digest.operators.calls import Caller
from digest.operators.webhooks import add_webhook, call_again, change_secret, change_webhook, remove_webhook
from digest.pipeline import brake
from digest.pipeline.absorb import Absorbed
from tests.doubles.returned import returned
from tests.doubles.smtp_server import Rule, reply
from tests.pipeline.test_absorb import absorber, sent_world
from tests.pipeline.world import KEYS, World, make_world

LOOPBACK = FetchLimits(allow_private=frozenset({"127.0.0.0/8"}))
RANDOM = "ab" * 32


@dataclass
class Receiver:
    """Answers with what it is told to, and keeps what it got."""

    port: int = 0
    answers: list[int] = field(default_factory=list)
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def told(self) -> list[dict[str, object]]:
        return [json.loads(body) for _, body in self.got]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    kept = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kept.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(kept.answers.pop(0) if kept.answers else 204)
            self.send_header("Content-Length", "0")
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Not to the terminal."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kept.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield kept
    server.shutdown()
    server.server_close()


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    made = make_world(database_url)
    yield made
    made.app.close()


def add(world: World, url: str, *topics: Topic) -> tuple[int, str]:
    made = add_webhook(
        world.app.store, KEYS, url, topics or list(Topic), label="The site", now=world.clock(), random=RANDOM
    )
    return made.kept.id, made.secret


def call(world: World, limits: FetchLimits = LOOPBACK) -> dict[CallState, int]:
    return Caller(world.app.store, KEYS, limits, world.clock, world.app.nonce).run()


def happen(world: World, kind: EventKind = EventKind.CONFIRMED) -> None:
    reader = world.subscribe_one("ann@example.org")
    with world.app.store.write() as tx:
        tx.events.add(kind, world.clock(), subscriber_id=reader.id, list_id=world.mailing_list.id)


def signature(secret: str, headers: dict[str, str], body: bytes) -> str:
    """By the text of the standard, with nothing of ours."""
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    return "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()


def test_what_happens_is_told_once_and_signed(world: World, receiver: Receiver) -> None:
    _, secret = add(world, receiver.url)
    world.clock.forward(seconds=1)
    happen(world)
    assert call(world) == {CallState.DONE: 1}
    assert call(world) == {}
    (headers, body), *others = receiver.got
    assert not others
    assert headers["webhook-signature"] == signature(secret, headers, body)
    assert headers["webhook-timestamp"] == str(int(world.clock().timestamp()))
    told = json.loads(body)
    assert told["type"] == "subscriber.confirmed"
    assert told["data"]["list"] == "weekly"
    assert told["data"]["subscriber"]["address"] == "ann@example.org"


def test_only_what_was_asked_for_and_from_then_on(world: World, receiver: Receiver) -> None:
    happen(world, EventKind.UNSUBSCRIBED)
    world.clock.forward(seconds=1)
    add(world, receiver.url, Topic.UNSUBSCRIBED)
    world.clock.forward(seconds=1)
    happen(world, EventKind.CONFIRMED)
    assert call(world) == {}
    happen(world, EventKind.UNSUBSCRIBED)
    assert call(world) == {CallState.DONE: 1}


def test_of_mails_that_are_refused_and_complained_of_it_is_told_whose_they_were(
    world: World, receiver: Receiver
) -> None:
    add(world, receiver.url, Topic.BOUNCED, Topic.COMPLAINED)
    world.clock.forward(seconds=1)
    ready, senders = sent_world(world, Rule(reply("550 5.1.1 no such user"), verb="RCPT", recipient="^reader0@"))
    complaint = returned("complaint").replace(b"abuse@news.example.org", senders["reader1@example.org"].encode())
    assert absorber(ready).absorb(complaint).absorbed is Absorbed.TOLD
    assert call(ready) == {CallState.DONE: 2}
    told = [(said["type"], said["data"]) for said in (json.loads(body) for _, body in receiver.got)]
    assert sorted((kind, data["list"], data["subscriber"]["address"]) for kind, data in told) == [
        ("message.bounced", "weekly", "reader0@example.org"),
        ("message.complained", "weekly", "reader1@example.org"),
    ]


def test_a_fact_that_is_committed_late_is_told_too(world: World, receiver: Receiver) -> None:
    add(world, receiver.url)
    before = world.clock() + timedelta(seconds=1)
    world.clock.forward(minutes=5)
    happen(world)
    assert call(world) == {CallState.DONE: 1}
    with world.app.store.write() as tx:
        tx.events.add(EventKind.CONFIRMED, before, list_id=world.mailing_list.id)
    assert call(world) == {CallState.DONE: 1}
    world.clock.forward(minutes=40)
    assert call(world) == {}
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 2


def test_a_call_that_fails_is_made_again_with_the_same_id(world: World, receiver: Receiver) -> None:
    add(world, receiver.url)
    happen(world)
    receiver.answers = [500, 302, 200]
    assert call(world) == {CallState.QUEUED: 1}
    assert call(world) == {}
    world.clock.forward(seconds=6)
    assert call(world) == {CallState.QUEUED: 1}  # a redirect is no answer, and is not followed
    world.clock.forward(minutes=6)
    assert call(world) == {CallState.DONE: 1}
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    assert len({body for _, body in receiver.got}) == 1


def test_it_is_given_up_after_three_days_and_can_be_asked_for_again(world: World, receiver: Receiver) -> None:
    number, _ = add(world, receiver.url)
    happen(world)
    receiver.answers = [503] * 10
    for _ in range(10):
        call(world)
        world.clock.forward(hours=27)
    with world.app.store.read() as tx:
        (failed,) = tx.webhooks.newest(number)
    assert failed.state is CallState.FAILED
    assert failed.attempts == 10
    assert failed.said.startswith("503")
    call_again(world.app.store, failed.id, now=world.clock())
    assert call(world) == {CallState.DONE: 1}
    with pytest.raises(WrongState):
        call_again(world.app.store, failed.id, now=world.clock())


def test_a_receiver_that_is_gone_is_switched_off(world: World, receiver: Receiver) -> None:
    number, _ = add(world, receiver.url)
    happen(world)
    happen(world, EventKind.UNSUBSCRIBED)
    receiver.answers = [410, 410]
    call(world)
    with world.app.store.read() as tx:
        hook = tx.webhooks.get(number)
        assert hook.disabled_at is not None
        assert "410" in hook.reason
        assert {each.state for each in tx.webhooks.newest(number)} == {CallState.FAILED}
    happen(world)
    assert call(world) == {}
    change_webhook(world.app.store, number, enabled=True, now=world.clock())
    remove_webhook(world.app.store, number, now=world.clock())
    assert call(world) == {}


def test_a_killed_caller_calls_again_later(world: World, receiver: Receiver) -> None:
    number, _ = add(world, receiver.url)
    happen(world)
    with world.app.store.read() as tx:
        hook = tx.webhooks.get(number)
    with world.app.store.write() as tx:
        assert tx.webhooks.owe(hook, world.clock()) == 1
        assert len(tx.webhooks.claim(world.clock(), 8)) == 1  # and dies
    assert call(world) == {}
    world.clock.forward(minutes=3)
    assert call(world) == {CallState.DONE: 1}


def test_private_networks_are_not_called(world: World, receiver: Receiver) -> None:
    number, _ = add(world, receiver.url)
    happen(world)
    assert call(world, FetchLimits()) == {CallState.QUEUED: 1}
    assert receiver.got == []
    with world.app.store.read() as tx:
        assert "private network" in tx.webhooks.newest(number)[0].said


def test_while_a_secret_changes_both_sign(world: World, receiver: Receiver) -> None:
    number, old = add(world, receiver.url)
    new = change_secret(world.app.store, KEYS, number, now=world.clock(), random="cd" * 32).secret
    happen(world)
    call(world)
    headers, body = receiver.got[0]
    assert headers["webhook-signature"].split() == [signature(new, headers, body), signature(old, headers, body)]


def test_an_erased_reader_is_not_named(world: World, receiver: Receiver) -> None:
    add(world, receiver.url)
    happen(world)
    with world.app.store.write() as tx:
        reader = tx.subscribers.find(Address.parse("ann@example.org"))
        assert reader is not None
        tx.subscribers.erase(reader.id)
    call(world)
    assert b"ann@" not in receiver.got[0][1]


def test_a_pause_by_an_operator_is_no_failure(world: World, receiver: Receiver) -> None:
    add(world, receiver.url, Topic.FAILED, Topic.SENT)
    world.add_articles(3)
    world.subscribe(1)
    campaign = world.publish()
    brake.pause(world.app.store, campaign.issue_id, now=world.clock())
    assert call(world) == {}
    brake.stop(world.app.store, campaign.issue_id, now=world.clock())
    assert call(world) == {CallState.DONE: 1}
    assert receiver.told()[0]["type"] == "issue.sent"
    assert receiver.told()[0]["data"] == {"list": "weekly", "issue": campaign.issue_id, "audience": 1, "failed": 1}


@pytest.mark.parametrize(
    "url", ["ftp://x.example", "https://", "https://a:b@x.example/", "javascript:alert(1)", "https://x.example/#a"]
)
def test_an_address_that_is_none_is_refused(world: World, url: str) -> None:
    with pytest.raises(BadInput, match="webhook needs an address"):
        add(world, url)


def test_no_secret_can_be_read_in_the_database(world: World) -> None:
    number, secret = add(world, "https://x.example/hook")
    with world.app.store.read() as tx:
        hook = tx.webhooks.get(number)
    assert secret not in hook.sealed_secret
    assert secret.removeprefix("whsec_") not in hook.sealed_secret
