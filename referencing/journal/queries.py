"""Reading the record: one stream by its numbers, or what many streams tell as it becomes certain."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from .chain import GENESIS, digest
from .models import Entry, Stream

#: Of the entries of the feed: whose stream it is.
DOSSIER_ID = sa.cast(sa.func.substr(Entry.stream, len("candidature:") + 1), sa.Uuid())

_ALLOCATED = sa.text("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM journal_entry_position_seq")
#: A place in the journal for what is told beside its entries, in a table that has the trigger `under_way` as well.
NEXT_POSITION = sa.text("nextval('journal_entry_position_seq')")
#: What writers say before they take a position (the trigger `under_way`): a negative key, the others' are not.
_UNDER_WAY = sa.text("""
    SELECT min(~((classid::bigint << 32) | objid::bigint)) FROM pg_locks
    WHERE locktype = 'advisory' AND objsubid = 1 AND classid::bigint >> 31 = 1
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
""")


def stream(session: Session, name: str, after: int = 0, limit: int = 100) -> Sequence[Entry]:
    """The entries of one stream after a number, oldest first."""
    return session.scalars(
        sa.select(Entry).where(Entry.stream == name, Entry.number > after).order_by(Entry.number).limit(limit)
    ).all()


def sealed_content(entry: Entry) -> dict[str, Any]:
    """What the digest of an entry is made of, after that of the one before (`chain.digest`)."""
    return {
        "stream": entry.stream,
        "number": entry.number,
        "at": entry.at.timestamp(),
        "action": entry.action,
        "account_id": str(entry.account_id) if entry.account_id else None,
        "role": entry.role,
        "detail": entry.detail,
    }


def digest_before(session: Session, entry: Entry) -> str | None:
    """The digest of the entry before one in its stream; None where the record has lost that."""
    before = sa.select(Entry.digest).where(Entry.stream == entry.stream, Entry.number == entry.number - 1)
    return GENESIS if entry.number == 1 else session.scalar(before)


def sealed_after(session: Session, entry: Entry) -> bool:
    """Whether an entry's digest is still that of its content after the entry before it in its stream."""
    previous = digest_before(session, entry)
    return previous is not None and digest(previous, sealed_content(entry)) == entry.digest


def latest(session: Session, name: str, before: int | None, limit: int) -> Sequence[Entry]:
    """The entries of one stream before a number (None: its end), newest first."""
    select = sa.select(Entry).where(Entry.stream == name)
    if before is not None:
        select = select.where(Entry.number < before)
    return session.scalars(select.order_by(Entry.number.desc()).limit(limit)).all()


def feed(
    session: Session,
    after: int,
    limit: int,
    *which: sa.ColumnElement[bool],
    organisation_id: UUID | None = None,
    name: str | None = None,
) -> Sequence[Entry]:
    """The entries of the dossiers after a position: of an organisation's, of one stream, or of all; `which` narrows.

    None that commits later will have a position below one that was answered (docs/adr/0012-feed.md).
    """
    until = certain(session)
    select = sa.select(Entry).where(
        Entry.organisation_id.is_not(None), Entry.position > after, Entry.position <= until, *which
    )
    if organisation_id is not None:
        select = select.where(Entry.organisation_id == organisation_id)
    if name is not None:
        select = select.where(Entry.stream == name)
    return session.scalars(select.order_by(Entry.position).limit(limit)).all()


def position(session: Session, name: str, number: int, organisation_id: UUID | None) -> int | None:
    """The place in the whole journal of an entry of the feeds, by its stream: of an organisation, or of all."""
    told = Entry.organisation_id.is_not(None)
    select = sa.select(Entry.position).where(Entry.stream == name, Entry.number == number, told)
    if organisation_id is not None:
        select = select.where(Entry.organisation_id == organisation_id)
    return session.scalar(select)


def certain(session: Session) -> int:
    """The last position before which nothing is still to come, for a query that is sent after this one.

    What was allocated is asked first: who takes a position later takes a higher one.
    """
    allocated = session.scalars(_ALLOCATED).one()
    under_way = session.scalars(_UNDER_WAY).one()
    return int(allocated if under_way is None else min(allocated, under_way))


def heads(session: Session, names: Collection[str]) -> dict[str, str]:
    """The digest in which each of these streams ends, by the stream's name."""
    select = sa.select(Stream.name, Stream.head).where(Stream.name.in_(names))
    return {row.name: row.head for row in session.execute(select)}


def ends(session: Session, organisations: Collection[UUID | None]) -> dict[UUID | None, str]:
    """The digest of the last certain entry of each organisation's feed; of the whole journal for None.

    One descent of an index for each, however long the feeds are.
    """
    until = certain(session)
    wanted = sa.func.unnest(sa.literal([*organisations], sa.ARRAY(sa.Uuid())))
    feeds = wanted.table_valued(sa.column("id", sa.Uuid()), name="feeds").render_derived()
    last = sa.select(Entry.digest).where(Entry.position <= until).order_by(Entry.position.desc()).limit(1)
    of_organisation = last.where(Entry.organisation_id == feeds.c.id).correlate(feeds).scalar_subquery()
    end = sa.case((feeds.c.id.is_(None), last.scalar_subquery()), else_=of_organisation)
    rows = session.execute(sa.select(feeds.c.id, end.label("digest")))
    return {row.id: row.digest for row in rows if row.digest}


def anything_since(
    session: Session, position: int, *, but_streams: Sequence[str], but_actions: Sequence[str]
) -> bool:
    """Whether something was recorded after a position, beside these streams and the actions that begin like these.

    A stream's kind alone, such as `rulebook:`, is all streams of that kind.
    """
    of_kind = [one for one in but_streams if one.endswith(":")]
    select = sa.select(Entry.position).where(
        Entry.position > position,
        Entry.stream.not_in(but_streams),
        *(~Entry.stream.startswith(kind, autoescape=True) for kind in of_kind),
        *(~Entry.action.startswith(one, autoescape=True) for one in but_actions),
    )
    return session.scalar(select.limit(1)) is not None
