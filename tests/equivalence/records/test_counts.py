"""What is counted of each rule, whatever happens to the reuses that lean on it, is what the grants say themselves."""

from dataclasses import dataclass, field, replace
from random import Random

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.errors import Conflict, Forbidden
from referencing.base.permissions import Actor, Role
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.record.states import ItemState
from referencing.equivalence.engine.facts import Policy, Relation, Reuse
from referencing.equivalence.grants.models import Recheck
from referencing.equivalence.grants.operations import recheck, standing_on
from referencing.equivalence.grants.tallies import add_up_tallies
from referencing.equivalence.records.queries import records
from referencing.equivalence.records.record import RuleKind, RuleRecord
from referencing.equivalence.rulebooks.models import Rulebook
from referencing.equivalence.rulebooks.rulebooks import rule_name
from referencing.proofs.models import Verification
from referencing.reviews.queues.outcomes import Outcome
from referencing.revocations.impact import digest_of
from referencing.revocations.operations import revoke, what_if_revoked
from tests.builders import (
    Asked,
    Story,
    equal,
    perform_jobs,
    person,
    publish_dsr,
    publish_rules,
    states,
    supply,
)
from tests.equivalence.records.kept import assert_kept, kept

SURE = equal("LGC-V1:A", "LGC-V2:A")
JOINT = equal(["LGC-V1:A", "LGC-V1:B"], "LGC-V2:C")
HALF = equal("LGC-V1:B", "LGC-V2:B", Relation.INTERSECTS)
AUTO = Policy({"vague": ("2",)}, Reuse.AUTO, 4_000)
RULES = (SURE, JOINT, HALF)


@pytest.fixture
def story(scratch: Session) -> Story:
    publish_dsr(scratch, "LGC-V1", Asked("A"), Asked("B"))
    publish_dsr(scratch, "LGC-V2", Asked("A"), Asked("B"), Asked("C"), Asked("D"))
    publish_rules(scratch, *RULES, policies=[AUTO])
    return Story(scratch)


def record_of(session: Session, reader: Actor, rule: object) -> RuleRecord:
    """The record of a rule in the rulebook in force."""
    book = session.scalars(sa.select(Rulebook).where(Rulebook.superseded_at.is_(None))).one()
    named = rule_name(rule)  # type: ignore[arg-type]
    return next(record for _, record in records(session, reader, book.id, None, 99) if record.rule == named)


def revoke_fact(session: Session, auditor: Actor, fact: Verification) -> None:
    foreseen = what_if_revoked(session, auditor, Verification, fact.id, "Faux.")
    revoke(session, auditor, Verification, fact.id, "Faux.", digest_of(foreseen))
    session.flush()
    session.expire_all()


def test_a_reuse_counts_for_every_rule_that_it_leans_on(story: Story) -> None:
    solution = story.solution()
    story.verified(solution, "LGC-V1")
    dossier = story.in_review(solution, "LGC-V2")
    story.find(dossier, "LGC-V2:B#01.01")
    lead = story.lead
    assert record_of(story.session, lead, SURE).counts == {"granted": 1}
    assert record_of(story.session, lead, JOINT).counts == {"granted": 1}
    assert record_of(story.session, lead, HALF).counts == {"proposed": 1, "confirmed": 1}
    assert record_of(story.session, lead, AUTO).counts == {"granted": 2, "proposed": 1, "confirmed": 1}
    fact = story.session.scalars(
        sa.select(Verification).where(Verification.proof_code == "LGC-V1:A#01.01")
    ).one()
    revoke_fact(story.session, person(story.session, Role.AUDITOR), fact)
    for rule, false in ((SURE, 1), (JOINT, 1), (HALF, 0), (AUTO, 2)):
        record = record_of(story.session, lead, rule)
        assert (record.found_false, record.verified_again) == (false, false), rule
    assert_kept(story.session)


def test_an_audit_has_the_last_word_unless_a_fact_fell(story: Story) -> None:
    solution = story.solution()
    story.verified(solution, "LGC-V1")
    story.draft(solution, "LGC-V2")
    session = story.session
    facts = session.scalars(sa.select(Verification)).all()
    under = standing_on([fact.id for fact in facts])
    for found, counts in (
        (Recheck.UPHELD, (2, 0)),
        (Recheck.FALSE_BY_AUDIT, (2, 2)),
        (Recheck.UPHELD, (2, 0)),
    ):
        recheck(session, under, found)
        record = record_of(session, story.lead, AUTO)
        assert (record.verified_again, record.found_false) == counts
        assert_kept(session)
    auditor = person(session, Role.AUDITOR)
    (fact,) = [fact for fact in facts if fact.proof_code.startswith("LGC-V1:A")]
    revoke_fact(session, auditor, fact)
    recheck(session, under, Recheck.UPHELD)
    assert record_of(session, story.lead, SURE).found_false == 1


def test_a_rule_keeps_its_record_as_long_as_it_says_the_same(story: Story) -> None:
    solution = story.solution()
    story.verified(solution, "LGC-V1")
    story.draft(solution, "LGC-V2")
    publish_rules(story.session, replace(SURE, id="another"), policies=[AUTO])
    assert record_of(story.session, story.lead, SURE).counts == {"granted": 1}
    publish_rules(story.session, equal("LGC-V1:A", "LGC-V2:A", Relation.SUPERSET), policies=[AUTO])
    record = record_of(story.session, story.lead, equal("LGC-V1:A", "LGC-V2:A", Relation.SUPERSET))
    assert record.counts.get("upheld", 0) == 0


def test_socles_with_a_record_come_last_and_pages_lose_nothing(story: Story) -> None:
    session = story.session
    publish_dsr(session, "RIS-V1", Asked("X", socle="S.1"))
    publish_dsr(session, "RIS-V2", Asked("X", socle="S.1"))
    publish_rules(session, *RULES, policies=[AUTO])
    solution = story.solution()
    story.verified(solution, "RIS-V1")
    story.draft(solution, "RIS-V2")
    book = session.scalars(sa.select(Rulebook).where(Rulebook.superseded_at.is_(None))).one()
    whole = records(session, story.lead, book.id, None, 99)
    assert [record.kind for _, record in whole] == [
        RuleKind.POLICY,
        *[RuleKind.CORRESPONDENCE] * 3,
        RuleKind.SOCLE,
    ]
    assert (whole[-1][1].code, whole[-1][1].counts) == ("S.1", {"granted": 1})
    paged = []
    cursor = None
    while page := records(session, story.lead, book.id, cursor, 2):
        paged += page
        cursor = page[-1][0].key
    assert paged == whole
    assert records(session, story.lead, book.id, None, 99, found_false=True) == []


def test_counts_are_the_agencys(story: Story) -> None:
    book = story.session.scalars(sa.select(Rulebook.id)).first()
    assert book is not None
    with pytest.raises(Forbidden):
        records(story.session, story.editor, book, None, 9)


@dataclass
class History:
    """Softwares, and what people do with their dossiers, drawn step by step."""

    story: Story
    draw: Random
    dossiers: list[Candidature] = field(default_factory=list)

    def step(self) -> None:
        self.draw.choice(
            (self.file, self.decide, self.decide, self.revoke, self.recheck, self.supply, self.publish)
        )()

    def file(self) -> None:
        number = len(self.dossiers)
        solution = self.story.solution(f"Alpha {number}", f"NIL-{number}")
        self.story.verified(solution, "LGC-V1")
        self.dossiers.append(self.story.in_review(solution, "LGC-V2"))

    def decide(self) -> None:
        for dossier in self.dossiers:
            code = "LGC-V2:B#01.01"
            if states(self.story.session, dossier)[code] is ItemState.TO_CONFIRM:
                self.story.find(dossier, code, self.draw.choice((Outcome.CONFORM, Outcome.NONCONFORM)))
                return

    def revoke(self) -> None:
        session = self.story.session
        facts = session.scalars(
            sa.select(Verification).where(Verification.revoked_on.is_(None)).order_by(Verification.id)
        ).all()
        if facts:
            revoke_fact(session, person(session, Role.AUDITOR), self.draw.choice(facts))

    def recheck(self) -> None:
        session = self.story.session
        facts = session.scalars(sa.select(Verification.id).order_by(Verification.id)).all()
        if facts:
            outcome = self.draw.choice((Recheck.UPHELD, Recheck.FALSE_BY_AUDIT))
            recheck(session, standing_on([self.draw.choice(facts)]), outcome)

    def supply(self) -> None:
        for dossier in self.dossiers:
            try:
                supply(self.story.session, self.story.editor, dossier, "LGC-V2:A#01.01")
            except Conflict:
                continue
            self.story.session.flush()
            return

    def publish(self) -> None:
        kept_rules = self.draw.sample(RULES, self.draw.randint(1, 3))
        publish_rules(self.story.session, *kept_rules, policies=[AUTO])
        perform_jobs(self.story.session)


@pytest.mark.parametrize("seed", range(4))
def test_what_is_kept_is_what_a_recount_finds(story: Story, seed: int) -> None:
    history = History(story, Random(seed))
    history.file()
    for _ in range(14):
        history.step()
        assert_kept(story.session)
    before = kept(story.session)
    assert before
    add_up_tallies(story.session)
    assert kept(story.session) == before
    rows = story.session.execute(
        sa.text("SELECT count(*), count(DISTINCT (rule, counted)) FROM rule_tally")
    ).one()
    assert rows[0] == rows[1]
