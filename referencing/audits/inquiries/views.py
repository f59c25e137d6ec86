"""Audits as the API shows them: plain values. An editor reads no name of the agency, and what it was notified of."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from referencing.base.permissions import Actor, Right, may
from referencing.candidatures.api.views import author_view, event_view
from referencing.journal.models import Entry
from referencing.proofs.views import file_view

from .life import AUDITS
from .models import ActionPlan, Audit, Evidence, Nonconformity, SampledItem, Sanction
from .sampling import Entrant, draw


def audit_view(audit: Audit, reader: Actor) -> dict[str, Any]:
    candidature = audit.candidature
    return {
        "id": audit.id,
        "candidature": audit.candidature_id,
        "dsr": candidature.version.dsr.code,
        "organisation": candidature.organisation.name,
        "commercial_name": candidature.configuration.solution.commercial_name,
        "solution_state": candidature.state,
        "state": audit.state,
        "actions": AUDITS.allowed(audit.state) if may(reader, Right.AUDIT) else [],
        "reason": audit.reason,
        "created_at": audit.created_at,
        "opened_at": audit.opened_at,
        "notified_at": audit.notified_at,
        "answer_by": audit.answer_by,
        "closed_at": audit.closed_at,
        "conclusions": audit.conclusions,
    }


def draw_view(audit: Audit) -> dict[str, Any]:
    """Drawn again from what is kept, as anyone could."""
    population = [Entrant(**one) for one in audit.population]
    return {
        "seed": audit.seed,
        "size": audit.size,
        "population": [asdict(one) for one in population],
        "drawn": draw(audit.seed, population, audit.size),
    }


def sampled_view(one: SampledItem, audit: Audit, reader: Actor) -> dict[str, Any]:
    notified = reader.of_agency or audit.notified_at is not None
    facts = [
        {
            "verification": fact.verification_id,
            "certificate": fact.certificate_id,
            "revoked_on": found.revoked_on,
        }
        for fact in one.facts
        if (found := fact.verification or fact.certificate)
    ]
    return {
        "id": one.id,
        "item": one.item_id,
        "requirement": one.requirement,
        "code": one.code,
        "weight": one.weight,
        "reused": one.reused,
        "added_reason": one.added_reason if reader.of_agency else None,
        "finding": one.finding if notified else None,
        "comment": one.comment if notified else None,
        "found_at": one.found_at if notified else None,
        "facts": facts if reader.of_agency else [],
        "revision": one.revision,
    }


def nonconformity_view(found: Nonconformity) -> dict[str, Any]:
    return {
        "id": found.id,
        "audit": found.audit_id,
        "number": found.number,
        "requirement": found.requirement,
        "severity": found.severity,
        "description": found.description,
        "sampled": found.sampled_item_id,
        "state": found.state,
        "outcome": found.outcome,
        "raised_at": found.raised_at,
        "ended_at": found.ended_at,
        "plans": [plan_view(one) for one in found.plans],
        "revision": found.revision,
    }


def plan_view(plan: ActionPlan) -> dict[str, Any]:
    return {
        "id": plan.id,
        "number": plan.number,
        "nonconformity": plan.nonconformity_id,
        "state": plan.state,
        "description": plan.description,
        "asked_on": plan.asked_on,
        "asked_days": plan.asked_days,
        "due_on": plan.due_on,
        "proposed_at": plan.proposed_at,
        "report": plan.report,
        "carried_out_at": plan.carried_out_at,
        "comment": plan.comment,
        "commented_at": plan.commented_at,
    }


def sanction_view(sanction: Sanction) -> dict[str, Any]:
    return {
        "id": sanction.id,
        "audit": sanction.audit_id,
        "measure": sanction.measure,
        "state": sanction.state,
        "grounds": sanction.grounds,
        "urgent_reason": sanction.urgent_reason,
        "announced_at": sanction.announced_at,
        "answer_by": sanction.answer_by,
        "answer": sanction.answer,
        "answered_at": sanction.answered_at,
        "decision": sanction.decision,
        "decided_at": sanction.decided_at,
    }


def timeline_view(entries: Sequence[Entry], reader: Actor) -> list[dict[str, Any]]:
    return [event_view(one, reader) for one in entries]


def evidence_view(one: Evidence, reader: Actor) -> dict[str, Any]:
    return {
        **file_view(one),
        "audit": one.audit_id,
        "sampled": one.sampled_item_id,
        "nonconformity": one.nonconformity_id,
        "plan": one.plan_id,
        "sanction": one.sanction_id,
        "comment": one.comment,
        **author_view(one.author.name, one.author.role, reader),
        "added_at": one.added_at,
    }
