"""What every route needs, made once for the site."""

from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import Depends, Request

from digest.app import App
from digest.audience.notices import Notices
from digest.model.errors import DigestError
from digest.model.language import closest_language
from digest.web.colours import House
from digest.web.forms import Form, read_form
from digest.web.pages import Pages
from digest.words import Words, negotiate, words_in


@dataclass(frozen=True)
class Desk:
    app: App
    pages: Pages
    notices: Notices
    asked: str = ""  # the language that the address names, when it is one of ours

    def say(self, error: DigestError) -> str:
        """The sentence of an error that a reader is to see."""
        return self.pages.words.gettext(error.sentence, **error.values)

    def speaking(self, words: Words) -> "Desk":
        return replace(self, pages=self.pages.speaking(words))

    def speaking_to(self, language: str) -> "Desk":
        """For a page of one reader, whose language may be known: in that, unless the address names another one."""
        known = closest_language(language)
        return self if self.asked or known is None else self.speaking(words_in(known))


def make_desk(app: App) -> Desk:
    settings = app.settings
    return Desk(
        app,
        Pages(settings.base_url, house=House(settings.theme, settings.brand)),
        Notices(app.keys, settings.base_url, settings.templates, settings.theme, settings.brand),
    )


async def desk_of(request: Request) -> Desk:
    """It speaks the language that the asker's browser wishes for, or that the address names with `?lang=`."""
    desk: Desk = request.app.state.desk
    return replace(desk.speaking(words_of(request)), asked=_asked(request))


def words_of(request: Request) -> Words:
    asked = _asked(request)
    return words_in(asked) if asked else negotiate(request.headers.get("accept-language", ""))


def _asked(request: Request) -> str:
    return closest_language(request.query_params.get("lang", "")) or ""


async def client_of(request: Request) -> str:
    """The address that a request comes from, as uvicorn tells it: behind a proxy on this machine, what that one says."""
    return request.client.host if request.client else ""


async def is_foreign(request: Request) -> bool:
    """Whether another site's page sent this, as the browser says (Fetch Metadata). Origin would say null of ours, too: our
    pages send no referrer.
    """
    return request.headers.get("sec-fetch-site", "") in {"cross-site", "same-site"}


AtDesk = Annotated[Desk, Depends(desk_of)]
Client = Annotated[str, Depends(client_of)]
Foreign = Annotated[bool, Depends(is_foreign)]
Sent = Annotated[Form, Depends(read_form)]
