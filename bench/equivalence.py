"""Resolving one candidature of 300 items from the database, with and without 100,000 verifications of others."""

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bench.timing import best, table
from referencing import db, tables
from referencing.accounts.operations import create_account, identify
from referencing.accounts.permissions import Actor, Role
from referencing.candidatures import operations as candidatures
from referencing.candidatures import resolution
from referencing.candidatures.models import Candidature
from referencing.candidatures.states import Track
from referencing.catalogue.models import Dsr, DsrVersion, ExpectedProof, Requirement
from referencing.catalogue.proposals import Guichet, ProofKind
from referencing.config import Settings
from referencing.db import new_id
from referencing.equivalence import operations as rulebooks
from referencing.equivalence import queries
from referencing.equivalence.engine import resolve
from referencing.equivalence.facts import Correspondence, Policy, Relation, Reuse
from referencing.equivalence.rulebooks import Rules
from referencing.solutions import operations as solutions

PROOFS = 300
OTHERS = 100_000


def run() -> None:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = db.database_url(Settings(data=folder))
        db.upgrade(url)
        factory = db.sessions(db.connect(url))
        with db.transaction(factory) as session:
            editor, lead = _people(session)
            _catalogue(session)
            _rules(session, lead)
            first, second = _candidatures(session, editor)
            _verify_all(session, first, editor)
        _measure("no verification of another software", factory, editor, second)
        with db.transaction(factory) as session:
            _others(session, first)
        with factory() as session:
            session.connection(execution_options={"isolation_level": "AUTOCOMMIT"}).execute(
                sa.text("VACUUM ANALYZE")
            )
        _measure(f"{OTHERS:,} verifications of other softwares", factory, editor, second)


def _measure(title: str, factory: db.Sessions, editor: Actor, candidature_id: UUID) -> None:
    with factory() as session:
        candidature = session.get_one(Candidature, candidature_id)
        core = candidature.core_id
        connection = session.connection()
        answers = sa.text(
            "SELECT id, proof_code, found_on, composition FROM verification WHERE core_id = :core"
        )
        rulebook = queries.in_force(session)
        assert rulebook is not None
        rules = queries.rules_for(session, candidature.version, rulebook.id, db.today(session))
        known = queries.facts_of(session, core, rules.wordings)
        target = resolution.target_of(candidature)
        found = resolve(rules.knowledge, known.facts, target)
        assert found.summary["covered"] == PROOFS, found.summary
        rows = [
            (
                "floor: one indexed select of the 300 facts",
                best(lambda: connection.execute(answers, {"core": core}).all()),
            ),
            ("facts as the engine takes them", best(lambda: queries.facts_of(session, core, rules.wordings))),
            ("engine alone", best(lambda: resolve(rules.knowledge, known.facts, target))),
            ("resolution from the database", best(lambda: resolution.as_it_stands(session, candidature))),
        ]
    rows.append(
        ("draft of a candidature with its grants", best(lambda: _draft(factory, editor, candidature_id), 5))
    )
    table(f"equivalence: 300 items, {title}", rows)


def _draft(factory: db.Sessions, editor: Actor, like: UUID) -> None:
    with factory() as session, session.begin() as transaction:
        solution = session.get_one(Candidature, like).configuration.solution_id
        _file(session, editor, "BENCH-V2", solution)
        transaction.rollback()


def _people(session: Session) -> tuple[Actor, Actor]:
    editor = create_account(session, "Editor", Role.EDITOR, "Bench")
    lead = create_account(session, "Lead", Role.LEAD)
    return identify(session, editor), identify(session, lead)


def _catalogue(session: Session) -> None:
    for vague in (1, 2):
        dsr = Dsr(
            id=new_id(),
            code=f"BENCH-V{vague}",
            dispositif="BENCH",
            vague=vague,
            couloir="bench",
            title="bench",
        )
        version = DsrVersion(id=new_id(), dsr=dsr, number=1, published_at=db.utc_now())
        version.requirements = [_requirement(dsr, version, number) for number in range(PROOFS)]
        session.add(dsr)
    session.flush()


def _requirement(dsr: Dsr, version: DsrVersion, number: int) -> Requirement:
    code = f"INS.{number:03}"
    words = dict.fromkeys(
        ("title", "function", "text", "comment", "former_profile", "perimeter", "criticality"), "-"
    )
    proof = ExpectedProof(
        id=new_id(),
        version_id=version.id,
        code=f"{dsr.code}:{code}#01",
        suffix="01",
        number=f"{code}.01",
        position=1,
        text="-",
        wording="-",
        scenario_number="-",
        scenario_text="-",
        guichet=Guichet.ANS,
        kind=ProofKind.DEMONSTRATION,
        roles=[],
        duo=True,
    )
    return Requirement(
        id=new_id(), code=code, position=number, chapter="INS", profile="Général", proofs=[proof], **words
    )


def _rules(session: Session, lead: Actor) -> None:
    correspondences = tuple(
        Correspondence(
            f"C{number}", (f"BENCH-V1:INS.{number:03}",), f"BENCH-V2:INS.{number:03}", Relation.EQUAL
        )
        for number in range(PROOFS)
    )
    rules = Rules(correspondences, (), (Policy({}, Reuse.AUTO),))
    rulebook = rulebooks.write_rulebook(session, lead, "bench", rules)
    rulebooks.publish_rulebook(session, lead, rulebook.id)


def _candidatures(session: Session, editor: Actor) -> tuple[Candidature, UUID]:
    software = solutions.register_software(session, editor, "Bench", "NIL-0")
    solution = solutions.register_solution(session, editor, software.id, "Bench")
    first = _file(session, editor, "BENCH-V1", solution.id)
    return first, _file(session, editor, "BENCH-V2", solution.id).id


def _file(session: Session, editor: Actor, dsr: str, solution: UUID) -> Candidature:
    return candidatures.draft(
        session,
        editor,
        dsr=dsr,
        solution=solution,
        software_version="1",
        composition=[],
        profiles=[],
        mode=Track.ASYNC,
    )


#: One proof and one verification for each item of the first candidature, on a software chosen by `core`.
_PROOFS = """
INSERT INTO proof (id, item_id, number, software_id, core_id, organisation_id, expected_proof_id, configuration_id,
                   state, supplied_at, supplied_by)
SELECT gen_random_uuid(), item.id, {number}, {core}, {core}, :organisation, item.expected_proof_id, :configuration,
       'decided', now(), :account
FROM item {others} WHERE item.candidature_id = :candidature
"""
_VERIFICATIONS = """
INSERT INTO verification (id, proof_id, software_id, core_id, proof_code, wording, solution, composition, mode, finding,
                          found_on, verifier_id, file_sha256, comment, round, dsr_version)
SELECT gen_random_uuid(), proof.id, proof.software_id, proof.core_id, expected_proof.code, '-', 'Bench', '{}', 'async',
       'verified', current_date, :account, '-', '', 1, 1
FROM proof JOIN expected_proof ON expected_proof.id = proof.expected_proof_id
WHERE NOT EXISTS (SELECT FROM verification WHERE verification.proof_id = proof.id)
"""


def _words(candidature: Candidature, account: UUID) -> dict[str, Any]:
    return {
        "organisation": candidature.organisation_id,
        "configuration": candidature.configuration_id,
        "candidature": candidature.id,
        "account": account,
    }


def _verify_all(session: Session, candidature: Candidature, editor: Actor) -> None:
    words = _words(candidature, editor.account_id)
    session.execute(
        sa.text(_PROOFS.format(number="1", core=":core", others="")), {**words, "core": candidature.core_id}
    )
    session.execute(sa.text(_VERIFICATIONS), words)
    session.flush()


def _others(session: Session, first: Candidature) -> None:
    """Softwares with 100 verifications each."""
    account = session.scalars(sa.select(tables.accounts.Account.id)).first()
    words = _words(first, account)  # type: ignore[arg-type]
    session.execute(
        sa.text(
            "INSERT INTO software (id, core_id, organisation_id, name, nil) "
            "SELECT id, id, :organisation, 'Other', 'NIL-' || id FROM "
            "(SELECT gen_random_uuid() AS id FROM generate_series(1, :softwares)) AS new"
        ),
        {"organisation": first.organisation_id, "softwares": OTHERS // 100},
    )
    others = (
        "JOIN (SELECT id, row_number() OVER () + 1 AS rank FROM software WHERE name = 'Other') AS other "
        "ON item.position <= 100"
    )
    session.execute(sa.text(_PROOFS.format(number="other.rank", core="other.id", others=others)), words)
    session.execute(sa.text(_VERIFICATIONS), words)
