"""Taking back a finding that waits for its second reading, as long as no other reader has begun.

Only a first one: what becomes of a later one tells its reader what the others found, so they could agree on purpose.
"""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import now
from referencing.base.errors import Conflict
from referencing.base.permissions import Actor
from referencing.candidatures.record.models import Candidature, Item
from referencing.candidatures.record.states import STATES, State
from referencing.candidatures.tasks.models import Task
from referencing.candidatures.tasks.opening import close_task, open_item_tasks, open_task_of
from referencing.journal.operations import record
from referencing.reviews.queues import claims
from referencing.reviews.queues.models import Reading, SecondReading
from referencing.reviews.second_readings.readings import event_detail, waiting

COMPARED = (
    "D'autres lecteurs se sont prononcés sur cette version : un verdict qui leur a été comparé ne se reprend plus. "
    "Adressez-vous à un responsable."
)
BEGUN = (
    "Un collègue a commencé à relire cette version : votre verdict ne se reprend plus. "
    "S'il en trouve un autre, un tiers ou un responsable tranchera."
)


def retract(session: Session, actor: Actor, candidature: Candidature, reading: Reading, reason: str) -> Task:
    """Take back a first reading of a dossier that is locked; answers the task with which the reading goes on.

    Its finding will be drawn again. The reason goes to the stream of the task alone: it may say what was found.
    Raises Conflict when another reader has begun, or there is nothing to take back.
    """
    if candidature.state is not State.IN_REVIEW:
        raise Conflict(f"La candidature est {STATES[candidature.state]} : ce verdict ne se reprend plus.")
    if reading.verification_id is not None or len(waiting(session, reading.proof_id)) > 1:
        raise Conflict(COMPARED)
    following = session.scalar(
        sa.select(Task)
        .join(SecondReading, SecondReading.task_id == Task.id)
        .where(SecondReading.proof_id == reading.proof_id, Task.closed_at.is_(None))
    )
    item = reading.task.item
    if following is None or item is None:
        raise Conflict("La version que vous avez lue n'est plus à examiner : ce verdict ne se reprend plus.")
    begun = following.third_party_since is not None
    if begun or not claims.reserve_task(session, actor.account_id, following.id):
        raise Conflict(BEGUN)
    close_task(session, following, "needless")
    reading.undone_at, reading.undone_reason = now(session), reason
    _record_retraction(session, actor, candidature, item, reading)
    open_item_tasks(session, candidature, reading.task.queue, [item.id])
    reopened_task = open_task_of(session, candidature, item)
    assert reopened_task is not None  # noqa: S101 - opened on the line above
    return reopened_task


def _record_retraction(
    session: Session, actor: Actor, candidature: Candidature, item: Item, reading: Reading
) -> None:
    detail = {"code": item.expected_proof.code, "task": str(reading.task_id), "round": reading.round}
    record(session, actor, "reading.undone", f"candidature:{candidature.id}", detail)
    sealed = {**event_detail(reading), "reason": reading.undone_reason}
    record(session, actor, "reading.undone", f"task:{reading.task_id}", sealed)
