"""What every route needs, made once for the site."""

from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import Depends, Request

from digest.app import App
from digest.audience.notices import Notices
from digest.web.forms import Form, read_form
from digest.web.pages import Pages
from digest.words import Words, negotiate, words_in


@dataclass(frozen=True)
class Desk:
    app: App
    pages: Pages
    notices: Notices

    def speaking(self, words: Words) -> "Desk":
        return replace(self, pages=self.pages.speaking(words))


def make_desk(app: App) -> Desk:
    settings = app.settings
    return Desk(
        app,
        Pages(settings.base_url),
        Notices(app.keys, settings.base_url, settings.templates, settings.theme, settings.brand),
    )


async def desk_of(request: Request) -> Desk:
    """It speaks the language that the asker's browser wishes for, or that the address names with `?lang=`."""
    desk: Desk = request.app.state.desk
    return desk.speaking(words_of(request))


def words_of(request: Request) -> Words:
    asked = request.query_params.get("lang", "")
    return words_in(asked) if asked else negotiate(request.headers.get("accept-language", ""))


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
