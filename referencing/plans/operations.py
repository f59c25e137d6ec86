"""What an editor asks before it supplies: the plans over its open dossiers and those that it plans. Nothing is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Session

from referencing.base.permissions import Actor, Right, authorise
from referencing.candidatures.record.queries import facts_of_others
from referencing.candidatures.resolution.resolved import Resolved
from referencing.equivalence.engine.facts import Fact
from referencing.equivalence.engine.resolution import Item as Answer
from referencing.preflight.planned import Planned

from .certificates import ObtainableCertificate, name_of
from .planning import CERTAIN, LIKELY, Plan, plan
from .reading import Agenda, agenda


class Confidence(StrEnum):
    """How sure what follows by a plan has to be."""

    CERTAIN = "certain"  # nobody has to look again
    TO_CONFIRM = (
        "to_confirm"  # a verifier may have to confirm it, or something under review to be found conform
    )


@dataclass(frozen=True, slots=True)
class ReusePlans:
    """The plans over an agenda; `facts` are those that their reader may know, by id.

    `standing` is what the engine answers of the lines that are covered already.
    """

    agenda: Agenda
    plans: Mapping[Confidence, Plan]
    standing: Mapping[int, Answer]
    facts: Mapping[str, Fact]


def reuse_plans(
    session: Session,
    actor: Actor,
    *,
    candidatures: Sequence[UUID] | None,
    planned: Sequence[Planned],
    certificates: Sequence[ObtainableCertificate] = (),
) -> ReusePlans:
    """The smallest supplies by which all the rest of these dossiers follows: for certain, and to be confirmed.

    Raises Invalid as `agenda`.
    """
    authorise(actor, Right.PREPARE_CANDIDATURES)
    over = agenda(session, actor, candidatures, planned, certificates)
    suppositions = over.suppositions
    plans = {
        Confidence.CERTAIN: plan(suppositions, CERTAIN),
        Confidence.TO_CONFIRM: plan(suppositions, LIKELY),
    }
    standing = {number: suppositions.answer(number) for number, line in enumerate(over.lines) if line.covered}
    return ReusePlans(over, plans, standing, _facts_told(session, actor, over))


def _facts_told(session: Session, actor: Actor, over: Agenda) -> dict[str, Fact]:
    """The facts of the software that are the organisation's own, in the names that people know."""
    told: dict[str, Fact] = {}
    for dossier in over.dossiers:
        basis = dossier.basis
        known = Resolved.of(basis.target, None, basis.rules, basis.known, ())
        told |= known.told(dossier.solution.software.nil)
    assert actor.organisation_id is not None  # noqa: S101 - the table of rights says so
    for rank, _ in enumerate(over.certificates):
        told.pop(name_of(rank), None)
    others = facts_of_others(session, actor.organisation_id, told)
    return {fact_id: fact for fact_id, fact in told.items() if fact_id not in others}
