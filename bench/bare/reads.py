"""What is only read."""

from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

from psycopg import Cursor
from psycopg.rows import DictRow

Rows = Cursor[DictRow]

_ME = """
SELECT account.id, account.name, account.role, organisation.name AS organisation, address AS email
FROM account LEFT JOIN organisation ON organisation.id = organisation_id
LEFT JOIN email_address ON email_address.account_id = account.id WHERE account.id = %s
"""
_DOSSIER = """
SELECT candidature.id, candidature.state, dsr.code AS dsr, dsr_version.number AS dsr_version,
    organisation.name AS organisation, solution.id AS solution, commercial_name, software.id AS software, nil,
    software_version, composition, profiles, mode, deposited_on, candidature.created_at
FROM candidature
JOIN dsr_version ON dsr_version.id = version_id JOIN dsr ON dsr.id = dsr_id
JOIN organisation ON organisation.id = candidature.organisation_id
JOIN configuration ON configuration.id = configuration_id
JOIN solution ON solution.id = solution_id JOIN software ON software.id = solution.software_id
WHERE candidature.id = %s
"""
_PROGRESS = "SELECT state, count(*) FROM item WHERE candidature_id = %s GROUP BY state"
_MISSING = """
SELECT guichet, count(*) FROM item JOIN expected_proof ON expected_proof.id = expected_proof_id
WHERE candidature_id = %s AND state = 'required' AND track <> 'duo' GROUP BY guichet
"""
_TURNS = "SELECT holder, started_at, ended_at FROM ball_interval WHERE candidature_id = %s ORDER BY id"
_ITEMS = """
SELECT item.id, expected_proof.code, requirement.code AS requirement, chapter, profile,
    requirement.text AS requirement_text, scenario_text AS scenario, expected_proof.text, guichet, kind, roles, state,
    track, external_reference, reason, round, grant_id
FROM item JOIN expected_proof ON expected_proof.id = expected_proof_id
JOIN requirement ON requirement.id = requirement_id
WHERE candidature_id = %s ORDER BY item.position LIMIT 501
"""
_PROOFS = """
SELECT DISTINCT ON (item_id) proof.id, proof.number, item_id AS item, proof.state, supplied_at, performed_on,
    journal_position
FROM proof JOIN item ON item.id = item_id WHERE candidature_id = %s ORDER BY item_id, proof.number DESC
"""
_FILES = """
SELECT proof_id, id, filename, media_type, detected_type, remarks, identifiers, identifier_places, size,
    proof_file.sha256, scan, scan_detail, accepted_reason
FROM proof_file JOIN content ON content.sha256 = proof_file.sha256 WHERE proof_id = ANY(%s) ORDER BY proof_id, position
"""
_VERIFICATIONS = "SELECT * FROM verification WHERE proof_id = ANY(%s) ORDER BY proof_id, id"
_GRANTS = """
SELECT equivalence_grant.id, state, strength, cases, confirm, derivation, array_agg(verification_id) AS facts
FROM equivalence_grant JOIN grant_source ON grant_id = equivalence_grant.id
WHERE candidature_id = %s AND state <> 'ended' GROUP BY equivalence_grant.id
"""
_VERDICTS = """
SELECT DISTINCT ON (item_id) item_id, verdict.round, finding, comment, missing, due_on, steps, given_at
FROM verdict JOIN item ON item.id = item_id WHERE candidature_id = %s AND undone_at IS NULL
ORDER BY item_id, verdict.id DESC
"""
_FACTS = """
SELECT id, proof_code, finding, found_on, wording, composition, revoked_on FROM verification WHERE core_id = %s
"""
_CORE = "SELECT core_id FROM candidature WHERE id = %s"
_EXPLAINED = """
SELECT item.id AS item, expected_proof.code AS proof, expected_proof.text AS proof_text, scenario_text AS scenario,
    requirement.text AS asked, item_standing.state, started_at AS since, derivation AS reuse,
    rulebook.label AS rulebook, rulebook.published_at,
    equivalence_grant.id AS grant
FROM item JOIN expected_proof ON expected_proof.id = expected_proof_id
JOIN requirement ON requirement.id = requirement_id
JOIN item_standing ON item_id = item.id AND ended_at IS NULL
LEFT JOIN equivalence_grant ON equivalence_grant.id = item_standing.grant_id
LEFT JOIN rulebook ON rulebook.id = equivalence_grant.rulebook_id
WHERE item.candidature_id = %s AND expected_proof.code = %s
"""
_SOURCES = """
SELECT verification.*, proof.number FROM grant_source JOIN verification ON verification.id = verification_id
JOIN proof ON proof.id = proof_id WHERE grant_id = %s
"""
_ALLOCATED = "SELECT last_value FROM journal_entry_position_seq"
_EVENTS = """
SELECT position, stream, number, at, action, coalesce(account.name, 'referencing') AS actor, journal_entry.role, detail
FROM journal_entry LEFT JOIN account ON account.id = account_id
WHERE journal_entry.organisation_id = %s AND position <= %s ORDER BY position LIMIT 100
"""
TASK = """
SELECT task.id, queue, task.candidature_id AS candidature, dsr.code AS dsr, organisation.name AS organisation,
    commercial_name, task.item_id AS item, task.code, chapter, guichet, opened_at, due_on, last_day, closed_at, outcome,
    account.name AS claimed_by, claimed_at, expires_at
FROM task
JOIN candidature ON candidature.id = task.candidature_id JOIN dsr_version ON dsr_version.id = version_id
JOIN dsr ON dsr.id = dsr_id JOIN organisation ON organisation.id = task.organisation_id
JOIN configuration ON configuration.id = configuration_id JOIN solution ON solution.id = solution_id
LEFT JOIN claim ON claim.task_id = task.id AND expires_at > now() LEFT JOIN account ON account.id = verifier_id
"""
_TASKS = f"""{TASK} WHERE queue = %s AND closed_at IS NULL AND third_party_since IS NULL
ORDER BY rank, last_day, opened_at, task.id LIMIT 101"""


def me(cursor: Rows, account: DictRow) -> Any:
    return cursor.execute(_ME, [account["id"]]).fetchone()


def dossier(cursor: Rows, _: DictRow, dossier: UUID) -> Any:
    found = cursor.execute(_DOSSIER, [dossier]).fetchone() or {}
    found["progress"] = {row["state"]: row["count"] for row in cursor.execute(_PROGRESS, [dossier])}
    found["missing_counts"] = {row["guichet"]: row["count"] for row in cursor.execute(_MISSING, [dossier])}
    return {**found, "turns": cursor.execute(_TURNS, [dossier]).fetchall()}


def items(cursor: Rows, _: DictRow, dossier: UUID) -> Any:
    listed = cursor.execute(_ITEMS, [dossier]).fetchall()
    proofs = {row["item"]: row for row in cursor.execute(_PROOFS, [dossier])}
    ids = [row["id"] for row in proofs.values()]
    files, found = (_by_proof(cursor, select, ids) for select in (_FILES, _VERIFICATIONS))
    for proof in proofs.values():
        proof["files"], proof["verifications"] = files.get(proof["id"], []), found.get(proof["id"], [])
    verdicts = {row["item_id"]: row for row in cursor.execute(_VERDICTS, [dossier])}
    grants = {row["id"]: row for row in cursor.execute(_GRANTS, [dossier])}
    for item in listed:
        item["reuse"] = grants.get(item["grant_id"])
        item["proof"], item["verdict"] = proofs.get(item["id"]), verdicts.get(item["id"])
    return {"items": listed, "next": None}


def _by_proof(cursor: Rows, select: str, ids: list[UUID]) -> dict[UUID, list[DictRow]]:
    rows = cursor.execute(select, [ids]).fetchall()
    return {proof: list(group) for proof, group in groupby(rows, itemgetter("proof_id"))}


def equivalence(cursor: Rows, _: DictRow, dossier: UUID) -> Any:
    """How each item stands and what justifies it, with the facts of the software."""
    listed = cursor.execute(_ITEMS, [dossier]).fetchall()
    grants = {row["id"]: row for row in cursor.execute(_GRANTS, [dossier])}
    told = [
        {"code": row["code"], "status": row["state"], "reuse": grants.get(row["grant_id"])} for row in listed
    ]
    return {"items": told, "facts": facts(cursor, dossier)}


def facts(cursor: Rows, dossier: UUID) -> list[DictRow]:
    """Of the technical core of a dossier."""
    core = cursor.execute(_CORE, [dossier]).fetchone() or {}
    return cursor.execute(_FACTS, [core["core_id"]]).fetchall()


def explanation(cursor: Rows, _: DictRow, dossier: UUID, code: str) -> Any:
    told = cursor.execute(_EXPLAINED, [dossier, code]).fetchone() or {}
    return {**told, "facts": cursor.execute(_SOURCES, [told["grant"]]).fetchall()}


def events(cursor: Rows, account: DictRow) -> Any:
    until = cursor.execute(_ALLOCATED).fetchone() or {}
    return {"items": cursor.execute(_EVENTS, [account["organisation_id"], until["last_value"]]).fetchall()}


def tasks(cursor: Rows, _: DictRow, queue: str) -> Any:
    return {"items": cursor.execute(_TASKS, [queue]).fetchall()}
