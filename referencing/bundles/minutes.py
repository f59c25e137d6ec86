"""What is sealed of the minutes of a live session that both sides signed."""

from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.orm import Session

from referencing.base.errors import Conflict
from referencing.base.permissions import Actor
from referencing.duo.minutes import operations
from referencing.duo.minutes.document import moment
from referencing.duo.minutes.queries import signatures
from referencing.duo.sessions.phases import Phase
from referencing.files.reads.models import ReadKind
from referencing.files.reads.operations import note_session_read

from .models import Kind
from .proving import proven
from .summaries import minutes_summary

#: The name under which the minutes themselves go with the bundle; they name people, and are not sealed again.
DOCUMENT = "proces-verbal.json"


def subject_of(session_id: UUID) -> str:
    return f"duo-session:{session_id}"


def name_of(session_id: UUID) -> str:
    """The name of its bundle as a file."""
    return f"preuve-seance-{session_id}.json"


def minutes_content(session: Session, actor: Actor, session_id: UUID) -> dict[str, Any]:
    """The signed minutes by their SHA-256, with the captures that they name. Raises NotFound, Conflict until signed."""
    live, written = operations.read(session, actor, session_id)
    if live.phase is not Phase.SIGNED:
        raise Conflict("Le procès-verbal n'est pas encore signé des deux parties : il se scelle ensuite.")
    document = orjson.loads(written.document)
    captures = {
        (capture["filename"], capture["sha256"]) for item in document["items"] for capture in item["captures"]
    }
    minutes: dict[str, Any] = {
        "kind": Kind.MINUTES,
        "subject": subject_of(live.id),
        "dossier": document["candidature"],
        "files": [
            {"name": DOCUMENT, "sha256": written.sha256},
            *({"name": name, "sha256": sha256} for name, sha256 in sorted(captures)),
        ],
        "signatures": [
            {
                "side": signature.side,
                "outcome": signature.decision,
                "reserves": signature.reserves,
                "sha256": signature.sha256,
                "signed_at": moment(signature.signed_at),
            }
            for signature in signatures(session, live.id)
        ],
    }
    return {**minutes, "summary": minutes_summary(minutes, document)}


def minutes_bundle(session: Session, actor: Actor, address: str | None, session_id: UUID) -> dict[str, Any]:
    """What was sealed, with its proofs and the minutes themselves; that they are read is noted, from which `address`.

    Raises NotFound, Forbidden, Conflict as `proven` does.
    """
    _, written = operations.read(session, actor, session_id)
    bundle = proven(session, subject_of(session_id), attached={DOCUMENT: written.document.decode()})
    note_session_read(session, actor, address, ReadKind.MINUTES, session_id, name_of(session_id))
    return bundle
