"""A read as it is told: an organisation learns that others read, not who they are, nor from where."""

from typing import Any

from referencing.base.permissions import Actor
from referencing.journal.disclosure import AGENCY_ROLE

from .models import FileRead, ReadKind

#: What this service gives a name itself: it tells nothing that an editor wrote.
NAMED_HERE = frozenset({ReadKind.EXPORT, ReadKind.MINUTES, ReadKind.RECORDING, ReadKind.SHEET})


def read_view(read: FileRead, reader: Actor) -> dict[str, Any]:
    told = reader.of_agency or read.account.organisation_id == reader.organisation_id
    role = read.account.role
    return {
        "id": read.id,
        "read_at": read.read_at,
        "kind": read.kind,
        "subject": read.subject_id,
        "file": read.file_id,
        "filename": read.filename if not reader.of_agency or read.kind in NAMED_HERE else None,
        "organisation": read.organisation.name if read.organisation else None,
        "by": read.account.name if told else None,
        "role": role if told or read.account.organisation_id else AGENCY_ROLE,
        "place": read.place if told else None,
    }
