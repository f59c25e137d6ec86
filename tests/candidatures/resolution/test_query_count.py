"""The number of statements does not grow: not with the items, not with what is stored of other softwares."""

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from referencing.base import db
from referencing.base.permissions import Role
from referencing.equivalence.engine.facts import Relation
from referencing.equivalence.grants.fact_queries import facts_of
from referencing.solutions.models import Software
from tests.builders import Asked, Story, equal, publish_dsr, publish_rules, statements, states
from tests.clients import Client
from tests.conftest import Time, parts

OTHERS = 100
EACH = 1_000

# A hundred softwares that each had one proof found conform a thousand times, so that no row lacks what it names.
_HISTORY = """
    INSERT INTO software (id, core_id, organisation_id, name, nil, name_look, nil_look)
    SELECT md5('software' || n)::uuid, md5('software' || n)::uuid, :organisation, n, n, n, n
    FROM generate_series(1, :others) AS n;
    INSERT INTO solution (id, software_id, commercial_name, name_look)
    SELECT md5('solution' || n)::uuid, md5('software' || n)::uuid, n, n FROM generate_series(1, :others) AS n;
    INSERT INTO configuration (id, solution_id, software_version, composition)
    SELECT md5('configuration' || n)::uuid, md5('solution' || n)::uuid, '1', '{}'
    FROM generate_series(1, :others) AS n;
    INSERT INTO candidature (id, organisation_id, software_id, core_id, configuration_id, version_id, profiles,
        mode, state)
    SELECT md5('candidature' || n)::uuid, :organisation, md5('software' || n)::uuid, md5('software' || n)::uuid,
        md5('configuration' || n)::uuid, :version, '{}', 'async', 'referenced'
    FROM generate_series(1, :others) AS n;
    INSERT INTO item (id, candidature_id, core_id, expected_proof_id, position, state, track)
    SELECT md5('item' || n)::uuid, md5('candidature' || n)::uuid, md5('software' || n)::uuid, :asked, 1, 'conform',
        'async'
    FROM generate_series(1, :others) AS n;
    INSERT INTO proof (id, item_id, number, software_id, core_id, organisation_id, expected_proof_id,
        configuration_id, state, supplied_at, supplied_by)
    SELECT md5('proof' || n)::uuid, md5('item' || n)::uuid, 1, md5('software' || n)::uuid,
        md5('software' || n)::uuid, :organisation, :asked, md5('configuration' || n)::uuid, 'decided', now(),
        :account
    FROM generate_series(1, :others) AS n;
    INSERT INTO verification (id, proof_id, candidature_id, software_id, core_id, proof_code, wording, solution,
        composition, mode, finding, found_on, verifier_id, file_sha256, comment, round, dsr_version)
    SELECT gen_random_uuid(), md5('proof' || n)::uuid, md5('candidature' || n)::uuid, md5('software' || n)::uuid,
        md5('software' || n)::uuid, :code, :wording, n, '{}', 'async', 'verified', '2026-01-01', :account, '', '', 1, 1
    FROM generate_series(1, :others) AS n, generate_series(1, :each);
    ANALYZE
"""


#: For every item of a dossier, a proof that was found conform.
_FOUND = """
    INSERT INTO content (sha256, size, scan, checked_at) VALUES ('', 1, 'unscanned', now());
    INSERT INTO proof (id, item_id, number, software_id, core_id, organisation_id, expected_proof_id,
        configuration_id, state, supplied_at, supplied_by)
    SELECT item.id, item.id, 1, software_id, item.core_id, organisation_id, expected_proof_id, configuration_id,
        'decided', now(), :account
    FROM item JOIN candidature ON candidature.id = candidature_id WHERE candidature_id = :dossier;
    INSERT INTO proof_file (id, proof_id, position, filename, media_type, sha256)
    SELECT id, id, 1, '', '', '' FROM item WHERE candidature_id = :dossier;
    INSERT INTO verification (id, proof_id, candidature_id, software_id, core_id, proof_code, wording, solution,
        composition, mode, finding, found_on, verifier_id, file_sha256, comment, round, dsr_version)
    SELECT item.id, item.id, candidature_id, software_id, item.core_id, code, wording, 'Alpha', '{}', 'async',
        'verified', '2026-01-01', :account, '', '', 1, 1
    FROM item JOIN candidature ON candidature.id = candidature_id
        JOIN expected_proof ON expected_proof.id = expected_proof_id
    WHERE candidature_id = :dossier
"""


def run(session: Session, script: str, **values: object) -> None:
    for statement in script.split(";"):
        named = {name: value for name, value in values.items() if f":{name}" in statement}
        session.execute(sa.text(statement), named)


def store_history(story: Story) -> None:
    """A hundred thousand verifications of other softwares."""
    asked = publish_dsr(story.session, "DPI-V1", Asked("INS.000")).requirements[0].proofs[0]
    run(
        story.session,
        _HISTORY,
        organisation=story.editor.organisation_id,
        account=story.editor.account_id,
        version=asked.version_id,
        asked=asked.id,
        code=asked.code,
        wording=asked.wording,
        others=OTHERS,
        each=EACH,
    )


def drafting(engine: sa.Engine, story: Story, size: int) -> list[str]:
    """The beginnings of what is sent to draft a dossier of that many items; one in five has nothing to reuse."""
    for vague in (1, 2):
        asked = [Asked(f"INS.{rank:03}") for rank in range(size)]
        publish_dsr(story.session, f"LGC-V{vague}", *asked)
    publish_rules(
        story.session,
        *(
            equal(
                f"LGC-V1:INS.{rank:03}",
                f"LGC-V2:INS.{rank:03}",
                Relation.INTERSECTS if rank % 3 else Relation.EQUAL,
            )
            for rank in range(size)
            if rank % 5
        ),
    )
    solution = story.solution()
    before = story.draft(solution, "LGC-V1")
    run(story.session, _FOUND, account=story.verifier.account_id, dossier=before.id)
    solution.software  # noqa: B018 - expired by the story, and not to be counted
    with statements(engine) as sent:
        dossier = story.draft(solution, "LGC-V2")
    assert set(states(story.session, dossier).values()) == {"covered", "to_confirm", "required"}
    return [one.statement.partition("(")[0] for one in sent]


@pytest.fixture(scope="module")
def few(shared: sa.Engine) -> list[str]:
    """What drafting thirty items sends where nothing else is stored."""
    with db.sessions(shared, Time())() as session:
        return drafting(shared, Story(session), 30)


@pytest.fixture(scope="module")
def crowded(shared: sa.Engine, few: list[str]) -> Iterator[Story]:
    """A story among a hundred thousand verifications of others."""
    with db.sessions(shared, Time())() as session:
        story = Story(session)
        store_history(story)
        yield story


def test_drafting_takes_as_many_statements_whatever_the_items_and_the_history(
    shared: sa.Engine, few: list[str], crowded: Story
) -> None:
    assert drafting(shared, crowded, 300) == few


def test_the_facts_of_a_software_are_found_by_an_index(shared: sa.Engine, crowded: Story) -> None:
    core = crowded.session.scalars(sa.select(Software.core_id).where(Software.nil == "1")).one()
    with statements(shared) as sent:
        facts_of(crowded.session, core, {})
    (facts,) = [one for one in sent if "FROM verification" in one.statement]
    explained = crowded.session.connection().exec_driver_sql(f"EXPLAIN {facts.statement}", facts.parameters)
    plan = "\n".join(explained.scalars())
    assert "ix_verification_core_id" in plan
    assert "Seq Scan on verification" not in plan


LISTS = ["/candidatures", "/candidatures/{dossier}/items", "/queues/proof_review/tasks"]


@pytest.fixture
def read(app: Flask, as_: Callable[..., Client]) -> Callable[[str], tuple[int, int]]:
    """How many entries a list has, and in how many statements it was read."""
    verifier = as_(Role.VERIFIER)

    def count(path: str) -> tuple[int, int]:
        with statements(parts(app).engine) as sent:
            entries = verifier.get(path)["items"]
        return len(entries), len(sent)

    return count


def test_a_longer_list_is_read_in_as_many_statements(
    app: Flask, read: Callable[[str], tuple[int, int]]
) -> None:
    with db.transaction(parts(app).sessions) as session:
        publish_dsr(session, "LGC-V1", *(Asked(f"INS.{rank}") for rank in range(2)))
        publish_dsr(session, "LGC-V2", *(Asked(f"INS/va1.{rank}") for rank in range(20)))
        story = Story(session)
        solution = story.solution()
        short = story.in_review(solution, "LGC-V1").id
    few = [read(path.format(dossier=short)) for path in LISTS]
    with db.transaction(parts(app).sessions) as session:
        story = Story(session)
        dossier = story.in_review(story.solution(nil="NIL-2"), "LGC-V2").id
    many = [read(path.format(dossier=dossier)) for path in LISTS]
    assert [entries for entries, _ in few] == [1, 2, 2]
    assert [entries for entries, _ in many] == [2, 20, 22]
    assert [sent for _, sent in many] == [sent for _, sent in few]
