"""Pages as HTML, from templates/ and one stylesheet. They see frozen values only, and everything is escaped."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from digest.model.mailing_list import MailingList
from digest.web.forms import HONEYPOT

HERE = Path(__file__).parent
STATIC = HERE / "static"

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class Pages:
    """`base_url` is the public address: links are made from it and never from what a request says (security S30)."""

    base_url: str

    def show(
        self, template: str, status: int = 200, headers: Mapping[str, str] | None = None, **values: Any
    ) -> HTMLResponse:
        html = self._templates.get_template(template).render(**values)
        return HTMLResponse(html, status, {"Cache-Control": "no-store", **(headers or {})})

    def tell(
        self,
        title: str,
        *paragraphs: str,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        of_list: MailingList | None = None,
        way_back: bool = False,
    ) -> HTMLResponse:
        """A page that only says something, under the name of a list if it is about one; `way_back` leads to its form."""
        return self.show(
            "told.html", status, headers, title=title, paragraphs=paragraphs, of_list=of_list, way_back=way_back
        )

    @cached_property
    def root(self) -> str:
        """The path of the public address, for a site that lives below one: links within it start with this."""
        return urlsplit(self.base_url).path.rstrip("/")

    @cached_property
    def _templates(self) -> Environment:
        environment = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.globals |= {"root": self.root, "version": _version(), "honeypot": HONEYPOT}
        environment.filters |= {"cadence": say_cadence, "direction": read_direction}
        return environment


def say_cadence(mailing_list: MailingList) -> str:
    """As in "every Monday" or "on weekdays"; empty when it appears by hand."""
    days = sorted(mailing_list.schedule.weekdays)
    if not days:
        return ""
    if len(days) == len(_DAYS):
        return "every day"
    if days == [0, 1, 2, 3, 4]:
        return "on weekdays"
    names = [_DAYS[day] for day in days]
    return "every " + (" and ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else names[0])


def read_direction(mailing_list: MailingList) -> str:
    """Of the list's own words; ours are English."""
    return "rtl" if mailing_list.language.partition("-")[0] in {"ar", "fa", "he", "ur", "yi", "ps", "ckb"} else "ltr"


def _version() -> str:
    """Of the stylesheet, so that a browser keeps it until it changes."""
    return hashlib.sha256((STATIC / "site.css").read_bytes()).hexdigest()[:10]
