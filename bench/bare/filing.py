"""What an editor files, and a lead admits."""

import hashlib
import os
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from flask import request
from psycopg import Cursor
from psycopg.rows import DictRow

from . import reads
from .journal import keep_standings, record

Rows = Cursor[DictRow]

_CONFIGURED = """
INSERT INTO configuration (id, solution_id, software_version, composition)
VALUES (gen_random_uuid(), %s, %s, '{}') RETURNING id
"""
_DRAFTED = """
INSERT INTO candidature (id, organisation_id, software_id, core_id, configuration_id, version_id, profiles, mode, state,
    rulebook_id)
SELECT %(dossier)s, organisation_id, software.id, core_id, %(configuration)s,
    (SELECT dsr_version.id FROM dsr_version JOIN dsr ON dsr.id = dsr_id WHERE code = %(dsr)s
     ORDER BY number DESC LIMIT 1), '{}', 'async', 'draft',
    (SELECT id FROM rulebook WHERE published_at IS NOT NULL AND superseded_at IS NULL)
FROM solution JOIN software ON software.id = software_id WHERE solution.id = %(solution)s
"""
#: The items, each with what it is reused from by one step of the rules; the grants, their sources and the standings.
_ITEMS = """
WITH goal AS MATERIALIZED (
    SELECT expected_proof.id, expected_proof.code, guichet, requirement.position, fact.id AS fact,
        waiting.id AS waiting, candidature.core_id, candidature.rulebook_id, correspondence.code AS clause,
        sources[1] || '#' || suffix AS source
    FROM candidature
    JOIN dsr_version ON dsr_version.id = candidature.version_id JOIN dsr ON dsr.id = dsr_id
    JOIN requirement ON requirement.version_id = candidature.version_id
    JOIN expected_proof ON requirement_id = requirement.id
    LEFT JOIN correspondence ON correspondence.rulebook_id = candidature.rulebook_id
        AND target = dsr.code || ':' || requirement.code
    LEFT JOIN verification AS fact ON fact.core_id = candidature.core_id AND finding = 'verified'
        AND revoked_on IS NULL AND proof_code = sources[1] || '#' || suffix
    LEFT JOIN (
        SELECT proof.id, proof.core_id, code FROM proof JOIN expected_proof ON expected_proof.id = expected_proof_id
        WHERE proof.state = 'submitted'
    ) AS waiting ON waiting.core_id = candidature.core_id AND waiting.code = sources[1] || '#' || suffix
    WHERE candidature.id = %(dossier)s
), granted AS (
    INSERT INTO equivalence_grant (id, candidature_id, core_id, rulebook_id, proof_code, state, strength, derivation,
        clauses, cases, confirm)
    SELECT gen_random_uuid(), %(dossier)s, core_id, rulebook_id, code,
        CASE WHEN guichet = 'EDC_PSC' THEN 'proposed' ELSE 'granted' END, 'full',
        jsonb_build_object('proof', code, 'clause', clause, 'relation', 'equal', 'from',
            jsonb_build_array(jsonb_build_object('proof', source, 'fact', fact))), ARRAY[clause], '{}', '{}'
    FROM goal WHERE fact IS NOT NULL RETURNING id, proof_code, state
), sourced AS (
    INSERT INTO grant_source (id, grant_id, core_id, verification_id)
    SELECT gen_random_uuid(), granted.id, core_id, fact FROM granted JOIN goal ON code = proof_code
), added AS (
    INSERT INTO item (id, candidature_id, core_id, expected_proof_id, position, state, track, grant_id)
    SELECT gen_random_uuid(), %(dossier)s, core_id, goal.id, position,
        CASE WHEN granted.state = 'granted' THEN 'covered' WHEN granted.state = 'proposed' THEN 'to_confirm'
            WHEN waiting IS NOT NULL THEN 'awaiting' ELSE 'required' END, 'async', granted.id
    FROM goal LEFT JOIN granted ON code = proof_code RETURNING id, expected_proof_id, state, grant_id
), stood AS (
    INSERT INTO item_standing (id, item_id, state, grant_id, started_at)
    SELECT gen_random_uuid(), id, state, grant_id, now() FROM added
)
SELECT code, state FROM added JOIN goal ON goal.id = expected_proof_id
"""
_TURN_ENDED = "UPDATE ball_interval SET ended_at = now() WHERE candidature_id = %s AND ended_at IS NULL"
_TURN = """
INSERT INTO ball_interval (id, candidature_id, holder, started_at) VALUES (gen_random_uuid(), %s, %s, now())
"""
LOCKED = "SELECT id FROM software WHERE id = (SELECT core_id FROM candidature WHERE id = %s) FOR UPDATE"
_SUBMITTED = """
WITH handed AS (
    UPDATE proof SET state = 'submitted', submitted_on = current_date FROM item
    WHERE item.id = item_id AND candidature_id = %(dossier)s AND proof.state = 'held'
), opened AS (
    INSERT INTO task (id, queue, candidature_id, organisation_id, budget, due_on, last_day, rank, opened_at)
    SELECT gen_random_uuid(), 'admissibility', id, organisation_id, 15, current_date + 21, current_date + 21, 0, now()
    FROM candidature WHERE id = %(dossier)s
)
UPDATE candidature SET state = 'submitted', deposited_on = current_date WHERE id = %(dossier)s
"""
_ADMITTED = """
WITH closed AS (
    UPDATE task SET closed_at = now(), closed_by = %(account)s, outcome = 'admissible', days_used = 0
    WHERE candidature_id = %(dossier)s AND item_id IS NULL AND closed_at IS NULL
), moved AS (
    UPDATE candidature SET state = 'in_review' WHERE id = %(dossier)s
)
UPDATE item SET state = 'under_review' WHERE candidature_id = %(dossier)s AND state = 'supplied' RETURNING id
"""
_TASKS = """
INSERT INTO task (id, queue, candidature_id, item_id, organisation_id, code, chapter, guichet, budget, due_on, last_day,
    rank, opened_at)
SELECT gen_random_uuid(), CASE item.state WHEN 'to_confirm' THEN 'equivalence' ELSE 'proof_review' END, candidature_id,
    item.id, organisation_id, expected_proof.code, chapter, expected_proof.guichet, coalesce(days, 15),
    current_date + 21, current_date + 21, 0, now()
FROM item JOIN candidature ON candidature.id = candidature_id
JOIN expected_proof ON expected_proof.id = expected_proof_id JOIN requirement ON requirement.id = requirement_id
LEFT JOIN budget ON queue = 'proof_review' AND budget.guichet IS NULL
WHERE candidature_id = %s AND item.state IN ('under_review', 'to_confirm')
"""
_CONTENT = """
INSERT INTO content (sha256, size, scan, checked_at) VALUES (%s, %s, 'unscanned', now()) ON CONFLICT DO NOTHING
"""
_PROOF = """
WITH kept AS (
    INSERT INTO proof (id, item_id, number, software_id, core_id, organisation_id, expected_proof_id, configuration_id,
        state, supplied_at, supplied_by)
    SELECT gen_random_uuid(), item.id, 1 + coalesce((SELECT max(number) FROM proof WHERE item_id = item.id), 0),
        software_id, item.core_id, organisation_id, expected_proof_id, configuration_id, 'held', now(), %(account)s
    FROM item JOIN candidature ON candidature.id = candidature_id
    JOIN expected_proof ON expected_proof.id = expected_proof_id
    WHERE candidature_id = %(dossier)s AND code = %(code)s RETURNING *
), filed AS (
    INSERT INTO proof_file (id, proof_id, position, filename, media_type, detected_type, sha256)
    SELECT gen_random_uuid(), id, 1, %(filename)s, 'text/plain', 'text/plain', %(sha256)s FROM kept
), supplied AS (
    UPDATE item SET state = 'supplied' FROM kept WHERE item.id = kept.item_id
)
SELECT id, item_id, number, supplied_at FROM kept
"""
_ELSEWHERE = """
SELECT code FROM proof_file JOIN proof ON proof.id = proof_id
JOIN expected_proof ON expected_proof.id = expected_proof_id
WHERE sha256 = %s AND organisation_id = %s
"""


def draft(cursor: Rows, account: DictRow) -> Any:
    asked, dossier = request.get_json(), uuid4()
    configured = cursor.execute(_CONFIGURED, [asked["solution"], asked["software_version"]]).fetchone() or {}
    words = {"dossier": dossier, "configuration": configured["id"], **asked}
    cursor.execute(_DRAFTED, words)
    record(cursor, account, dossier, "candidature.drafted", asked)
    states = {row["code"]: row["state"] for row in cursor.execute(_ITEMS, words)}
    record(cursor, account, dossier, "candidature.resolved", states)
    cursor.execute(_TURN, [dossier, "editor"])
    return reads.dossier(cursor, account, dossier)


def upload(cursor: Rows, account: DictRow, dossier: UUID, code: str) -> Any:
    """Kept once it is on the disk, under its SHA-256."""
    sent = request.files["file"]
    content = sent.read()
    sha256 = hashlib.sha256(content).hexdigest()
    with (Path(os.environ["BENCH_FILES"]) / sha256).open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    cursor.execute(LOCKED, [dossier])
    cursor.execute(_CONTENT, [sha256, len(content)])
    words = {
        "account": account["id"],
        "dossier": dossier,
        "code": code,
        "filename": sent.filename,
        "sha256": sha256,
    }
    proof = cursor.execute(_PROOF, words).fetchone() or {}
    keep_standings(cursor, [proof["item_id"]])
    detail = {"code": code, "proof": str(proof["id"]), "files": [{"name": sent.filename, "sha256": sha256}]}
    record(cursor, account, dossier, "proof.supplied", detail)
    return {**proof, "also_in": cursor.execute(_ELSEWHERE, [sha256, account["organisation_id"]]).fetchall()}


def submit(cursor: Rows, account: DictRow, dossier: UUID) -> Any:
    cursor.execute(LOCKED, [dossier])
    cursor.execute(_SUBMITTED, {"dossier": dossier})
    record(cursor, account, dossier, "candidature.submitted", {})
    cursor.execute(_TURN_ENDED, [dossier])
    cursor.execute(_TURN, [dossier, "agency"])
    reads.facts(cursor, dossier)
    return reads.dossier(cursor, account, dossier)


def admit(cursor: Rows, account: DictRow, dossier: UUID) -> Any:
    cursor.execute(LOCKED, [dossier])
    admitted = cursor.execute(_ADMITTED, {"dossier": dossier, "account": account["id"]})
    keep_standings(cursor, [row["id"] for row in admitted])
    record(cursor, account, dossier, "candidature.admitted", {"comment": ""})
    cursor.execute(_TASKS, [dossier])
    return reads.dossier(cursor, account, dossier)
