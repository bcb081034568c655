"""What became of issues: figures, charts and the table of each."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from digest.model.message import MISSED, Account, MessageState
from digest.model.operator import Right
from digest.model.returned import ReturnKind
from digest.pipeline.report import Report, report_on
from digest.store.issue_lines import IssueLine
from digest.store.reports import OfDomain
from digest.web.admin.charts import Row, Share, draw_bar, draw_days, draw_rows
from digest.web.admin.gate import DeskRoute, ReadSeat
from digest.web.admin.watching import AtWindow

routes = APIRouter(include_in_schema=False, route_class=DeskRoute)
READ = ["GET", "HEAD"]
A_PAGE = 30
ON_CHART = 12  # issues

#: How the reasons are said that readers choose from when they leave.
REASONS = {
    "too_often": "It comes too often",
    "not_for_me": "Not what I expected, or not interesting any more",
    "never_asked": "I never asked for it",
    "elsewhere": "I read it in another way",
    "other": "Another reason",
}


@routes.api_route("/desk/reports", methods=READ)
def show_reports(
    seat: ReadSeat,
    list_name: Annotated[str, Query(alias="list", max_length=60)] = "",
    before: Annotated[int | None, Query(ge=1)] = None,
) -> HTMLResponse:
    with seat.app.store.read() as tx:
        lists = tx.lists.all()
        chosen = tx.lists.by_name(list_name) if list_name else None
        lines = tx.issue_lines.published(chosen.id if chosen else None, before=before, most=A_PAGE + 1)
    shown = lines[:A_PAGE]
    over = [line for line in shown if line.account is not None][:ON_CHART]
    return seat.show(
        "reports.html",
        lists=lists,
        names={each.id: each for each in lists},
        chosen=chosen,
        lines=shown,
        missed=_missed,
        chart=draw_rows([_line_row(line) for line in over]) if len(over) > 1 else "",
        older=lines[A_PAGE - 1].id if len(lines) > A_PAGE else None,
    )


@routes.api_route("/desk/reports/{number}", methods=READ)
def show_report(seat: ReadSeat, window: AtWindow, number: int) -> HTMLResponse:
    account = window.look(seat.app, number).sight.account
    report = report_on(seat.app.store, number, now=seat.app.now(), words=seat.may(Right.READERS), account=account)
    return seat.show(
        "report.html",
        report=report,
        shares=_shares(report.account),
        came_back=[(said, report.returned.get(kind, 0)) for kind, said in _CAME_BACK.items()],
        hears=seat.app.return_paths is not None,
        bar=draw_bar(_shares(report.account), report.account.audience),
        domains=_domains(report),
        domain_chart=draw_rows([_domain_row(each) for each in _domains(report)]),
        reason_chart=_reason_chart(report),
        left_chart=draw_days(report.left),
        reasons={REASONS.get(why, why): count for why, count in report.reasons.items()},
    )


_CAME_BACK = {ReturnKind.FAILED: "came back", ReturnKind.COMPLAINT: "called spam"}


def _shares(account: Account) -> list[Share]:
    waiting = account.open - account.of(MessageState.DEFERRED)
    return [
        Share("accepted", account.of(MessageState.ACCEPTED), "good"),
        Share("deferred", account.of(MessageState.DEFERRED), "warn"),
        Share("bounced", account.of(MessageState.BOUNCED), "bad"),
        Share("failed", account.of(MessageState.FAILED), "bad"),
        Share("uncertain", account.of(MessageState.UNCERTAIN), "bad"),
        Share("suppressed", account.of(MessageState.SUPPRESSED), "soft"),
        *([Share("waiting", waiting, "soft")] if waiting else []),
    ]


def _missed(account: Account) -> int:
    return sum(account.of(state) for state in MISSED)


def _line_row(line: IssueLine) -> Row:
    account = line.account
    assert account is not None
    shares = (
        Share("accepted", account.of(MessageState.ACCEPTED), "good"),
        Share("missed", _missed(account), "bad"),
    )
    return Row(f"{line.period:%d %b %Y}", shares)


def _domains(report: Report) -> list[OfDomain]:
    if report.breakdown is None:
        return []
    other = [report.breakdown.other] if report.breakdown.other.messages else []
    return [*report.breakdown.domains, *other]


def _domain_row(each: OfDomain) -> Row:
    return Row(
        each.domain,
        (
            Share("accepted", each.accepted, "good"),
            Share("deferred", each.deferred, "warn"),
            Share("missed", each.missed, "bad"),
        ),
    )


def _reason_chart(report: Report) -> object:
    reasons = report.breakdown.reasons if report.breakdown else ()
    return draw_rows([Row(each.code or each.state, (Share(each.state, each.messages, "bad"),)) for each in reasons])
