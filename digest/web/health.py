"""Whether the site is well, and whether all of digest is, for whoever watches it."""

from datetime import datetime, timedelta

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from digest.app import App
from digest.model.errors import DigestError
from digest.web.desk import AtDesk

routes = APIRouter(include_in_schema=False)

SCHEDULER = "scheduler"  # its beat
SILENT = timedelta(minutes=2)  # eight beats
READY = "ok"
UNKNOWN = "unknown"
NOT_KEPT = {"Cache-Control": "no-store"}


@routes.api_route("/healthz", methods=["GET", "HEAD"])
def health(desk: AtDesk) -> JSONResponse:
    """That the process answers and its database can be read: pages are served, whatever becomes of the rest."""
    with desk.app.store.read() as tx:
        tx.lists.all()
    return JSONResponse({"status": "ok"}, headers=NOT_KEPT)


@routes.api_route("/readyz", methods=["GET", "HEAD"])
def ready(desk: AtDesk) -> JSONResponse:
    """Which part is not ready; 503 if any."""
    parts = _parts(desk.app)
    is_ready = all(said == READY for said in parts.values())
    body = {"status": "ready" if is_ready else "not ready", "parts": parts}
    return JSONResponse(body, 200 if is_ready else 503, headers=NOT_KEPT)


def _parts(app: App) -> dict[str, str]:
    """In words that name nothing of ours: anybody may ask. `digest doctor` says more."""
    try:
        app.store.revision()
    except DigestError:
        return {"database": "it cannot be read", "migrations": UNKNOWN, SCHEDULER: UNKNOWN}
    migrations = _migrations(app)
    return {"database": READY, "migrations": migrations, SCHEDULER: _scheduler(app) if migrations == READY else UNKNOWN}


def _migrations(app: App) -> str:
    try:
        app.store.check_schema()
    except DigestError:
        return "the database is of another version; run `digest db upgrade`, or restart this process after it"
    return READY


def _scheduler(app: App) -> str:
    with app.store.read() as tx:
        beat = tx.watching.beats().get(SCHEDULER)
    return judge(beat.at if beat else None, app.now())


def judge(beat: datetime | None, now: datetime) -> str:
    if beat is None:
        return "it has not run yet"
    silent = now - beat
    return READY if silent <= SILENT else f"it was seen {silent // timedelta(seconds=1)} seconds ago"
