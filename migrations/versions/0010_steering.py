"""Who answered a task, and in how many working days: what the figures and the forecast are counted from."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

CLOSED = sa.text("closed_at IS NOT NULL")


def upgrade() -> None:
    op.add_column("task", sa.Column("closed_by", sa.Uuid(), nullable=True))
    op.add_column("task", sa.Column("days_used", sa.Integer(), nullable=True))
    op.create_foreign_key(op.f("fk_task_closed_by_account"), "task", "account", ["closed_by"], ["id"])
    op.create_index("ix_task_closed_at", "task", ["closed_at"], unique=False, postgresql_where=CLOSED)


def downgrade() -> None:
    op.drop_index("ix_task_closed_at", table_name="task", postgresql_where=CLOSED)
    op.drop_constraint(op.f("fk_task_closed_by_account"), "task")
    op.drop_column("task", "days_used")
    op.drop_column("task", "closed_by")
