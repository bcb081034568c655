"""What the calls do, from a list to what became of its issue; and that they do nothing else than they are told (security S15)."""

from dataclasses import fields
from pathlib import Path

import pytest

from digest.audience.person import erase_person
from digest.model.operator import Right
from digest.pipeline.plan import ListChange
from digest.pipeline.prune import prune
from digest.web.v1.lists import ListSaid
from tests.pipeline.world import with_relay
from tests.web.conftest import open_site
from tests.web.v1.conftest import Programs

#: As sqlmap has them.
ATTACKS = (
    "1 OR 1=1",
    "' OR '1'='1",
    '" OR ""="',
    "1; DROP TABLE subscribers--",
    "1) UNION SELECT password_hash FROM operators--",
    "(SELECT CASE WHEN 1=1 THEN pg_sleep(9) END)",
    "%' AND 1=(SELECT 1 FROM api_keys) AND '%'='",
    "id desc, (select 1)",
    "\\x00'||(select name from sqlite_master)||'",
)


def test_an_issue_by_api_alone(each_programs: Programs) -> None:
    client, world = each_programs.client(), each_programs.world
    world.subscribe(3)
    world.add_articles(4)
    drafted = client.post("/issues", json={"list": "weekly"})
    assert drafted.status_code == 201
    articles = [each["article"] for each in drafted.json()["articles"]]
    asked = {"wishes": [{"kind": "drop", "article": articles[1]}, {"kind": "subject", "text": "By hand"}]}
    edited = client.post("/issues/1/wishes", json=asked).json()
    assert articles[1] not in [each["article"] for each in edited["issue"]["articles"]]
    back = client.post("/issues/1/wishes/take-back", json={"kinds": ["drop"], "article": articles[1]}).json()
    assert len(back["issue"]["articles"]) == 4
    assert client.post("/issues/1/preview").json()["subject"].startswith("By hand")
    assert client.post("/issues/1/lint", json={}).json()["passes"] is True
    assert client.post("/issues/1/hold", json={"reason": "not yet"}).json()["state"] == "held"
    assert client.post("/issues/1/approve", json={}).json()["issue"]["state"] == "approved"
    assert client.post("/issues/1/dry-run").json()["readers"] == 3
    assert client.post("/issues/1/test", json={"to": ["me@example.org"]}).json() == {"queued": 1}
    assert client.post("/issues/1/send", json={}).status_code == 202
    assert client.post("/issues/1/campaign/pause", json={"why": "a typo"}).json()["campaign"]["reason"] == "a typo"
    assert client.get("/campaigns").json()["items"][0]["state"] == "paused"
    assert client.post("/issues/1/campaign/resume").status_code == 200
    first = client.get("/issues/1/campaign/recipients", params={"limit": 2}).json()
    rest = client.get("/issues/1/campaign/recipients", params={"limit": 2, "after": first["next"]}).json()
    assert [each["address"] for each in first["items"] + rest["items"]] == [f"reader{n}@example.org" for n in range(3)]
    assert rest["next"] is None
    assert client.post("/issues/1/campaign/stop").json()["count"] == 3
    assert client.post("/issues/1/campaign/retry", json={}).json()["count"] == 3
    assert client.get("/issues/1/campaign").json()["account"]["queued"] == 3
    kinds = [each["kind"] for each in client.get("/record").json()["items"]]
    for kind in (
        "issue_drafted",
        "issue_edited",
        "issue_held",
        "issue_approved",
        "issue_published",
        "campaign_stopped",
    ):
        assert kind in kinds
    assert {each["via"] for each in client.get("/record").json()["items"]} <= {"api", "command"}


def test_lists_and_feeds(programs: Programs) -> None:
    client = programs.client()
    programs.world.add_articles(1)
    added = client.post("/lists", json={"name": "town", "from": "The Town <town@example.org>", "topics": "A, B"})
    assert (added.status_code, added.json()["topics"]) == (201, ["A", "B"])
    assert client.patch("/lists/town", json={"title": "Town Talk"}).json()["title"] == "Town Talk"
    assert client.patch("/lists/town", json={}).status_code == 422
    assert client.patch("/lists/town", json={"titel": "x"}).json()["errors"][0]["at"] == "body.titel"
    assert [each["name"] for each in client.get("/lists").json()["items"]] == ["town", "weekly"]
    assert client.get("/lists/none").status_code == 404
    assert client.get("/lists/weekly/feeds").json()["items"][0]["health"]
    assert client.patch("/feeds/1", json={"weight": 2}).json()["weight"] == 2
    for folder in ("/etc", "file:///etc/passwd", "http://127.0.0.1:1/feed.xml"):
        assert client.post("/lists/town/feeds", json={"address": folder}).status_code in {422, 503}
    assert client.delete("/feeds/1").status_code == 204
    assert client.get("/feeds/1").status_code == 404


def test_webhooks(programs: Programs) -> None:
    client = programs.client()
    said = {"url": "https://hooks.example.org/digest", "topics": ["issue.sent"], "label": "newsroom"}
    made = client.post("/webhooks", json=said).json()
    assert made["secret"].startswith("whsec_")
    shown = client.get("/webhooks/1").json()
    assert shown == {name: value for name, value in made.items() if name != "secret"}
    assert client.patch("/webhooks/1", json={"topics": ["subscriber.confirmed"]}).json()["label"] == "newsroom"
    assert client.patch("/webhooks/1", json={"enabled": False}).json()["reason"] == "an operator switched it off"
    assert client.post("/webhooks/1/secret").json()["secret"] != made["secret"]
    assert client.get("/webhooks/1/calls").json()["items"] == []
    assert client.post("/webhooks/1/calls/1/again").status_code == 409
    assert "secret" not in client.get("/webhooks").text
    assert client.delete("/webhooks/1").status_code == 204
    assert client.get("/webhooks/1").status_code == 404
    refused = client.post("/webhooks", json=said | {"url": "ftp://example.org"})
    assert refused.status_code == 422


def test_readers_from_a_file(each_programs: Programs) -> None:
    client, store = each_programs.client(), each_programs.world.app.store
    file = b"email,name\nann@example.org,Ann\nnobody,Bob\nann@example.org,Ann\n"
    looked = client.post("/imports?list=weekly&dry_run=true", content=file).json()
    assert (looked["id"], looked["rows"], looked["refused"]) == (None, 3, 1)
    assert looked["refusals"][0]["line"] == 3
    with store.read() as tx:
        assert list(tx.subscribers.readers()) == []
    agreed = "/imports?list=weekly&confirmed=true&consent=At%20the%20fair"
    done = client.post(agreed, content=file).json()
    assert (done["id"], done["added"], done["already"]) == (1, 1, 1)
    assert client.get("/imports").json()["items"][0]["counts"]["added"] == 1
    assert client.post("/imports/1/undo").json() == {"removed": 1, "restored": 0, "lifted": 0}
    assert client.post("/imports/1/undo").status_code == 409
    assert client.post("/imports?list=weekly").status_code == 422
    assert client.post("/imports?list=weekly&confirmed=true", content=file).status_code == 422
    assert client.post("/imports?list=nope", content=file).status_code in {404, 422}


def test_many_readers_at_once(programs: Programs) -> None:
    programs.world.subscribe(4)
    client = programs.client()
    everybody = {"list": "weekly", "state": "confirmed"}
    assert client.post("/subscribers/count", json=everybody).json() == {"count": 4}
    said = {"act": "unsubscribe", "from_list": "weekly", "whom": everybody, "count": 3}
    assert client.post("/subscribers/bulk", json=said).status_code == 409
    done = client.post("/subscribers/bulk", json=said | {"count": 4}).json()
    assert (done["readers"], done["left"]) == (4, 0)
    assert client.post(f"/bulks/{done['id']}/undo").json() == {"readers": 4}
    two = {"act": "suppress", "whom": {"numbers": [1, 2, 2]}, "count": 2}
    assert client.post("/subscribers/bulk", json=two).json()["readers"] == 2
    both = {"numbers": [1], "q": "reader"}
    for wrong in (both, {"numbers": [0]}, {"q": "nobody at all"}):
        assert client.post("/subscribers/count", json=wrong).status_code == 422
    assert (
        client.post(
            "/subscribers/bulk", json=said | {"whom": {"numbers": [1]}, "count": 1, "from_list": None}
        ).status_code
        == 422
    )


def test_a_report(programs: Programs) -> None:
    world = programs.world
    world.subscribe(2)
    world.add_articles(2)
    issue = world.draft()
    assert programs.client().get(f"/issues/{issue.id}/report").status_code == 404
    world.publish(issue)
    found = programs.client().get(f"/issues/{issue.id}/report").json()
    assert found["campaign"]["account"]["audience"] == 2
    assert (found["left"], found["words"], found["returned"]) == ([0], [], {})


def test_settings_that_may_be_changed_while_it_runs(programs: Programs) -> None:
    client = programs.client()
    usual = client.get("/settings").json()
    assert (usual["sign_ups"], usual["changed"]) == (True, [])
    changed = client.patch("/settings", json={"sign_ups": False, "unconfirmed_days": 9}).json()
    assert changed == usual | {"sign_ups": False, "unconfirmed_days": 9, "changed": ["sign_ups", "unconfirmed_days"]}
    refused = client.patch("/settings", json={"sign_ups": True, "unconfirmed_days": 1})
    assert refused.status_code == 422
    assert client.get("/settings").json() == changed  # both or nothing
    assert client.patch("/settings", json={"sign_ups": None, "unconfirmed_days": None}).json() == usual
    assert client.patch("/settings", json={"sign_ups": None}).json() == usual


def test_what_can_be_said_of_a_list_is_what_a_command_can_say() -> None:
    assert set(ListSaid.model_fields) == {each.name for each in fields(ListChange)}


def test_readers(each_programs: Programs) -> None:
    client = each_programs.client()
    each_programs.world.subscribe(3)
    page = client.get("/subscribers", params={"list": "weekly", "state": "confirmed", "limit": 2}).json()
    rest = client.get("/subscribers", params={"list": "weekly", "limit": 2, "after": page["next"]}).json()
    assert [each["id"] for each in page["items"] + rest["items"]] == [3, 2, 1]
    assert [each["id"] for each in client.get("/subscribers", params={"q": "READER1"}).json()["items"]] == [2]
    said = client.get("/subscribers", params={"where": ["language is en", "source is not form"]}).json()
    assert said["items"] == []
    assert client.post("/subscribers/1/unsubscribe", json={"list": "weekly"}).json() == {"left": 1}
    assert client.post("/subscribers/1/unsubscribe", json={}).json() == {"left": 0}
    assert client.post("/subscribers/2/address", json={"address": "new@example.org"}).json() == {"merged": False}
    choices = client.patch("/subscribers/2/choices/weekly", json={"form": "text"}).json()
    assert choices["form"] == "text"
    story = client.get("/subscribers/2").json()
    assert story["address"] == "new@example.org"
    assert [each["kind"] for each in story["acts"]] == ["reader_changed", "reader_moved"]
    assert [each["kind"] for each in story["events"]] == ["chose", "moved"]
    assert story["subscriptions"][0]["consent_text"] == "Sign up"
    assert client.delete("/subscribers/3").status_code == 204
    assert client.get("/subscribers/3").status_code == 404


def test_who_has_not_confirmed_is_asked_again_but_not_too_often(programs: Programs) -> None:
    client = programs.client()
    client.post("/subscribers", json={"address": "ann@example.org", "list": "weekly"})
    refused = client.post("/subscribers/1/ask")
    assert (refused.status_code, "short while ago" in refused.json()["detail"]) == (409, True)
    programs.world.clock.forward(hours=25)
    assert client.post("/subscribers/1/ask").status_code == 202
    assert programs.office.site.mails() == ["confirm-subscription"] * 2


def test_segments(programs: Programs) -> None:
    client = programs.client()
    programs.world.subscribe(2)
    programs.world.add_articles(2)
    programs.world.draft()
    condition = {"field": "language", "compare": "is", "value": "en"}
    added = client.post("/segments", json={"name": "English", "conditions": [condition]})
    assert (added.status_code, added.json()["conditions"]) == (201, [condition])
    assert client.get("/segments/1/count").json() == {"lists": {"weekly": 2}}
    assert client.post("/segments/count", json={"conditions": [condition | {"value": "de"}]}).json()["lists"] == {
        "weekly": 0
    }
    assert client.post("/segments", json={"name": "x", "conditions": [condition | {"field": "x"}]}).status_code == 422
    dry = client.post("/issues/1/dry-run", json={"exclude": "English"}).json()
    assert (dry["readers"], dry["excluded"]) == (0, {"not in the segment": 2})
    assert client.post("/issues/1/send", json={"exclude": "English"}).status_code == 409
    sent = client.post("/issues/1/send", json={"segment": "English"}).json()
    assert sent["campaign"]["aimed"] == "only English (language is en)"
    assert client.delete("/segments/1").status_code == 204
    assert client.get("/segments").json()["items"] == []


def test_suppressions(each_programs: Programs) -> None:
    client = each_programs.client()
    each_programs.world.subscribe(1)
    client.delete("/subscribers/1")
    for name in ("a", "b", "c"):
        assert client.post("/suppressions", json={"address": f"{name}@example.org"}).json() == {"suppressed": True}
    first = client.get("/suppressions", params={"limit": 3}).json()
    rest = client.get("/suppressions", params={"limit": 3, "after": first["next"]}).json()
    assert len({each["id"] for each in first["items"] + rest["items"]}) == 4
    assert client.get("/suppressions/counts").json()["counts"] == {"erased": 1, "operator": 3}
    assert len(client.get("/suppressions", params={"reason": "operator"}).json()["items"]) == 3
    (one,) = client.get("/suppressions", params={"address": "a@example.org"}).json()["items"]
    assert client.delete(f"/suppressions/{one['id']}").status_code == 204
    assert client.delete(f"/suppressions/{one['id']}").status_code == 404
    (erased,) = client.get("/suppressions", params={"reason": "erased"}).json()["items"]
    kept = client.delete(f"/suppressions/{erased['id']}")
    assert (kept.status_code, "only they can come back" in kept.json()["detail"]) == (409, True)


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_parameter_becomes_sql(each_programs: Programs, attack: str) -> None:
    client = each_programs.client()
    each_programs.world.subscribe(2)
    told = {
        "/subscribers": ("q", "list", "state", "where", "after", "limit"),
        "/suppressions": ("reason", "address", "after", "limit"),
        "/issues": ("list", "after", "limit"),
        "/record": ("operator", "subject", "after"),
    }
    for path, names in told.items():
        for name in names:
            answer = client.get(path, params={name: attack})
            assert answer.status_code in {200, 404, 422}, (path, name, answer.text)
            assert answer.status_code != 200 or answer.json()["items"] == []
    conditions = [f"{attack} is de", f"language {attack} de", f"language is {attack}", f"domain is {attack}"]
    for condition in (*conditions, f"joined since {attack}", f"topic is not {attack}", f"list is {attack}"):
        answer = client.get("/subscribers", params={"where": condition})
        assert answer.status_code in {200, 404, 422}, (condition, answer.text)
    assert len(client.get("/subscribers").json()["items"]) == 2


def templates(folder: Path) -> Path:
    receipt = folder / "mine" / "receipt"
    receipt.mkdir(parents=True)
    (receipt / "subject.txt").write_text("Receipt {{ values.number }}")
    (receipt / "body.txt").write_text("Paid: {{ values.lines|join(', ') }}")
    (receipt / "body.html").write_text("<html><body><p>Paid: {{ values.note }}</p></body></html>")
    return folder / "mine"


def test_a_letter_goes_out_once(programs: Programs, tmp_path: Path) -> None:
    programs.office.site.world = with_relay(
        programs.world, "smtp://127.0.0.1:1?tls=none", templates=templates(tmp_path)
    )
    programs.office.site.app = open_site(programs.world).app
    client = programs.client(Right.SEND, Right.READ)
    letter = {
        "template": "receipt",
        "to": "ann@example.org",
        "values": {"number": 12, "lines": ["one", "two"], "note": "<script>"},
    }
    posted = client.post("/messages", json=letter, headers={"Idempotency-Key": "order 12".replace(" ", "-")})
    assert posted.status_code == 202, posted.text
    assert client.get(f"/messages/{posted.json()['id']}").json()["state"] == "queued"
    programs.world.clock.forward(hours=25)  # after the answer is forgotten the outbox still knows
    again = client.post("/messages", json=letter, headers={"Idempotency-Key": "order-12"})
    assert again.status_code == 409
    with programs.world.app.store.read() as tx:
        message = tx.outbox.by_number(posted.json()["id"])
        assert message is not None
        edition = tx.editions.get(message.edition_id)
    assert edition.subject == "Receipt 12"
    assert "Paid: one, two" in edition.text
    assert "&lt;script&gt;" in edition.html
    for wrong in ({"template": "issue"}, {"template": "../receipt"}, {"template": "none"}, {"list": "none"}):
        assert client.post("/messages", json=letter | wrong).status_code == 404


def test_a_letter_is_refused_and_forgotten_as_it_should_be(programs: Programs, tmp_path: Path) -> None:
    programs.office.site.world = with_relay(
        programs.world, "smtp://127.0.0.1:1?tls=none", templates=templates(tmp_path)
    )
    programs.office.site.app = open_site(programs.world).app
    client = programs.client()
    values = {"number": 1, "lines": [], "note": "a secret of Ann's"}
    letter = {"template": "receipt", "to": "ann@example.org", "values": values}
    programs.world.subscribe_one("ann@example.org")
    assert client.post("/messages", json=letter).status_code == 202
    assert "a secret of Ann" in "\n".join(programs.office.site.dump())
    erase_person(programs.world.app.store, programs.world.app.keys, "ann@example.org", now=programs.world.clock())
    assert "a secret of Ann" not in "\n".join(programs.office.site.dump())
    refused = client.post("/messages", json=letter)
    assert (refused.status_code, "not to be mailed" in refused.json()["detail"]) == (409, True)
    deep = {"a": {"b": {"c": {"d": {"e": {"f": 1}}}}}}
    assert client.post("/messages", json=letter | {"to": "bob@example.org", "values": deep}).status_code == 422
    prune(programs.world.app.store, now=programs.world.clock())
