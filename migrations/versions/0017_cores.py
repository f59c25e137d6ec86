"""Softwares that are one technical core, and all that may cease to count."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0017"
down_revision: str | None = "0016"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

STANDING = sa.text("withdrawn_at IS NULL")
ENDED = sa.text("ended_at IS NULL")
EXPIRED = sa.text("revoked_by IS NULL")
FATES = ("covered_otherwise", "reopened", "flagged", "closed", "gained")
ITEM_STATES = (
    "required",
    "supplied",
    "under_review",
    "conform",
    "nonconform",
    "complement_requested",
    "not_applicable",
    "covered",
    "to_confirm",
    "awaiting",
)


def upgrade() -> None:
    _identities()
    _grants()
    _revocations()


def _identities() -> None:
    op.create_table(
        "identity",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("first_id", sa.Uuid(), nullable=False),
        sa.Column("second_id", sa.Uuid(), nullable=False),
        sa.Column("accepted_by", sa.Uuid(), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("first_id < second_id", name=op.f("ck_identity_one_order")),
        sa.ForeignKeyConstraint(
            ["accepted_by"], ["account.id"], name=op.f("fk_identity_accepted_by_account")
        ),
        sa.ForeignKeyConstraint(["first_id"], ["software.id"], name=op.f("fk_identity_first_id_software")),
        sa.ForeignKeyConstraint(["second_id"], ["software.id"], name=op.f("fk_identity_second_id_software")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity")),
    )
    op.create_index(
        "uq_identity_standing", "identity", ["first_id", "second_id"], unique=True, postgresql_where=STANDING
    )
    op.create_index("ix_identity_second_id", "identity", ["second_id"], postgresql_where=STANDING)
    op.create_table(
        "identity_declaration",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("software_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("declared_by", sa.Uuid(), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("identity_id", sa.Uuid(), nullable=True),
        sa.Column("refusal", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("software_id <> other_id", name=op.f("ck_identity_declaration_two_softwares")),
        sa.ForeignKeyConstraint(
            ["declared_by"], ["account.id"], name=op.f("fk_identity_declaration_declared_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["identity_id"], ["identity.id"], name=op.f("fk_identity_declaration_identity_id_identity")
        ),
        sa.ForeignKeyConstraint(
            ["software_id"], ["software.id"], name=op.f("fk_identity_declaration_software_id_software")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_declaration")),
    )
    op.create_index(
        "uq_identity_declaration_standing",
        "identity_declaration",
        ["software_id", "other_id"],
        unique=True,
        postgresql_where=ENDED,
    )
    op.create_index(
        op.f("ix_identity_declaration_identity_id"), "identity_declaration", ["identity_id"], unique=False
    )
    op.create_table(
        "attestation_file",
        sa.Column("declaration_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
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
            ["accepted_by"], ["account.id"], name=op.f("fk_attestation_file_accepted_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["declaration_id"],
            ["identity_declaration.id"],
            name=op.f("fk_attestation_file_declaration_id_identity_declaration"),
        ),
        sa.ForeignKeyConstraint(
            ["sha256"], ["content.sha256"], name=op.f("fk_attestation_file_sha256_content")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attestation_file")),
        sa.UniqueConstraint(
            "declaration_id", "position", name=op.f("uq_attestation_file_declaration_id_position")
        ),
    )
    op.create_index(op.f("ix_attestation_file_sha256"), "attestation_file", ["sha256"], unique=False)


def _grants() -> None:
    op.add_column(
        "equivalence_grant",
        sa.Column("clauses", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
    )
    op.execute(
        """UPDATE equivalence_grant SET clauses = found.clauses FROM (
               SELECT id, array_agg(DISTINCT clause #>> '{}') AS clauses
               FROM equivalence_grant, jsonb_path_query(derivation, '$.**.clause') AS clause
               GROUP BY id
           ) AS found WHERE found.id = equivalence_grant.id"""
    )
    op.create_index(
        "ix_equivalence_grant_clauses",
        "equivalence_grant",
        ["clauses"],
        postgresql_using="gin",
        postgresql_where=sa.text("state <> 'ended'"),
    )
    _states_of_grants("proposed", "granted", "confirmed", "refused", "stands_in", "ended")
    op.alter_column("grant_source", "core_id", nullable=True)
    for column, table in (
        ("grant_id", "equivalence_grant"),
        ("verification_id", "verification"),
        ("certificate_id", "certificate"),
    ):
        op.create_foreign_key(
            op.f(f"fk_grant_source_{column}_{table}"), "grant_source", table, [column], ["id"]
        )


def _states_of_grants(*states: str) -> None:
    op.drop_constraint(op.f("ck_equivalence_grant_state"), "equivalence_grant")
    listed = ", ".join(f"'{state}'" for state in states)
    op.create_check_constraint(
        op.f("ck_equivalence_grant_state"), "equivalence_grant", f"state IN ({listed})"
    )


def _revocations() -> None:
    op.alter_column("revocation", "core_id", nullable=True)
    op.alter_column("revocation", "revoked_by", nullable=True)
    op.add_column("revocation", sa.Column("identity_id", sa.Uuid(), nullable=True))
    op.add_column("revocation", sa.Column("rulebook_id", sa.Uuid(), nullable=True))
    op.add_column("revocation", sa.Column("rule", postgresql.JSONB(), nullable=True))
    op.add_column("revocation", sa.Column("rule_digest", sa.Text(), nullable=True))
    for table in ("identity", "rulebook"):
        op.create_foreign_key(
            op.f(f"fk_revocation_{table}_id_{table}"), "revocation", table, [f"{table}_id"], ["id"]
        )
    op.drop_constraint(op.f("ck_revocation_one_fact"), "revocation")
    op.create_check_constraint(
        op.f("ck_revocation_one_cause"),
        "revocation",
        "num_nonnulls(verification_id, certificate_id, identity_id, rulebook_id) = 1",
    )
    op.create_check_constraint(
        op.f("ck_revocation_core_of_fact"),
        "revocation",
        "(core_id IS NULL) = (num_nonnulls(verification_id, certificate_id) = 0)",
    )
    op.create_check_constraint(
        op.f("ck_revocation_rule"), "revocation", "num_nonnulls(rulebook_id, rule, rule_digest) IN (0, 3)"
    )
    op.drop_constraint(op.f("uq_revocation_certificate_id"), "revocation")
    op.create_unique_constraint(op.f("uq_revocation_identity_id"), "revocation", ["identity_id"])
    op.create_index(
        "uq_revocation_certificate",
        "revocation",
        ["certificate_id", sa.text("(revoked_by IS NULL)")],
        unique=True,
    )
    op.create_index(
        "uq_revocation_expired_rule", "revocation", ["rule_digest"], unique=True, postgresql_where=EXPIRED
    )
    op.create_table(
        "consequence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("revocation_id", sa.Uuid(), nullable=False),
        sa.Column("candidature_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column(
            "fate",
            sa.Enum(*FATES, name="fate", native_enum=False, length=32, create_constraint=True),
            nullable=True,
        ),
        sa.Column(
            "state",
            sa.Enum(*ITEM_STATES, name="state", native_enum=False, length=32, create_constraint=True),
            nullable=True,
        ),
        sa.Column("derivation", postgresql.JSONB(), nullable=True),
        sa.ForeignKeyConstraint(
            ["candidature_id"], ["candidature.id"], name=op.f("fk_consequence_candidature_id_candidature")
        ),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_consequence_item_id_item")),
        sa.ForeignKeyConstraint(
            ["revocation_id"], ["revocation.id"], name=op.f("fk_consequence_revocation_id_revocation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consequence")),
        sa.UniqueConstraint("revocation_id", "item_id", name=op.f("uq_consequence_revocation_id_item_id")),
    )
    op.create_index(op.f("ix_consequence_candidature_id"), "consequence", ["candidature_id"], unique=False)
    op.create_index("ix_certificate_valid_until", "certificate", ["valid_until"])


def downgrade() -> None:
    """Cores that are joined stay so; what only the later schema can say is dropped with it."""
    op.drop_index("ix_certificate_valid_until", table_name="certificate")
    op.drop_table("consequence")
    op.drop_index("uq_revocation_expired_rule", table_name="revocation")
    op.drop_index("uq_revocation_certificate", table_name="revocation")
    op.drop_constraint(op.f("uq_revocation_identity_id"), "revocation")
    op.execute(
        """DELETE FROM flag USING revocation WHERE revocation.id = flag.revocation_id
           AND (revocation.core_id IS NULL OR revocation.revoked_by IS NULL)"""
    )
    op.execute("DELETE FROM revocation WHERE core_id IS NULL OR revoked_by IS NULL")
    for check in ("rule", "core_of_fact", "one_cause"):
        op.drop_constraint(op.f(f"ck_revocation_{check}"), "revocation")
    for table in ("identity", "rulebook"):
        op.drop_constraint(op.f(f"fk_revocation_{table}_id_{table}"), "revocation")
    for column in ("identity_id", "rulebook_id", "rule", "rule_digest"):
        op.drop_column("revocation", column)
    op.create_check_constraint(
        op.f("ck_revocation_one_fact"), "revocation", "num_nonnulls(verification_id, certificate_id) = 1"
    )
    op.create_unique_constraint(op.f("uq_revocation_certificate_id"), "revocation", ["certificate_id"])
    op.alter_column("revocation", "core_id", nullable=False)
    op.alter_column("revocation", "revoked_by", nullable=False)
    for column, table in (
        ("certificate_id", "certificate"),
        ("verification_id", "verification"),
        ("grant_id", "equivalence_grant"),
    ):
        op.drop_constraint(op.f(f"fk_grant_source_{column}_{table}"), "grant_source")
    op.execute("DELETE FROM grant_source WHERE core_id IS NULL")
    op.alter_column("grant_source", "core_id", nullable=False)
    op.execute("UPDATE equivalence_grant SET state = 'ended' WHERE state = 'stands_in'")
    _states_of_grants("proposed", "granted", "confirmed", "refused", "ended")
    op.drop_index("ix_equivalence_grant_clauses", table_name="equivalence_grant")
    op.drop_column("equivalence_grant", "clauses")
    op.drop_table("attestation_file")
    op.drop_table("identity_declaration")
    op.drop_table("identity")
