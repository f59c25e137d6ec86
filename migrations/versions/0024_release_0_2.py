"""Release 0.2: findings know their dossier, dossiers what became of them; browsers sign in; drafts are worked on."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.names import keep_people_named, let_people_be_erased
from referencing.solutions.nils import look  # the keys are those that are compared from now on

revision: str = "0024"
down_revision: str | None = "0023"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_OF_REGISTER = ("referenced", "renewed", "suspended", "reinstated", "delisted", "annulled")
_STANDINGS = ("open", "referenced", "refused", "withdrawn", "suspended", "delisted", "imported")
_DOSSIER_STATES = (
    *("draft", "submitted", "incomplete", "in_review", "deliberation"),
    *("referenced", "refused", "withdrawn", "suspended", "delisted"),
)
_QUEUES = (
    *("admissibility", "proof_review", "equivalence"),
    *("second_reading", "expert_opinion", "duo_follow_up"),
)
_GUICHETS = ("ANS", "CNDA", "EDC_PSC")
_EVENT_WORDS = (("seq", "number"), ("kind", "action"), ("body", "detail"))
_ITEM_STATES = (
    *("required", "supplied", "under_review", "conform", "nonconform", "complement", "not_applicable"),
    *("covered", "to_confirm", "awaiting"),
)
#: What people send is kept in these; what was there before was examined when it came.
_FILES = ("proof_file", "certificate_file", "attestation_file", "duo_capture", "evidence", "message_file")
_CAUSES = "verification_id, certificate_id, identity_id, rulebook_id"
_CAUSES_OF_STANDINGS = f"{_CAUSES}, standing_id"
_CAUSES_OF_ALIKE = f"{_CAUSES_OF_STANDINGS}, alike_id"

#: From the journal, where each decision stands with its moment and its author, in the words of before or of now.
_HISTORY = """
INSERT INTO dossier_standing (id, candidature_id, core_id, standing, began_at, decided_by, reason)
SELECT gen_random_uuid(), candidature.id, candidature.core_id, told.standing, told.at, told.account_id,
       'La solution « ' || solution.commercial_name || ' » (' || dsr.code || ') '
       || CASE told.standing
            WHEN 'referenced' THEN 'est référencée'
            WHEN 'refused' THEN 'n''est pas référencée : la candidature est refusée'
            WHEN 'withdrawn' THEN 'n''est plus candidate : son dossier est retiré'
            WHEN 'suspended' THEN 'est suspendue'
            WHEN 'delisted' THEN 'est déréférencée'
          END || '.'
FROM (
    SELECT stream, at, account_id,
           CASE WHEN action = 'candidature.decided' AND detail ->> 'outcome' IN ('reference', 'referenced')
                THEN 'referenced'
                WHEN action = 'candidature.decided' AND detail ->> 'outcome' IN ('refuse', 'refused')
                THEN 'refused'
                WHEN action IN ('candidature.withdrawn', 'candidature.suspended', 'candidature.delisted',
                                'candidature.referenced') THEN split_part(action, '.', 2)
           END AS standing
    FROM journal_entry
    WHERE stream LIKE 'candidature:%'
) AS told
JOIN candidature ON told.stream = 'candidature:' || candidature.id
JOIN configuration ON configuration.id = candidature.configuration_id
JOIN solution ON solution.id = configuration.solution_id
JOIN dsr_version ON dsr_version.id = candidature.version_id
JOIN dsr ON dsr.id = dsr_version.dsr_id
WHERE told.standing IS NOT NULL
"""

#: What an editor's desk is read by: its open dossiers, and which of them have something to supply.
_OF_A_DESK: Sequence[tuple[str, str, list[str], str]] = (
    (
        *("ix_candidature_open_organisation", "candidature", ["organisation_id", "id"]),
        "state IN ('deliberation', 'draft', 'in_review', 'incomplete', 'submitted')",
    ),
    (
        *("ix_item_to_supply", "item", ["candidature_id"]),
        "state IN ('complement', 'required') AND session_id IS NULL",
    ),
)
#: What the public list showed of it, in the order in which it was decided. No software was a component of others yet.
_PUBLIC_HISTORY = """
WITH told AS (
    SELECT dossier_standing.id, candidature_id, standing, began_at, solution_id, dsr_id,
           lag(standing) OVER (PARTITION BY candidature_id ORDER BY began_at, dossier_standing.id) AS before
    FROM dossier_standing
    JOIN candidature ON candidature.id = candidature_id
    JOIN configuration ON configuration.id = candidature.configuration_id
    JOIN dsr_version ON dsr_version.id = candidature.version_id
), known AS (
    SELECT id, row_number() OVER (ORDER BY began_at, id) AS number,
           CASE WHEN standing <> 'referenced' THEN standing
                WHEN before = 'suspended' THEN 'reinstated'
                WHEN EXISTS (
                    SELECT FROM told AS other
                    WHERE other.solution_id = told.solution_id AND other.dsr_id = told.dsr_id
                        AND other.candidature_id <> told.candidature_id AND other.began_at < told.began_at
                        AND other.standing IN ('referenced', 'suspended')
                        AND NOT EXISTS (
                            SELECT FROM told AS later
                            WHERE later.candidature_id = other.candidature_id AND later.standing = 'delisted'
                                AND later.began_at < told.began_at
                        )
                ) THEN 'renewed'
                ELSE 'referenced'
           END AS change
    FROM told
    WHERE standing IN ('referenced', 'suspended', 'delisted')
)
UPDATE dossier_standing SET change = known.change, position = known.number
FROM known WHERE known.id = dossier_standing.id
"""

#: Simulations that run begin anew, a few batches at once: each job names the first dossier that it is about.
_SIMULATIONS_ANEW = (
    "DELETE FROM simulated_change WHERE simulation_id IN (SELECT id FROM simulation WHERE state = 'running')",
    "UPDATE simulation SET done = 0, items = 0 WHERE state = 'running'",
    "DELETE FROM job WHERE task = 'simulate' AND done_at IS NULL",
    """
    INSERT INTO job (id, task, arguments, due_at, attempts)
    SELECT gen_random_uuid(), 'simulate', jsonb_build_object('simulation_id', id, 'first', first::text), now(), 0
    FROM simulation, generate_series(1, least(greatest(total, 1), 40), 10) AS first
    WHERE state = 'running'
    """,
)


def upgrade() -> None:
    op.create_table(
        "dossier_standing",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("candidature_id", sa.Uuid(), nullable=False),
        sa.Column("core_id", sa.Uuid(), nullable=False),
        sa.Column("standing", sa.String(length=32), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("change", sa.String(length=32), nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=True),
        _one_of("dossier_standing", "standing", _STANDINGS),
        _one_of("dossier_standing", "change", _OF_REGISTER),
        sa.CheckConstraint(
            "(change IS NULL) = (position IS NULL)", name=op.f("ck_dossier_standing_change_position")
        ),
        sa.ForeignKeyConstraint(
            ["candidature_id", "core_id"],
            ["candidature.id", "candidature.core_id"],
            name=op.f("fk_dossier_standing_candidature_id_core_id_candidature"),
            onupdate="CASCADE",
            deferrable=True,
        ),
        *_references("dossier_standing", {"decided_by": "account"}),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dossier_standing")),
    )
    op.create_index(
        "ix_dossier_standing_core_id", "dossier_standing", ["core_id", "candidature_id", "began_at"]
    )
    op.create_index(
        "uq_dossier_standing_position",
        "dossier_standing",
        ["position"],
        unique=True,
        postgresql_where=sa.text("position IS NOT NULL"),
    )
    op.execute(_HISTORY)
    op.execute(_PUBLIC_HISTORY)
    op.execute(
        "CREATE TRIGGER under_way BEFORE INSERT ON dossier_standing "
        "FOR EACH STATEMENT EXECUTE FUNCTION journal_under_way()"
    )
    op.add_column("upload", sa.Column("receiver", sa.Text(), nullable=True))
    op.create_index("ix_upload_item_id", "upload", ["item_id", "id"])
    op.create_index("ix_candidature_software_id", "candidature", ["software_id"])
    op.create_index("ix_candidature_state", "candidature", ["state", "id"])
    _name_dossiers()
    _add_cause("standing_id", "dossier_standing", _CAUSES_OF_STANDINGS)
    _add_sessions()
    _work_on_drafts()
    _name_events_alike()
    _rename_proposal_state("status", "state")
    _rename_item_state("complement_requested", "complement")
    for name, table, columns, where in _OF_A_DESK:
        op.create_index(name, table, columns, postgresql_where=sa.text(where))
    _withdraw_opinions()
    _examine_after_receipt()
    _keep_forecasts()
    _count_verdicts()
    _give_keys()
    _know_identities()
    let_people_be_erased()
    _forget_by_age()
    _answer_for_certificates()
    _judge_nils()
    _declare_conflicts()
    _log_reads()
    _invite()
    _keep_views()
    _number_deposits("number")
    _take_over()
    _compare_proofs()
    _count_by_rule()
    _declare_versions_alike()
    _embed_components()
    _reach_editors()
    _estimate_drafts()
    _boost_once()
    _count_open_tasks()
    _grow_the_record()
    _keep_webhooks()
    _keep_bundles()
    _watch_platforms()
    _sign_days_of_register()
    for statement in _SIMULATIONS_ANEW:
        op.execute(statement)


def _name_dossiers() -> None:
    op.add_column("verification", sa.Column("candidature_id", sa.Uuid(), nullable=True))
    op.execute(
        "UPDATE verification SET candidature_id = item.candidature_id "
        "FROM proof JOIN item ON item.id = proof.item_id WHERE proof.id = verification.proof_id"
    )
    op.alter_column("verification", "candidature_id", nullable=False)
    op.create_foreign_key(
        op.f("fk_verification_candidature_id_candidature"),
        "verification",
        "candidature",
        ["candidature_id"],
        ["id"],
    )
    op.create_index("ix_verification_candidature_id", "verification", ["candidature_id"])


def _one_of(table: str, column: str, values: Sequence[str]) -> sa.CheckConstraint:
    named = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{column} IN ({named})", name=op.f(f"ck_{table}_{column}"))


def _references(table: str, of: Mapping[str, str]) -> list[sa.Constraint]:
    """The foreign keys of a table to come: each column holds the id of another table."""
    return [
        sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))
        for column, other in of.items()
    ]


def _add_reference(table: str, column: str, of: str) -> None:
    op.add_column(table, sa.Column(column, sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f(f"fk_{table}_{column}_{of}"), table, of, [column], ["id"])


def _add_cause(column: str, of: str, causes: str) -> None:
    """From now on something is revoked because of this as well; `causes` are all that there are then."""
    _add_reference("revocation", column, of)
    op.create_unique_constraint(op.f(f"uq_revocation_{column}"), "revocation", [column])
    _restrict_causes(causes)


def _forget_cause(column: str, causes: str) -> None:
    """Take that back, with what was revoked because of it."""
    for table in ("flag", "consequence"):
        op.execute(
            f"DELETE FROM {table} WHERE revocation_id IN (SELECT id FROM revocation WHERE {column} IS NOT NULL)"  # noqa: S608 - ours
        )
    op.execute(f"DELETE FROM revocation WHERE {column} IS NOT NULL")  # noqa: S608 - ours
    _restrict_causes(causes)
    op.drop_column("revocation", column)


def _restrict_causes(causes: str) -> None:
    op.drop_constraint(op.f("ck_revocation_one_cause"), "revocation")
    op.create_check_constraint(op.f("ck_revocation_one_cause"), "revocation", f"num_nonnulls({causes}) = 1")


def _add_sessions() -> None:
    op.create_table(
        "browser_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("token_digest", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=True),
        sa.Column("issuer", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("id_token", sa.Text(), nullable=True),
        sa.Column("authenticated_at", sa.DateTime(timezone=True), nullable=True),
        *_references("browser_session", {"account_id": "account"}),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_browser_session")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_browser_session_token_digest")),
    )
    op.create_index("ix_browser_session_account_id", "browser_session", ["account_id", "id"])
    op.create_index("ix_browser_session_ends_at", "browser_session", ["ends_at"])
    unread = sa.text("read_at IS NULL AND NOT internal")
    op.create_index("ix_message_unread", "message", ["id"], postgresql_where=unread)


def _work_on_drafts() -> None:
    op.add_column("candidature", sa.Column("external_reference", sa.Text(), nullable=True))
    op.add_column("candidature", sa.Column("resolved_on", sa.Text(), nullable=True))
    op.add_column(
        "candidature", sa.Column("revision", sa.Integer(), server_default=sa.text("1"), nullable=False)
    )
    _restrict_states((*_DOSSIER_STATES[:8], "given_up", *_DOSSIER_STATES[8:]))


def _give_keys() -> None:
    """The one key of an account becomes a row; whoever is of an editor could do everything, and is its mandataire."""
    op.create_table(
        "account_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key_digest", sa.Text(), nullable=False),
        sa.Column("rights", sa.ARRAY(sa.Text()), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_from", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        *_references("account_key", {"account_id": "account"}),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_key")),
    )
    op.create_index("ix_account_key_account_id", "account_key", ["account_id", "id"])
    began_with = op.f("fk_browser_session_key_id_account_key")
    op.create_foreign_key(began_with, "browser_session", "account_key", ["key_id"], ["id"])
    op.execute(
        "INSERT INTO account_key (id, account_id, name, key_digest, revoked_at, created_at) "
        "SELECT gen_random_uuid(), id, 'première clé', key_digest, disabled_at, created_at FROM account"
    )
    op.create_unique_constraint(op.f("uq_account_key_key_digest"), "account_key", ["key_digest"])
    op.drop_column("account", "key_digest")
    op.add_column("account", sa.Column("function", sa.String(length=32), nullable=True))
    op.execute("UPDATE account SET function = 'mandataire' WHERE role = 'editor'")
    op.create_check_constraint(
        op.f("ck_account_function"), "account", "function IN ('mandataire', 'representant', 'salarie')"
    )
    op.create_check_constraint(
        op.f("ck_account_function_of_role"), "account", "(role = 'editor') = (function IS NOT NULL)"
    )
    for day in ("delegated_from", "delegated_until"):
        op.add_column("account", sa.Column(day, sa.Date(), nullable=True))
    op.create_check_constraint(
        op.f("ck_account_delegation"),
        "account",
        "num_nulls(delegated_from, delegated_until) IN (0, 2) AND delegated_from <= delegated_until",
    )
    op.create_index("ix_account_organisation_id", "account", ["organisation_id", "id"])
    op.add_column("organisation", sa.Column("siren", sa.Text(), nullable=True))
    op.create_unique_constraint(op.f("uq_organisation_siren"), "organisation", ["siren"])


def _know_identities() -> None:
    op.create_table(
        "external_identity",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("siren", sa.Text(), nullable=True),
        sa.Column("machine", sa.Boolean(), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("waiting", sa.Boolean(), nullable=False),
        sa.Column("linked", sa.Boolean(), nullable=False),
        sa.Column("refusal", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_external_identity")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_external_identity_issuer_subject")),
    )
    waiting, unlinked = sa.text("waiting"), sa.text("NOT linked")
    op.create_index(
        "ix_external_identity_waiting", "external_identity", ["siren", "id"], postgresql_where=waiting
    )
    op.create_index(
        "ix_external_identity_unlinked", "external_identity", ["seen_at"], postgresql_where=unlinked
    )
    op.create_table(
        "identity_link",
        sa.Column("identity_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        *_references("identity_link", {"identity_id": "external_identity", "account_id": "account"}),
        sa.PrimaryKeyConstraint("identity_id", "account_id", name=op.f("pk_identity_link")),
    )
    op.create_index("ix_identity_link_account_id", "identity_link", ["account_id"])


def _take_keys_back() -> None:
    """Each account keeps the key that it had first; one whose keys are revoked has none that anybody knows."""
    op.drop_column("browser_session", "key_id")
    op.drop_column("organisation", "siren")
    op.add_column("account", sa.Column("key_digest", sa.Text(), nullable=True))
    op.execute(
        "UPDATE account SET key_digest = coalesce((SELECT account_key.key_digest FROM account_key "
        "WHERE account_id = account.id "
        "ORDER BY revoked_at IS NOT NULL, created_at, id LIMIT 1), id::text)"
    )
    op.drop_table("account_key")
    op.alter_column("account", "key_digest", nullable=False)
    op.create_unique_constraint(op.f("uq_account_key_digest"), "account", ["key_digest"])
    op.drop_index("ix_account_organisation_id", "account")
    for column in ("function", "delegated_from", "delegated_until"):
        op.drop_column("account", column)


def _examine_after_receipt() -> None:
    for table in _FILES:
        op.add_column(
            table, sa.Column("examined", sa.Boolean(), server_default=sa.text("true"), nullable=False)
        )
        op.add_column(
            table, sa.Column("scan_awaited", sa.Boolean(), server_default=sa.text("false"), nullable=False)
        )


def _restrict_states(states: Sequence[str]) -> None:
    op.drop_constraint(op.f("ck_candidature_state"), "candidature")
    named = ", ".join(f"'{state}'" for state in states)
    op.create_check_constraint(op.f("ck_candidature_state"), "candidature", f"state IN ({named})")


def _rename_column(table: str, before: str, after: str) -> None:
    """Rename a column with its constraint, which PostgreSQL names from version 18 on."""
    op.alter_column(table, before, new_column_name=after)
    op.execute(f"""DO $$ BEGIN
        IF EXISTS (SELECT FROM pg_constraint WHERE conname = '{table}_{before}_not_null') THEN
            ALTER TABLE {table} RENAME CONSTRAINT {table}_{before}_not_null TO {table}_{after}_not_null;
        END IF;
    END $$""")


def _name_events_alike() -> None:
    """An event of a live session has the words of an entry of the journal."""
    for before, after in _EVENT_WORDS:
        _rename_column("duo_event", before, after)


def _rename_proposal_state(before: str, after: str) -> None:
    """The life of a proposal has the word of all other lives."""
    _rename_column("correspondence_proposal", before, after)
    constraint = "ck_correspondence_proposal"
    op.execute(
        f"ALTER TABLE correspondence_proposal RENAME CONSTRAINT {constraint}_{before} TO {constraint}_{after}"
    )


def _rename_item_state(before: str, after: str) -> None:
    """An item of which a complement is asked has the word of the verdict that asks for it."""
    states = ", ".join(f"'{after if state == 'complement' else state}'" for state in _ITEM_STATES)
    for name in ("item", "item_standing", "consequence"):
        table = sa.table(name, sa.column("state"))
        op.drop_constraint(op.f(f"ck_{name}_state"), name)
        op.execute(sa.update(table).where(table.c.state == before).values(state=after))
        op.create_check_constraint(op.f(f"ck_{name}_state"), name, f"state IN ({states})")


def _withdraw_opinions() -> None:
    op.add_column("opinion", sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(
        op.f("ck_opinion_withdrawn_unanswered"), "opinion", "withdrawn_at IS NULL OR reply IS NULL"
    )
    answered = sa.text("answered_at IS NOT NULL")
    op.create_index("ix_opinion_answered_at", "opinion", ["answered_at"], postgresql_where=answered)


def _keep_forecasts() -> None:
    question = ["more", "order", "seed", "runs"]
    op.create_table(
        "forecast",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("more", sa.Integer(), nullable=False),
        sa.Column("order", sa.String(length=32), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("runs", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("answer", JSONB(), nullable=False),
        sa.CheckConstraint(
            "\"order\" IN ('current', 'fifo', 'shortest_dossier')", name=op.f("ck_forecast_order")
        ),
        _one_of("forecast", "state", ("running", "finished", "cancelled", "failed")),
        *_references("forecast", {"asked_by": "account"}),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forecast")),
    )
    running = sa.text("state = 'running'")
    op.create_index("uq_forecast_running", "forecast", question, unique=True, postgresql_where=running)
    op.create_index("ix_forecast_question", "forecast", [*question, "id"])
    op.create_index("ix_forecast_ended_at", "forecast", ["ended_at"])


#: How many answers the item of each answered task had had in its queue.
_VERDICTS = """
UPDATE task SET verdicts = counted.verdicts
FROM (
    SELECT id, count(*) OVER (PARTITION BY candidature_id, item_id, queue ORDER BY closed_at) AS verdicts
    FROM task
    WHERE item_id IS NOT NULL AND closed_at IS NOT NULL
        AND outcome NOT IN ('withdrawn', 'needless', 'quarantined', 'to_session')
) AS counted
WHERE task.id = counted.id
"""
_ANSWERED = ["queue", "chapter", "candidature_id", "outcome", "days_used", "verdicts"]


def _count_verdicts() -> None:
    op.add_column("task", sa.Column("verdicts", sa.Integer(), nullable=True))
    op.execute(_VERDICTS)
    _index_answers(_ANSWERED)


def _answer_for_certificates() -> None:
    _add_reference("issuer", "counter_id", "organisation")
    _add_reference("certificate", "confirmed_by", "account")
    op.add_column("certificate", sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE certificate SET confirmed_by = account.id, confirmed_at = certificate.created_at"
        " FROM account WHERE account.id = certificate.entered_by AND account.role <> 'integration'"
    )


#: The texts by whose look one is taken for another.
_LOOKED_AT = (("software", "nil"), ("software", "name"), ("solution", "commercial_name"))


def _judge_nils() -> None:
    """Add the looks of NILs and names; a NIL that nobody else has is of the software whose certificates counted.

    Such a judgement has the id of its software, which is older than any to come: of judgements the last id counts.
    """
    for table, column in _LOOKED_AT:
        look_column = f"{column.removeprefix('commercial_')}_look"
        op.add_column(table, sa.Column(look_column, sa.Text(), nullable=True))
        texts = op.get_bind().execute(sa.text(f"SELECT DISTINCT {column} FROM {table}")).scalars().all()  # noqa: S608
        for text in texts:
            op.get_bind().execute(
                sa.text(f"UPDATE {table} SET {look_column} = :look WHERE {column} = :text"),  # noqa: S608
                {"look": look(text), "text": text},
            )
        op.alter_column(table, look_column, nullable=False)
        op.create_index(f"ix_{table}_{look_column}", table, [look_column])
    op.add_column("listed_certificate", sa.Column("siren", sa.Text(), nullable=True))
    op.create_table(
        "nil_judgement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("software_id", sa.Uuid(), nullable=False),
        sa.Column("nil", sa.Text(), nullable=False),
        sa.Column("belongs", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("judged_by", sa.Uuid(), nullable=True),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=False),
        *_references("nil_judgement", {"software_id": "software", "judged_by": "account"}),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nil_judgement")),
    )
    op.create_index("ix_nil_judgement_software_id", "nil_judgement", ["software_id", "id"])
    op.execute(
        "INSERT INTO nil_judgement (id, software_id, nil, belongs, reason, judged_at)"
        " SELECT id, id, nil, true, 'Ses certificats comptaient avant que les NIL soient confirmés.',"
        " created_at FROM software"
        " WHERE EXISTS (SELECT FROM certificate WHERE certificate.software_id = software.id"
        " AND certificate.holder IN (software.nil, software.id::text))"
        " AND NOT EXISTS (SELECT FROM software AS other"
        " WHERE other.nil_look = software.nil_look AND other.core_id <> software.core_id)"
    )


def _declare_conflicts() -> None:
    _add_reference("conflict_of_interest", "declared_by", "account")
    op.add_column(
        "conflict_of_interest", sa.Column("readable_until", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column("conflict_of_interest", sa.Column("reading_reason", sa.Text(), nullable=True))


_READ_KINDS = (
    *("proof", "certificate", "message", "component", "attestation", "capture", "evidence"),
    *("export", "minutes", "recording", "sheet"),
)


def _log_reads() -> None:
    op.create_table(
        "file_read",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        _one_of("file_read", "kind", _READ_KINDS),
        *_references("file_read", {"account_id": "account", "organisation_id": "organisation"}),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file_read")),
        sa.UniqueConstraint(
            "account_id",
            "file_id",
            "kind",
            "hour",
            name=op.f("uq_file_read_account_id_file_id_kind_hour"),
        ),
    )
    for name, columns in (
        ("organisation_id", ["organisation_id", "id"]),
        ("file_id", ["file_id", "id"]),
        ("read_at", ["read_at"]),
    ):
        op.create_index(f"ix_file_read_{name}", "file_read", columns)


_ROLES = ("editor", "integration", "verifier", "expert", "lead", "auditor", "catalogue")
_FUNCTIONS = ("mandataire", "representant", "salarie")
_OUTCOMES = ("waiting", "sent", "no_server", "no_address", "refused", "abandoned")


def _invite() -> None:
    references = {"organisation_id": "organisation", "invited_by": "account", "account_id": "account"}
    op.create_table(
        "invitation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("function", sa.String(length=32), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("invited_by", sa.Uuid(), nullable=False),
        sa.Column("token_digest", sa.Text(), nullable=True),
        sa.Column("sendings", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        _one_of("invitation", "role", _ROLES),
        _one_of("invitation", "function", _FUNCTIONS),
        _one_of("invitation", "outcome", _OUTCOMES),
        sa.CheckConstraint(
            "(accepted_at IS NULL) = (account_id IS NULL)",
            name=op.f("ck_invitation_accepted_with_account"),
        ),
        sa.CheckConstraint(
            "accepted_at IS NULL OR revoked_at IS NULL", name=op.f("ck_invitation_accepted_or_revoked")
        ),
        *_references("invitation", references),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_invitation_token_digest")),
    )
    op.create_index("ix_invitation_organisation_id", "invitation", ["organisation_id", "id"])
    op.create_index("ix_invitation_expires_at", "invitation", ["expires_at"])
    op.create_index(
        "uq_invitation_pending",
        "invitation",
        ["organisation_id", "address"],
        unique=True,
        postgresql_where=sa.text("accepted_at IS NULL AND revoked_at IS NULL"),
        postgresql_nulls_not_distinct=True,
    )


def _number_deposits(place: str) -> None:
    """A deposit has its place in the record of its dossier: that in the whole journal counts what others do."""
    op.execute(
        f"UPDATE proof SET journal_position = entry.{place} FROM journal_entry AS entry"  # noqa: S608 - ours
        " WHERE entry.action = 'proof.supplied' AND entry.detail ->> 'proof' = proof.id::text"
    )


def _index_answers(included: Sequence[str]) -> None:
    closed = sa.text("closed_at IS NOT NULL")
    op.drop_index("ix_task_closed_at", "task")
    op.create_index(
        "ix_task_closed_at", "task", ["closed_at"], postgresql_where=closed, postgresql_include=included
    )


#: What goes by age, with the moment from which it is counted.
_AGED = (("job", "done_at"), ("letter", "settled_at"))


def _forget_by_age() -> None:
    for table, moment in _AGED:
        over = sa.text(f"{moment} IS NOT NULL")
        op.create_index(f"ix_{table}_{moment}", table, [moment], postgresql_where=over)
    op.create_index("ix_repeatable_request_created_at", "repeatable_request", ["created_at"])
    op.add_column("job", sa.Column("trace", sa.Text()))


_TAKEOVER_STATES = ("running", "finished", "taking_back", "taken_back")
_PAST_STATES = ("waiting", "taken", "left", "taken_back")


def _compare_proofs() -> None:
    """Proposals know how alike the expected proofs are; those that are there are of requirements.

    Simulations count by what was decided together. What verifiers decided of reuses is found by the expected proof.
    """
    op.execute("UPDATE correspondence_proposal SET likeness = likeness || '{\"proof\": null}'")
    op.add_column("simulation", sa.Column("batches", JSONB(), nullable=False, server_default="[]"))
    op.alter_column("simulation", "batches", server_default=None)
    decided = sa.text("decided_at IS NOT NULL")
    op.create_index(
        "ix_equivalence_grant_decided", "equivalence_grant", ["proof_code"], postgresql_where=decided
    )


def _declare_versions_alike() -> None:
    op.create_table(
        "alike_versions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("first", sa.Text(), nullable=False),
        sa.Column("second", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("declared_by", sa.Uuid(), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_on", sa.Date(), nullable=True),
        sa.CheckConstraint("first <> second", name=op.f("ck_alike_versions_two_versions")),
        *_references("alike_versions", {"declared_by": "account"}),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alike_versions")),
    )
    standing = sa.text("revoked_on IS NULL")
    pair = ["role", "first", "second"]
    op.create_index(
        "uq_alike_versions_standing", "alike_versions", pair, unique=True, postgresql_where=standing
    )
    op.create_index("ix_configuration_solution_id", "configuration", ["solution_id"])
    _ask_for_alike_versions(pair)
    op.add_column(
        "equivalence_grant", sa.Column("alike", sa.ARRAY(sa.Uuid()), nullable=False, server_default="{}")
    )
    resting = sa.text("alike <> '{}' AND state <> 'ended'")
    op.create_index(
        "ix_equivalence_grant_alike",
        "equivalence_grant",
        ["alike"],
        postgresql_using="gin",
        postgresql_where=resting,
    )
    _add_cause("alike_id", "alike_versions", _CAUSES_OF_ALIKE)


def _embed_components() -> None:
    """A software may be a component of others, and what was verified on it counts for them."""
    op.add_column("software", sa.Column("fills", sa.ARRAY(sa.Text()), nullable=False, server_default="{}"))
    op.create_table(
        "embedding",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("software_id", sa.Uuid(), nullable=False),
        sa.Column("maker_id", sa.Uuid(), nullable=False),
        sa.Column("component", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("accepted_by", sa.Uuid(), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_on", sa.Date(), nullable=True),
        sa.CheckConstraint("software_id <> maker_id", name=op.f("ck_embedding_two_softwares")),
        *_references(
            "embedding", {"software_id": "software", "maker_id": "software", "accepted_by": "account"}
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_embedding")),
    )
    pair = ["software_id", "component"]
    op.create_index(
        "uq_embedding_standing",
        "embedding",
        pair,
        unique=True,
        postgresql_where=sa.text("revoked_on IS NULL"),
    )
    for column in ("software_id", "maker_id"):
        op.create_index(f"ix_embedding_{column}", "embedding", [column])
    _add_reference("grant_source", "embedding_id", "embedding")
    op.create_check_constraint(
        op.f("ck_grant_source_on_a_component"),
        "grant_source",
        "embedding_id IS NULL OR core_id IS NULL AND certificate_id IS NULL",
    )
    on_a_component = sa.text("embedding_id IS NOT NULL")
    op.create_index(
        "ix_grant_source_embedding_id", "grant_source", ["embedding_id"], postgresql_where=on_a_component
    )
    _add_cause("embedding_id", "embedding", f"{_CAUSES_OF_ALIKE}, embedding_id")


def _forget_embeddings() -> None:
    """A reuse that stands on a component's facts ends, or finds other grounds, when its software is resolved anew."""
    op.execute(_RESOLVE_EMBEDDING)
    _forget_cause("embedding_id", _CAUSES_OF_ALIKE)
    op.drop_constraint(op.f("ck_grant_source_on_a_component"), "grant_source")
    op.drop_column("grant_source", "embedding_id")
    op.drop_table("embedding")
    op.drop_column("software", "fills")


_RESOLVE_EMBEDDING = """
INSERT INTO job (id, task, arguments, due_at, attempts)
SELECT gen_random_uuid(), 'resolve_software', jsonb_build_object('core_id', core_id), now(), 0
FROM (
    SELECT DISTINCT equivalence_grant.core_id FROM equivalence_grant
    JOIN grant_source ON grant_source.grant_id = equivalence_grant.id
    WHERE grant_source.embedding_id IS NOT NULL AND equivalence_grant.state <> 'ended'
) AS leaning
"""


def _ask_for_alike_versions(pair: Sequence[str]) -> None:
    references = {"software_id": "software", "asked_by": "account", "declaration_id": "alike_versions"}
    op.create_table(
        "alike_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("software_id", sa.Uuid(), nullable=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("first", sa.Text(), nullable=False),
        sa.Column("second", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("declaration_id", sa.Uuid(), nullable=True),
        sa.Column("refusal", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        *_references("alike_request", references),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alike_request")),
        sa.UniqueConstraint("declaration_id", name=op.f("uq_alike_request_declaration_id")),
    )
    op.create_index(
        "uq_alike_request_pending",
        "alike_request",
        ["software_id", *pair],
        unique=True,
        postgresql_where=sa.text("declaration_id IS NULL AND ended_at IS NULL"),
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "alike_attestation",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        *_file_columns(),
        *_file_constraints("alike_attestation", "request_id", "alike_request"),
    )
    op.create_index("ix_alike_attestation_sha256", "alike_attestation", ["sha256"])


def _file_columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("detected_type", sa.Text(), nullable=True),
        sa.Column("remarks", sa.ARRAY(sa.Text()), nullable=False, server_default="{}"),
        sa.Column("identifiers", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("identifier_places", JSONB(), nullable=False, server_default="[]"),
        sa.Column("examined", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("scan_awaited", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("accepted_by", sa.Uuid(), nullable=True),
        sa.Column("accepted_reason", sa.Text(), nullable=True),
    ]


def _file_constraints(table: str, column: str, owner: str) -> list[sa.Constraint]:
    return [
        *_references(table, {column: owner, "accepted_by": "account"}),
        sa.ForeignKeyConstraint(["sha256"], ["content.sha256"], name=op.f(f"fk_{table}_sha256_content")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint(column, "position", name=op.f(f"uq_{table}_{column}_position")),
    ]


#: A reuse that leans on versions declared alike ends, or finds other grounds, when its software is resolved anew.
_RESOLVE_LEANING = """
INSERT INTO job (id, task, arguments, due_at, attempts)
SELECT gen_random_uuid(), 'resolve_software', jsonb_build_object('core_id', core_id), now(), 0
FROM (SELECT DISTINCT core_id FROM equivalence_grant WHERE alike <> '{}' AND state <> 'ended') AS leaning
"""


def _forget_alike_versions() -> None:
    op.execute(_RESOLVE_LEANING)
    _forget_cause("alike_id", _CAUSES_OF_STANDINGS)
    op.drop_index("ix_equivalence_grant_alike", "equivalence_grant")
    op.drop_column("equivalence_grant", "alike")
    op.drop_index("ix_configuration_solution_id", "configuration")
    for table in ("alike_attestation", "alike_request", "alike_versions"):
        op.drop_table(table)


def _compare_requirements_alone() -> None:
    op.drop_index("ix_equivalence_grant_decided", "equivalence_grant")
    op.drop_column("simulation", "batches")
    op.execute("UPDATE correspondence SET proposal_id = NULL WHERE target LIKE '%#%'")
    op.execute("DELETE FROM correspondence_proposal WHERE target LIKE '%#%'")
    op.execute("UPDATE correspondence_proposal SET likeness = likeness - 'proof'")


def _take_over() -> None:
    op.create_table(
        "takeover",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("left_aside", sa.Integer(), nullable=False),
        sa.Column("taken_by", sa.Uuid(), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_back_by", sa.Uuid(), nullable=True),
        sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        _one_of("takeover", "state", _TAKEOVER_STATES),
        sa.CheckConstraint(
            "(state IN ('taking_back', 'taken_back')) = (taken_back_at IS NOT NULL AND reason IS NOT NULL)",
            name=op.f("ck_takeover_reason"),
        ),
        *_references("takeover", {"taken_by": "account", "taken_back_by": "account"}),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_takeover")),
    )
    standing = sa.text("state <> 'taken_back'")
    op.create_index("uq_takeover_sha256", "takeover", ["sha256"], unique=True, postgresql_where=standing)
    _keep_past_referencings()
    op.create_table(
        "takeover_problem",
        sa.Column("takeover_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        *_references("takeover_problem", {"takeover_id": "takeover"}),
        sa.PrimaryKeyConstraint("takeover_id", "number", name=op.f("pk_takeover_problem")),
    )
    op.create_table(
        "takeover_coverage",
        sa.Column("takeover_id", sa.Uuid(), nullable=False),
        sa.Column("candidature_id", sa.Uuid(), nullable=False),
        sa.Column("covered", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("to_confirm", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("items", sa.Integer(), nullable=False),
        *_references("takeover_coverage", {"takeover_id": "takeover", "candidature_id": "candidature"}),
        sa.PrimaryKeyConstraint("takeover_id", "candidature_id", name=op.f("pk_takeover_coverage")),
    )
    _add_reference("candidature", "takeover_id", "takeover")
    imported = sa.text("takeover_id IS NOT NULL")
    op.create_index("ix_candidature_takeover_id", "candidature", ["takeover_id"], postgresql_where=imported)
    op.add_column("verification", sa.Column("source", sa.Text(), nullable=True))
    for table, column in _OF_PEOPLE:
        op.alter_column(table, column, nullable=True)
    op.create_check_constraint(
        op.f("ck_verification_found_here"),
        "verification",
        "num_nulls(verifier_id, file_sha256) = num_nonnulls(source) * 2",
    )


#: What a finding from before this service does not have.
_OF_PEOPLE = (("proof", "supplied_by"), ("verification", "verifier_id"), ("verification", "file_sha256"))


def _keep_past_referencings() -> None:
    references = {
        "takeover_id": "takeover",
        "organisation_id": "organisation",
        "version_id": "dsr_version",
        "candidature_id": "candidature",
    }
    op.create_table(
        "past_referencing",
        sa.Column("takeover_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("nil", sa.Text(), nullable=False),
        sa.Column("software", sa.Text(), nullable=False),
        sa.Column("software_version", sa.Text(), nullable=False),
        sa.Column("commercial_name", sa.Text(), nullable=False),
        sa.Column("composition", JSONB(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("profiles", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("deposited_on", sa.Date(), nullable=True),
        sa.Column("referenced_on", sa.Date(), nullable=False),
        sa.Column("findings", JSONB(), nullable=False),
        sa.Column("candidature_id", sa.Uuid(), nullable=True),
        _one_of("past_referencing", "state", _PAST_STATES),
        *_references("past_referencing", references),
        sa.PrimaryKeyConstraint("takeover_id", "number", name=op.f("pk_past_referencing")),
    )
    to_do = sa.text("state IN ('waiting', 'taken')")
    key = ["takeover_id", "state", "number"]
    op.create_index("ix_past_referencing_to_do", "past_referencing", key, postgresql_where=to_do)


#: Release 0.1 names somebody for every finding: whoever had it taken over, or the first account.
_SOMEBODY = (
    """
    UPDATE verification SET file_sha256 = '', verifier_id = coalesce(
        (SELECT takeover.taken_by FROM takeover JOIN candidature ON candidature.takeover_id = takeover.id
         WHERE candidature.id = verification.candidature_id),
        (SELECT id FROM account ORDER BY created_at, id LIMIT 1)
    )
    WHERE source IS NOT NULL
    """,
    """
    UPDATE proof SET supplied_by = verification.verifier_id
    FROM verification WHERE verification.proof_id = proof.id AND proof.supplied_by IS NULL
    """,
)


def _keep_views() -> None:
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("list_of", sa.String(length=32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("filters", JSONB(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("opens", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        _one_of("saved_view", "list_of", ("candidatures", "tasks")),
        *_references("saved_view", {"account_id": "account"}),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint(
            "account_id", "list_of", "name", name=op.f("uq_saved_view_account_id_list_of_name")
        ),
    )
    op.create_index(
        "ix_saved_view_opens",
        "saved_view",
        ["account_id", "list_of"],
        unique=True,
        postgresql_where=sa.text("opens"),
    )
    op.create_index(
        "ix_saved_view_shared", "saved_view", ["list_of", "id"], postgresql_where=sa.text("shared")
    )
    op.create_table(
        "looker",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Uuid(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        *_references("looker", {"account_id": "account"}),
        sa.PrimaryKeyConstraint("account_id", "place", name=op.f("pk_looker")),
        prefixes=["UNLOGGED"],
    )
    op.create_index("ix_looker_place", "looker", ["place"])


def _forget_takeovers() -> None:
    for table in ("takeover_coverage", "takeover_problem", "past_referencing"):
        op.drop_table(table)
    op.drop_constraint(op.f("ck_verification_found_here"), "verification")
    for statement in _SOMEBODY:
        op.execute(statement)
    for table, column in _OF_PEOPLE:
        op.alter_column(table, column, nullable=False)
    op.drop_column("verification", "source")
    op.drop_index("ix_candidature_takeover_id", "candidature")
    op.drop_column("candidature", "takeover_id")
    op.drop_table("takeover")


_RECHECKS = ("upheld", "false_by_audit", "false_by_revocation")
_COUNTED = ("granted", "proposed", "confirmed", "refused", *_RECHECKS)


def _count_by_rule() -> None:
    """Reuses know the rules that they lean on from now on: what those were before is not made up."""
    op.add_column(
        "equivalence_grant", sa.Column("rules", sa.ARRAY(sa.Text()), nullable=False, server_default="{}")
    )
    op.add_column("equivalence_grant", sa.Column("recheck", sa.String(length=32), nullable=True))
    op.create_check_constraint(
        op.f("ck_equivalence_grant_recheck"),
        "equivalence_grant",
        "recheck IN ({})".format(", ".join(f"'{value}'" for value in _RECHECKS)),
    )
    op.create_table(
        "rule_tally",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("counted", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        _one_of("rule_tally", "counted", _COUNTED),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_tally")),
    )
    op.create_index("ix_rule_tally_rule", "rule_tally", ["rule", "counted"])
    _keep_safeguards()
    _keep_notices()


def _keep_notices() -> None:
    op.create_table(
        "reuse_notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("proof_code", sa.Text(), nullable=False),
        sa.Column("sources", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("clauses", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("confirmed", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("grant_id", sa.Uuid(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        _one_of("reuse_notice", "outcome", ("confirmed", "refused")),
        *_references("reuse_notice", {"grant_id": "equivalence_grant"}),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reuse_notice")),
        sa.UniqueConstraint("digest", "outcome", name=op.f("uq_reuse_notice_digest_outcome")),
    )
    op.create_index("ix_reuse_notice_told_at", "reuse_notice", ["told_at", "id"])


_SAFEGUARD_STATES = ("proposed", "accepted", "refused")


def _keep_safeguards() -> None:
    op.create_table(
        "safety_threshold",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("share", sa.Integer(), nullable=True),
        sa.Column("rate", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("share BETWEEN 1 AND 99", name=op.f("ck_safety_threshold_share")),
        sa.CheckConstraint("rate BETWEEN 0 AND 100", name=op.f("ck_safety_threshold_rate")),
        *_references("safety_threshold", {"set_by": "account"}),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_safety_threshold")),
    )
    references = {
        "rulebook_id": "rulebook",
        "against_id": "rulebook",
        "proposed_by": "account",
        "decided_by": "account",
    }
    op.create_table(
        "safeguard",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("rulebook_id", sa.Uuid(), nullable=False),
        sa.Column("against_id", sa.Uuid(), nullable=False),
        sa.Column("found_false", sa.Integer(), nullable=False),
        sa.Column("verified_again", sa.Integer(), nullable=False),
        sa.Column("share", sa.Integer(), nullable=False),
        sa.Column("rates", JSONB(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        _one_of("safeguard", "state", _SAFEGUARD_STATES),
        *_references("safeguard", references),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_safeguard")),
    )
    proposed = sa.text("state = 'proposed'")
    op.create_index("uq_safeguard_rule", "safeguard", ["rule"], unique=True, postgresql_where=proposed)


def _forget_counts() -> None:
    op.drop_table("reuse_notice")
    op.drop_table("safeguard")
    op.drop_table("safety_threshold")
    op.drop_table("rule_tally")
    op.drop_constraint(op.f("ck_equivalence_grant_recheck"), "equivalence_grant")
    op.drop_column("equivalence_grant", "recheck")
    op.drop_column("equivalence_grant", "rules")


_SURVEY_STATES = ("running", "finished", "cancelled", "outdated", "failed")


def _reach_editors() -> None:
    op.create_table(
        "survey",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rulebook_id", sa.Uuid(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("after", sa.Uuid(), nullable=True),
        _one_of("survey", "state", _SURVEY_STATES),
        *_references("survey", {"rulebook_id": "rulebook", "asked_by": "account"}),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey")),
    )
    op.create_index(
        "uq_survey_running",
        "survey",
        ["rulebook_id", "revision"],
        unique=True,
        postgresql_where=sa.text("state = 'running'"),
        postgresql_nulls_not_distinct=True,
    )
    of_line = {"survey_id": "survey", "organisation_id": "organisation", "software_id": "software"}
    op.create_table(
        "survey_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        *(sa.Column(column, sa.Uuid(), nullable=False) for column in of_line),
        *(sa.Column(column, sa.Text(), nullable=False) for column in ("dsr", "couloir", "dispositif")),
        sa.Column("vague", sa.Integer(), nullable=False),
        sa.Column("presence", sa.String(length=32), nullable=False),
        *(
            sa.Column(column, sa.Integer(), nullable=False)
            for column in ("covered", "to_confirm", "awaiting", "required")
        ),
        _one_of("survey_line", "presence", ("none", "open", "referenced")),
        *_references("survey_line", of_line),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_line")),
    )
    op.create_index("ix_survey_line_survey_id", "survey_line", ["survey_id", "id"])
    of_campaign = {"survey_id": "survey", "written_by": "account", "sent_by": "account"}
    op.create_table(
        "campaign",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("survey_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("among", JSONB(), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_by", sa.Uuid(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        *_references("campaign", of_campaign),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
    )
    op.create_index("ix_campaign_survey_id", "campaign", ["survey_id"])
    op.create_table(
        "campaign_letter",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("dsrs", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        *_references("campaign_letter", {"campaign_id": "campaign", "organisation_id": "organisation"}),
        sa.PrimaryKeyConstraint("campaign_id", "organisation_id", name=op.f("pk_campaign_letter")),
    )


def _estimate_drafts() -> None:
    of_estimate = {
        **dict.fromkeys(("version_id", "base_id"), "dsr_version"),
        "rulebook_id": "rulebook",
        "asked_by": "account",
    }
    counts = ("kept", "to_confirm", "lost", "spared")
    op.create_table(
        "estimate",
        sa.Column("id", sa.Uuid(), nullable=False),
        *(sa.Column(column, sa.Uuid(), nullable=column == "rulebook_id") for column in of_estimate),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        *(sa.Column(column, sa.Integer(), nullable=False) for column in ("total", "done")),
        sa.Column("after", sa.Uuid(), nullable=True),
        *(sa.Column(column, sa.Integer(), nullable=False) for column in (*counts, "open_dossiers")),
        *(sa.Column(column, JSONB(), nullable=False) for column in ("chapters", "paces")),
        _one_of("estimate", "state", _SURVEY_STATES),
        *_references("estimate", of_estimate),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_estimate")),
    )
    op.create_index(
        "uq_estimate_running",
        "estimate",
        ["version_id", "base_id", "digest", "rulebook_id"],
        unique=True,
        postgresql_where=sa.text("state = 'running'"),
        postgresql_nulls_not_distinct=True,
    )
    op.create_index("ix_estimate_version_id", "estimate", ["version_id", "id"])
    of_proofs = ("more_to_confirm", "more_to_supply", "confirmations_spared", "supplies_spared")
    op.create_table(
        "estimated_requirement",
        *(sa.Column(column, sa.Uuid(), nullable=False) for column in ("id", "estimate_id")),
        sa.Column("position", sa.Integer(), nullable=False),
        *(sa.Column(column, sa.Text(), nullable=False) for column in ("code", "chapter")),
        sa.Column("change", sa.String(length=32), nullable=False),
        *(sa.Column(column, JSONB(), nullable=False) for column in ("differing", "proofs")),
        sa.Column("attributes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("shown_unchanged", sa.Boolean(), nullable=False),
        *(
            sa.Column(column, sa.Integer(), nullable=False)
            for column in (*counts, *of_proofs, "open_dossiers")
        ),
        _one_of("estimated_requirement", "change", ("added", "changed", "removed", "reached")),
        *_references("estimated_requirement", {"estimate_id": "estimate"}),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_estimated_requirement")),
        sa.UniqueConstraint(
            "estimate_id", "position", name=op.f("uq_estimated_requirement_estimate_id_position")
        ),
    )


#: Of boosts that say the same, the first goes on: to end the others changes no order.
_BOOST_WORDS = ("queue", "chapter", "dispositif", "vague", "candidature_id", "weight", "ends_on")


def _boost_once() -> None:
    same = " AND ".join(f"boost.{word} IS NOT DISTINCT FROM earlier.{word}" for word in _BOOST_WORDS)
    op.execute(
        "UPDATE boost SET ended_at = now() FROM boost AS earlier WHERE boost.ended_at IS NULL"  # noqa: S608 - ours
        f" AND earlier.ended_at IS NULL AND earlier.id < boost.id AND {same}"
    )
    op.create_index(
        "uq_boost_in_force",
        "boost",
        _BOOST_WORDS,
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
        postgresql_nulls_not_distinct=True,
    )


#: Rows of counts for changed tasks, each with the sign 1 where it is so now, -1 where it was.
_COUNTS = (
    """
INSERT INTO open_count (queue, chapter, guichet, organisation_id, with_agency, third_party)
SELECT queue, chapter, guichet, organisation_id,
       sum(sign * (third_party_since IS NULL)::int), sum(sign * (third_party_since IS NOT NULL)::int)
FROM ({changed}) AS task
WHERE closed_at IS NULL
GROUP BY queue, chapter, guichet, organisation_id
HAVING sum(sign * (third_party_since IS NULL)::int) <> 0 OR sum(sign * (third_party_since IS NOT NULL)::int) <> 0
""",
    """
INSERT INTO open_day_count (queue, chapter, dsr_id, day, opened, ending, third_party)
SELECT queue, chapter, dsr_id, counted.day, sum(counted.opened), sum(counted.ending), sum(counted.third_party)
FROM ({changed}) AS task
JOIN candidature ON candidature.id = task.candidature_id
JOIN dsr_version ON dsr_version.id = candidature.version_id,
LATERAL (VALUES
    ((opened_at AT TIME ZONE 'Europe/Paris')::date,
     sign * (third_party_since IS NULL)::int, 0, sign * (third_party_since IS NOT NULL)::int),
    (last_day, 0, sign * (third_party_since IS NULL)::int, 0)
) AS counted (day, opened, ending, third_party)
WHERE closed_at IS NULL
GROUP BY queue, chapter, dsr_id, counted.day
HAVING sum(counted.opened) <> 0 OR sum(counted.ending) <> 0 OR sum(counted.third_party) <> 0
""",
)
#: In the order of a queue for who handles some kinds; in the order of the days for who looks at one chapter.
_OPEN_TASKS = {
    "ix_task_kind": ["queue", "chapter", "guichet", "rank", "last_day", "opened_at", "id"],
    "ix_task_chapter": ["chapter", "last_day", "opened_at", "id"],
}
#: What a statement did to tasks, as a trigger is given it: the tables to which it refers, and the changed rows.
_CHANGES = {
    "INSERT": ("NEW TABLE AS after", "SELECT 1 AS sign, * FROM after"),
    "DELETE": ("OLD TABLE AS before", "SELECT -1 AS sign, * FROM before"),
    "UPDATE": (
        "OLD TABLE AS before NEW TABLE AS after",
        "SELECT -1 AS sign, * FROM before UNION ALL SELECT 1, * FROM after",
    ),
}


def _count_open_tasks() -> None:
    """Keep how much is open, in the transactions that change it; counters on which nobody waits, since they add up."""
    op.create_table(
        "open_count",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("queue", sa.String(length=32), nullable=False),
        sa.Column("chapter", sa.Text(), nullable=True),
        sa.Column("guichet", sa.String(length=32), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("with_agency", sa.Integer(), nullable=False),
        sa.Column("third_party", sa.Integer(), nullable=False),
        _one_of("open_count", "queue", _QUEUES),
        _one_of("open_count", "guichet", _GUICHETS),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_open_count")),
    )
    op.create_table(
        "open_day_count",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("queue", sa.String(length=32), nullable=False),
        sa.Column("chapter", sa.Text(), nullable=True),
        sa.Column("dsr_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        *(sa.Column(number, sa.Integer(), nullable=False) for number in ("opened", "ending", "third_party")),
        _one_of("open_day_count", "queue", _QUEUES),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_open_day_count")),
    )
    for index, columns in _OPEN_TASKS.items():
        op.create_index(
            index,
            "task",
            columns,
            postgresql_where=sa.text("closed_at IS NULL AND third_party_since IS NULL"),
        )
    for statement in _COUNTS:
        op.execute(statement.format(changed="SELECT 1 AS sign, * FROM task"))
    for change, (tables, changed) in _CHANGES.items():
        name = f"count_{change.lower()}"
        body = "; ".join(statement.format(changed=changed) for statement in _COUNTS)
        op.execute(
            f"CREATE FUNCTION task_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body}; RETURN NULL; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {name} AFTER {change} ON task REFERENCING {tables}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION task_{name}()"
        )


def _forget_open_counts() -> None:
    for index in _OPEN_TASKS:
        op.drop_index(index, "task")
    for change in _CHANGES:
        name = f"count_{change.lower()}"
        op.execute(f"DROP TRIGGER {name} ON task")
        op.execute(f"DROP FUNCTION task_{name}()")
    for table in ("open_day_count", "open_count"):
        op.drop_table(table)


def _grow_the_record() -> None:
    """Entries get their places in the tree by a job, all that were there as well."""
    op.create_table(
        "journal_tile",
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("place", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("(level = 0) = (last IS NOT NULL)", name=op.f("ck_journal_tile_last_of_leaves")),
        sa.PrimaryKeyConstraint("level", "place", name=op.f("pk_journal_tile")),
    )
    has_leaves = sa.text("last IS NOT NULL")
    op.create_index("ix_journal_tile_last", "journal_tile", ["last"], postgresql_where=has_leaves)
    op.create_table(
        "journal_head",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal_head")),
    )
    op.create_index("ix_journal_head_size", "journal_head", ["size"])
    op.create_table(
        "journal_head_stamp",
        sa.Column("head_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        *_references("journal_head_stamp", {"head_id": "journal_head"}),
        sa.PrimaryKeyConstraint("head_id", name=op.f("pk_journal_head_stamp")),
    )
    for table, changes in _KEPT_AS_WRITTEN.items():
        op.execute(
            f"CREATE TRIGGER kept_as_written BEFORE {changes} ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION journal_append_only()"
        )


#: What is refused of each table beside the journal's; a stream grows, and is never another's.
_KEPT_AS_WRITTEN = {
    "journal_head": "UPDATE OR DELETE OR TRUNCATE",
    "journal_head_stamp": "UPDATE OR DELETE OR TRUNCATE",
    "journal_stream": "UPDATE OF name, organisation_id OR DELETE OR TRUNCATE",
}


def _keep_bundles() -> None:
    """What was sealed for whoever checks it without the application."""
    op.create_table(
        "bundle",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        _one_of("bundle", "kind", ("receipt", "decision", "minutes", "audit", "register")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bundle")),
        sa.UniqueConstraint("kind", "subject", "sha256", name=op.f("uq_bundle_kind_subject_sha256")),
    )
    op.create_index("ix_bundle_subject_position", "bundle", ["subject", "position"])
    op.create_index("ix_bundle_position", "bundle", ["position"])


def _keep_webhooks() -> None:
    """Who is told of events, and what became of each attempt."""
    op.create_table(
        "webhook",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("label", "address", "public_key")),
        sa.Column("events", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("revision", "generation", "failures")),
        sa.Column("overlap_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("slow", sa.Boolean(), nullable=False),
        sa.Column("test_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("held_by", sa.Uuid(), nullable=True),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        _one_of("webhook", "state", ("on", "off", "failed", "gone")),
        sa.CheckConstraint("(held_by IS NULL) = (held_until IS NULL)", name=op.f("ck_webhook_held")),
        *_references("webhook", {"organisation_id": "organisation"}),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")),
    )
    op.create_index("ix_webhook_organisation_id", "webhook", ["organisation_id", "id"])
    op.create_index("ix_webhook_due", "webhook", ["due_at"], postgresql_where=sa.text("state = 'on'"))
    op.create_index(
        "ix_webhook_test",
        "webhook",
        ["test_asked_at"],
        postgresql_where=sa.text("test_asked_at IS NOT NULL"),
    )
    op.create_table(
        "webhook_delivery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("webhook_id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("message", "event")),
        sa.Column("candidature_id", sa.Uuid(), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("attempted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        _one_of(
            "webhook_delivery",
            "outcome",
            [
                "delivered",
                "refused",
                "unresolved",
                "forbidden",
                "unreachable",
                "tls",
                "timeout",
                "cut",
                "unreadable",
            ],
        ),
        sa.ForeignKeyConstraint(
            ["webhook_id"],
            ["webhook.id"],
            name=op.f("fk_webhook_delivery_webhook_id_webhook"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_delivery")),
    )
    op.create_index("ix_webhook_delivery_webhook_id", "webhook_delivery", ["webhook_id", "id"])
    op.create_index("ix_webhook_delivery_attempted_at", "webhook_delivery", ["attempted_at"])


def _watch_platforms() -> None:
    """Platforms that proofs need, what looks at them, and what happened to them."""
    op.add_column(
        "expected_proof", sa.Column("platforms", sa.ARRAY(sa.Text()), nullable=False, server_default="{}")
    )
    op.create_table(
        "platform",
        sa.Column("id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("code", "name", "description")),
        sa.Column("words", sa.ARRAY(sa.Text()), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("failures", "revision")),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("failures BETWEEN 1 AND 20", name=op.f("ck_platform_failures")),
        _one_of("platform", "state", ("watched", "retired")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_platform")),
        sa.UniqueConstraint("code", name=op.f("uq_platform_code")),
    )
    _watch_by_probes()
    op.create_table(
        "incident",
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in ("id", "platform_id")),
        *(sa.Column(name, sa.String(length=32), nullable=False) for name in ("impact", "state")),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_by", sa.Uuid(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        _one_of("incident", "impact", ("degraded", "down")),
        _one_of("incident", "state", ("open", "closed", "retracted")),
        sa.CheckConstraint("state <> 'closed' OR ended_at IS NOT NULL", name=op.f("ck_incident_closed")),
        sa.CheckConstraint("state <> 'open' OR ended_at IS NULL", name=op.f("ck_incident_open")),
        sa.CheckConstraint("ended_at >= begun_at", name=op.f("ck_incident_ended_after")),
        *_references("incident", {"platform_id": "platform", "opened_by": "account"}),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
    )
    op.create_index(
        "uq_incident_by_rule",
        "incident",
        ["platform_id"],
        unique=True,
        postgresql_where=sa.text("state = 'open' AND opened_by IS NULL"),
    )
    op.create_index("ix_incident_platform_id", "incident", ["platform_id", "id"])
    op.create_index("ix_incident_ended_at", "incident", ["platform_id", "ended_at"])
    op.create_index("ix_incident_changed_at", "incident", ["changed_at", "id"])
    op.create_table(
        "incident_note",
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in ("id", "incident_id")),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        *_references("incident_note", {"incident_id": "incident", "written_by": "account"}),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_note")),
    )
    op.create_index("ix_incident_note_incident_id", "incident_note", ["incident_id", "id"])
    op.create_table(
        "maintenance",
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in ("id", "platform_id", "planned_by")),
        sa.Column("title", sa.Text(), nullable=False),
        *(
            sa.Column(name, sa.DateTime(timezone=True), nullable=False)
            for name in ("starts_at", "ends_at", "changed_at")
        ),
        sa.Column("state", sa.String(length=32), nullable=False),
        _one_of("maintenance", "state", ("planned", "cancelled")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_maintenance_ends_after")),
        *_references("maintenance", {"platform_id": "platform", "planned_by": "account"}),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_maintenance")),
    )
    op.create_index("ix_maintenance_platform_id", "maintenance", ["platform_id", "id"])
    op.create_index(
        "ix_maintenance_ends_at",
        "maintenance",
        ["platform_id", "ends_at"],
        postgresql_where=sa.text("state = 'planned'"),
    )
    op.create_index("ix_maintenance_changed_at", "maintenance", ["changed_at", "id"])
    op.create_table(
        "platform_follower",
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in ("platform_id", "account_id")),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        *_references("platform_follower", {"platform_id": "platform", "account_id": "account"}),
        sa.PrimaryKeyConstraint("platform_id", "account_id", name=op.f("pk_platform_follower")),
    )
    op.create_index(
        "ix_journal_entry_platform", "journal_entry", ["position"], postgresql_where=_OF_PLATFORMS
    )


#: The entries of which every webhook may be told.
_OF_PLATFORMS = sa.text("stream LIKE 'platform:%'")
_SIGHTINGS = ("fine", "degraded", "failed")
_REASONS = (
    *("unresolved", "forbidden", "unreachable", "tls", "timeout", "cut", "unreadable"),
    *("status", "text", "slow", "expiring", "told", "silent"),
)


def _watch_by_probes() -> None:
    op.create_table(
        "probe",
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in ("id", "platform_id")),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("steps", JSONB(), nullable=False),
        sa.Column("every_seconds", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in ("slow_after", "expiry_days")),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        _one_of("probe", "kind", ("http", "tls", "tcp", "heartbeat")),
        sa.CheckConstraint("every_seconds BETWEEN 30 AND 86400", name=op.f("ck_probe_every_seconds")),
        sa.CheckConstraint(
            "(kind = 'heartbeat') = (account_id IS NOT NULL)", name=op.f("ck_probe_heartbeat")
        ),
        *_references("probe", {"platform_id": "platform", "account_id": "account"}),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_probe")),
        sa.UniqueConstraint("platform_id", "account_id", name=op.f("uq_probe_platform_id_account_id")),
    )
    op.create_index("ix_probe_platform_id", "probe", ["platform_id", "id"])
    op.create_table(
        "probe_sight",
        sa.Column("probe_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        *(sa.Column(name, sa.String(length=32), nullable=True) for name in ("sighting", "reason")),
        sa.Column("streak", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("milliseconds", sa.Integer(), nullable=True),
        sa.Column("certificate_ends_at", sa.DateTime(timezone=True), nullable=True),
        _one_of("probe_sight", "sighting", _SIGHTINGS),
        _one_of("probe_sight", "reason", _REASONS),
        sa.ForeignKeyConstraint(
            ["probe_id"], ["probe.id"], name=op.f("fk_probe_sight_probe_id_probe"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("probe_id", "place", name=op.f("pk_probe_sight")),
    )


def _leave_platforms() -> None:
    op.drop_column("expected_proof", "platforms")
    op.drop_index("ix_journal_entry_platform", "journal_entry")
    for table in ("platform_follower", "maintenance", "incident_note", "incident", "probe_sight", "probe"):
        op.drop_table(table)
    op.drop_table("platform")


def _sign_days_of_register() -> None:
    """What the public list was at the end of each day from now on."""
    op.create_table(
        "register_list",
        sa.Column("id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.LargeBinary(), nullable=False) for name in ("json", "csv")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("json_sha256", "csv_sha256")),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_list")),
        sa.UniqueConstraint(
            "json_sha256", "csv_sha256", name=op.f("uq_register_list_json_sha256_csv_sha256")
        ),
    )
    op.create_table(
        "register_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("list_id", sa.Uuid(), nullable=False),
        sa.Column("statement", JSONB(), nullable=False),
        *_references("register_day", {"list_id": "register_list"}),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_register_day")),
    )
    for table in ("register_list", "register_day"):
        op.execute(
            f"CREATE TRIGGER kept_as_written BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION journal_append_only()"
        )


def downgrade() -> None:
    op.drop_table("bundle")
    _leave_platforms()
    op.drop_table("register_day")
    op.drop_table("register_list")
    op.drop_table("webhook_delivery")
    op.drop_table("webhook")
    op.execute("DROP TRIGGER kept_as_written ON journal_stream")
    for table in ("journal_head_stamp", "journal_head", "journal_tile"):
        op.drop_table(table)
    _forget_open_counts()
    op.drop_index("uq_boost_in_force", "boost")
    for table in (
        *("estimated_requirement", "estimate"),
        *("campaign_letter", "campaign", "survey_line", "survey"),
    ):
        op.drop_table(table)
    _forget_embeddings()
    _forget_alike_versions()
    _forget_counts()
    _compare_requirements_alone()
    _forget_takeovers()
    op.drop_column("job", "trace")
    op.drop_index("ix_repeatable_request_created_at", "repeatable_request")
    for table, moment in _AGED:
        op.drop_index(f"ix_{table}_{moment}", table)
    _number_deposits("position")
    op.drop_table("invitation")
    op.drop_table("file_read")
    for column in ("declared_by", "readable_until", "reading_reason"):
        op.drop_column("conflict_of_interest", column)
    op.drop_table("nil_judgement")
    op.drop_column("listed_certificate", "siren")
    for table, column in _LOOKED_AT:
        op.drop_column(table, f"{column.removeprefix('commercial_')}_look")
    op.drop_column("certificate", "confirmed_at")
    op.drop_column("certificate", "confirmed_by")
    op.drop_column("issuer", "counter_id")
    op.drop_table("identity_link")
    op.drop_table("looker")
    op.drop_table("saved_view")
    op.drop_table("external_identity")
    _take_keys_back()
    keep_people_named()
    for before, after in _EVENT_WORDS:
        _rename_column("duo_event", after, before)
    _rename_proposal_state("state", "status")
    for name, table, *_ in _OF_A_DESK:
        op.drop_index(name, table)
    _rename_item_state("complement", "complement_requested")
    op.execute("DELETE FROM opinion WHERE withdrawn_at IS NOT NULL")
    op.drop_index("ix_opinion_answered_at", "opinion")
    op.drop_column("opinion", "withdrawn_at")
    for table in _FILES:
        op.drop_column(table, "scan_awaited")
        op.drop_column(table, "examined")
    _index_answers([])
    op.drop_column("task", "verdicts")
    op.drop_table("forecast")
    op.execute("UPDATE candidature SET state = 'withdrawn' WHERE state = 'given_up'")
    _restrict_states(_DOSSIER_STATES)
    op.drop_index("ix_upload_item_id", "upload")
    op.drop_index("ix_candidature_state", "candidature")
    op.drop_index("ix_candidature_software_id", "candidature")
    op.drop_column("upload", "receiver")
    op.drop_column("candidature", "resolved_on")
    op.drop_column("candidature", "revision")
    op.drop_column("candidature", "external_reference")
    op.drop_index("ix_message_unread", "message")
    op.drop_table("browser_session")
    _forget_cause("standing_id", _CAUSES)
    op.drop_column("verification", "candidature_id")
    op.drop_table("dossier_standing")
