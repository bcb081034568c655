"""Rendering an issue once, and what inlining has of it, beside another inliner."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import css_inline
from premailer import Premailer

from bench.measure import Step, Subject
from bench.world import LINKS, SALT, a_list, an_issue
from digest.model.issue import Issue
from digest.model.mailing_list import FRONT_PAGE, MailingList
from digest.pipeline.render import make_render
from digest.rendering.context import clean, view_issue, view_list
from digest.rendering.environment import render_template
from digest.rendering.frame import view_frame
from digest.rendering.inline import inline_css
from digest.rendering.look import make_look
from digest.rendering.slots import Part, make_slot_tokens
from digest.words import words_in


@contextmanager
def _open(size: int, _place: Path) -> Iterator[Sequence[Subject]]:
    mailing_list = a_list()
    issue = an_issue(size, mailing_list)
    render = make_render(LINKS, None)
    page = _page(issue, mailing_list)
    last = issue.content.items[-1].article.url

    def whole(work: Callable[[], str]) -> Callable[[], int]:
        return lambda: size if last in work() else 0

    inliner = css_inline.CSSInliner(load_remote_stylesheets=False)
    yield (
        Subject("render, and make it fit", whole(lambda: render(issue, mailing_list).whole)),
        Subject("of it: the HTML template", whole(lambda: _page(issue, mailing_list))),
        Subject("of it: inlining", whole(lambda: inline_css(page, SALT))),
        Subject("premailer without our fence", whole(lambda: _premailer(page))),
        Subject("css-inline", whole(lambda: inliner.inline(page))),
    )


def _page(issue: Issue, mailing_list: MailingList) -> str:
    """The HTML part before anything is inlined."""
    look = make_look(FRONT_PAGE, mailing_list.brand, mailing_list.title)
    seen = {"issue": view_issue(issue, mailing_list.language), "list": view_list(mailing_list), "look": look}
    values = {name: clean(value, SALT) for name, value in seen.items()}
    words, slots = words_in(mailing_list.language), make_slot_tokens(Part.HTML, SALT)
    ours = {"lang": words.tag, "frame": view_frame(words), "subject": mailing_list.title, "slot": slots}
    return render_template("issue/body.html", {**values, **ours})


def _premailer(page: str) -> str:
    return str(
        Premailer(
            page, allow_network=False, disable_validation=True, cssutils_logging_level=logging.CRITICAL
        ).transform()
    )


# Nobody sends an issue of 10,000 articles: a part of more than 5,000,000 characters is refused (MAX_RENDERED).
STEP = Step("render", "articles in one issue", (10, 100, 1_000), (10, 100), _open)
