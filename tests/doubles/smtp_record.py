"""What the scripted mail server writes down: the messages it took and the connections as it heard them."""

import hashlib
import json
import re
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Message:
    """A message that the server took."""

    connection: int
    number: int  # within its connection, from 1
    sender: str  # without angle brackets; "" for the null sender
    recipients: tuple[str, ...]
    parameters: tuple[str, ...]  # of MAIL, as sent: SIZE=…, SMTPUTF8
    content: bytes  # un-stuffed, without the final dot

    @property
    def recipient(self) -> str:
        (only,) = self.recipients
        return only

    @property
    def message_id(self) -> str:
        match = re.search(rb"^Message-ID:\s*(\S+)", self.content, re.IGNORECASE | re.MULTILINE)
        return match[1].decode() if match else ""

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    def ledger_line(self) -> bytes:
        said = {
            "connection": self.connection,
            "message": self.number,
            "sender": self.sender,
            "recipients": self.recipients,
            "message_id": self.message_id,
            "sha256": self.sha256,
        }
        return json.dumps(said).encode() + b"\n"


@dataclass
class Session:
    """One connection, as it was heard."""

    number: int
    received: bytearray = field(default_factory=bytearray)  # all of it, decrypted
    clear: bytearray = field(default_factory=bytearray)  # the part of it that came without TLS
    sent: bytearray = field(default_factory=bytearray)
    verbs: list[str] = field(default_factory=list)  # the commands understood, in order
    logins: list[tuple[str, str]] = field(default_factory=list)
    secure: bool = False
    message: int = 0  # the message it is at
    ended: str = ""  # "quit", "gone" (the client hung up), "cut" (we did)
