"""How the public list changes, in the order in which that became known.

A change may count from an earlier day: a referencing from before this service is taken over one day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.errors import Malformed, NotFound
from referencing.equivalence.rulebooks.models import DossierStanding, RegisterChange
from referencing.journal.queries import certain

from .contents import Referencing
from .queries import OF_DOSSIER, day_of, referencings

#: The cursor before the first change.
BEGINNING = UUID(int=0)
UNKNOWN = "Ce changement n'existe pas : relisez /api/v1/register/changes."


@dataclass(frozen=True, slots=True)
class Change(Referencing):
    """`on` is the day, in Paris, at whose end it counts; `began_at` the moment."""

    id: UUID
    change: RegisterChange
    began_at: datetime
    on: date


def changes(session: Session, after: UUID, limit: int) -> Sequence[Change]:
    """The changes after one of them, the oldest first; none appears later before one that was answered.

    Its place in the whole journal is no cursor: that would count what others do. Raises Malformed.
    """
    of_cursor = sa.select(DossierStanding.position).where(DossierStanding.id == after)
    position = 0 if after == BEGINNING else session.scalar(of_cursor)
    if position is None:
        raise Malformed("Ce curseur n'est celui d'aucun changement : reprenez la liste depuis le début.")
    until = certain(session)
    between = (DossierStanding.position > position, DossierStanding.position <= until)
    select = _CHANGES.where(*between).order_by(DossierStanding.position).limit(limit)
    return [Change(**row._asdict()) for row in session.execute(select)]


def change(session: Session, change_id: UUID) -> Change:
    """One change. Raises NotFound."""
    row = session.execute(
        _CHANGES.where(DossierStanding.id == change_id, DossierStanding.position.is_not(None))
    ).one_or_none()
    if row is None:
        raise NotFound(UNKNOWN)
    return Change(**row._asdict())


_CHANGES = referencings(
    DossierStanding.id,
    DossierStanding.change,
    DossierStanding.began_at,
    day_of(DossierStanding.began_at).label("on"),
).join(DossierStanding, OF_DOSSIER)
