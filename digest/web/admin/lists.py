"""Lists: what people subscribe to and when it appears; their settings, and the next issue drafted by hand."""

from dataclasses import fields

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from digest.issues.cadence import next_slots
from digest.model.errors import BadInput
from digest.model.issue import IssueState
from digest.model.mailing_list import WEEKDAYS, Archive, CatchUp, MailingList, Rhythm, TooFew
from digest.model.operator import Right
from digest.pipeline.draft import draft, next_day
from digest.pipeline.plan import ListChange, add_list, change_list
from digest.rendering.themes import check_theme, list_themes
from digest.web.admin.gate import DeskRoute, EditSeat, ManageSeat, ReadSeat, Sent
from digest.web.admin.seat import Seat
from digest.web.forms import Form

routes = APIRouter(include_in_schema=False, route_class=DeskRoute)
READ = ["GET", "HEAD"]
SLOTS = 5
ISSUES = 5

#: Fields that are typed as they are, those that are numbers, and those that are ticked.
_TEXTS = (
    *("title", "tagline", "sender", "reply_to", "postal_address", "at", "zone", "catch_up", "topics", "language"),
    *("seeds", "too_few", "editors", "theme", "archive"),
)
_NUMBERS = (
    *("late_hours", "window_days", "min_articles", "max_articles", "max_per_feed", "send_within_hours"),
    *("canary_percent", "canary_refused_percent", "max_per_topic", "half_life_hours", "draft_ahead_hours"),
)
_TICKS = ("greets_with_issue", "says_goodbye", "corrections")
_SEVERAL = ("weekdays", "rhythms")


@routes.api_route("/desk/lists", methods=READ)
def show_lists(seat: ReadSeat) -> HTMLResponse:
    return _show_lists(seat)


@routes.post("/desk/lists")
def add(seat: ManageSeat, form: Sent) -> Response:
    change = ListChange(title=form.get("title") or None, sender=form.get("sender"), zone=form.get("zone") or None)
    try:
        added = add_list(seat.app.store, form.get("name"), change, now=seat.app.now())
    except BadInput as error:
        return _show_lists(seat, str(error), form)
    return seat.go(f"/desk/lists/{added.name}", f"{added.title} is added. Say here when it appears, and give it feeds.")


@routes.api_route("/desk/lists/{name}", methods=READ)
def show_list(seat: ReadSeat, name: str) -> HTMLResponse:
    return _show_list(seat, name)


@routes.post("/desk/lists/{name}")
def change(seat: ManageSeat, form: Sent, name: str) -> Response:
    """Everything that the form says; what it does not have, such as the brand, stays as it is."""
    try:
        said = read_change(form)
        if said.theme:
            check_theme(said.theme, seat.app.settings.templates)
        changed = change_list(seat.app.store, name, said, now=seat.app.now())
    except BadInput as error:
        return _show_list(seat, name, str(error), form)
    return seat.go(f"/desk/lists/{name}", f"{changed.title} is changed.")


@routes.post("/desk/lists/{name}/draft")
def draft_now(seat: EditSeat, form: Sent, name: str) -> Response:
    """An issue that somebody approved or held is not drafted anew from here: on its own page that can be seen and said."""
    but = frozenset({IssueState.APPROVED, IssueState.HELD})
    app = seat.app
    done = draft(app.store, name, app.pictures, day=form.get("day"), now=app.now(), salt=app.nonce(), but=but)
    issue = done.drafted.issue
    if done.drafted.too_little is not None:
        return seat.go(f"/desk/lists/{name}", f"Nothing is drafted. {done.drafted.too_little.reason}")
    said = " ".join((f"Drafted with {len(issue.content.items)} articles.", *done.remarks))
    return seat.go(f"/desk/issues/{issue.id}", said)


def read_change(form: Form) -> ListChange:
    """What a form says about a list. Raises BadInput for a number that is none."""
    said: dict[str, object] = {name: form.get(name) for name in _TEXTS if name in form.fields}
    said |= {name: _read_number(name, form.get(name)) for name in _NUMBERS if form.get(name).strip()}
    if "ticks" in form.fields:  # what is not ticked is not sent
        said |= {name: form.get(name) == "yes" for name in _TICKS}
        said |= {name: ",".join(form.all(name)) for name in _SEVERAL}
    return ListChange(**said)  # type: ignore[arg-type]  # each as its field is


def _read_number(name: str, said: str) -> int:
    if not said.strip().isdecimal():
        raise BadInput(f"{name.replace('_', ' ')} is {said!r}; write a number in digits.")
    return int(said)


def _show_lists(seat: Seat, complaint: str = "", form: Form | None = None) -> HTMLResponse:
    with seat.app.store.read() as tx:
        lists = tx.lists.all()
        last = tx.issue_lines.latest([each.id for each in lists])
        feeds = tx.feeds.counts()
    return seat.show(
        "lists.html",
        422 if complaint else 200,
        lists=lists,
        last=last,
        feeds=feeds,
        complaint=complaint,
        typed=form or Form(),
    )


def _show_list(seat: Seat, name: str, complaint: str = "", form: Form | None = None) -> HTMLResponse:
    now = seat.app.now()
    with seat.app.store.read() as tx:
        found = tx.lists.by_name(name)
        lines = tx.issue_lines.page(found.id, most=ISSUES)
        draft_of = tx.issue_lines.of_days([(found.id, next_day(found, now))]).get(found.id)
    return seat.show(
        "list.html",
        422 if complaint else 200,
        list=found,
        slots=next_slots(found.schedule, now, SLOTS),
        lines=lines,
        draft=draft_of,
        day=next_day(found, now),
        values=_typed(form) if form else as_typed(found),
        choices=_choices(seat),
        may_manage=seat.may(Right.MANAGE),
        complaint=complaint,
    )


def _choices(seat: Seat) -> dict[str, list[str]]:
    return {
        "weekdays": list(WEEKDAYS),
        "rhythms": list(Rhythm),
        "catch_up": list(CatchUp),
        "too_few": list(TooFew),
        "archive": list(Archive),
        "theme": ["", *list_themes(seat.app.settings.templates)],
    }


def as_typed(found: MailingList) -> dict[str, object]:
    """A list's settings as its form shows them."""
    schedule = found.schedule
    plain = {each.name: getattr(found, each.name) for each in fields(found)}
    return plain | {
        "sender": str(found.sender),
        "reply_to": str(found.reply_to or ""),
        "weekdays": [WEEKDAYS[day] for day in sorted(schedule.weekdays)],
        "at": f"{schedule.at:%H:%M}",
        "zone": schedule.zone,
        "catch_up": schedule.catch_up,
        "late_hours": schedule.late_hours,
        "topics": ", ".join(found.topics),
        "rhythms": list(found.rhythms),
        "seeds": ", ".join(map(str, found.seeds)),
        "editors": ", ".join(map(str, found.editors)),
    }


def _typed(form: Form) -> dict[str, object]:
    """What somebody typed, to be typed again."""
    texts: dict[str, object] = {name: form.get(name) for name in (*_TEXTS, *_NUMBERS)}
    ticks: dict[str, object] = {name: form.get(name) == "yes" for name in _TICKS}
    return texts | ticks | {name: form.all(name) for name in _SEVERAL}
