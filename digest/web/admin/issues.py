"""The issue desk: what is in an issue and what is not, and why; pins, drops, moves and other words, each of which can be taken back."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response

from digest.issues.budget import LARGEST_HTML
from digest.issues.mark import mark_of, mark_of_words
from digest.model.errors import BadInput, DigestError, NotFound, WrongState
from digest.model.finding import Severity, failures
from digest.model.issue import Issue, IssueState
from digest.model.wish import Wish, WishKind
from digest.pipeline.assemble import OPEN, assemble
from digest.pipeline.desk import MOST_INTRO, known_sections, slot_to_come, take_back, wish
from digest.pipeline.lint import lint_issue
from digest.web.admin.gate import DeskRoute, EditSeat, ReadSeat, Sent
from digest.web.admin.proofs import AtProofs, Checked, Proofs
from digest.web.admin.seat import Seat
from digest.web.forms import Form

routes = APIRouter(include_in_schema=False, route_class=DeskRoute)
READ = ["GET", "HEAD"]
A_PAGE = 30

#: What can be taken back of an article, by the name of its button.
_UNDONE = {
    "pin": frozenset({WishKind.PIN}),
    "drop": frozenset({WishKind.DROP}),
    "place": frozenset({WishKind.MOVE, WishKind.LEAD}),
    "words": frozenset({WishKind.TITLE, WishKind.SUMMARY}),
}


@routes.api_route("/desk/issues", methods=READ)
def show_issues(
    seat: ReadSeat,
    list_name: Annotated[str, Query(alias="list", max_length=60)] = "",
    before: Annotated[int | None, Query(ge=1)] = None,
) -> HTMLResponse:
    with seat.app.store.read() as tx:
        lists = tx.lists.all()
        chosen = tx.lists.by_name(list_name) if list_name else None
        lines = tx.issue_lines.page(chosen.id if chosen else None, before=before, most=A_PAGE + 1)
    return seat.show(
        "issues.html",
        lists=lists,
        names={each.id: each for each in lists},
        chosen=chosen,
        lines=lines[:A_PAGE],
        older=lines[A_PAGE - 1].id if len(lines) > A_PAGE else None,
    )


@routes.api_route("/desk/issues/{number}", methods=READ)
def show_issue(seat: ReadSeat, proofs: AtProofs, number: int) -> HTMLResponse:
    return show_desk(seat, proofs, number)


@routes.post("/desk/issues/{number}/draft")
def draft_anew(seat: EditSeat, number: int) -> Response:
    """With what came since; what its editors asked of it stays. Held or approved, it is a draft again."""
    app = seat.app
    with app.store.read() as tx:
        issue = tx.issues.get(number)
        mailing_list = tx.lists.get(issue.list_id)
    drafted = assemble(app.store, mailing_list, issue.period, now=app.now(), salt=issue.salt, only=OPEN, by_hand=True)
    if drafted.too_little is not None:
        return seat.go(f"/desk/issues/{number}", f"There is too little: {drafted.too_little.reason}")
    if app.pictures:
        app.pictures.fetch(drafted.issue)
    return seat.go(f"/desk/issues/{number}", f"Drafted anew, with {len(drafted.issue.content.items)} articles.")


@routes.post("/desk/issues/{number}/words")
def set_words(seat: EditSeat, proofs: AtProofs, form: Sent, number: int) -> Response:
    """Subject and introduction. Who wrote them meanwhile is not written over."""
    asked = [
        Wish(WishKind.SUBJECT, text=" ".join(form.get("subject").split())),
        Wish(WishKind.INTRO, text=form.get("intro").replace("\r\n", "\n").strip()),
    ]
    return _ask(seat, proofs, number, asked, said="The words are set.", form=form)


@routes.post("/desk/issues/{number}/articles/{article}")
def ask_of_article(seat: EditSeat, proofs: AtProofs, form: Sent, number: int, article: int) -> Response:
    undo = form.get("undo")
    if undo in _UNDONE:
        try:
            take_back(seat.app.store, number, _UNDONE[undo], article, now=seat.app.now())
        except WrongState as error:
            return show_desk(seat, proofs, number, str(error), status=409)
        return seat.go(f"/desk/issues/{number}#a{article}", "Taken back.")
    with seat.app.store.read() as tx:
        issue = tx.issues.get(number)
    asked, said = _read_wishes(issue, form, article)
    return _ask(seat, proofs, number, asked, said=said, anchor=f"#a{article}")


@routes.post("/desk/issues/{number}/links")
def check_links(seat: EditSeat, number: int) -> Response:
    """Asks other sites, politely: it may take a minute."""
    app = seat.app
    found = failures(lint_issue(app.store, number, app.render, app.linter))
    said = (
        f"{len(found)} of its checks failed; they stand below." if found else "Its links were asked, and none is dead."
    )
    return seat.go(f"/desk/issues/{number}#checks", said)


def _read_wishes(issue: Issue, form: Form, article: int) -> tuple[list[Wish], str]:
    """What a button or form asks of an article. Raises BadInput for what none of ours does."""
    match form.get("ask"):
        case "pin":
            return [Wish(WishKind.PIN, article)], "Pinned: it is in, first in its section."
        case "drop":
            return [Wish(WishKind.DROP, article)], "Dropped; the next best took its place, if there was one."
        case "lead":
            return [Wish(WishKind.LEAD, article)], "It leads."
        case "up":
            return [_moved(issue, article, -1)], "Moved up."
        case "down":
            return [_moved(issue, article, 1)], "Moved down."
        case "section":
            return [Wish(WishKind.MOVE, article, form.get("section"))], "Moved."
        case "words":
            return _edited(issue, form, article), "Its words in this issue are set."
    raise BadInput("That is nothing that can be asked of an article.")


def _moved(issue: Issue, article: int, by: int) -> Wish:
    for section in issue.content.sections:
        for place, item in enumerate(section.items, 1):
            if item.article_id == article:
                return Wish(WishKind.MOVE, article, section.title, min(max(1, place + by), len(section.items)))
    raise NotFound(f"Article {article} is in no section of this issue any more.")


def _edited(issue: Issue, form: Form, article: int) -> list[Wish]:
    """Only what differs: a title that nobody touched stays the article's own."""
    item = next((each for each in issue.content.items if each.article_id == article), None)
    if item is None:
        raise NotFound(f"Article {article} is not in this issue any more.")
    said = {
        WishKind.TITLE: (item.article.title, form.get("title")),
        WishKind.SUMMARY: (item.article.summary, form.get("summary")),
    }
    words = {kind: (" ".join(before.split()), " ".join(after.split())) for kind, (before, after) in said.items()}
    return [Wish(kind, article, after) for kind, (before, after) in words.items() if after != before]


def _ask(
    seat: Seat,
    proofs: Proofs,
    number: int,
    asked: list[Wish],
    *,
    said: str,
    form: Form | None = None,
    anchor: str = "",
) -> Response:
    if not asked:
        return seat.go(f"/desk/issues/{number}{anchor}", "Nothing was changed.")
    try:
        edited = wish(seat.app.store, number, asked, now=seat.app.now(), was=form.get("was") if form else "")
    except (BadInput, WrongState) as error:
        status = 409 if isinstance(error, WrongState) else 422
        return show_desk(seat, proofs, number, str(error), status=status, form=form)
    again = " It was approved before this: approve it again." if edited.was_approved else ""
    return seat.go(f"/desk/issues/{number}{anchor}", f"{said}{again}")


def show_desk(
    seat: Seat,
    proofs: Proofs,
    number: int,
    complaint: str = "",
    *,
    status: int = 200,
    form: Form | None = None,
    failed: bool = False,
) -> HTMLResponse:
    """The issue's page. `failed`: it does not pass its checks, and may be approved all the same."""
    now = seat.app.now()
    with seat.app.store.read() as tx:
        issue = tx.issues.get(number)
        mailing_list = tx.lists.get(issue.list_id)
        wishes = tx.wishes.of_issue(number)
        campaign = tx.campaigns.of_issue(number)
    checked, trouble = _pull(seat, proofs, issue)
    return seat.show(
        "issue.html",
        status,
        issue=issue,
        list=mailing_list,
        marks=_marks(wishes.each),
        campaign=campaign,
        goes_out=slot_to_come(issue, mailing_list, now) if issue.state in AT_THE_DESK else None,
        at_the_desk=issue.state in AT_THE_DESK and bool(issue.content.items),
        sections=known_sections(issue.content, mailing_list),
        seen=mark_of(issue),
        was=mark_of_words(issue),
        subject=form.get("subject") if form else issue.content.subject,
        intro=form.get("intro") if form else issue.content.intro,
        most_intro=MOST_INTRO,
        checked=checked,
        trouble=trouble,
        largest=LARGEST_HTML,
        severities=list(Severity),
        complaint=complaint,
        failed=failed,
    )


AT_THE_DESK = frozenset({IssueState.DRAFT, IssueState.APPROVED, IssueState.HELD})


def _pull(seat: Seat, proofs: Proofs, issue: Issue) -> tuple[Checked | None, str]:
    """A proof and its checks; or why there is none, such as an error in a template of the operator's own."""
    if issue.state is IssueState.SKIPPED or not issue.content.items:
        return None, ""
    try:
        return proofs.pull(seat.app, issue.id), ""
    except DigestError as error:
        return None, str(error)


def _marks(each: tuple[Wish, ...]) -> dict[int, list[str]]:
    """By article, what was asked of it, by the names of the buttons that take it back."""
    found: dict[int, list[str]] = {}
    for asked in each:
        for name, kinds in _UNDONE.items():
            if asked.kind in kinds and name not in found.setdefault(asked.article_id, []):
                found[asked.article_id].append(name)
    return found
