"""What audits took back."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "revocation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("core_id", sa.Uuid(), nullable=False),
        sa.Column("verification_id", sa.Uuid(), nullable=True),
        sa.Column("certificate_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "num_nonnulls(verification_id, certificate_id) = 1", name=op.f("ck_revocation_one_fact")
        ),
        sa.ForeignKeyConstraint(
            ["certificate_id", "core_id"],
            ["certificate.id", "certificate.core_id"],
            name=op.f("fk_revocation_certificate_id_core_id_certificate"),
            onupdate="CASCADE",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["revoked_by"], ["account.id"], name=op.f("fk_revocation_revoked_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["verification_id", "core_id"],
            ["verification.id", "verification.core_id"],
            name=op.f("fk_revocation_verification_id_core_id_verification"),
            onupdate="CASCADE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revocation")),
        sa.UniqueConstraint("certificate_id", name=op.f("uq_revocation_certificate_id")),
        sa.UniqueConstraint("verification_id", name=op.f("uq_revocation_verification_id")),
    )
    op.create_table(
        "flag",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("revocation_id", sa.Uuid(), nullable=False),
        sa.Column("candidature_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["candidature_id"], ["candidature.id"], name=op.f("fk_flag_candidature_id_candidature")
        ),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_flag_item_id_item")),
        sa.ForeignKeyConstraint(
            ["revocation_id"], ["revocation.id"], name=op.f("fk_flag_revocation_id_revocation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flag")),
        sa.UniqueConstraint("revocation_id", "item_id", name=op.f("uq_flag_revocation_id_item_id")),
    )
    op.create_index(op.f("ix_flag_candidature_id"), "flag", ["candidature_id"], unique=False)


def downgrade() -> None:
    op.drop_table("flag")
    op.drop_table("revocation")
