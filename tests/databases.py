"""Databases of tests: copied from a template file by file, then brought back to it row by row.

A copy costs more than most tests: nearly a thousand files, and connections that have everything to learn again. A
database that is asked for again from one template keeps what each of its tables held, and gets it back. One whose
schema was changed meanwhile is copied.
"""

from collections.abc import Callable
from dataclasses import dataclass

import psycopg
import sqlalchemy as sa

#: What each table held, in a schema beside; and what brings it back, false where a schema was changed since.
#: Whose rows are older than the mark, and as many as there were, is as it was. Who still does something is cut off.
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
CREATE FUNCTION kept.restore() RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE content record; rows bigint; latest bigint;
BEGIN
    IF EXISTS (SELECT FROM kept.change) THEN
        RETURN false;
    END IF;
    PERFORM pg_terminate_backend(pid, 5000) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle';
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
    UPDATE kept.mark SET xid = pg_current_xact_id()::text::bigint;
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
    #: Ends the connections that stay open from one test to the next.
    disconnect: Callable[[], None]
    template: str | None = None
    keeper: psycopg.Connection | None = None

    @property
    def url(self) -> sa.URL:
        return self.server.set(database=self.name)

    def renew(self, template: str) -> sa.URL:
        """As the template is. The second time in a row it is worth while to keep what is in it."""
        if template == self.template and self.keeper is not None and _restored(self.keeper):
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
        self.disconnect()
        if self.keeper is not None:
            self.keeper.close()
        self.keeper = self.template = None


def _restored(keeper: psycopg.Connection) -> bool:
    try:
        return keeper.execute("SELECT kept.restore()").fetchone() == (True,)
    except psycopg.OperationalError:  # somebody else made the database anew
        return False
