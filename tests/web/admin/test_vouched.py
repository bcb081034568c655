"""Logging in by another site: a provider that speaks OpenID Connect over real HTTP, honest and not."""

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from pydantic import SecretStr
from starlette.testclient import TestClient

from digest.settings import OidcSetting
from tests.web.admin.conftest import Office, open_office
from tests.web.conftest import open_site


@dataclass
class OtherSite:
    """Says who somebody is; `lies` are put over its claims."""

    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    port: int = 0
    lies: dict[str, Any] = field(default_factory=dict)
    signing: RSAKey | None = None
    asked: dict[str, str] = field(default_factory=dict)
    now: int = 0

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def description(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }

    def authorize(self, url: str) -> str:
        """The person logs in there; returns the path by which they come back."""
        self.asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert self.asked["response_type"] == "code"
        assert self.asked["redirect_uri"] == "https://news.example.org/desk/log-in/back"
        return f"/desk/log-in/back?state={self.asked['state']}&code=c0de"

    def token(self, form: dict[str, str]) -> dict[str, Any] | None:
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=")
        good = (
            form["code"] == "c0de"
            and form["client_secret"] == "s3cret"
            and challenge.decode() == self.asked["code_challenge"]
        )
        claims = {
            "iss": self.issuer,
            "sub": "7",
            "aud": "digest",
            "iat": self.now,
            "exp": self.now + 300,
            "nonce": self.asked.get("nonce"),
            "email": "editor@example.org",
            "email_verified": True,
        } | self.lies
        signed = jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.signing or self.key)
        return {"id_token": signed, "token_type": "Bearer", "access_token": "x"} if good else None


@pytest.fixture(scope="module")
def key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": "one"})


@pytest.fixture
def other(key: RSAKey) -> Iterator[OtherSite]:
    site = OtherSite(key)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = {
                "/.well-known/openid-configuration": site.description(),
                "/keys": {"keys": [key.as_dict(private=False)]},
            }
            self._say(found.get(self.path))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._say(site.token({name: values[0] for name, values in parse_qs(body).items()}))

        def _say(self, said: dict[str, Any] | None) -> None:
            content = json.dumps(said or {"error": "invalid_grant"}).encode()
            self.send_response(200 if said else 400)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Not to the terminal."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield site
    server.shutdown()
    server.server_close()


@pytest.fixture
def office(sqlite_url: str, other: OtherSite) -> Iterator[Office]:
    opened = open_office(sqlite_url)
    app = opened.world.app
    oidc = OidcSetting(issuer=other.issuer, client_id="digest", client_secret=SecretStr("s3cret"), label="Example")
    settings = app.settings.model_copy(update={"oidc": oidc, "private_networks": ("127.0.0.0/8",)})
    world = replace(opened.world, app=replace(app, settings=settings))
    other.now = int(world.clock().timestamp())
    yield Office(open_site(world), opened.staff)
    app.close()


def come_back(office: Office, other: OtherSite, **changes: str) -> tuple[TestClient, httpx2.Response]:
    browser = office.visitor()
    assert "Log in with Example" in browser.get("/desk/log-in").text
    there = browser.get("/desk/log-in/with?to=/desk/account").headers["location"]
    back = other.authorize(there)
    assert "One press" in browser.get(back).text
    form = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()} | changes
    return browser, browser.post("/desk/log-in/back", data=form)


def test_who_is_vouched_for_gets_in(office: Office, other: OtherSite) -> None:
    browser, answer = come_back(office, other)
    assert answer.headers["location"] == "/desk/account"
    assert "editor@example.org" in browser.get("/desk/account").text


@pytest.mark.parametrize(
    "lies",
    [
        {"email": "nobody@example.org"},
        {"email": "program@example.org"},
        {"email": "no address"},
        {"email_verified": False},
        {"email_verified": "true"},
        {"nonce": "another"},
        {"aud": "another"},
        {"iss": "https://evil.example"},
        {"exp": 1},
    ],
)
def test_what_it_does_not_vouch_for_gets_nobody_in(office: Office, other: OtherSite, lies: dict[str, Any]) -> None:
    other.lies = lies
    browser, answer = come_back(office, other)
    assert answer.status_code == 403
    assert browser.get("/desk").status_code == 303


def test_a_forged_signature_a_stolen_code_and_another_state_get_nobody_in(office: Office, other: OtherSite) -> None:
    assert come_back(office, other, code="guessed")[1].status_code == 403
    assert come_back(office, other, state="0" * 64)[1].status_code == 403
    other.signing = RSAKey.generate_key(2048, {"kid": "one"})
    assert come_back(office, other)[1].status_code == 403


def test_without_its_own_cookie_a_browser_is_not_logged_in_by_a_link(office: Office, other: OtherSite) -> None:
    """Else a stranger could log an operator in as somebody else."""
    starting = office.visitor()
    back = other.authorize(starting.get("/desk/log-in/with").headers["location"])
    form = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}
    assert office.visitor().post("/desk/log-in/back", data=form).status_code == 403
    office.world.clock.forward(minutes=11)
    assert starting.post("/desk/log-in/back", data=form).status_code == 403


def test_a_provider_that_is_down_is_told(office: Office) -> None:
    settings = office.world.app.settings
    assert settings.oidc is not None
    down = settings.model_copy(update={"oidc": settings.oidc.model_copy(update={"issuer": "http://127.0.0.1:1"})})
    site = open_site(replace(office.world, app=replace(office.world.app, settings=down)))
    answer = TestClient(site.app, base_url="https://news.example.org", follow_redirects=False).get("/desk/log-in/with")
    assert answer.status_code == 503
    assert "does not answer" in answer.text
