"""Taking work: the next task or a chosen one, on a lease; giving it back; a lead taking it over."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from referencing.base.db import now
from referencing.base.errors import Conflict, FieldError, Forbidden, Unconfirmed
from referencing.base.french import counted
from referencing.base.permissions import ROLES, Actor, Right, Role, authorise
from referencing.candidatures.record.queries import require_impartial
from referencing.candidatures.tasks.models import WORK_OF, OpenCount, Queue, Task
from referencing.journal.models import INTERNAL
from referencing.journal.operations import record

from . import queries, readers, verifier_queries, verifiers
from .models import Claim, ConflictOfInterest

#: How long a claim lasts after what its holder last did with the task.
LEASE = timedelta(hours=4)
#: How many of the first free tasks one request looks at: more than there are requests at once.
LOOKED_AT = 64
#: How many tasks in hand a refusal names.
MOST_NAMED = 10


def claim_next(session: Session, actor: Actor, queue: str, *, another: bool = True) -> UUID | None:
    """Take the first task of the queue that nobody has and that the actor handles, or None when there is none.

    Raises Conflict while the actor is away or has as much in hand as they may, Unconfirmed with what they have in
    hand, if anything, unless `another` says that one more is meant.
    """
    authorise(actor, Right.REVIEW)
    chosen = queries.queue_named(queue)
    _require_role(actor.role, chosen)
    verifier = verifiers.ready(session, actor.account_id)
    _require_room(verifier)
    _require_intent(session, actor, verifier, another=another)
    while (free := next_free(session, verifier, chosen)) is not None:
        if _take_task(session, actor.account_id, free.id):
            _record_on_dossier(session, actor, free.candidature_id, free.id, chosen, "task.claimed")
            return free.id
    return None


def claim_first(session: Session, actor: Actor, *, another: bool = True) -> UUID | None:
    """Take the first task of all the queues that a verifier works, or None when nothing waits in any of them.

    Boosted tasks come first, then the least working days left, then the oldest. Raises as `claim_next`.
    """
    authorise(actor, Right.REVIEW)
    verifier = verifiers.ready(session, actor.account_id)
    _require_room(verifier)
    _require_intent(session, actor, verifier, another=another)
    worked = [queue for queue, role in WORK_OF.items() if role is actor.role]
    while heads := [(free, queue) for queue in worked if (free := next_free(session, verifier, queue))]:
        free, queue = min(heads, key=lambda head: head[0].place)
        if _take_task(session, actor.account_id, free.id):
            _record_on_dossier(session, actor, free.candidature_id, free.id, queue, "task.claimed")
            return free.id
    return None


def claim(session: Session, actor: Actor, task_id: UUID, *, another: bool = True) -> UUID:
    """Take this task, or hold it longer when it is the actor's already.

    Raises Conflict when somebody else has it, it is closed, the actor read that version before, is away or has enough
    in hand, Unconfirmed as `claim_next`, Forbidden when they declared a conflict of interest.
    """
    authorise(actor, Right.REVIEW)
    verifier = verifiers.ready(session, actor.account_id)
    view = queries.task(session, actor, task_id)
    _require_role(actor.role, view.queue)
    require_open(view.closed_at)
    require_agency_turn(view.third_party_since)
    _refuse_verifier(session, actor.account_id, actor.name, view)
    if view.verifier_id == actor.account_id and renew_claim(session, actor, task_id):
        return task_id
    if view.verifier_id not in {None, actor.account_id} and verifier.in_hand and not another:
        raise _taken_by(view)  # who has one in hand is not asked about what cannot be had
    _require_room(verifier)
    _require_intent(session, actor, verifier, another=another)
    if not _take_task(session, actor.account_id, task_id):
        current = queries.task(session, actor, task_id)
        require_open(current.closed_at)
        require_agency_turn(current.third_party_since)
        raise _taken_by(current)
    _record_on_dossier(session, actor, view.candidature_id, task_id, view.queue, "task.claimed")
    return task_id


def give_back(session: Session, actor: Actor, task_id: UUID) -> None:
    """Leave the task to others. Raises Conflict when it is not the actor's."""
    authorise(actor, Right.REVIEW)
    view = queries.task(session, actor, task_id)
    release_claim(session, actor, task_id)
    _record_on_dossier(session, actor, view.candidature_id, task_id, view.queue, "task.given_back")


def take_over(session: Session, actor: Actor, task_id: UUID, verifier: UUID | None, reason: str) -> UUID:
    """A lead gives the task to another verifier, or back to the queue when none is named.

    Raises NotFound for who is no verifier, Conflict when they are away, read that version before, or nothing would
    change, Forbidden when they, or the lead, are in a conflict of interest.
    """
    authorise(actor, Right.STEER_QUEUES)
    view = queries.task(session, actor, task_id)
    require_impartial(session, actor, view.candidature_id)
    _require_role(Role.VERIFIER, view.queue)
    require_open(view.closed_at)
    if verifier is not None:
        require_agency_turn(view.third_party_since)
    if view.verifier_id == verifier:
        raise Conflict("Rien à reprendre : la tâche est déjà ainsi. Relisez-la.")
    holder = verifiers.ready(session, verifier) if verifier is not None else None
    if holder is not None:
        _refuse_verifier(session, holder.id, holder.name, view)
    session.execute(sa.delete(Claim).where(Claim.task_id == task_id))
    if holder is not None and not _take_task(session, holder.id, task_id):
        raise Conflict("Quelqu'un vient de prendre cette tâche : relisez-la et recommencez.")
    internal = {
        "from": str(view.verifier_id) if view.verifier_id else None,
        "to": str(holder.id) if holder else None,
        "reason": reason,
    }
    detail = {"task": str(task_id), INTERNAL: internal}
    record(session, actor, "task.taken_over", f"candidature:{view.candidature_id}", detail)
    return task_id


def assign(session: Session, actor: Actor, task_id: UUID, verifier: UUID) -> queries.TaskView:
    """A lead gives a task that nobody has to a verifier, as if they had claimed it; `record_assignment` then writes so.

    Raises NotFound for who is no verifier, Conflict when they are away or have enough in hand, somebody has the task
    or it is closed, Forbidden when they, or the lead, are in a conflict of interest.
    """
    authorise(actor, Right.STEER_QUEUES)
    holder = verifiers.ready(session, verifier)
    view = queries.task(session, actor, task_id)
    require_impartial(session, actor, view.candidature_id)
    _require_role(Role.VERIFIER, view.queue)
    require_open(view.closed_at)
    require_agency_turn(view.third_party_since)
    _refuse_verifier(session, verifier, holder.name, view)
    if holder.in_hand >= holder.most_in_hand:
        raise Conflict(
            f"{holder.name} a déjà {counted(holder.in_hand, 'tâche')} en main, pour une limite de "
            f"{holder.most_in_hand} : donnez celle-ci à un collègue, ou relevez la limite."
        )
    if not _take_task(session, verifier, task_id):
        held_by = queries.task(session, actor, task_id).verifier
        raise Conflict(f"{held_by} a déjà cette tâche : reprenez-la d'abord.")
    return queries.task(session, actor, task_id)


def record_assignment(session: Session, actor: Actor, view: queries.TaskView) -> None:
    """Write in the dossier's timeline that a lead gave the task to its verifier."""
    detail = {"task": str(view.id), "queue": view.queue.value, INTERNAL: {"to": str(view.verifier_id)}}
    record(session, actor, "task.assigned", f"candidature:{view.candidature_id}", detail)


def can_take_again(session: Session, verifier: UUID, organisation_id: UUID) -> bool:
    """Whether a verifier can have again what they had: they are here, have room, and declared no conflict since.

    This locks their account, so it comes before anything is written to the journal.
    """
    verifiers.kept_still(session, verifier)
    view = verifiers.verifier_view(session, verifier)
    room = view.away_until is None and view.in_hand < view.most_in_hand
    conflict = session.scalar(sa.select(verifier_queries.in_conflict(verifier, organisation_id)))
    return room and not conflict


def hand_task(session: Session, verifier: UUID, task_id: UUID) -> None:
    """Give a verifier a task that was opened in this transaction, for which nobody competes."""
    _take_task(session, verifier, task_id)


def reserve_task(session: Session, verifier: UUID, task_id: UUID) -> bool:
    """Take a task so that nobody else does while it is closed; answers whether it was free."""
    return _take_task(session, verifier, task_id)


def renew_claim(session: Session, actor: Actor, task_id: UUID) -> bool:
    """Hold the task longer; answers whether it is the actor's. The journal keeps nothing: its holder stays the same."""
    own = sa.update(Claim).where(Claim.task_id == task_id, Claim.verifier_id == actor.account_id)
    renewed = own.values(expires_at=now(session) + LEASE).returning(Claim.task_id)
    return session.scalar(renewed.execution_options(synchronize_session=False)) is not None


def release_claim(session: Session, actor: Actor, task_id: UUID) -> None:
    """Remove the actor's claim, which is theirs past its end too, until somebody else takes the task.

    Raises Conflict when the task is not, or no longer, the actor's.
    """
    own = sa.delete(Claim).where(Claim.task_id == task_id, Claim.verifier_id == actor.account_id)
    if session.scalar(own.returning(Claim.task_id)) is None:
        raise Conflict(
            "Vous n'avez pas cette tâche, ou votre réservation a expiré et quelqu'un l'a reprise : "
            "prenez-la d'abord."
        )


def require_open(closed_at: datetime | None) -> None:
    """Raises Conflict when the task is closed."""
    if closed_at is not None:
        raise Conflict("Cette tâche est terminée : prenez-en une autre.")


def require_agency_turn(third_party_since: datetime | None) -> None:
    """Raises Conflict while a third party has to answer first."""
    if third_party_since is not None:
        raise Conflict(
            "Cette tâche attend d'abord la réponse d'un tiers : elle reprend sa place dans la file quand "
            "la réponse est notée ou que l'attente est levée."
        )


def _taken_by(view: queries.TaskView) -> Conflict:
    return Conflict(f"{view.verifier} a déjà cette tâche : prenez-en une autre.")


def _refuse_verifier(session: Session, verifier: UUID, name: str, view: queries.TaskView) -> None:
    if view.queue is Queue.SECOND_READING:
        readers.refuse_reader(session, verifier, name, view.id)
    if session.scalar(sa.select(verifier_queries.in_conflict(verifier, view.organisation_id))):
        raise Forbidden(
            f"Un conflit d'intérêts est déclaré avec « {view.organisation} » : cette tâche revient à un collègue."
        )


@dataclass(frozen=True, slots=True)
class FreeTask:
    """A task that can be taken; `place` is where it stands among those of all queues."""

    id: UUID
    candidature_id: UUID
    rank: int
    last_day: date
    opened_at: datetime

    @property
    def place(self) -> tuple[int, date, datetime, UUID]:
        return self.rank, self.last_day, self.opened_at, self.id


def next_free(session: Session, verifier: verifiers.VerifierView, queue: Queue) -> FreeTask | None:
    """The first task that nobody has nor is taking: who asks at the same time gets the one after, without waiting.

    The lock is not one of the row, on which a dossier that closes the task would wait.
    """
    return _choose(session, verifier, queue, locked=True)


def first_free(session: Session, verifier: verifiers.VerifierView, queue: Queue) -> FreeTask | None:
    """The task that `next_free` would choose if nobody else asked, read without taking it."""
    return _choose(session, verifier, queue, locked=False)


def _choose(
    session: Session, verifier: verifiers.VerifierView, queue: Queue, *, locked: bool
) -> FreeTask | None:
    values: dict[str, Any] = {"queue": queue, "moment": now(session), "verifier": verifier.id}
    if verifier.chapters:
        values["chapters"] = verifier.chapters
    if verifier.guichets:
        values["guichets"] = verifier.guichets
    free = _free_tasks(
        chapters=bool(verifier.chapters),
        guichets=bool(verifier.guichets),
        second=queue is Queue.SECOND_READING,
        locked=locked,
    )
    row = session.execute(free, values).first()
    return FreeTask(**row._asdict()) if row is not None else None


@cache
def _free_tasks(
    *, chapters: bool, guichets: bool, second: bool, locked: bool
) -> sa.Select[UUID, UUID, int, date, datetime]:
    """The statement that finds the first free task, and locks it; made once for each way of choosing."""
    most = LOOKED_AT if locked else 1
    waiting = _waiting(second=second, most=most)
    if chapters or guichets:
        # The first of each kind that is handled, whatever stands before it in the queue.
        kinds = _handled_kinds(chapters=chapters, guichets=guichets)
        of_kind = (Task.chapter == kinds.c.chapter) & (Task.guichet == kinds.c.guichet)
        each = waiting.where(of_kind).lateral()
        waiting = sa.select(*each.c).select_from(kinds.join(each, sa.true())).limit(most)
        waiting = waiting.order_by(*(each.c[key.key] for key in queries.ORDER))
    if not locked:
        return waiting
    # Materialized, and so read in its order, one task after the other until a lock is had.
    first = waiting.cte("first").prefix_with("MATERIALIZED")
    key = sa.func.hashtextextended(sa.cast(first.c.id, sa.Text), 0)
    return sa.select(*first.c).where(sa.func.pg_try_advisory_xact_lock(key)).limit(1)


def _waiting(*, second: bool, most: int) -> sa.Select[UUID, UUID, int, date, datetime]:
    """The first tasks of a queue that nobody has and with which the verifier has no conflict of interest."""
    moment: sa.BindParameter[datetime] = sa.bindparam("moment", type_=Claim.expires_at.type)
    taken = sa.select(Claim.task_id).where(queries.held(moment)).correlate(Task).exists()
    conflicts = sa.select(ConflictOfInterest.organisation_id).where(
        ConflictOfInterest.verifier_id == sa.bindparam("verifier")
    )
    waiting = sa.select(Task.id, Task.candidature_id, Task.rank, Task.last_day, Task.opened_at).where(
        Task.queue == sa.bindparam("queue"),
        queries.WORKABLE,
        ~taken,
        Task.organisation_id.not_in(conflicts),
    )
    if second:
        waiting = waiting.where(~verifier_queries.not_for(sa.bindparam("verifier")))
    return waiting.order_by(*queries.ORDER).limit(most)


def _handled_kinds(*, chapters: bool, guichets: bool) -> sa.Subquery:
    """The chapters with guichets that the verifier handles and of which the queue has open tasks."""
    kinds = sa.select(OpenCount.chapter, OpenCount.guichet).where(OpenCount.queue == sa.bindparam("queue"))
    if chapters:
        kinds = kinds.where(OpenCount.chapter.in_(sa.bindparam("chapters", expanding=True)))
    if guichets:
        kinds = kinds.where(OpenCount.guichet.in_(sa.bindparam("guichets", expanding=True)))
    kinds = kinds.group_by(OpenCount.chapter, OpenCount.guichet)
    return kinds.having(sa.func.sum(OpenCount.with_agency) > 0).subquery("kinds")


def _take_task(session: Session, verifier: UUID, task_id: UUID) -> bool:
    """Take the task for the verifier; answers whether it is theirs now.

    The task is not locked: a dossier must not wait for who takes work from it. So it may have been answered, or handed
    to a third party, while this waited for who had it: that is looked at last.
    """
    moment = now(session)
    words = {"verifier_id": verifier, "claimed_at": moment, "expires_at": moment + LEASE}
    taken = (
        insert(Claim)
        .values(task_id=task_id, **words)
        .on_conflict_do_update(index_elements=[Claim.task_id], set_=words, where=Claim.expires_at <= moment)
        .returning(Claim.task_id)
    )
    if session.scalar(taken) is None:
        return False
    if session.scalar(sa.select(queries.WORKABLE).where(Task.id == task_id)):
        return True
    session.execute(sa.delete(Claim).where(Claim.task_id == task_id))
    return False


def _require_room(verifier: verifiers.VerifierView) -> None:
    if verifier.in_hand >= verifier.most_in_hand:
        raise Conflict(
            f"Vous avez déjà {counted(verifier.in_hand, 'tâche')} en main, pour une limite de "
            f"{verifier.most_in_hand} : rendez un verdict, ou une tâche, avant d'en prendre une autre."
        )


def _require_intent(
    session: Session, actor: Actor, verifier: verifiers.VerifierView, *, another: bool
) -> None:
    if another or verifier.in_hand == 0:
        return
    among = queries.Among(holder=actor.account_id)
    in_hand = queries.all_tasks(session, actor, among, None, MOST_NAMED)
    named = ", ".join(view.code or view.commercial_name for view in in_hand)
    raise Unconfirmed(
        f"Vous avez déjà en main : {named}. Rendez d'abord un verdict, ou la tâche, ou confirmez que vous en "
        "prenez une de plus.",
        [FieldError("/another", "Donnez true pour en prendre une de plus.")],
        {
            "in_hand": [
                {"task": view.id, "code": view.code, "queue": view.queue, "candidature": view.candidature_id}
                for view in in_hand
            ]
        },
    )


def _require_role(role: Role, queue: Queue) -> None:
    handling_role = WORK_OF[queue]
    if handling_role is Role.LEAD:
        raise Conflict("Cette file se traite sur la candidature elle-même, par un responsable.")
    if handling_role is not role:
        raise Conflict(f"Les tâches de cette file reviennent au rôle « {ROLES[handling_role]} ».")


def _record_on_dossier(
    session: Session, actor: Actor, candidature_id: UUID, task_id: UUID, queue: Queue, action: str
) -> None:
    detail = {"task": str(task_id), "queue": queue.value}
    record(session, actor, action, f"candidature:{candidature_id}", detail)
