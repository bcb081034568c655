"""A visitor with a browser: opens our pages over HTTP, fills in their forms and presses their buttons."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Self
from urllib.parse import urljoin

import httpx2

from digest.demo.mail import ReceivedMail
from digest.model.errors import DigestError


@dataclass
class Form:
    """A form as a page shows it: what is filled in already, and where it goes."""

    action: str = ""
    method: str = "get"
    values: dict[str, str] = field(default_factory=dict)


class Visitor:
    """Uses the pages below one address. Use as a context manager."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self._client = httpx2.Client(timeout=10, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def open_form(self, address: str) -> Form:
        """The form that posts on a page."""
        response = self._client.get(urljoin(self._base_url, address))
        forms = _Forms()
        forms.feed(response.text)
        posting = next((form for form in forms.found if form.method == "post"), None)
        if posting is None:
            raise DigestError(f"The page {response.url} has no form to send (status {response.status_code}).")
        posting.action = urljoin(str(response.url), posting.action)
        return posting

    def send(self, form: Form, **typed: str) -> None:
        response = self._client.post(form.action, data=form.values | typed)
        if response.is_error:
            raise DigestError(f"The page {form.action} refused with status {response.status_code}.")

    def press(self, address: str) -> None:
        """Open a page and press its one button."""
        self.send(self.open_form(address))

    def unsubscribe_in_one_click(self, mail: ReceivedMail) -> None:
        """What a mail program does when its own Unsubscribe is pressed (RFC 8058 §3.2): no cookie, no page."""
        match = re.search(r"<(https?://[^>]+)>", mail.header("List-Unsubscribe"))
        if match is None:
            raise DigestError("The mail has no List-Unsubscribe link.")
        response = self._client.post(match[1], data={"List-Unsubscribe": "One-Click"})
        if response.status_code != 200:
            raise DigestError(f"The one-click unsubscription was refused with status {response.status_code}.")


def find_link(mail: ReceivedMail, path: str) -> str:
    """The first link in a mail's text to a page below a path, such as `/c/`."""
    match = re.search(rf"https?://\S+{re.escape(path)}[\w-]+", mail.text)
    if match is None:
        raise DigestError(f"The mail {mail.subject!r} has no link to {path}.")
    return match[0]


class _Forms(HTMLParser):
    """Collects the forms of a page, with the values that their fields come with."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append(Form(given.get("action", ""), given.get("method", "get").lower()))
        elif tag == "input" and self.found and given.get("name") and _is_sent(given):
            self.found[-1].values[given["name"]] = given.get("value", "on" if given.get("type") == "checkbox" else "")


def _is_sent(given: dict[str, str]) -> bool:
    """Whether a browser sends it as it stands (HTML §4.10.21.4)."""
    if given.get("type") in {"checkbox", "radio"}:
        return "checked" in given
    return given.get("type") not in {"submit", "button", "image", "reset"}
