import socket

import pytest

from digest.delivery.wire import Broken, Stream, Wire
from digest.model.errors import DigestError
from digest.model.message import Reply


@pytest.mark.parametrize("command", ["NOOP\r\nQUIT", "NOOP\n", "NOOP\r", "NO\0OP"])
def test_a_command_is_one_line_or_is_not_sent(command: str) -> None:
    ours, theirs = _connected()
    with ours, theirs:
        with pytest.raises(DigestError, match="not one SMTP command"):
            Wire(ours).ask(command, 5)
        theirs.setblocking(False)
        with pytest.raises(BlockingIOError):
            theirs.recv(1)


def test_what_was_said_before_the_wire_broke_is_kept() -> None:
    ours, theirs = _connected()
    with ours, theirs:
        theirs.sendall(b"250-one\r\n250 tw")
        theirs.shutdown(socket.SHUT_WR)
        with pytest.raises(Broken, match="hung up") as broken:
            Wire(ours).read_reply(5)
        assert broken.value.reply == Reply(250, "", "one tw")


def test_our_own_address_is_a_literal() -> None:
    ours, theirs = _connected()
    with ours, theirs:
        assert Wire(ours).own_address == "[127.0.0.1]"


def test_cutting_and_closing_twice_is_safe() -> None:
    ours, theirs = _connected()
    with theirs:
        wire = Wire(ours)
        stream = wire.stream()
        stream.cut()
        stream.close()
        stream.cut()
        assert stream.fileno() == -1
        with pytest.raises(Broken):
            wire.ask("NOOP", 5)
        with pytest.raises(Broken):
            stream.read()


def test_a_stream_never_waits() -> None:
    ours, theirs = _connected()
    with theirs:
        stream = Wire(ours).stream()
        stream.read()
        assert stream.replies.empty
        stream.write(b"x" * 50_000_000)  # more than any buffer holds
        assert stream.flush()
        assert stream.unsent
        theirs.sendall(b"421 4.3.2 bye\r\n")
        theirs.close()
        with pytest.raises(Broken):
            flush_for_ever(stream)
        assert stream.replies.take() == Reply(421, "4.3.2", "bye")
        stream.cut()


def flush_for_ever(stream: Stream) -> None:
    while True:
        stream.flush()


def _connected() -> tuple[socket.socket, socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ours = socket.create_connection(listener.getsockname())
        return ours, listener.accept()[0]
