"""The conversation about one message after another: offer, release, withdraw."""

import re
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from digest.delivery.relay import Relay, Tls
from digest.delivery.set_up import SmtpTransport
from digest.delivery.transport import Connection, Envelope, Transport
from digest.model.address import Address
from digest.model.errors import WrongState
from digest.model.message import Reply
from tests.doubles.smtp_server import Action, Rule, SmtpServer, Turn, delay, drip, drop, garbage, half, hang, reply
from tests.unit.delivery.conftest import both_ways
from tests.unit.delivery.speaking import ANN, BO, MAIL, QUICK, TO_BO, TO_CY, Speaker, conversation, delivered

pytestmark = both_ways


def test_it_fits_the_seam() -> None:
    server = SmtpServer()
    transport: Transport = SmtpTransport(Relay(server.host, server.port, Tls.NONE))
    with server:
        connection: Connection = transport.connect()
        Speaker(connection).close()


def test_one_connection_carries_one_message_after_another() -> None:
    server = SmtpServer()
    with conversation(server) as connection:
        for number in range(5):
            assert delivered(connection, TO_BO, b"Subject: %d\r\n\r\n" % number) == Reply(
                250, "2.0.0", f"Ok: taken as 1.{number + 1}"
            )
            assert connection.open
    assert [message.content for message in server.messages] == [b"Subject: %d\r\n\r\n" % number for number in range(5)]
    assert {(message.sender, message.recipient) for message in server.messages} == {
        ("ann@example.org", "bo@example.org")
    }
    assert server.faults == []
    assert server.sessions[0].ended == "quit"


def test_the_dot_is_held_until_release() -> None:
    server = SmtpServer()
    with conversation(server) as connection:
        assert connection.offer(TO_BO, MAIL) is None
        session = server.sessions[0]
        assert not server.messages
        assert not session.received.endswith(b".\r\n")
        connection.release()
        assert session.received.endswith(b"DATA\r\n" + MAIL + b".\r\n")
        assert len(server.messages) == 1


def test_a_null_sender_is_two_brackets() -> None:
    server = SmtpServer()
    with conversation(server) as connection:
        assert delivered(connection, Envelope(None, BO)).accepted
    assert b"\r\nMAIL FROM:<> SIZE=" in server.sessions[0].received
    assert server.messages[0].sender == ""


# Refusals


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("code", [450, 451, 452, 499, 500, 530, 550, 552, 554, 599])
def test_a_refusal_is_returned_and_the_connection_is_good_for_the_next(verb: str, code: int) -> None:
    server = SmtpServer(Rule(reply(f"{code} {code // 100}.1.1 no"), verb=verb, message=1))
    with conversation(server) as connection:
        refusal = connection.offer(TO_BO, MAIL)
        assert refusal == Reply(code, f"{code // 100}.1.1", "no")
        assert refusal.verb == verb
        assert connection.open
        assert delivered(connection, TO_CY).accepted
    assert len(server.sessions) == 1
    assert [message.recipient for message in server.messages] == ["cy@example.org"]
    assert "RSET" in server.sessions[0].verbs


@pytest.mark.parametrize("code", [400, 451, 452, 499, 500, 550, 552, 554, 571])
def test_a_refusal_of_the_dot_is_returned_and_the_connection_is_good_for_the_next(code: int) -> None:
    server = SmtpServer(Rule(reply(f"{code} {code // 100}.6.0 no"), verb=".", message=1))
    with conversation(server) as connection:
        refusal = delivered(connection)
        assert refusal == Reply(code, f"{code // 100}.6.0", "no")
        assert refusal.verb == "."
        assert delivered(connection, TO_CY).accepted
    assert len(server.sessions) == 1
    assert [message.recipient for message in server.messages] == ["cy@example.org"]


@pytest.mark.parametrize("code", [200, 220, 250, 251, 252, 299])
def test_any_2xx_to_the_dot_is_acceptance(code: int) -> None:
    with conversation(SmtpServer(Rule(reply(f"{code} fine"), verb="."))) as connection:
        assert delivered(connection).accepted
        assert connection.open


@pytest.mark.parametrize("recipients", ["251 will forward", "252 cannot verify", "250"])
def test_any_2xx_to_rcpt_will_do(recipients: str) -> None:
    with conversation(SmtpServer(Rule(reply(recipients), verb="RCPT"))) as connection:
        assert delivered(connection).accepted


def test_one_refused_reader_does_not_touch_the_others() -> None:
    server = SmtpServer(Rule(reply("550 5.1.1 nobody"), verb="RCPT", recipient=r"^reader[0-9]*3@"))
    readers = [Address(f"reader{number}", "example.org") for number in range(20)]
    with conversation(server) as connection:
        replies = [delivered(connection, Envelope(ANN, reader)) for reader in readers]
    refused = [str(reader) for reader, said in zip(readers, replies, strict=True) if said.permanent]
    assert refused == ["reader3@example.org", "reader13@example.org"]
    assert [message.recipient for message in server.messages] == [
        str(each) for each in readers if str(each) not in refused
    ]


@pytest.mark.parametrize(
    "rule", [Rule(reply("500 what?"), verb="RSET"), Rule(drop(), verb="RSET"), Rule(reply("421 bye"), verb="RSET")]
)
def test_a_refusal_stands_though_the_connection_cannot_be_kept(rule: Rule) -> None:
    with conversation(SmtpServer(Rule(reply("550 5.1.1 nobody"), verb="RCPT"), rule)) as connection:
        assert connection.offer(TO_BO, MAIL) == Reply(550, "5.1.1", "nobody")
        went = connection.offer(TO_CY, MAIL)
        assert went is not None
        assert went.code in {0, 421}
        assert not connection.open


# 421, silence, garbage: the connection is over


VERBS = ["MAIL", "RCPT", "DATA", "."]


@pytest.mark.parametrize("verb", VERBS)
def test_421_ends_the_connection_and_is_returned(verb: str) -> None:
    with conversation(SmtpServer(Rule(reply("421 4.3.2 shutting down"), verb=verb))) as connection:
        assert delivered(connection) == Reply(421, "4.3.2", "shutting down")
        assert not connection.open


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(
    "action",
    [
        drop(),
        drop(hard=True),
        half(0),
        half(1),
        half(2),
        half(3),
        garbage(b"\x16\x03\x01\x02\n"),
        garbage(b"Ok\r\n"),
        garbage(b"\r\n"),
        garbage(b"250-yes\r\n550 no\r\n"),
        garbage(b"550-no\r\n250 yes\r\n"),
        garbage(b"250-" + b"x" * (1 << 21)),
        reply("150 wait"),
        reply("600 beyond"),
    ],
)
def test_what_is_no_answer_is_silence(verb: str, action: Action) -> None:
    with conversation(SmtpServer(Rule(action, verb=verb))) as connection:
        said = delivered(connection)
        assert said.silent
        assert said.text
        assert not connection.open


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "."])
def test_a_3xx_is_an_answer_to_data_only(verb: str) -> None:
    with conversation(SmtpServer(Rule(reply("354 go on"), verb=verb))) as connection:
        assert delivered(connection).silent
        assert not connection.open


@pytest.mark.parametrize("verb", VERBS)
def test_a_relay_that_says_nothing_is_left(verb: str) -> None:
    with conversation(SmtpServer(Rule(hang(), verb=verb)), QUICK) as connection:
        said = delivered(connection)
        assert said.silent
        assert re.search(r"nothing whole for 0\.\d+ seconds", said.text)
        assert not connection.open


@pytest.mark.parametrize("verb", VERBS)
def test_a_reply_that_drips_for_too_long_is_silence(verb: str) -> None:
    with conversation(SmtpServer(Rule(drip(0.05, "250 " + "x" * 100), verb=verb)), QUICK) as connection:
        said = delivered(connection)
        assert said.silent or (verb == "." and said.accepted)  # all but the end of an acceptance was heard
        assert not connection.open


def test_a_reply_that_drips_in_time_is_a_reply() -> None:
    with conversation(SmtpServer(Rule(drip(0.001)))) as connection:
        assert delivered(connection).accepted
        assert delivered(connection, TO_CY).accepted


def test_a_slow_dot_makes_one_copy() -> None:
    server = SmtpServer(Rule(delay(0.6), verb="."))  # longer than anything else may take, shorter than the dot may
    with conversation(server, replace(QUICK, dot=20)) as connection:
        assert delivered(connection).accepted
        assert connection.open
    assert len(server.messages) == 1


def test_an_acceptance_broken_off_in_its_text_is_an_acceptance() -> None:
    server = SmtpServer(Rule(half(12), verb="."))
    with conversation(server) as connection:
        assert delivered(connection).accepted
        assert not connection.open
    assert len(server.messages) == 1


def test_a_reply_of_64_kilobytes_is_a_reply() -> None:
    long = "\n".join(["250 2.0.0 " + "x" * 65536] * 3)
    server = SmtpServer(Rule(reply(long), verb="."))
    with conversation(server) as connection:
        assert delivered(connection).accepted
        assert delivered(connection, TO_CY).accepted
    assert len(server.messages) == 2


def test_an_answer_that_comes_late_is_never_taken_for_the_next_one() -> None:
    server = SmtpServer(Rule(hang(), verb=".", message=1))
    with conversation(server, QUICK) as connection:
        assert delivered(connection).silent
        server.resume()
        with pytest.raises(WrongState):
            connection.offer(TO_CY, MAIL)


def test_two_answers_to_one_command_end_the_connection() -> None:
    with conversation(SmtpServer(Rule(garbage(b"250 Ok\r\n250 2.0.0 Ok: taken\r\n"), verb="RCPT"))) as connection:
        said = connection.offer(TO_BO, MAIL)
        assert said is not None
        assert said.silent
        assert not connection.open


def test_an_acceptance_before_the_dot_is_none() -> None:
    said_it = threading.Event()

    def on_event(_connection: int, _message: int, name: str) -> None:
        if name == "after BODY":
            said_it.set()

    server = SmtpServer(Rule(garbage(b"250 2.0.0 Ok: taken\r\n"), verb="BODY"), on_event=on_event)
    with conversation(server) as connection:
        assert connection.offer(TO_BO, MAIL) is None
        assert said_it.wait(20)
        said = connection.release()
        assert (said.code, said.status) == (421, "4.4.2")
        assert "before the final dot" in said.text
    server.join()
    assert not server.messages


def say_goodbye(turn: Turn) -> None:
    turn.say(b"421 4.3.2 bye\r\n")
    turn.hang_up()


@pytest.mark.parametrize("action", [drop(), drop(hard=True), say_goodbye])
def test_a_relay_that_left_before_the_dot_cannot_have_the_mail(action: Action) -> None:
    server = SmtpServer(Rule(action, verb="BODY"))
    with conversation(server) as connection:
        assert delivered(connection).code in {421, 0}  # 0: it left in the very moment of the dot
        assert not connection.open
    assert not server.messages


def test_a_relay_that_hung_up_between_two_messages_is_noticed() -> None:
    server = SmtpServer(Rule(garbage(b"250 Ok\r\n421 4.4.2 idle for too long\r\n"), verb="."))
    with conversation(server) as connection:
        assert delivered(connection).accepted
        assert not connection.open


def test_a_relay_that_stops_reading_is_left() -> None:
    server = SmtpServer(Rule(hang(), verb="BODY"), extensions=())
    with conversation(server, QUICK) as connection:
        said = connection.offer(TO_BO, (b"x" * 900 + b"\r\n") * 25_000)
        assert said is not None  # no dot: it cannot have the mail
        assert said.code == 421
        assert not connection.open


# Ends


def test_what_is_withdrawn_is_not_delivered() -> None:
    server = SmtpServer()
    with conversation(server) as connection:
        assert connection.offer(TO_BO, MAIL) is None
        connection.withdraw()
        connection.withdraw()
        assert not connection.open
        server.join()
        assert server.sessions[0].ended == "gone"
    assert not server.messages
    assert b"\r\n.\r\n" not in server.sessions[0].received


def test_close_with_a_message_offered_withdraws_it() -> None:
    server = SmtpServer()
    with conversation(server) as connection:
        assert connection.offer(TO_BO, MAIL) is None
        connection.close()
        server.join()
    assert not server.messages
    assert b"QUIT" not in server.sessions[0].received


def test_close_says_quit_once() -> None:
    server = SmtpServer()
    with conversation(server) as connection:
        connection.close()
        connection.close()
        connection.withdraw()
        server.join()
    assert server.sessions[0].verbs == ["EHLO", "QUIT"]


def test_close_does_not_wait_for_a_relay_that_is_silent() -> None:
    with conversation(SmtpServer(Rule(hang(), verb="QUIT")), QUICK) as connection:
        connection.close()
        assert not connection.open


def test_the_order_of_the_seam_is_kept() -> None:
    with conversation(SmtpServer()) as connection:
        with pytest.raises(WrongState):
            connection.release()
        assert connection.offer(TO_BO, MAIL) is None
        assert not connection.open
        with pytest.raises(WrongState):
            connection.offer(TO_CY, MAIL)
        assert connection.release().accepted
        with pytest.raises(WrongState):
            connection.release()
        connection.close()
        with pytest.raises(WrongState):
            connection.offer(TO_CY, MAIL)


def test_a_relay_that_takes_so_many_mails_a_connection_is_left_in_time() -> None:
    server = SmtpServer(
        Rule(reply("550 5.1.1 nobody"), verb="RCPT", message=1), extensions=("LIMITS MAILMAX=2 RCPTMAX=1",)
    )
    with conversation(server) as connection:
        assert [(delivered(connection).code, connection.open) for _ in range(2)] == [(550, True), (250, False)]
        server.join()
    assert server.sessions[0].ended == "quit"


# The double


def test_the_ledger_is_written_before_the_250(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger"
    events: list[tuple[int, int, str]] = []

    def on_event(connection: int, message: int, name: str) -> None:
        events.append((connection, message, name))
        if name == "recorded .":
            assert b"<1@example.org>" in ledger.read_bytes()
            assert b"taken" not in server.sessions[0].sent

    server = SmtpServer(Rule(drop(record=True), verb=".", connection=1), on_event=on_event, ledger=ledger)
    with conversation(server) as connection:
        assert delivered(connection).silent
    assert len(ledger.read_text().splitlines()) == 1
    names = [name for _, message, name in events if message == 1]
    assert names == [
        *("before MAIL", "after MAIL", "before RCPT", "after RCPT", "before DATA", "after DATA"),
        *("before BODY", "after BODY", "before .", "recorded ."),
    ]
