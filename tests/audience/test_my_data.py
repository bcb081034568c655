"""A reader's data is shown by a fresh link to their own mailbox, and by no other."""

import json

from digest.audience import my_data
from digest.audience.confirm import confirm
from digest.audience.preferences import send_data_link
from digest.audience.unsubscribe import say_why, unsubscribe
from digest.model.event import EventKind
from digest.model.fresh_link import LinkPurpose
from digest.model.subscriber import Reason
from tests.audience.conftest import Desk

ANN = "ann@example.org"


def subscribe(desk: Desk, address: str = ANN) -> int:
    desk.sign_up(address, "weekly", "evening", name="Ann")
    confirm(desk.store, desk.notices, desk.tokens()[-1], now=desk.now)
    return desk.number(address)


def ask(desk: Desk, number: int) -> None:
    send_data_link(desk.store, desk.keys, desk.notices, number, desk.weekly.id, now=desk.now, nonce=desk.nonce())


def token(desk: Desk) -> str:
    with desk.store.read() as tx:
        found = tx.outbox.by_number(int(str(desk.outbox("your-data")[-1]["id"])))
    assert found is not None
    return desk.keys.fresh_token(LinkPurpose.DATA, found.slots["data"])


def test_the_link_goes_to_the_readers_own_address_and_shows_what_is_kept(desk: Desk) -> None:
    number = subscribe(desk)
    ask(desk, number)
    assert [row["address"] for row in desk.outbox("your-data")] == [ANN]
    seen = my_data.look(desk.store, desk.keys, token(desk), now=desk.now)
    assert seen is not None
    assert str(seen.subscriber.address) == ANN
    assert [each.mailing_list.name for each in seen.kept] == ["evening", "weekly"]
    assert seen.kept[0].subscription.consent.network_hash == "nethash"
    assert [each.mail for each in seen.mails] == ["your-data", "welcome", "welcome", "confirm-subscription"]
    assert seen.mails[1].subject.startswith("Welcome to The")
    assert seen.events[0].kind is EventKind.ASKED_FOR_LINK


def test_it_works_for_an_hour_as_often_as_one_likes(desk: Desk) -> None:
    ask(desk, subscribe(desk))
    link = token(desk)
    desk.later(minutes=59)
    for _ in range(3):
        assert my_data.look(desk.store, desk.keys, link, now=desk.now)
    desk.later(minutes=1)
    assert my_data.look(desk.store, desk.keys, link, now=desk.now) is None
    assert my_data.export(desk.store, desk.keys, link, now=desk.now) is None
    assert not my_data.erase(desk.store, desk.keys, link, now=desk.now)
    assert desk.number(ANN)


def test_the_token_is_not_in_the_database(desk: Desk) -> None:
    ask(desk, subscribe(desk))
    for table in ("fresh_links", "messages", "events"):
        with desk.store.read() as tx:
            assert token(desk) not in str(tx._connection.exec_driver_sql(f"SELECT * FROM {table}").all())


def test_the_export_is_json_with_everything(desk: Desk) -> None:
    number = subscribe(desk)
    ask(desk, number)
    found = json.loads(json.dumps(my_data.export(desk.store, desk.keys, token(desk), now=desk.now)))
    assert found["address"] == ANN
    assert found["links"][0]["purpose"] == "data"
    assert {"subscriptions", "confirmations", "mails", "events"} <= set(found)


def test_erasing_forgets_and_the_link_with_it(desk: Desk) -> None:
    number = subscribe(desk)
    unsubscribe(desk.store, number, desk.weekly.id, now=desk.now, by="page")
    say_why(desk.store, number, desk.weekly.id, Reason.OTHER, "I am Ann Lindqvist of Quay Street", now=desk.now)
    ask(desk, number)
    link = token(desk)
    assert my_data.erase(desk.store, desk.keys, link, now=desk.now)
    assert not my_data.erase(desk.store, desk.keys, link, now=desk.now)
    assert my_data.look(desk.store, desk.keys, link, now=desk.now) is None
    for table in ("subscribers", "fresh_links", "messages", "events"):
        with desk.store.read() as tx:
            rows = str(tx._connection.exec_driver_sql(f"SELECT * FROM {table}").all())
        assert "Lindqvist" not in rows
        assert ANN not in rows


def test_few_mails_go_however_often_the_button_is_pressed(desk: Desk) -> None:
    number = subscribe(desk)
    for _ in range(20):
        ask(desk, number)
        desk.later(minutes=6)
    assert len(desk.outbox("your-data")) == 3


def test_nobody_gets_no_link(desk: Desk) -> None:
    ask(desk, 4711)
    assert desk.outbox("your-data") == []
