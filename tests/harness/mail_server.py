"""A mail server on loopback that keeps what it receives: enough of SMTP (RFC 5321) for a real client."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class Mailbox:
    """What arrived; addresses in `refused` are told to come back later."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)

    @property
    def url(self) -> str:
        """The address of the server, as a town gives it."""
        return f"smtp://127.0.0.1:{self.port}?from=enfance@exemple.test"


@contextmanager
def mail_server_here() -> Iterator[Mailbox]:
    """Serve until the block ends."""
    box = Mailbox()

    class Handler(_Handler):
        mailbox = box

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        box.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield box
        server.shutdown()
        thread.join()


class _Handler(socketserver.StreamRequestHandler):
    mailbox: Mailbox

    def handle(self) -> None:
        """Talk with one client until it leaves."""
        self._say("220 essai")
        while line := self.rfile.readline():
            if not self._answer(line.decode().strip()):
                return

    def _answer(self, line: str) -> bool:
        verb = line[:4].upper()
        if verb == "QUIT":
            self._say("221 au revoir")
            return False
        if verb == "RCPT" and any(f"<{address}>" in line for address in self.mailbox.refused):
            self._say("451 revenez plus tard")
        elif verb == "DATA":
            self._say("354 dites")
            self._receive()
        else:
            self._say("250 oui")
        return True

    def _receive(self) -> None:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        mail = message_from_bytes(b"".join(lines), policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mailbox.mails.append(mail)
        self._say("250 reçu")

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())
