"""Boosts, conflicts of interest and absences as the API shows them."""

from typing import Any

from referencing.candidatures.tasks.models import Boost
from referencing.reviews.queues.models import (
    Absence,
    ConflictOfInterest,
)


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
