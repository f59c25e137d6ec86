"""Reading declarations: an organisation reads its own, the agency all of them with the other side's word."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from referencing.accounts.visible_queries import readable_software, refusal
from referencing.base.db import after
from referencing.base.errors import NotFound
from referencing.base.permissions import Actor, Right, authorise
from referencing.solutions.models import Software

from .models import AttestationFile, Declaration
from .states import DeclarationState

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
    """A declaration that the actor may read. Raises NotFound, also for another organisation's."""
    authorise(actor, Right.READ_SOLUTIONS)
    visible = readable_software(session, actor, Software)
    select = (
        sa.select(Declaration).join(Declaration.software).where(Declaration.id == declaration_id, visible)
    )
    select = select.options(*_WHOLE)
    if lock:
        select = select.with_for_update(of=Declaration).execution_options(populate_existing=True)
    visible_declaration = session.scalar(select)
    if visible_declaration is None:
        declared = sa.select(Declaration.software_id).where(Declaration.id == declaration_id)
        owner = sa.select(Software.organisation_id).where(Software.id == declared.scalar_subquery())
        raise refusal(session, actor, NO_DECLARATION, owner)
    return visible_declaration


def declarations(
    session: Session,
    actor: Actor,
    cursor: Sequence[Any] | None,
    limit: int,
    state: DeclarationState | None = None,
) -> Sequence[Declaration]:
    """The declarations that the actor may read, in the order of declaring."""
    authorise(actor, Right.READ_SOLUTIONS)
    visible = readable_software(session, actor, Software)
    select = sa.select(Declaration).join(Declaration.software).where(visible).options(*_WHOLE)
    if state is not None:
        select = select.where(_CONDITIONS[state])
    return session.scalars(after(select, [Declaration.id], cursor).limit(limit)).all()


def file(session: Session, actor: Actor, declaration_id: UUID, file_id: UUID) -> AttestationFile:
    visible_declaration = declaration(session, actor, declaration_id)
    named = next((one for one in visible_declaration.files if one.id == file_id), None)
    if named is None:
        raise NotFound(NO_FILE)
    return named


def opposite(session: Session, declaration: Declaration) -> Declaration | None:
    """The declaration of the other side that stands, if any."""
    return session.scalar(
        sa.select(Declaration)
        .where(
            Declaration.software_id == declaration.other_id,
            Declaration.other_id == declaration.software_id,
            Declaration.ended_at.is_(None),
        )
        .options(*_WHOLE)
    )


@dataclass(frozen=True, slots=True)
class Other:
    """The other software, and whether all sides that have to have declared the two one (`complete`)."""

    software: Software
    complete: bool


def others(session: Session, declarations: Sequence[Declaration]) -> Mapping[UUID, Other]:
    """The other side of each declaration whose other software exists, by the declaration's id; two queries."""
    ids = [declaration.other_id for declaration in declarations]
    existing = sa.select(Software).where(Software.id.in_(ids)).options(joinedload(Software.organisation))
    softwares = {software.id: software for software in session.scalars(existing)}
    reverse = sa.select(Declaration.software_id, Declaration.other_id).where(
        Declaration.software_id.in_(ids), Declaration.ended_at.is_(None)
    )
    declared = {(row.software_id, row.other_id) for row in session.execute(reverse)}
    return {
        declaration.id: Other(
            software,
            software.organisation_id == declaration.software.organisation_id
            or (declaration.other_id, declaration.software_id) in declared,
        )
        for declaration in declarations
        if (software := softwares.get(declaration.other_id))
    }
