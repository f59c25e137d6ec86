"""Telling leads that a reuse was confirmed of several softwares, which may become a rule for all, or was refused."""

import hashlib
import json
from datetime import timedelta
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from referencing.accounts.queries import leads
from referencing.base.db import new_id, now
from referencing.base.jobs import enqueue
from referencing.equivalence.grants.models import Grant, GrantState
from referencing.mail.operations import write

from .models import ReuseNotice
from .queries import DecidedReuse, same_reuse
from .states import Outcome

#: So long after a decision leads are told: who decided may have taken it back meanwhile.
_AFTER = timedelta(minutes=20)
#: From so many softwares on, what was confirmed of each may be said of all.
SEVERAL = 2


def tell_later(session: Session, grant: Grant) -> None:
    """Have leads told of a decision on a reuse, unless it is taken back."""
    enqueue(session, "tell_of_reuse", delay=_AFTER, grant=str(grant.id))


def tell_of_reuse(session: Session, grant: str) -> None:
    """Tell the leads, once for each reuse and outcome, what verifiers decided of it."""
    decided = session.get_one(Grant, UUID(grant))
    if decided.decided_at is None or decided.decided_at > now(session) - _AFTER:
        return  # taken back since, or decided again: another job tells of that
    reuse = same_reuse(session, decided)
    outcome = Outcome.REFUSED if decided.state is GrantState.REFUSED else Outcome.CONFIRMED
    if outcome is Outcome.CONFIRMED and (reuse.confirmed < SEVERAL or reuse.refused):
        return
    digest = hashlib.sha256(json.dumps(reuse.key).encode()).hexdigest()
    if _keep(session, decided, reuse, digest, outcome):
        subject, text = _letter(reuse, outcome)
        for lead in leads(session):
            write(session, lead, f"reuse:{digest}:{outcome}", subject, text)


def _keep(session: Session, decided: Grant, reuse: DecidedReuse, digest: str, outcome: Outcome) -> bool:
    """Keep what is told; whether it had not been told before."""
    told = session.scalar(
        insert(ReuseNotice)
        .values(
            id=new_id(),
            digest=digest,
            outcome=outcome,
            proof_code=reuse.proof,
            sources=reuse.sources,
            clauses=reuse.clauses,
            confirmed=reuse.confirmed,
            refused=reuse.refused,
            grant_id=decided.id,
            told_at=now(session),
        )
        .on_conflict_do_nothing(index_elements=[ReuseNotice.digest, ReuseNotice.outcome])
        .returning(ReuseNotice.id)
    )
    return told is not None


def _letter(reuse: DecidedReuse, outcome: Outcome) -> tuple[str, str]:
    """The subject and the text of what leads are told."""
    by = " + ".join(reuse.sources)
    if outcome is Outcome.REFUSED:
        said = f"Un vérificateur a refusé le réemploi de {by} pour {reuse.proof}. Relisez la règle qui le propose."
        subject = f"Réemploi refusé : {reuse.proof}"
    else:
        said = (
            f"Le réemploi de {by} pour {reuse.proof} a été confirmé pour {reuse.confirmed} logiciels et refusé pour "
            "aucun. Il peut devenir une règle pour tous."
        )
        subject = f"Réemploi confirmé pour plusieurs logiciels : {reuse.proof}"
    where = "« Réemplois confirmés ou refusés », dans les règles, dit qui a décidé quoi, et pourquoi."
    return subject, f"Bonjour,\n\n{said}\n\n{where}\n"
