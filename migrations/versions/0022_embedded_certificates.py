"""A certificate that another software has by embedding what it is about (montage)."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0022"
down_revision: str | None = "0021"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("certificate", sa.Column("original_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_certificate_original_id_certificate"), "certificate", "certificate", ["original_id"], ["id"]
    )
    op.create_index(
        "ix_certificate_original_id",
        "certificate",
        ["original_id"],
        postgresql_where=sa.text("original_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_certificate_original_id", table_name="certificate")
    op.drop_constraint(op.f("fk_certificate_original_id_certificate"), "certificate", type_="foreignkey")
    op.drop_column("certificate", "original_id")
