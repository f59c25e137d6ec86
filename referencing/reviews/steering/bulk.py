"""What a lead does to many at once: each line is done or refused as it would be alone."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.batch import each
from referencing.base.errors import DomainError
from referencing.base.permissions import Actor, Right, authorise
from referencing.candidatures.api.queries import last_act
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.tasks.models import Boost
from referencing.candidatures.tasks.position import order_queues
from referencing.candidatures.verdicts.instruction import judge_admissibility
from referencing.journal.models import Entry
from referencing.reviews.queues import claims
from referencing.reviews.queues.queries import TaskView

from . import priorities

Outcomes = Sequence[UUID | DomainError]


def assign(session: Session, actor: Actor, tasks: Sequence[UUID], verifier: UUID) -> Outcomes:
    """Give free tasks to a verifier. All claims come before the journal, as they do for a single task."""
    authorise(actor, Right.STEER_QUEUES)

    def give(_: int, task_id: UUID) -> TaskView:
        return claims.assign(session, actor, task_id, verifier)

    outcomes = each(session, tasks, give, order=lambda task_id: task_id)
    assigned = [outcome for outcome in outcomes if isinstance(outcome, TaskView)]
    for view in sorted(assigned, key=lambda task: (task.candidature_id, task.id)):
        claims.record_assignment(session, actor, view)
    return [outcome.id if isinstance(outcome, TaskView) else outcome for outcome in outcomes]


def boost(
    session: Session, actor: Actor, wanted: Sequence[priorities.WantedBoost]
) -> Sequence[Boost | DomainError]:
    """Make many boosts; the queues are put in order once, for all of them."""
    authorise(actor, Right.STEER_QUEUES)
    outcomes = each(session, wanted, lambda _, boost: priorities.add_boost(session, actor, boost))
    order_queues(session)
    return outcomes


def judge(
    session: Session,
    actor: Actor,
    candidatures: Sequence[UUID],
    *,
    complete: bool,
    comment: str,
    incomplete: bool = False,
) -> Sequence[Entry | DomainError]:
    """Say of many dossiers whether they are complete; cores, then dossiers, are locked in one order.

    Answers the entry in the record of each that was judged. `incomplete` says that those which lack something are
    meant to be admitted so.
    """
    authorise(actor, Right.JUDGE_ADMISSIBILITY)
    rows = session.execute(
        sa.select(Candidature.id, Candidature.core_id).where(Candidature.id.in_(candidatures))
    )
    core_of = {row.id: row.core_id for row in rows}

    def judge_dossier(_: int, candidature_id: UUID) -> Entry:
        judged = judge_admissibility(
            session, actor, candidature_id, complete=complete, comment=comment, incomplete=incomplete
        )
        return last_act(session, judged.id)

    return each(session, candidatures, judge_dossier, order=lambda id_: (core_of.get(id_, id_), id_))
