"""What the link in the mail that asks leads to: a page with one button, which confirms or asks for a new link.

Looking (GET, HEAD) changes nothing, whoever looks and however often; pressing (POST) does (security S8).
"""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from digest.audience import confirm as confirming
from digest.audience.confirm import TRADED, LinkState
from digest.model.subscriber import Consent
from digest.web.desk import AtDesk, Client, Desk
from digest.web.knock import check_open, say_consent, tell_to_look
from digest.web.limits import visit_from
from digest.web.readers import READ

routes = APIRouter(include_in_schema=False)

_STATUS = {
    LinkState.EXPIRED: 410,
    LinkState.USED: 410,
    LinkState.UNKNOWN: 404,
    LinkState.REFUSED: 403,
}


@routes.api_route("/c/{token}", methods=READ)
@routes.api_route("/c/{token}/again", methods=READ)
def look_at_confirmation(desk: AtDesk, token: str) -> HTMLResponse:
    return _show(desk, token, confirming.look(desk.app.store, token, now=desk.app.now()))


@routes.post("/c/{token}")
def confirm(desk: AtDesk, token: str) -> HTMLResponse:
    return _show(desk, token, confirming.confirm(desk.app.store, desk.notices, token, now=desk.app.now()))


@routes.post("/c/{token}/again")
def ask_again(desk: AtDesk, client: Client, token: str) -> HTMLResponse:
    """The new link goes to the address that the old one belonged to, within the limits of every sign-up."""
    app, now = desk.app, desk.app.now()
    settings = check_open(desk)
    visit = visit_from(app.keys, client, settings.sign_ups_per_hour, None)
    consent = Consent("link", say_consent(settings, desk.pages.words), now, app.keys.network_hash(client))
    seen = confirming.ask_again(app.store, desk.notices, token, consent, visit, now=now, nonce=app.nonce())
    if seen.state not in TRADED:
        return _show(desk, token, seen)
    return tell_to_look(desk.speaking_to(seen.language), seen.lists)


def _show(desk: Desk, token: str, seen: confirming.Confirming) -> HTMLResponse:
    traded = seen.state in TRADED and desk.app.settings_now().sign_ups
    return desk.speaking_to(seen.language).pages.show(
        "confirm.html", _STATUS.get(seen.state, 200), seen=seen, token=token, traded=traded
    )
