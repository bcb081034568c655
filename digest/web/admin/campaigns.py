"""A campaign as it goes out: how far it is, live, and the brake."""

from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response, StreamingResponse

from digest.model.errors import DigestError
from digest.model.issue import CampaignState
from digest.model.message import MessageState
from digest.pipeline.brake import pause, resume, retry, stop
from digest.web.admin.charts import Share, draw_bar
from digest.web.admin.gate import DeskRoute, ReadSeat, SendSeat, Sent
from digest.web.admin.seat import HEADERS, Seat
from digest.web.admin.watching import AtWindow, Scene, Watchers
from digest.web.phrases import counted

routes = APIRouter(include_in_schema=False, route_class=DeskRoute)
READ = ["GET", "HEAD"]
RETRY_HOURS = 48


@routes.api_route("/desk/campaigns/{number}", methods=READ)
def show_campaign(seat: ReadSeat, window: AtWindow, number: int) -> HTMLResponse:
    scene = window.look(seat.app, number)
    with seat.app.store.read() as tx:
        issue = tx.issues.get(number)
        mailing_list = tx.lists.get(issue.list_id)
        excluded = tx.campaigns.excluded(scene.campaign.id)
    return seat.show(
        "campaign.html",
        number=number,
        issue=issue,
        list=mailing_list,
        excluded={why: count for why, count in excluded.items() if count},
        missed=_missed(scene),
        **_progress(scene),
    )


@routes.get("/desk/campaigns/{number}/live")
def watch(seat: ReadSeat, window: AtWindow, number: int) -> Response:
    """Server-sent events (HTML Standard, §9.2): `sight` with the figures once a second, `over` when nothing moves any more."""
    window.look(seat.app, number)  # NotFound before the stream begins
    headers = HEADERS | {"X-Accel-Buffering": "no"}  # nginx would gather it
    return StreamingResponse(_tell(seat, window, number), 200, headers, media_type="text/event-stream")


@routes.post("/desk/campaigns/{number}/pause")
def pause_it(seat: SendSeat, window: AtWindow, form: Sent, number: int) -> Response:
    why = " ".join(form.get("why").split())[:300]
    pause(seat.app.store, number, why=why, now=seat.app.now())
    window.look(seat.app, number, anew=True)
    return seat.go(f"/desk/campaigns/{number}", "Paused: at most one more mail goes out on each connection.")


@routes.post("/desk/campaigns/{number}/resume")
def resume_it(seat: SendSeat, window: AtWindow, number: int) -> Response:
    resume(seat.app.store, number, now=seat.app.now())
    window.look(seat.app, number, anew=True)
    return seat.go(f"/desk/campaigns/{number}", "It goes on.")


@routes.post("/desk/campaigns/{number}/stop")
def stop_it(seat: SendSeat, window: AtWindow, number: int) -> Response:
    stopped = stop(seat.app.store, number, now=seat.app.now())
    window.look(seat.app, number, anew=True)
    return seat.go(f"/desk/campaigns/{number}", f"Stopped: {counted(stopped.count, 'reader')} will not get it.")


@routes.post("/desk/campaigns/{number}/retry")
def retry_it(seat: SendSeat, window: AtWindow, form: Sent, number: int) -> Response:
    states = {MessageState.FAILED} | {state for state in _ASKED_FOR if form.get(state) == "yes"}
    queued = retry(seat.app.store, number, states=states, hours=RETRY_HOURS, now=seat.app.now())
    window.look(seat.app, number, anew=True)
    if not queued.count:
        return seat.go(f"/desk/campaigns/{number}", "There is nobody to send it to again.")
    return seat.go(f"/desk/campaigns/{number}", f"It is sent again to {counted(queued.count, 'reader')} who missed it.")


_ASKED_FOR = (MessageState.BOUNCED, MessageState.UNCERTAIN)
_SHOWN = (
    (MessageState.ACCEPTED, "good"),
    (MessageState.DEFERRED, "warn"),
    (MessageState.BOUNCED, "bad"),
    (MessageState.FAILED, "bad"),
    (MessageState.UNCERTAIN, "bad"),
    (MessageState.SUPPRESSED, "soft"),
)
_WAITING = (MessageState.QUEUED, MessageState.CLAIMED, MessageState.ARMED)


async def _tell(seat: Seat, window: Watchers, number: int) -> AsyncIterator[str]:
    scene = None
    try:
        async for scene in window.watch(seat.app, number):
            yield event("sight", seat.pages.render("desk/progress.html", operator=seat.operator, **_progress(scene)))
    except DigestError as error:
        yield event("trouble", str(error))
    if scene is not None and not scene.moves:
        yield event("over", scene.campaign.state)


def event(kind: str, data: str) -> str:
    lines = "".join(f"data: {line}\n" for line in data.splitlines())
    return f"event: {kind}\n{lines}\n"


def _progress(scene: Scene) -> dict[str, Any]:
    account = scene.sight.account
    shares = [Share(str(state), account.of(state), colour) for state, colour in _SHOWN]
    waiting = sum(account.of(state) for state in _WAITING)
    return {
        "campaign": scene.campaign,
        "sight": scene.sight,
        "moves": scene.moves,
        "waiting": waiting,
        "shares": shares,
        "bar": draw_bar(shares, account.audience),
        "states": CampaignState,
    }


def _missed(scene: Scene) -> dict[str, int]:
    account = scene.sight.account
    return {str(state): account.of(state) for state in (MessageState.FAILED, *_ASKED_FOR)}
