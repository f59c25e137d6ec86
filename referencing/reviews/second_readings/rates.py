"""How many first findings are read a second time: what a lead sets, and which rate a finding falls under."""

import secrets
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, joinedload

from referencing.base.db import after, new_id
from referencing.base.errors import NotFound
from referencing.base.permissions import Actor, Right, authorise
from referencing.catalogue.queries import refuse_unknown_chapters
from referencing.journal.operations import record
from referencing.reviews.queues.models import Arbiter, SecondReadingRate
from referencing.reviews.queues.verifiers import kept_still

NO_RATE = "Ce taux de seconde lecture n'existe pas ou plus : relisez la liste."
_STREAM = "queues"


def set_rate(
    session: Session,
    actor: Actor,
    *,
    chapter: str | None,
    verifier: UUID | None,
    rate: int,
    on_disagreement: Arbiter,
    seed: str | None,
) -> SecondReadingRate:
    """Set the rate of a chapter, a verifier, both together, or all when neither is named; it holds for what comes.

    Without a seed the one before goes on, or the first is made by chance. Raises NotFound for who is no verifier,
    Invalid for a chapter that no list has.
    """
    authorise(actor, Right.STEER_QUEUES)
    if chapter is not None:
        refuse_unknown_chapters(session, {"/chapter": chapter})
    if verifier is not None:
        kept_still(session, verifier)
    words: dict[str, Any] = {"rate": rate, "on_disagreement": on_disagreement}
    written = insert(SecondReadingRate).values(
        id=new_id(), chapter=chapter, verifier_id=verifier, seed=seed or secrets.token_hex(16), **words
    )
    stored_rate = session.scalars(
        written.on_conflict_do_update(
            index_elements=[SecondReadingRate.chapter, SecondReadingRate.verifier_id],
            set_=words | ({"seed": seed} if seed else {}),
        ).returning(SecondReadingRate),
        execution_options={"populate_existing": True},
    ).one()
    record(session, actor, "second_reading_rate.set", _STREAM, _event_detail(stored_rate))
    return stored_rate


def remove_rate(session: Session, actor: Actor, rate_id: UUID) -> None:
    """Remove a rate: a less specific one holds from now on, or none. Raises NotFound."""
    authorise(actor, Right.STEER_QUEUES)
    rate = session.get(SecondReadingRate, rate_id, with_for_update=True)
    if rate is None:
        raise NotFound(NO_RATE)
    session.delete(rate)
    record(session, actor, "second_reading_rate.removed", _STREAM, _event_detail(rate))


def rates(
    session: Session, actor: Actor, cursor: Sequence[Any] | None, limit: int
) -> Sequence[SecondReadingRate]:
    """The rates with their seeds, for a lead only: who knows them knows beforehand what will be drawn."""
    authorise(actor, Right.STEER_QUEUES)
    every = sa.select(SecondReadingRate).options(joinedload(SecondReadingRate.verifier))
    return session.scalars(after(every, [SecondReadingRate.id], cursor).limit(limit)).all()


def rate_for(session: Session, chapter: str | None, verifier: UUID) -> SecondReadingRate | None:
    """The most specific rate: of the verifier in the chapter, then of the verifier, of the chapter, of all."""
    return session.scalar(
        sa.select(SecondReadingRate)
        .where(
            SecondReadingRate.chapter.is_(None) | (SecondReadingRate.chapter == chapter),
            SecondReadingRate.verifier_id.is_(None) | (SecondReadingRate.verifier_id == verifier),
        )
        .order_by(SecondReadingRate.verifier_id.is_(None), SecondReadingRate.chapter.is_(None))
        .limit(1)
    )


def _event_detail(rate: SecondReadingRate) -> dict[str, Any]:
    return {
        "chapter": rate.chapter,
        "verifier": rate.verifier_id and str(rate.verifier_id),
        "rate": rate.rate,
        "on_disagreement": rate.on_disagreement.value,
        "seed": rate.seed,
    }
