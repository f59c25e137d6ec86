"""Second readings, and what experts are asked."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

ARBITERS = ("third", "lead")
FINDINGS = ("verified", "rejected", "complement")


def _one_of(name: str, values: Sequence[str]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def _time(name: str, *, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _link(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}_{to}"))


def upgrade() -> None:
    op.create_table(
        "second_reading_rate",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("chapter", sa.Text(), nullable=True),
        sa.Column("verifier_id", sa.Uuid(), nullable=True),
        sa.Column("rate", sa.Integer(), nullable=False),
        sa.Column("on_disagreement", _one_of("on_disagreement", ARBITERS), nullable=False),
        sa.Column("seed", sa.Text(), nullable=False),
        sa.CheckConstraint("rate BETWEEN 0 AND 100", name=op.f("ck_second_reading_rate_rate")),
        _link("second_reading_rate", "verifier_id", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_reading_rate")),
        sa.UniqueConstraint(
            "chapter",
            "verifier_id",
            name=op.f("uq_second_reading_rate_chapter_verifier_id"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_table(
        "second_reading",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("proof_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("on_disagreement", _one_of("on_disagreement", ARBITERS), nullable=False),
        _link("second_reading", "task_id", "task"),
        _link("second_reading", "proof_id", "proof"),
        sa.PrimaryKeyConstraint("task_id", name=op.f("pk_second_reading")),
    )
    _make_readings()
    _make_opinions()


def _make_readings() -> None:
    op.create_table(
        "reading",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("proof_id", sa.Uuid(), nullable=False),
        sa.Column("verifier_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("finding", _one_of("finding", FINDINGS), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("steps", postgresql.JSONB(), nullable=False),
        sa.Column("file_sha256", sa.Text(), nullable=False),
        _time("given_at"),
        sa.Column("verification_id", sa.Uuid(), nullable=True),
        _link("reading", "task_id", "task"),
        _link("reading", "proof_id", "proof"),
        _link("reading", "verifier_id", "account"),
        _link("reading", "verification_id", "verification"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reading")),
        sa.UniqueConstraint("task_id", name=op.f("uq_reading_task_id")),
    )
    op.create_index(
        "uq_reading_waiting",
        "reading",
        ["proof_id", "verifier_id"],
        unique=True,
        postgresql_where=sa.text("verification_id IS NULL"),
    )
    op.create_index("ix_reading_proof_id", "reading", ["proof_id", "round"], unique=False)
    op.create_index("ix_reading_verification_id", "reading", ["verification_id", "round"], unique=False)


def _make_opinions() -> None:
    op.create_table(
        "opinion",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("expert_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        _time("asked_at"),
        _time("answered_at", nullable=True),
        _time("declined_at", nullable=True),
        sa.Column("reply", sa.Text(), nullable=True),
        _time("reminded_at", nullable=True),
        _time("overdue_noted_at", nullable=True),
        sa.CheckConstraint(
            "num_nonnulls(answered_at, declined_at) <= 1 "
            "AND (reply IS NULL) = (num_nonnulls(answered_at, declined_at) = 0)",
            name=op.f("ck_opinion_reply"),
        ),
        _link("opinion", "task_id", "task"),
        _link("opinion", "expert_id", "account"),
        _link("opinion", "asked_by", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinion")),
        sa.UniqueConstraint("task_id", "expert_id", name=op.f("uq_opinion_task_id_expert_id")),
    )
    op.create_index("ix_opinion_expert_id", "opinion", ["expert_id", "id"], unique=False)
    op.create_index(
        "ix_opinion_awaited",
        "opinion",
        ["due_on", "id"],
        unique=False,
        postgresql_where=sa.text("reply IS NULL"),
    )


def downgrade() -> None:
    for table in ("opinion", "reading", "second_reading", "second_reading_rate"):
        op.drop_table(table)
