"""A reading that waits can be taken back."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

WAITING = "verification_id IS NULL"


def upgrade() -> None:
    op.add_column("reading", sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("reading", sa.Column("undone_reason", sa.Text(), nullable=True))
    op.drop_index("uq_reading_waiting", table_name="reading")
    _one_waiting_reading(f"{WAITING} AND undone_at IS NULL")


def _one_waiting_reading(where: str) -> None:
    op.create_index(
        "uq_reading_waiting",
        "reading",
        ["proof_id", "verifier_id"],
        unique=True,
        postgresql_where=sa.text(where),
    )


def downgrade() -> None:
    # A reader who took a reading back may have read the version again: only the last one waits.
    op.execute("DELETE FROM reading WHERE undone_at IS NOT NULL")
    op.drop_index("uq_reading_waiting", table_name="reading")
    op.drop_column("reading", "undone_reason")
    op.drop_column("reading", "undone_at")
    _one_waiting_reading(WAITING)
