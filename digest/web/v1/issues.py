"""Issues: draft, look, ask something of them, check, and send."""

from dataclasses import replace
from datetime import UTC, date
from typing import Annotated, Any

from fastapi import Query
from pydantic import AwareDatetime, Field

from digest.audience.addresses import read_address
from digest.issues.mark import mark_of
from digest.model.finding import failures
from digest.model.issue import Issue
from digest.model.wish import Wish, WishKind
from digest.pipeline import desk, withdraw
from digest.pipeline.aim import count_readers, find_aim
from digest.pipeline.approve import approve_checked
from digest.pipeline.describe import (
    describe_campaign,
    describe_dry_run,
    describe_finding,
    describe_issue,
    summarise_issue,
)
from digest.pipeline.draft import draft as draft_by_hand
from digest.pipeline.lint import lint_issue
from digest.pipeline.publish import publish
from digest.pipeline.rehearse import dry_run as rehearse
from digest.pipeline.trial import preview as render_preview
from digest.pipeline.trial import queue_test
from digest.web.v1.caller import Caller
from digest.web.v1.gate import MOST_NUMBER, After, EditKey, Limit, Number, ReadKey, SendKey, room
from digest.web.v1.shapes import (
    Approved,
    DryRunShown,
    Edited,
    IssueLine,
    IssueShown,
    Linted,
    Page,
    Preview,
    Queued,
    Said,
    Sent,
)

routes = room("issues")


class NewIssue(Said):
    list: str = Field(max_length=48, examples=["weekly"])
    period: date | None = Field(None, description="the day it is for; today if left out")


class WishSaid(Said):
    kind: WishKind
    article: int = Field(0, ge=0, le=MOST_NUMBER, description="0 for what is asked of the issue itself")
    text: str = Field("", max_length=10_000, description="the new words; of a move the section")
    position: int = Field(0, ge=0, le=1_000, description="of a move, from 1 on; 0 for the section's end")


class WishesSaid(Said):
    wishes: list[WishSaid] = Field(min_length=1, max_length=100)


class TakenBack(Said):
    kinds: list[WishKind] = Field(min_length=1, max_length=len(WishKind))
    article: int = Field(0, ge=0, le=MOST_NUMBER)


class Look(Said):
    links: bool = Field(default=False, description="ask over the network whether its links are alive; takes a while")


class Held(Said):
    reason: str = Field("", max_length=500)


class Forced(Said):
    seen: str = Field(
        default="",
        max_length=100,
        description="`mark` of the issue as it was looked at: when it was changed since, nothing is done",
    )
    force: bool = Field(default=False, description="also if it does not pass its checks")


class Approval(Forced):
    at: AwareDatetime | None = Field(default=None, description="when it is to go out; null for at its slot")


class Aimed(Said):
    segment: str | None = Field(default=None, max_length=60, description="only to these of the list's readers")
    exclude: str | None = Field(default=None, max_length=60, description="to all but these")


class Sending(Forced, Aimed):
    """Both, or nothing."""


class TestTo(Said):
    to: list[str] = Field(min_length=1, max_length=20, examples=[["me@example.org"]])


@routes.get("/issues", response_model=Page[IssueLine])
def page(
    caller: ReadKey,
    list_name: Annotated[str | None, Query(alias="list", max_length=48)] = None,
    after: After = None,
    limit: Limit = 50,
) -> Any:
    """The newest first."""
    with caller.app.store.read() as tx:
        names = {each.id: each.name for each in tx.lists.all()}
        of_list = tx.lists.by_name(list_name).id if list_name else None
        found = tx.issues.page(of_list, before=after, limit=limit + 1)
    items = [summarise_issue(each) | {"list": names[each.list_id]} for each in found[:limit]]
    return {"items": items, "next": found[limit - 1].id if len(found) > limit else None}


@routes.post("/issues", status_code=201, response_model=IssueShown)
def draft(caller: EditKey, said: NewIssue) -> Any:
    """Draft an issue, or draft it anew. One for which there is too little is `skipped`, with the reason."""
    app = caller.app
    day = said.period.isoformat() if said.period else ""
    done = draft_by_hand(app.store, said.list, app.pictures, day=day, now=app.now(), salt=app.nonce())
    return _described(caller, done.drafted.issue) | {"pictures": list(done.remarks)}


@routes.get("/issues/{number}", response_model=IssueShown)
def show(caller: ReadKey, number: Number) -> Any:
    with caller.app.store.read() as tx:
        issue = tx.issues.get(number)
    return _described(caller, issue)


@routes.post("/issues/{number}/wishes", response_model=Edited)
def wish(caller: EditKey, number: Number, said: WishesSaid) -> Any:
    """Pin, drop, move, give other words: all of it, or nothing."""
    asked = [Wish(each.kind, each.article, each.text, each.position) for each in said.wishes]
    edited = desk.wish(caller.app.store, number, asked, now=caller.app.now())
    return {"issue": _described(caller, edited.issue), "was_approved": edited.was_approved}


@routes.post("/issues/{number}/wishes/take-back", response_model=Edited)
def take_back(caller: EditKey, number: Number, said: TakenBack) -> Any:
    edited = desk.take_back(caller.app.store, number, set(said.kinds), said.article, now=caller.app.now())
    return {"issue": _described(caller, edited.issue), "was_approved": edited.was_approved}


@routes.post("/issues/{number}/preview", response_model=Preview)
def preview(caller: EditKey, number: Number) -> Any:
    app = caller.app
    files = render_preview(app.store, number, app.render, app.links, now=app.now())
    return {
        "subject": files["subject.txt"].decode().strip(),
        "html": files["body.html"].decode(),
        "text": files["body.txt"].decode(),
        "message": files["message.eml"].decode("ascii", "replace"),
    }


@routes.post("/issues/{number}/lint", response_model=Linted)
def lint(caller: EditKey, number: Number, said: Look) -> Any:
    """Check it as it stands before it is sent."""
    app = caller.app
    found = lint_issue(app.store, number, app.render, app.linter, ask=said.links)
    return {"passes": not failures(found), "findings": [describe_finding(each) for each in found]}


@routes.post("/issues/{number}/dry-run", response_model=DryRunShown)
def dry_run(caller: SendKey, number: Number, said: Aimed | None = None) -> Any:
    """Who would get what if it were sent now. Nothing is sent."""
    app = caller.app
    wanted = said or Aimed()
    aim = find_aim(app.store, wanted.segment, wanted.exclude, app.now())
    return describe_dry_run(rehearse(app.store, number, app.render, app.links, aim=aim))


@routes.post("/issues/{number}/test", status_code=202, response_model=Queued)
def test(caller: SendKey, number: Number, said: TestTo) -> Any:
    """To addresses of your own."""
    app = caller.app
    to = [read_address(each) for each in said.to]
    return {"queued": queue_test(app.store, number, to, app.render, app.keys, now=app.now(), nonce=app.nonce())}


@routes.post("/issues/{number}/hold", response_model=IssueShown)
def hold(caller: SendKey, number: Number, said: Held) -> Any:
    """It does not go out by itself."""
    return _described(caller, desk.hold(caller.app.store, number, said.reason, now=caller.app.now()))


@routes.post("/issues/{number}/approve", response_model=Approved)
def approve(caller: SendKey, number: Number, said: Approval) -> Any:
    """At its slot, or at a moment of its own, it goes out as it stands now. It is asked whether its links live, so this may take a minute."""
    app = caller.app
    at = said.at.astimezone(UTC) if said.at else None
    done = approve_checked(
        app.store, number, app.render, app.linter, now=app.now(), seen=said.seen, force=said.force, at=at
    )
    return {"issue": _described(caller, done.issue), "goes_out_at": done.goes_out_at}


@routes.post("/issues/{number}/send", status_code=202, response_model=Sent)
def send(caller: SendKey, number: Number, said: Sending) -> Any:
    """Freeze its audience and fill the outbox; the scheduler delivers. An issue is sent once."""
    app = caller.app
    app.check_hops()
    aim = find_aim(app.store, said.segment, said.exclude, app.now())
    count_readers(app.store, number, aim)
    check = None if said.force else app.linter
    done = publish(app.store, number, app.render, app.keys, now=app.now(), check=check, aim=aim, seen=said.seen)
    with app.store.read() as tx:
        account = tx.campaigns.account(done.campaign.id)
    return {
        "campaign": describe_campaign(done.campaign, account),
        "editions": done.editions,
        "excluded": done.excluded,
    }


@routes.post("/issues/{number}/withdraw", response_model=IssueShown)
def take_from_the_web(caller: SendKey, number: Number) -> Any:
    """Out of the archive and the feeds. Mailboxes keep it."""
    now = caller.app.now()
    return _described(caller, replace(withdraw.withdraw(caller.app.store, number, now=now), withdrawn_at=now))


@routes.post("/issues/{number}/restore", response_model=IssueShown)
def put_back(caller: SendKey, number: Number) -> Any:
    done = withdraw.restore(caller.app.store, number, now=caller.app.now())
    return _described(caller, replace(done, withdrawn_at=None))


def _described(caller: Caller, issue: Issue) -> dict[str, Any]:
    with caller.app.store.read() as tx:
        return describe_issue(issue) | {"list": tx.lists.get(issue.list_id).name, "mark": mark_of(issue)}
