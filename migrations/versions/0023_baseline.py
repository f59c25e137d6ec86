"""Every table as it was before the first release.

The revisions 0001 to 0023 that led here are gone. A database at 0023 is taken over as it is.
"""

from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision: str = "0023"
down_revision: str | None = None
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

TABLES = Path(__file__).with_suffix(".sql")

#: The journal and what was told of a session are added to, and never changed.
APPEND_ONLY = """
CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '{sentence}';
END $$;
CREATE TRIGGER {trigger} BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION {function}()
"""

#: Before its first entry a transaction says which positions may still come, so that the feed waits for it.
UNDER_WAY = """
CREATE FUNCTION journal_under_way() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('referencing.under_way', true), '') = '' THEN
        PERFORM pg_advisory_xact_lock_shared(~(CASE WHEN is_called THEN last_value ELSE 0 END))
        FROM journal_entry_position_seq;
        PERFORM set_config('referencing.under_way', 'said', true);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER under_way BEFORE INSERT ON journal_entry
FOR EACH STATEMENT EXECUTE FUNCTION journal_under_way()
"""


def upgrade() -> None:
    for script in (
        TABLES.read_text(encoding="utf-8"),
        APPEND_ONLY.format(
            function="journal_append_only",
            sentence="the journal is append-only",
            trigger="kept_as_written",
            table="journal_entry",
        ),
        UNDER_WAY,
        APPEND_ONLY.format(
            function="duo_append_only",
            sentence="what was told of a session is append-only",
            trigger="kept_as_told",
            table="duo_event",
        ),
    ):
        op.get_bind().exec_driver_sql(script)


def downgrade() -> None:
    """Everything goes but alembic's own table."""
    op.get_bind().execute(
        sa.text(
            """DO $$ DECLARE doomed record; BEGIN
            FOR doomed IN SELECT tablename FROM pg_tables
                WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
                EXECUTE format('DROP TABLE public.%I CASCADE', doomed.tablename);
            END LOOP; END $$"""
        )
    )
    for function in ("journal_append_only", "journal_under_way", "duo_append_only"):
        op.get_bind().execute(sa.text(f"DROP FUNCTION {function}"))
