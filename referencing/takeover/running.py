"""A takeover, one referencing at a time: each is one job, in one transaction that ends with a job for the next.

What a crash undoes is done again, once. The row of the takeover is held meanwhile, so that whoever takes it back knows
what was taken over.
"""

import logging
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.accounts.models import Account
from referencing.base.db import now, today
from referencing.base.jobs import enqueue, last_try
from referencing.base.permissions import Actor
from referencing.candidatures.record.queries import held_still
from referencing.candidatures.record.standings import judge_facts_again, keep_dossier_standing
from referencing.candidatures.record.states import CANDIDATURE, Action
from referencing.journal.operations import SYSTEM, Author, record
from referencing.proofs.models import Verification

from . import queries
from .coverage import keep_coverage
from .models import PastReferencing, PastState, Takeover, TakeoverProblem
from .recording import record_referencing
from .states import TAKEOVER, TakeoverAction, TakeoverState

log = logging.getLogger(__name__)


def go_on(session: Session, takeover: Takeover) -> None:
    """Ask for the job that does the next referencing of a takeover."""
    enqueue(session, "advance_takeover", takeover=str(takeover.id))


def advance_takeover(session: Session, takeover: str) -> None:
    """Take over the next referencing of a takeover, or undo the next one where it is taken back."""
    held = queries.held(session, UUID(takeover))
    if held.state is TakeoverState.RUNNING:
        _take_over_next(session, held)
    elif held.state is TakeoverState.TAKING_BACK:
        _take_back_next(session, held)


def _take_over_next(session: Session, takeover: Takeover) -> None:
    past = queries.next_in(session, takeover.id, PastState.WAITING)
    if past is None:
        keep_coverage(session, takeover)
        _end(session, takeover, "takeover.finished", takeover.taker)
        return
    try:
        with session.begin_nested():
            dossier = record_referencing(session, author_of(takeover.taker), takeover, past)
    except Exception:
        if not last_try(session):
            raise
        log.exception("referencing %s of takeover %s failed", past.number, takeover.id)
        _leave_aside(session, past, "taking_over_failed", _FAILED)
    else:
        if dossier is None:
            _leave_aside(session, past, "already_referenced", _REFERENCED)
        else:
            past.state, past.candidature_id = PastState.TAKEN, dossier.id
    past.findings = {}
    go_on(session, takeover)


_FAILED = (
    "Ce référencement n'a pas pu être repris, à cause d'une erreur du service : signalez-la à qui l'exploite, puis "
    "renvoyez ce référencement dans un fichier à part."
)
_REFERENCED = "La solution a été référencée ici entre-temps : le référencement est laissé de côté."


def _leave_aside(session: Session, past: PastReferencing, code: str, detail: str) -> None:
    past.state = PastState.LEFT
    number = queries.problem_count(session, past.takeover_id) + 1
    problem = TakeoverProblem(
        takeover_id=past.takeover_id, number=number, row=past.row, code=code, detail=detail
    )
    session.add(problem)


def _take_back_next(session: Session, takeover: Takeover) -> None:
    past = queries.next_in(session, takeover.id, PastState.TAKEN)
    if past is None or past.candidature_id is None:
        queries.forget_findings(session, takeover.id)
        _end(session, takeover, "takeover.taken_back", takeover.undoer)
        return
    _annul(session, author_of(takeover.undoer), takeover, past.candidature_id)
    past.state = PastState.TAKEN_BACK
    go_on(session, takeover)


def _annul(session: Session, author: Author, takeover: Takeover, candidature_id: UUID) -> None:
    """Revoke what was found in a dossier that was taken over; whatever leans on it is seen to by a job.

    One that was delisted since stays so: that was decided here.
    """
    dossier = held_still(session, candidature_id)
    session.execute(
        sa.update(Verification)
        .where(Verification.candidature_id == dossier.id, Verification.revoked_on.is_(None))
        .values(revoked_on=today(session))
        .execution_options(synchronize_session=False)
    )
    if CANDIDATURE.allows(dossier.state, Action.ANNUL):
        dossier.state = CANDIDATURE.follow("La candidature", dossier.state, Action.ANNUL)
        dossier.closed_on = today(session)
    solution = dossier.configuration.solution.commercial_name
    why = f"La reprise du référencement antérieur de « {solution} » est retirée : {takeover.reason}"
    judge_facts_again(session, keep_dossier_standing(session, author, dossier, reason=why))
    detail = {"takeover": str(takeover.id), "reason": takeover.reason}
    record(session, author, "candidature.import_annulled", f"candidature:{dossier.id}", detail)


def _end(session: Session, takeover: Takeover, action: str, by: Account | None) -> None:
    takeover.state = TAKEOVER.follow("La reprise", takeover.state, TakeoverAction.END)
    takeover.ended_at = now(session)
    record(session, author_of(by), action, stream_of(takeover), queries.progress(session, takeover.id))


def author_of(account: Account | None) -> Author:
    """The account, or the application where whoever administers the machine did it."""
    return Actor(account.id, account.name, account.role) if account else SYSTEM


def stream_of(takeover: Takeover) -> str:
    return f"takeover:{takeover.id}"
