"""A message for each round trip (RFC 2920): what travels together, what never does, and what is told when it breaks."""

import time

import pytest

from digest.delivery.content import make_content
from digest.delivery.transport import Answered, Event, Held, Refused
from digest.model.message import Reply
from tests.doubles.smtp_server import Action, Rule, SmtpServer, Turn, drop, hang, reply
from tests.unit.delivery.speaking import MAIL, QUICK, TO_BO, TO_CY, Speaker, conversation, delivered

SECOND = b"Message-ID: <2@example.org>\r\n\r\nsecond\r\n"


def release_and_offer(speaker: Speaker, content: bytes = SECOND) -> None:
    """The dot of the message that is held, and the next offer in the same breath."""
    speaker.connection.release()
    speaker.connection.offer(TO_CY, make_content(content))


def kinds(events: list[Event]) -> list[type]:
    return [type(event) for event in events]


def next_events(speaker: Speaker, count: int) -> list[Event]:
    return [speaker.next_event() for _ in range(count)]


def test_commands_travel_with_the_dot_before_and_the_body_after_its_354() -> None:
    server = SmtpServer(Rule(hang(), verb=".", message=1))
    with conversation(server) as speaker:
        assert speaker.offer() is None
        release_and_offer(speaker)
        speaker.connection.pump()
        session = server.sessions[0]
        while b"DATA\r\n" not in session.received.partition(b"\r\n.\r\n")[2]:
            assert not server.messages
        _, _, behind = session.received.partition(b"hello\r\n.\r\n")
        assert [line.split(b":")[0] for line in behind.splitlines()] == [b"MAIL FROM", b"RCPT TO", b"DATA"]
        server.resume()
        answered, held = next_events(speaker, 2)
        assert isinstance(answered, Answered)
        assert answered.reply.accepted
        assert held == Held()
        assert speaker.release().accepted
    assert [message.content for message in server.messages] == [MAIL, SECOND]


def test_without_pipelining_nothing_is_said_before_the_dot_is_answered() -> None:
    server = SmtpServer(Rule(hang(), verb=".", message=1), pipelining=False)
    with conversation(server) as speaker:
        assert speaker.offer() is None
        release_and_offer(speaker)
        speaker.connection.pump()
        while not server.sessions[0].received.endswith(b".\r\n"):
            assert not server.messages
        server.resume()
        assert kinds(next_events(speaker, 2)) == [Answered, Held]
        assert speaker.release().accepted
    assert [message.content for message in server.messages] == [MAIL, SECOND]


def test_a_dot_that_cannot_leave_in_time_never_does() -> None:
    """Its sender was stopped on the way: somebody else may have the message by now."""
    server = SmtpServer()
    with conversation(server) as speaker:
        assert speaker.offer() is None
        speaker.connection.release(by=time.monotonic())
        speaker.connection.offer(TO_CY, make_content(SECOND))
        answered, refused = next_events(speaker, 2)
        assert answered == Answered(Reply(0, text="no answer to the final dot: the dot could not leave in time"))
        assert isinstance(refused, Refused)
        assert refused.reply.silent
        assert speaker.connection.over
    assert server.messages == []


def test_a_dot_in_time_is_not_held_against_what_follows_it() -> None:
    server = SmtpServer()
    with conversation(server) as speaker:
        assert speaker.offer() is None
        soon = time.monotonic() + 0.5
        speaker.connection.release(by=soon)
        assert isinstance(speaker.next_event(), Answered)
        while time.monotonic() < soon:
            time.sleep(0.05)
        assert delivered(speaker, TO_CY, SECOND).accepted
    assert len(server.messages) == 2


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA"])
def test_a_refusal_in_the_group_leaves_the_message_before_alone(verb: str) -> None:
    server = SmtpServer(Rule(reply("550 5.1.1 nobody"), verb=verb, message=2))
    with conversation(server) as speaker:
        assert speaker.offer() is None
        release_and_offer(speaker)
        answered, refused = next_events(speaker, 2)
        assert isinstance(answered, Answered)
        assert answered.reply.accepted
        assert refused == Refused(Reply(550, "5.1.1", "nobody", verb))
        assert delivered(speaker, TO_BO).accepted
    assert [message.content for message in server.messages] == [MAIL, MAIL]
    assert "RSET" in server.sessions[0].verbs


def go_ahead_all_the_same(turn: Turn) -> None:
    """Such servers there are: RFC 2920 §3.1."""
    turn.answer("354 go ahead")


def test_a_relay_that_wants_the_body_of_a_refused_message_gets_a_dot_alone() -> None:
    server = SmtpServer(
        Rule(reply("550 5.1.1 nobody"), verb="RCPT", recipient="^cy@"),
        Rule(go_ahead_all_the_same, verb="DATA", recipient="^cy@"),
        Rule(reply("554 5.5.1 no valid recipients"), verb=".", recipient="^cy@"),
    )
    with conversation(server) as speaker:
        assert speaker.offer() is None
        release_and_offer(speaker)
        assert next_events(speaker, 2)[1] == Refused(Reply(550, "5.1.1", "nobody", "RCPT"))
        assert delivered(speaker, TO_BO).accepted
    assert b"DATA\r\n.\r\n" in server.sessions[0].received
    assert b"second" not in server.sessions[0].received
    assert [message.recipient for message in server.messages] == ["bo@example.org", "bo@example.org"]


@pytest.mark.parametrize("action", [drop(), drop(hard=True), reply("999 what?"), hang()])
def test_a_connection_that_breaks_at_the_dot_is_silence_for_one_and_nothing_for_the_other(action: Action) -> None:
    server = SmtpServer(Rule(action, verb=".", message=1))
    with conversation(server, QUICK) as speaker:
        assert speaker.offer() is None
        release_and_offer(speaker)
        answered, refused = next_events(speaker, 2)
        assert isinstance(answered, Answered)
        assert answered.reply.silent
        assert answered.reply.verb == "."
        assert isinstance(refused, Refused)
        assert refused.reply.code in {0, 421}
        assert speaker.connection.over
        server.resume()


def test_421_to_the_dot_is_an_answer_and_takes_the_next_offer_with_it() -> None:
    server = SmtpServer(Rule(reply("421 4.3.2 going down"), verb=".", message=1))
    with conversation(server) as speaker:
        assert speaker.offer() is None
        release_and_offer(speaker)
        answered, refused = next_events(speaker, 2)
        assert answered == Answered(Reply(421, "4.3.2", "going down", "."))
        assert isinstance(refused, Refused)
        assert refused.reply.code == 421
    assert not server.messages


def test_what_was_accepted_counts_though_the_next_offer_breaks_the_connection() -> None:
    server = SmtpServer(Rule(drop(), verb="MAIL", message=2))
    with conversation(server) as speaker:
        assert speaker.offer() is None
        release_and_offer(speaker)
        answered, refused = next_events(speaker, 2)
        assert isinstance(answered, Answered)
        assert answered.reply.accepted
        assert isinstance(refused, Refused)
        assert refused.reply.silent
    assert len(server.messages) == 1


def test_nothing_is_offered_beyond_what_a_connection_may_carry() -> None:
    server = SmtpServer(extensions=("LIMITS MAILMAX=2",))
    with conversation(server) as speaker:
        assert speaker.offer() is None
        release_and_offer(speaker)
        assert kinds(next_events(speaker, 2)) == [Answered, Held]
        speaker.connection.release()
        assert not speaker.connection.free
        assert kinds(next_events(speaker, 1)) == [Answered]
        server.join()
    assert server.sessions[0].ended == "quit"
    assert len(server.messages) == 2
