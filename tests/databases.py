"""Databases of tests: copied from a template file by file, then brought back to it row by row.

A copy costs more than most tests: nearly a thousand files, and connections that have everything to learn again. A
database that is asked for again from one template keeps what each of its tables held, and gets it back. One whose
schema was changed meanwhile is copied.
"""

from dataclasses import dataclass, field

import psycopg
import sqlalchemy as sa

#: What each table held, in a schema beside; and what brings it back, false where a schema was changed since.
#: Whose rows are older than the mark, and as many as there were, is as it was. The mark is taken before everybody else
#: is cut off but the idle connections of the test's `own` engine: who was writing has ended or is younger than it.
KEEP = """
CREATE SCHEMA kept;
CREATE TABLE kept.change (tag text);
CREATE TABLE kept.mark AS SELECT pg_current_xact_id()::text::bigint AS xid;
CREATE TABLE kept.content (held regclass, copy text, columns text, size bigint);
CREATE TABLE kept.counter AS
    SELECT seqrelid::regclass AS sequence, coalesce(pg_sequence_last_value(seqrelid), seqstart) AS value,
        pg_sequence_last_value(seqrelid) IS NOT NULL AS used
    FROM pg_sequence;
DO $$
DECLARE held record; size bigint;
BEGIN
    FOR held IN
        SELECT oid, format('kept.%I', 'of_' || relname) AS copy,
            (SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute
             WHERE attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '') AS columns
        FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
    LOOP
        EXECUTE format('SELECT count(*) FROM %s', held.oid::regclass) INTO size;
        IF size > 0 THEN
            EXECUTE format('CREATE TABLE %s AS SELECT %s FROM %s', held.copy, held.columns, held.oid::regclass);
        END IF;
        INSERT INTO kept.content VALUES (held.oid, held.copy, held.columns, size);
    END LOOP;
END $$;
CREATE FUNCTION kept.restore(own integer[]) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE content record; rows bigint; latest bigint; others integer[];
    begun bigint := pg_current_xact_id()::text::bigint;
BEGIN
    SELECT array_agg(pid) INTO others FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
            AND (state <> 'idle' OR pid <> ALL (own));
    PERFORM pg_terminate_backend(pid, 5000) FROM unnest(others) AS pid;
    PERFORM pg_stat_clear_snapshot();
    IF EXISTS (SELECT FROM pg_stat_activity WHERE pid = ANY (others))
        OR EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND pid = ANY (own))
        OR EXISTS (SELECT FROM pg_db_role_setting JOIN pg_database ON pg_database.oid = setdatabase
            WHERE datname = current_database())
        OR EXISTS (SELECT FROM kept.change)
    THEN
        RETURN false;
    END IF;
    PERFORM set_config('session_replication_role', 'replica', true);
    FOR content IN SELECT * FROM kept.content WHERE size > 0 OR pg_relation_size(held) > 0 LOOP
        EXECUTE format('SELECT count(*), max(xmin::text::bigint) FROM %s', content.held) INTO rows, latest;
        IF rows <> content.size OR latest > (SELECT xid FROM kept.mark) THEN
            EXECUTE format('DELETE FROM %s', content.held);
            IF content.size > 0 THEN
                EXECUTE format('INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %2$s FROM %s',
                    content.held, content.columns, content.copy);
            END IF;
        END IF;
    END LOOP;
    PERFORM setval(sequence, value, used) FROM kept.counter;
    UPDATE kept.mark SET xid = begun;
    RETURN true;
END $$;
CREATE FUNCTION kept.note() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO kept.change VALUES (tg_tag);
END $$;
CREATE EVENT TRIGGER kept_note ON ddl_command_end EXECUTE FUNCTION kept.note();
"""


def plain(url: sa.URL) -> str:
    """The address as psycopg takes it."""
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def new_database(server: sa.URL, name: str, template: str = "migrated") -> sa.URL:
    """A database of that name, made anew; without tables from the template `template1`.

    File by file: through the log of writes it takes longer, and longer still where there is more to copy.
    """
    with psycopg.connect(plain(server), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    return server.set(database=name)


@dataclass
class Renewed:
    """A database that is made again and again, for one test after the other."""

    server: sa.URL
    name: str
    #: Whose connections stay open from one test to the next.
    engine: sa.Engine
    template: str | None = None
    keeper: psycopg.Connection | None = None
    #: The backends of the engine's connections.
    own: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        sa.event.listen(
            self.engine, "connect", lambda connection, _: self.own.add(connection.info.backend_pid)
        )

    @property
    def url(self) -> sa.URL:
        return self.server.set(database=self.name)

    def renew(self, template: str) -> sa.URL:
        """As the template is. The second time in a row it is worth while to keep what is in it."""
        if template == self.template and self.keeper is not None and self._restored(self.keeper):
            return self.url
        again = template == self.template
        self.leave()
        new_database(self.server, self.name, template)
        self.template = template
        if again:
            self.keeper = psycopg.connect(plain(self.url), autocommit=True)
            self.keeper.execute(KEEP)
        return self.url

    def leave(self) -> None:
        """Nothing is connected any more; the next time it is copied."""
        self.engine.dispose()
        self.own.clear()
        if self.keeper is not None:
            self.keeper.close()
        self.keeper = self.template = None

    def _restored(self, keeper: psycopg.Connection) -> bool:
        try:
            restored = keeper.execute("SELECT kept.restore(%s::integer[])", [[*self.own]]).fetchone()
        except psycopg.OperationalError:  # somebody else made the database anew
            return False
        return restored == (True,)
