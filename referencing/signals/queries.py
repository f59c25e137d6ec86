"""Reading signals: auditors read all of them, and whoever has a receipt the state of its signal."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import after
from referencing.base.errors import NotFound
from referencing.base.permissions import Actor, Right, authorise

from .models import Signal, SignalAuthor
from .states import SignalState

NO_SIGNAL = "Ce signalement n'existe pas : vérifiez son identifiant."
NO_RECEIPT = "Aucun signalement n'a ce numéro de récépissé : vérifiez-le."
NO_AUTHOR = "L'auteur de ce signalement n'a pas laissé de coordonnées, ou elles ont été effacées."


def signals(
    session: Session,
    actor: Actor,
    cursor: Sequence[Any] | None,
    limit: int,
    *,
    state: SignalState | None = None,
) -> Sequence[Signal]:
    """The signals, in the order of receiving."""
    authorise(actor, Right.HANDLE_SIGNALS)
    select = sa.select(Signal)
    if state is not None:
        select = select.where(Signal.state == state)
    return session.scalars(after(select, [Signal.id], cursor).limit(limit)).all()


def signal(session: Session, actor: Actor, signal_id: UUID, *, lock: bool = False) -> Signal:
    """A signal, for auditors. Raises NotFound."""
    authorise(actor, Right.HANDLE_SIGNALS)
    select = sa.select(Signal).where(Signal.id == signal_id).execution_options(populate_existing=True)
    existing = session.scalar(select.with_for_update() if lock else select)
    if existing is None:
        raise NotFound(NO_SIGNAL)
    return existing


def has_author(session: Session, ids: Sequence[UUID]) -> frozenset[UUID]:
    """The ids of those signals whose author left something to be reached by."""
    left = sa.select(SignalAuthor.signal_id).where(SignalAuthor.signal_id.in_(ids))
    return frozenset(session.scalars(left))


def by_receipt(session: Session, receipt: str) -> Signal:
    """The signal of a receipt number, which may be copied by hand. Raises NotFound."""
    signal = session.scalar(sa.select(Signal).where(Signal.receipt == receipt.strip().upper()))
    if signal is None:
        raise NotFound(NO_RECEIPT)
    return signal
