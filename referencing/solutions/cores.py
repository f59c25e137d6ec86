"""Joining and parting technical cores: one update of the softwares, which the keys carry to all that hangs on them."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import end_of, new_id, now
from referencing.base.errors import Unavailable

from .components import cores
from .models import Embedding, Identity, Software
from .queries import lock_cores

_MOVED = "Ces logiciels viennent de changer : réessayez dans un instant."


def lock_softwares(session: Session, softwares: Sequence[UUID]) -> Sequence[Software]:
    """The softwares, in the order of their ids, with their cores locked in that order. Raises Unavailable."""
    core = sa.select(Software.core_id).where(Software.id.in_(softwares)).distinct()
    core_ids = {*session.scalars(core)}
    lock_cores(session, core_ids)
    locked = session.scalars(
        sa.select(Software)
        .where(Software.id.in_(softwares))
        .order_by(Software.id)
        .execution_options(populate_existing=True)
    ).all()
    if {one.core_id for one in locked} != core_ids:  # joined or parted while this waited
        raise Unavailable(_MOVED)
    return locked


def embedders(session: Session, software_id: UUID, *, ever: bool = False) -> set[UUID]:
    """The softwares that embed this one as a component, by a word that was not taken back; or that `ever` did."""
    standing = sa.true() if ever else Embedding.revoked_on.is_(None)
    return {
        *session.scalars(sa.select(Embedding.software_id).where(Embedding.maker_id == software_id, standing))
    }


def lock_with_embedders(session: Session, software_id: UUID) -> Sequence[UUID]:
    """Lock the core of a software with those of the softwares that embed it; answers these cores, its own first.

    Those that did are among them: what was decided then may lean on it still. Raises Unavailable.
    """
    embedding = embedders(session, software_id, ever=True)
    locked = {one.id: one.core_id for one in lock_softwares(session, [software_id, *embedding])}
    if embedders(session, software_id, ever=True) != embedding:  # accepted while this waited
        raise Unavailable(_MOVED)
    own = locked.pop(software_id)
    return [own, *sorted({*locked.values()} - {own})]


def join(session: Session, software: UUID, other: UUID, accepted_by: UUID) -> Identity:
    """Make two softwares one technical core; the caller has locked both cores."""
    first, second = sorted((software, other))
    identity = Identity(
        id=new_id(), first_id=first, second_id=second, accepted_by=accepted_by, accepted_at=now(session)
    )
    session.add(identity)
    session.flush()
    _regroup(session, [first, second])
    return identity


def part(session: Session, identity: Identity) -> None:
    """Withdraw an identity; softwares that other identities join stay one core. The caller has locked it."""
    identity.withdrawn_at = now(session)
    session.flush()
    _regroup(session, [identity.first_id, identity.second_id])


def cores_without(session: Session, identity: Identity) -> Mapping[UUID, UUID]:
    """The core that each software of an identity's present core would have if it were withdrawn."""
    softwares = _together(session, [identity.first_id, identity.second_id])
    return cores(softwares, _standing(session, softwares, without=identity.id))


def one_on(session: Session, software_id: UUID, day: date) -> Sequence[UUID]:
    """The softwares that were one technical core with this one at the end of a day in Paris, itself included."""
    end = end_of(day)
    identities = session.execute(
        sa.select(Identity.first_id, Identity.second_id).where(
            Identity.accepted_at < end,
            sa.or_(Identity.withdrawn_at.is_(None), Identity.withdrawn_at >= end),
        )
    )
    then = [(identity.first_id, identity.second_id) for identity in identities]
    core_of = cores({software_id, *(one for pair in then for one in pair)}, then)
    return sorted(one for one, core in core_of.items() if core == core_of[software_id])


def _together(session: Session, softwares: Sequence[UUID]) -> Sequence[UUID]:
    """All softwares of the cores of these softwares."""
    core = sa.select(Software.core_id).where(Software.id.in_(softwares))
    return session.scalars(sa.select(Software.id).where(Software.core_id.in_(core))).all()


def _standing(
    session: Session, softwares: Sequence[UUID], without: UUID | None = None
) -> Sequence[tuple[UUID, UUID]]:
    identities = sa.select(Identity.first_id, Identity.second_id).where(
        Identity.first_id.in_(softwares),
        Identity.withdrawn_at.is_(None),
        Identity.id.is_distinct_from(without),
    )
    return [(identity.first_id, identity.second_id) for identity in session.execute(identities)]


def _regroup(session: Session, softwares: Sequence[UUID]) -> None:
    """Give each software of these cores the core that the standing identities say."""
    together = _together(session, softwares)
    wanted = cores(together, _standing(session, together))
    # A row that hangs on two parents gets its core from both, one after the other.
    session.execute(sa.text("SET CONSTRAINTS ALL DEFERRED"))
    for core in sorted(set(wanted.values())):
        theirs = [software for software, its in wanted.items() if its == core]
        session.execute(
            sa.update(Software)
            .where(Software.id.in_(theirs), Software.core_id != core)
            .values(core_id=core)
            .execution_options(synchronize_session=False)
        )
    session.execute(sa.text("SET CONSTRAINTS ALL IMMEDIATE"))
    session.expire_all()
