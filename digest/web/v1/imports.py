"""Readers from files: looked at first, imported, taken back."""

from contextlib import ExitStack
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

from fastapi import Query, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field

from digest.audience.enrol import check_consent
from digest.audience.imports import File, Plan, Report, apply, examine, open_file, undo
from digest.model.errors import BadInput
from digest.model.imports import ImportState
from digest.web.uploads import files_in, forget_upload, keep_pieces
from digest.web.v1.caller import Caller
from digest.web.v1.gate import Limit, Number, ReadersChangeKey, ReadersKey, room
from digest.web.v1.shapes import Page

routes = room("imports")
uploads = room("imports", once=False)
FILE = {"requestBody": {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}}


class AboutFile(BaseModel):
    """What is said beside the file, which is the body itself."""

    model_config = ConfigDict(extra="forbid")

    file: str = Field("readers.csv", max_length=200, description="its name, whose ending tells a ZIP from a table")
    list: str = Field("", max_length=48, description="may be left out for our own export, which names the lists")
    confirmed: bool = Field(default=False, description="they have agreed: then say how and when in `consent`")
    consent: str = Field("", max_length=1000)
    dry_run: bool = Field(default=False, description="look only: nothing is changed")


class Refused(BaseModel):
    file: str
    line: int
    reason: str


class ReportShown(BaseModel):
    id: int | None = Field(description="of the import, by which it can be taken back; null for a dry run")
    sources: list[str] = Field(description="what each table was taken for")
    rows: int
    added: int
    pending: int = Field(description="are asked to confirm")
    opted_out: int = Field(description="kept as not to be mailed")
    already: int
    left_alone: int = Field(description="not revived: they left, or are suppressed")
    refused: int
    refusals: list[Refused] = Field(description="the first thousand")


class ImportShown(BaseModel):
    id: int
    state: ImportState
    file: str
    list_id: int | None
    by: str
    started_at: datetime
    finished_at: datetime | None
    undone_at: datetime | None
    undone_by: str
    counts: dict[str, int]


class UndoneShown(BaseModel):
    removed: int
    restored: int
    lifted: int = Field(description="suppressions")


@routes.get("/imports", response_model=Page[ImportShown])
def imports(caller: ReadersKey, limit: Limit = 50) -> Any:
    """The newest first."""
    with caller.app.store.read() as tx:
        return {"items": [asdict(each) for each in tx.imports.all(limit)]}


@uploads.post("/imports", response_model=ReportShown, openapi_extra=FILE)
async def bring(caller: ReadersChangeKey, request: Request, about: Annotated[AboutFile, Query()]) -> Any:
    """Known by its header, as `digest subscriber import` knows it. Nobody who left is revived. The same file may be given again."""
    folder = await keep_pieces(request.stream(), about.file, caller.operator.id, caller.app.nonce())
    try:
        return await run_in_threadpool(_bring, caller, folder, about)
    finally:
        forget_upload(folder)


@routes.post("/imports/{number}/undo", response_model=UndoneShown)
def take_back(caller: ReadersChangeKey, number: Number) -> Any:
    """What readers did since then stays."""
    return asdict(undo(caller.app.store, number, by=_name(caller), now=caller.app.now()))


def _bring(caller: Caller, folder: Path, about: AboutFile) -> dict[str, Any]:
    if not sum(each.stat().st_size for each in files_in(folder)):
        raise BadInput("The file is empty; send it as the body of the request.")
    check_consent(confirmed=about.confirmed, consent=about.consent.strip())
    plan = Plan(about.list or None, confirmed=about.confirmed, consent=about.consent.strip())
    with ExitStack() as stack:
        files = [File(about.file, stack.enter_context(open_file(each))) for each in files_in(folder)]
        return _report(_do(caller, files, plan, dry_run=about.dry_run))


def _do(caller: Caller, files: list[File], plan: Plan, *, dry_run: bool) -> Report:
    app, now = caller.app, caller.app.now()
    if dry_run:
        return examine(app.store, app.keys, files, plan, now=now)
    return apply(app.store, app.keys, caller.notices, files, plan, by=_name(caller), now=now, nonce=app.nonce)


def _name(caller: Caller) -> str:
    return caller.operator.name or str(caller.operator.address)


def _report(found: Report) -> dict[str, Any]:
    told = asdict(found) | {"id": found.import_id or None, "rows": found.rows}
    return told | {"refusals": [each._asdict() for each in found.refusals if each.outcome == "refused"]}
