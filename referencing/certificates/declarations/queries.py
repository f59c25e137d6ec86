"""Reading the declarations of components to the EDC PSC."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.accounts.visible_queries import readable_software, refusal
from referencing.base.db import after
from referencing.base.permissions import Actor, Right, authorise
from referencing.solutions.models import Software
from referencing.solutions.queries import lock_core_of
from referencing.solutions.queries import software as find_software

from .models import Counter, EdcPscDeclaration

NO_DECLARATION = "Cette déclaration n'existe pas : vérifiez son identifiant."


def declarations(
    session: Session, actor: Actor, software_id: UUID, cursor: Sequence[Any] | None, limit: int
) -> Sequence[EdcPscDeclaration]:
    """The declarations of a software, those that were withdrawn included, in the order of entering."""
    authorise(actor, Right.READ_CERTIFICATES)
    software = find_software(session, actor, software_id)
    select = sa.select(EdcPscDeclaration).where(EdcPscDeclaration.software_id == software.id)
    return session.scalars(after(select, [EdcPscDeclaration.id], cursor).limit(limit)).all()


def to_change(session: Session, actor: Actor, declaration_id: UUID) -> EdcPscDeclaration:
    """A declaration with its technical core locked, for who declares components. Raises NotFound."""
    authorise(actor, Right.DECLARE_COMPONENTS)
    software = sa.select(EdcPscDeclaration.software_id).where(EdcPscDeclaration.id == declaration_id)
    visible = (Software.id == software.scalar_subquery(), readable_software(session, actor, Software))
    if lock_core_of(session, sa.select(Software.core_id).where(*visible)) is None:
        owner = sa.select(Software.organisation_id).where(Software.id == software.scalar_subquery())
        raise refusal(session, actor, NO_DECLARATION, owner)
    return session.get_one(EdcPscDeclaration, declaration_id, populate_existing=True)


def standing(session: Session, software_id: UUID) -> dict[str, list[EdcPscDeclaration]]:
    """The standing declarations of each component of a software, the editor's counter first."""
    by_component: dict[str, list[EdcPscDeclaration]] = {}
    for declaration in _standing(session, EdcPscDeclaration.software_id == software_id):
        by_component.setdefault(declaration.component, []).append(declaration)
    return by_component


def missing_step(component: str, standing: Mapping[str, Sequence[EdcPscDeclaration]]) -> str | None:
    """The declaration that a component still lacks, in French; None when both counters have theirs."""
    counters = {one.counter for one in standing.get(component, ())}
    if Counter.EDITOR not in counters:
        return f"« {component} » n'est pas déclaré au guichet éditeur de l'espace de confiance (EDC PSC)."
    if Counter.OPERATOR not in counters:
        return f"« {component} » n'est pas encore déclaré au guichet opérateur de l'espace de confiance (EDC PSC)."
    return None


def of_component(session: Session, software_id: UUID, component: str) -> Sequence[EdcPscDeclaration]:
    return _standing(
        session, EdcPscDeclaration.software_id == software_id, EdcPscDeclaration.component == component
    )


def _standing(session: Session, *conditions: sa.ColumnElement[bool]) -> Sequence[EdcPscDeclaration]:
    return session.scalars(
        sa.select(EdcPscDeclaration)
        .where(*conditions, EdcPscDeclaration.withdrawn_at.is_(None))
        .order_by(EdcPscDeclaration.component, EdcPscDeclaration.counter, EdcPscDeclaration.id)
    ).all()
