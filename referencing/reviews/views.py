"""Tasks as the API shows them: plain values, made in one pass."""

from datetime import date
from typing import Any
from uuid import UUID

from referencing.base.permissions import Actor
from referencing.candidatures.clock.workdays import paris_day
from referencing.candidatures.tasks.models import Boost
from referencing.candidatures.verdicts.rounds import OUTCOMES

from .arbitration import Agreement
from .models import (
    Absence,
    Arbiter,
    CommentTemplate,
    ConflictOfInterest,
    Reading,
    SecondReading,
    SecondReadingRate,
)
from .opinions import OpinionState, OpinionView
from .order import days_left, explain, warning
from .queries import WORK_OF, TaskView
from .queries import Reading as Known
from .wait_queries import WaitState, WaitView, may_know_why


def task_view(view: TaskView, actor: Actor, reading: Known) -> dict[str, Any]:
    """The clock is the task's while it is open: closed, the ball is elsewhere and nothing is due of the agency.

    While a third party has it, the clock stands: nothing is due, and so many days are left as when it began.
    """
    is_open, since = view.closed_at is None, view.third_party_since
    left = days_left(view.last_day, paris_day(since) if since else reading.today) if is_open else None
    runs = left is not None and since is None
    priority = reading.boosts.get(view.boost_id) if view.boost_id else None
    return {
        "id": view.id,
        "queue": view.queue,
        "candidature": view.candidature_id,
        "dsr": view.dsr,
        "organisation": view.organisation,
        "commercial_name": view.commercial_name,
        "item": view.item_id,
        "code": view.code,
        "chapter": view.chapter,
        "guichet": view.guichet,
        "opened_at": view.opened_at,
        "third_party_since": since if is_open else None,
        "due_on": view.due_on if runs else None,
        "working_days_left": left,
        "warning": warning(left) if left is not None and runs else None,
        "order": explain(left, priority) if left is not None and runs else None,
        "closed_at": view.closed_at,
        "outcome": view.outcome,
        "claimed_by": view.verifier,
        "claimed_at": view.claimed_at,
        "claim_expires_at": view.expires_at,
        "claimable": runs
        and view.verifier_id in {None, actor.account_id}
        and WORK_OF[view.queue] is actor.role
        and view.organisation_id not in reading.conflicts
        and view.id not in reading.closed,
    }


def template_view(template: CommentTemplate) -> dict[str, Any]:
    return {
        "id": template.id,
        "title": template.title,
        "text": template.text,
        "outcome": template.outcome,
        "chapter": template.chapter,
        "revision": template.revision,
    }


def boost_view(boost: Boost) -> dict[str, Any]:
    return {
        "id": boost.id,
        "queue": boost.queue,
        "chapter": boost.chapter,
        "dispositif": boost.dispositif,
        "vague": boost.vague,
        "candidature": boost.candidature_id,
        "weight": boost.weight,
        "reason": boost.reason,
        "ends_on": boost.ends_on,
        "created_at": boost.created_at,
    }


def conflict_view(declared: ConflictOfInterest) -> dict[str, Any]:
    return {
        "id": declared.id,
        "verifier": declared.verifier_id,
        "name": declared.verifier.name,
        "organisation": declared.organisation.name,
        "reason": declared.reason,
        "declared_at": declared.declared_at,
    }


def absence_view(absence: Absence) -> dict[str, Any]:
    return {
        "id": absence.id,
        "verifier": absence.verifier_id,
        "name": absence.verifier.name,
        "starts_on": absence.starts_on,
        "ends_on": absence.ends_on,
    }


def rate_view(rate: SecondReadingRate) -> dict[str, Any]:
    return {
        "id": rate.id,
        "chapter": rate.chapter,
        "verifier": rate.verifier_id,
        "name": rate.verifier.name if rate.verifier else None,
        "rate": rate.rate,
        "on_disagreement": rate.on_disagreement,
        "seed": rate.seed,
    }


def second_reading_view(turn: SecondReading) -> dict[str, Any]:
    of_lead = turn.round == 3 and turn.on_disagreement is Arbiter.LEAD
    return {
        "task": turn.task_id,
        "candidature": turn.task.candidature_id,
        "item": turn.task.item_id,
        "code": turn.task.code,
        "proof": turn.proof_id,
        "round": turn.round,
        "reader": "lead" if of_lead else "verifier",
        "opened_at": turn.task.opened_at,
        "closed_at": turn.task.closed_at,
    }


def reading_view(reading: Reading) -> dict[str, Any]:
    return {
        "round": reading.round,
        "task": reading.task_id,
        "verifier": reading.verifier_id,
        "name": reading.verifier.name,
        "outcome": OUTCOMES[reading.finding],
        "comment": reading.comment,
        "file_sha256": reading.file_sha256,
        "given_at": reading.given_at,
        "verification": reading.verification_id,
        "undone_at": reading.undone_at,
        "undone_reason": reading.undone_reason,
    }


def opinion_view(view: OpinionView, today: date) -> dict[str, Any]:
    awaited = view.state is OpinionState.ASKED
    return {
        "id": view.id,
        "task": view.task_id,
        "candidature": view.candidature_id,
        "dsr": view.dsr,
        "organisation": view.organisation,
        "commercial_name": view.commercial_name,
        "item": view.item_id,
        "code": view.code,
        "expert": view.expert_id,
        "name": view.expert,
        "asked_by": view.asker,
        "question": view.question,
        "asked_at": view.asked_at,
        "due_on": view.due_on,
        "warning": warning(days_left(view.due_on, today)) if awaited else None,
        "reminded_at": view.reminded_at,
        "state": view.state,
        "answered_at": view.answered_at,
        "declined_at": view.declined_at,
        "reply": view.reply,
    }


def wait_view(view: WaitView, actor: Actor, today: date, holder: UUID | None = None) -> dict[str, Any]:
    """`holder` is who has the task in hand."""
    awaited = view.state is WaitState.AWAITED
    told = may_know_why(actor, view, holder)
    return {
        "id": view.id,
        "task": view.task_id,
        "queue": view.queue,
        "candidature": view.candidature_id,
        "dsr": view.dsr,
        "organisation": view.organisation,
        "commercial_name": view.commercial_name,
        "item": view.item_id,
        "code": view.code,
        "party": view.party,
        "reason": view.reason if told else None,
        "asked_by": view.asker,
        "since": view.started_at,
        "expected_on": view.expected_on,
        "rescheduled": [
            {
                "previously": one.previously,
                "expected_on": one.expected_on,
                "reason": one.reason if told else None,
                "decided_by": one.decider.name,
                "decided_at": one.decided_at,
            }
            for one in view.rescheduled
        ],
        "warning": warning(days_left(view.expected_on, today)) if awaited else None,
        "state": view.state,
        "ended_at": view.ended_at,
        "answer": view.answer if told else None,
    }


def agreement_view(figures: Agreement) -> dict[str, Any]:
    return {
        "dsr": figures.dsr,
        "requirement": figures.requirement,
        "doubled": figures.doubled,
        "agreed": figures.agreed,
        "disagreed": figures.disagreed,
        "rate": figures.rate,
    }
