"""The record of an audit's file, as plain values; its signals are in it without anything that betrays an author."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from referencing.accounts.models import Account
from referencing.audits.inquiries.models import Audit, Nonconformity, SampledItem, Sanction
from referencing.revocations.models import Revocation
from referencing.signals.models import Signal
from referencing.solutions.compositions import composition_view


def record_of(session: Session, audit: Audit, sample: Sequence[SampledItem]) -> dict[str, Any]:
    """The record without files and journal; people are ids of accounts, which `with_names` replaces by names."""
    return {
        "format": "audit-file/1",
        "audit": _audit(audit),
        "solution": _solution(audit),
        "signals": [_signal(one) for one in _signals(session, audit)],
        "draw": {"seed": audit.seed, "size": audit.size, "population": audit.population},
        "sample": [_sampled(one) for one in sample],
        "nonconformities": [_nonconformity(one) for one in _nonconformities(session, audit)],
        "sanctions": [_sanction(one) for one in _sanctions(session, audit)],
        "revocations": [_revocation(one) for one in _revocations(session, audit)],
    }


def _audit(audit: Audit) -> dict[str, Any]:
    kept = ("id", "state", "reason", "created_at", "created_by", "opened_at", "notified_at", "answer_by")
    return {name: getattr(audit, name) for name in (*kept, "closed_at", "conclusions")}


def _solution(audit: Audit) -> dict[str, Any]:
    candidature = audit.candidature
    solution = candidature.configuration.solution
    return {
        "candidature": candidature.id,
        "state": candidature.state,
        "dsr": candidature.version.dsr.code,
        "dsr_version": candidature.version.number,
        "organisation": candidature.organisation.name,
        "commercial_name": solution.commercial_name,
        "software": solution.software.name,
        "nil": solution.software.nil,
        "software_version": candidature.configuration.software_version,
        "composition": composition_view(candidature.configuration.composition),
    }


def _signals(session: Session, audit: Audit) -> Sequence[Signal]:
    return session.scalars(sa.select(Signal).where(Signal.audit_id == audit.id).order_by(Signal.id)).all()


def _signal(signal: Signal) -> dict[str, Any]:
    """A signal without its words, its receipt or its author: an author may be known by what they tell."""
    return {"received_on": signal.received_on, "channel": signal.channel, "assessment": signal.assessment}


def _sampled(sampled_item: SampledItem) -> dict[str, Any]:
    kept = ("id", "position", "requirement", "code", "weight", "reused", "added_reason", "finding", "comment")
    return {
        **{name: getattr(sampled_item, name) for name in (*kept, "found_by", "found_at")},
        "facts": [
            {
                "verification": fact.verification_id,
                "certificate": fact.certificate_id,
                "file_sha256": fact.verification and fact.verification.file_sha256,
            }
            for fact in sampled_item.facts
        ],
    }


def _nonconformities(session: Session, audit: Audit) -> Iterable[Nonconformity]:
    return session.scalars(
        sa.select(Nonconformity)
        .where(Nonconformity.audit_id == audit.id)
        .options(selectinload(Nonconformity.plans))
        .order_by(Nonconformity.number)
    )


def _nonconformity(nonconformity: Nonconformity) -> dict[str, Any]:
    kept = ("id", "number", "requirement", "severity", "description", "state", "outcome", "raised_by")
    of_plan = ("id", "number", "description", "state", "asked_on", "asked_days", "due_on", "proposed_by")
    then = ("proposed_at", "report", "carried_out_at", "comment", "commented_at")
    return {
        **{name: getattr(nonconformity, name) for name in (*kept, "raised_at", "ended_at")},
        "sampled": nonconformity.sampled_item_id,
        "plans": [{name: getattr(plan, name) for name in (*of_plan, *then)} for plan in nonconformity.plans],
    }


def _sanctions(session: Session, audit: Audit) -> Iterable[Sanction]:
    return session.scalars(sa.select(Sanction).where(Sanction.audit_id == audit.id).order_by(Sanction.id))


def _sanction(sanction: Sanction) -> dict[str, Any]:
    kept = ("id", "measure", "state", "grounds", "urgent_reason", "answer_by", "announced_by", "announced_at")
    then = ("answer", "answered_by", "answered_at", "decision", "decided_by", "decided_at")
    return {name: getattr(sanction, name) for name in (*kept, *then)}


def _revocations(session: Session, audit: Audit) -> Iterable[Revocation]:
    return session.scalars(
        sa.select(Revocation).where(Revocation.audit_id == audit.id).order_by(Revocation.id)
    )


def _revocation(revocation: Revocation) -> dict[str, Any]:
    kept = ("id", "verification_id", "certificate_id", "reason", "revoked_at", "revoked_by")
    return {name: getattr(revocation, name) for name in kept}


def with_names(session: Session, record: dict[str, Any]) -> dict[str, Any]:
    """The record with a name where the id of an account stood."""
    ids = {
        value
        for key, value in _leaves(record)
        if key == "by" or key.endswith("_by")
        if isinstance(value, UUID)
    }
    accounts = session.execute(sa.select(Account.id, Account.name).where(Account.id.in_(ids)))
    names = {account.id: account.name for account in accounts}
    named: dict[str, Any] = _named(record, names)
    return named


def _leaves(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, inside in value.items():
            yield from _leaves(inside, name)
    elif isinstance(value, list):
        for inside in value:
            yield from _leaves(inside, key)
    else:
        yield key, value


def _named(value: Any, names: dict[UUID, str], key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _named(inside, names, name) for name, inside in value.items()}
    if isinstance(value, list):
        return [_named(inside, names, key) for inside in value]
    return names.get(value, value) if key == "by" or key.endswith("_by") else value
