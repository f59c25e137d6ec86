"""Who may not take a second reading: whoever read that version before, and everybody when it is a lead's."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.errors import Conflict

from .models import SecondReading
from .verifier_queries import OF_LEAD, read_before

READ_BEFORE = (
    "{name} a déjà lu cette version : nul ne relit ce qu'il a lu le premier. "
    "Cette lecture revient à un collègue."
)
FOR_A_LEAD = "Deux lectures diffèrent : celle-ci revient à un responsable. Prenez une autre tâche."


def refuse_reader(session: Session, verifier: UUID, name: str, task_id: UUID) -> None:
    """Raises Conflict when the task is a second reading that this verifier may not take."""
    reading = session.execute(
        sa.select(OF_LEAD.label("of_lead"), read_before(verifier).label("read_before")).where(
            SecondReading.task_id == task_id
        )
    ).first()
    if reading is None:
        return
    if reading.read_before:
        raise Conflict(READ_BEFORE.format(name=name))
    if reading.of_lead:
        raise Conflict(FOR_A_LEAD)
