"""An operator's seat at the desk: what every handler has. What is done through its App is on record as theirs."""

import base64
import binascii
import hmac
from dataclasses import dataclass
from typing import Any

from fastapi.responses import HTMLResponse, RedirectResponse

from digest.app import App
from digest.model.keys import Keys
from digest.model.operator import Operator, Right, Session
from digest.web.pages import Pages

#: The readers' pages send no referrer at all; here the browser must tell where a form stood, or Origin says null.
HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "same-origin"}
SAID = "digest_said"  # the cookie with what the next page says
MOST_SAID = 2_000  # characters


@dataclass(frozen=True, slots=True)
class Seat:
    app: App
    operator: Operator
    session: Session
    pages: Pages
    said: str = ""  # by the handler before

    def may(self, right: Right) -> bool:
        return right in self.operator.rights

    def show(self, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        response = self.pages.show(
            f"desk/{template}", status, HEADERS, operator=self.operator, said=self.said, now=self.app.now(), **values
        )
        if self.said:
            response.delete_cookie(SAID, path=f"{self.pages.root}/desk")
        return response

    def tell(self, title: str, *paragraphs: str, status: int = 200) -> HTMLResponse:
        return self.show("told.html", status, title=title, paragraphs=paragraphs)

    def go(self, path: str, said: str = "") -> RedirectResponse:
        """To another page, which says something: after a form, so that loading it again sends nothing twice."""
        response = RedirectResponse(f"{self.pages.root}{path}", 303, HEADERS)
        if said:
            response.set_cookie(
                SAID,
                sign_said(self.app.keys, said),
                max_age=60,
                path=f"{self.pages.root}/desk",
                httponly=True,
                samesite="lax",
                secure=self.pages.base_url.startswith("https://"),
            )
        return response


def sign_said(keys: Keys, text: str) -> str:
    said = base64.urlsafe_b64encode(text[:MOST_SAID].encode()).decode()
    return f"{said}.{keys.tag('said', said.encode()).hex()}"


def read_said(keys: Keys, cookie: str) -> str:
    """Empty for what we did not say: nobody else puts words on our pages."""
    said, _, tag = cookie.partition(".")
    if not hmac.compare_digest(tag.encode(), keys.tag("said", said.encode()).hex().encode()):
        return ""
    try:
        return base64.urlsafe_b64decode(said).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
