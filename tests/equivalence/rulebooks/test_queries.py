"""What is read for a resolution: the facts of one technical core, and the rules as published by a day."""

from dataclasses import replace
from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import today
from referencing.catalogue.models import DsrVersion
from referencing.equivalence.engine.facts import Certificate, Circumstances, FactStatus, Standing
from referencing.equivalence.engine.facts import Verification as Found
from referencing.equivalence.grants.fact_queries import facts_of
from referencing.equivalence.grants.known import KnownFacts
from referencing.equivalence.rulebooks.queries import KnownRules, in_force, rules_for
from referencing.proofs.models import Proof, Verification
from referencing.reviews.queues.outcomes import Outcome
from referencing.solutions.models import Certificate as CertificateRow
from referencing.solutions.models import Solution
from tests.builders import Asked, Story, equal, publish_dsr, publish_rules, statements, supply
from tests.conftest import Time

CODE = "LGC-V1:INS.01#01.01"
MSS = {"mss": "messagerie@1.0"}


@pytest.fixture
def version(scratch: Session) -> DsrVersion:
    return publish_dsr(scratch, "LGC-V1", Asked("INS.01"))


@pytest.fixture
def story(scratch: Session, version: DsrVersion) -> Story:
    return Story(scratch)


def known(story: Story, solution: Solution, version: DsrVersion) -> KnownFacts:
    rules = rules_for(story.session, version, None, today(story.session))
    return facts_of(story.session, solution.software.core_id, rules.wordings)


# --- facts --------------------------------------------------------------------------------------------------


def test_a_finding_is_a_fact_with_all_that_was_so_that_day(
    story: Story, version: DsrVersion, time: Time
) -> None:
    solution = story.solution("Alpha")
    story.verified(solution, "LGC-V1", composition=MSS)
    time.pass_days(30)
    found = known(story, solution, version)
    (fact,) = found.facts
    circumstances = Circumstances(
        product=str(solution.software.core_id),
        solution="Alpha",
        status=FactStatus.VERIFIED,
        mode="async",
        day=date(2026, 3, 2),
        composition=MSS,
        standing=Standing.OPEN,
    )
    assert fact == Found(fact.id, CODE, circumstances)
    assert found.certificates == frozenset()
    assert story.session.get(Verification, fact.id) is not None


def test_a_proof_before_the_agency_is_a_fact_to_wait_for(story: Story, version: DsrVersion) -> None:
    solution = story.solution()
    story.submitted(solution, "LGC-V1")
    found = known(story, solution, version)
    (fact,) = found.facts
    assert isinstance(fact, Found)
    assert (fact.status, fact.day) == (FactStatus.SUBMITTED, date(2026, 3, 2))
    assert found.certificates == frozenset()
    assert story.session.get(Proof, fact.id) is not None


def test_what_is_not_filed_was_taken_back_or_lacks_something_is_no_fact(
    story: Story, version: DsrVersion
) -> None:
    solution = story.solution()
    held = story.draft(solution, "LGC-V1", composition={"mss": "Boîte@1"})
    supply(story.session, story.editor, held, CODE)
    story.withdraw(story.submitted(solution, "LGC-V1"))
    story.find(story.in_review(solution, "LGC-V1"), CODE, Outcome.COMPLEMENT)
    assert known(story, solution, version).facts == ()


def test_a_proof_that_is_read_again_is_known_by_its_last_finding(story: Story, version: DsrVersion) -> None:
    solution = story.solution()
    dossier = story.verified(solution, "LGC-V1")
    story.send_back(dossier, CODE)
    story.find(dossier, CODE, Outcome.NONCONFORM)
    found = [fact for fact in known(story, solution, version).facts if fact.revoked_on is None]
    assert [fact.status for fact in found if isinstance(fact, Found)] == [FactStatus.REJECTED]
    assert len(found) == 1


def test_a_certificate_of_the_software_is_one_of_the_product(story: Story, version: DsrVersion) -> None:
    solution = story.solution(nil="NIL-1")
    story.certificate(solution, "DMP", holder="NIL-1")
    found = known(story, solution, version)
    (fact,) = found.facts
    assert isinstance(fact, Certificate)
    assert fact.holder == str(solution.software.core_id)
    assert found.certificates == {fact.id}
    assert story.session.get(CertificateRow, fact.id) is not None


def test_a_certificate_of_a_component_stays_the_component_s(story: Story, version: DsrVersion) -> None:
    solution = story.solution()
    story.certificate(solution, "DMP", holder="messagerie@1.0")
    (fact,) = known(story, solution, version).facts
    assert isinstance(fact, Certificate)
    assert fact.holder == "messagerie@1.0"


# --- rules --------------------------------------------------------------------------------------------------


def asked(rules: KnownRules) -> list[str]:
    return [requirement.full_code for requirement in rules.knowledge.requirements]


def test_the_pinned_version_stands_beside_the_latest_of_the_others(story: Story, version: DsrVersion) -> None:
    publish_dsr(story.session, "LGC-V1", Asked("INS.99"))
    publish_dsr(story.session, "DPI-V2", Asked("PSC.01"))
    publish_dsr(story.session, "DPI-V2", Asked("PSC.02"))
    rules = rules_for(story.session, version, None, today(story.session))
    assert asked(rules) == ["DPI-V2:PSC.02", "LGC-V1:INS.01"]


def test_a_draft_of_another_dsr_says_nothing(story: Story, version: DsrVersion) -> None:
    publish_dsr(story.session, "DPI-V2", Asked("PSC.01")).published_at = None
    story.session.flush()
    assert asked(rules_for(story.session, version, None, today(story.session))) == ["LGC-V1:INS.01"]


def test_what_was_published_since_is_not_known_that_day(
    story: Story, version: DsrVersion, time: Time
) -> None:
    day = today(story.session)
    time.pass_days(1)
    publish_dsr(story.session, "DPI-V2", Asked("PSC.01"))
    assert asked(rules_for(story.session, version, None, day)) == ["LGC-V1:INS.01"]


def test_rules_that_were_read_are_not_read_again(
    story: Story, version: DsrVersion, shared: sa.Engine
) -> None:
    day = today(story.session)
    first = rules_for(story.session, version, None, day)
    with statements(shared) as sent:
        assert rules_for(story.session, version, None, day) is first
    assert len(sent) == 1, "which versions are published is asked every time"


@pytest.mark.parametrize("change", ["a rulebook", "a version"])
def test_rules_that_changed_are_read_anew(story: Story, version: DsrVersion, change: str) -> None:
    first = rules_for(story.session, version, None, today(story.session))
    if change == "a version":
        publish_dsr(story.session, "DPI-V2", Asked("PSC.01"))
    rulebook = publish_rules(story.session).id if change == "a rulebook" else None
    assert rules_for(story.session, version, rulebook, today(story.session)) is not first


def test_rules_are_read_anew_on_the_days_on_which_one_begins_or_ends(
    story: Story, version: DsrVersion, shared: sa.Engine
) -> None:
    first, last = date(2026, 3, 10), date(2026, 3, 20)
    rule = replace(equal("DPI-V2:PSC.01", "LGC-V1:INS.01"), valid_from=first, valid_until=last)
    publish_dsr(story.session, "DPI-V2", Asked("PSC.01"))
    rulebook = publish_rules(story.session, rule).id
    read = []
    for day in range(8, 23):
        on = date(2026, 3, day)
        with statements(shared) as sent:
            known = rules_for(story.session, version, rulebook, on)
        assert known.knowledge.day == on
        assert bool(known.knowledge.clauses) == (first <= on < last)
        if len(sent) > 1:
            read.append(day)
    assert read == [8, 10, 20]


def test_before_any_publication_no_rulebook_is_in_force(scratch: Session) -> None:
    assert in_force(scratch) is None
