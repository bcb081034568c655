"""Campaigns: how an issue goes out, the brake, and what became of it. A campaign goes by its issue's number."""

from typing import Annotated, Any

from fastapi import Query
from pydantic import Field

from digest.model.message import MessageState
from digest.model.operator import Right
from digest.pipeline import brake
from digest.pipeline.brake import campaign_of
from digest.pipeline.describe import describe_campaign, describe_report
from digest.pipeline.report import report_on
from digest.web.v1.gate import After, Limit, Number, ReadersKey, ReadKey, SendKey, room
from digest.web.v1.shapes import Braked, CampaignShown, Page, RecipientShown, ReportShown, Said

routes = room("campaigns")


class Why(Said):
    why: str = Field("", max_length=500, description="kept and shown with it")


class Again(Said):
    states: list[MessageState] = Field(
        default=[MessageState.FAILED],
        min_length=1,
        max_length=3,
        description="failed; bounced were refused for good, and of the uncertain some get it twice",
    )
    hours: int = Field(48, ge=1, le=10_000, description="how long to try")


@routes.get("/campaigns", response_model=Page[CampaignShown])
def under_way(caller: ReadKey) -> Any:
    """Those that are not over."""
    with caller.app.store.read() as tx:
        return {"items": [describe_campaign(each, tx.campaigns.account(each.id)) for each in tx.campaigns.not_over()]}


@routes.get("/issues/{number}/campaign", response_model=CampaignShown)
def show(caller: ReadKey, number: Number) -> Any:
    with caller.app.store.read() as tx:
        campaign = campaign_of(tx, number)
        return describe_campaign(campaign, tx.campaigns.account(campaign.id))


@routes.get("/issues/{number}/campaign/recipients", response_model=Page[RecipientShown])
def recipients(
    caller: ReadersKey,
    number: Number,
    state: Annotated[list[MessageState], Query(max_length=len(MessageState))] = [],  # noqa: B006  FastAPI copies it
    after: After = None,
    limit: Limit = 50,
) -> Any:
    """Who got it, who did not, and why; without those who were erased since."""
    with caller.app.store.read() as tx:
        campaign = campaign_of(tx, number)
        found = tx.messages.page_of(campaign.id, state, after=after or 0, limit=limit + 1)
    items = [
        {
            "subscriber": each.subscriber_id,
            "address": each.address,
            "state": each.state,
            "attempts": each.attempts,
            "relay": each.relay,
            "said": each.reply,
        }
        for each in found[:limit]
    ]
    return {"items": items, "next": items[-1]["subscriber"] if len(found) > limit else None}


@routes.get("/issues/{number}/report", response_model=ReportShown)
def report(caller: ReadKey, number: Number) -> Any:
    """What became of it: by domain and reason once it is added up, and who left in the two weeks after it, or until the next one."""
    readers = Right.READERS in caller.rights
    return describe_report(report_on(caller.app.store, number, now=caller.app.now(), words=readers))


@routes.post("/issues/{number}/campaign/pause", response_model=Braked)
def pause(caller: SendKey, number: Number, said: Why) -> Any:
    """At most one more message goes out on each connection."""
    return _braked(brake.pause(caller.app.store, number, why=said.why, now=caller.app.now()))


@routes.post("/issues/{number}/campaign/resume", response_model=Braked)
def resume(caller: SendKey, number: Number) -> Any:
    return _braked(brake.resume(caller.app.store, number, now=caller.app.now()))


@routes.post("/issues/{number}/campaign/stop", response_model=Braked)
def stop(caller: SendKey, number: Number) -> Any:
    """For good: whoever does not have it by now does not get it, unless it is retried."""
    return _braked(brake.stop(caller.app.store, number, now=caller.app.now()))


@routes.post("/issues/{number}/campaign/retry", response_model=Braked)
def retry(caller: SendKey, number: Number, said: Again) -> Any:
    """Queue those again who missed it; what is deferred is tried at once."""
    done = brake.retry(caller.app.store, number, states=said.states, hours=said.hours, now=caller.app.now())
    return _braked(done)


def _braked(done: brake.Braked) -> dict[str, Any]:
    return {"campaign": describe_campaign(done.campaign, done.account), "count": done.count}
