"""The files of an audit: an auditor's about anything, an editor's about what it was told of."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import now
from referencing.base.errors import Conflict, Forbidden, Invalid, invalid_field
from referencing.base.permissions import Actor, Right, authorise
from referencing.base.vault import Vault
from referencing.files.operations import StoredFile, keep_contents, kept_files
from referencing.files.scanning import accept_unscannable

from . import queries
from .models import Audit, Evidence
from .notices import record_event
from .states import AUDITS, STANDING


@dataclass(frozen=True, slots=True)
class About:
    """The subject of a file: at most one of these, or the audit as a whole when none is named."""

    sampled: UUID | None = None
    nonconformity: UUID | None = None
    plan: UUID | None = None
    sanction: UUID | None = None


def may_add(session: Session, actor: Actor, audit_id: UUID, about: About) -> None:
    """Raises the errors of `add` before files are sent for nothing: Conflict, Forbidden, Invalid or NotFound."""
    if actor.of_agency:
        authorise(actor, Right.AUDIT)
    else:
        authorise(actor, Right.ANSWER_AUDITS)
    audit = queries.audit(session, actor, audit_id)
    if audit.state not in STANDING:
        raise Conflict(f"Cet audit est {AUDITS.states[audit.state]} : aucune pièce ne s'y ajoute.")
    if not actor.of_agency and about in {About(), About(sampled=about.sampled)}:
        raise Forbidden(
            "Un éditeur joint ses pièces à une non-conformité, à un plan d'actions ou à une mesure : dites laquelle."
        )
    _refuse_foreign(session, actor, audit, about)


def _refuse_foreign(session: Session, actor: Actor, audit: Audit, about: About) -> None:
    """Raises NotFound for what the actor may not know, Invalid for what is of another audit."""
    of_audits = []
    if about.sampled is not None:
        of_audits.append(queries.sampled(session, audit, about.sampled).audit_id)
    if about.nonconformity is not None:
        of_audits.append(queries.nonconformity(session, actor, about.nonconformity).audit_id)
    if about.plan is not None:
        of_audits.append(queries.plan(session, actor, about.plan).nonconformity.audit_id)
    if about.sanction is not None:
        of_audits.append(queries.sanction(session, actor, about.sanction).audit_id)
    if any(one != audit.id for one in of_audits):
        raise Invalid("Ce dont parle cette pièce est d'un autre audit : vérifiez les identifiants.")


def accept(session: Session, actor: Actor, evidence_id: UUID, reason: str) -> Evidence:
    """An auditor takes it on themselves to read a file that could not be scanned."""
    file = queries.file(session, actor, evidence_id)
    accept_unscannable(session, actor, file, reason, right=Right.AUDIT)
    session.flush()
    return file


def add(
    session: Session,
    actor: Actor,
    vault: Vault,
    audit_id: UUID,
    about: About,
    comment: str,
    files: Sequence[StoredFile],
) -> Sequence[Evidence]:
    """Add examined `files` after those that are there; they never change, and stay."""
    if not files:
        raise invalid_field("file", "Joignez au moins un fichier, dans un champ « file » du formulaire.")
    audit = queries.held(session, actor, audit_id)
    may_add(session, actor, audit_id, about)
    keep_contents(session, vault, files)
    last = session.scalar(sa.select(sa.func.max(Evidence.position)).where(Evidence.audit_id == audit.id)) or 0
    added = kept_files(Evidence, files)
    for at, file in enumerate(added, last + 1):
        file.audit_id, file.position = audit.id, at
        file.sampled_item_id, file.nonconformity_id = about.sampled, about.nonconformity
        file.plan_id, file.sanction_id = about.plan, about.sanction
        file.comment, file.account_id, file.of_agency = comment, actor.account_id, actor.of_agency
        file.added_at = now(session)
    session.add_all(added)
    session.flush()
    detail = {
        "comment": comment,
        "files": [{"name": file.filename, "sha256": file.sha256, "size": file.size} for file in files],
    }
    for_editor = about.plan is not None or about.sanction is not None
    for_editor = for_editor or (about.nonconformity is not None and audit.notified_at is not None)
    record_event(session, actor, audit, "evidence.added", detail, detail if for_editor else None)
    return added
