"""Idempotency-Key: what was done is not done again."""

import pytest

from digest.pipeline.prune import prune
from digest.store.answers import Answers
from tests.web.v1.conftest import Programs

ONE = {"Idempotency-Key": "one"}
ANN = {"address": "ann@example.org", "list": "weekly"}


def test_the_same_request_is_done_once(each_programs: Programs) -> None:
    client = each_programs.client()
    first = client.post("/subscribers", json=ANN, headers=ONE)
    assert (first.status_code, first.json()) == (201, {"became": "pending"})
    again = client.post("/subscribers", json=ANN, headers=ONE)
    assert (again.status_code, again.json()) == (201, {"became": "pending"})  # done again it would be `already`
    assert again.headers["idempotent-replayed"] == "true"
    assert client.post("/subscribers", json=ANN).json() == {"became": "already"}
    other = client.post("/subscribers", json=ANN | {"address": "bob@example.org"}, headers=ONE)
    assert other.status_code == 422
    assert "used for another request" in other.json()["detail"]
    assert each_programs.client().post("/subscribers", json=ANN, headers=ONE).json() == {"became": "already"}


def test_an_answer_without_words_is_kept_too(programs: Programs) -> None:
    client = programs.client()
    programs.world.subscribe(1)
    for _ in range(2):
        assert client.delete("/subscribers/1", headers=ONE).status_code == 204
    assert client.delete("/subscribers/1").status_code == 404


def test_what_was_refused_may_be_tried_again(programs: Programs) -> None:
    client = programs.client()
    programs.world.add_articles(3)
    issue = programs.world.draft()
    assert client.post(f"/issues/{issue.id}/send", json={}, headers=ONE).status_code == 409  # nobody to send to
    programs.world.subscribe(2)
    sent = client.post(f"/issues/{issue.id}/send", json={}, headers=ONE)
    assert (sent.status_code, sent.json()["campaign"]["account"]["audience"]) == (202, 2)
    assert client.post(f"/issues/{issue.id}/send", json={}, headers=ONE).json() == sent.json()
    assert client.post(f"/issues/{issue.id}/send", json={}).status_code == 409


def test_one_that_is_being_done_waits(programs: Programs, monkeypatch: pytest.MonkeyPatch) -> None:
    client = programs.client()
    monkeypatch.setattr(Answers, "finish", lambda *_: None)  # killed before it was written down
    client.post("/subscribers", json=ANN, headers=ONE)
    answer = client.post("/subscribers", json=ANN, headers=ONE)
    assert answer.status_code == 409
    assert "cut short" in answer.json()["detail"]


def test_names_are_forgotten_after_a_day(programs: Programs) -> None:
    client = programs.client()
    client.post("/subscribers", json=ANN, headers=ONE)
    programs.world.clock.forward(hours=25)
    assert client.post("/subscribers", json=ANN, headers=ONE).json() == {"became": "already"}
    programs.world.clock.forward(hours=25)
    prune(programs.world.app.store, now=programs.world.clock())
    assert not [line for line in programs.office.site.dump() if line.startswith('INSERT INTO "answered"')]


@pytest.mark.parametrize("name", ["", "a b", "x" * 256])
def test_a_name_that_cannot_be_one(programs: Programs, name: str) -> None:
    assert programs.client().post("/subscribers", json=ANN, headers={"Idempotency-Key": name}).status_code == 422
