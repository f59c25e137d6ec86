"""The file of an audit for the decision on sanctions: its record, a summary to read, the journal with its seals, and
the evidence. The same state gives the same bytes; who signalled is in none of it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from referencing.audits.inquiries import queries
from referencing.audits.inquiries.models import Audit, Evidence, SampledFact, SampledItem
from referencing.audits.inquiries.states import Conformity
from referencing.base import db
from referencing.base.errors import Conflict
from referencing.base.permissions import Actor, Right, authorise
from referencing.base.vault import Vault
from referencing.files.models import KeptFile
from referencing.files.scanning import refuse_unread
from referencing.journal import queries as journal
from referencing.journal.models import Entry, Stream
from referencing.journal.queries import sealed_content
from referencing.proofs.queries import behind

from .account import record_of, with_names
from .archive import Member, member, plain_name
from .summary import README, summary

#: The name of the record in the archive.
RECORD = "dossier.json"
#: Entries of the journal read at once.
_PAGE = 500


@dataclass(frozen=True, slots=True)
class Piece:
    """A file of the archive under its name there; `reason` is why it is only named."""

    name: str
    about: dict[str, Any]
    file: KeptFile
    reason: str | None


@dataclass(frozen=True, slots=True)
class Export:
    record: dict[str, Any]
    streams: Sequence[tuple[str, int]]
    pieces: Sequence[Piece]


def gathered(session: Session, actor: Actor, vault: Vault, audit_id: UUID) -> Export:
    """The content of the archive; files and journal are only named, and read as it is sent.

    The audit is locked meanwhile, so that the content is of one moment.
    """
    authorise(actor, Right.READ_AUDIT_FILES)
    audit = queries.held(session, actor, audit_id, to_read=True)
    session.refresh(audit, ["population"])
    sample = session.scalars(
        sa.select(SampledItem)
        .where(SampledItem.audit_id == audit.id)
        .options(selectinload(SampledItem.facts).joinedload(SampledFact.verification))
        .order_by(SampledItem.position)
    ).all()
    pieces = _pieces(session, vault, audit, sample)
    streams = _streams(session, audit)
    record = {
        **record_of(session, audit, sample),
        "evidence": [_piece(one) for one in pieces],
        "journal": [{"stream": name, "entries": length, "head": head} for name, length, head in streams],
    }
    return Export(with_names(session, record), [(name, length) for name, length, _ in streams], pieces)


def record_file(export: Export) -> bytes:
    """The record as the archive has it, under the name RECORD."""
    options = orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z
    return orjson.dumps(export.record, option=options, default=str)


def members(export: Export, sessions: db.Sessions, vault: Vault) -> Iterator[Member]:
    """The members of the archive, each read when its turn comes."""
    yield member("LISEZ-MOI.txt", README.encode())
    yield member(RECORD, record_file(export))
    yield member("synthese.html", summary(export.record).encode())
    for name, length in export.streams:
        yield Member(f"journal/{name.replace(':', '-')}.jsonl", _lines(sessions, name, length))
    for piece in export.pieces:
        if piece.reason is None:
            yield Member(piece.name, _content(vault, piece), piece.file.content.size, piece.file.sha256)


def _content(vault: Vault, piece: Piece) -> Callable[[], Iterator[bytes]]:
    return lambda: vault.storage.read(piece.file.sha256)


def _lines(sessions: db.Sessions, name: str, length: int) -> Callable[[], Iterator[bytes]]:
    """The entries of a stream up to where it ended when the record was made, in short transactions."""

    def read_lines() -> Iterator[bytes]:
        number = 0
        while number < length:
            with db.transaction(sessions) as session:
                entries = journal.stream(session, name, number, min(_PAGE, length - number))
                lines = [_line(one) for one in entries]
            if not lines:
                raise Conflict(f"Le journal « {name} » est incomplet : vérifiez-le avant d'exporter.")
            yield b"".join(lines)
            number = entries[-1].number

    return read_lines


def _line(entry: Entry) -> bytes:
    line = {"at": entry.at, "by": entry.actor, "content": sealed_content(entry), "digest": entry.digest}
    return orjson.dumps(line, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z) + b"\n"


def _streams(session: Session, audit: Audit) -> list[tuple[str, int, str]]:
    """Streams of the journal: name, length, head. They go out whole: a seal is read with all that came before it."""
    software = audit.candidature.software_id
    names = [f"audit:{audit.id}", f"candidature:{audit.candidature_id}", f"software:{software}"]
    streams = sa.select(Stream.name, Stream.length, Stream.head).where(Stream.name.in_(names))
    return [(name, length, head) for name, length, head in session.execute(streams.order_by(Stream.name))]


def _pieces(session: Session, vault: Vault, audit: Audit, sample: Sequence[SampledItem]) -> list[Piece]:
    """The files that were supplied to the audit, and the proofs that did not stand when they were verified again."""
    supplied = session.scalars(
        sa.select(Evidence)
        .where(Evidence.audit_id == audit.id)
        .options(joinedload(Evidence.author))
        .order_by(Evidence.position)
    )
    files: list[tuple[dict[str, Any], KeptFile]] = [(_about(one), one) for one in supplied]
    fell = {
        fact.verification_id: sampled_item.code
        for sampled_item in sample
        if sampled_item.finding is Conformity.NONCONFORM
        for fact in sampled_item.facts
        if fact.verification_id
    }
    for proof in behind(session, list(fell)):
        of_it = {"proof": proof.id, "version": proof.number, "code": proof.expected_proof.code}
        files += [(of_it, file) for file in proof.files]
    return [
        Piece(f"pieces/{at:03}-{plain_name(file.filename)}", about, file, _unreadable(vault, file))
        for at, (about, file) in enumerate(files, 1)
    ]


def _about(evidence: Evidence) -> dict[str, Any]:
    return {
        "sampled": evidence.sampled_item_id,
        "nonconformity": evidence.nonconformity_id,
        "plan": evidence.plan_id,
        "sanction": evidence.sanction_id,
        "comment": evidence.comment,
        "by": evidence.account_id,
        "of_agency": evidence.of_agency,
        "added_at": evidence.added_at,
    }


def _unreadable(vault: Vault, file: KeptFile) -> str | None:
    try:
        refuse_unread(vault, file)
    except Conflict as refusal:
        return refusal.detail
    if vault.storage.size(file.sha256) is None:
        return "Le fichier n'est plus dans le stockage."
    return None


def _piece(piece: Piece) -> dict[str, Any]:
    return {
        "name": piece.name if piece.reason is None else None,
        "not_included": piece.reason,
        "filename": piece.file.filename,
        "size": piece.file.content.size,
        "sha256": piece.file.sha256,
        "about": piece.about,
    }
