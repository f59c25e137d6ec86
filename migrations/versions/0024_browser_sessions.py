"""Browsers sign in: their sessions, of whose tokens only a digest is kept; what nobody has read yet is found."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0024"
down_revision: str | None = "0023"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "browser_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("token_digest", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_browser_session_account_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_browser_session")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_browser_session_token_digest")),
    )
    op.create_index("ix_browser_session_account_id", "browser_session", ["account_id", "id"])
    op.create_index("ix_browser_session_ends_at", "browser_session", ["ends_at"])
    unread = sa.text("read_at IS NULL AND NOT internal")
    op.create_index("ix_message_unread", "message", ["id"], postgresql_where=unread)


def downgrade() -> None:
    op.drop_index("ix_message_unread", "message")
    op.drop_table("browser_session")
