"""What a supplied file is by its content. Nobody looked at those that are there already."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    for column in (
        sa.Column("detected_type", sa.Text(), nullable=True),
        sa.Column("remarks", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("identifiers", sa.Integer(), server_default="0", nullable=False),
        sa.Column("identifier_places", postgresql.JSONB(), server_default="[]", nullable=False),
    ):
        op.add_column("proof_file", column)


def downgrade() -> None:
    for name in ("detected_type", "remarks", "identifiers", "identifier_places"):
        op.drop_column("proof_file", name)
