"""The SMTP server to which e-mail is given, as `SMTP_URL` and `MAIL_FROM` say; nothing is sent without them."""

import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from referencing.accounts.email import mailbox
from referencing.base.outgoing.client import is_loopback

TIMEOUT = 20.0  # seconds without a byte
WHOLE = 120.0  # seconds for one letter, however slowly the server speaks
PORTS = {"smtp": 587, "smtps": 465}


class Undelivered(Exception):
    """The server could not be had, or asks to come back later. The message names no address."""


class Refused(Exception):
    """The server will never take this letter."""


@dataclass(frozen=True, slots=True)
class Relay:
    """`smtps` is TLS from the first byte; `smtp` is STARTTLS, which only a server on loopback may lack."""

    scheme: str
    host: str
    port: int
    sender: str
    user: str | None = field(default=None, repr=False)
    password: str = field(default="", repr=False)

    @classmethod
    def of(cls, smtp_url: str | None, mail_from: str | None) -> "Relay | None":
        """None when no server is configured. Raises ValueError, without the address, which may hold a password."""
        if smtp_url is None:
            return None
        parts = urlsplit(smtp_url)
        if parts.scheme not in PORTS or not parts.hostname or parts.path.strip("/") or parts.query:
            raise ValueError("SMTP_URL must be smtp://[USER:PASSWORD@]HOST[:PORT] or smtps://...")
        sender = mailbox(mail_from or "")
        if sender is None:
            raise ValueError("MAIL_FROM must be the address that e-mail is sent from")
        user = unquote(parts.username) if parts.username else None
        port = parts.port or PORTS[parts.scheme]
        return cls(parts.scheme, parts.hostname, port, sender, user, unquote(parts.password or ""))

    def deliver(self, recipient: str, message: bytes) -> None:
        """Returns once the server has taken it. Raises Undelivered, or Refused."""
        try:
            with self._connected() as server:
                server.sendmail(self.sender, [recipient], message)
        except smtplib.SMTPRecipientsRefused as error:
            (code, _) = error.recipients[recipient]
            raise _of_code(code) from None
        except smtplib.SMTPDataError as error:
            raise _of_code(error.smtp_code) from None
        except smtplib.SMTPResponseException as error:  # of us, not of the letter: somebody will put it right
            raise Undelivered(f"code {error.smtp_code}") from None
        except (smtplib.SMTPException, OSError) as error:
            raise Undelivered(type(error).__name__) from None

    def greet(self) -> None:
        """Returns once the server has taken the account, without a letter. Raises Undelivered."""
        try:
            with self._connected() as server:
                server.noop()
        except (smtplib.SMTPException, OSError) as error:
            raise Undelivered(type(error).__name__) from None

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        server = self._connect()
        watch = threading.Timer(WHOLE, _cut, [server])
        watch.daemon = True
        watch.start()
        try:
            if self.user is not None:
                server.login(self.user, self.password)
            yield server
            with suppress(smtplib.SMTPException, OSError):  # it has taken the letter, however it says goodbye
                server.quit()
        finally:
            watch.cancel()
            server.close()

    def _connect(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self.scheme == "smtps":
            return smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT, context=context)
        server = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT)
        try:
            server.ehlo()
            if server.has_extn("starttls") or not is_loopback(self.host):
                server.starttls(context=context)
                server.ehlo()
        except BaseException:
            server.close()
            raise
        return server


def _cut(server: smtplib.SMTP) -> None:
    """Whoever waits for the server hears that the line has ended."""
    with suppress(OSError, AttributeError):  # it has just been closed
        server.sock.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]


def _of_code(code: int) -> Exception:
    return Refused(f"code {code}") if code >= 500 else Undelivered(f"code {code}")
