"""Pages as HTML, from templates/ and one stylesheet. They see frozen values only, and everything is escaped."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from digest.model.mailing_list import MailingList
from digest.web.colours import House
from digest.web.forms import HONEYPOT
from digest.web.phrases import FILTERS
from digest.words import Words, read_direction, speak, words_in

HERE = Path(__file__).parent
STATIC = HERE / "static"


@dataclass(frozen=True)
class Pages:
    """In one language. `base_url` is the public address: links are made from it and never from what a request says (S30)."""

    base_url: str
    words: Words = words_in("en")  # noqa: RUF009  frozen, and the same one always
    house: House = House()  # noqa: RUF009  the same

    def speaking(self, words: Words) -> "Pages":
        return replace(self, words=words)

    def show(
        self, template: str, status: int = 200, headers: Mapping[str, str] | None = None, **values: Any
    ) -> HTMLResponse:
        html = self.render(template, **values)
        return HTMLResponse(html, status, {"Cache-Control": "no-store", "Vary": "Accept-Language", **(headers or {})})

    def render(self, template: str, **values: Any) -> str:
        return _environment(self.root).get_template(template).render(lang=self.words.tag, house=self.house, **values)

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


@cache
def _environment(root: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"root": root, "version": _version(), "honeypot": HONEYPOT}
    environment.filters |= FILTERS | {"cadence": _cadence, "direction": read_direction, "long_date": _long_date}
    speak(environment)
    return environment


@pass_context
def _cadence(context: Context, mailing_list: MailingList) -> str:
    return say_cadence(mailing_list, words_in(context["lang"]))


@pass_context
def _long_date(context: Context, day: date) -> str:
    return words_in(context["lang"]).long_date(day)


def say_cadence(mailing_list: MailingList, words: Words) -> str:
    """As in "It comes every Monday." or "It comes on weekdays."; empty when it appears by hand."""
    days = sorted(mailing_list.schedule.weekdays)
    if not days:
        return ""
    if len(days) == 7:
        return words.gettext("It comes every day.")
    if days == [0, 1, 2, 3, 4]:
        return words.gettext("It comes on weekdays.")
    return words.gettext("It comes every %(days)s.", days=words.join([words.weekday(day) for day in days]))


def _version() -> str:
    """Of what stands in static/, so that a browser keeps it until it changes."""
    files = sorted(STATIC.iterdir())
    return hashlib.sha256(b"".join(file.read_bytes() for file in files if file.is_file())).hexdigest()[:10]
