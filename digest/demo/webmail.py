"""The pages of the demo's mailbox. Mails are strangers: their words are escaped, their HTML is shown in a sandbox.

/                  the list                     /mail/3/body     the HTML part alone, for the frame: no scripts,
/mail/3            a mail, its HTML in a frame                    no forms, pictures from this machine only
/mail/3/text       its text part                /latest          the newest number; the page asks it to notice news
/mail/3/source     as it was received           /mailbox.css  /mailbox.js
"""

import re
from collections.abc import Callable
from email.utils import parseaddr
from http import HTTPStatus
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from digest.demo.mail import ReceivedMail
from digest.demo.serving import Answer
from digest.demo.shelf import Shelf

_PAGES = Path(__file__).resolve().parent / "pages"
_HTML = "text/html; charset=utf-8"
_TABS = ("html", "text", "source")
_SHELL_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; frame-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_BODY_POLICY = (  # nothing leaves this machine, and nothing runs
    "default-src 'none'; style-src 'unsafe-inline'; img-src data: http://127.0.0.1:* http://localhost:*; "
    "form-action 'none'; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)
_NEW_TAB = '<base target="_blank">'
_MAIL = re.compile(r"/mail/(?P<number>[0-9]{1,9})(?:/(?P<view>text|source|body))?")
_HEAD = re.compile(r"<head(?:\s[^>]*)?>", re.IGNORECASE)
_DOCTYPE = re.compile(r"\s*<!doctype[^>]*>(?:\s*<html[^>]*>)?", re.IGNORECASE)


class Webmail:
    """Answers the mailbox's paths from a shelf of mails."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._environment = Environment(
            loader=FileSystemLoader(_PAGES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._fixed: dict[str, Callable[[], Answer]] = {
            "/": lambda: self._page(None, ""),
            "/latest": lambda: Answer(str(self._latest()).encode(), "text/plain; charset=utf-8"),
            "/mailbox.css": lambda: Answer((_PAGES / "mailbox.css").read_bytes(), "text/css; charset=utf-8"),
            "/mailbox.js": lambda: Answer((_PAGES / "mailbox.js").read_bytes(), "text/javascript; charset=utf-8"),
        }

    def answer(self, path: str) -> Answer | None:
        """None for a path that is not there; safe from several threads."""
        if path in self._fixed:
            return self._fixed[path]()
        asked = _MAIL.fullmatch(path)
        mail = self._shelf.find(int(asked["number"])) if asked else None
        if asked is None or mail is None:
            return None
        return _body(mail) if asked["view"] == "body" else self._page(mail, asked["view"] or _first_tab(mail))

    def _page(self, mail: ReceivedMail | None, tab: str) -> Answer:
        page = self._environment.get_template("mailbox.html").render(
            mails=[_row(each) for each in reversed(self._shelf.mails())],
            mail=_shown(mail) if mail else None,
            tab=tab,
            tabs=_TABS,
            latest=self._latest(),
        )
        return Answer(page.encode(), _HTML, headers={"Content-Security-Policy": _SHELL_POLICY})

    def _latest(self) -> int:
        return max((mail.number for mail in self._shelf.mails()), default=0)


def _body(mail: ReceivedMail) -> Answer:
    html = _open_in_new_tabs(mail.html)
    return Answer(
        html.encode("utf-8", "replace"), _HTML, HTTPStatus.OK, headers={"Content-Security-Policy": _BODY_POLICY}
    )


def _open_in_new_tabs(html: str) -> str:
    """A `<base>` as early as may be; the doctype has to stay first, or the browser falls into quirks mode."""
    place = _HEAD.search(html) or _DOCTYPE.match(html)
    end = place.end() if place else 0
    return html[:end] + _NEW_TAB + html[end:]


def _first_tab(mail: ReceivedMail) -> str:
    return "html" if mail.html else "text"


def _row(mail: ReceivedMail) -> dict[str, Any]:
    """What the list shows of a mail."""
    name, address = parseaddr(mail.header("From"))
    return {
        "number": mail.number,
        "from": name or address or mail.sender or "nobody",
        "to": ", ".join(mail.recipients) or mail.header("To"),
        "subject": mail.subject or "(no subject)",
        "at": mail.received_at.astimezone(),  # the reader's own wall clock
    }


def _shown(mail: ReceivedMail) -> dict[str, Any]:
    """What the page shows of a mail."""
    return _row(mail) | {
        "sender": mail.header("From"),
        "envelope": f"<{mail.sender}> → {', '.join(mail.recipients)}",
        "headers": mail.headers(),
        "size": len(mail.content),
        "text": mail.text,
        "html": bool(mail.html),
        "source": mail.content.decode("utf-8", "replace"),
    }
