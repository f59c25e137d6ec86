"""Reading declarations: each organisation its own, the agency all of them with what the other side says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from referencing.base.db import after
from referencing.base.errors import NotFound
from referencing.base.permissions import Actor, Right, authorise, reveal
from referencing.solutions.models import Software

from .models import AttestationFile, Declaration, DeclarationState

NO_DECLARATION = "Cette déclaration n'existe pas : vérifiez son identifiant."
NO_FILE = "Cette déclaration n'a pas ce fichier : vérifiez son identifiant."

_WHOLE = (
    joinedload(Declaration.software).joinedload(Software.organisation),
    selectinload(Declaration.files),
)
_CONDITIONS = {
    DeclarationState.DECLARED: sa.and_(Declaration.ended_at.is_(None), Declaration.identity_id.is_(None)),
    DeclarationState.ACCEPTED: sa.and_(Declaration.ended_at.is_(None), Declaration.identity_id.is_not(None)),
    DeclarationState.REFUSED: Declaration.refusal.is_not(None),
    DeclarationState.WITHDRAWN: sa.and_(Declaration.ended_at.is_not(None), Declaration.refusal.is_(None)),
}


def declaration(session: Session, actor: Actor, declaration_id: UUID, *, lock: bool = False) -> Declaration:
    """Raises NotFound for another organisation's as for none."""
    authorise(actor, Right.READ_SOLUTIONS)
    select = sa.select(Declaration).where(Declaration.id == declaration_id).options(*_WHOLE)
    if lock:
        select = select.with_for_update(of=Declaration).execution_options(populate_existing=True)
    found = session.scalar(select)
    if found is None:
        raise NotFound(NO_DECLARATION)
    reveal(actor, found.software.organisation_id, NO_DECLARATION)
    return found


def declarations(
    session: Session,
    actor: Actor,
    cursor: Sequence[Any] | None,
    limit: int,
    state: DeclarationState | None = None,
) -> Sequence[Declaration]:
    """In the order of declaring."""
    authorise(actor, Right.READ_SOLUTIONS)
    select = sa.select(Declaration).options(*_WHOLE)
    if actor.own_organisation:
        select = select.join(Declaration.software).where(Software.organisation_id == actor.own_organisation)
    if state is not None:
        select = select.where(_CONDITIONS[state])
    return session.scalars(after(select, [Declaration.id], cursor).limit(limit)).all()


def file(session: Session, actor: Actor, declaration_id: UUID, file_id: UUID) -> AttestationFile:
    found = declaration(session, actor, declaration_id)
    named = next((one for one in found.files if one.id == file_id), None)
    if named is None:
        raise NotFound(NO_FILE)
    return named


def opposite(session: Session, found: Declaration) -> Declaration | None:
    """What the other side says of the same two softwares, as long as it does."""
    return session.scalar(
        sa.select(Declaration)
        .where(
            Declaration.software_id == found.other_id,
            Declaration.other_id == found.software_id,
            Declaration.ended_at.is_(None),
        )
        .options(*_WHOLE)
    )


@dataclass(frozen=True, slots=True)
class Other:
    """The other software, as the agency knows it, and whether all that have to have declared it one."""

    software: Software
    complete: bool


def others(session: Session, found: Sequence[Declaration]) -> Mapping[UUID, Other]:
    """Of each declaration whose other software exists, in two queries."""
    softwares = sa.select(Software).where(Software.id.in_([one.other_id for one in found]))
    known = {one.id: one for one in session.scalars(softwares.options(joinedload(Software.organisation)))}
    reverse = sa.select(Declaration.software_id, Declaration.other_id).where(
        Declaration.software_id.in_([one.other_id for one in found]), Declaration.ended_at.is_(None)
    )
    said = {(one, other) for one, other in session.execute(reverse)}
    return {
        one.id: Other(
            known[one.other_id],
            known[one.other_id].organisation_id == one.software.organisation_id
            or (one.other_id, one.software_id) in said,
        )
        for one in found
        if one.other_id in known
    }
