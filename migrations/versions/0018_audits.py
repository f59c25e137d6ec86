"""Signals, audits, what they find, and what follows."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0018"
down_revision: str | None = "0017"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def _one_of(name: str, values: Sequence[str]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    op.create_table(
        "signal_count",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("source", "hour", name=op.f("pk_signal_count")),
    )
    op.create_table(
        "signal_salt",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_signal_salt")),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("candidature_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            _one_of("state", ["planned", "in_progress", "contradictory", "follow_up", "closed", "abandoned"]),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("seed", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("population", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("notified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer_by", sa.Date(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("conclusions", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["candidature_id"], ["candidature.id"], name=op.f("fk_audit_candidature_id_candidature")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name=op.f("fk_audit_created_by_account")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_audit_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_organisation_id", "audit", ["organisation_id", "id"], unique=False)
    op.create_index("ix_audit_state", "audit", ["state", "id"], unique=False)
    op.create_index(
        "uq_audit_standing",
        "audit",
        ["candidature_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('contradictory', 'follow_up', 'in_progress', 'planned')"),
    )
    op.create_table(
        "sanction",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("audit_id", sa.Uuid(), nullable=False),
        sa.Column(
            "measure", _one_of("measure", ["suspension", "delisting", "reinstatement"]), nullable=False
        ),
        sa.Column("state", _one_of("state", ["announced", "answered", "applied", "dropped"]), nullable=False),
        sa.Column("grounds", sa.Text(), nullable=False),
        sa.Column("urgent_reason", sa.Text(), nullable=True),
        sa.Column("answer_by", sa.Date(), nullable=True),
        sa.Column("announced_by", sa.Uuid(), nullable=False),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["announced_by"], ["account.id"], name=op.f("fk_sanction_announced_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["account.id"], name=op.f("fk_sanction_answered_by_account")
        ),
        sa.ForeignKeyConstraint(["audit_id"], ["audit.id"], name=op.f("fk_sanction_audit_id_audit")),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"], name=op.f("fk_sanction_decided_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sanction")),
    )
    op.create_index("ix_sanction_audit_id", "sanction", ["audit_id", "id"], unique=False)
    op.create_index(
        "uq_sanction_pending",
        "sanction",
        ["audit_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('announced', 'answered')"),
    )
    op.create_table(
        "signal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("receipt", sa.Text(), nullable=False),
        sa.Column("state", _one_of("state", ["received", "qualified", "dismissed"]), nullable=False),
        sa.Column(
            "channel", _one_of("channel", ["form", "letter", "email", "telephone", "other"]), nullable=False
        ),
        sa.Column("solution", sa.Text(), nullable=False),
        sa.Column("editor", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("observed_on", sa.Date(), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("assessment", sa.Text(), nullable=True),
        sa.Column("assessed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("assessed_by", sa.Uuid(), nullable=True),
        sa.Column("candidature_id", sa.Uuid(), nullable=True),
        sa.Column("audit_id", sa.Uuid(), nullable=True),
        sa.Column("request_key", sa.Text(), nullable=True),
        sa.CheckConstraint("(channel = 'form') = (recorded_by IS NULL)", name=op.f("ck_signal_recorded")),
        sa.CheckConstraint("audit_id IS NULL OR state = 'qualified'", name=op.f("ck_signal_audited")),
        sa.ForeignKeyConstraint(["assessed_by"], ["account.id"], name=op.f("fk_signal_assessed_by_account")),
        sa.ForeignKeyConstraint(["audit_id"], ["audit.id"], name=op.f("fk_signal_audit_id_audit")),
        sa.ForeignKeyConstraint(
            ["candidature_id"], ["candidature.id"], name=op.f("fk_signal_candidature_id_candidature")
        ),
        sa.ForeignKeyConstraint(["recorded_by"], ["account.id"], name=op.f("fk_signal_recorded_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signal")),
        sa.UniqueConstraint("receipt", name=op.f("uq_signal_receipt")),
        sa.UniqueConstraint("request_key", name=op.f("uq_signal_request_key")),
    )
    op.create_index(
        "ix_signal_audit_id",
        "signal",
        ["audit_id"],
        unique=False,
        postgresql_where=sa.text("audit_id IS NOT NULL"),
    )
    op.create_index("ix_signal_state", "signal", ["state", "id"], unique=False)
    op.create_table(
        "sampled_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("audit_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("requirement", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("reused", sa.Boolean(), nullable=False),
        sa.Column("added_reason", sa.Text(), nullable=True),
        sa.Column("finding", _one_of("finding", ["conform", "nonconform"]), nullable=True),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("found_by", sa.Uuid(), nullable=True),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("(finding IS NULL) = (found_at IS NULL)", name=op.f("ck_sampled_item_found")),
        sa.ForeignKeyConstraint(["audit_id"], ["audit.id"], name=op.f("fk_sampled_item_audit_id_audit")),
        sa.ForeignKeyConstraint(["found_by"], ["account.id"], name=op.f("fk_sampled_item_found_by_account")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_sampled_item_item_id_item")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sampled_item")),
        sa.UniqueConstraint("audit_id", "item_id", name=op.f("uq_sampled_item_audit_id_item_id")),
    )
    op.create_index("ix_sampled_item_position", "sampled_item", ["audit_id", "position"], unique=False)
    op.create_table(
        "signal_author",
        sa.Column("signal_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("telephone", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["signal_id"], ["signal.id"], name=op.f("fk_signal_author_signal_id_signal")),
        sa.PrimaryKeyConstraint("signal_id", name=op.f("pk_signal_author")),
    )
    op.create_table(
        "nonconformity",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("audit_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("requirement", sa.Text(), nullable=False),
        sa.Column("severity", _one_of("severity", ["mineure", "majeure", "critique"]), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("sampled_item_id", sa.Uuid(), nullable=True),
        sa.Column("state", _one_of("state", ["open", "lifted", "withdrawn"]), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("raised_by", sa.Uuid(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["audit_id"], ["audit.id"], name=op.f("fk_nonconformity_audit_id_audit")),
        sa.ForeignKeyConstraint(
            ["raised_by"], ["account.id"], name=op.f("fk_nonconformity_raised_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["sampled_item_id"],
            ["sampled_item.id"],
            name=op.f("fk_nonconformity_sampled_item_id_sampled_item"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nonconformity")),
        sa.UniqueConstraint("audit_id", "number", name=op.f("uq_nonconformity_audit_id_number")),
    )
    op.create_table(
        "action_plan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("nonconformity_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column(
            "state",
            _one_of("state", ["proposed", "accepted", "carried_out", "verified", "refused", "withdrawn"]),
            nullable=False,
        ),
        sa.Column("asked_on", sa.Date(), nullable=True),
        sa.Column("asked_days", sa.Integer(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("report", sa.Text(), nullable=True),
        sa.Column("carried_out_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("commented_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded", sa.Integer(), nullable=True),
        sa.CheckConstraint("num_nonnulls(asked_on, asked_days) = 1", name=op.f("ck_action_plan_asked")),
        sa.ForeignKeyConstraint(
            ["nonconformity_id"],
            ["nonconformity.id"],
            name=op.f("fk_action_plan_nonconformity_id_nonconformity"),
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["account.id"], name=op.f("fk_action_plan_proposed_by_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_plan")),
        sa.UniqueConstraint(
            "nonconformity_id", "number", name=op.f("uq_action_plan_nonconformity_id_number")
        ),
    )
    op.create_index(
        "ix_action_plan_due_on",
        "action_plan",
        ["due_on"],
        unique=False,
        postgresql_where=sa.text("state = 'accepted'"),
    )
    op.create_index(
        "uq_action_plan_standing",
        "action_plan",
        ["nonconformity_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('accepted', 'carried_out', 'proposed', 'verified')"),
    )
    op.create_table(
        "sampled_fact",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sampled_item_id", sa.Uuid(), nullable=False),
        sa.Column("verification_id", sa.Uuid(), nullable=True),
        sa.Column("certificate_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "num_nonnulls(verification_id, certificate_id) = 1", name=op.f("ck_sampled_fact_one_fact")
        ),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificate.id"], name=op.f("fk_sampled_fact_certificate_id_certificate")
        ),
        sa.ForeignKeyConstraint(
            ["sampled_item_id"],
            ["sampled_item.id"],
            name=op.f("fk_sampled_fact_sampled_item_id_sampled_item"),
        ),
        sa.ForeignKeyConstraint(
            ["verification_id"],
            ["verification.id"],
            name=op.f("fk_sampled_fact_verification_id_verification"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sampled_fact")),
    )
    op.create_index("ix_sampled_fact_certificate_id", "sampled_fact", ["certificate_id"], unique=False)
    op.create_index("ix_sampled_fact_sampled_item_id", "sampled_fact", ["sampled_item_id"], unique=False)
    op.create_index("ix_sampled_fact_verification_id", "sampled_fact", ["verification_id"], unique=False)
    op.create_table(
        "evidence",
        sa.Column("audit_id", sa.Uuid(), nullable=False),
        sa.Column("sampled_item_id", sa.Uuid(), nullable=True),
        sa.Column("nonconformity_id", sa.Uuid(), nullable=True),
        sa.Column("plan_id", sa.Uuid(), nullable=True),
        sa.Column("sanction_id", sa.Uuid(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("of_agency", sa.Boolean(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("detected_type", sa.Text(), nullable=True),
        sa.Column("remarks", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("identifiers", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "identifier_places", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False
        ),
        sa.Column("accepted_by", sa.Uuid(), nullable=True),
        sa.Column("accepted_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "num_nonnulls(sampled_item_id, nonconformity_id, plan_id, sanction_id) <= 1",
            name=op.f("ck_evidence_about"),
        ),
        sa.ForeignKeyConstraint(
            ["accepted_by"], ["account.id"], name=op.f("fk_evidence_accepted_by_account")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_evidence_account_id_account")),
        sa.ForeignKeyConstraint(["audit_id"], ["audit.id"], name=op.f("fk_evidence_audit_id_audit")),
        sa.ForeignKeyConstraint(
            ["nonconformity_id"],
            ["nonconformity.id"],
            name=op.f("fk_evidence_nonconformity_id_nonconformity"),
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["action_plan.id"], name=op.f("fk_evidence_plan_id_action_plan")
        ),
        sa.ForeignKeyConstraint(
            ["sampled_item_id"], ["sampled_item.id"], name=op.f("fk_evidence_sampled_item_id_sampled_item")
        ),
        sa.ForeignKeyConstraint(
            ["sanction_id"], ["sanction.id"], name=op.f("fk_evidence_sanction_id_sanction")
        ),
        sa.ForeignKeyConstraint(["sha256"], ["content.sha256"], name=op.f("fk_evidence_sha256_content")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
        sa.UniqueConstraint("audit_id", "position", name=op.f("uq_evidence_audit_id_position")),
    )
    op.create_index(op.f("ix_evidence_sha256"), "evidence", ["sha256"], unique=False)
    op.add_column("revocation", sa.Column("audit_id", sa.Uuid(), nullable=True))
    op.create_index(
        "ix_revocation_audit_id",
        "revocation",
        ["audit_id"],
        unique=False,
        postgresql_where=sa.text("audit_id IS NOT NULL"),
    )
    op.create_foreign_key(op.f("fk_revocation_audit_id_audit"), "revocation", "audit", ["audit_id"], ["id"])


def downgrade() -> None:
    op.drop_constraint(op.f("fk_revocation_audit_id_audit"), "revocation", type_="foreignkey")
    op.drop_column("revocation", "audit_id")
    op.drop_table("evidence")
    op.drop_table("sampled_fact")
    op.drop_table("action_plan")
    op.drop_table("nonconformity")
    op.drop_table("signal_author")
    op.drop_table("sampled_item")
    op.drop_table("signal")
    op.drop_table("sanction")
    op.drop_table("audit")
    op.drop_table("signal_salt")
    op.drop_table("signal_count")
