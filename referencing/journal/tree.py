"""The journal as leaves of one tree: entries take their places in it once none can come before them any more.

No writer waits for it: one job at a time appends what is certain, in the order of the positions.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from .merkle import HASH, HEIGHT, WIDTH, Growth, Tiles, consistency, inclusion, leaf_hash
from .models import Entry, Tile
from .operations import Breach
from .queries import certain

GROWING = 7_201_516  # the number of a lock, the same for all processes
AT_ONCE = 10_000
#: What breaches name that are of no stream.
WHOLE = "journal"

_LEAVES = sa.select(Entry.position, Entry.organisation_id, Entry.digest, Entry.stream, Entry.number).order_by(
    Entry.position
)


class Leaf(NamedTuple):
    """What an entry is in the tree: its place, whose it is, and the seal, under which the rest of it stands."""

    position: int
    organisation_id: UUID | None
    digest: str

    @property
    def hash(self) -> bytes:
        owner = str(self.organisation_id) if self.organisation_id else None
        content = {"digest": self.digest, "organisation_id": owner, "position": self.position}
        return leaf_hash(json.dumps(content, sort_keys=True, separators=(",", ":")).encode())


@dataclass(frozen=True, slots=True)
class Pin:
    """The root that somebody noted at `at`, when the tree had `size` leaves."""

    size: int
    root: bytes
    at: datetime


def grow(session: Session) -> Growth:
    """Append the entries that are certain; answers the tree. One transaction at a time does so."""
    session.execute(sa.select(sa.func.pg_advisory_xact_lock(GROWING)))
    size, last = _end(session)
    unfinished = [_tile(session, level, size >> HEIGHT * (level + 1)) for level in range(_levels(size))]
    growth, until = Growth(unfinished, size), certain(session)
    while rows := session.execute(
        _LEAVES.where(Entry.position.between(last + 1, until)).limit(AT_ONCE)
    ).all():
        for row in rows:
            last = row.position
            _keep(session, growth.add(Leaf(*row[:3]).hash), last)
        _keep(session, growth.rest(), last)
    return growth


def prove_consistent(session: Session, first: int, second: int) -> list[bytes]:
    """The proof that the tree of `first` leaves is the beginning of that of `second`; it has as many, or more."""
    return consistency(_tiles(session), first, second)


def place_of(session: Session, position: int) -> int | None:
    """The place among the leaves, from 0, of the entry at a position; None while it has none yet."""
    tile = session.scalar(sa.select(Tile).where(Tile.last >= position).order_by(Tile.last).limit(1))
    if tile is None:
        return None
    behind = sa.select(sa.func.count()).where(Entry.position > position, Entry.position <= tile.last)
    return tile.place * WIDTH + len(tile.hashes) // HASH - 1 - session.scalars(behind).one()


def prove_included(session: Session, place: int, size: int) -> list[bytes]:
    """The path from the leaf at a place to the root of the tree of `size` leaves, which has it."""
    return inclusion(_tiles(session), place, size)


def verify(session: Session, pins: Iterable[Pin]) -> Iterator[Breach]:
    """Make the tree again from the entries; answers where it is not as kept, and which pins it does not lead to.

    Reads the journal once, in blocks: what is in memory does not grow with it.
    """
    waiting = sorted(pins, key=lambda pin: pin.size, reverse=True)
    check = _Check(session)
    growth = Growth()
    rows = session.execute(_LEAVES.execution_options(yield_per=1000))
    yield from _reached(waiting, growth)
    for row in rows:
        check.latest.append((row.stream, row.number))
        yield from check.tiles(growth.add(Leaf(*row[:3]).hash))
        yield from _reached(waiting, growth)
    yield from check.tiles(growth.rest())
    size, _ = _end(session)
    if size > growth.size:
        yield Breach(WHOLE, growth.size + 1, f"{size - growth.size} entries are missing at the end")
    for pin in reversed(waiting):
        yield Breach(WHOLE, growth.size + 1, f"the head of {pin.at:%Y-%m-%d %H:%M} had {pin.size} entries")


class _Check:
    """Tiles as they are made again, against those that are kept; the first entry that is another one is named."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.latest: list[tuple[str, int]] = []
        self.broken = False

    def tiles(self, made: Iterable[tuple[int, int, bytes]]) -> Iterator[Breach]:
        for level, place, hashes in made:
            kept = _tile(self.session, level, place)
            names, self.latest = self.latest, [] if level == 0 else self.latest
            if self.broken or hashes.startswith(kept):
                continue
            self.broken = True
            if level:
                yield Breach(
                    WHOLE, (place + 1) * WIDTH ** (level + 1), "the tree was changed after it was made"
                )
                continue
            other = next(at for at in range(WIDTH) if _hash(hashes, at) != _hash(kept, at))
            stream, number = names[other] if other < len(names) else (WHOLE, place * WIDTH + other + 1)
            yield Breach(
                stream, number, f"the entry is not the one that has place {place * WIDTH + other + 1}"
            )


def _hash(hashes: bytes, at: int) -> bytes:
    return hashes[at * HASH : (at + 1) * HASH]


def _reached(waiting: list[Pin], growth: Growth) -> Iterator[Breach]:
    """Take the pins of this size from those that wait."""
    while waiting and waiting[-1].size <= growth.size:
        pin = waiting.pop()
        if growth.size != pin.size or growth.root() != pin.root:
            detail = f"the first {pin.size} entries are not those of the head of {pin.at:%Y-%m-%d %H:%M}"
            yield Breach(WHOLE, pin.size, detail)


def _end(session: Session) -> tuple[int, int]:
    """How many leaves there are, and the position of the last one."""
    last = session.scalar(sa.select(Tile).where(Tile.level == 0).order_by(Tile.place.desc()).limit(1))
    return (last.place * WIDTH + len(last.hashes) // HASH, last.last or 0) if last else (0, 0)


def _levels(size: int) -> int:
    return max(1, -(-size.bit_length() // HEIGHT))


def _tiles(session: Session) -> Tiles:
    """The tiles as a proof asks for them, each read once."""
    return cache(partial(_tile, session))


def _tile(session: Session, level: int, place: int) -> bytes:
    """The hashes of a tile; empty where there is none."""
    return session.scalar(sa.select(Tile.hashes).where(Tile.level == level, Tile.place == place)) or b""


def _keep(session: Session, tiles: Iterable[tuple[int, int, bytes]], last: int) -> None:
    for level, place, hashes in tiles:
        values = {"hashes": hashes, "last": last if level == 0 else None}
        written = insert(Tile).values(level=level, place=place, **values)
        session.execute(written.on_conflict_do_update(index_elements=[Tile.level, Tile.place], set_=values))
