"""Live sessions: slots, agendas, who is there, what happens; an item is on one track."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0019"
down_revision: str | None = "0018"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

TABLES = (
    "duo_capture",
    "duo_line",
    "duo_presence",
    "duo_quarter",
    "duo_participant",
    "duo_event",
    "duo_check",
    "duo_session",
    "duo_hold",
    "duo_slot",
    "duo_availability",
    "duo_staffing",
)
#: What waits in a queue is verified there, whatever was meant when the dossier was drafted.
IN_A_QUEUE = """
UPDATE item SET track = 'async' FROM task
WHERE task.item_id = item.id AND task.closed_at IS NULL AND item.track <> 'async'
"""
QUEUED = "CASE WHEN closed_at IS NULL AND item_id IS NOT NULL THEN 'async'::text ELSE NULL::text END"
APPEND_ONLY = """
CREATE FUNCTION duo_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was told of a session is append-only';
END $$
"""
KEPT_AS_TOLD = """
CREATE TRIGGER kept_as_told BEFORE UPDATE OR DELETE OR TRUNCATE ON duo_event
FOR EACH STATEMENT EXECUTE FUNCTION duo_append_only()
"""


def _one_of(name: str, values: Sequence[str]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def _id(name: str, *, nullable: bool = False) -> sa.Column[UUID]:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def _time(name: str, *, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _column(name: str, kind: sa.types.TypeEngine[Any]) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _created() -> sa.Column[datetime]:
    return sa.Column(
        "created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
    )


def _link(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}_{to}"))


def upgrade() -> None:
    _make_offers()
    _make_sessions()
    _make_people()
    _make_agendas()
    _keep_tracks_apart()


def _make_offers() -> None:
    op.create_table(
        "duo_staffing",
        _id("id"),
        sa.Column("couloir", sa.Text(), nullable=True),
        _column("verifiers", sa.Integer()),
        sa.CheckConstraint("verifiers IN (1, 2)", name=op.f("ck_duo_staffing_verifiers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duo_staffing")),
        sa.UniqueConstraint(
            "couloir", name=op.f("uq_duo_staffing_couloir"), postgresql_nulls_not_distinct=True
        ),
    )
    op.create_table(
        "duo_availability",
        _id("id"),
        _id("verifier_id"),
        _id("offered_by"),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("starts_at", sa.Time(), nullable=False),
        sa.Column("ends_at", sa.Time(), nullable=False),
        _column("slot_minutes", sa.Integer()),
        sa.Column("couloirs", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("chapters", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("excepted", sa.ARRAY(sa.Date()), nullable=False),
        _time("withdrawn_at", nullable=True),
        _created(),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_duo_availability_days")),
        sa.CheckConstraint(
            "slot_minutes > 0 AND slot_minutes % 15 = 0", name=op.f("ck_duo_availability_slot_minutes")
        ),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_duo_availability_times")),
        _link("duo_availability", "offered_by", "account"),
        _link("duo_availability", "verifier_id", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duo_availability")),
    )
    op.create_index("ix_duo_availability_verifier_id", "duo_availability", ["verifier_id", "id"])
    op.create_table(
        "duo_slot",
        _id("id"),
        _id("availability_id"),
        _id("verifier_id"),
        _time("starts_at"),
        _time("ends_at"),
        _time("withdrawn_at", nullable=True),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_duo_slot_times")),
        _link("duo_slot", "availability_id", "duo_availability"),
        _link("duo_slot", "verifier_id", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duo_slot")),
    )
    op.create_index("ix_duo_slot_availability_id", "duo_slot", ["availability_id", "starts_at"])
    op.create_index(
        "ix_duo_slot_offered",
        "duo_slot",
        ["starts_at", "id"],
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_index("ix_duo_slot_verifier_id", "duo_slot", ["verifier_id", "starts_at"])
    op.create_table(
        "duo_hold",
        _id("id"),
        _id("slot_id"),
        _id("candidature_id"),
        _id("held_by"),
        _time("starts_at"),
        _time("ends_at"),
        _time("expires_at"),
        _created(),
        _link("duo_hold", "candidature_id", "candidature"),
        _link("duo_hold", "held_by", "account"),
        _link("duo_hold", "slot_id", "duo_slot"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duo_hold")),
    )
    op.create_index("ix_duo_hold_candidature_id", "duo_hold", ["candidature_id"])


def _make_sessions() -> None:
    op.create_table(
        "duo_session",
        _id("id"),
        _id("candidature_id"),
        _id("organisation_id"),
        _id("slot_id"),
        _id("follows_id", nullable=True),
        _id("booked_by"),
        sa.Column(
            "phase",
            _one_of(
                "phase",
                ("scheduled", "open", "paused", "closed", "signed", "cancelled", "no_show", "interrupted"),
            ),
            nullable=False,
        ),
        _column("revision", sa.Integer()),
        _column("sequence", sa.Integer()),
        _column("last_event", sa.Integer()),
        _time("starts_at"),
        _time("ends_at"),
        _time("opened_at", nullable=True),
        _time("ended_at", nullable=True),
        _id("ended_by", nullable=True),
        sa.Column("absent", _one_of("absent", ("agency", "editor")), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        _created(),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_duo_session_times")),
        _link("duo_session", "booked_by", "account"),
        _link("duo_session", "candidature_id", "candidature"),
        _link("duo_session", "ended_by", "account"),
        _link("duo_session", "follows_id", "duo_session"),
        _link("duo_session", "organisation_id", "organisation"),
        _link("duo_session", "slot_id", "duo_slot"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duo_session")),
    )
    op.create_index("ix_duo_session_candidature_id", "duo_session", ["candidature_id", "id"])
    op.create_index("ix_duo_session_starts_at", "duo_session", ["starts_at", "id"])
    op.create_table(
        "duo_check",
        _id("session_id"),
        sa.Column("kind", _one_of("kind", ("room", "test_cards", "test_patients")), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        _column("comment", sa.Text()),
        _id("checked_by"),
        _time("checked_at"),
        _link("duo_check", "checked_by", "account"),
        _link("duo_check", "session_id", "duo_session"),
        sa.PrimaryKeyConstraint("session_id", "kind", name=op.f("pk_duo_check")),
    )
    op.create_table(
        "duo_event",
        _id("session_id"),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        _column("kind", sa.Text()),
        sa.Column("body", postgresql.JSONB(), nullable=False),
        _time("at"),
        _link("duo_event", "session_id", "duo_session"),
        sa.PrimaryKeyConstraint("session_id", "seq", name=op.f("pk_duo_event")),
    )
    op.execute(APPEND_ONLY)
    op.execute(KEPT_AS_TOLD)


def _make_people() -> None:
    op.create_table(
        "duo_participant",
        _id("session_id"),
        _id("account_id"),
        sa.Column("side", _one_of("side", ("agency", "editor")), nullable=False),
        _time("added_at"),
        _link("duo_participant", "account_id", "account"),
        _link("duo_participant", "session_id", "duo_session"),
        sa.PrimaryKeyConstraint("session_id", "account_id", name=op.f("pk_duo_participant")),
    )
    op.create_index("ix_duo_participant_account_id", "duo_participant", ["account_id", "session_id"])
    op.create_table(
        "duo_quarter",
        _id("account_id"),
        _time("starts_at"),
        _id("session_id", nullable=True),
        _id("hold_id", nullable=True),
        sa.CheckConstraint("num_nonnulls(session_id, hold_id) = 1", name=op.f("ck_duo_quarter_taken_by")),
        _link("duo_quarter", "account_id", "account"),
        sa.ForeignKeyConstraint(
            ["hold_id"], ["duo_hold.id"], name=op.f("fk_duo_quarter_hold_id_duo_hold"), ondelete="CASCADE"
        ),
        _link("duo_quarter", "session_id", "duo_session"),
        sa.PrimaryKeyConstraint("account_id", "starts_at", name=op.f("pk_duo_quarter")),
    )
    op.create_index("ix_duo_quarter_hold_id", "duo_quarter", ["hold_id"])
    op.create_index("ix_duo_quarter_session_id", "duo_quarter", ["session_id"])
    op.create_table(
        "duo_presence",
        _id("id"),
        _id("session_id"),
        _id("account_id"),
        sa.Column("side", _one_of("side", ("agency", "editor")), nullable=False),
        _time("arrived_at"),
        _time("left_at", nullable=True),
        sa.ForeignKeyConstraint(
            ["session_id", "account_id"],
            ["duo_participant.session_id", "duo_participant.account_id"],
            name=op.f("fk_duo_presence_session_id_account_id_duo_participant"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duo_presence")),
    )
    op.create_index("ix_duo_presence_session_id", "duo_presence", ["session_id", "id"])
    op.create_index(
        "uq_duo_presence_there",
        "duo_presence",
        ["account_id"],
        unique=True,
        postgresql_where=sa.text("left_at IS NULL"),
    )


def _make_agendas() -> None:
    op.create_table(
        "duo_line",
        _id("id"),
        _id("session_id"),
        _id("item_id"),
        _column("position", sa.Integer()),
        _column("minutes", sa.Integer()),
        sa.Column(
            "state",
            _one_of("state", ("planned", "shown", "decided", "covered", "withdrawn", "to_queue", "to_next")),
            nullable=False,
        ),
        _column("revision", sa.Integer()),
        _time("shown_at", nullable=True),
        _time("decided_at", nullable=True),
        sa.Column("timecode", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("recording", sa.Text(), nullable=True),
        sa.Column("steps", postgresql.JSONB(), server_default="[]", nullable=False),
        _id("verdict_id", nullable=True),
        sa.CheckConstraint(
            "(state = 'decided') = (verdict_id IS NOT NULL)", name=op.f("ck_duo_line_decided")
        ),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_duo_line_minutes")),
        _link("duo_line", "item_id", "item"),
        _link("duo_line", "session_id", "duo_session"),
        _link("duo_line", "verdict_id", "verdict"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duo_line")),
        sa.UniqueConstraint("session_id", "item_id", name=op.f("uq_duo_line_session_id_item_id")),
        sa.UniqueConstraint(
            "session_id",
            "position",
            deferrable=True,
            initially="DEFERRED",
            name=op.f("uq_duo_line_session_id_position"),
        ),
    )
    op.create_index("ix_duo_line_item_id", "duo_line", ["item_id", "id"])
    op.create_index(
        "uq_duo_line_pending",
        "duo_line",
        ["item_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('planned', 'shown')"),
    )
    op.create_table(
        "duo_capture",
        _id("line_id"),
        _id("taken_by"),
        _time("taken_at"),
        sa.Column("timecode", sa.Integer(), nullable=True),
        _id("proof_id", nullable=True),
        _id("id"),
        _column("position", sa.Integer()),
        _column("filename", sa.Text()),
        _column("media_type", sa.Text()),
        _column("sha256", sa.Text()),
        sa.Column("detected_type", sa.Text(), nullable=True),
        sa.Column("remarks", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("identifiers", sa.Integer(), server_default="0", nullable=False),
        sa.Column("identifier_places", postgresql.JSONB(), server_default="[]", nullable=False),
        _id("accepted_by", nullable=True),
        sa.Column("accepted_reason", sa.Text(), nullable=True),
        _link("duo_capture", "accepted_by", "account"),
        _link("duo_capture", "line_id", "duo_line"),
        _link("duo_capture", "proof_id", "proof"),
        sa.ForeignKeyConstraint(["sha256"], ["content.sha256"], name=op.f("fk_duo_capture_sha256_content")),
        _link("duo_capture", "taken_by", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duo_capture")),
        sa.UniqueConstraint("line_id", "position", name=op.f("uq_duo_capture_line_id_position")),
    )
    op.create_index(op.f("ix_duo_capture_sha256"), "duo_capture", ["sha256"])


def _keep_tracks_apart() -> None:
    op.add_column(
        "expected_proof",
        sa.Column("live_without_trace", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.add_column("item", _id("session_id", nullable=True))
    op.create_index(
        "ix_item_session_id", "item", ["session_id"], postgresql_where=sa.text("session_id IS NOT NULL")
    )
    op.create_unique_constraint(op.f("uq_item_id_track"), "item", ["id", "track"])
    op.create_foreign_key(
        op.f("fk_item_session_id_duo_session"), "item", "duo_session", ["session_id"], ["id"]
    )
    op.add_column("task", sa.Column("track", sa.Text(), sa.Computed(QUEUED, persisted=True), nullable=True))
    op.execute(IN_A_QUEUE)
    op.create_foreign_key(
        op.f("fk_task_item_id_track_item"), "task", "item", ["item_id", "track"], ["id", "track"]
    )
    op.create_check_constraint(op.f("ck_item_one_track"), "item", "session_id IS NULL OR track = 'duo'")


def downgrade() -> None:
    op.drop_constraint("fk_task_item_id_track_item", "task")
    op.drop_column("task", "track")
    op.drop_constraint("ck_item_one_track", "item")
    op.drop_constraint("fk_item_session_id_duo_session", "item")
    op.drop_constraint("uq_item_id_track", "item")
    op.drop_column("item", "session_id")
    op.drop_column("expected_proof", "live_without_trace")
    for table in TABLES:
        op.drop_table(table)
    op.execute("DROP FUNCTION duo_append_only")
