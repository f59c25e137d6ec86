"""Verdicts in numbered rounds, what each was tied to, and templates of comments."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

FINDINGS = ("verified", "rejected", "complement")
OUTCOMES = ("conform", "nonconform", "complement")

#: What was found before: a complement began the next round; a reopening did too, but nothing told it then.
TIED = """
UPDATE verification SET round = told.round, dsr_version = told.number, rulebook_id = told.rulebook_id
FROM (
    SELECT v.id, dsr_version.number, rulebook.id AS rulebook_id, 1 + count(*) FILTER (WHERE v.finding = 'complement')
        OVER (PARTITION BY proof.item_id ORDER BY v.id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS round
    FROM verification v JOIN proof ON proof.id = v.proof_id
        JOIN expected_proof ON expected_proof.id = proof.expected_proof_id
        JOIN dsr_version ON dsr_version.id = expected_proof.version_id
        LEFT JOIN rulebook ON rulebook.published_at <= v.created_at
            AND (rulebook.superseded_at IS NULL OR rulebook.superseded_at > v.created_at)
) AS told WHERE told.id = verification.id
"""
ROUNDS = """
UPDATE item SET round = told.round FROM (
    SELECT proof.item_id, 1 + count(*) AS round FROM verification v JOIN proof ON proof.id = v.proof_id
    WHERE v.finding = 'complement' GROUP BY proof.item_id
) AS told WHERE told.item_id = item.id
"""
KEPT = """
INSERT INTO verdict (id, item_id, round, finding, comment, missing, steps, verification_id, verifier_id, given_at)
SELECT v.id, proof.item_id, v.round, v.finding, v.comment,
    CASE WHEN v.finding = 'complement' THEN ARRAY[v.comment] ELSE ARRAY[]::text[] END, '[]', v.id, v.verifier_id,
    v.created_at
FROM verification v JOIN proof ON proof.id = v.proof_id
"""


def _one_of(name: str, values: Sequence[str]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    op.add_column("item", sa.Column("round", sa.Integer(), server_default="1", nullable=False))
    op.add_column("verification", sa.Column("round", sa.Integer(), nullable=True))
    op.add_column("verification", sa.Column("dsr_version", sa.Integer(), nullable=True))
    op.add_column("verification", sa.Column("rulebook_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_verification_rulebook_id_rulebook"), "verification", "rulebook", ["rulebook_id"], ["id"]
    )
    op.execute(TIED)
    op.execute(ROUNDS)
    op.alter_column("verification", "round", nullable=False)
    op.alter_column("verification", "dsr_version", nullable=False)
    op.create_table(
        "verdict",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("finding", _one_of("finding", FINDINGS), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("missing", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("reminded", sa.Integer(), nullable=True),
        sa.Column("steps", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("claim", sa.Text(), nullable=True),
        sa.Column("verification_id", sa.Uuid(), nullable=True),
        sa.Column("grant_id", sa.Uuid(), nullable=True),
        sa.Column("verifier_id", sa.Uuid(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_verdict_item_id_item")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_verdict_task_id_task")),
        sa.ForeignKeyConstraint(
            ["verification_id"], ["verification.id"], name=op.f("fk_verdict_verification_id_verification")
        ),
        sa.ForeignKeyConstraint(
            ["grant_id"], ["equivalence_grant.id"], name=op.f("fk_verdict_grant_id_equivalence_grant")
        ),
        sa.ForeignKeyConstraint(["verifier_id"], ["account.id"], name=op.f("fk_verdict_verifier_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verdict")),
        sa.UniqueConstraint("task_id", name=op.f("uq_verdict_task_id")),
    )
    op.execute(KEPT)
    op.create_index("ix_verdict_item_id", "verdict", ["item_id", "id"], unique=False)
    op.create_index(
        "ix_verdict_due_on",
        "verdict",
        ["due_on"],
        unique=False,
        postgresql_where=sa.text("undone_at IS NULL"),
    )
    op.create_table(
        "comment_template",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("outcome", _one_of("outcome", OUTCOMES), nullable=True),
        sa.Column("chapter", sa.Text(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment_template")),
    )


def downgrade() -> None:
    op.drop_table("comment_template")
    op.drop_table("verdict")
    op.drop_constraint("fk_verification_rulebook_id_rulebook", "verification")
    op.drop_column("verification", "rulebook_id")
    op.drop_column("verification", "dsr_version")
    op.drop_column("verification", "round")
    op.drop_column("item", "round")
