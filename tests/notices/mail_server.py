"""A real mail server on loopback, as much of one as a client needs; it can be told to fail in the ways servers do."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import cast


class MailServer(socketserver.ThreadingTCPServer):
    """What came in, and how to fail: `refuse` (550 to who it is for), `break_off` (after the text, without a word)."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.taken: list[bytes] = []
        self.fails = ""

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def mails(self) -> list[EmailMessage]:
        return [message_from_bytes(raw, policy=default) for raw in self.taken]


class _Talk(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        server = cast("MailServer", self.server)
        self._say("220 here")
        while line := self.rfile.readline():
            verb = line.decode().split()[0].upper()
            if verb == "EHLO":
                self._say("250-here\r\n250 SMTPUTF8")
            elif verb == "RCPT" and server.fails == "refuse":
                self._say("550 nobody of that name")
            elif verb == "DATA":
                self._say("354 go on")
                text = self._text()
                server.taken.append(text)
                if server.fails == "break_off":
                    return
                self._say("250 taken")
            elif verb == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 fine")

    def _say(self, words: str) -> None:
        self.wfile.write(words.encode() + b"\r\n")

    def _text(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return b"".join(lines)


@contextmanager
def taking_mail() -> Iterator[MailServer]:
    """Run a mail server while the block lasts."""
    with MailServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
