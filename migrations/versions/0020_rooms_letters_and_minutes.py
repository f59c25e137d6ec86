"""Where people want their e-mail, and the letters that are sent there."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0020"
down_revision: str | None = "0012"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

OUTCOMES = ("waiting", "sent", "no_server", "no_address", "refused", "abandoned")


def upgrade() -> None:
    op.create_table(
        "email_address",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_email_address_account_id_account")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_email_address")),
    )
    op.create_table(
        "letter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("subject_key", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("calendar", sa.Text(), nullable=True),
        sa.Column("method", sa.Text(), nullable=True),
        sa.Column("useful_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(*OUTCOMES, name="outcome", native_enum=False, length=32, create_constraint=True),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("(outcome = 'waiting') = (settled_at IS NULL)", name=op.f("ck_letter_settled")),
        sa.CheckConstraint(
            "(calendar IS NULL) = (method IS NULL)", name=op.f("ck_letter_calendar_has_method")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_letter_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
        sa.UniqueConstraint("account_id", "subject_key", name=op.f("uq_letter_account_id_subject_key")),
    )
    op.create_index("ix_letter_subject_key", "letter", ["subject_key", "id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_letter_subject_key", table_name="letter")
    op.drop_table("letter")
    op.drop_table("email_address")
