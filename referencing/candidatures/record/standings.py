"""How dossiers ended, kept for the facts that were found in them: policies may ask for it (`standing`)."""

from datetime import datetime

from sqlalchemy.orm import Session

from referencing.base.db import new_id, now
from referencing.base.jobs import enqueue
from referencing.equivalence.engine.facts import Standing
from referencing.equivalence.rulebooks.models import DossierStanding
from referencing.journal.operations import Author

from .models import Candidature
from .states import State

_DECIDED = {
    Standing.REFERENCED: "est référencée",
    Standing.REFUSED: "n'est pas référencée : la candidature est refusée",
    Standing.WITHDRAWN: "n'est plus candidate : son dossier est retiré",
    Standing.SUSPENDED: "est suspendue",
    Standing.DELISTED: "est déréférencée",
    Standing.IMPORTED: "a été référencée avant ce service",
}


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
    dossier_standing = DossierStanding(
        id=new_id(),
        candidature_id=candidature.id,
        core_id=candidature.core_id,
        standing=standing,
        began_at=began_at or now(session),
        decided_by=author.account_id,
        reason=reason or f"La solution « {solution} » ({candidature.version.dsr.code}) {_DECIDED[standing]}.",
    )
    session.add(dossier_standing)
    session.flush()
    return dossier_standing


def judge_facts_again(session: Session, dossier_standing: DossierStanding) -> None:
    """Ask for the job that sees to whoever leans on facts of the dossier."""
    enqueue(session, "follow_dossier_standing", standing=str(dossier_standing.id))
