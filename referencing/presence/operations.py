"""Somebody looks at something, goes on looking, and is told who else of their own side does.

The agency sees the agency, an organisation itself: neither learns who of the other reads what.
"""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from referencing.accounts.models import Account
from referencing.base.db import now
from referencing.base.permissions import Actor, Role

from .models import Looker

#: How long somebody looks who does not say so again.
LASTS = timedelta(seconds=90)
#: How much of that is left when it is said again.
RENEWED = timedelta(seconds=45)
#: How long a row stays once nobody looks; then its account's next look at anything takes it away.
KEPT = timedelta(hours=1)


class Person(NamedTuple):
    id: UUID
    name: str
    role: Role


def look_at(session: Session, actor: Actor, place: UUID) -> Sequence[Person]:
    """Note that the actor looks at a place that they may read; everybody of their side who does, by name.

    One statement: what is no longer so is taken away with it. It waits for nobody once it has said so: two windows of
    one person, each at what the other had left long ago, would wait for each other.
    """
    at = now(session)
    row = {"account_id": actor.account_id, "place": place, "until": at + LASTS}
    arrived = insert(Looker).values(row)
    said = arrived.on_conflict_do_update(
        index_elements=[Looker.account_id, Looker.place], set_={"until": arrived.excluded.until}
    )
    here = said.returning(Looker.place).cte("here")
    left = (
        sa.select(Looker.account_id, Looker.place)
        .where(Looker.account_id == actor.account_id, Looker.until < at - KEPT)
        .where(Looker.place != sa.select(here.c.place).scalar_subquery())
        .with_for_update(skip_locked=True)
        .cte("left_long_ago")
    )
    long_gone = sa.delete(Looker).where(Looker.account_id == left.c.account_id, Looker.place == left.c.place)
    there = sa.select(Looker.account_id).where(Looker.place == place, Looker.until > at)
    own = sa.select(sa.literal(actor.account_id, sa.Uuid()))
    lookers = (
        sa.select(Account.id, Account.name, Account.role)
        .where(Account.id.in_(there.union_all(own)))
        .where(Account.organisation_id.is_not_distinct_from(actor.organisation_id))
        .order_by(Account.name, Account.id)
        .add_cte(long_gone.cte("long_gone"))
    )
    return [Person(*row) for row in session.execute(lookers)]


def go_on(session: Session, looks: Collection[tuple[UUID, UUID]]) -> None:
    """Renew what accounts look at still, in one statement that waits for nobody who does the same."""
    at = now(session)
    due = (
        sa.select(Looker.account_id, Looker.place)
        .where(sa.tuple_(Looker.account_id, Looker.place).in_(looks), Looker.until < at + RENEWED)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    renewed = sa.update(Looker).where(Looker.account_id == due.c.account_id, Looker.place == due.c.place)
    session.execute(renewed.values(until=at + LASTS).execution_options(synchronize_session=False))
