"""Setting up a conversation with a mail relay: dial, greet, secure, log in (RFC 5321, RFC 3207, RFC 4954).

Nothing is negotiated down: TLS as asked for, verified with the host's name, 1.2 or newer; a password only under it.
"""

import base64
import ssl
from socket import create_connection

from digest.delivery.relay import Relay, Tls
from digest.delivery.smtp import Extensions, SmtpConnection
from digest.delivery.wire import Broken, Injected, Wire
from digest.model.errors import BadSetting, DigestError, TryLater
from digest.model.message import Reply


class SmtpTransport:
    """Opens conversations with one relay. Safe to share between threads."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._context = None if relay.tls is Tls.NONE else _verifying_context(relay)

    def connect(self) -> "SmtpConnection":
        """Dial, greet, secure, log in. TryLater: not now; DigestError: not like this. Nothing was sent in either case."""
        relay = self._relay
        wire = self._dial()
        try:
            extensions = self._set_up(wire)
        except Broken as broken:
            wire.cut()
            raise TryLater(
                f"The mail relay {relay} broke off before any mail was sent: {broken}. Try again later."
            ) from None
        except BaseException:
            wire.cut()
            raise
        return SmtpConnection(wire.stream(), extensions, relay.timeouts)

    def _dial(self) -> Wire:
        relay = self._relay
        try:
            return Wire(create_connection((relay.host, relay.port), timeout=relay.timeouts.connect))
        except OSError as error:
            raise TryLater(
                f"The mail relay {relay} cannot be reached ({error.strerror or error}). Nothing was sent; try again later."
            ) from None

    def _set_up(self, wire: Wire) -> Extensions:
        relay, limits = self._relay, self._relay.timeouts
        if relay.tls is Tls.IMPLICIT:
            self._secure(wire)
        self._demand(wire.read_reply(limits.greeting), "turned us away")
        extensions = self._hello(wire)
        if relay.tls is Tls.STARTTLS:
            self._start_tls(wire, extensions)
            extensions = self._hello(wire)  # what was announced in clear is void, RFC 3207 §4.2
        if relay.username:
            self._log_in(wire, extensions)
        return extensions

    def _hello(self, wire: Wire) -> Extensions:
        name = self._relay.hello or wire.own_address
        limit = self._relay.timeouts.command
        reply = wire.ask(f"EHLO {name}", limit)
        if reply.accepted:
            return _announced(wire.texts)
        if reply.permanent:
            reply = wire.ask(
                f"HELO {name}", limit
            )  # a server from before 1995: no extensions, so no TLS and no password
        self._demand(reply, "turned us away")
        return {}

    def _start_tls(self, wire: Wire, extensions: Extensions) -> None:
        if "STARTTLS" not in extensions:
            raise DigestError(
                f"The mail relay {self._relay} offers no STARTTLS, so nothing was sent: the way there would be open. "
                "If it is a relay on your own machine, say tls=none; if its port is 465, say tls=implicit."
            )
        self._demand(wire.ask("STARTTLS", self._relay.timeouts.command), "would not begin TLS")
        self._secure(wire)

    def _secure(self, wire: Wire) -> None:
        relay = self._relay
        assert self._context is not None
        try:
            wire.secure(self._context, relay.host, relay.timeouts.connect)
        except Injected:
            raise DigestError(
                f"Somebody between us and the mail relay {relay} put words of their own where TLS begins, so nothing was "
                "sent. Ask whoever runs the relay or the network."
            ) from None
        except ssl.SSLCertVerificationError as error:
            raise DigestError(
                f"The certificate of the mail relay {relay} cannot be trusted ({error.verify_message.rstrip('.')}), "
                "so nothing was sent. If its authority is your own, name its file with ca_file=."
            ) from None
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError, ConnectionError, TimeoutError):
            raise TryLater(
                f"The mail relay {relay} broke off while TLS began; nothing was sent. Try again later."
            ) from None
        except OSError as error:
            reason = (getattr(error, "reason", "") or str(error)).replace("_", " ").lower()
            raise DigestError(
                f"The mail relay {relay} and we cannot agree on TLS ({reason}), so nothing was sent. "
                "TLS 1.2 or newer is needed; is tls= (starttls or implicit) right for this port?"
            ) from None

    def _log_in(self, wire: Wire, extensions: Extensions) -> None:
        """One try with one mechanism: relays lock accounts that fail often."""
        offered = extensions.get("AUTH", "").upper().split()
        if "PLAIN" in offered:
            reply = self._auth_plain(wire)
        elif "LOGIN" in offered:
            reply = self._auth_login(wire)
        else:
            raise DigestError(
                f"The mail relay {self._relay} offers no way to log in that we know (PLAIN, LOGIN), so nothing was sent. "
                "Take the user out of the SMTP address if it needs none."
            )
        self._demand(reply, "refused the user or the password")

    def _auth_plain(self, wire: Wire) -> Reply:
        response = _base64(f"\0{self._relay.username}\0{self._relay.password}")
        return wire.ask(f"AUTH PLAIN {response}", self._relay.timeouts.command)

    def _auth_login(self, wire: Wire) -> Reply:
        reply = wire.ask("AUTH LOGIN", self._relay.timeouts.command)
        for secret in (self._relay.username, self._relay.password):
            if reply.code != 334:
                break
            reply = wire.ask(_base64(secret), self._relay.timeouts.command)
        return reply

    def _demand(self, reply: Reply, refusal: str) -> None:
        if reply.accepted:
            return
        sentence = f"The mail relay {self._relay} {refusal} ({reply}); nothing was sent."
        if 500 <= reply.code < 600:
            raise DigestError(f"{sentence} Check the SMTP address, or ask whoever runs the relay.")
        raise TryLater(f"{sentence} Try again later.")


def _verifying_context(relay: Relay) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=relay.ca_file)
    except OSError as error:
        raise BadSetting(
            f"The file {relay.ca_file} (ca_file in the SMTP address) cannot be read as PEM certificates "
            f"({error.strerror or error})."
        ) from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _announced(texts: tuple[str, ...]) -> Extensions:
    """What EHLO's reply offers; its first line is the server's name. `AUTH=LOGIN` is how old servers wrote it."""
    extensions: Extensions = {}
    for text in texts[1:]:
        keyword, _, parameters = text.replace("AUTH=", "AUTH ", 1).partition(" ")
        known = extensions.get(keyword.upper(), "")
        extensions[keyword.upper()] = f"{known} {parameters}".strip()
    return extensions


def _base64(secret: str) -> str:
    return base64.b64encode(secret.encode()).decode("ascii")
