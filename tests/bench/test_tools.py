"""What the races are run with: a distance that changes no byte, mails of the size that was asked for, tables that say what is meant."""

import socket
import threading
from pathlib import Path

import pytest

from bench import cpu, postfix
from bench.alike import compare
from bench.distance import Distance
from bench.machine import machine
from bench.outbox import Outbox, add_many_readers, drafted
from bench.race import Unmeasurable
from bench.world import KEYS, PERIOD, an_address
from digest.model.choices import Group
from digest.store import open_store
from digest.store.audiences import Candidates


def test_a_distance_passes_on_every_byte_in_its_order_and_closes() -> None:
    sent = b"".join(b"%07d\n" % number for number in range(60_000))
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=send_back, args=(server,), daemon=True).start()
        with (
            Distance(server.getsockname()[1], 5) as distance,
            socket.create_connection(("127.0.0.1", distance.port)) as near,
        ):
            near.settimeout(30)
            threading.Thread(target=near.sendall, args=(sent,), daemon=True).start()
            with near.makefile("rb") as answers:
                assert answers.read(len(sent)) == sent
                near.sendall(b"end")
                assert answers.read() == b""


def send_back(server: socket.socket) -> None:
    connection, _ = server.accept()
    with connection:
        while (data := connection.recv(1 << 16)) and not data.endswith(b"end"):
            connection.sendall(data)


def test_smtp_source_sends_mails_of_our_size() -> None:
    try:
        tools = postfix.postfix()
    except Unmeasurable as why:
        pytest.skip(str(why))
    found: list[int] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        counting = threading.Thread(target=postfix._count, args=(server, found))
        counting.start()
        turn = postfix.smtp_source(tools, server.getsockname()[1], connections=1, count=1, octets=30_813)
        counting.join()
    assert found == [30_813]
    assert turn.count == 1


def test_a_mail_of_the_races_has_about_30_kilobytes(tmp_path: Path) -> None:
    assert 29_000 < Outbox(tmp_path, 2).octets < 32_000


def test_readers_by_the_million_are_like_those_one_by_one(tmp_path: Path) -> None:
    database = drafted(tmp_path)
    database.close()
    add_many_readers(database.path, 3)
    store = open_store(f"sqlite:///{database.path}")
    with store.read() as tx:
        assert tx.audiences.candidates(database.mailing_list.id, PERIOD) == Candidates((Group(0, 0, 3),), 0)
        assert tx.audiences.suppressed(database.mailing_list.id, PERIOD) == {}
        found = tx.subscribers.find(an_address(2))
        assert found is not None
        assert tx.subscribers.hash_of(found.id) == KEYS.address_hash(an_address(2))
    store.close()


def test_threads_are_told_apart_by_name() -> None:
    over = threading.Event()

    def work() -> None:
        while not over.is_set():
            sum(range(10_000))

    with cpu.Threads() as threads:
        thread = threading.Thread(target=work, name="ledger_0")
        thread.start()
        while "ledger" not in threads.seconds():
            over.wait(0.05)
        over.set()
        thread.join()
    assert threads.seconds()["ledger"] > 0


def test_the_machine_is_described_without_its_name_or_folders(tmp_path: Path) -> None:
    found = machine(tmp_path)
    assert set(found) == {"cpu", "cores", "python", "sqlite", "file_system", "load", "commit_ms"}
    assert socket.gethostname() not in str(found.values())
    assert str(tmp_path) not in str(found.values())


def test_addresses_that_are_known_unknown_suppressed_and_limited_are_answered_alike() -> None:
    """How long it takes is for people to read; that the answers are the same is not."""
    said = compare(2)
    assert said.endswith("\n1 different answer to 8 sign-ups\n")
    assert [line.split()[0] for line in said.splitlines()[:5]] == [
        "address",
        "unknown",
        "known",
        "suppressed",
        "limited",
    ]
