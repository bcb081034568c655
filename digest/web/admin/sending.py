"""Letting an issue go: a test to oneself, the dry run, approve, hold, send. Who decides says what they saw: when it was changed
meanwhile nothing is done, and they see it as it is now.
"""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response

from digest.audience.addresses import read_address
from digest.issues.cadence import read_moment
from digest.issues.mark import mark_of
from digest.model.address import Address
from digest.model.errors import BadInput, DigestError, LintFailed, Outdated, WrongState
from digest.model.issue import Issue, IssueState
from digest.model.mailing_list import MailingList
from digest.model.segment import Aim, Segment
from digest.pipeline.aim import find_aim
from digest.pipeline.approve import approve_checked
from digest.pipeline.desk import hold
from digest.pipeline.editions import Readership
from digest.pipeline.publish import publish
from digest.pipeline.rehearse import dry_run
from digest.pipeline.trial import queue_test
from digest.pipeline.withdraw import restore, withdraw
from digest.web.admin.gate import DeskRoute, ReadSeat, SendSeat, Sent
from digest.web.admin.issues import AT_THE_DESK, show_desk
from digest.web.admin.proofs import AtProofs, Proofs
from digest.web.admin.seat import Seat
from digest.web.phrases import counted, local

routes = APIRouter(include_in_schema=False, route_class=DeskRoute)
READ = ["GET", "HEAD"]
OUT = frozenset({IssueState.PUBLISHED, IssueState.SENT})
MOST_TESTS = 20
Named = Annotated[str, Query(max_length=200)]  # a segment; "" for none


@routes.post("/desk/issues/{number}/test")
def send_test(seat: SendSeat, proofs: AtProofs, form: Sent, number: int) -> Response:
    """To oneself, or to other people of ours: a test is an issue that nobody has agreed to get."""
    app = seat.app
    try:
        to = _read_ours(seat, number, form.get("to"))
        app.check_hops()  # said now when none is set, before anything is queued
        count = queue_test(app.store, number, to, app.render, app.keys, now=app.now(), nonce=app.nonce())
    except DigestError as error:
        return show_desk(seat, proofs, number, str(error), status=422)
    return seat.go(f"/desk/issues/{number}", f"{counted(count, 'test')} on the way to {', '.join(map(str, to))}.")


@routes.api_route("/desk/issues/{number}/dry-run", methods=READ)
def show_dry_run(seat: ReadSeat, proofs: AtProofs, number: int, only: Named = "", but: Named = "") -> HTMLResponse:
    app, aim = seat.app, find_aim(seat.app.store, only, but, seat.app.now())
    found = dry_run(app.store, number, proofs.render(app), app.links, aim=aim, count=proofs.counts(app))
    with seat.app.store.read() as tx:
        mailing_list = tx.lists.get(found.issue.list_id)
    return seat.show("dry_run.html", found=found, list=mailing_list, aim=aim, segments=_segments(seat))


@routes.post("/desk/issues/{number}/hold")
def hold_it(seat: SendSeat, form: Sent, number: int) -> Response:
    held = hold(seat.app.store, number, " ".join(form.get("reason").split())[:300], now=seat.app.now())
    return seat.go(f"/desk/issues/{number}", f"It is held, and does not go out by itself: {held.reason}")


@routes.post("/desk/issues/{number}/approve")
def approve_it(seat: SendSeat, proofs: AtProofs, form: Sent, number: int) -> Response:
    """At its slot, or when the form says, on the clock of the list."""
    app, force = seat.app, form.get("force") == "yes"
    with app.store.read() as tx:
        zone = tx.lists.get(tx.issues.get(number).list_id).schedule.zone
    try:
        at = read_moment(form.get("at"), zone) if form.get("at") else None
        approved = approve_checked(
            app.store, number, app.render, app.linter, now=app.now(), seen=_seen(form), force=force, at=at
        )
    except BadInput as error:
        return show_desk(seat, proofs, number, str(error), status=422)
    except (Outdated, LintFailed) as error:
        return show_desk(seat, proofs, number, str(error), status=409, failed=isinstance(error, LintFailed))
    if approved.goes_out_at is None:
        return seat.go(f"/desk/issues/{number}", "It is approved. No slot of its own is to come: send it now.")
    when = f"{local(approved.goes_out_at, zone)} ({zone})"
    return seat.go(f"/desk/issues/{number}", f"It is approved, and goes out {when} as it stands.")


@routes.api_route("/desk/issues/{number}/send", methods=READ)
def confirm_sending(seat: SendSeat, proofs: AtProofs, number: int, only: Named = "", but: Named = "") -> Response:
    """How many get it, before anybody does."""
    return _confirm(seat, proofs, number, find_aim(seat.app.store, only, but, seat.app.now()))


@routes.post("/desk/issues/{number}/send")
def send(seat: SendSeat, proofs: AtProofs, form: Sent, number: int) -> Response:
    """May take seconds for very many readers, and is done whether or not the browser waits. Who presses twice sends once."""
    app = seat.app
    there = f"/desk/campaigns/{number}"
    aim = find_aim(app.store, form.get("only"), form.get("but"), app.now())
    try:
        app.check_hops()
        check = None if form.get("force") == "yes" else app.linter
        published = publish(
            app.store,
            number,
            app.render,
            app.keys,
            now=app.now(),
            only=AT_THE_DESK,
            check=check,
            seen=_seen(form),
            aim=aim,
        )
    except Outdated as error:
        return _there_or(seat, number) or show_desk(seat, proofs, number, str(error), status=409)
    except LintFailed as error:
        return _confirm(seat, proofs, number, aim, str(error), failed=True)
    except WrongState:
        if gone := _there_or(seat, number):
            return gone
        raise
    return seat.go(there, f"It is on its way to {counted(published.campaign.audience, 'reader')}.")


@routes.post("/desk/issues/{number}/withdraw")
def withdraw_it(seat: SendSeat, number: int) -> Response:
    withdraw(seat.app.store, number, now=seat.app.now())
    return seat.go(f"/desk/issues/{number}", "It is withdrawn from the web. Mailboxes keep it.")


@routes.post("/desk/issues/{number}/restore")
def restore_it(seat: SendSeat, number: int) -> Response:
    restore(seat.app.store, number, now=seat.app.now())
    return seat.go(f"/desk/issues/{number}", "It is in the archive again.")


def _seen(form: Sent) -> str:
    """What the editor looked at; a form that does not say it decides on nothing."""
    return form.get("seen") or "nothing"


def _there_or(seat: Seat, number: int) -> Response | None:
    """To the campaign, when somebody (this editor's other click, perhaps) sent it already; else None."""
    with seat.app.store.read() as tx:
        out = tx.issues.get(number).state in OUT
    return seat.go(f"/desk/campaigns/{number}", "It was sent already; it is sent once.") if out else None


def _segments(seat: Seat) -> list[Segment]:
    with seat.app.store.read() as tx:
        return tx.segments.all()


def _confirm(
    seat: Seat, proofs: Proofs, number: int, aim: Aim, complaint: str = "", *, failed: bool = False
) -> Response:
    with seat.app.store.read() as tx:
        issue = tx.issues.get(number)
        mailing_list = tx.lists.get(issue.list_id)
    if issue.state in OUT:
        return seat.go(f"/desk/campaigns/{number}")
    if issue.state not in AT_THE_DESK or not issue.content.items:
        raise WrongState("It has no articles, so there is nothing to send. Draft it first.")
    readership = proofs.counts(seat.app)(seat.app.store, issue, mailing_list, aim)
    return _ask(seat, issue, mailing_list, readership, complaint, failed=failed)


def _ask(
    seat: Seat, issue: Issue, mailing_list: MailingList, readership: Readership, complaint: str, *, failed: bool
) -> HTMLResponse:
    return seat.show(
        "send.html",
        409 if complaint else 200,
        issue=issue,
        list=mailing_list,
        readers=readership.readers,
        editions=len([cut for cut in readership.cutting.cuts if cut.readers]),
        excluded=readership.excluded,
        aim=readership.aim,
        segments=_segments(seat),
        seen=mark_of(issue),
        complaint=complaint,
        failed=failed,
    )


def _read_ours(seat: Seat, number: int, typed: str) -> list[Address]:
    """The addresses that are typed, which must be people's of ours; the operator's own when none is."""
    with seat.app.store.read() as tx:
        mailing_list = tx.lists.get(tx.issues.get(number).list_id)
        ours = {each.address for each in tx.operators.all() if each.disabled_at is None}
    ours |= {*mailing_list.editors, *mailing_list.seeds}
    to = [read_address(word) for word in typed.replace(",", " ").split()] or [seat.operator.address]
    if len(to) > MOST_TESTS:
        raise BadInput(f"Those are {len(to)} addresses; {MOST_TESTS} are the most for a test.")
    for address in to:
        if address not in ours:
            raise BadInput(
                f"{address} is no operator's, nor an editor or seed of {mailing_list.title}: tests go to these."
            )
    return to
