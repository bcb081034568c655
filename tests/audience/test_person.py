import json

import pytest

from digest.audience.confirm import confirm
from digest.audience.person import erase_person, export_person
from digest.audience.sign_up import SignedUp
from digest.audience.suppress import suppress_address
from digest.model.address import Address
from digest.model.errors import NotFound
from digest.model.message import MessageState
from digest.model.subscriber import SuppressionReason
from tests.audience.conftest import Desk

ANN = "ann@example.org"


def subscribe(desk: Desk) -> None:
    desk.sign_up(ANN, "weekly", "evening", name="Ann")
    confirm(desk.store, desk.notices, desk.tokens()[-1], now=desk.now)


def test_everything_about_a_person_is_exported_as_json(desk: Desk) -> None:
    subscribe(desk)
    found = json.loads(json.dumps(export_person(desk.store, desk.keys, ANN)))
    assert (found["address"], found["name"], found["suppressed"]) == (ANN, "Ann", None)
    assert [each["list"] for each in found["subscriptions"]] == ["weekly", "evening"]
    assert found["subscriptions"][0]["consent"]["text"] == "Sign up for our weekly newsletter"
    assert found["subscriptions"][0]["state"] == "confirmed"
    assert found["confirmations"][0]["lists"] == ["evening", "weekly"]
    assert {each["mail"] for each in found["mails"]} == {"confirm-subscription", "welcome"}
    assert {each["kind"] for each in found["events"]} == {"signed_up", "confirmed"}


def test_nothing_that_names_a_person_is_left_after_erasing(desk: Desk) -> None:
    subscribe(desk)
    desk.later(days=1)
    assert erase_person(desk.store, desk.keys, ANN, now=desk.now).subscriptions == 2
    for table in ("subscribers", "subscriptions", "confirmations", "messages", "events", "suppressions"):
        with desk.store.read() as tx:
            rows = tx._connection.exec_driver_sql(f"SELECT * FROM {table}").all()
        assert "ann@" not in str(rows).lower()
        assert "Ann" not in str(rows)
        assert all(token not in str(rows) for token in ("nethash", "00000001"))
    assert {row["state"] for row in desk.outbox()} == {MessageState.SUPPRESSED}
    with desk.store.read() as tx:
        assert tx.suppressions.reason(desk.keys.address_hash(Address.parse(ANN))) is SuppressionReason.ERASED


def test_the_number_of_an_erased_person_never_becomes_another_s(desk: Desk) -> None:
    subscribe(desk)
    number = desk.number(ANN)
    erase_person(desk.store, desk.keys, ANN, now=desk.now)
    desk.sign_up("bob@example.org")
    assert desk.number("bob@example.org") > number
    assert desk.outbox()[-1]["address"] == "bob@example.org"  # his mail was not taken for one that was made before


def test_a_complaint_outlives_an_erasure(desk: Desk) -> None:
    subscribe(desk)
    with desk.store.write() as tx:
        tx.suppressions.add(desk.keys.address_hash(Address.parse(ANN)), SuppressionReason.COMPLAINT, desk.now)
    erase_person(desk.store, desk.keys, ANN, now=desk.now)
    assert desk.sign_up(ANN) is SignedUp.SUPPRESSED


def test_nobody_is_nobody(desk: Desk) -> None:
    with pytest.raises(NotFound, match=r"no subscriber nobody@example\.org"):
        export_person(desk.store, desk.keys, "nobody@example.org")
    with pytest.raises(NotFound):
        erase_person(desk.store, desk.keys, "nobody@example.org", now=desk.now)
    assert desk.count("suppressions") == 0


def test_an_operator_suppresses_once_and_over_an_erasure(desk: Desk) -> None:
    subscribe(desk)
    erase_person(desk.store, desk.keys, ANN, now=desk.now)
    assert suppress_address(desk.store, desk.keys, ANN, now=desk.now)
    assert not suppress_address(desk.store, desk.keys, ANN, now=desk.now)
    assert desk.sign_up(ANN) is SignedUp.SUPPRESSED
