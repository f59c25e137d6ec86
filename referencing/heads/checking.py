"""Whether the record is what it was: its chains, its tree, and the heads that were signed of it."""

from collections.abc import Iterable, Iterator, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.journal import operations as chains
from referencing.journal import tree
from referencing.journal.operations import Breach

from .models import Head
from .statements import Signed, Statement, holds, read


def read_heads(lines: Iterable[str]) -> list[Statement]:
    """The heads that somebody holds, a line each. Raises ValueError, with the line's number."""
    held = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                held.append(read(line))
            except ValueError as error:
                raise ValueError(f"line {number}: {error}") from error
    if not held:
        raise ValueError("there is no head in this file")
    return held


def verify(session: Session, held: Sequence[Signed] = ()) -> Iterator[Breach]:
    """Where the record is not what its chains, its tree, its own heads and those that somebody `held` say."""
    yield from chains.verify(session)
    kept = session.scalars(sa.select(Head).order_by(Head.id)).all()
    for head in kept:
        if not holds(head):
            yield Breach(tree.WHOLE, head.size, f"the head of {head.at:%Y-%m-%d %H:%M} was changed")
    pins = {(head.size, head.root): tree.Pin(head.size, head.root, head.at) for head in (*kept, *held)}
    yield from tree.verify(session, pins.values())
