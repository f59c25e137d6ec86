"""Second readings as the API shows them."""

from typing import Any

from referencing.candidatures.record.models import OUTCOMES
from referencing.reviews.queues.models import Arbiter, Reading, SecondReading, SecondReadingRate

from .arbitration import Agreement


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


def agreement_view(figures: Agreement) -> dict[str, Any]:
    return {
        "dsr": figures.dsr,
        "requirement": figures.requirement,
        "doubled": figures.doubled,
        "agreed": figures.agreed,
        "disagreed": figures.disagreed,
        "rate": figures.rate,
    }
