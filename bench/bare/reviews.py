"""What a verifier takes, and finds."""

from typing import Any
from uuid import UUID

from flask import request
from psycopg import Cursor
from psycopg.rows import DictRow

from . import reads
from .filing import LOCKED
from .journal import keep_standings, record

Rows = Cursor[DictRow]

_STILL = "SELECT id FROM account WHERE id = %s FOR NO KEY UPDATE"
_IN_HAND = "SELECT count(*) FROM claim WHERE verifier_id = %s AND expires_at > now()"
_NEXT = """
SELECT id, candidature_id FROM task WHERE queue = %s AND closed_at IS NULL AND third_party_since IS NULL
    AND NOT EXISTS (SELECT FROM claim WHERE task_id = task.id AND expires_at > now())
ORDER BY rank, last_day, opened_at, id LIMIT 1
"""
_CLAIMED = """
INSERT INTO claim (task_id, verifier_id, claimed_at, expires_at) VALUES (%s, %s, now(), now() + interval '4 hours')
ON CONFLICT (task_id) DO UPDATE SET verifier_id = excluded.verifier_id, expires_at = excluded.expires_at
"""
_TASK = f"{reads.TASK} WHERE task.id = %s"
_SUBJECT = """
SELECT item.*, expected_proof.code, expected_proof.text, scenario_text, requirement.code AS requirement,
    requirement.text AS requirement_text
FROM item JOIN expected_proof ON expected_proof.id = expected_proof_id
JOIN requirement ON requirement.id = requirement_id
WHERE item.id = %s
"""
_PROOF = "SELECT * FROM proof WHERE item_id = %s ORDER BY number DESC LIMIT 1"
_FILES = "SELECT * FROM proof_file JOIN content USING (sha256) WHERE proof_id = %s ORDER BY position"
_DOSSIER = "SELECT candidature_id FROM task WHERE id = %s"
_CLOSED = """
WITH free AS (DELETE FROM claim WHERE task_id = %(task)s)
UPDATE task SET closed_at = now(), closed_by = %(account)s, outcome = 'conform', days_used = 0 WHERE id = %(task)s
RETURNING item_id
"""
_FOUND = """
WITH decided AS (
    UPDATE proof SET state = 'decided' WHERE item_id = %(item)s AND state = 'submitted' RETURNING *
), fact AS (
    INSERT INTO verification (id, proof_id, candidature_id, software_id, core_id, proof_code, wording, solution,
        composition, mode, finding, found_on, verifier_id, file_sha256, comment, round, dsr_version)
    SELECT gen_random_uuid(), decided.id, %(dossier)s, decided.software_id, core_id, code, wording, commercial_name,
        composition, 'async', 'verified', current_date, %(account)s, %(sha256)s, %(comment)s, 1, 1
    FROM decided JOIN expected_proof ON expected_proof.id = expected_proof_id
    JOIN configuration ON configuration.id = configuration_id JOIN solution ON solution.id = solution_id
    RETURNING id, proof_code
), said AS (
    INSERT INTO verdict (id, item_id, task_id, round, finding, comment, missing, steps, verification_id, verifier_id,
        given_at)
    SELECT gen_random_uuid(), %(item)s, %(task)s, 1, 'verified', %(comment)s, '{}', '[]', id, %(account)s, now()
    FROM fact
), moved AS (
    UPDATE item SET state = 'conform' WHERE id = %(item)s
)
SELECT id, proof_code FROM fact
"""


def claim_next(cursor: Rows, account: DictRow, queue: str) -> Any:
    cursor.execute(_STILL, [account["id"]])
    cursor.execute(_IN_HAND, [account["id"]])
    task = cursor.execute(_NEXT, [queue]).fetchone() or {}
    cursor.execute(_CLAIMED, [task["id"], account["id"]])
    detail = {"task": str(task["id"]), "queue": queue}
    record(cursor, account, task["candidature_id"], "task.claimed", detail)
    line = cursor.execute(_TASK, [task["id"]]).fetchone() or {}
    subject = cursor.execute(_SUBJECT, [line["item"]]).fetchone() or {}
    proof = cursor.execute(_PROOF, [line["item"]]).fetchone() or {}
    proof["files"] = cursor.execute(_FILES, [proof["id"]]).fetchall()
    return {**line, "subject": {**subject, "proof": proof}}


def give_verdict(cursor: Rows, account: DictRow, task: UUID) -> Any:
    said = request.get_json()
    dossier = (cursor.execute(_DOSSIER, [task]).fetchone() or {})["candidature_id"]
    cursor.execute(LOCKED, [dossier])
    words = {
        "task": task,
        "account": account["id"],
        "comment": said["comment"],
        "sha256": said["file_sha256"],
        "dossier": dossier,
    }
    words["item"] = (cursor.execute(_CLOSED, words).fetchone() or {})["item_id"]
    fact = cursor.execute(_FOUND, words).fetchone() or {}
    keep_standings(cursor, [words["item"]])
    detail = {"code": fact["proof_code"], "verification": str(fact["id"])}
    record(cursor, account, dossier, "item.find_conform", detail)
    reads.facts(cursor, dossier)
    return cursor.execute(_TASK, [task]).fetchone()
