"""The ways out and in: a real conversation with each relay, up to where a mail would begin; our public address, and the mailbox of what
came back.
"""

import ssl
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from digest.delivery import open_transport
from digest.delivery.relay import Timeouts, parse_relay
from digest.delivery.set_up import SmtpTransport
from digest.delivery.smtp import SmtpConnection
from digest.delivery.transport import Connection, Transport
from digest.delivery.wire import good_until
from digest.doctor.verdict import Finding, fail, ok, warn
from digest.feedback.imap import ImapMailbox, parse_place
from digest.model.errors import DigestError, TryLater

SECONDS = 10.0
SOON = timedelta(days=14)  # a certificate that is renewed by itself has more left


def open_briefly(url: str) -> Transport:
    """The next hop at an address, for somebody who waits for it. Raises BadSetting."""
    if url.startswith("maildir:"):
        return open_transport(url)
    return SmtpTransport(replace(parse_relay(url), timeouts=Timeouts(connect=SECONDS, greeting=30, command=30)))


def check_relay(name: str, transport: Transport, now: datetime) -> Iterator[Finding]:
    """Dial, greet, TLS, log in; and good-bye."""
    try:
        connection = transport.connect()
    except TryLater as error:
        yield fail("relay", name, str(error), "See whether it runs, and whether a firewall lets us through to it.")
        return
    except DigestError as error:
        yield fail("relay", name, str(error), "Mend the SMTP address, or ask whoever runs the relay.")
        return
    yield ok("relay", name, "it can be reached, and takes us as we are")
    if isinstance(connection, SmtpConnection) and (good_until := connection.good_until):
        yield check_certificate(f"relay {name}", good_until, now)
    _part(connection)


def _part(connection: Connection) -> None:
    """With a QUIT, unless that takes too long."""
    connection.close()
    by = time.monotonic() + SECONDS
    while not connection.over and time.monotonic() < by:
        connection.pump()
        time.sleep(0.01)
    connection.cut()


def check_mailbox(bounce_address: str, url: str) -> Finding:
    """Whether what came back can be read at an IMAP server."""
    try:
        mailbox = ImapMailbox(parse_place(url))
        waiting = mailbox.count()
    except DigestError as error:
        return fail("returns", "bounce_imap", str(error), "Mend bounce_imap, or ask whoever runs that server.")
    if not bounce_address:
        return warn("returns", str(mailbox), "no mail names it as where it comes from", "Set bounce_address, too.")
    return ok("returns", str(mailbox), f"it can be read; {waiting:,} mail{'' if waiting == 1 else 's'} waiting in it")


def check_certificate(about: str, expires_at: datetime, now: datetime) -> Finding:
    left = expires_at - now
    said = f"its certificate is good until {expires_at:%Y-%m-%d}"
    if left < timedelta():
        return fail("tls", about, f"its certificate ran out on {expires_at:%Y-%m-%d}", "Renew it.")
    if left < SOON:
        return warn("tls", about, f"{said}, for {left.days} days more", "See that it is renewed by itself.")
    return ok("tls", about, said)


def check_pages(base_url: str, now: datetime, context: ssl.SSLContext | None = None) -> Iterator[Finding]:
    """Whether readers can reach what our links lead to. From here: they may see it otherwise."""
    url = urlsplit(base_url)
    host, is_secure = url.hostname or "", url.scheme == "https"
    if not is_secure:
        yield fail(
            "pages",
            base_url,
            "links in mails are not https, so nobody can unsubscribe with one click (RFC 8058 §3.1)",
            "Put a reverse proxy with a certificate before `digest web`, and set base_url.",
        )
    connection = (
        HTTPSConnection(host, url.port, timeout=SECONDS, context=context or ssl.create_default_context())
        if is_secure
        else HTTPConnection(host, url.port, timeout=SECONDS)
    )
    try:
        yield from _ask(connection, base_url, url.path, now)
    finally:
        connection.close()


def _ask(connection: HTTPConnection, base_url: str, path: str, now: datetime) -> Iterator[Finding]:
    try:
        connection.connect()
    except ssl.SSLCertVerificationError as error:
        yield fail(
            "tls", base_url, f"its certificate cannot be trusted ({error.verify_message.rstrip('.')})", "Renew it."
        )
        return
    except OSError as error:
        yield fail(
            "pages",
            base_url,
            f"it cannot be reached from here ({error.strerror or error})",
            "See that `digest web` and the proxy run.",
        )
        return
    if isinstance(connection.sock, ssl.SSLSocket) and (expires_at := good_until(connection.sock)):
        yield check_certificate(base_url, expires_at, now)
    try:
        connection.request("GET", f"{path}/healthz", headers={"User-Agent": "digest doctor"})
        answer = connection.getresponse()
        body = answer.read(1000)
    except (OSError, HTTPException) as error:
        yield fail(
            "pages",
            base_url,
            f"it gives no answer ({type(error).__name__})",
            "See that `digest web` runs behind the proxy.",
        )
        return
    if answer.status == 200 and b'"status":"ok"' in body:
        yield ok("pages", base_url, "it is answered by digest")
    else:
        do = "See that the proxy hands over to `digest web` all that is asked of this address."
        yield fail("pages", base_url, f"it is not answered by digest (status {answer.status})", do)
