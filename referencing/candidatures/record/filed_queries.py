"""What softwares filed, for who looks at softwares one after the other: drafts are their editors' alone."""

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from referencing.accounts.visible_queries import was_filed
from referencing.catalogue.models import DsrVersion
from referencing.solutions.models import Configuration, Solution

from .models import Candidature
from .states import State

FILED = was_filed(Candidature) & (Candidature.state != State.GIVEN_UP)


def filed_by(
    session: Session, softwares: Collection[UUID], *which: sa.ColumnElement[bool]
) -> dict[UUID, list[Candidature]]:
    """The dossiers that each of these softwares filed, in the order of drafting; `which` narrows them down."""
    rows = session.scalars(
        sa.select(Candidature)
        .where(Candidature.software_id.in_(softwares), FILED, *which)
        .options(
            joinedload(Candidature.version).joinedload(DsrVersion.dsr),
            joinedload(Candidature.configuration)
            .joinedload(Configuration.solution)
            .joinedload(Solution.software),
        )
        .order_by(Candidature.id)
    )
    by_software: dict[UUID, list[Candidature]] = {}
    for dossier in rows:
        by_software.setdefault(dossier.software_id, []).append(dossier)
    return by_software
