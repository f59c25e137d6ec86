"""What a verifier does: take a task, give it back, give a verdict."""

from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from referencing.accounts.permissions import Actor, Right, authorise
from referencing.candidatures import queries as candidatures
from referencing.candidatures.instruction import find_on_claim, find_on_proof, find_on_reuse
from referencing.candidatures.models import Candidature, Item, Queue, Task
from referencing.candidatures.work import close_task
from referencing.db import now
from referencing.errors import Conflict, FieldError, Invalid
from referencing.journal.operations import record
from referencing.proofs import queries as proofs
from referencing.proofs.models import Finding

from . import queries
from .models import Claim


class Outcome(StrEnum):
    CONFORM = "conform"
    NONCONFORM = "nonconform"
    COMPLEMENT = "complement"


_FINDINGS = {
    Outcome.CONFORM: Finding.VERIFIED,
    Outcome.NONCONFORM: Finding.REJECTED,
    Outcome.COMPLEMENT: Finding.COMPLEMENT,
}


def claim_next(session: Session, actor: Actor, queue: str) -> UUID | None:
    """Take the oldest task that nobody has, or None when there is none."""
    authorise(actor, Right.REVIEW)
    chosen = queries.named(queue)
    _own_work(actor, chosen)
    while (task := queries.next_free(session, chosen)) is not None:
        if _take(session, actor, task):
            return task.id
    return None


def claim(session: Session, actor: Actor, task_id: UUID) -> UUID:
    """Take this task; taking it twice is fine. Raises Conflict when somebody else has it, or it is closed."""
    authorise(actor, Right.REVIEW)
    view = queries.task(session, actor, task_id)
    _own_work(actor, view.task.queue)
    _open(view.task)
    while view.claim is None and not _take(session, actor, view.task):
        view = queries.task(session, actor, task_id)  # somebody was quicker
    if view.claim is not None and view.claim.verifier_id != actor.account_id:
        raise Conflict(f"{view.verifier} a déjà cette tâche : prenez-en une autre.")
    return task_id


def give_back(session: Session, actor: Actor, task_id: UUID) -> None:
    """Leave the task to others. Raises Conflict when it is not the actor's."""
    authorise(actor, Right.REVIEW)
    task = queries.task(session, actor, task_id).task
    _let_go(session, actor, task)
    _journal(session, actor, task, "task.given_back")


def give_verdict(
    session: Session, actor: Actor, task_id: UUID, outcome: Outcome, comment: str, file_sha256: str | None
) -> queries.TaskView:
    """Say what was found, naming the file that was read; the task is then closed.

    Raises Conflict when the task is not the actor's or what it is about has changed, Invalid without a comment
    where the editor needs one.
    """
    authorise(actor, Right.REVIEW)
    if outcome is not Outcome.CONFORM and not comment.strip():
        raise Invalid(
            "Expliquez votre verdict.",
            [FieldError("/comment", "Dites à l'éditeur ce qui manque ou ce qui n'est pas conforme.")],
        )
    # Whatever closes a task keeps its dossier still, so the task is read after that and needs no lock of its own.
    candidature = candidatures.locked(session, actor, queries.dossier_of(session, actor, task_id))
    task = queries.task(session, actor, task_id).task
    _open(task)
    _let_go(session, actor, task)
    if task.item is None:
        raise Conflict("La recevabilité d'un dossier se prononce sur la candidature, par un responsable.")
    close_task(session, task, outcome.value)
    session.flush()
    _find(session, actor, candidature, task.item, task.queue, outcome, comment.strip(), file_sha256)
    return queries.TaskView(task, None, None)


def _find(
    session: Session,
    actor: Actor,
    candidature: Candidature,
    item: Item,
    queue: Queue,
    outcome: Outcome,
    comment: str,
    file_sha256: str | None,
) -> None:
    finding = _FINDINGS[outcome]
    if queue is Queue.EQUIVALENCE:
        grant = candidatures.item_view(session, item).grant
        if grant is None:
            raise Conflict("Cette équivalence n'est plus proposée : relisez la file.")
        find_on_reuse(session, actor, candidature, item, grant, finding, comment)
        return
    proof = proofs.submitted(session, item.id)
    if proof is None:
        find_on_claim(session, actor, candidature, item, finding, comment)
        return
    if file_sha256 is None:
        raise Invalid(
            "Dites quel fichier vous avez lu.",
            [FieldError("/file_sha256", "Donnez le SHA-256 d'un fichier de la version examinée.")],
        )
    if file_sha256 not in {one.sha256 for one in proof.files}:
        raise Conflict(
            "Le fichier que vous avez lu n'est plus celui de la version à examiner : relisez la tâche."
        )
    find_on_proof(session, actor, candidature, item, proof, finding, comment, file_sha256)


def _take(session: Session, actor: Actor, task: Task) -> bool:
    """Whether the task is now the actor's. It is not locked: a dossier must not wait for who takes work from it."""
    taken = session.scalar(
        insert(Claim)
        .values(task_id=task.id, verifier_id=actor.account_id, claimed_at=now(session))
        .on_conflict_do_nothing()
        .returning(Claim.task_id)
    )
    if taken is not None:
        _journal(session, actor, task, "task.claimed")
    return taken is not None


def _let_go(session: Session, actor: Actor, task: Task) -> None:
    """Raises Conflict when the task is not the actor's."""
    own = sa.delete(Claim).where(Claim.task_id == task.id, Claim.verifier_id == actor.account_id)
    if session.scalar(own.returning(Claim.task_id)) is None:
        raise Conflict("Vous n'avez pas cette tâche : prenez-la d'abord.")


def _journal(session: Session, actor: Actor, task: Task, action: str) -> None:
    detail = {"task": str(task.id), "queue": task.queue.value}
    record(session, actor, action, f"candidature:{task.candidature_id}", detail)


def _own_work(actor: Actor, queue: Queue) -> None:
    if queries.WORK_OF[queue] is not actor.role:
        raise Conflict("Cette file se traite sur la candidature elle-même, par un responsable.")


def _open(task: Task) -> None:
    if task.closed_at is not None:
        raise Conflict("Cette tâche est terminée : prenez-en une autre.")
