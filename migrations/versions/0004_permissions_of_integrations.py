"""Permissions of integrations on candidatures, and the editor's own references of items."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "permission",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("candidature_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_permission_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["candidature_id"], ["candidature.id"], name=op.f("fk_permission_candidature_id_candidature")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_permission")),
    )
    op.create_index("ix_permission_candidature_id", "permission", ["candidature_id", "id"])
    op.create_index(
        "uq_permission_standing",
        "permission",
        ["account_id", "candidature_id"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.add_column("item", sa.Column("external_reference", sa.Text(), nullable=True))
    op.create_unique_constraint(
        op.f("uq_item_candidature_id_external_reference"),
        "item",
        ["candidature_id", "external_reference"],
        deferrable=True,
        initially="DEFERRED",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("uq_item_candidature_id_external_reference"), "item", type_="unique")
    op.drop_column("item", "external_reference")
    op.drop_table("permission")
