"""A filled database: dossiers of the first vague that were verified, whose facts serve those of the second.

The catalogue, the rules and the people are made by the application's own operations; what there is much of, by one
statement a table.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.accounts.operations import create_account, identify
from referencing.base.permissions import Role
from referencing.catalogue.proposals import Guichet
from referencing.equivalence.engine.facts import Policy, Reuse
from tests.builders import ALWAYS, Asked, equal, publish_dsr, publish_rules

FIRST, SECOND = "LGC-V1", "LGC-V2"
#: One item in so many is for the EDC PSC counter, whose facts are to be confirmed.
TO_CONFIRM = 10
TEXT = "Le logiciel DOIT permettre à l'utilisateur de rechercher un patient par ses traits d'identité. " * 6

_SOFTWARES = """
INSERT INTO software (id, core_id, organisation_id, name, nil, name_look, nil_look)
SELECT md5('software' || n)::uuid, md5('software' || n)::uuid, :organisation, 'Logiciel ' || n, 'NIL-' || n,
    'logiciel ' || n, 'nil-' || n
FROM generate_series(1, :dossiers) AS n
"""
_SOLUTIONS = """
INSERT INTO solution (id, software_id, commercial_name, name_look)
SELECT md5('solution' || n)::uuid, md5('software' || n)::uuid, 'Solution ' || n, 'solution ' || n
FROM generate_series(1, :dossiers) AS n
"""
_CONFIGURATIONS = """
INSERT INTO configuration (id, solution_id, software_version, composition)
SELECT md5('configuration' || n)::uuid, md5('solution' || n)::uuid, '1.0', '{}' FROM generate_series(1, :dossiers) AS n
"""
_DOSSIERS = """
INSERT INTO candidature (id, organisation_id, software_id, core_id, configuration_id, version_id, profiles, mode, state,
    deposited_on)
SELECT md5('dossier' || n)::uuid, :organisation, md5('software' || n)::uuid, md5('software' || n)::uuid,
    md5('configuration' || n)::uuid, :version, '{}', 'async', 'in_review', current_date - 20
FROM generate_series(1, :dossiers) AS n
"""
_TURNS = """
INSERT INTO ball_interval (id, candidature_id, holder, started_at)
SELECT gen_random_uuid(), id, 'agency', now() - interval '20 days' FROM candidature
"""
_ITEMS = """
INSERT INTO item (id, candidature_id, core_id, expected_proof_id, position, state, track)
SELECT gen_random_uuid(), candidature.id, core_id, expected_proof.id, requirement.position,
    CASE WHEN requirement.position <= :verified THEN 'conform' ELSE 'under_review' END, 'async'
FROM candidature
JOIN requirement ON requirement.version_id = candidature.version_id
JOIN expected_proof ON expected_proof.requirement_id = requirement.id
"""
_STANDINGS = """
INSERT INTO item_standing (id, item_id, state, started_at)
SELECT gen_random_uuid(), id, state, now() - interval '10 days' FROM item
"""
_PROOFS = """
INSERT INTO proof (id, item_id, number, software_id, core_id, organisation_id, expected_proof_id, configuration_id,
    state, supplied_at, supplied_by, submitted_on)
SELECT item.id, item.id, 1, software_id, item.core_id, organisation_id, expected_proof_id, configuration_id,
    CASE WHEN item.state = 'conform' THEN 'decided' ELSE 'submitted' END, now() - interval '20 days', :editor,
    current_date - 20
FROM item JOIN candidature ON candidature.id = candidature_id
"""
_CONTENTS = """
INSERT INTO content (sha256, size, scan, checked_at)
SELECT encode(sha256(id::text::bytea), 'hex'), 1000, 'unscanned', now() FROM proof ON CONFLICT DO NOTHING
"""
_FILES = """
INSERT INTO proof_file (id, proof_id, position, filename, media_type, detected_type, sha256)
SELECT id, id, 1, 'preuve.txt', 'text/plain', 'text/plain', encode(sha256(id::text::bytea), 'hex') FROM proof
WHERE NOT EXISTS (SELECT FROM proof_file WHERE proof_id = proof.id)
"""
_VERIFICATIONS = """
INSERT INTO verification (id, proof_id, candidature_id, software_id, core_id, proof_code, wording, solution,
    composition, mode, finding, found_on, verifier_id, file_sha256, comment, round, dsr_version)
SELECT proof.id, proof.id, candidature_id, software_id, proof.core_id, expected_proof.code, wording, 'Solution', '{}',
    'async', 'verified', current_date - 10, :verifier, encode(sha256(proof.id::text::bytea), 'hex'), 'Vu.', 1, 1
FROM proof
JOIN item ON item.id = proof.item_id
JOIN expected_proof ON expected_proof.id = proof.expected_proof_id
WHERE proof.state = 'decided'
"""
_VERDICTS = """
INSERT INTO verdict (id, item_id, round, finding, comment, missing, steps, verification_id, verifier_id, given_at)
SELECT gen_random_uuid(), proof_id, 1, finding, comment, '{}', '[]', id, verifier_id, now() - interval '10 days'
FROM verification
"""
#: After those of any dossier that is filed today.
_TASKS = """
INSERT INTO task (id, queue, candidature_id, item_id, organisation_id, code, chapter, guichet, budget, due_on, last_day,
    rank, opened_at)
SELECT gen_random_uuid(), 'proof_review', candidature_id, item.id, organisation_id, expected_proof.code, chapter,
    guichet, 15, current_date + 40 + item.position % 20, current_date + 40 + item.position % 20, 0, now()
FROM item
JOIN candidature ON candidature.id = candidature_id
JOIN expected_proof ON expected_proof.id = expected_proof_id
JOIN requirement ON requirement.id = requirement_id
WHERE item.state = 'under_review'
"""
_STREAMS = """
INSERT INTO journal_stream (name, length, head, organisation_id)
SELECT 'candidature:' || id, 10, '', organisation_id FROM candidature
"""
#: A transaction locks the position of each: these are few.
_ENTRIES = """
INSERT INTO journal_entry (stream, number, at, action, role, detail, digest, organisation_id)
SELECT 'candidature:' || id, n, now(), 'item.find_conform', 'verifier', '{"item": "R1"}', '',
    organisation_id
FROM (SELECT * FROM candidature ORDER BY id LIMIT 200) AS candidature, generate_series(1, 10) AS n
"""
_FILL = (
    _SOFTWARES, _SOLUTIONS, _CONFIGURATIONS, _DOSSIERS, _TURNS, _ITEMS, _STANDINGS, _PROOFS, _CONTENTS, _FILES,
    _VERIFICATIONS, _VERDICTS, _TASKS, _STREAMS, _ENTRIES,
)  # fmt: skip

#: A proof for each item of a dossier that misses, as if it had been uploaded.
_SUPPLIED = """
INSERT INTO proof (id, item_id, number, software_id, core_id, organisation_id, expected_proof_id, configuration_id,
    state, supplied_at, supplied_by)
SELECT item.id, item.id, 1, software_id, item.core_id, organisation_id, expected_proof_id, configuration_id, 'held',
    now(), :editor
FROM item JOIN candidature ON candidature.id = candidature_id
WHERE candidature_id = :dossier AND item.state = 'required'
"""
_NO_LONGER_MISSING = """
UPDATE item SET state = 'supplied' WHERE candidature_id = :dossier AND state = 'required'
"""
_STAND_ANEW = """
WITH ended AS (
    UPDATE item_standing SET ended_at = now() FROM item
    WHERE item.id = item_id AND candidature_id = :dossier AND item.state = 'supplied'
        AND item_standing.state = 'required' AND ended_at IS NULL
    RETURNING item_id
)
INSERT INTO item_standing (id, item_id, state, started_at)
SELECT gen_random_uuid(), item_id, 'supplied', now() FROM ended
"""


@dataclass(frozen=True, slots=True)
class World:
    """The keys of the people, and the solutions whose dossiers of the first vague are there."""

    editor: str
    verifier: str
    lead: str
    solutions: Sequence[UUID]


def fill(session: Session, dossiers: int, items: int, verifications: int) -> World:
    """As many dossiers of so many items in review; each has its share of the verifications, the rest in the queue."""
    keys = {role: create_account(session, "Camille", role, owner) for role, owner in _PEOPLE.items()}
    editor, verifier = identify(session, keys[Role.EDITOR]), identify(session, keys[Role.VERIFIER])
    requirements = [_requirement(number) for number in range(1, items + 1)]
    version = publish_dsr(session, FIRST, *requirements)
    publish_dsr(session, SECOND, *requirements)
    rules = [equal(f"{FIRST}:R{n}", f"{SECOND}:R{n}") for n in range(1 + new(items), items + 1)]
    publish_rules(session, *rules, policies=(Policy({"guichet": ("EDC_PSC",)}, Reuse.CONFIRM), ALWAYS))
    values = {
        "dossiers": dossiers,
        "verified": verifications // dossiers,
        "organisation": editor.organisation_id,
        "version": version.id,
        "editor": editor.account_id,
        "verifier": verifier.account_id,
    }
    for statement in _FILL:
        _run(session, statement, values)
    solutions = session.scalars(sa.text("SELECT id FROM solution ORDER BY id")).all()
    return World(keys[Role.EDITOR], keys[Role.VERIFIER], keys[Role.LEAD], solutions)


_PEOPLE = {Role.EDITOR: "Éditions Alizé", Role.VERIFIER: None, Role.LEAD: None}


#: Tasks that were answered long ago, of the items that were found conform.
_CLOSED = """
INSERT INTO task (id, queue, candidature_id, item_id, organisation_id, code, chapter, guichet, budget, due_on, last_day,
    rank, opened_at, closed_at, closed_by, outcome, days_used)
SELECT gen_random_uuid(), 'proof_review', candidature_id, item.id, candidature.organisation_id, 'R', 'C', 'ANS', 15,
    current_date - 100, current_date - 100, 0, now() - interval '200 days', now() - interval '190 days', :verifier,
    'conform', 7
FROM item JOIN candidature ON candidature.id = candidature_id, generate_series(1, :times)
WHERE item.state = 'conform'
"""


def close_tasks(session: Session, times: int) -> None:
    """So many answered tasks for each item that was found conform."""
    verifier = session.scalars(sa.text("SELECT verifier_id FROM verification LIMIT 1")).one()
    _run(session, _CLOSED, {"verifier": verifier, "times": times})


def new(items: int) -> int:
    """How many of so many requirements of the second vague correspond to none of the first: the first half."""
    return items // 2


def supply_missing(session: Session, dossier: UUID) -> None:
    """A file for each item of a draft that still misses one."""
    owner = sa.text("SELECT supplied_by FROM proof LIMIT 1")
    values = {"dossier": dossier, "editor": session.scalars(owner).one()}
    for statement in (_SUPPLIED, _NO_LONGER_MISSING, _STAND_ANEW, _CONTENTS, _FILES):
        _run(session, statement, values)


def _requirement(number: int) -> Asked:
    guichet = Guichet.EDC_PSC if number % TO_CONFIRM == 1 else Guichet.ANS
    return Asked(f"R{number}", text=TEXT, scenario=TEXT, guichet=guichet)


def _run(session: Session, statement: str, values: Mapping[str, object]) -> None:
    """With those of the values that it names."""
    named = {name: value for name, value in values.items() if f":{name}" in statement}
    session.execute(sa.text(statement), named)
