"""The day on which a third party's answer is expected can be changed, with a reason."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0023"
down_revision: str | None = "0022"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "third_party_rescheduling",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("wait_id", sa.Uuid(), nullable=False),
        sa.Column("previously", sa.Date(), nullable=False),
        sa.Column("expected_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        _link("wait_id", "third_party_wait"),
        _link("decided_by", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_third_party_rescheduling")),
    )
    op.create_index("ix_third_party_rescheduling_wait_id", "third_party_rescheduling", ["wait_id", "id"])


def _link(column: str, to: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_third_party_rescheduling_{column}_{to}")
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=name)


def downgrade() -> None:
    op.drop_table("third_party_rescheduling")
