"""The life of a rulebook: what a check of it found, and the day from which it applies."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

WAITING = sa.text("published_at IS NOT NULL AND in_force_at IS NULL")


def upgrade() -> None:
    op.add_column(
        "rulebook", sa.Column("revision", sa.Integer(), nullable=False, server_default=sa.text("1"))
    )
    op.add_column("rulebook", sa.Column("valid_from", sa.Date(), nullable=True))
    op.add_column("rulebook", sa.Column("in_force_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("rulebook", sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("rulebook", sa.Column("checked_digest", sa.Text(), nullable=True))
    op.add_column("rulebook", sa.Column("check_errors", sa.Integer(), nullable=True))
    op.add_column("rulebook", sa.Column("findings", postgresql.JSONB(), nullable=True))
    op.execute(
        "UPDATE rulebook SET in_force_at = published_at, "
        "valid_from = (published_at AT TIME ZONE 'Europe/Paris')::date WHERE published_at IS NOT NULL"
    )
    op.drop_index("uq_rulebook_in_force", table_name="rulebook")
    op.create_index(
        "uq_rulebook_in_force",
        "rulebook",
        [sa.text("(true)")],
        unique=True,
        postgresql_where=sa.text("in_force_at IS NOT NULL AND superseded_at IS NULL"),
    )
    op.create_index("uq_rulebook_waiting", "rulebook", ["valid_from"], unique=True, postgresql_where=WAITING)


def downgrade() -> None:
    op.drop_index("uq_rulebook_waiting", table_name="rulebook")
    op.drop_index("uq_rulebook_in_force", table_name="rulebook")
    # What waits for its day was not published before; it is a draft again.
    op.execute("UPDATE rulebook SET published_at = NULL WHERE in_force_at IS NULL")
    op.create_index(
        "uq_rulebook_in_force",
        "rulebook",
        [sa.text("(true)")],
        unique=True,
        postgresql_where=sa.text("published_at IS NOT NULL AND superseded_at IS NULL"),
    )
    for column in (
        "findings",
        "check_errors",
        "checked_digest",
        "checked_at",
        "in_force_at",
        "valid_from",
        "revision",
    ):
        op.drop_column("rulebook", column)
