"""Two softwares are one technical core: editors declare it, a lead accepts or refuses, who declared may withdraw.

Where the softwares are of two organisations, both declare, each its own; neither learns here whether the other's
exists, nor what it has declared.
"""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import new_id, now, undone
from referencing.base.errors import Conflict, FieldError, Invalid, invalid_field
from referencing.base.permissions import Actor, Right, authorise
from referencing.base.vault import Vault
from referencing.files.operations import StoredFile, keep_contents, kept_files, told_files
from referencing.journal.operations import SYSTEM, record
from referencing.revocations.consequences import Effect, follow_or_enqueue, foresee
from referencing.revocations.impact import confirmed
from referencing.solutions.cores import lock_softwares
from referencing.solutions.queries import refuse_to_judge
from referencing.solutions.queries import software as find_software

from . import queries
from .models import AttestationFile, Declaration
from .separation import separate
from .states import DECLARATION, DeclarationAction


def may_declare(session: Session, actor: Actor, software: UUID, other: UUID) -> None:
    """Raises the errors of `declare` before files are sent for nothing: NotFound, Invalid, Conflict."""
    authorise(actor, Right.DECLARE_IDENTITIES)
    find_software(session, actor, software)
    if software == other:
        raise Invalid(
            "Un logiciel est toujours le même que lui-même.",
            [FieldError("/other", "Donnez l'identifiant de l'autre logiciel.")],
        )
    twin = sa.select(Declaration.id).where(
        Declaration.software_id == software, Declaration.other_id == other, Declaration.ended_at.is_(None)
    )
    if session.scalar(twin) is not None:
        raise Conflict("Vous l'avez déjà déclaré : suivez cette déclaration, ou retirez-la d'abord.")


def declare(
    session: Session,
    actor: Actor,
    vault: Vault,
    software: UUID,
    other: UUID,
    comment: str,
    files: Sequence[StoredFile],
) -> Declaration:
    """Say, with an attestation that was examined, that a software is one technical core with another."""
    may_declare(session, actor, software, other)
    if not files:
        raise invalid_field("file", "Joignez l'attestation, dans un champ « file » du formulaire.")
    keep_contents(session, vault, files)
    declaration = Declaration(
        id=new_id(),
        software_id=software,
        other_id=other,
        comment=comment,
        declared_by=actor.account_id,
        declared_at=now(session),
        files=kept_files(AttestationFile, files),
    )
    session.add(declaration)
    session.flush()
    detail = {
        "declaration": str(declaration.id),
        "other": str(other),
        "files": told_files(files),
    }
    record(session, actor, "identity.declared", f"software:{software}", detail)
    return declaration


def refuse(session: Session, actor: Actor, declaration_id: UUID, reason: str) -> Declaration:
    """Refuse one side's declaration; the other side's stays until it is refused or withdrawn too."""
    authorise(actor, Right.JUDGE_IDENTITIES)
    declaration = queries.declaration(session, actor, declaration_id, lock=True)
    refuse_to_judge(session, actor, declaration.software_id, declaration.other_id)
    if not DECLARATION.allows(declaration.state, DeclarationAction.REFUSE):
        raise Conflict(
            f"Cette déclaration est {DECLARATION.states[declaration.state]} : elle ne se refuse plus."
        )
    declaration.refusal, declaration.ended_at = reason, now(session)
    detail = {"declaration": str(declaration.id), "reason": reason}
    record(session, actor, "identity.refused", f"software:{declaration.software_id}", detail)
    session.flush()
    return declaration


def withdraw(session: Session, actor: Actor, declaration_id: UUID, digest: str | None = None) -> Declaration:
    """Take a declaration back; one that was accepted takes effect like a revocation.

    Raises NotFound, Conflict, and Unconfirmed when items lose by it and `digest` does not name these effects.
    """
    declaration = _held_for_withdrawal(session, actor, declaration_id)
    if declaration.identity_id is not None:
        noted = separate(session, actor, declaration.identity_id, _WITHDRAWN)
        effects = follow_or_enqueue(session, SYSTEM, *noted)  # in timelines of another organisation too
        confirmed(session, actor, effects, digest)
    else:
        declaration.ended_at = now(session)
        detail = {"declaration": str(declaration.id)}
        record(session, actor, "identity.withdrawn", f"software:{declaration.software_id}", detail)
    session.flush()
    return queries.declaration(session, actor, declaration_id)


def what_if_withdrawn(session: Session, actor: Actor, declaration_id: UUID) -> Sequence[Effect]:
    """The effects that `withdraw` would have, and its errors; nothing is changed."""
    with undone(session):
        declaration = _held_for_withdrawal(session, actor, declaration_id)
        if declaration.identity_id is None:
            return ()
        return foresee(session, SYSTEM, *separate(session, actor, declaration.identity_id, _WITHDRAWN))


_WITHDRAWN = "Un éditeur a retiré sa déclaration que deux logiciels sont le même."


def _held_for_withdrawal(session: Session, actor: Actor, declaration_id: UUID) -> Declaration:
    authorise(actor, Right.DECLARE_IDENTITIES)
    declaration = queries.declaration(session, actor, declaration_id)
    lock_softwares(session, [declaration.software_id, declaration.other_id])
    declaration = queries.declaration(session, actor, declaration_id, lock=True)
    if not DECLARATION.allows(declaration.state, DeclarationAction.WITHDRAW):
        raise Conflict(f"Cette déclaration est déjà {DECLARATION.states[declaration.state]}.")
    return declaration
