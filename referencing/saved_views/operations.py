"""Keeping a view of a list, changing it, sharing it with the agency, and removing it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.accounts.models import Account
from referencing.base.db import new_id
from referencing.base.errors import Conflict, Forbidden, Stale
from referencing.base.permissions import Actor, Right, authorise, may

from .models import SavedView
from .queries import READS, saved_view
from .states import ViewAction

#: Views of one list that one person keeps at the most.
MOST_VIEWS = 50


def keep(session: Session, actor: Actor, words: Mapping[str, Any]) -> SavedView:
    """Raises Conflict for a name that the actor has given to another view, and beyond MOST_VIEWS; Forbidden."""
    authorise(actor, Right.KEEP_VIEWS)
    _alone(session, actor)
    own = sa.select(sa.func.count()).where(
        SavedView.account_id == actor.account_id, SavedView.list_of == words["list_of"]
    )
    if session.scalars(own).one() >= MOST_VIEWS:
        raise Conflict(f"Vous gardez déjà {MOST_VIEWS} vues de cette liste : supprimez-en une d'abord.")
    view = SavedView(id=new_id(), account_id=actor.account_id)
    _write(session, actor, view, words)
    session.add(view)
    session.flush()
    return view


def change(
    session: Session, actor: Actor, view_id: UUID, revision: int, words: Mapping[str, Any]
) -> SavedView:
    """Write it anew. Raises NotFound, Forbidden for another's view, Stale on an old revision, Conflict."""
    _alone(session, actor)
    view = _locked(session, actor, view_id, revision, ViewAction.CHANGE)
    if words["list_of"] != view.list_of:
        raise Conflict("Une vue reste celle de sa liste : gardez-en une autre pour cette liste-là.")
    _write(session, actor, view, words)
    view.revision += 1
    session.flush()
    return view


def remove(session: Session, actor: Actor, view_id: UUID, revision: int) -> None:
    """Raises NotFound, Forbidden for another's view, Stale on an old revision."""
    session.delete(_locked(session, actor, view_id, revision, ViewAction.REMOVE))
    session.flush()


def is_hindered(view: SavedView, actor: Actor, action: ViewAction) -> bool:
    """A view is its keeper's; one that is shared, any lead takes away."""
    tidies = action is ViewAction.REMOVE and view.shared and may(actor, Right.STEER_QUEUES)
    return view.account_id != actor.account_id and not tidies


def _alone(session: Session, actor: Actor) -> None:
    """One person's views are written one after the other: they are counted, and one opens a list."""
    own = sa.select(Account.id).where(Account.id == actor.account_id)
    session.execute(own.with_for_update(key_share=True))


def _locked(session: Session, actor: Actor, view_id: UUID, revision: int, action: ViewAction) -> SavedView:
    view = saved_view(session, actor, view_id, lock=True)
    if is_hindered(view, actor, action):
        raise Forbidden(f"Cette vue est celle de {view.keeper.name} : gardez la vôtre sous un autre nom.")
    if view.revision != revision:
        raise Stale("Cette vue a changé entre-temps : relisez-la et recommencez.")
    return view


def _write(session: Session, actor: Actor, view: SavedView, words: Mapping[str, Any]) -> None:
    authorise(actor, READS[words["list_of"]])
    if words["shared"]:
        authorise(actor, Right.STEER_QUEUES)
    others = sa.and_(
        SavedView.account_id == view.account_id,
        SavedView.list_of == words["list_of"],
        SavedView.id != view.id,
    )
    if session.scalar(sa.select(SavedView.id).where(others, SavedView.name == words["name"])):
        raise Conflict("Vous avez déjà une vue de ce nom : donnez-en un autre.")
    if words["opens"]:
        session.execute(sa.update(SavedView).where(others, SavedView.opens).values(opens=False))
    for key, value in words.items():
        setattr(view, key, value)
