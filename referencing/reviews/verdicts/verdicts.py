"""What a verdict has to say before it counts, and how who gave it takes it back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import now, today
from referencing.base.errors import Conflict, FieldError, Forbidden, Invalid
from referencing.base.permissions import Actor, Right, authorise
from referencing.base.workdays import add_working_days
from referencing.candidatures.record import queries as candidatures
from referencing.candidatures.record.models import Candidature, Item, Verdict
from referencing.candidatures.tasks.models import Task
from referencing.candidatures.verdicts.rounds import Judgement
from referencing.candidatures.verdicts.undoing import take_back
from referencing.catalogue.steps import steps_of
from referencing.proofs.models import Finding
from referencing.reviews.queues import claims, queries
from referencing.reviews.queues.models import Reading
from referencing.reviews.queues.outcomes import Outcome, incoherence

from .retraction import COMPARED, retract

#: How long a verifier may take their own verdict back.
UNDO_WITHIN = timedelta(minutes=15)
#: Working days that an editor has for a complement, unless the verifier says otherwise.
COMPLEMENT_DAYS = 15
LONGEST = timedelta(days=366)

FINDINGS = {
    Outcome.CONFORM: Finding.VERIFIED,
    Outcome.NONCONFORM: Finding.REJECTED,
    Outcome.COMPLEMENT: Finding.COMPLEMENT,
}


@dataclass(frozen=True, slots=True)
class Details:
    """The details of a verdict: `missing` and `due_on` of a complement, `steps` of a scenario that has any."""

    missing: Sequence[str] = ()
    due_on: date | None = None
    steps: Sequence[Mapping[str, Any]] = ()


NO_DETAILS = Details()


def judged(
    session: Session, task_id: UUID | None, item: Item, outcome: Outcome, comment: str, details: Details
) -> Judgement:
    """The judgement that a verdict amounts to; `task_id` is None for one given in a live session.

    Raises Invalid, with a pointer to each thing that is missing or wrong.
    """
    day = today(session)
    scenario = steps_of(item.expected_proof.scenario_text)
    errors = [
        *_complement_errors(outcome, details, day),
        *_step_errors(outcome, details.steps, len(scenario)),
    ]
    if outcome is not Outcome.CONFORM and not comment and not details.missing:
        errors.insert(
            0, FieldError("/comment", "Dites à l'éditeur ce qui manque ou ce qui n'est pas conforme.")
        )
    if errors:
        raise Invalid("Expliquez ou corrigez votre verdict.", errors)
    steps = sorted(details.steps, key=lambda step: int(step["step"]))
    if outcome is not Outcome.COMPLEMENT:
        return Judgement(task_id, FINDINGS[outcome], comment, steps=steps)
    due_on = details.due_on or add_working_days(day, COMPLEMENT_DAYS)
    return Judgement(task_id, FINDINGS[outcome], comment, details.missing or [comment], due_on, steps)


def _complement_errors(outcome: Outcome, details: Details, day: date) -> list[FieldError]:
    if outcome is not Outcome.COMPLEMENT:
        complement_only = {"missing": details.missing, "due_on": details.due_on}
        refused = "Seule une demande de complément en donne : retirez-le."
        return [FieldError(f"/{name}", refused) for name, value in complement_only.items() if value]
    if details.due_on is None or day <= details.due_on <= day + LONGEST:
        return []
    return [FieldError("/due_on", "Donnez un jour à venir, dans l'année.")]


def _step_errors(outcome: Outcome, steps: Sequence[Mapping[str, Any]], expected: int) -> list[FieldError]:
    if not steps:
        return []
    if expected == 0:
        return [FieldError("/steps", "Ce scénario n'a pas d'étapes numérotées : retirez-les.")]
    if sorted(step["step"] for step in steps) != list(range(1, expected + 1)):
        return [FieldError("/steps", f"Donnez chacune des {expected} étapes, une seule fois.")]
    unexplained = [
        FieldError(f"/steps/{place}/comment", "Dites ce qui manque ou ce qui n'est pas conforme.")
        for place, step in enumerate(steps)
        if step["outcome"] is not Outcome.CONFORM and not step["comment"].strip()
    ]
    wrong = incoherence(outcome, [one["outcome"] for one in steps])
    return [*unexplained, *([FieldError("/outcome", wrong)] if wrong else [])]


def undo(session: Session, actor: Actor, task_id: UUID, reason: str) -> UUID:
    """Take back the actor's own verdict; answers the task with which the review goes on, theirs again if they can.

    Raises Forbidden for another's, Conflict once it is too late, or once somebody has relied on it: other readers too.
    """
    authorise(actor, Right.REVIEW)
    candidature = candidatures.locked(session, actor, queries.dossier_of(session, actor, task_id))
    verdict = session.scalar(sa.select(Verdict).where(Verdict.task_id == task_id)) or session.scalar(
        sa.select(Reading).where(Reading.task_id == task_id)
    )
    if verdict is None:
        raise Conflict("Aucun verdict n'a été rendu sur cette tâche : il n'y a rien à reprendre.")
    if verdict.verifier_id != actor.account_id:
        raise Forbidden("Un verdict ne se reprend que par qui l'a rendu.")
    if verdict.undone_at is not None:
        raise Conflict("Ce verdict est déjà repris : relisez la file.")
    if now(session) - verdict.given_at > UNDO_WITHIN:
        minutes = UNDO_WITHIN // timedelta(minutes=1)
        raise Conflict(
            f"Un verdict se reprend dans les {minutes} minutes ; passé ce délai, adressez-vous à un responsable."
        )
    goes_on = claims.can_take_again(session, actor.account_id, candidature.organisation_id)
    task = _take_back(session, actor, candidature, verdict, reason)
    if goes_on:
        claims.hand_task(session, actor.account_id, task.id)
    return task.id


def _take_back(
    session: Session, actor: Actor, candidature: Candidature, verdict: Verdict | Reading, reason: str
) -> Task:
    if isinstance(verdict, Reading):
        return retract(session, actor, candidature, verdict, reason)
    compared = sa.select(Reading.id).where(Reading.verification_id == verdict.verification_id).limit(1)
    if verdict.verification_id is not None and session.scalar(compared) is not None:
        raise Conflict(COMPARED)
    item = candidatures.item(session, candidature, str(verdict.item_id))
    return take_back(session, actor, candidature, item, verdict, reason)
