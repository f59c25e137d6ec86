"""The workbench: correspondences that the data suggests for a draft. How items stood, from when to when."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0014"
down_revision: str | None = "0013"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

RELATIONS = ("equal", "superset", "subset", "intersects", "none")
STATUSES = ("proposed", "accepted", "changed", "refused")
ITEM_STATES = (
    "required", "supplied", "under_review", "conform", "nonconform", "complement_requested", "not_applicable",
    "covered", "to_confirm", "awaiting",
)  # fmt: skip


def values_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    op.create_table(
        "correspondence_proposal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rulebook_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("sources", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("source_dsr", sa.Text(), nullable=False),
        sa.Column("target_dsr", sa.Text(), nullable=False),
        sa.Column("source_version_id", sa.Uuid(), nullable=False),
        sa.Column("target_version_id", sa.Uuid(), nullable=False),
        sa.Column("chapter", sa.Text(), nullable=False),
        sa.Column("relation", values_of("relation", *RELATIONS), nullable=False),
        sa.Column("grounds", postgresql.JSONB(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("likeness", postgresql.JSONB(), nullable=False),
        sa.Column("differing", postgresql.JSONB(), nullable=False),
        sa.Column("status", values_of("status", *STATUSES), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decision", postgresql.JSONB(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("cardinality(sources) > 0", name=op.f("ck_correspondence_proposal_sources")),
        sa.CheckConstraint(
            "(status = 'proposed') = (decided_at IS NULL)", name=op.f("ck_correspondence_proposal_decided")
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_correspondence_proposal_{column}_{table}")
            )
            for column, table in (
                ("rulebook_id", "rulebook"),
                ("source_version_id", "dsr_version"),
                ("target_version_id", "dsr_version"),
                ("decided_by", "account"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correspondence_proposal")),
        sa.UniqueConstraint("rulebook_id", "code", name=op.f("uq_correspondence_proposal_rulebook_id_code")),
    )
    op.add_column("correspondence", sa.Column("proposal_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_correspondence_proposal_id_correspondence_proposal"),
        "correspondence",
        "correspondence_proposal",
        ["proposal_id"],
        ["id"],
    )
    op.create_unique_constraint(op.f("uq_correspondence_proposal_id"), "correspondence", ["proposal_id"])
    _keep_standings()


def _keep_standings() -> None:
    """What is known begins now: of earlier days nothing was kept that could be told for certain."""
    op.create_table(
        "item_standing",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("state", values_of("state", *ITEM_STATES), nullable=False),
        sa.Column("grant_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("answer", postgresql.JSONB(), nullable=True),
        sa.Column("rulebook_id", sa.Uuid(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_item_standing_{column}_{table}")
            )
            for column, table in (
                ("item_id", "item"),
                ("grant_id", "equivalence_grant"),
                ("rulebook_id", "rulebook"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_standing")),
    )
    op.create_index(
        "uq_item_standing_open",
        "item_standing",
        ["item_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index("ix_item_standing_item_id_started_at", "item_standing", ["item_id", "started_at"])
    op.execute(
        "INSERT INTO item_standing (id, item_id, state, grant_id, reason, started_at) "
        "SELECT gen_random_uuid(), id, state, grant_id, reason, now() FROM item"
    )


def downgrade() -> None:
    op.drop_table("item_standing")
    op.drop_constraint("uq_correspondence_proposal_id", "correspondence", type_="unique")
    op.drop_constraint(
        "fk_correspondence_proposal_id_correspondence_proposal", "correspondence", type_="foreignkey"
    )
    op.drop_column("correspondence", "proposal_id")
    op.drop_table("correspondence_proposal")
