"""Keeping how each item stands, as it changes, so that its past can be told.

A change of one item that goes through the session is kept as it is flushed, whoever makes it; statements that change
many items at once say so here.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapper, Session, object_session

from referencing.base.db import any_of, insert_rows, new_id, now
from referencing.equivalence.engine.formats import dump_item
from referencing.equivalence.engine.resolution import Item as Answer

from .models import Item, ItemStanding
from .states import ItemState

Row = Mapping[str, Any]


def standing_row(
    item_id: UUID,
    state: ItemState,
    grant_id: UUID | None,
    *,
    reason: str | None = None,
    answer: Row | None = None,
    rulebook_id: UUID | None = None,
) -> Row:
    """A row of `ItemStanding`, but for its times."""
    return {
        "id": new_id(),
        "item_id": item_id,
        "state": state,
        "grant_id": grant_id,
        "reason": reason,
        "answer": answer,
        "rulebook_id": rulebook_id,
    }


def unsettled(state: ItemState, answer: Answer) -> dict[str, Any] | None:
    """The engine's answer for an item that stands on no grant, where it says more than the state does."""
    if state is ItemState.AWAITING or (state is ItemState.REQUIRED and answer.blocked):
        return dump_item(answer)
    return None


def begin_standings(executor: Session | sa.Connection, rows: Sequence[Row], at: datetime) -> None:
    """From `at` on each of these items stands as its row says, and no more as it did."""
    if not rows:
        return
    _end_standings(executor, rows, at)
    begin_first_standings(executor, rows, at)


def begin_first_standings(executor: Session | sa.Connection, rows: Sequence[Row], at: datetime) -> None:
    """From `at` on each of these items, of which nothing is kept yet, stands as its row says."""
    insert_rows(executor, ItemStanding, [{**row, "started_at": at} for row in rows])


def _end_standings(executor: Session | sa.Connection, rows: Sequence[Row], at: datetime) -> None:
    ending = sa.update(ItemStanding).where(
        any_of(ItemStanding.item_id, [row["item_id"] for row in rows]), ItemStanding.ended_at.is_(None)
    )
    executor.execute(ending.values(ended_at=at), execution_options={"synchronize_session": False})


def keep_standings(session: Session, items: Sequence[UUID]) -> None:
    """Keep how these items stand after a statement changed them."""
    changed = sa.select(Item.id, Item.state, Item.grant_id, Item.reason).where(any_of(Item.id, items))
    rows = [
        standing_row(row.id, row.state, row.grant_id, reason=row.reason) for row in session.execute(changed)
    ]
    begin_standings(session, rows, now(session))


@sa.event.listens_for(Item, "after_update")
def _keep_standing(_: Mapper[Item], connection: sa.Connection, item: Item) -> None:
    state = sa.inspect(item)
    session = object_session(item)
    if session and any(state.attrs[key].history.has_changes() for key in ("state", "grant_id", "reason")):
        begin_standings(
            connection,
            [standing_row(item.id, item.state, item.grant_id, reason=item.reason)],
            now(session),
        )
