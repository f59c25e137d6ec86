"""Rulebooks tried on the dossiers: what is to be looked at, and what would change."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0015"
down_revision: str | None = "0014"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

STATES = ("running", "finished", "cancelled", "outdated", "failed")
STATUSES = ("covered", "to_confirm", "awaiting", "required")


def upgrade() -> None:
    op.create_table(
        "simulation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rulebook_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("against_id", sa.Uuid(), nullable=True),
        sa.Column("applies_on", sa.Date(), nullable=False),
        _enum("state", STATES),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("figures", postgresql.JSONB(), nullable=False),
        sa.Column("effort", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["rulebook_id"], ["rulebook.id"], name="fk_simulation_rulebook_id_rulebook"),
        sa.ForeignKeyConstraint(["against_id"], ["rulebook.id"], name="fk_simulation_against_id_rulebook"),
        sa.ForeignKeyConstraint(["asked_by"], ["account.id"], name="fk_simulation_asked_by_account"),
        sa.PrimaryKeyConstraint("id", name="pk_simulation"),
    )
    op.create_index("ix_simulation_rulebook_id", "simulation", ["rulebook_id", "id"])
    op.create_index(
        "uq_simulation_running",
        "simulation",
        ["rulebook_id", "revision", "applies_on"],
        unique=True,
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_table(
        "simulated_dossier",
        sa.Column("simulation_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("candidature_id", sa.Uuid(), nullable=False),
        sa.Column("decided", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["simulation_id"], ["simulation.id"], name="fk_simulated_dossier_simulation_id_simulation"
        ),
        sa.PrimaryKeyConstraint("simulation_id", "position", name="pk_simulated_dossier"),
    )
    op.create_table(
        "simulated_change",
        sa.Column("simulation_id", sa.Uuid(), nullable=False),
        sa.Column("dossier", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("decided", sa.Boolean(), nullable=False),
        sa.Column("candidature_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("dispositif", sa.Text(), nullable=False),
        sa.Column("chapter", sa.Text(), nullable=False),
        _enum("before", STATUSES),
        _enum("after", STATUSES),
        sa.Column("told_before", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("told_after", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("derivation_before", postgresql.JSONB(), nullable=True),
        sa.Column("derivation_after", postgresql.JSONB(), nullable=True),
        sa.ForeignKeyConstraint(
            ["simulation_id"], ["simulation.id"], name="fk_simulated_change_simulation_id_simulation"
        ),
        sa.PrimaryKeyConstraint("simulation_id", "dossier", "position", name="pk_simulated_change"),
    )


def _enum(name: str, values: Sequence[str]) -> sa.Column[str]:
    return sa.Column(
        name,
        sa.Enum(*values, name=name, native_enum=False, length=32, create_constraint=True),
        nullable=False,
    )


def downgrade() -> None:
    op.drop_table("simulated_change")
    op.drop_table("simulated_dossier")
    op.drop_table("simulation")
