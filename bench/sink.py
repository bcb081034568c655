"""An SMTP server that takes every mail and forgets it, in a process of its own: `python -m bench.sink` prints its port."""

import socketserver

from bench.child import Child, end_with_parent

ANSWERS = {
    b"EHLO": b"250-sink.example.org\r\n250 8BITMIME\r\n",
    b"MAIL": b"250 2.1.0 go on\r\n",
    b"RCPT": b"250 2.1.5 go on\r\n",
    b"DATA": b"354 go on\r\n",
    b"QUIT": b"221 2.0.0 farewell\r\n",
}
END = b"\r\n.\r\n"


class Sink(Child):
    """Starts the server; ends with the `with`."""

    def __init__(self) -> None:
        super().__init__("bench.sink")


class _Conversation(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True

    def handle(self) -> None:
        self.wfile.write(b"220 sink.example.org\r\n")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            self.wfile.write(ANSWERS.get(verb, b"250 2.0.0 well\r\n"))
            if verb == b"DATA":
                self._swallow()
                self.wfile.write(b"250 2.0.0 taken\r\n")
            elif verb == b"QUIT":
                return

    def _swallow(self) -> None:
        """To the dot. Nothing follows it before our answer: PIPELINING is not announced."""
        last = b""
        while not last.endswith(END):
            last = last[-len(END) :] + self.connection.recv(1 << 16)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True


if __name__ == "__main__":
    end_with_parent()
    server = _Server(("127.0.0.1", 0), _Conversation)
    print(server.server_address[1], flush=True)
    server.serve_forever()
