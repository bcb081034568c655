"""Readers from files: looked at first, imported, taken back. The verbs are those of `digest subscriber import`."""

from contextlib import ExitStack
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, Response

from digest.audience.enrol import check_consent
from digest.audience.imports import File, Plan, Report, apply, examine, open_file, undo
from digest.audience.notices import Notices
from digest.model.errors import BadInput
from digest.web.admin.gate import DeskRoute, ReadersChangeSeat, ReadersSeat, Sent
from digest.web.admin.seat import Seat
from digest.web.forms import Form
from digest.web.uploads import files_in, find_upload, forget_upload, read_upload

routes = APIRouter(include_in_schema=False, route_class=DeskRoute)
READ = ["GET", "HEAD"]
SHOWN = 50  # imports, and refused rows


@routes.api_route("/desk/imports", methods=READ)
def show_imports(seat: ReadersSeat) -> HTMLResponse:
    return _show(seat)


@routes.post("/desk/imports")
async def look(seat: ReadersChangeSeat, request: Request) -> Response:
    """The form is read here, after its sender was let in: it may be large."""
    name = seat.app.nonce()
    form, folder, named = await read_upload(request, seat.operator.id, name)
    if folder is None:
        return await run_in_threadpool(_show, seat, "Choose a file.", form)
    try:
        report = await run_in_threadpool(_examine, seat, folder, form)
    except BadInput as error:
        forget_upload(folder)
        return await run_in_threadpool(_show, seat, str(error), form)
    return seat.show("import_report.html", report=report, named=named, kept=name, typed=form, shown=SHOWN)


@routes.post("/desk/imports/apply")
def bring_in(seat: ReadersChangeSeat, form: Sent) -> Response:
    """Takes a minute for a million; goes on when the browser gives up, and may be done again."""
    folder = find_upload(seat.operator.id, form.get("kept"))
    app, settings = seat.app, seat.app.settings
    notices = Notices(app.keys, settings.base_url, settings.templates, settings.theme, settings.brand)
    with ExitStack() as stack:
        files, by = _files(folder, stack), seat.operator.name or str(seat.operator.address)
        report = apply(app.store, app.keys, notices, files, _plan(form), by=by, now=app.now(), nonce=app.nonce)
    forget_upload(folder)
    return seat.go("/desk/imports", f"Import {report.import_id}: {say(report)}.")


@routes.post("/desk/imports/{number}/undo")
def take_back(seat: ReadersChangeSeat, number: int) -> Response:
    by = seat.operator.name or str(seat.operator.address)
    undone = undo(seat.app.store, number, by=by, now=seat.app.now())
    said = f"{undone.removed:,} gone, {undone.restored:,} as before, {undone.lifted:,} suppressions lifted"
    return seat.go("/desk/imports", f"Import {number} is taken back: {said}. What readers did since then stays.")


def say(report: Report) -> str:
    counts = {
        "new": report.added,
        "to be asked": report.pending,
        "kept as not to be mailed": report.opted_out,
        "already there": report.already,
        "not revived": report.left_alone,
        "refused": report.refused,
    }
    return ", ".join(f"{count:,} {name}" for name, count in counts.items() if count) or "nothing in it"


def _examine(seat: Seat, folder: Path, form: Form) -> Report:
    with ExitStack() as stack:
        return examine(seat.app.store, seat.app.keys, _files(folder, stack), _plan(form), now=seat.app.now())


def _files(folder: Path, stack: ExitStack) -> list[File]:
    return [File(each.name.partition("-")[2], stack.enter_context(open_file(each))) for each in files_in(folder)]


def _plan(form: Form) -> Plan:
    confirmed, consent = form.get("confirmed") == "yes", form.get("consent").strip()
    check_consent(confirmed=confirmed, consent=consent)
    return Plan(form.get("list") or None, confirmed=confirmed, consent=consent)


def _show(seat: Seat, complaint: str = "", form: Form | None = None) -> HTMLResponse:
    with seat.app.store.read() as tx:
        imports, lists = tx.imports.all(SHOWN), tx.lists.all()
    titles = {each.id: each.title for each in lists}
    status, typed = 422 if complaint else 200, form or Form()
    return seat.show(
        "imports.html", status, imports=imports, lists=lists, titles=titles, complaint=complaint, typed=typed
    )
