"""What is sealed of an audit: its file as it is at that moment, by the SHA-256 of its record and of its pieces."""

from hashlib import sha256
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.orm import Session

from referencing.audits.export.export import RECORD, Export, gathered, record_file
from referencing.base.permissions import Actor
from referencing.base.vault import Vault
from referencing.files.reads.operations import note_export

from .models import Kind
from .proving import proven
from .summaries import audit_summary

Json = dict[str, Any]


def subject_of(audit_id: UUID) -> str:
    return f"audit:{audit_id}"


def name_of(audit_id: UUID) -> str:
    """The name of its bundle as a file."""
    return f"preuve-audit-{audit_id}.json"


def audit_content(session: Session, actor: Actor, vault: Vault, audit_id: UUID) -> Json:
    """What is sealed: the files by their names in the archive, that of the record first. Raises NotFound, Forbidden."""
    export = gathered(session, actor, vault, audit_id)
    written = record_file(export)
    record = orjson.loads(written)
    audit: Json = {
        "kind": Kind.AUDIT,
        "subject": subject_of(audit_id),
        "dossier": record["solution"],
        "files": [{"name": RECORD, "sha256": sha256(written).hexdigest()}, *_pieces(export)],
        "journal": record["journal"],
    }
    return {**audit, "summary": audit_summary(audit, record)}


def _pieces(export: Export) -> list[Json]:
    return [
        {"name": PurePosixPath(piece.name).name, "sha256": piece.file.sha256}
        for piece in export.pieces
        if piece.reason is None
    ]


def audit_bundle(session: Session, actor: Actor, vault: Vault, address: str | None, audit_id: UUID) -> Json:
    """What was sealed last, with its proofs; with the record itself where it is still what was sealed.

    That it is read is noted, from which `address`. Raises NotFound, Forbidden, Conflict as `proven` does.
    """
    written = record_file(gathered(session, actor, vault, audit_id))
    bundle = proven(session, subject_of(audit_id))
    note_export(session, actor, address, audit_id, name_of(audit_id))
    record = {"name": RECORD, "sha256": sha256(written).hexdigest()}
    return {**bundle, "attached": {RECORD: written.decode()} if record in bundle["content"]["files"] else {}}
