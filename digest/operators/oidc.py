"""Logging in by another site that we trust (OpenID Connect Core 1.0, code flow with PKCE, RFC 7636): it says whose address somebody has.

Who may do what is ours to say: only operators that there are get in, and what they may is their role here. What must be remembered
between going there and coming back stands in a signed ticket, in the browser's own cookie.
"""

import hmac
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from digest.model.address import Address
from digest.model.errors import BadInput, TryLater
from digest.model.feed import FetchLimits
from digest.model.keys import Keys
from digest.model.operator import Operator
from digest.operators.log_in import Refused
from digest.sources.fetch import Fetched, fetch
from digest.sources.post import post
from digest.store import Store

TICKET_LIFE = timedelta(minutes=10)
LEEWAY = 60  # seconds by which clocks may differ
MOST_ANSWER = 64_000  # bytes
ALGORITHMS = ("RS256", "ES256", "PS256", "EdDSA")  # never none, nor one with a shared secret

NOT_OURS = "That did not begin here, or took too long. Please log in again."
UNKNOWN = "There is no operator with the address that they vouch for; an owner can add you."


@dataclass(frozen=True, slots=True)
class Provider:
    issuer: str
    client_id: str
    client_secret: str
    label: str


@dataclass(frozen=True, slots=True)
class Begun:
    url: str  # where the browser goes
    ticket: str  # for its cookie


def begin(provider: Provider, keys: Keys, back: str, limits: FetchLimits, *, now: datetime, nonce: str) -> Begun:
    """`back`: our own address that it leads back to. Raises TryLater when the provider does not answer."""
    from authlib.oauth2.rfc7636 import create_s256_code_challenge  # noqa: PLC0415  only who is asked loads it

    asked = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": back,
        "scope": "openid email",
        "state": _part(keys, "state", nonce),
        "nonce": _part(keys, "nonce", nonce),
        "code_challenge": create_s256_code_challenge(_part(keys, "verifier", nonce)),
        "code_challenge_method": "S256",
    }
    there = _discover(provider, limits)["authorization_endpoint"]
    at = int(now.timestamp())
    return Begun(f"{there}{'&' if '?' in there else '?'}{urlencode(asked)}", f"{nonce}.{at}.{_sign(keys, nonce, at)}")


def finish(
    provider: Provider, keys: Keys, back: str, limits: FetchLimits, *, ticket: str, state: str, code: str, now: datetime
) -> str:
    """The address that the provider vouches for. Raises Refused when the ticket is not ours, TryLater when it does not answer."""
    nonce = _read_ticket(keys, ticket, now)
    if nonce is None or not hmac.compare_digest(state.encode(), _part(keys, "state", nonce).encode()):
        raise Refused(NOT_OURS)
    endpoints = _discover(provider, limits)
    asked = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": back,
        "client_id": provider.client_id,
        "client_secret": provider.client_secret,
        "code_verifier": _part(keys, "verifier", nonce),
    }
    form = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    answer = post(endpoints["token_endpoint"], urlencode(asked).encode(), form, limits, most=MOST_ANSWER)
    if answer.status != 200:
        raise Refused(f"{provider.label} did not let you in ({answer.status or answer.reason}). Please try again.")
    claims = _claims(provider, _json(provider, answer.content).get("id_token", ""), endpoints, limits)
    return _vouched(provider, claims, _part(keys, "nonce", nonce), now)


def find_vouched(store: Store, address: str) -> Operator:
    """Raises Refused for who is no operator, or disabled, or a program."""
    try:
        parsed = Address.parse(address)
    except BadInput:
        raise Refused(UNKNOWN) from None
    with store.read() as tx:
        found = tx.operators.find(parsed)
    if found is None or not found.can_log_in:
        raise Refused(UNKNOWN)
    return found


def _claims(provider: Provider, id_token: str, endpoints: dict[str, str], limits: FetchLimits) -> dict[str, Any]:
    from joserfc import jwt  # noqa: PLC0415  the same
    from joserfc.errors import JoseError  # noqa: PLC0415  the same
    from joserfc.jwk import KeySet  # noqa: PLC0415  the same

    keys = _ask(provider, endpoints["jwks_uri"], limits)
    try:
        return dict(jwt.decode(id_token, KeySet.import_key_set(keys), algorithms=ALGORITHMS).claims)  # type: ignore[arg-type]  # JSON of theirs
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise Refused(f"{provider.label} sent an answer that cannot be verified ({type(error).__name__}).") from None


def _vouched(provider: Provider, claims: dict[str, Any], nonce: str, now: datetime) -> str:
    """OpenID Connect Core §3.1.3.7."""
    from authlib.oidc.core import CodeIDToken  # noqa: PLC0415  the same
    from joserfc.errors import JoseError  # noqa: PLC0415  the same

    options = {
        "iss": {"essential": True, "value": provider.issuer},
        "aud": {"essential": True, "value": provider.client_id},
    }
    token = CodeIDToken(claims, {}, options, {"nonce": nonce, "client_id": provider.client_id})
    try:
        token.validate(now=int(now.timestamp()), leeway=LEEWAY)
    except (JoseError, ValueError, TypeError) as error:
        raise Refused(f"{provider.label} sent an answer that is not for us, or is too old ({error}).") from None
    if claims.get("email_verified") is not True or not isinstance(claims.get("email"), str):
        raise Refused(f"{provider.label} does not vouch for your address.")
    return str(claims["email"])


def _discover(provider: Provider, limits: FetchLimits) -> dict[str, str]:
    """OpenID Connect Discovery §4."""
    said = _ask(provider, f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration", limits)
    names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    if said.get("issuer") != provider.issuer or not all(isinstance(said.get(name), str) for name in names):
        raise TryLater(f"{provider.label} ({provider.issuer}) does not describe itself as OpenID Connect wants it.")
    return {name: str(said[name]) for name in names}


def _ask(provider: Provider, address: str, limits: FetchLimits) -> dict[str, Any]:
    found = fetch(address, limits, accept="application/json")
    if not isinstance(found, Fetched):
        raise TryLater(f"{provider.label} ({provider.issuer}) does not answer just now; log in with your password.")
    return _json(provider, found.content)


def _json(provider: Provider, content: bytes) -> dict[str, Any]:
    try:
        said = json.loads(content)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise TryLater(f"{provider.label} ({provider.issuer}) sent something that is no answer.")
    return said


def _part(keys: Keys, what: str, nonce: str) -> str:
    """What one login is made of, derived from its nonce: nothing of it need be kept."""
    return hmac.digest(keys.derive(f"oidc {what}"), nonce.encode(), "sha256").hex()


def _sign(keys: Keys, nonce: str, at: int) -> str:
    return keys.tag("oidc ticket", f"{nonce}\0{at}".encode()).hex()


def _read_ticket(keys: Keys, ticket: str, now: datetime) -> str | None:
    try:
        nonce, at, tag = ticket.split(".")
        age = timedelta(seconds=int(now.timestamp()) - int(at))
    except ValueError:
        return None
    ours = hmac.compare_digest(tag.encode(), _sign(keys, nonce, int(at)).encode())
    return nonce if ours and timedelta() <= age <= TICKET_LIFE else None
