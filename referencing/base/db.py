"""The database: PostgreSQL everywhere, started here from a wheel when none is configured."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Annotated, Any, TypeVar
from uuid import UUID

import orjson
import psycopg
import sqlalchemy as sa
import uuid_utils.compat as uuid_utils
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.orm import (
    DeclarativeBase,
    InstrumentedAttribute,
    Mapped,
    Session,
    mapped_column,
    sessionmaker,
)
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.util import identity_key

from referencing.config import Settings

from . import workdays
from .outgoing.connections import Bounds, address, refuse_ended, revision_at
from .outgoing.embedded import embedded_url

PARIS = workdays.PARIS

Clock = Callable[[], datetime]
Sessions = sessionmaker[Session]
T = TypeVar("T")
S = TypeVar("S", bound="sa.Select[*tuple[Any, ...]]")


def new_id() -> UUID:
    """An opaque id that sorts by time (UUIDv7)."""
    return uuid_utils.uuid7()


Id = Annotated[UUID, mapped_column(primary_key=True, default=new_id)]


class Base(DeclarativeBase):
    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        datetime: sa.DateTime(timezone=True),
        str: sa.Text(),
        bytes: sa.LargeBinary(),
        dict[str, Any]: sa.dialects.postgresql.JSONB(),
        dict[str, str]: sa.dialects.postgresql.JSONB(),
        list[str]: sa.ARRAY(sa.Text()),
        list[dict[str, Any]]: sa.dialects.postgresql.JSONB(),
    }


def values_of(enum: type[StrEnum], name: str) -> sa.Enum:
    """A column type that keeps an enum's values as text, checked by a constraint called `name`."""
    return sa.Enum(
        enum,
        native_enum=False,
        length=32,
        create_constraint=True,
        name=name,
        values_callable=lambda members: [member.value for member in members],
    )


def same_core(columns: Sequence[str], table: str) -> sa.ForeignKeyConstraint:
    """A foreign key that also carries the technical core, so that what is linked speaks of one software.

    Deferrable and cascading: when two softwares are declared one core, one update moves all that hangs on it.
    """
    return sa.ForeignKeyConstraint(
        columns, [f"{table}.id", f"{table}.core_id"], onupdate="CASCADE", deferrable=True
    )


class Timestamped:
    created_at: Mapped[datetime] = mapped_column(server_default=sa.func.now())


def utc_now() -> datetime:
    return datetime.now(UTC)


def now(session: Session) -> datetime:
    """The time by the session's clock (UTC)."""
    clock: Clock = session.info["clock"]
    return clock()


def today(session: Session) -> date:
    """The day in Paris by the session's clock."""
    return workdays.paris_day(now(session))


def end_of(day: date) -> datetime:
    """The first moment after a day in Paris."""
    return datetime.combine(day + timedelta(days=1), time.min, PARIS)


def database_url(settings: Settings) -> sa.URL:
    """Where the database is; starts the embedded one, which stops with the last process that uses it."""
    return address(settings.database_url or embedded_url(settings.data / "postgres"))


def direct_url(settings: Settings) -> sa.URL:
    """Where the database is without a pooler between: for what has to stay with one connection."""
    return address(settings.database_direct_url) if settings.database_direct_url else database_url(settings)


def replica_url(settings: Settings) -> sa.URL:
    """Where the standby is whom reads may be asked of that lag; of several servers the first that is one.

    Nothing is written on its lines, not even by one that is promoted.
    """
    url = address(str(settings.database_replica_url))
    options = f"{url.query.get('options', '')} -c default_transaction_read_only=on".strip()
    return url.update_query_dict({"target_session_attrs": "standby", "options": options})


def connect(url: sa.URL, pool_size: int = 20, bounds: Bounds = Bounds()) -> sa.Engine:  # noqa: B008 - frozen
    """A pool of connections that wait for nothing beyond their bounds.

    PostgreSQL's JIT, which makes a tenth of a millisecond thirty, is off.
    """
    engine = sa.create_engine(
        url,
        pool_size=pool_size,
        pool_timeout=bounds.connecting,
        hide_parameters=True,  # errors are logged: what people wrote is not
        json_deserializer=_from_json,
        connect_args=bounds.parameters(url),
    )
    sa.event.listen(
        engine, "do_connect", lambda _dialect, _record, place, named: bounds.open(*place, **named)
    )
    sa.event.listen(engine, "checkout", refuse_ended)
    return engine


_LONG_NUMBER = re.compile(rb"\d{19}")


def _from_json(document: bytes) -> Any:
    """orjson makes a float of an integer beyond 64 bits: such a document is read as it was written."""
    return json.loads(document) if _LONG_NUMBER.search(document) else orjson.loads(document)


def sessions(engine: sa.Engine, clock: Clock = utc_now) -> Sessions:
    return sessionmaker(engine, expire_on_commit=False, info={"clock": clock})


@contextmanager
def transaction(factory: Sessions) -> Iterator[Session]:
    """A session in one transaction: committed at the end, rolled back on any error."""
    with factory() as session, session.begin():
        yield session


@contextmanager
def undone(session: Session) -> Iterator[None]:
    """Roll back whatever is done meanwhile, its locks included."""
    attempt = session.begin_nested()
    try:
        yield
    finally:
        attempt.rollback()
        session.expire_all()


def migrations(url: sa.URL) -> Config:
    config = Config()
    folder = resources.files("migrations")
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.attributes["url"] = url
    return config


def server_version(connection: sa.Connection) -> int:
    """Which PostgreSQL answers: 17, say."""
    return int(connection.dialect.server_version_info[0])  # type: ignore[index] # known once it is connected


@dataclass(frozen=True, slots=True)
class Schema:
    """A database's revision, None without tables; this version's latest one; whether this version knows the former."""

    revision: str | None
    latest: str
    known: bool

    @property
    def is_usable(self) -> bool:
        """A newer one is: what a version needs is taken away by a later release than the next one."""
        return self.revision == self.latest or not self.known

    def __str__(self) -> str:
        if not self.known:
            return f"{self.revision}, newer than {self.latest}"
        return self.latest if self.is_usable else f"{self.revision or 'none'}, needs {self.latest}"


def schema_of(revision: str | None) -> Schema:
    """What a revision, None without tables, is to this version."""
    latest, *older = _revisions()
    return Schema(revision, latest, revision in {None, latest, *older})


@cache
def _revisions() -> tuple[str, ...]:
    """The revisions that this version knows, the latest first."""
    scripts = ScriptDirectory(str(resources.files("migrations")))
    return tuple(script.revision for script in scripts.walk_revisions())


def upgrade(url: sa.URL, patience: float = 600) -> None:
    """Bring the schema to the latest revision; of several processes at once the others wait for `patience` seconds.

    A newer schema stays. Raises TimeoutError when others do not let go of the schema, or of a table.
    """
    if schema_of(revision_at(url, Bounds())).is_usable:
        return
    scripts = migrations(url)
    scripts.attributes["patience"] = patience
    try:
        command.upgrade(scripts, "head")
    except sa.exc.OperationalError as error:
        if not isinstance(error.orig, psycopg.errors.LockNotAvailable):
            raise
        raise TimeoutError(
            "the schema was not changed: others hold one of its tables; try again when less is under way"
        ) from error


def migrated_url(settings: Settings) -> sa.URL:
    """Where the database is without a pooler, of the latest revision unless the settings leave that to another."""
    url = direct_url(settings)
    if settings.migrate:
        upgrade(url)
    return url


def insert_rows(
    executor: Session | sa.Connection, table: type[Base], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Insert rows that name the same columns, in one statement whose text hangs on these alone.

    They come as one document: a parameter for each value, or a message for each row, costs ten times the insertion.
    """
    if not rows:
        return
    if isinstance(executor, Session):
        executor.flush()
    executor.execute(_insertion(_table(table), tuple(rows[0])), {"rows": _document(rows)})


def insert_tables(session: Session, rows: Mapping[type[Base], Sequence[Mapping[str, Any]]]) -> None:
    """Insert rows into several tables as `insert_rows` does, all in one statement, at whose end keys are checked."""
    filled = [table for table in rows if rows[table]]
    if not filled:
        return
    session.flush()
    documents = {f"rows_{place}": _document(rows[table]) for place, table in enumerate(filled)}
    columns = tuple(tuple(rows[table][0]) for table in filled)
    session.execute(_insertions(tuple(map(_table, filled)), columns), documents)


def update_rows(session: Session, table: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Give the rows of these `id`s their other values, in one statement; objects of the session follow."""
    if not rows:
        return
    session.flush()
    session.execute(_update(_table(table), tuple(rows[0])), {"rows": _document(rows)})
    for row in rows:
        loaded = session.identity_map.get(identity_key(table, row["id"]))
        for name in row if loaded is not None else ():
            set_committed_value(loaded, name, row[name])


def _table(table: type[Base]) -> sa.Table:
    described = table.__table__
    assert isinstance(described, sa.Table)  # noqa: S101 - each class of ours is mapped to a table
    return described


@cache
def _insertion(table: sa.Table, names: tuple[str, ...]) -> sa.TextClause:
    return sa.text(_inserting(table, names, "rows"))


@cache
def _insertions(tables: tuple[sa.Table, ...], names: tuple[tuple[str, ...], ...]) -> sa.TextClause:
    *before, last = [
        _inserting(table, columns, f"rows_{place}")
        for place, (table, columns) in enumerate(zip(tables, names, strict=True))
    ]
    first = ", ".join(f"inserted_{place} AS ({statement})" for place, statement in enumerate(before))
    return sa.text(f"WITH {first} {last}" if first else last)


def _inserting(table: sa.Table, names: tuple[str, ...], document: str) -> str:
    columns = ", ".join(f'"{name}"' for name in names)
    return f'INSERT INTO "{table.name}" ({columns}) SELECT {columns} FROM {_records(table, document)}'  # noqa: S608 - names of ours


@cache
def _update(table: sa.Table, names: tuple[str, ...]) -> sa.TextClause:
    values = ", ".join(f'"{name}" = records."{name}"' for name in names if name != "id")
    whose = f'"{table.name}".id = records.id'
    return sa.text(f'UPDATE "{table.name}" SET {values} FROM {_records(table)} WHERE {whose}')  # noqa: S608 - names of ours


def _records(table: sa.Table, document: str = "rows") -> str:
    return f'json_populate_recordset(CAST(NULL AS "{table.name}"), CAST(:{document} AS json)) AS records'


def _document(rows: Sequence[Mapping[str, Any]]) -> str:
    """The rows as JSON; orjson refuses integers beyond 64 bits, which a derivation may hold."""
    try:
        return orjson.dumps(rows, default=str).decode()
    except TypeError:
        return json.dumps(rows, default=str)


def any_of(
    column: sa.ColumnElement[T] | InstrumentedAttribute[T], values: Iterable[T]
) -> sa.ColumnElement[bool]:
    """The condition that a column has one of these values, however many: one parameter, so the text stays the same.

    `in_` writes a parameter for each, and the database reads the statement anew for every number of them.
    """
    return column == sa.any_(sa.literal([*values], _many(column)))


def any_given(column: sa.ColumnElement[T] | InstrumentedAttribute[T], name: str) -> sa.ColumnElement[bool]:
    """The condition of `any_of` for a statement that is made once: its values are given by this name, as a list."""
    return column == sa.any_(sa.bindparam(name, type_=_many(column)))


class _Ids(sa.types.UserDefinedType[Sequence[UUID]]):
    """Ids sent as one text: by the hundred, a parameter of many values costs more than to find their rows."""

    cache_ok = True
    render_bind_cast = True

    def get_col_spec(self, **_: Any) -> str:
        return "UUID[]"

    def bind_processor(self, dialect: sa.Dialect) -> Callable[[Any], str]:  # noqa: ARG002 - SQLAlchemy's signature
        return lambda ids: f"{{{','.join([id_.hex for id_ in ids])}}}"


def _many(column: sa.ColumnElement[T] | InstrumentedAttribute[T]) -> sa.types.TypeEngine[Any]:
    return _Ids() if isinstance(column.type, sa.Uuid) else sa.ARRAY(column.type)


def after(statement: S, keys: Sequence[sa.SQLColumnExpression[Any]], values: Sequence[Any] | None) -> S:
    """Keyset pagination: what comes after the row whose keys had these values, in the order of the keys."""
    if values is not None:
        statement = statement.where(sa.tuple_(*keys) > sa.tuple_(*map(sa.literal, values)))
    return statement.order_by(*keys)


def before(statement: S, key: sa.SQLColumnExpression[Any], values: Sequence[Any] | None) -> S:
    """Keyset pagination backwards: what comes before the row whose key had this value, the last first."""
    if values is not None:
        statement = statement.where(key < values[0])
    return statement.order_by(key.desc())
