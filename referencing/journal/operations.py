"""Writing the record, in the transaction of what it records, and checking that nobody changed it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, defer

from referencing.base.db import now

from .chain import GENESIS, digest
from .events.table import refuse_undeclared
from .models import APPLICATION, Entry, Stream
from .queries import sealed_content


class Author(Protocol):
    @property
    def account_id(self) -> UUID | None: ...
    @property
    def name(self) -> str: ...
    @property
    def role(self) -> str: ...


@dataclass(frozen=True, slots=True)
class _System:
    """What the application does of itself."""

    account_id: UUID | None = None
    name: str = APPLICATION
    role: str = "system"


SYSTEM = _System()


class Place(NamedTuple):
    """The place of an entry in the whole journal, which outside the agency nobody is told, and in its stream."""

    position: int
    number: int


def record(
    session: Session,
    author: Author,
    action: str,
    stream: str,
    detail: Mapping[str, Any],
    *,
    organisation_id: UUID | None = None,
) -> Place:
    """Append one entry; answers where it is. Entries of one stream wait for each other.

    `organisation_id` counts with the first entry of a stream: from then on, the feed of that organisation tells of it.
    Raises Undeclared for an event that the table of events does not have, or not with these fields.
    """
    at = now(session)
    started = insert(Stream).values(name=stream, length=1, head=GENESIS, organisation_id=organisation_id)
    number, previous, owner = session.execute(
        started.on_conflict_do_update(
            index_elements=[Stream.name], set_={"length": Stream.length + 1}
        ).returning(Stream.length, Stream.head, Stream.organisation_id)
    ).one()
    line = Line(author, action, stream, detail)
    entry = _sealed(line, at, number, previous, owner)
    sealed = sa.update(Stream).where(Stream.name == stream).values(head=entry.digest).cte("sealed")
    written = insert(Entry).values(_written(entry)).add_cte(sealed).returning(Entry.position)
    return Place(session.scalars(written).one(), number)


@dataclass(frozen=True, slots=True)
class Line:
    """What is to be told in a stream, and by whom."""

    author: Author
    action: str
    stream: str
    detail: Mapping[str, Any]


def record_all(session: Session, lines: Sequence[Line]) -> None:
    """Append an entry to each of several streams, none of them twice, in two statements."""
    if not lines:
        return
    lengthened = insert(Stream).on_conflict_do_update(
        index_elements=[Stream.name], set_={"length": Stream.length + 1}
    )
    rows = [{"name": line.stream, "length": 1, "head": GENESIS} for line in lines]
    ends = {
        row.name: row
        for row in session.execute(
            lengthened.returning(Stream.name, Stream.length, Stream.head, Stream.organisation_id), rows
        )
    }
    at = now(session)
    entries = []
    for line in lines:
        end = ends[line.stream]
        entries.append(_sealed(line, at, end.length, end.head, end.organisation_id))
    heads = sa.values(sa.column("name", sa.Text()), sa.column("head", sa.Text()), name="heads").data(
        [(entry.stream, entry.digest) for entry in entries]
    )
    sealed = sa.update(Stream).where(Stream.name == heads.c.name).values(head=heads.c.head).cte("sealed")
    session.execute(insert(Entry).values([_written(entry) for entry in entries]).add_cte(sealed))


def _sealed(line: Line, at: datetime, number: int, previous: str, owner: UUID | None) -> Entry:
    """An entry with its digest; `number` is its place in the stream, `previous` the digest before it."""
    refuse_undeclared(line.stream, line.action, line.detail)
    entry = Entry(
        stream=line.stream,
        number=number,
        at=at,
        action=line.action,
        account_id=line.author.account_id,
        role=str(line.author.role),
        detail=dict(line.detail),
        organisation_id=owner,
    )
    entry.digest = digest(previous, sealed_content(entry))
    return entry


def _written(entry: Entry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in _WRITTEN}


_WRITTEN = [column.key for column in Entry.__table__.columns if column.key != "position"]


@dataclass(frozen=True, slots=True)
class Breach:
    stream: str
    number: int
    detail: str


def verify(session: Session) -> Iterator[Breach]:
    """Walk every stream; answers the first broken link of each, nothing when the record is whole.

    Reads the journal once, in blocks, so memory does not grow with it.
    """
    entries = session.scalars(
        sa.select(Entry)
        .options(defer(Entry.actor), defer(Entry.people))
        .order_by(Entry.stream, Entry.number)
        .execution_options(yield_per=1000)
    )
    ends: dict[str, tuple[int, str]] = {}
    broken: set[str] = set()
    for entry in entries:
        number, previous = ends.get(entry.stream, (0, GENESIS))
        if entry.stream in broken:
            continue
        if entry.number != number + 1:
            broken.add(entry.stream)
            yield Breach(entry.stream, number + 1, "an entry is missing")
        elif digest(previous, sealed_content(entry)) != entry.digest:
            broken.add(entry.stream)
            yield Breach(entry.stream, entry.number, "the entry was changed after it was written")
        ends[entry.stream] = (entry.number, entry.digest)
    for stream in session.scalars(sa.select(Stream).order_by(Stream.name)):
        end = ends.pop(stream.name, (0, GENESIS))
        if stream.name not in broken and end != (stream.length, stream.head):
            yield Breach(stream.name, stream.length, "the stream does not end where it should")
    for name, (length, _) in ends.items():
        yield Breach(name, length, "the stream's own row is missing")
    for name, number in session.execute(_OF_OTHERS):
        yield Breach(name, number, "the entry is not of its stream's organisation")


_OF_OTHERS = (
    sa.select(Entry.stream, sa.func.min(Entry.number))
    .join(Stream, Stream.name == Entry.stream)
    .where(Entry.organisation_id.is_distinct_from(Stream.organisation_id))
    .group_by(Entry.stream)
    .order_by(Entry.stream)
)
