"""How dossiers ended, kept for the facts that were found in them: policies may ask for it (`standing`)."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import new_id, now
from referencing.base.jobs import enqueue
from referencing.catalogue.models import DsrVersion
from referencing.equivalence.engine.facts import Standing
from referencing.equivalence.rulebooks.models import DossierStanding, RegisterChange
from referencing.journal.operations import Author
from referencing.journal.queries import NEXT_POSITION
from referencing.solutions.models import Configuration

from .models import Candidature
from .states import LISTED, State

_DECIDED = {
    Standing.REFERENCED: "est référencée",
    Standing.REFUSED: "n'est pas référencée : la candidature est refusée",
    Standing.WITHDRAWN: "n'est plus candidate : son dossier est retiré",
    Standing.SUSPENDED: "est suspendue",
    Standing.DELISTED: "est déréférencée",
    Standing.IMPORTED: "a été référencée avant ce service",
}
_REFERENCED = frozenset({Standing.REFERENCED, Standing.IMPORTED})


def keep_dossier_standing(
    session: Session,
    author: Author,
    candidature: Candidature,
    *,
    began_at: datetime | None = None,
    reason: str | None = None,
) -> DossierStanding:
    """Record how a dossier stands from now on, or since it did. Call `judge_facts_again` unless it is only tried.

    `reason` is a French sentence, where it is not that of the decision.
    """
    referenced_before = candidature.takeover_id is not None and candidature.state is State.REFERENCED
    standing = Standing.IMPORTED if referenced_before else Standing(candidature.state.value)
    solution = candidature.configuration.solution.commercial_name
    change = _change_of_register(session, candidature, standing)
    dossier_standing = DossierStanding(
        id=new_id(),
        candidature_id=candidature.id,
        core_id=candidature.core_id,
        standing=standing,
        began_at=began_at or now(session),
        decided_by=author.account_id,
        reason=reason or f"La solution « {solution} » ({candidature.version.dsr.code}) {_DECIDED[standing]}.",
        change=change,
        position=NEXT_POSITION if change else None,
    )
    session.add(dossier_standing)
    session.flush()
    return dossier_standing


def register_change(
    before: Standing | None, after: Standing, *, is_listed_already: bool
) -> RegisterChange | None:
    """How the public list changes when a dossier stands otherwise; None where nobody sees it there.

    `is_listed_already`: the solution is on the list, on the same DSR, by another dossier.
    """
    if after in _REFERENCED:
        if before in _REFERENCED:
            return None
        if before is Standing.SUSPENDED:
            return RegisterChange.REINSTATED
        return RegisterChange.RENEWED if is_listed_already else RegisterChange.REFERENCED
    if after in {Standing.SUSPENDED, Standing.DELISTED}:
        return None if before is after else RegisterChange(after.value)
    if after is Standing.WITHDRAWN and before in _REFERENCED | {Standing.SUSPENDED}:
        return RegisterChange.ANNULLED
    return None


def _change_of_register(
    session: Session, candidature: Candidature, standing: Standing
) -> RegisterChange | None:
    """A component is verified for who embeds it, and is no referenced solution itself."""
    solution = candidature.configuration.solution
    if solution.software.fills:
        return None
    before = (
        sa.select(DossierStanding.standing)
        .where(
            DossierStanding.core_id == candidature.core_id, DossierStanding.candidature_id == candidature.id
        )
        .order_by(DossierStanding.began_at.desc(), DossierStanding.id.desc())
        .limit(1)
    )
    others = (
        sa.exists()
        .where(Candidature.id != candidature.id, Candidature.state.in_(sorted(LISTED)))
        .where(Candidature.configuration_id == Configuration.id, Configuration.solution_id == solution.id)
        .where(Candidature.version_id == DsrVersion.id, DsrVersion.dsr_id == candidature.version.dsr_id)
    )
    before_it = sa.select(before.scalar_subquery().label("standing"), others.label("is_listed_already"))
    row = session.execute(before_it).one()
    return register_change(row.standing, standing, is_listed_already=row.is_listed_already)


def judge_facts_again(session: Session, dossier_standing: DossierStanding) -> None:
    """Ask for the job that sees to whoever leans on facts of the dossier."""
    enqueue(session, "follow_dossier_standing", standing=str(dossier_standing.id))
