"""Readings that wait can be taken back, tasks can wait for a third party; all queues by the last day of their tasks."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

WAITING = "verification_id IS NULL"
OPEN = "closed_at IS NULL"
WITH_AGENCY = f"{OPEN} AND third_party_since IS NULL"


def upgrade() -> None:
    op.add_column("reading", sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("reading", sa.Column("undone_reason", sa.Text(), nullable=True))
    op.drop_index("uq_reading_waiting", table_name="reading")
    _one_waiting_reading(f"{WAITING} AND undone_at IS NULL")
    op.add_column("task", sa.Column("third_party_since", sa.DateTime(timezone=True), nullable=True))
    op.drop_index("ix_task_order", table_name="task")
    _order(WITH_AGENCY)
    op.create_index(
        "ix_task_last_day",
        "task",
        ["last_day", "opened_at", "id"],
        unique=False,
        postgresql_where=sa.text(WITH_AGENCY),
    )
    _make_waits()


def _one_waiting_reading(where: str) -> None:
    op.create_index(
        "uq_reading_waiting",
        "reading",
        ["proof_id", "verifier_id"],
        unique=True,
        postgresql_where=sa.text(where),
    )


def _order(where: str) -> None:
    op.create_index(
        "ix_task_order",
        "task",
        ["queue", "rank", "last_day", "opened_at", "id"],
        unique=False,
        postgresql_where=sa.text(where),
    )


def _make_waits() -> None:
    op.create_table(
        "third_party_wait",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("expected_on", sa.Date(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("overdue_noted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_by IS NULL) AND (answer IS NULL OR ended_at IS NOT NULL)",
            name=op.f("ck_third_party_wait_ended"),
        ),
        _link("task_id", "task"),
        _link("asked_by", "account"),
        _link("ended_by", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_third_party_wait")),
    )
    op.create_index(
        "uq_third_party_wait_open",
        "third_party_wait",
        ["task_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index("ix_third_party_wait_task_id", "third_party_wait", ["task_id", "started_at"])
    op.create_index("ix_third_party_wait_expected_on", "third_party_wait", ["expected_on", "id"])


def _link(column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_third_party_wait_{column}_{to}"))


def downgrade() -> None:
    op.drop_table("third_party_wait")
    op.drop_index("ix_task_last_day", table_name="task")
    op.drop_index("ix_task_order", table_name="task")
    op.drop_column("task", "third_party_since")
    _order(OPEN)
    # A reader who took a reading back may have read the version again: only the last one waits.
    op.execute("DELETE FROM reading WHERE undone_at IS NOT NULL")
    op.drop_index("uq_reading_waiting", table_name="reading")
    op.drop_column("reading", "undone_reason")
    op.drop_column("reading", "undone_at")
    _one_waiting_reading(WAITING)
