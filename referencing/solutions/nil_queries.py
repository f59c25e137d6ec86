"""Softwares by whose their NIL is, each beside those that one may take for it: for leads."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from referencing.accounts.visible_queries import readable_software
from referencing.base.db import after
from referencing.base.permissions import Actor, Right, authorise

from . import queries
from .models import NilStanding, Software, Solution
from .queries import nil_belongs

#: The look-alikes that are shown of each software.
MOST_ALIKE = 20

_BELONGS = {NilStanding.UNCONFIRMED: None, NilStanding.CONFIRMED: True, NilStanding.REFUSED: False}
_JUDGED = (joinedload(Software.organisation), selectinload(Software.nil_judgements))
_other = aliased(Software)
#: By what one takes a software for another: its NIL, or one of its names.
_looks = sa.union_all(
    sa.select(
        Software.id.label("software_id"), sa.literal("nil").label("kind"), Software.nil_look.label("look")
    ),
    sa.select(Software.id, sa.literal("name"), Software.name_look),
    sa.select(Solution.software_id, sa.literal("name"), Solution.name_look),
)


@dataclass(frozen=True, slots=True)
class NilClaim:
    """A software with its NIL, and the softwares of other technical cores whose NIL or name looks like its own."""

    software: Software
    alike: Sequence[Software]


def _rival(other: type[Software], software: type[Software] | Software) -> sa.ColumnElement[bool]:
    """Whether the other one, of another technical core, has the NIL of a software too, and it was not refused."""
    return sa.and_(
        other.nil_look == software.nil_look,
        other.core_id != software.core_id,
        sa.func.coalesce(nil_belongs(other), sa.true()),
    )


_contested = nil_belongs().is_(None) & sa.exists().where(_rival(_other, Software))


def rivals(session: Session, software: Software) -> Sequence[Software]:
    """Softwares of other technical cores that have a NIL too, but for those to which it was refused."""
    select = (
        sa.select(Software)
        .where(_rival(Software, software))
        .options(*_JUDGED)
        .order_by(Software.id)
        .execution_options(populate_existing=True)
    )
    return session.scalars(select).all()


def claims(
    session: Session,
    actor: Actor,
    cursor: Sequence[Any] | None,
    limit: int,
    *,
    standing: NilStanding | None = None,
    contested: bool | None = None,
) -> Sequence[NilClaim]:
    """Softwares in the order of registering, by how their NIL stands.

    `contested` chooses those that wait for a lead because another software has the NIL too.
    """
    authorise(actor, Right.JUDGE_NILS)
    select = sa.select(Software).where(readable_software(session, actor, Software)).options(*_JUDGED)
    if standing is not None:
        select = select.where(nil_belongs().is_not_distinct_from(_BELONGS[standing]))
    if contested is not None:
        select = select.where(_contested if contested else ~_contested)
    softwares = session.scalars(after(select, [Software.id], cursor).limit(limit)).all()
    alike = _alike(session, actor, softwares)
    return [NilClaim(software, alike[software.id]) for software in softwares]


def claim(session: Session, actor: Actor, software_id: UUID) -> NilClaim:
    """A software beside those that look alike. Raises NotFound."""
    authorise(actor, Right.JUDGE_NILS)
    software = queries.software(session, actor, software_id)
    return NilClaim(software, _alike(session, actor, [software])[software.id])


def _alike(session: Session, actor: Actor, softwares: Sequence[Software]) -> dict[UUID, list[Software]]:
    """The softwares that look like each of these."""
    alike: dict[UUID, list[Software]] = {software.id: [] for software in softwares}
    own, others = _looks.subquery("own"), _looks.subquery("others")
    pairs = (
        sa.select(own.c.software_id.label("of"), _other.id.label("other"))
        .join(others, (own.c.kind == others.c.kind) & (own.c.look == others.c.look))
        .join(Software, Software.id == own.c.software_id)
        .join(_other, (_other.id == others.c.software_id) & (_other.core_id != Software.core_id))
        .where(own.c.software_id.in_(alike), readable_software(session, actor, _other))
        .distinct()
        .subquery()
    )
    place = sa.func.row_number().over(partition_by=pairs.c.of, order_by=pairs.c.other)
    numbered = sa.select(pairs, place.label("place")).subquery()
    rows = session.execute(
        sa.select(numbered.c.of, Software)
        .join(Software, Software.id == numbered.c.other)
        .where(numbered.c.place <= MOST_ALIKE)
        .order_by(numbered.c.of, Software.id)
        .options(*_JUDGED)
    )
    for row in rows:
        alike[row.of].append(row.Software)
    return alike
