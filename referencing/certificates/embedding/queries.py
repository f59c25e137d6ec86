"""The softwares that embed the component of a certificate, and the copies that they have by that."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from referencing.accounts.visible_queries import readable_software
from referencing.base.db import after
from referencing.base.permissions import Actor, Right, authorise
from referencing.certificates import queries
from referencing.solutions.models import Certificate, Software, Solution


@dataclass(frozen=True, slots=True)
class Embedding:
    """A software that declares a component, and the certificate that it has by that, if any."""

    software: Software
    component: str
    certificate: UUID | None


def embeddings(
    session: Session, actor: Actor, certificate_id: UUID, cursor: Sequence[Any] | None, limit: int
) -> Sequence[Embedding]:
    """Softwares that declare what holds this certificate, alone or with a version behind.

    Those of all organisations, but in a conflict of interest.
    """
    authorise(actor, Right.EMBED_CERTIFICATES)
    original = queries.certificate(session, actor, certificate_id).certificate
    declared = queries.DECLARED.where(
        Solution.software_id != original.software_id,
        sa.or_(
            queries.component == original.holder,
            sa.func.starts_with(queries.component, f"{original.holder}@"),
        ),
    ).subquery()
    has = sa.and_(
        Certificate.original_id == original.id,
        Certificate.software_id == Software.id,
        Certificate.holder == declared.c.component,
        Certificate.revoked_on.is_(None),
    )
    select = (
        sa.select(Software, declared.c.component, Certificate.id.label("certificate"))
        .join(declared, declared.c.software_id == Software.id)
        .outerjoin(Certificate, has)
        .where(readable_software(session, actor, Software))
        .options(joinedload(Software.organisation))
    )
    rows = session.execute(after(select, [Software.id, declared.c.component], cursor).limit(limit))
    return [Embedding(row.Software, row.component, row.certificate) for row in rows]


def standing(session: Session, *originals: UUID) -> Sequence[Certificate]:
    """The copies of these originals that were not taken back, in the order of ids."""
    return session.scalars(
        sa.select(Certificate)
        .where(Certificate.original_id.in_(originals), Certificate.revoked_on.is_(None))
        .order_by(Certificate.id)
        .execution_options(populate_existing=True)
    ).all()


def core_of(session: Session, software_id: UUID) -> UUID:
    return session.scalars(sa.select(Software.core_id).where(Software.id == software_id)).one()
