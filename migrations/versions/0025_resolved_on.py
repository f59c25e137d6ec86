"""Dossiers know for which day, rules and lists all of their items were last resolved."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0025"
down_revision: str | None = "0024"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("candidature", sa.Column("resolved_on", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("candidature", "resolved_on")
