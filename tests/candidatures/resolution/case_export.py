"""What the tables say of a dossier, as a case: written from the rows alone, by other means than the application."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

Json = dict[str, Any]

_REQUIREMENTS = """
    SELECT dsr.code AS dsr, dispositif, vague, requirement.code, chapter, profile, socle, socle_fidelity,
        coalesce(jsonb_agg(jsonb_build_object('suffix', suffix, 'guichet', guichet, 'kind', kind, 'roles', roles)
            ORDER BY proof.position) FILTER (WHERE proof.id IS NOT NULL), '[]') AS proofs
    FROM dsr JOIN dsr_version AS version ON dsr_id = dsr.id JOIN requirement ON version_id = version.id
        LEFT JOIN expected_proof AS proof ON requirement_id = requirement.id
    WHERE version.id IN (SELECT version_id FROM in_force)
    GROUP BY dsr.id, requirement.id ORDER BY dsr.code, requirement.position
"""
_CORRESPONDENCES = """
    SELECT code AS id, sources AS from, target AS to, relation, valid_from, valid_until
    FROM correspondence JOIN rulebook ON rulebook_id = rulebook.id
    WHERE published_at IS NOT NULL AND superseded_at IS NULL
"""
_KINDS = """
    SELECT kind, covers FROM certificate_kind JOIN rulebook ON rulebook_id = rulebook.id
    WHERE published_at IS NOT NULL AND superseded_at IS NULL
"""
_POLICIES = """
    SELECT conditions AS when, jsonb_build_object('reuse', reuse, 'max_age_days', max_age_days) AS then
    FROM policy JOIN rulebook ON rulebook_id = rulebook.id
    WHERE published_at IS NOT NULL AND superseded_at IS NULL ORDER BY position
"""
_VERIFICATIONS = """
    SELECT fact.id, 'verification' AS type, proof_code AS proof, fact.software_id AS product, solution,
        fact.composition, finding AS status, fact.mode, found_on AS date, revoked_on,
        CASE WHEN candidature.state IN ('referenced', 'refused', 'withdrawn', 'suspended', 'delisted')
            THEN candidature.state ELSE 'open' END AS standing
    FROM verification AS fact JOIN proof ON proof.id = proof_id JOIN item ON item.id = item_id
        JOIN candidature ON candidature.id = item.candidature_id JOIN expected_proof AS asked ON asked.code = proof_code
        AND asked.wording = fact.wording AND asked.version_id IN (SELECT version_id FROM in_force)
    WHERE finding <> 'complement'
"""
_SUBMITTED = """
    SELECT proof.id, 'verification' AS type, asked.code AS proof, proof.software_id AS product,
        commercial_name AS solution, composition, 'submitted' AS status, 'async' AS mode, submitted_on AS date,
        NULL AS revoked_on, 'open' AS standing
    FROM proof JOIN expected_proof AS asked ON asked.id = expected_proof_id
        JOIN configuration ON configuration.id = configuration_id JOIN solution ON solution.id = solution_id
    WHERE proof.state = 'submitted' AND asked.version_id IN (SELECT version_id FROM in_force)
"""
_CERTIFICATES = """
    SELECT certificate.id, 'certificate' AS type, kind, CASE WHEN holder = nil THEN software_id::text ELSE holder END
        AS holder, valid_from, valid_until, revoked_on
    FROM certificate JOIN software ON software.id = software_id
"""
_TARGET = """
    SELECT dsr.code AS dsr, candidature.software_id AS product, commercial_name AS solution, composition, profiles,
        deposited_on
    FROM candidature JOIN dsr_version ON dsr_version.id = version_id JOIN dsr ON dsr.id = dsr_id
        JOIN configuration ON configuration.id = configuration_id JOIN solution ON solution.id = solution_id
    WHERE candidature.id = :candidature
"""
#: The version that the dossier pinned, and the last one published of every other DSR.
_IN_FORCE = """
    WITH pinned AS (SELECT id, dsr_id FROM dsr_version
        WHERE id = (SELECT version_id FROM candidature WHERE id = :candidature)),
    in_force AS (SELECT id AS version_id FROM pinned UNION ALL
        (SELECT DISTINCT ON (dsr_id) id FROM dsr_version
         WHERE published_at IS NOT NULL AND dsr_id <> (SELECT dsr_id FROM pinned)
         ORDER BY dsr_id, number DESC))
"""


def export(session: Session, candidature: UUID, day: str) -> Json:
    """The case of a dossier as of a day, for softwares that are each their own technical core."""

    def rows(statement: str) -> list[Json]:
        if "in_force" in statement:
            statement = _IN_FORCE + statement
        bound = {"candidature": candidature} if ":candidature" in statement else {}
        return [
            {key: _plain(value) for key, value in row.items()}
            for row in session.execute(sa.text(statement), bound).mappings()
        ]

    (target,) = rows(_TARGET)
    return {
        "format": "equivalence-case/1",
        "as_of": day,
        "requirements": rows(_REQUIREMENTS),
        "correspondences": rows(_CORRESPONDENCES),
        "certificate_kinds": rows(_KINDS),
        "policies": rows(_POLICIES),
        "facts": [*rows(_VERIFICATIONS), *rows(_SUBMITTED), *rows(_CERTIFICATES)],
        "target": target,
    }


def _plain(value: object) -> object:
    return value if isinstance(value, (dict, list, int, str, type(None))) else str(value)
