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
    """What a verdict may say besides: `missing` and `due_on` of a complement, `steps` of a scenario that has any."""

    missing: Sequence[str] = ()
    due_on: date | None = None
    steps: Sequence[Mapping[str, Any]] = ()


NO_DETAILS = Details()


def judged(
    session: Session, task_id: UUID | None, item: Item, outcome: Outcome, comment: str, details: Details
) -> Judgement:
    """Said on a task, or live. Raises Invalid, with a pointer to each thing that is not said, or not said so."""
    day = today(session)
    scenario = steps_of(item.expected_proof.scenario_text)
    found = [*_of_complement(outcome, details, day), *_of_steps(outcome, details.steps, len(scenario))]
    if outcome is not Outcome.CONFORM and not comment and not details.missing:
        found.insert(
            0, FieldError("/comment", "Dites à l'éditeur ce qui manque ou ce qui n'est pas conforme.")
        )
    if found:
        raise Invalid("Expliquez ou corrigez votre verdict.", found)
    steps = sorted(details.steps, key=lambda one: int(one["step"]))
    if outcome is not Outcome.COMPLEMENT:
        return Judgement(task_id, FINDINGS[outcome], comment, steps=steps)
    due_on = details.due_on or add_working_days(day, COMPLEMENT_DAYS)
    return Judgement(task_id, FINDINGS[outcome], comment, details.missing or [comment], due_on, steps)


def _of_complement(outcome: Outcome, details: Details, day: date) -> list[FieldError]:
    if outcome is not Outcome.COMPLEMENT:
        given = {"missing": details.missing, "due_on": details.due_on}
        refused = "Seule une demande de complément en donne : retirez-le."
        return [FieldError(f"/{name}", refused) for name, value in given.items() if value]
    if details.due_on is None or day <= details.due_on <= day + LONGEST:
        return []
    return [FieldError("/due_on", "Donnez un jour à venir, dans l'année.")]


def _of_steps(outcome: Outcome, steps: Sequence[Mapping[str, Any]], expected: int) -> list[FieldError]:
    if not steps:
        return []
    if expected == 0:
        return [FieldError("/steps", "Ce scénario n'a pas d'étapes numérotées : retirez-les.")]
    if sorted(one["step"] for one in steps) != list(range(1, expected + 1)):
        return [FieldError("/steps", f"Donnez chacune des {expected} étapes, une seule fois.")]
    unexplained = [
        FieldError(f"/steps/{place}/comment", "Dites ce qui manque ou ce qui n'est pas conforme.")
        for place, one in enumerate(steps)
        if one["outcome"] is not Outcome.CONFORM and not one["comment"].strip()
    ]
    wrong = incoherence(outcome, [one["outcome"] for one in steps])
    return [*unexplained, *([FieldError("/outcome", wrong)] if wrong else [])]


def undo(session: Session, actor: Actor, task_id: UUID, reason: str) -> UUID:
    """Take back one's own verdict: its task goes on as another, which the verifier has if they can; answers which.

    Raises Forbidden for another's, Conflict once it is too late, or once somebody has relied on it: other readers too.
    """
    authorise(actor, Right.REVIEW)
    candidature = candidatures.locked(session, actor, queries.dossier_of(session, actor, task_id))
    given = session.scalar(sa.select(Verdict).where(Verdict.task_id == task_id)) or session.scalar(
        sa.select(Reading).where(Reading.task_id == task_id)
    )
    if given is None:
        raise Conflict("Aucun verdict n'a été rendu sur cette tâche : il n'y a rien à reprendre.")
    if given.verifier_id != actor.account_id:
        raise Forbidden("Un verdict ne se reprend que par qui l'a rendu.")
    if given.undone_at is not None:
        raise Conflict("Ce verdict est déjà repris : relisez la file.")
    if now(session) - given.given_at > UNDO_WITHIN:
        minutes = UNDO_WITHIN // timedelta(minutes=1)
        raise Conflict(
            f"Un verdict se reprend dans les {minutes} minutes ; passé ce délai, adressez-vous à un responsable."
        )
    goes_on = claims.can_go_on(session, actor.account_id, candidature.organisation_id)
    task = _take_back(session, actor, candidature, given, reason)
    if goes_on:
        claims.hand(session, actor.account_id, task.id)
    return task.id


def _take_back(
    session: Session, actor: Actor, candidature: Candidature, given: Verdict | Reading, reason: str
) -> Task:
    if isinstance(given, Reading):
        return retract(session, actor, candidature, given, reason)
    compared = sa.select(Reading.id).where(Reading.verification_id == given.verification_id).limit(1)
    if given.verification_id is not None and session.scalar(compared) is not None:
        raise Conflict(COMPARED)
    item = candidatures.item(session, candidature, str(given.item_id))
    return take_back(session, actor, candidature, item, given, reason)
