"""The first schema."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0001"
down_revision: str | None = None
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

#: The record is written once: nobody changes or removes an entry, whatever code they run.
APPEND_ONLY = """
CREATE FUNCTION journal_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the journal is append-only';
END $$
"""
KEPT_AS_WRITTEN = """
CREATE TRIGGER kept_as_written BEFORE UPDATE OR DELETE OR TRUNCATE ON journal_entry
FOR EACH STATEMENT EXECUTE FUNCTION journal_append_only()
"""


def upgrade() -> None:
    op.create_table(
        "content",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column(
            "scan",
            sa.Enum(
                "unscanned",
                "pending",
                "clean",
                "malware",
                "unscannable",
                name="scan",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("scan_detail", sa.Text(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fault", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_content")),
    )
    op.create_index("ix_content_checked_at", "content", ["checked_at"], unique=False)
    op.create_table(
        "dsr",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("dispositif", sa.Text(), nullable=False),
        sa.Column("vague", sa.Integer(), nullable=False),
        sa.Column("couloir", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dsr")),
        sa.UniqueConstraint("code", name=op.f("uq_dsr_code")),
    )
    op.create_table(
        "job",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("arguments", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dead_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    op.create_index(
        "ix_job_due",
        "job",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("done_at IS NULL AND dead_at IS NULL"),
    )
    op.create_index("ix_job_task", "job", ["task", "created_at"], unique=False)
    op.create_table(
        "journal_stream",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("head", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_journal_stream")),
    )
    op.create_table(
        "organisation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("name", name=op.f("uq_organisation_name")),
    )
    op.create_table(
        "rulebook",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rulebook")),
    )
    op.create_index(
        "uq_rulebook_in_force",
        "rulebook",
        [sa.literal_column("(true)")],
        unique=True,
        postgresql_where=sa.text("published_at IS NOT NULL AND superseded_at IS NULL"),
    )
    op.create_table(
        "account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "editor",
                "integration",
                "verifier",
                "expert",
                "lead",
                "auditor",
                "catalogue",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("key_digest", sa.Text(), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "(role IN ('editor', 'integration')) = (organisation_id IS NOT NULL)",
            name=op.f("ck_account_organisation_of_role"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_account_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("key_digest", name=op.f("uq_account_key_digest")),
        sa.UniqueConstraint(
            "name",
            "role",
            "organisation_id",
            name=op.f("uq_account_name_role_organisation_id"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_table(
        "certificate_kind",
        sa.Column("rulebook_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("covers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["rulebook_id"], ["rulebook.id"], name=op.f("fk_certificate_kind_rulebook_id_rulebook")
        ),
        sa.PrimaryKeyConstraint("rulebook_id", "kind", name=op.f("pk_certificate_kind")),
    )
    op.create_table(
        "correspondence",
        sa.Column("rulebook_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sources", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column(
            "relation",
            sa.Enum(
                "equal",
                "superset",
                "subset",
                "intersects",
                "none",
                name="relation",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.CheckConstraint("cardinality(sources) > 0", name=op.f("ck_correspondence_sources")),
        sa.ForeignKeyConstraint(
            ["rulebook_id"], ["rulebook.id"], name=op.f("fk_correspondence_rulebook_id_rulebook")
        ),
        sa.PrimaryKeyConstraint("rulebook_id", "code", name=op.f("pk_correspondence")),
    )
    op.create_table(
        "dsr_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("dsr_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["dsr_id"], ["dsr.id"], name=op.f("fk_dsr_version_dsr_id_dsr")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dsr_version")),
        sa.UniqueConstraint("dsr_id", "number", name=op.f("uq_dsr_version_dsr_id_number")),
    )
    op.create_index(
        "uq_dsr_version_one_draft",
        "dsr_version",
        ["dsr_id"],
        unique=True,
        postgresql_where=sa.text("published_at IS NULL"),
    )
    op.create_table(
        "journal_entry",
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["stream"], ["journal_stream.name"], name=op.f("fk_journal_entry_stream_journal_stream")
        ),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_journal_entry")),
        sa.UniqueConstraint("stream", "number", name=op.f("uq_journal_entry_stream_number")),
    )
    op.create_table(
        "policy",
        sa.Column("rulebook_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("conditions", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "reuse",
            sa.Enum(
                "auto", "confirm", "never", name="reuse", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("max_age_days", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["rulebook_id"], ["rulebook.id"], name=op.f("fk_policy_rulebook_id_rulebook")
        ),
        sa.PrimaryKeyConstraint("rulebook_id", "position", name=op.f("pk_policy")),
    )
    op.create_table(
        "software",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("core_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("nil", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_software_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_software")),
        sa.UniqueConstraint("id", "core_id", name=op.f("uq_software_id_core_id")),
        sa.UniqueConstraint("organisation_id", "nil", name=op.f("uq_software_organisation_id_nil")),
    )
    op.create_index("ix_software_core_id", "software", ["core_id"], unique=False)
    op.create_table(
        "certificate",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("software_id", sa.Uuid(), nullable=False),
        sa.Column("core_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("revoked_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("valid_from < valid_until", name=op.f("ck_certificate_validity")),
        sa.ForeignKeyConstraint(
            ["software_id", "core_id"],
            ["software.id", "software.core_id"],
            name=op.f("fk_certificate_software_id_core_id_software"),
            onupdate="CASCADE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate")),
        sa.UniqueConstraint("id", "core_id", name=op.f("uq_certificate_id_core_id")),
        sa.UniqueConstraint(
            "software_id",
            "kind",
            "holder",
            "number",
            name=op.f("uq_certificate_software_id_kind_holder_number"),
        ),
    )
    op.create_index("ix_certificate_core_id", "certificate", ["core_id"], unique=False)
    op.create_table(
        "repeatable_request",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("headers", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_repeatable_request_account_id_account")
        ),
        sa.PrimaryKeyConstraint("account_id", "key", name=op.f("pk_repeatable_request")),
    )
    op.create_table(
        "requirement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("chapter", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("function", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("former_profile", sa.Text(), nullable=False),
        sa.Column("perimeter", sa.Text(), nullable=False),
        sa.Column("criticality", sa.Text(), nullable=False),
        sa.Column("socle", sa.Text(), nullable=True),
        sa.Column(
            "socle_fidelity",
            sa.Enum(
                "identical",
                "overridden",
                name="socle_fidelity",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.CheckConstraint(
            "(socle IS NULL) = (socle_fidelity IS NULL)", name=op.f("ck_requirement_socle_with_fidelity")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["dsr_version.id"],
            name=op.f("fk_requirement_version_id_dsr_version"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requirement")),
        sa.UniqueConstraint("version_id", "code", name=op.f("uq_requirement_version_id_code")),
    )
    op.create_index("ix_requirement_position", "requirement", ["version_id", "position"], unique=False)
    op.create_table(
        "solution",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("software_id", sa.Uuid(), nullable=False),
        sa.Column("commercial_name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["software_id"], ["software.id"], name=op.f("fk_solution_software_id_software")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_solution")),
        sa.UniqueConstraint(
            "software_id", "commercial_name", name=op.f("uq_solution_software_id_commercial_name")
        ),
    )
    op.create_table(
        "configuration",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("solution_id", sa.Uuid(), nullable=False),
        sa.Column("software_version", sa.Text(), nullable=False),
        sa.Column("composition", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["solution_id"], ["solution.id"], name=op.f("fk_configuration_solution_id_solution")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_configuration")),
    )
    op.create_table(
        "expected_proof",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("requirement_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("suffix", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("scenario_number", sa.Text(), nullable=False),
        sa.Column("scenario_text", sa.Text(), nullable=False),
        sa.Column(
            "guichet",
            sa.Enum(
                "ANS", "CNDA", "EDC_PSC", name="guichet", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column(
            "kind",
            sa.Enum(
                "demonstration",
                "log",
                "document",
                "test_report",
                "certificate",
                "pentest",
                "other",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("roles", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("duo", sa.Boolean(), nullable=False),
        sa.Column("corrected", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["requirement_id"],
            ["requirement.id"],
            name=op.f("fk_expected_proof_requirement_id_requirement"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["dsr_version.id"],
            name=op.f("fk_expected_proof_version_id_dsr_version"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expected_proof")),
        sa.UniqueConstraint("version_id", "code", name=op.f("uq_expected_proof_version_id_code")),
    )
    op.create_index(
        "ix_expected_proof_position", "expected_proof", ["requirement_id", "position"], unique=False
    )
    op.create_table(
        "candidature",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("software_id", sa.Uuid(), nullable=False),
        sa.Column("core_id", sa.Uuid(), nullable=False),
        sa.Column("configuration_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("profiles", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column(
            "mode",
            sa.Enum("async", "duo", name="mode", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "submitted",
                "incomplete",
                "in_review",
                "deliberation",
                "referenced",
                "refused",
                "withdrawn",
                "suspended",
                "delisted",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("deposited_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("rulebook_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["configuration_id"],
            ["configuration.id"],
            name=op.f("fk_candidature_configuration_id_configuration"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_candidature_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["rulebook_id"], ["rulebook.id"], name=op.f("fk_candidature_rulebook_id_rulebook")
        ),
        sa.ForeignKeyConstraint(
            ["software_id", "core_id"],
            ["software.id", "software.core_id"],
            name=op.f("fk_candidature_software_id_core_id_software"),
            onupdate="CASCADE",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["dsr_version.id"], name=op.f("fk_candidature_version_id_dsr_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_candidature")),
        sa.UniqueConstraint("id", "core_id", name=op.f("uq_candidature_id_core_id")),
    )
    op.create_index(
        "ix_candidature_open_core",
        "candidature",
        ["core_id"],
        unique=False,
        postgresql_where=sa.text(
            "state IN ('deliberation', 'draft', 'in_review', 'incomplete', 'submitted')"
        ),
    )
    op.create_index("ix_candidature_organisation_id", "candidature", ["organisation_id", "id"], unique=False)
    op.create_table(
        "ball_interval",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("candidature_id", sa.Uuid(), nullable=False),
        sa.Column(
            "holder",
            sa.Enum(
                "agency",
                "editor",
                "third_party",
                name="holder",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["candidature_id"], ["candidature.id"], name=op.f("fk_ball_interval_candidature_id_candidature")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ball_interval")),
    )
    op.create_index(
        "ix_ball_interval_candidature_id", "ball_interval", ["candidature_id", "id"], unique=False
    )
    op.create_index(
        "uq_ball_interval_open",
        "ball_interval",
        ["candidature_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "equivalence_grant",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("candidature_id", sa.Uuid(), nullable=False),
        sa.Column("core_id", sa.Uuid(), nullable=False),
        sa.Column("rulebook_id", sa.Uuid(), nullable=True),
        sa.Column("proof_code", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "proposed",
                "granted",
                "confirmed",
                "refused",
                "ended",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "strength",
            sa.Enum("full", "partial", name="strength", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("derivation", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("cases", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("confirm", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["candidature_id", "core_id"],
            ["candidature.id", "candidature.core_id"],
            name=op.f("fk_equivalence_grant_candidature_id_core_id_candidature"),
            onupdate="CASCADE",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["account.id"], name=op.f("fk_equivalence_grant_decided_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["rulebook_id"], ["rulebook.id"], name=op.f("fk_equivalence_grant_rulebook_id_rulebook")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_equivalence_grant")),
        sa.UniqueConstraint("id", "core_id", name=op.f("uq_equivalence_grant_id_core_id")),
    )
    op.create_index(
        "ix_equivalence_grant_candidature_id", "equivalence_grant", ["candidature_id"], unique=False
    )
    op.create_table(
        "item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("candidature_id", sa.Uuid(), nullable=False),
        sa.Column("core_id", sa.Uuid(), nullable=False),
        sa.Column("expected_proof_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
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
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "track",
            sa.Enum("async", "duo", name="track", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("grant_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["candidature_id", "core_id"],
            ["candidature.id", "candidature.core_id"],
            name=op.f("fk_item_candidature_id_core_id_candidature"),
            onupdate="CASCADE",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["expected_proof_id"],
            ["expected_proof.id"],
            name=op.f("fk_item_expected_proof_id_expected_proof"),
        ),
        sa.ForeignKeyConstraint(
            ["grant_id", "core_id"],
            ["equivalence_grant.id", "equivalence_grant.core_id"],
            name=op.f("fk_item_grant_id_core_id_equivalence_grant"),
            onupdate="CASCADE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item")),
        sa.UniqueConstraint(
            "candidature_id", "expected_proof_id", name=op.f("uq_item_candidature_id_expected_proof_id")
        ),
        sa.UniqueConstraint("candidature_id", "position", name=op.f("uq_item_candidature_id_position")),
    )
    op.create_index("ix_item_grant_id", "item", ["grant_id"], unique=False)
    op.create_table(
        "proof",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("software_id", sa.Uuid(), nullable=False),
        sa.Column("core_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("expected_proof_id", sa.Uuid(), nullable=False),
        sa.Column("configuration_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "held",
                "submitted",
                "decided",
                "dropped",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("supplied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("supplied_by", sa.Uuid(), nullable=False),
        sa.Column("submitted_on", sa.Date(), nullable=True),
        sa.Column("journal_position", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["configuration_id"], ["configuration.id"], name=op.f("fk_proof_configuration_id_configuration")
        ),
        sa.ForeignKeyConstraint(
            ["expected_proof_id"],
            ["expected_proof.id"],
            name=op.f("fk_proof_expected_proof_id_expected_proof"),
        ),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_proof_item_id_item")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_proof_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["software_id", "core_id"],
            ["software.id", "software.core_id"],
            name=op.f("fk_proof_software_id_core_id_software"),
            onupdate="CASCADE",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["supplied_by"], ["account.id"], name=op.f("fk_proof_supplied_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proof")),
        sa.UniqueConstraint("id", "core_id", name=op.f("uq_proof_id_core_id")),
        sa.UniqueConstraint("item_id", "number", name=op.f("uq_proof_item_id_number")),
    )
    op.create_index(
        "ix_proof_submitted",
        "proof",
        ["core_id"],
        unique=False,
        postgresql_where=sa.text("state = 'submitted'"),
    )
    op.create_table(
        "task",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "queue",
            sa.Enum(
                "admissibility",
                "proof_review",
                "equivalence",
                name="queue",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("candidature_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["candidature_id"], ["candidature.id"], name=op.f("fk_task_candidature_id_candidature")
        ),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_task_item_id_item")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
    )
    op.create_index(
        "ix_task_waiting",
        "task",
        ["queue", "id"],
        unique=False,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(
        "uq_task_open_dossier",
        "task",
        ["candidature_id"],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL AND item_id IS NULL"),
    )
    op.create_index(
        "uq_task_open_item",
        "task",
        ["item_id"],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL AND item_id IS NOT NULL"),
    )
    op.create_table(
        "claim",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("verifier_id", sa.Uuid(), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_claim_task_id_task")),
        sa.ForeignKeyConstraint(["verifier_id"], ["account.id"], name=op.f("fk_claim_verifier_id_account")),
        sa.PrimaryKeyConstraint("task_id", name=op.f("pk_claim")),
    )
    op.create_index(op.f("ix_claim_verifier_id"), "claim", ["verifier_id"], unique=False)
    op.create_table(
        "proof_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("proof_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("accepted_by", sa.Uuid(), nullable=True),
        sa.Column("accepted_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["accepted_by"], ["account.id"], name=op.f("fk_proof_file_accepted_by_account")
        ),
        sa.ForeignKeyConstraint(["proof_id"], ["proof.id"], name=op.f("fk_proof_file_proof_id_proof")),
        sa.ForeignKeyConstraint(["sha256"], ["content.sha256"], name=op.f("fk_proof_file_sha256_content")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proof_file")),
        sa.UniqueConstraint("proof_id", "position", name=op.f("uq_proof_file_proof_id_position")),
    )
    op.create_index(op.f("ix_proof_file_sha256"), "proof_file", ["sha256"], unique=False)
    op.create_table(
        "verification",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("proof_id", sa.Uuid(), nullable=False),
        sa.Column("software_id", sa.Uuid(), nullable=False),
        sa.Column("core_id", sa.Uuid(), nullable=False),
        sa.Column("proof_code", sa.Text(), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("solution", sa.Text(), nullable=False),
        sa.Column("composition", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column(
            "finding",
            sa.Enum(
                "verified",
                "rejected",
                "complement",
                name="finding",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("found_on", sa.Date(), nullable=False),
        sa.Column("verifier_id", sa.Uuid(), nullable=False),
        sa.Column("file_sha256", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("revoked_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["proof_id", "core_id"],
            ["proof.id", "proof.core_id"],
            name=op.f("fk_verification_proof_id_core_id_proof"),
            onupdate="CASCADE",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["software_id", "core_id"],
            ["software.id", "software.core_id"],
            name=op.f("fk_verification_software_id_core_id_software"),
            onupdate="CASCADE",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["verifier_id"], ["account.id"], name=op.f("fk_verification_verifier_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verification")),
        sa.UniqueConstraint("id", "core_id", name=op.f("uq_verification_id_core_id")),
    )
    op.create_index("ix_verification_core_id", "verification", ["core_id"], unique=False)
    op.create_index("ix_verification_proof_id", "verification", ["proof_id"], unique=False)
    op.create_table(
        "grant_source",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("grant_id", sa.Uuid(), nullable=False),
        sa.Column("core_id", sa.Uuid(), nullable=False),
        sa.Column("verification_id", sa.Uuid(), nullable=True),
        sa.Column("certificate_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "num_nonnulls(verification_id, certificate_id) = 1", name=op.f("ck_grant_source_one_fact")
        ),
        sa.ForeignKeyConstraint(
            ["certificate_id", "core_id"],
            ["certificate.id", "certificate.core_id"],
            name=op.f("fk_grant_source_certificate_id_core_id_certificate"),
            onupdate="CASCADE",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["grant_id", "core_id"],
            ["equivalence_grant.id", "equivalence_grant.core_id"],
            name=op.f("fk_grant_source_grant_id_core_id_equivalence_grant"),
            onupdate="CASCADE",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["verification_id", "core_id"],
            ["verification.id", "verification.core_id"],
            name=op.f("fk_grant_source_verification_id_core_id_verification"),
            onupdate="CASCADE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grant_source")),
        sa.UniqueConstraint(
            "grant_id",
            "verification_id",
            "certificate_id",
            name=op.f("uq_grant_source_grant_id_verification_id_certificate_id"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index("ix_grant_source_certificate_id", "grant_source", ["certificate_id"], unique=False)
    op.create_index("ix_grant_source_verification_id", "grant_source", ["verification_id"], unique=False)
    op.execute(APPEND_ONLY)
    op.execute(KEPT_AS_WRITTEN)


def downgrade() -> None:
    op.drop_index("ix_grant_source_verification_id", table_name="grant_source")
    op.drop_index("ix_grant_source_certificate_id", table_name="grant_source")
    op.drop_table("grant_source")
    op.drop_index("ix_verification_proof_id", table_name="verification")
    op.drop_index("ix_verification_core_id", table_name="verification")
    op.drop_table("verification")
    op.drop_index(op.f("ix_proof_file_sha256"), table_name="proof_file")
    op.drop_table("proof_file")
    op.drop_index(op.f("ix_claim_verifier_id"), table_name="claim")
    op.drop_table("claim")
    op.drop_index(
        "uq_task_open_item",
        table_name="task",
        postgresql_where=sa.text("closed_at IS NULL AND item_id IS NOT NULL"),
    )
    op.drop_index(
        "uq_task_open_dossier",
        table_name="task",
        postgresql_where=sa.text("closed_at IS NULL AND item_id IS NULL"),
    )
    op.drop_index("ix_task_waiting", table_name="task", postgresql_where=sa.text("closed_at IS NULL"))
    op.drop_table("task")
    op.drop_index("ix_proof_submitted", table_name="proof", postgresql_where=sa.text("state = 'submitted'"))
    op.drop_table("proof")
    op.drop_index("ix_item_grant_id", table_name="item")
    op.drop_table("item")
    op.drop_index("ix_equivalence_grant_candidature_id", table_name="equivalence_grant")
    op.drop_table("equivalence_grant")
    op.drop_index(
        "uq_ball_interval_open", table_name="ball_interval", postgresql_where=sa.text("ended_at IS NULL")
    )
    op.drop_index("ix_ball_interval_candidature_id", table_name="ball_interval")
    op.drop_table("ball_interval")
    op.drop_index("ix_candidature_organisation_id", table_name="candidature")
    op.drop_index(
        "ix_candidature_open_core",
        table_name="candidature",
        postgresql_where=sa.text(
            "state IN ('deliberation', 'draft', 'in_review', 'incomplete', 'submitted')"
        ),
    )
    op.drop_table("candidature")
    op.drop_index("ix_expected_proof_position", table_name="expected_proof")
    op.drop_table("expected_proof")
    op.drop_table("configuration")
    op.drop_table("solution")
    op.drop_index("ix_requirement_position", table_name="requirement")
    op.drop_table("requirement")
    op.drop_table("repeatable_request")
    op.drop_index("ix_certificate_core_id", table_name="certificate")
    op.drop_table("certificate")
    op.drop_index("ix_software_core_id", table_name="software")
    op.drop_table("software")
    op.drop_table("policy")
    op.drop_table("journal_entry")
    op.drop_index(
        "uq_dsr_version_one_draft", table_name="dsr_version", postgresql_where=sa.text("published_at IS NULL")
    )
    op.drop_table("dsr_version")
    op.drop_table("correspondence")
    op.drop_table("certificate_kind")
    op.drop_table("account")
    op.drop_index(
        "uq_rulebook_in_force",
        table_name="rulebook",
        postgresql_where=sa.text("published_at IS NOT NULL AND superseded_at IS NULL"),
    )
    op.drop_table("rulebook")
    op.drop_table("organisation")
    op.drop_table("journal_stream")
    op.drop_index("ix_job_task", table_name="job")
    op.drop_index(
        "ix_job_due", table_name="job", postgresql_where=sa.text("done_at IS NULL AND dead_at IS NULL")
    )
    op.drop_table("job")
    op.drop_table("dsr")
    op.drop_index("ix_content_checked_at", table_name="content")
    op.drop_table("content")
    op.execute("DROP FUNCTION journal_append_only")
