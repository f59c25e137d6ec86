"""Files, corrections and issuers of certificates, the lists by which they are checked; the day of intrusion tests."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0016"
down_revision: str | None = "0015"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

NUMBER = ["software_id", "kind", "holder", "number"]


def upgrade() -> None:
    op.add_column("certificate", sa.Column("entered_by", sa.Uuid(), nullable=True))
    op.add_column("certificate", sa.Column("replaced_by", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_certificate_entered_by_account"), "certificate", "account", ["entered_by"], ["id"]
    )
    op.create_foreign_key(
        op.f("fk_certificate_replaced_by_certificate"), "certificate", "certificate", ["replaced_by"], ["id"]
    )
    op.drop_constraint(op.f("uq_certificate_software_id_kind_holder_number"), "certificate")
    op.create_index(
        "uq_certificate_standing",
        "certificate",
        [*NUMBER, "valid_from"],
        unique=True,
        postgresql_where=sa.text("revoked_on IS NULL"),
    )
    op.create_index("ix_certificate_kind", "certificate", ["kind"], unique=False)
    op.create_index("ix_certificate_entered_by", "certificate", ["entered_by"], unique=False)
    for table in ("proof", "upload"):
        op.add_column(table, sa.Column("performed_on", sa.Date(), nullable=True))
    _create_files()
    _create_issuers()
    _create_declarations()


def _create_files() -> None:
    op.create_table(
        "certificate_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("certificate_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("detected_type", sa.Text(), nullable=True),
        sa.Column("remarks", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("identifiers", sa.Integer(), server_default="0", nullable=False),
        sa.Column("identifier_places", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.Column("accepted_by", sa.Uuid(), nullable=True),
        sa.Column("accepted_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["accepted_by"], ["account.id"], name=op.f("fk_certificate_file_accepted_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["certificate_id"],
            ["certificate.id"],
            name=op.f("fk_certificate_file_certificate_id_certificate"),
        ),
        sa.ForeignKeyConstraint(
            ["sha256"], ["content.sha256"], name=op.f("fk_certificate_file_sha256_content")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_file")),
        sa.UniqueConstraint(
            "certificate_id", "position", name=op.f("uq_certificate_file_certificate_id_position")
        ),
    )
    op.create_index(op.f("ix_certificate_file_sha256"), "certificate_file", ["sha256"], unique=False)


def _create_issuers() -> None:
    op.create_table(
        "issuer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issuer")),
        sa.UniqueConstraint("code", name=op.f("uq_issuer_code")),
    )
    op.create_table(
        "issuer_kind",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("issuer_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["issuer_id"], ["issuer.id"], name=op.f("fk_issuer_kind_issuer_id_issuer")),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_issuer_kind")),
    )
    op.create_index(op.f("ix_issuer_kind_issuer_id"), "issuer_kind", ["issuer_id"], unique=False)
    op.create_table(
        "issuer_list",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("issuer_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("kinds", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("imported_by", sa.Uuid(), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["imported_by"], ["account.id"], name=op.f("fk_issuer_list_imported_by_account")
        ),
        sa.ForeignKeyConstraint(["issuer_id"], ["issuer.id"], name=op.f("fk_issuer_list_issuer_id_issuer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issuer_list")),
        sa.UniqueConstraint("issuer_id", "number", name=op.f("uq_issuer_list_issuer_id_number")),
    )
    op.create_index(
        "uq_issuer_list_current",
        "issuer_list",
        ["issuer_id"],
        unique=True,
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "listed_certificate",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("list_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["list_id"], ["issuer_list.id"], name=op.f("fk_listed_certificate_list_id_issuer_list")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listed_certificate")),
    )
    op.create_index(
        "ix_listed_certificate_number",
        "listed_certificate",
        ["list_id", "kind", sa.text("lower(number)")],
        unique=False,
    )


def _create_declarations() -> None:
    counters = sa.Enum(
        "editor", "operator", name="counter", native_enum=False, create_constraint=True, length=32
    )
    op.create_table(
        "edc_psc_declaration",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("software_id", sa.Uuid(), nullable=False),
        sa.Column("component", sa.Text(), nullable=False),
        sa.Column("counter", counters, nullable=False),
        sa.Column("operator", sa.Text(), nullable=True),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("declared_on", sa.Date(), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(counter = 'operator') = (operator IS NOT NULL)", name=op.f("ck_edc_psc_declaration_operator")
        ),
        sa.ForeignKeyConstraint(
            ["entered_by"], ["account.id"], name=op.f("fk_edc_psc_declaration_entered_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["software_id"], ["software.id"], name=op.f("fk_edc_psc_declaration_software_id_software")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edc_psc_declaration")),
    )
    op.create_index(
        "uq_edc_psc_declaration_standing",
        "edc_psc_declaration",
        ["software_id", "component", "counter", "operator"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at IS NULL"),
        postgresql_nulls_not_distinct=True,
    )


def downgrade() -> None:
    op.drop_table("edc_psc_declaration")
    for table in ("upload", "proof"):
        op.drop_column(table, "performed_on")
    for table in ("listed_certificate", "issuer_list", "issuer_kind", "issuer", "certificate_file"):
        op.drop_table(table)
    for index in ("ix_certificate_entered_by", "ix_certificate_kind", "uq_certificate_standing"):
        op.drop_index(index, table_name="certificate")
    # What was not unique before is told apart by its id.
    op.execute("""
        UPDATE certificate SET number = number || ' ' || id FROM (
            SELECT id AS other, row_number() OVER (
                PARTITION BY software_id, kind, holder, number ORDER BY revoked_on DESC NULLS FIRST, valid_from DESC
            ) AS place FROM certificate
        ) AS numbered WHERE id = other AND place > 1
    """)
    for key in ("replaced_by_certificate", "entered_by_account"):
        op.drop_constraint(op.f(f"fk_certificate_{key}"), "certificate")
    for column in ("replaced_by", "entered_by"):
        op.drop_column("certificate", column)
    op.create_unique_constraint(op.f("uq_certificate_software_id_kind_holder_number"), "certificate", NUMBER)
