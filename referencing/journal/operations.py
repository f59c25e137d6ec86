"""Writing the record, in the transaction of what it records, and checking that nobody changed it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from referencing.base.db import now

from .chain import GENESIS, digest
from .models import Entry, Stream


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
    name: str = "referencing"
    role: str = "system"


SYSTEM = _System()


def record(
    session: Session,
    author: Author,
    action: str,
    stream: str,
    detail: Mapping[str, Any],
    *,
    organisation_id: UUID | None = None,
) -> int:
    """Append one entry; answers its position in the journal. Entries of one stream wait for each other.

    `organisation_id` counts with the first entry of a stream: from then on, the feed of that organisation tells of it.
    """
    at = now(session)
    started = insert(Stream).values(name=stream, length=1, head=GENESIS, organisation_id=organisation_id)
    number, previous, owner = session.execute(
        started.on_conflict_do_update(
            index_elements=[Stream.name], set_={"length": Stream.length + 1}
        ).returning(Stream.length, Stream.head, Stream.organisation_id)
    ).one()
    entry = Entry(
        stream=stream,
        number=number,
        at=at,
        action=action,
        account_id=author.account_id,
        actor=author.name,
        role=str(author.role),
        detail=dict(detail),
        organisation_id=owner,
    )
    entry.digest = digest(previous, sealed_content(entry))
    sealed = sa.update(Stream).where(Stream.name == stream).values(head=entry.digest).cte("sealed")
    written = {name: getattr(entry, name) for name in _WRITTEN}
    return session.scalars(insert(Entry).values(written).add_cte(sealed).returning(Entry.position)).one()


_WRITTEN = [column.key for column in Entry.__table__.columns if column.key != "position"]


def sealed_content(entry: Entry) -> dict[str, Any]:
    """What the digest of an entry is made of, after that of the one before (`chain.digest`)."""
    return {
        "stream": entry.stream,
        "number": entry.number,
        "at": entry.at.timestamp(),
        "action": entry.action,
        "account_id": str(entry.account_id) if entry.account_id else None,
        "actor": entry.actor,
        "role": entry.role,
        "detail": entry.detail,
    }


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
        sa.select(Entry).order_by(Entry.stream, Entry.number).execution_options(yield_per=1000)
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
        if stream.name not in broken and ends.get(stream.name, (0, GENESIS)) != (stream.length, stream.head):
            yield Breach(stream.name, stream.length, "the stream does not end where it should")
