"""Relays, certificates, clock, disk and processes, each looked at for real: a scripted relay, a small time server, a database."""

import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digest.doctor.machine import check_clock, check_database, check_disk, check_processes
from digest.doctor.verdict import Finding, Verdict
from digest.doctor.ways import check_certificate, check_pages, check_relay, open_briefly
from digest.web import running
from tests.doubles.smtp_server import CERTIFICATES, Rule, SmtpServer, certified, reply
from tests.pipeline.world import World

OK, WARN, FAIL = Verdict.OK, Verdict.WARN, Verdict.FAIL
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CA = f"ca_file={CERTIFICATES}/ca.pem"


def look_at(server: SmtpServer, tls: str, user: str = "") -> list[Finding]:
    url = f"smtp://{user}localhost:{server.port}?tls={tls}&{CA}"
    return list(check_relay("main", open_briefly(url), datetime.now(UTC)))


def test_a_relay_is_spoken_to_up_to_the_first_mail() -> None:
    with SmtpServer(tls=True, users={"digest": "right"}) as server:
        found = look_at(server, "starttls", "digest:right@")
        assert [(each.check, each.verdict) for each in found] == [("relay", OK), ("tls", OK)]
        assert server.messages == []
        (session,) = server.sessions
        assert b"QUIT" in session.received
        (refused,) = look_at(server, "starttls", "digest:pa55word@")
    assert (refused.verdict, "refused the user or the password" in refused.said) == (FAIL, True)
    assert "pa55word" not in refused.said


@pytest.mark.parametrize("certificate", ["expired", "self-signed", "wrong-name"])
def test_a_certificate_that_is_none_is_said(certificate: str) -> None:
    with SmtpServer(implicit=True, certificate=certificate) as server:
        (finding,) = look_at(server, "implicit")
    assert finding.verdict is FAIL
    assert "cannot be trusted" in finding.said
    assert finding.do


def test_a_relay_that_is_away_or_turns_us_away_is_said() -> None:
    with SmtpServer(Rule(reply("554 5.7.1 not you"), verb="CONNECT")) as server:
        (finding,) = look_at(server, "none")
    assert (finding.verdict, "turned us away" in finding.said) == (FAIL, True)
    (finding,) = look_at(server, "none")
    assert (finding.verdict, "cannot be reached" in finding.said) == (FAIL, True)


def test_certificates_are_told_before_they_run_out() -> None:
    days = [check_certificate("x", NOW + timedelta(days=left), NOW).verdict for left in (-1, 3, 20)]
    assert days == [FAIL, WARN, OK]


def test_our_pages_are_asked_as_a_reader_would(sqlite_world: World) -> None:
    with running(sqlite_world.app) as port:
        plain, answered = check_pages(f"http://127.0.0.1:{port}", NOW)
    assert (plain.verdict, "RFC 8058" in plain.said) == (FAIL, True)
    assert answered.verdict is OK
    *_, gone = check_pages(f"http://127.0.0.1:{port}", NOW)
    assert (gone.verdict, "cannot be reached" in gone.said) == (FAIL, True)


def test_pages_of_somebody_else_and_an_expired_certificate_are_said() -> None:
    trusting = ssl.create_default_context(cafile=CERTIFICATES / "ca.pem")
    with serving_tls("expired") as port:
        (finding,) = check_pages(f"https://localhost:{port}", NOW, trusting)
        assert (finding.check, finding.verdict, "expired" in finding.said) == ("tls", FAIL, True)
    with serving_tls("server") as port:
        first, second = check_pages(f"https://localhost:{port}", NOW, trusting)
        assert (first.check, first.verdict) == ("tls", OK)
        assert (second.verdict, "status 404" in second.said) == (FAIL, True)


@contextmanager
def serving_tls(certificate: str) -> Iterator[int]:
    """One answer, 404, to whoever gets through the handshake."""

    def serve() -> None:
        try:
            with certified(certificate).wrap_socket(listener.accept()[0], server_side=True) as asker:
                asker.recv(4096)
                asker.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        except OSError:
            pass  # it did not like the certificate

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        thread.join()


@contextmanager
def time_server(answer: bytes | None) -> Iterator[str]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))

        def serve() -> None:
            _, asker = listener.recvfrom(100)
            if answer is not None:
                listener.sendto(answer, asker)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"127.0.0.1:{listener.getsockname()[1]}"
        thread.join()


def sntp(moment: datetime, *, first: int = 0x24, stratum: int = 2) -> bytes:
    seconds = (moment - datetime(1900, 1, 1, tzinfo=UTC)).total_seconds()
    return bytes([first, stratum]) + bytes(38) + struct.pack("!II", int(seconds), 0)


@pytest.mark.parametrize(
    ("answer", "verdict", "said"),
    [
        (sntp(NOW), OK, "0.0 seconds"),
        (sntp(NOW + timedelta(seconds=30)), WARN, "30.0 seconds slow"),
        (sntp(NOW - timedelta(hours=1)), FAIL, "3600.0 seconds fast"),
        (sntp(NOW, stratum=0), WARN, "it gave no time"),
        (b"nonsense", WARN, "it gave no time"),
    ],
)
def test_the_clock_is_held_beside_a_time_server(answer: bytes, verdict: Verdict, said: str) -> None:
    with time_server(answer) as server:
        finding = check_clock(server, lambda: NOW)
    assert (finding.verdict, said.split(maxsplit=1)[0] in finding.said) == (verdict, True), finding


def test_a_disk_that_is_nearly_full_is_said(tmp_path: Path) -> None:
    found = []
    for left in (1 << 40, 1 << 30, 1 << 20):
        room = dict.fromkeys([tmp_path], left)
        found += [each.verdict for each in check_disk(room, room.__getitem__)]
    assert found == [OK, WARN, FAIL]
    (missing,) = check_disk([tmp_path / "nowhere"])
    assert missing.verdict is FAIL


def test_database_scheduler_queue_and_backup(world: World) -> None:
    store, now = world.app.store, world.clock
    assert [each.verdict for each in check_database(store)] == [OK]
    assert [(each.check, each.verdict) for each in check_processes(store, now(), 48)] == [
        ("scheduler", WARN),
        ("backup", WARN),
    ]
    world.subscribe(1)
    world.add_articles(2)
    world.publish()
    with store.write() as tx:
        tx.watching.beat("scheduler", now())
        tx.watching.beat("backup", now())
    assert [each.verdict for each in check_processes(store, now(), 48)] == [OK, OK]
    now.forward(days=3)
    found = {each.check: each.verdict for each in check_processes(store, now(), 48)}
    assert found == {"scheduler": FAIL, "queue": FAIL, "backup": WARN}
    with store.write() as tx:
        tx._connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0012'")
    (finding,) = check_database(store)
    assert (finding.verdict, "digest db upgrade" in finding.said) == (FAIL, True)
