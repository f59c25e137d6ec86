"""What a verifier finds: the verdict that closes a task."""

from uuid import UUID

from sqlalchemy.orm import Session, joinedload

from referencing.base.errors import Conflict, FieldError, Invalid, invalid_field
from referencing.base.permissions import Actor, Right, authorise
from referencing.candidatures.record import queries as record_queries
from referencing.candidatures.record.models import Candidature, Item
from referencing.candidatures.tasks.models import Queue, Task
from referencing.candidatures.tasks.opening import close_task
from referencing.candidatures.verdicts.instruction import (
    ask_without_proof,
    find_on_claim,
    find_on_reuse,
    refuse_undated,
)
from referencing.candidatures.verdicts.rounds import Judgement
from referencing.proofs import queries as proofs
from referencing.proofs.models import Finding
from referencing.reviews.queues import queries
from referencing.reviews.queues.claims import release_claim, require_agency_turn, require_open
from referencing.reviews.queues.outcomes import Outcome, TaskOutcome, mismatch
from referencing.reviews.second_readings import readings

from .verdicts import NO_DETAILS, Details, judged


def give_verdict(
    session: Session,
    actor: Actor,
    task_id: UUID,
    outcome: Outcome | TaskOutcome,
    comment: str,
    file_sha256: str | None,
    details: Details = NO_DETAILS,
) -> queries.TaskView:
    """Give a verdict, naming the file that was read; the task is then closed.

    Raises Conflict when the task is not the actor's or what it is about has changed, Invalid where the editor needs
    to be told more (`verdicts`).
    """
    authorise(actor, Right.REVIEW)
    # Whatever closes a task keeps its dossier still, so the task is read after that and needs no lock of its own.
    candidature = record_queries.locked(session, actor, queries.dossier_of(session, actor, task_id))
    with_item = joinedload(Task.item).joinedload(Item.expected_proof)
    task = session.get_one(Task, task_id, options=[with_item], populate_existing=True)
    require_open(task.closed_at)
    require_agency_turn(task.third_party_since)
    release_claim(session, actor, task_id)
    if task.item is None:
        raise Conflict("La recevabilité d'un dossier se prononce sur la candidature, par un responsable.")
    on_claim = task.queue is not Queue.EQUIVALENCE and task.item.reason is not None
    said = TaskOutcome(outcome)
    wrong = mismatch(said, on_claim=on_claim)
    if wrong is not None:
        raise Invalid(wrong, [FieldError("/outcome", wrong)])
    judgement = judged(session, task_id, task.item, said.finding, comment.strip(), details)
    close_task(session, task, outcome.value, actor)
    session.flush()
    apply_judgement(session, actor, candidature, task, task.item, judgement, file_sha256)
    return queries.task(session, actor, task_id)


def apply_judgement(
    session: Session,
    actor: Actor,
    candidature: Candidature,
    task: Task,
    item: Item,
    judgement: Judgement,
    file_sha256: str | None,
) -> None:
    """Draw what follows for the item of a task that was closed with an outcome.

    Raises Conflict when what was judged has changed, Invalid when the file that was read is not named, or one is of
    a reuse.
    """
    if task.queue is Queue.EQUIVALENCE:
        if file_sha256 is not None:
            raise invalid_field(
                "file_sha256", "Un réemploi n'a pas de fichier à nommer : retirez cette empreinte."
            )
        grant = item.grant
        if grant is None:
            raise Conflict("Cette équivalence n'est plus proposée : relisez la file.")
        find_on_reuse(session, actor, candidature, item, grant, judgement)
        return
    proof = proofs.submitted(session, item.id)
    if proof is None and item.reason is None:
        if judgement.finding is not Finding.COMPLEMENT:
            raise Conflict(
                "Rien n'a été fourni pour cette preuve, qu'une séance a laissée : demandez un complément, ou "
                "remettez-la à l'ordre du jour d'une séance."
            )
        ask_without_proof(session, actor, candidature, item, judgement)
        return
    if proof is None:
        find_on_claim(session, actor, candidature, item, judgement)
        return
    if file_sha256 is None:
        named = " ; ".join(f"{file.filename} : {file.sha256}" for file in proof.files)
        raise Invalid(
            "Dites quel fichier vous avez lu.",
            [FieldError("/file_sha256", f"Donnez le SHA-256 de celui que vous avez lu ({named}).")],
        )
    if file_sha256 not in {file.sha256 for file in proof.files}:
        raise Conflict(
            "Le fichier que vous avez lu n'est plus celui de la version à examiner : relisez la tâche."
        )
    refuse_undated(proof, judgement.finding)
    read_version = readings.ReadVersion(task, item, proof, judgement, file_sha256)
    readings.apply_finding(session, actor, candidature, read_version)
