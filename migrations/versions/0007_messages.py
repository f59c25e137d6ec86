"""Messages, read marks and attachments; the journal as a feed."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0007"
down_revision: str | None = "0005"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

# Runs before the statement takes its position: no position that this transaction takes is as low as the one said,
# which is the last that was taken. Once for a transaction, or for a savepoint, which the setting does not outlive.
SAY_UNDER_WAY = """
CREATE FUNCTION journal_under_way() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('referencing.under_way', true), '') = '' THEN
        PERFORM pg_advisory_xact_lock_shared(~(CASE WHEN is_called THEN last_value ELSE 0 END))
        FROM journal_entry_position_seq;
        PERFORM set_config('referencing.under_way', 'said', true);
    END IF;
    RETURN NULL;
END $$
"""
UNDER_WAY = """
CREATE TRIGGER under_way BEFORE INSERT ON journal_entry
FOR EACH STATEMENT EXECUTE FUNCTION journal_under_way()
"""


def upgrade() -> None:
    op.add_column("journal_stream", sa.Column("organisation_id", sa.Uuid(), nullable=True))
    op.add_column("journal_entry", sa.Column("organisation_id", sa.Uuid(), nullable=True))
    _tell_whose()
    op.create_index("ix_journal_entry_stream_position", "journal_entry", ["stream", "position"], unique=False)
    in_a_feed = sa.text("organisation_id IS NOT NULL")
    op.create_index(
        "ix_journal_entry_feed", "journal_entry", ["position"], unique=False, postgresql_where=in_a_feed
    )
    op.create_index(
        "ix_journal_entry_organisation_feed",
        "journal_entry",
        ["organisation_id", "position"],
        unique=False,
        postgresql_where=in_a_feed,
    )
    op.execute(SAY_UNDER_WAY)
    op.execute(UNDER_WAY)
    _create_messages()


def _tell_whose() -> None:
    """Of the streams that there are. What the entries say, and is sealed, stays as it was written."""
    op.execute("""
        UPDATE journal_stream SET organisation_id = candidature.organisation_id
        FROM candidature WHERE name = 'candidature:' || candidature.id
    """)
    op.execute("ALTER TABLE journal_entry DISABLE TRIGGER kept_as_written")
    op.execute("""
        UPDATE journal_entry SET organisation_id = journal_stream.organisation_id
        FROM journal_stream WHERE stream = name AND journal_stream.organisation_id IS NOT NULL
    """)
    op.execute("ALTER TABLE journal_entry ENABLE TRIGGER kept_as_written")


def _create_messages() -> None:
    op.create_table(
        "message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("candidature_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("of_agency", sa.Boolean(), nullable=False),
        sa.Column("internal", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("of_agency OR NOT internal", name=op.f("ck_message_notes_of_agency")),
        sa.CheckConstraint("read_at IS NULL OR NOT internal", name=op.f("ck_message_notes_have_no_mark")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_message_account_id_account")),
        sa.ForeignKeyConstraint(
            ["candidature_id"], ["candidature.id"], name=op.f("fk_message_candidature_id_candidature")
        ),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_message_item_id_item")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("candidature_id", "position", name=op.f("uq_message_candidature_id_position")),
    )
    op.create_index(
        "ix_message_item",
        "message",
        ["item_id", "position"],
        unique=False,
        postgresql_where=sa.text("item_id IS NOT NULL"),
    )
    op.create_table(
        "message_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("detected_type", sa.Text(), nullable=True),
        sa.Column("remarks", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("identifiers", sa.Integer(), server_default="0", nullable=False),
        sa.Column("identifier_places", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.Column("accepted_by", sa.Uuid(), nullable=True),
        sa.Column("accepted_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["accepted_by"], ["account.id"], name=op.f("fk_message_file_accepted_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_message_file_message_id_message")
        ),
        sa.ForeignKeyConstraint(["sha256"], ["content.sha256"], name=op.f("fk_message_file_sha256_content")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_file")),
        sa.UniqueConstraint("message_id", "position", name=op.f("uq_message_file_message_id_position")),
    )
    op.create_index(op.f("ix_message_file_sha256"), "message_file", ["sha256"], unique=False)
    op.create_table(
        "read_mark",
        sa.Column("candidature_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_read_mark_account_id_account")),
        sa.ForeignKeyConstraint(
            ["candidature_id"], ["candidature.id"], name=op.f("fk_read_mark_candidature_id_candidature")
        ),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_read_mark_message_id_message")),
        sa.PrimaryKeyConstraint("candidature_id", "account_id", name=op.f("pk_read_mark")),
    )


def downgrade() -> None:
    for table in ("read_mark", "message_file", "message"):
        op.drop_table(table)
    op.execute("DROP TRIGGER under_way ON journal_entry")
    op.execute("DROP FUNCTION journal_under_way")
    op.drop_index("ix_journal_entry_organisation_feed", table_name="journal_entry")
    op.drop_index("ix_journal_entry_feed", table_name="journal_entry")
    op.drop_index("ix_journal_entry_stream_position", table_name="journal_entry")
    op.drop_column("journal_entry", "organisation_id")
    op.drop_column("journal_stream", "organisation_id")
