"""Versions of lists worded as the import words them, and estimates of drafts brought to their end in one session."""

import hashlib
from collections.abc import Callable, Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base import db
from referencing.base.models import Job
from referencing.base.permissions import Role
from referencing.catalogue.models import DsrVersion
from referencing.estimates.estimating import advance_estimate, list_differences
from referencing.estimates.models import Estimate, EstimatedRequirement
from referencing.estimates.operations import start
from referencing.estimates.states import EstimateState
from tests.builders import Asked, person, publish_dsr

_JOBS: Mapping[str, Callable[..., None]] = {
    "list_differences": list_differences,
    "advance_estimate": advance_estimate,
}


def publish(session: Session, code: str, *asked: Asked) -> DsrVersion:
    """The next version of a DSR, published."""
    version = publish_dsr(session, code, *asked)
    for requirement in version.requirements:
        for proof in requirement.proofs:
            words = (requirement.text, proof.scenario_text, proof.text)
            proof.wording = hashlib.sha256("\n\n".join(words).encode()).hexdigest()
    session.flush()
    return version


def draft(session: Session, code: str, *asked: Asked) -> DsrVersion:
    """A draft of the next version of a DSR."""
    version = publish(session, code, *asked)
    version.published_at = None
    session.flush()
    return version


def estimated(session: Session, code: str) -> Estimate:
    """An estimate of the draft of a DSR: batch after batch, as its jobs would."""
    session.flush()
    estimate = start(session, person(session, Role.CATALOGUE), code)
    due = sa.select(Job).where(Job.task.in_(_JOBS), Job.done_at.is_(None)).order_by(Job.id).limit(1)
    while estimate.state is EstimateState.RUNNING:
        job = session.scalars(due).one()
        _JOBS[job.task](session, **job.arguments)
        job.done_at = db.now(session)
        session.flush()
    return estimate


def rows_of(session: Session, estimate: Estimate) -> list[EstimatedRequirement]:
    """The requirements that an estimate is about, in their order."""
    of_estimate = sa.select(EstimatedRequirement).where(EstimatedRequirement.estimate_id == estimate.id)
    return [
        *session.scalars(
            of_estimate.order_by(EstimatedRequirement.position).execution_options(populate_existing=True)
        )
    ]
