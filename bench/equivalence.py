"""Resolving candidatures from the database, however many verifications are stored.

The floor is one indexed scan that fetches the rows the answers stand on, as many as the candidature has items.
The same question is put to a set-based SQL query, to clingo and to a decision table; their answers are compared with
the engine's before they are timed.
"""

from collections.abc import Sequence
from time import perf_counter
from uuid import UUID

import click
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bench import rivals
from bench.servers import database, tidy
from bench.timing import best, table
from referencing.accounts.operations import create_account, identify
from referencing.base import db
from referencing.base.db import new_id
from referencing.base.permissions import Actor, Role
from referencing.candidatures.filing import operations as candidatures
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.record.queries import open_of_core
from referencing.candidatures.record.states import Track
from referencing.candidatures.resolution import resolved
from referencing.catalogue.models import Dsr, DsrVersion, ExpectedProof, Requirement
from referencing.catalogue.proposals import Guichet, ProofKind
from referencing.equivalence.engine.facts import Correspondence, Policy, Relation, Reuse
from referencing.equivalence.engine.resolution import resolve
from referencing.equivalence.grants.fact_queries import facts_of
from referencing.equivalence.grants.models import GrantSource
from referencing.equivalence.rulebooks import operations as rulebooks
from referencing.equivalence.rulebooks import queries
from referencing.equivalence.rulebooks.rulebooks import Rules
from referencing.proofs.models import Verification
from referencing.revocations import queries as audits
from referencing.solutions import operations as solutions
from referencing.solutions.models import Configuration, Software, Solution

#: Verifications of each of the other softwares, which are as many as the history needs.
EACH = 50
RULES = (Policy({"guichet": ("EDC_PSC",)}, Reuse.CONFIRM), Policy({}, Reuse.AUTO, max_age_days=700))


@click.command("equivalence")
@click.option("--items", type=click.IntRange(EACH), default=300, show_default=True, help="of a candidature")
@click.option(
    "--history",
    type=click.IntRange(EACH),
    multiple=True,
    default=(50_000, 1_000_000),
    show_default=True,
    help="verifications stored, the least first; may be given several times",
)
@click.option("--batch", type=click.IntRange(1), default=1_000, show_default=True, help="open candidatures")
def run(items: int, history: Sequence[int], batch: int) -> None:
    """Resolving candidatures from the database."""
    with database() as factory:
        with db.transaction(factory) as session:
            editor, lead = people(session)
            catalogue(session, items)
            _rules(session, lead, items)
            first, second = _candidatures(session, editor)
            verify_all(session, first, editor)
            others = _others(session, second, batch)
        resolved = []
        for size in history:
            with db.transaction(factory) as session:
                _fill(session, first, size)
            tidy(factory)
            title = f"{items} items, {size:,} verifications stored"
            resolved.append(_measure(title, factory, editor, second))
            _measure_batch(factory, others)
        growth, larger = resolved[-1] / resolved[0], history[-1] / history[0]
        print(f"\n  a resolution takes {growth:.2f} times as long with {larger:.0f} times the history")


def _measure(title: str, factory: db.Sessions, editor: Actor, candidature_id: UUID) -> float:
    with factory() as session:
        candidature = session.get_one(Candidature, candidature_id)
        core = candidature.core_id
        connection = session.connection()
        answers = sa.text(
            "SELECT id, proof_code, found_on, composition FROM verification WHERE core_id = :core"
        )
        rulebook = queries.id_in_force(session)
        rules = queries.rules_for(session, candidature.version, rulebook, db.today(session))
        known = facts_of(session, core, rules.wordings)
        target = resolved.target_of(candidature)
        statuses = {
            item.proof: item.status.value for item in resolve(rules.knowledge, known.facts, target).items
        }
        assert set(statuses.values()) == {"covered", "to_confirm", "required"}, statuses
        by_sql = rivals.sql(connection, candidature.version_id, core, rulebook)
        by_clingo = rivals.clingo(rules.knowledge, known.facts, target)
        by_table = rivals.decision_table(rules.knowledge, known.facts, target)
        assert by_sql() == by_clingo() == by_table() == statuses
        whole = best(lambda: resolved.as_it_stands(session, candidature))
        rows = [
            (
                "floor: one indexed scan that fetches the rows",
                best(lambda: connection.execute(answers, {"core": core}).all()),
            ),
            ("facts as the engine takes them", best(lambda: facts_of(session, core, rules.wordings))),
            ("engine alone", best(lambda: resolve(rules.knowledge, known.facts, target))),
            ("resolution from the database", whole),
            ("set-based SQL, one step, statuses only", best(by_sql)),
            ("clingo, given the facts, statuses only", best(by_clingo, 5)),
            ("zen-engine, a decision for each pair, statuses only", best(by_table, 5)),
        ]
    rows.append(
        ("draft of a candidature with its grants", best(lambda: _draft(factory, editor, candidature_id), 5))
    )
    table(f"equivalence: {title}", rows)
    _measure_impact(factory)
    return whole


def _measure_impact(factory: db.Sessions) -> None:
    """Who leans on a fact, against one indexed select of the grants' sources."""
    with factory() as session:
        fact = session.scalars(
            sa.select(Verification).join(GrantSource, GrantSource.verification_id == Verification.id).limit(1)
        ).one()
        connection = session.connection()
        select = sa.text("SELECT grant_id FROM grant_source WHERE verification_id = :fact")
        rows = [
            (
                "floor: one indexed select of the grants",
                best(lambda: connection.execute(select, {"fact": fact.id}).all()),
            ),
            ("who leans on a verification", best(lambda: audits.leaning(session, fact))),
        ]
    table("equivalence: the impact of a revocation", rows)


def _measure_batch(factory: db.Sessions, others: list[UUID]) -> None:
    answers = sa.text("SELECT id, proof_code, found_on, composition FROM verification WHERE core_id = :core")
    with factory() as session:
        connection = session.connection()
        start = perf_counter()
        for core in others:
            connection.execute(answers, {"core": core}).all()
        floor = perf_counter() - start
        start = perf_counter()
        for core in others:
            (dossier,) = open_of_core(session, core)
            resolved.as_it_stands(session, dossier)
        whole = perf_counter() - start
    table(
        f"equivalence: the batch of {len(others):,} candidatures",
        [("floor: one indexed scan each", floor), ("dossier read and resolved, each", whole)],
    )


def _draft(factory: db.Sessions, editor: Actor, like: UUID) -> None:
    with factory() as session, session.begin() as transaction:
        software = session.get_one(Candidature, like).software_id
        other_name = solutions.register_solution(
            session, editor, software, "Another name"
        )  # a draft of its own
        file(session, editor, "BENCH-V2", other_name.id)
        transaction.rollback()


def people(session: Session) -> tuple[Actor, Actor]:
    editor = create_account(session, "Editor", Role.EDITOR, "Bench")
    lead = create_account(session, "Lead", Role.LEAD)
    return identify(session, editor), identify(session, lead)


def catalogue(session: Session, items: int) -> None:
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
        version.requirements = [_requirement(dsr, version, number) for number in range(items)]
        session.add(dsr)
    session.flush()


def reworded(session: Session, code: str, items: int) -> None:
    """A draft of the next version of a list, of which every requirement has other words."""
    dsr = session.scalars(sa.select(Dsr).where(Dsr.code == code)).one()
    version = DsrVersion(id=new_id(), dsr=dsr, number=2)
    version.requirements = [_requirement(dsr, version, number, "other") for number in range(items)]
    session.add(version)
    session.flush()


def _requirement(dsr: Dsr, version: DsrVersion, number: int, wording: str = "-") -> Requirement:
    code = f"INS.{number:03}"
    words = dict.fromkeys(("title", "function", "comment", "former_profile", "perimeter", "criticality"), "-")
    proof = ExpectedProof(
        id=new_id(),
        version_id=version.id,
        code=f"{dsr.code}:{code}#01",
        suffix="01",
        number=f"{code}.01",
        position=1,
        text="-",
        wording=wording,
        scenario_number="-",
        scenario_text="-",
        guichet=Guichet.ANS if number % 10 else Guichet.EDC_PSC,
        kind=ProofKind.DEMONSTRATION,
        roles=[],
        duo=True,
    )
    return Requirement(
        id=new_id(),
        code=code,
        position=number,
        chapter="INS",
        profile="Général",
        proofs=[proof],
        text=wording,
        **words,
    )


def _rules(session: Session, lead: Actor, items: int) -> None:
    correspondences = tuple(
        Correspondence(
            f"C{number}", (f"BENCH-V1:INS.{number:03}",), f"BENCH-V2:INS.{number:03}", Relation.EQUAL
        )
        for number in range(items)
    )
    rules = Rules(correspondences, (), RULES)
    rulebook = rulebooks.write_rulebook(session, lead, "bench", rules)
    rulebooks.publish_rulebook(session, lead, rulebook.id, accept_warnings=True)


def _candidatures(session: Session, editor: Actor) -> tuple[Candidature, UUID]:
    software = solutions.register_software(session, editor, "Bench", "NIL-0")
    solution = solutions.register_solution(session, editor, software.id, "Bench")
    first = file(session, editor, "BENCH-V1", solution.id)
    return first, file(session, editor, "BENCH-V2", solution.id).id


def file(session: Session, editor: Actor, dsr: str, solution: UUID) -> Candidature:
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


#: One proof and one verification for each of the first items of a candidature, on softwares chosen by `softwares`.
_PROOFS = """
INSERT INTO proof (id, item_id, number, software_id, core_id, organisation_id, expected_proof_id, configuration_id,
                   state, supplied_at, supplied_by)
SELECT gen_random_uuid(), item.id, {number}, chosen.id, chosen.core_id, software.organisation_id,
       item.expected_proof_id, candidature.configuration_id, 'decided', now(), (SELECT id FROM account LIMIT 1)
FROM item
JOIN candidature ON candidature.id = item.candidature_id
JOIN software ON software.id = candidature.software_id
JOIN ({softwares}) AS chosen ON true
WHERE item.candidature_id = :candidature
"""
#: Some are revoked, some too old.
_VERIFICATIONS = """
INSERT INTO verification (id, proof_id, candidature_id, software_id, core_id, proof_code, wording, solution,
                          composition, mode, finding, found_on, verifier_id, file_sha256, comment, round, dsr_version,
                          revoked_on)
SELECT gen_random_uuid(), proof.id, item.candidature_id, proof.software_id, proof.core_id, expected_proof.code, '-',
       'Bench', '{}', 'async',
       'verified', current_date - CASE WHEN requirement.position % 25 = 7 THEN 800 ELSE 3 END, proof.supplied_by,
       '-', '', 1, 1, CASE WHEN requirement.position % 20 = 3 THEN current_date - 1 END
FROM proof
JOIN item ON item.id = proof.item_id
JOIN expected_proof ON expected_proof.id = proof.expected_proof_id
JOIN requirement ON requirement.id = expected_proof.requirement_id
WHERE NOT EXISTS (SELECT FROM verification WHERE verification.proof_id = proof.id)
"""
_SOFTWARES = """
INSERT INTO software (id, core_id, organisation_id, name, nil, name_look, nil_look)
SELECT uuidv7(), gen_random_uuid(), :organisation, 'Other', 'NIL-' || number, 'other', 'nll-' || number
FROM generate_series((SELECT count(*) FROM software), :softwares) AS number
"""
_GRANTS = """
WITH granted AS (
    INSERT INTO equivalence_grant (id, candidature_id, core_id, proof_code, state, strength, derivation, cases, confirm)
    SELECT gen_random_uuid(), candidature.id, candidature.core_id, verification.id, 'ended', 'full', '{}', '{}', '{}'
    FROM verification
    JOIN candidature ON candidature.core_id = verification.core_id AND candidature.id <> :candidature
    WHERE NOT EXISTS (SELECT FROM grant_source WHERE grant_source.verification_id = verification.id)
    RETURNING id, core_id, proof_code
)
INSERT INTO grant_source (id, grant_id, core_id, verification_id)
SELECT gen_random_uuid(), id, core_id, proof_code::uuid FROM granted
"""


def verify_all(session: Session, candidature: Candidature, editor: Actor) -> None:
    chosen = "SELECT id, core_id FROM software WHERE core_id = :core"
    words = {"candidature": candidature.id, "core": candidature.core_id}
    session.execute(sa.text(_PROOFS.format(number="1", softwares=chosen)), words)
    session.execute(sa.text(_VERIFICATIONS))
    session.flush()
    assert editor.organisation_id == candidature.organisation_id


def _others(session: Session, like: UUID, batch: int) -> list[UUID]:
    """Technical cores, each of a software with a candidature of the second vague."""
    model = session.get_one(Candidature, like)
    found = []
    for number in range(batch):
        core = new_id()
        software = Software(
            id=core,
            core_id=core,
            organisation_id=model.organisation_id,
            name="Other",
            nil=f"NIL-{number + 1}",
        )
        solution = Solution(id=new_id(), software=software, commercial_name="Other")
        configuration = Configuration(id=new_id(), solution=solution, software_version="1", composition={})
        session.add(configuration)
        session.flush()
        candidature = Candidature(
            id=new_id(),
            organisation_id=model.organisation_id,
            software_id=core,
            core_id=core,
            configuration=configuration,
            version_id=model.version_id,
            profiles=[],
            mode=Track.ASYNC,
            state=model.state,
        )
        session.add(candidature)
        found.append(core)
    session.flush()
    return found


def _fill(session: Session, first: Candidature, size: int) -> None:
    """Other softwares until so many verifications are stored, and a grant on each of those of the batch."""
    session.execute(sa.text("SET LOCAL session_replication_role = replica"))  # its keys are right: no check
    words = {"candidature": first.id, "organisation": first.organisation_id, "softwares": size // EACH}
    session.execute(sa.text(_SOFTWARES), words)
    chosen = "SELECT id, core_id, row_number() OVER (ORDER BY id) AS rank FROM software WHERE name = 'Other'"
    select = _PROOFS.format(number="chosen.rank + 1", softwares=chosen)
    session.execute(sa.text(f"{select} AND item.position <= {EACH} ON CONFLICT DO NOTHING"), words)
    session.execute(sa.text(_VERIFICATIONS))
    session.execute(sa.text(_GRANTS), words)
