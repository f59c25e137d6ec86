"""Queues that keep their promise: a due date and a place for each task, leases, and who can be given work."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

QUEUES = (
    "admissibility",
    "proof_review",
    "equivalence",
    "second_reading",
    "expert_opinion",
    "duo_follow_up",
)
GUICHETS = ("ANS", "CNDA", "EDC_PSC")
PLACE = (
    "organisation_id",
    "code",
    "chapter",
    "guichet",
    "budget",
    "due_on",
    "last_day",
    "boost_id",
    "rank",
)
WAITING = sa.text("closed_at IS NULL")


def _one_of(name: str, values: Sequence[str]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def _check(name: str, values: Sequence[str]) -> str:
    return f"{name} IN ({', '.join(repr(value) for value in values)})"


#: A day for each task; the budget 0, which no queue has, makes the first `order_queues` count the right one.
PLACED = """
UPDATE task SET organisation_id = candidature.organisation_id, budget = 0, rank = 0,
    due_on = (task.opened_at AT TIME ZONE 'Europe/Paris')::date,
    last_day = (task.opened_at AT TIME ZONE 'Europe/Paris')::date
FROM candidature WHERE candidature.id = task.candidature_id
"""
NAMED = """
UPDATE task SET code = expected_proof.code, chapter = requirement.chapter, guichet = expected_proof.guichet
FROM item JOIN expected_proof ON expected_proof.id = item.expected_proof_id
    JOIN requirement ON requirement.id = expected_proof.requirement_id
WHERE item.id = task.item_id
"""


def upgrade() -> None:
    op.create_table(
        "budget",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("queue", _one_of("queue", QUEUES), nullable=False),
        sa.Column("guichet", _one_of("guichet", GUICHETS), nullable=True),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.CheckConstraint("days > 0", name=op.f("ck_budget_days")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget")),
        sa.UniqueConstraint(
            "queue", "guichet", name=op.f("uq_budget_queue_guichet"), postgresql_nulls_not_distinct=True
        ),
    )
    op.create_table(
        "boost",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("queue", _one_of("queue", QUEUES), nullable=True),
        sa.Column("chapter", sa.Text(), nullable=True),
        sa.Column("dispositif", sa.Text(), nullable=True),
        sa.Column("vague", sa.Integer(), nullable=True),
        sa.Column("candidature_id", sa.Uuid(), nullable=True),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "num_nonnulls(queue, chapter, dispositif, vague, candidature_id) > 0",
            name=op.f("ck_boost_names_something"),
        ),
        sa.CheckConstraint("weight > 0", name=op.f("ck_boost_weight")),
        sa.ForeignKeyConstraint(
            ["candidature_id"], ["candidature.id"], name=op.f("fk_boost_candidature_id_candidature")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_boost")),
    )
    _place_tasks()
    op.drop_index("ix_claim_verifier_id", table_name="claim")
    op.execute("DELETE FROM claim USING task WHERE task.id = claim.task_id AND task.closed_at IS NOT NULL")
    op.add_column("claim", sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE claim SET expires_at = now() + interval '4 hours'")
    op.alter_column("claim", "expires_at", nullable=False)
    op.create_index("ix_claim_verifier_id", "claim", ["verifier_id", "expires_at"], unique=False)
    op.create_table(
        "verifier",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("chapters", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("guichets", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("most_in_hand", sa.Integer(), nullable=False),
        sa.CheckConstraint("most_in_hand > 0", name=op.f("ck_verifier_most_in_hand")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_verifier_account_id_account")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_verifier")),
    )
    op.create_table(
        "conflict_of_interest",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("verifier_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["verifier_id"], ["account.id"], name=op.f("fk_conflict_of_interest_verifier_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_conflict_of_interest_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conflict_of_interest")),
        sa.UniqueConstraint(
            "verifier_id", "organisation_id", name=op.f("uq_conflict_of_interest_verifier_id_organisation_id")
        ),
    )
    op.create_table(
        "absence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("verifier_id", sa.Uuid(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_absence_days")),
        sa.ForeignKeyConstraint(["verifier_id"], ["account.id"], name=op.f("fk_absence_verifier_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    op.create_index("ix_absence_verifier_id", "absence", ["verifier_id", "ends_on"], unique=False)


def _place_tasks() -> None:
    op.drop_constraint("ck_task_queue", "task")
    op.create_check_constraint(op.f("ck_task_queue"), "task", _check("queue", QUEUES))
    op.drop_index("ix_task_waiting", table_name="task", postgresql_where=WAITING)
    op.add_column("task", sa.Column("organisation_id", sa.Uuid(), nullable=True))
    op.add_column("task", sa.Column("code", sa.Text(), nullable=True))
    op.add_column("task", sa.Column("chapter", sa.Text(), nullable=True))
    op.add_column("task", sa.Column("guichet", _one_of("guichet", GUICHETS), nullable=True))
    op.add_column("task", sa.Column("budget", sa.Integer(), nullable=True))
    op.add_column("task", sa.Column("due_on", sa.Date(), nullable=True))
    op.add_column("task", sa.Column("last_day", sa.Date(), nullable=True))
    op.add_column("task", sa.Column("boost_id", sa.Uuid(), nullable=True))
    op.add_column("task", sa.Column("rank", sa.Integer(), nullable=True))
    op.execute(PLACED)
    op.execute(NAMED)
    for column in ("organisation_id", "budget", "due_on", "last_day", "rank"):
        op.alter_column("task", column, nullable=False)
    op.create_foreign_key(
        op.f("fk_task_organisation_id_organisation"), "task", "organisation", ["organisation_id"], ["id"]
    )
    op.create_foreign_key(op.f("fk_task_boost_id_boost"), "task", "boost", ["boost_id"], ["id"])
    op.create_index(
        "ix_task_order",
        "task",
        ["queue", "rank", "last_day", "opened_at", "id"],
        unique=False,
        postgresql_where=WAITING,
    )
    op.create_index("ix_task_candidature_id", "task", ["candidature_id", "item_id"], unique=False)


def downgrade() -> None:
    op.drop_table("absence")
    op.drop_table("conflict_of_interest")
    op.drop_table("verifier")
    op.drop_index("ix_claim_verifier_id", table_name="claim")
    op.drop_column("claim", "expires_at")
    op.create_index("ix_claim_verifier_id", "claim", ["verifier_id"], unique=False)
    op.drop_index("ix_task_candidature_id", table_name="task")
    op.drop_index("ix_task_order", table_name="task", postgresql_where=WAITING)
    for column in PLACE:
        op.drop_column("task", column)
    op.create_index("ix_task_waiting", "task", ["queue", "id"], unique=False, postgresql_where=WAITING)
    op.drop_constraint("ck_task_queue", "task")
    op.create_check_constraint(op.f("ck_task_queue"), "task", _check("queue", QUEUES[:3]))
    op.drop_table("boost")
    op.drop_table("budget")
