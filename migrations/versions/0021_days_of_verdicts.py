"""Verdicts by when they were given, and lines of agendas by theirs: figures read the days asked alone."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0021"
down_revision: str | None = "0020"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_index(
        "ix_verdict_given_at",
        "verdict",
        ["given_at"],
        unique=False,
        postgresql_where=sa.text("undone_at IS NULL AND grant_id IS NULL AND claim IS NULL"),
    )
    op.create_index(
        "ix_duo_line_verdict_id",
        "duo_line",
        ["verdict_id"],
        unique=False,
        postgresql_where=sa.text("verdict_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_duo_line_verdict_id", table_name="duo_line")
    op.drop_index("ix_verdict_given_at", table_name="verdict")
