"""The files of an audit: an auditor's about anything, an editor's about what it was told of."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.audits.inquiries.life import AUDITS
from referencing.base.db import now
from referencing.base.errors import Conflict, Forbidden, Invalid
from referencing.base.permissions import Actor, Right, authorise
from referencing.base.vault import Vault
from referencing.files.operations import StoredFile, keep_contents, kept_files
from referencing.files.scanning import accept_unscannable

from . import queries
from .life import STANDING
from .models import Audit, Evidence
from .notices import tell


@dataclass(frozen=True, slots=True)
class About:
    """What a file is about, at most one of these; an audit as a whole when none is named."""

    sampled: UUID | None = None
    nonconformity: UUID | None = None
    plan: UUID | None = None
    sanction: UUID | None = None


def may_add(session: Session, actor: Actor, audit_id: UUID, about: About) -> None:
    """Raises what `add` would, before files are sent for nothing."""
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
    _of(session, actor, audit, about)


def _of(session: Session, actor: Actor, audit: Audit, about: About) -> None:
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
    """An auditor takes it on themselves to read what could not be scanned."""
    found = queries.file(session, actor, evidence_id)
    accept_unscannable(session, actor, found, reason, right=Right.AUDIT)
    session.flush()
    return found


def add(
    session: Session,
    actor: Actor,
    vault: Vault,
    audit_id: UUID,
    about: About,
    comment: str,
    files: Sequence[StoredFile],
) -> Sequence[Evidence]:
    """Files that were examined, after those that are there; they never change, and stay."""
    if not files:
        raise Invalid("Joignez au moins un fichier, dans un champ « file » du formulaire.")
    audit = queries.held(session, actor, audit_id)
    may_add(session, actor, audit_id, about)
    keep_contents(session, vault, files)
    last = session.scalar(sa.select(sa.func.max(Evidence.position)).where(Evidence.audit_id == audit.id)) or 0
    added = kept_files(Evidence, files)
    for at, one in enumerate(added, last + 1):
        one.audit_id, one.position = audit.id, at
        one.sampled_item_id, one.nonconformity_id = about.sampled, about.nonconformity
        one.plan_id, one.sanction_id = about.plan, about.sanction
        one.comment, one.account_id, one.of_agency = comment, actor.account_id, actor.of_agency
        one.added_at = now(session)
    session.add_all(added)
    session.flush()
    said = {
        "comment": comment,
        "files": [{"name": one.filename, "sha256": one.sha256, "size": one.size} for one in files],
    }
    told = about.plan is not None or about.sanction is not None
    told = told or (about.nonconformity is not None and audit.notified_at is not None)
    tell(session, actor, audit, "evidence.added", said, said if told else None)
    return added
