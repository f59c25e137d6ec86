"""Messages, marks and events as the API shows them: plain values."""

from collections.abc import Sequence
from typing import Any

from referencing.base.permissions import Actor
from referencing.base.shapes import shape
from referencing.journal.disclosure import author_view
from referencing.proofs.schemas import FileOut

from .models import Message, ReadMark
from .queries import Reading


def message_view(message: Message, reader: Actor) -> dict[str, Any]:
    """A message as its reader sees it: when it was read is for the side that wrote it."""
    return {
        "id": message.id,
        "candidature": message.candidature_id,
        "item": message.item_id,
        "code": message.item.expected_proof.code if message.item else None,
        **author_view(message.author.name, message.author.role, reader),
        "internal": message.internal,
        "text": message.text,
        "sent_at": message.sent_at,
        "read_at": message.read_at if message.of_agency is reader.of_agency else None,
        "attachments": [shape(FileOut)(one) for one in message.files],
    }


def reading_view(reading: Reading, reader: Actor) -> dict[str, Any]:
    """An editor sees how far the agency has read, which is as far as whoever of it read most."""
    marks: Sequence[ReadMark] = reading.marks if reader.of_agency else reading.marks[:1]
    return {
        "unread": reading.unread,
        "marks": [
            {
                **author_view(one.account.name, one.account.role, reader),
                "message": one.message_id,
                "read_at": one.read_at,
            }
            for one in marks
        ],
    }
