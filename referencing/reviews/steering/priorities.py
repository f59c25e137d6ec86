"""A lead's decisions about the queues: how many working days each has, and what comes first for a while."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from referencing.base.db import after, new_id, now, today
from referencing.base.errors import Conflict, FieldError, Invalid, NotFound, invalid_field
from referencing.base.permissions import Actor, Right, authorise
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.tasks.models import Boost, Budget, Queue
from referencing.candidatures.tasks.position import order_queues
from referencing.catalogue.models import Dsr
from referencing.catalogue.proposals import Guichet
from referencing.catalogue.queries import refuse_unknown_chapters
from referencing.journal.operations import record
from referencing.reviews.queues.queries import queue_named
from referencing.solutions.queries import refuse_to_judge

NO_BOOST = "Cette priorité n'existe pas ou a pris fin : relisez la liste."
_STREAM = "queues"


def set_budget(session: Session, actor: Actor, queue: str, guichet: Guichet | None, days: int) -> Budget:
    """The working days of a queue's tasks, or of those about one guichet's proofs; open tasks follow."""
    authorise(actor, Right.STEER_QUEUES)
    chosen = queue_named(queue)
    if guichet is not None and chosen is Queue.ADMISSIBILITY:
        raise invalid_field("guichet", "Une recevabilité ne relève d'aucun guichet : retirez-le.")
    written = insert(Budget).values(id=new_id(), queue=chosen, guichet=guichet, days=days)
    budget = session.scalars(
        written.on_conflict_do_update(
            index_elements=[Budget.queue, Budget.guichet], set_={"days": days}
        ).returning(Budget),
        execution_options={"populate_existing": True},
    ).one()
    detail = {"queue": chosen.value, "guichet": guichet and guichet.value, "days": days}
    record(session, actor, "budget.set", _STREAM, detail)
    order_queues(session)
    return budget


def budgets(session: Session, actor: Actor) -> Sequence[Budget]:
    """The budgets that were set; a queue without one has 15 days."""
    authorise(actor, Right.READ_QUEUES)
    return session.scalars(sa.select(Budget).order_by(Budget.queue, Budget.guichet.nulls_first())).all()


@dataclass(frozen=True, slots=True)
class WantedBoost:
    """What is to come first: the tasks that have all that is named."""

    queue: Queue | None
    chapter: str | None
    dispositif: str | None
    vague: int | None
    candidature: UUID | None
    weight: int
    reason: str
    ends_on: date


def boost(session: Session, actor: Actor, wanted: WantedBoost) -> Boost:
    """Put tasks first until a day (included).

    Raises Invalid when nothing is named, or what is not there, Forbidden for a dossier with whose organisation the
    actor has a conflict of interest, Conflict when that is so already.
    """
    boost = add_boost(session, actor, wanted)
    order_queues(session)
    return boost


def add_boost(session: Session, actor: Actor, wanted: WantedBoost) -> Boost:
    """Add a boost, for `order_queues` to be called once after several. Raises as `boost`."""
    authorise(actor, Right.STEER_QUEUES)
    criteria = (wanted.queue, wanted.chapter, wanted.dispositif, wanted.vague, wanted.candidature)
    if all(criterion is None for criterion in criteria):
        raise Invalid(
            "Dites ce qui passe en priorité : une file, un chapitre, un dispositif, une vague ou une candidature."
        )
    if wanted.chapter is not None:
        refuse_unknown_chapters(session, {"/chapter": wanted.chapter})
    if wanted.ends_on < today(session):
        raise Invalid("Cette date est passée.", [FieldError("/ends_on", "Donnez un jour à venir.")])
    if wanted.candidature is not None:
        candidature = session.get(Candidature, wanted.candidature)
        if candidature is None:
            raise Invalid("Candidature inconnue.", [FieldError("/candidature", "Vérifiez l'identifiant.")])
        refuse_to_judge(session, actor, candidature.software_id)
    _refuse_idle(session, wanted)
    boost: Boost | None = session.scalar(
        insert(Boost)
        .values(
            id=new_id(),
            queue=wanted.queue,
            chapter=wanted.chapter,
            dispositif=wanted.dispositif,
            vague=wanted.vague,
            candidature_id=wanted.candidature,
            weight=wanted.weight,
            reason=wanted.reason,
            ends_on=wanted.ends_on,
        )
        .on_conflict_do_nothing(index_elements=Boost.IN_FORCE, index_where=Boost.ended_at.is_(None))
        .returning(Boost)
    )
    if boost is None:
        raise Conflict("Cette priorité est déjà donnée, jusqu'au même jour : relisez la liste.")
    record(session, actor, "boost.made", _STREAM, _event_detail(boost))
    return boost


def _refuse_idle(session: Session, wanted: WantedBoost) -> None:
    """Raises Invalid for a dispositif or a vague that no DSR has."""
    of_dsrs = (("dispositif", Dsr.dispositif, wanted.dispositif), ("vague", Dsr.vague, wanted.vague))
    for name, column, value in of_dsrs:
        if value is not None and session.scalar(sa.select(Dsr.id).where(column == value).limit(1)) is None:
            raise invalid_field(name, f"Aucun DSR n'a pour {name} « {value} » : voyez la liste des DSR.")


def end_boost(session: Session, actor: Actor, boost_id: UUID) -> None:
    """End a boost before its day. Raises NotFound, Conflict when it has ended already."""
    authorise(actor, Right.STEER_QUEUES)
    boost = session.get(Boost, boost_id, with_for_update=True)
    if boost is None:
        raise NotFound(NO_BOOST)
    if boost.ended_at is not None:
        raise Conflict("Cette priorité a déjà pris fin.")
    boost.ended_at = now(session)
    session.flush()
    record(session, actor, "boost.ended", _STREAM, _event_detail(boost))
    order_queues(session)


def boosts(session: Session, actor: Actor, cursor: Sequence[Any] | None, limit: int) -> Sequence[Boost]:
    """The boosts that are in force."""
    authorise(actor, Right.READ_QUEUES)
    in_force = sa.select(Boost).where(Boost.ended_at.is_(None), Boost.ends_on >= today(session))
    return session.scalars(after(in_force, [Boost.id], cursor).limit(limit)).all()


def _event_detail(boost: Boost) -> dict[str, Any]:
    return {
        "boost": str(boost.id),
        "queue": boost.queue and boost.queue.value,
        "chapter": boost.chapter,
        "dispositif": boost.dispositif,
        "vague": boost.vague,
        "candidature": boost.candidature_id and str(boost.candidature_id),
        "weight": boost.weight,
        "reason": boost.reason,
        "ends_on": boost.ends_on.isoformat(),
    }
