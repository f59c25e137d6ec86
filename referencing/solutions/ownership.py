"""Whose a NIL is: an editor says it, the agency confirms or refuses it, and until then no certificate of it counts.

An editor never learns that another organisation has the NIL too: registering asks nobody else, and what is not
confirmed stands alike whether others have it or not.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from referencing.base.db import new_id, now
from referencing.base.errors import Conflict
from referencing.base.jobs import enqueue
from referencing.base.permissions import Actor, Right, authorise
from referencing.journal.operations import Author, record

from . import nil_queries, queries
from .cores import embedders, lock_softwares
from .models import NilJudgement, NilStanding, Software
from .nils import clean_nil, look


def confirm_nil(session: Session, actor: Actor, software_id: UUID, reason: str) -> Software:
    """Say that a NIL is a software's: its certificates count from now on.

    Nothing changes when that was said already. Raises NotFound, Conflict when it is confirmed for another software.
    """
    software, rivals = _locked(session, actor, software_id)
    owner = next((one for one in rivals if one.nil_standing is NilStanding.CONFIRMED), None)
    if owner is not None:
        raise Conflict(
            f"Ce NIL est confirmé pour le logiciel « {owner.name} » ({owner.organisation.name}) : refusez-le d'abord "
            f"à celui-là (/api/v1/softwares/{owner.id}/nil-refusal)."
        )
    if software.nil_standing is not NilStanding.CONFIRMED:
        _judge(session, actor, software, reason, belongs=True)
        _enqueue_resolution(session, software)
    return software


def refuse_nil(session: Session, actor: Actor, software_id: UUID, reason: str) -> Software:
    """Say that a NIL is not a software's: its editor reads the reason, and corrects the NIL.

    Raises NotFound, and Conflict while others embed it under this NIL: what was verified on it serves them.
    """
    software, _ = _locked(session, actor, software_id)
    if embedders(session, software.id):
        raise Conflict(
            "D'autres logiciels embarquent celui-ci sous ce NIL : révoquez d'abord ces embarquements "
            f"(/api/v1/components/{software.id}/embeddings)."
        )
    if software.nil_standing is not NilStanding.REFUSED:
        _judge(session, actor, software, reason, belongs=False)
        _enqueue_resolution(session, software)
    return software


def correct_nil(session: Session, actor: Actor, software_id: UUID, nil: str) -> Software:
    """Give a software of one's own another NIL than one that is not confirmed. Raises NotFound, Conflict."""
    authorise(actor, Right.REGISTER_SOLUTIONS)
    software = queries.software(session, actor, software_id, lock=True)
    before, software_nil = software.nil, clean_nil(nil)
    if before == software_nil:
        return software
    if software.nil_standing is NilStanding.CONFIRMED:
        raise Conflict("L'agence a confirmé le NIL de ce logiciel : demandez-lui de le corriger.")
    twin = session.scalar(queries.of_nil(software.organisation_id, nil).where(Software.id != software.id))
    if twin is not None:
        raise Conflict(f"Votre organisation a déjà un logiciel de NIL « {twin.nil} » : utilisez-le.")
    software.nil, software.nil_look = software_nil, look(software_nil)
    detail = {"nil": software_nil, "before": before}
    record(session, actor, "software.nil_corrected", _stream(software), detail)
    _enqueue_resolution(session, software)
    return software


def vouch_for_nil(session: Session, author: Author, software: Software, reason: str) -> bool:
    """Confirm a NIL by what the agency does for its software; answers whether it is confirmed now.

    It stays as it is where it was refused, or where another software has it too: a lead then says whose it is.
    Who calls has the software resolved.
    """
    if software.nil_standing is NilStanding.UNCONFIRMED and not nil_queries.rivals(session, software):
        _judge(session, author, software, reason, belongs=True)
    return software.nil_standing is NilStanding.CONFIRMED


def _locked(session: Session, actor: Actor, software_id: UUID) -> tuple[Software, Sequence[Software]]:
    """A software and those that have its NIL too, with their technical cores locked."""
    authorise(actor, Right.JUDGE_NILS)
    software = queries.software(session, actor, software_id)
    lock_softwares(session, [software.id, *(one.id for one in nil_queries.rivals(session, software))])
    rivals = nil_queries.rivals(session, software)
    queries.refuse_to_judge(session, actor, software.id, *(one.id for one in rivals))
    return software, rivals


def _judge(session: Session, author: Author, software: Software, reason: str, *, belongs: bool) -> None:
    judgement = NilJudgement(
        id=new_id(),
        nil=software.nil,
        belongs=belongs,
        reason=reason,
        judged_by=author.account_id,
        judged_at=now(session),
    )
    software.nil_judgements.append(judgement)
    session.flush()
    action = "software.nil_confirmed" if belongs else "software.nil_refused"
    record(session, author, action, _stream(software), {"nil": software.nil, "reason": reason})


def _enqueue_resolution(session: Session, software: Software) -> None:
    enqueue(session, "resolve_software", core_id=str(software.core_id))


def _stream(software: Software) -> str:
    return f"software:{software.id}"
