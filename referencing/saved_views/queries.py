"""The saved views that somebody reads: their own, and for the agency those that a lead shares."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import Session, contains_eager

from referencing.base.db import after
from referencing.base.errors import NotFound
from referencing.base.permissions import Actor, Right, authorise

from .models import Listed, SavedView

#: What it takes to read each list.
READS: Mapping[Listed, Right] = {
    Listed.CANDIDATURES: Right.READ_CANDIDATURES,
    Listed.TASKS: Right.READ_QUEUES,
}


def saved_views(
    session: Session, actor: Actor, cursor: Sequence[Any] | None, limit: int, list_of: Listed
) -> Sequence[SavedView]:
    """The views of a list, in the order in which they were kept. Raises Forbidden for who does not read the list."""
    authorise(actor, Right.KEEP_VIEWS)
    authorise(actor, READS[list_of])
    select = _read_by(actor).where(SavedView.list_of == list_of)
    return session.scalars(after(select, [SavedView.id], cursor).limit(limit)).all()


def beside(
    session: Session, actor: Actor, list_of: Listed, filters: Collection[str], limit: int
) -> Sequence[SavedView]:
    """The views of a list that a page shows whole which takes no other `filters`, one's own before the others."""
    authorise(actor, Right.KEEP_VIEWS)
    authorise(actor, READS[list_of])
    unknown = SavedView.filters.op("-")(array(filters, type_=sa.Text))
    select = _read_by(actor).where(SavedView.list_of == list_of, unknown == sa.text("'{}'"))
    return session.scalars(
        select.order_by(SavedView.account_id != actor.account_id, SavedView.id).limit(limit)
    ).all()


def own_view(session: Session, actor: Actor, list_of: Listed, name: str) -> SavedView | None:
    """What the actor keeps of a list under that name."""
    own = SavedView.account_id == actor.account_id
    return session.scalar(
        sa.select(SavedView).where(own, SavedView.list_of == list_of, SavedView.name == name)
    )


def saved_view(session: Session, actor: Actor, view_id: UUID, *, lock: bool = False) -> SavedView:
    """Raises NotFound for a view that is kept from the actor as for none, Forbidden for one of a list as its list."""
    authorise(actor, Right.KEEP_VIEWS)
    select = _read_by(actor).where(SavedView.id == view_id)
    view = session.scalar(select.with_for_update(of=SavedView) if lock else select)
    if view is None:
        raise NotFound("Cette vue n'existe pas : relisez la liste.")
    authorise(actor, READS[view.list_of])
    return view


def _read_by(actor: Actor) -> sa.Select[SavedView]:
    own = SavedView.account_id == actor.account_id
    read = own if actor.own_organisation else own | SavedView.shared
    return sa.select(SavedView).join(SavedView.keeper).options(contains_eager(SavedView.keeper)).where(read)
