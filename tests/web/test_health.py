"""/readyz says which part is not ready; /metrics is read by whoever may, and names nobody."""

import re

from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from digest.app import App
from digest.model.message import MessageState
from digest.pipeline.deliver import deliver
from digest.settings import Settings
from digest.store import open_store
from digest.web.site import create_app
from tests.doubles.smtp_server import Rule, SmtpServer, reply
from tests.pipeline.world import with_relay
from tests.web.conftest import Site

TOKEN = "a token of the tests, 32 characters or more"


def beat(site: Site) -> None:
    with site.world.app.store.write() as tx:
        tx.watching.beat("scheduler", site.world.clock())


def test_readiness_names_the_part_that_is_missing(each_site: Site) -> None:
    site = each_site
    answer = site.client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["parts"] == {"database": "ok", "migrations": "ok", "scheduler": "it has not run yet"}
    beat(site)
    assert site.client.get("/readyz").json() == {
        "status": "ready",
        "parts": {"database": "ok", "migrations": "ok", "scheduler": "ok"},
    }
    site.world.clock.forward(minutes=5)
    assert site.client.get("/readyz").json()["parts"]["scheduler"] == "it was seen 300 seconds ago"
    assert site.client.get("/healthz").status_code == 200


def test_a_database_of_another_version_is_not_ready(site: Site) -> None:
    beat(site)
    with site.world.app.store.write() as tx:
        tx._connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0012'")
    parts = site.client.get("/readyz").json()["parts"]
    assert parts["database"] == "ok"
    assert "digest db upgrade" in parts["migrations"]
    assert parts["scheduler"] == "unknown"


def test_a_database_that_is_away_is_said_without_its_name(site: Site) -> None:
    elsewhere = App(
        site.world.app.settings, open_store("sqlite:////nowhere/at/all.db"), site.world.app.keys, now=site.world.clock
    )
    answer = TestClient(create_app(elsewhere)).get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["parts"]["database"] == "it cannot be read"
    assert "nowhere" not in answer.text


def test_metrics_tell_of_relays_domains_queues_and_feeds(each_site: Site) -> None:
    site = each_site
    with SmtpServer(Rule(reply("550 5.1.1 nobody"), verb="RCPT", recipient="^reader1@")) as server:
        site.world = with_relay(site.world, f"smtp://{server.host}:{server.port}?tls=none")
        site.world.subscribe(3)
        site.world.subscribe_one("ann@gmail.com")
        site.world.add_articles(2)
        site.world.publish()
        before = read(site)
        deliver(site.world.app.sender())
    after = read(site)
    assert before["digest_queue_depth", "1"] == 4
    assert before["digest_queue_oldest_due_seconds",] == 0
    assert after["digest_messages_total", "example.org", "relay", "accepted"] == 2
    assert after["digest_messages_total", "example.org", "relay", "bounced"] == 1
    assert after["digest_messages_total", "gmail.com", "relay", "accepted"] == 1
    assert after["digest_queue_depth", ""] == 0
    assert after["digest_campaigns", "done"] == 1
    assert after["digest_feeds", "weekly", "well"] == 1
    assert after["digest_scheduler_lag_seconds",] == 0


def read(site: Site) -> dict[tuple[str, ...], float]:
    client = TestClient(create_app(site.world.app), client=("127.0.0.1", 1))
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert "@" not in answer.text
    families = text_string_to_metric_families(answer.text)
    return {(sample.name, *sample.labels.values()): sample.value for family in families for sample in family.samples}


def test_without_a_token_only_programs_of_this_machine_may_ask(site: Site) -> None:
    assert site.seen_from("127.0.0.1").get("/metrics").status_code == 200
    assert site.seen_from("::1").get("/metrics").status_code == 200
    assert site.seen_from("192.0.2.7").get("/metrics").status_code == 404
    for header in ("X-Forwarded-For", "Forwarded", "Via"):
        assert site.seen_from("127.0.0.1").get("/metrics", headers={header: "x"}).status_code == 404


def test_with_a_token_whoever_has_it_may_ask_and_nobody_else(site: Site) -> None:
    settings = Settings(**site.world.app.settings.model_dump() | {"metrics_token": TOKEN})
    app = create_app(App(settings, site.world.app.store, site.world.app.keys, now=site.world.clock))
    for client in ("127.0.0.1", "192.0.2.7"):
        asker = TestClient(app, client=(client, 1))
        assert asker.get("/metrics").status_code == 401
        assert asker.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}x"}).status_code == 401
        assert asker.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200


def test_the_states_in_metrics_are_ours(site: Site) -> None:
    with site.world.app.store.write() as tx:
        tx.watching.count({("main", 'odd"\\\n', MessageState.DEFERRED): 1}, site.world.clock())
    text = site.seen_from("127.0.0.1").get("/metrics").text
    assert re.search(
        r'^digest_messages_total\{domain="odd\\"\\\\\\n",relay="main",state="deferred"\} 1\.0$', text, re.MULTILINE
    )
