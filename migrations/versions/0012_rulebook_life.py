"""The life of a rulebook: what a check of it found, and the day from which it applies."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

WAITING = sa.text("scheduled_at IS NOT NULL AND published_at IS NULL")


def upgrade() -> None:
    op.add_column(
        "rulebook", sa.Column("revision", sa.Integer(), nullable=False, server_default=sa.text("1"))
    )
    op.add_column("rulebook", sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("rulebook", sa.Column("checked_digest", sa.Text(), nullable=True))
    op.add_column("rulebook", sa.Column("check_errors", sa.Integer(), nullable=True))
    op.add_column("rulebook", sa.Column("findings", postgresql.JSONB(), nullable=True))
    op.add_column("rulebook", sa.Column("first_day", sa.Date(), nullable=True))
    op.add_column("rulebook", sa.Column("scheduled_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE rulebook SET first_day = (published_at AT TIME ZONE 'Europe/Paris')::date "
        "WHERE published_at IS NOT NULL"
    )
    op.create_index("uq_rulebook_waiting", "rulebook", ["first_day"], unique=True, postgresql_where=WAITING)


def downgrade() -> None:
    op.drop_index("uq_rulebook_waiting", table_name="rulebook")
    for column in (
        "scheduled_at",
        "first_day",
        "findings",
        "check_errors",
        "checked_digest",
        "checked_at",
        "revision",
    ):
        op.drop_column("rulebook", column)
