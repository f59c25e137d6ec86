"""Where people want their e-mail, and the letters sent there; the rooms and the minutes of live sessions."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0020"
down_revision: str | None = "0019"
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
            _one_of("outcome", *OUTCOMES),
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
    op.create_index("ix_letter_account_id", "letter", ["account_id", "id"], unique=False)
    _create_rooms()
    _create_minutes()


def _create_rooms() -> None:
    op.create_table(
        "duo_room",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["session_id"], ["duo_session.id"], name=op.f("fk_duo_room_session_id_duo_session")
        ),
        sa.ForeignKeyConstraint(["opened_by"], ["account.id"], name=op.f("fk_duo_room_opened_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duo_room")),
        sa.UniqueConstraint("session_id", "number", name=op.f("uq_duo_room_session_id_number")),
    )
    op.create_index(
        "uq_duo_room_current",
        "duo_room",
        ["session_id"],
        unique=True,
        postgresql_where=sa.text("left_at IS NULL"),
    )


def _create_minutes() -> None:
    op.create_table(
        "duo_minutes",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("fixed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["duo_session.id"], name=op.f("fk_duo_minutes_session_id_duo_session")
        ),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_duo_minutes")),
    )
    op.create_table(
        "duo_signature",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("side", _one_of("side", "agency", "editor"), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("decision", _one_of("decision", "signed", "refused"), nullable=False),
        sa.Column("reserves", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "decision = 'signed' OR reserves <> ''", name=op.f("ck_duo_signature_refusal_says_why")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["duo_session.id"], name=op.f("fk_duo_signature_session_id_duo_session")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_duo_signature_account_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duo_signature")),
    )
    op.create_index("ix_duo_signature_session_id", "duo_signature", ["session_id", "id"], unique=False)
    op.create_index(
        "uq_duo_signature_signed",
        "duo_signature",
        ["session_id", "side"],
        unique=True,
        postgresql_where=sa.text("decision = 'signed'"),
    )


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=32, create_constraint=True)


def downgrade() -> None:
    for table in ("duo_signature", "duo_minutes", "duo_room"):
        op.drop_table(table)
    op.drop_table("letter")
    op.drop_table("email_address")
