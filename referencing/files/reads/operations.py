"""Noting who reads a file, in one statement, whatever the file belongs to.

The tables are of packages above; of them, only the columns that lead to the organisation are named here.
"""

from dataclasses import dataclass
from uuid import NAMESPACE_URL, UUID, uuid5

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from referencing.base.db import new_id, now
from referencing.base.permissions import Actor
from referencing.files.models import KeptFile

from .models import FileRead, ReadKind


@dataclass(frozen=True, slots=True)
class _Owned:
    """Files of one table: `column` names what they belong to, and `path` the tables from there to the organisation.

    Each table of the path has the column that leads to the next one; that of the last is `organisation_id`.
    """

    kind: ReadKind
    column: str
    path: tuple[tuple[str, str], ...]

    def owner(self, subject_id: UUID) -> sa.ScalarSelect[UUID]:
        """The organisation whose files they are, by what they belong to."""
        value: UUID | sa.ScalarSelect[UUID] = subject_id
        for name, column in self.path:
            table = sa.table(name, sa.column("id", sa.Uuid()), sa.column(column, sa.Uuid()))
            value = sa.select(table.c[column]).where(table.c.id == value).scalar_subquery()
        assert isinstance(value, sa.ScalarSelect)  # noqa: S101 - no path is empty
        return value


@dataclass(frozen=True, slots=True)
class Read:
    """What is read: its owner is an organisation, or what finds it; None for the agency's own."""

    kind: ReadKind
    owner: UUID | sa.ScalarSelect[UUID] | None
    subject_id: UUID
    file_id: UUID
    filename: str


_OF_SOFTWARE = ("software", "organisation_id")
_EXPORT = _Owned(ReadKind.EXPORT, "id", (("audit", "organisation_id"),))
_OF_SESSION = {
    kind: _Owned(kind, "id", (("duo_session", "organisation_id"),))
    for kind in (ReadKind.MINUTES, ReadKind.RECORDING)
}
_OWNED = {
    "proof_file": _Owned(ReadKind.PROOF, "proof_id", (("proof", "organisation_id"),)),
    "certificate_file": _Owned(
        ReadKind.CERTIFICATE, "certificate_id", (("certificate", "software_id"), _OF_SOFTWARE)
    ),
    "message_file": _Owned(
        ReadKind.MESSAGE, "message_id", (("message", "candidature_id"), ("candidature", "organisation_id"))
    ),
    "attestation_file": _Owned(
        ReadKind.ATTESTATION, "declaration_id", (("identity_declaration", "software_id"), _OF_SOFTWARE)
    ),
    "alike_attestation": _Owned(
        ReadKind.COMPONENT, "request_id", (("alike_request", "software_id"), _OF_SOFTWARE)
    ),
    "duo_capture": _Owned(
        ReadKind.CAPTURE, "line_id", (("duo_line", "session_id"), ("duo_session", "organisation_id"))
    ),
    "evidence": _Owned(ReadKind.EVIDENCE, "audit_id", (("audit", "organisation_id"),)),
}


def note_read(session: Session, actor: Actor, place: str | None, file: KeptFile) -> None:
    """Note that the actor reads a file, from a place."""
    owned = _OWNED[file.__tablename__]
    subject: UUID = getattr(file, owned.column)
    _note(session, actor, place, Read(owned.kind, owned.owner(subject), subject, file.id, file.filename))


def note_export(session: Session, actor: Actor, place: str | None, audit_id: UUID, filename: str) -> None:
    """Note that the actor reads an audit as a whole, from a place."""
    owner = _EXPORT.owner(audit_id)
    _note(session, actor, place, Read(_EXPORT.kind, owner, audit_id, audit_id, filename))


def note_session_read(
    session: Session, actor: Actor, place: str | None, kind: ReadKind, session_id: UUID, filename: str
) -> None:
    """Note that the actor reads the minutes of a live session, or where its recordings are."""
    owner = _OF_SESSION[kind].owner(session_id)
    _note(session, actor, place, Read(kind, owner, session_id, session_id, filename))


def note_sheet(session: Session, actor: Actor, place: str | None, filename: str) -> None:
    """Note that the actor takes a table away: of their organisation's, or across all for the agency."""
    made = uuid5(NAMESPACE_URL, filename)
    _note(session, actor, place, Read(ReadKind.SHEET, actor.own_organisation, made, made, filename))


def _note(session: Session, actor: Actor, place: str | None, what: Read) -> None:
    moment = now(session)
    read = insert(FileRead).values(
        id=new_id(),
        read_at=moment,
        hour=moment.replace(minute=0, second=0, microsecond=0),
        account_id=actor.account_id,
        organisation_id=what.owner,
        kind=what.kind,
        subject_id=what.subject_id,
        file_id=what.file_id,
        filename=what.filename,
        place=place,
    )
    session.execute(read.on_conflict_do_nothing())
