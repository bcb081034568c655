"""/metrics in the text format of Prometheus: figures without a name or an address of anybody, by a few cheap queries.

With the setting `metrics_token` whoever has it may ask, by `Authorization: Bearer`. Without it, programs on this machine may, if
no proxy asks for somebody else.
"""

import hmac
from collections.abc import Iterator, Mapping
from datetime import datetime
from ipaddress import ip_address
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response
from prometheus_client.core import CollectorRegistry, CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest

from digest import __version__
from digest.settings import Settings
from digest.store import Transaction
from digest.web.desk import AtDesk

routes = APIRouter(include_in_schema=False)

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_FORWARDED = ("forwarded", "via", "x-forwarded-for")


@routes.api_route("/metrics", methods=["GET", "HEAD"])
def metrics(request: Request, desk: AtDesk) -> Response:
    if not may_ask(desk.app.settings, request):
        if desk.app.settings.metrics_token is None:
            raise HTTPException(404)
        return Response("A token is needed.\n", 401, {"WWW-Authenticate": "Bearer", "Cache-Control": "no-store"})
    with desk.app.store.read() as tx:
        figures = list(read_figures(tx, desk.app.now()))
    return Response(_written(figures), media_type=CONTENT_TYPE, headers={"Cache-Control": "no-store"})


def may_ask(settings: Settings, request: Request) -> bool:
    if settings.metrics_token is not None:
        wanted = f"Bearer {settings.metrics_token.get_secret_value()}"
        return hmac.compare_digest(request.headers.get("authorization", "").encode(), wanted.encode())
    return _is_here(request) and not any(name in request.headers for name in _FORWARDED)


def _is_here(request: Request) -> bool:
    try:
        return request.client is not None and ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def read_figures(tx: Transaction, now: datetime) -> Iterator[Metric]:
    """About a dozen queries, each of an index or a small table."""
    yield _one("digest_info", "Which digest this is.", 1, version=__version__)
    yield _outcomes(tx)
    yield from _queues(tx, now)
    yield from _slots(tx, now)
    yield from _jobs(tx, now)
    yield _by(
        "digest_campaigns",
        "Campaigns, by state.",
        ("state",),
        {(k.value,): v for k, v in tx.watching.campaigns().items()},
    )
    yield _by("digest_feeds", "Feeds: well, failing or gone.", ("list", "state"), tx.watching.feeds())
    kinds = [alert.kind.value for alert in tx.watching.open_alerts().values()]
    yield _by("digest_alerts", "What is wrong.", ("kind",), {(kind,): kinds.count(kind) for kind in sorted(set(kinds))})
    yield _one("digest_senders", "Processes that are sending.", len(tx.senders.alive(now)))


def _outcomes(tx: Transaction) -> Metric:
    attempts = CounterMetricFamily(
        "digest_messages",
        "What became of attempts to send, since the database was made; domains that have no name here are 'other'.",
        labels=("relay", "domain", "state"),
    )
    for (relay, domain, state), count in tx.watching.counts().items():
        attempts.add_metric((relay, domain, state.value), count)
    return attempts


def _queues(tx: Transaction, now: datetime) -> Iterator[Metric]:
    queues = tx.watching.queues()
    depths = {("" if each.issue_id is None else str(each.issue_id),): each.waiting for each in queues}
    yield _by(
        "digest_queue_depth",
        "Messages that wait, of each issue on its way; 100000 is that or more.",
        ("issue",),
        depths,
    )
    due = [each.oldest_due_at for each in queues if each.oldest_due_at is not None]
    late = max([0.0, *((now - moment).total_seconds() for moment in due)])
    yield _one("digest_queue_oldest_due_seconds", "How long the first of them has been due.", late)
    yield _one("digest_queue_in_hand", "Messages that senders hold.", tx.watching.held())


def _slots(tx: Transaction, now: datetime) -> Iterator[Metric]:
    lists = tx.lists.all()
    slots = {(each.name,): each.next_due_at for each in lists if each.next_due_at is not None}
    late = [(now - slot).total_seconds() for slot in slots.values()]
    yield _one("digest_scheduler_lag_seconds", "How long a list's slot has waited to be taken.", max([0.0, *late]))
    times = {name: slot.timestamp() for name, slot in slots.items()}
    yield _by("digest_next_issue_timestamp_seconds", "When each list is due next.", ("list",), times)


def _jobs(tx: Transaction, now: datetime) -> Iterator[Metric]:
    beats = tx.watching.beats()
    ages = {(name,): (now - beat.at).total_seconds() for name, beat in beats.items()}
    yield _by("digest_job_age_seconds", "Since when a job, or the last backup, was done.", ("job",), ages)
    failing = {(name,): float(beat.failing_since is not None) for name, beat in beats.items()}
    yield _by("digest_job_failing", "1 for a job that failed last time.", ("job",), failing)


def _by(name: str, said: str, labels: tuple[str, ...], values: Mapping[Any, float]) -> Metric:
    gauge = GaugeMetricFamily(name, said, labels=labels)
    for label, value in values.items():
        gauge.add_metric(label, value)
    return gauge


def _one(name: str, said: str, value: float, **labels: str) -> Metric:
    gauge = GaugeMetricFamily(name, said, labels=tuple(labels))
    gauge.add_metric(tuple(labels.values()), value)
    return gauge


def _written(figures: list[Metric]) -> bytes:
    class Once:
        def collect(self) -> list[Metric]:
            return figures

    registry = CollectorRegistry(auto_describe=False)
    registry.register(Once())
    return bytes(generate_latest(registry))
