"""A real SMTP server on loopback, that keeps what it takes and refuses what it is told to."""

# ruff: noqa: ARG002 - aiosmtpd hands over more than is needed here

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword


@dataclass
class Mailbox:
    """`answers` are given to the next recipients or contents instead of taking them."""

    port: int = 0
    taken: list[bytes] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    to_recipients: list[str] = field(default_factory=list)
    to_contents: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def messages(self) -> list[EmailMessage]:
        return [message_from_bytes(one, policy=policy.default) for one in self.taken]

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.to_recipients:
            return self.to_recipients.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802
        if self.to_contents:
            return self.to_contents.pop(0)
        content = envelope.original_content
        assert content is not None
        self.taken.append(content)
        self.recipients += envelope.rcpt_tos
        return "250 OK"


@contextmanager
def receiving(
    tls: ssl.SSLContext | None = None, starttls: ssl.SSLContext | None = None, password: bytes | None = None
) -> Iterator[Mailbox]:
    mailbox = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        mailbox.port = free.getsockname()[1]

    def authenticate(_server: Any, _session: Any, _envelope: Any, _kind: Any, said: Any) -> AuthResult:
        assert isinstance(said, LoginPassword)
        return AuthResult(success=said.password == password, handled=False)

    guarded: dict[str, Any] = (
        {"authenticator": authenticate, "auth_required": True, "auth_require_tls": tls is None}
        if password
        else {}
    )
    controller = Controller(
        mailbox,
        hostname="127.0.0.1",
        port=mailbox.port,
        ssl_context=tls,
        tls_context=starttls,
        require_starttls=starttls is not None,
        **guarded,
    )
    controller.start()
    try:
        yield mailbox
    finally:
        controller.stop()
