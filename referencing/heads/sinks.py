"""Where a head goes so that nobody who can change the database can change it: a file, a mailbox, a server."""

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

from referencing.base.outgoing import client
from referencing.mail.message import Words, message
from referencing.mail.relay import Relay, Undelivered

from .models import Head
from .statements import line_of

_SUBJECT = "Empreinte signée du journal du référencement, {at:%d/%m/%Y}"
_TEXT = """Conservez ce message : il permet de vérifier, plus tard, que rien de ce qui était inscrit au journal du
référencement n'a été modifié, retiré ni réordonné (référencement : journal verify --heads FICHIER).

{line}
"""


class NotTaken(Exception):
    """A server did not take the head. The message names no address."""


def deliver(head: Head, place: str, relay: Relay | None) -> None:
    """Send a head to one place. Raises NotTaken, Undelivered, HTTPError or OSError: it is tried again then."""
    parts = urlsplit(place)
    if parts.scheme == "file":
        _append(Path(unquote(parts.path)), line_of(head))
    elif parts.scheme == "mailto":
        _mail(head, unquote(parts.path), relay)
    else:
        body = f"{line_of(head)}\n".encode()
        received = client.send("POST", place, body, {"Content-Type": "application/json"})
        if not 200 <= received.status < 300:
            raise NotTaken(f"status {received.status}")


def _append(file: Path, line: str) -> None:
    """Add a line to a file, once, and see it to the disk."""
    with file.open("a+b") as lines:
        size = lines.seek(0, os.SEEK_END)
        lines.seek(max(0, size - 2 * len(line)))
        if line.encode() in lines.read().splitlines():
            return
        lines.write(f"{line}\n".encode())
        lines.flush()
        os.fsync(lines.fileno())


def _mail(head: Head, recipient: str, relay: Relay | None) -> None:
    if relay is None:
        raise Undelivered("no server")
    words = Words(
        letter_id=head.id,
        written_at=head.at,
        sender=relay.sender,
        recipient=recipient,
        name="",
        subject=_SUBJECT.format(at=head.at),
        text=_TEXT.format(line=line_of(head)),
    )
    relay.deliver(recipient, message(words))
