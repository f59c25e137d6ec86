"""A rule beyond what leads tolerate is proposed to be confirmed, as a draft that a person accepts or refuses."""

from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import undone
from referencing.base.errors import Conflict, Forbidden, Unconfirmed
from referencing.base.permissions import Role
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.record.states import ItemState
from referencing.equivalence.engine.facts import Policy, Relation, Requirement, Reuse
from referencing.equivalence.rulebooks.operations import edited
from referencing.equivalence.rulebooks.queries import rulebook
from referencing.equivalence.rulebooks.rulebooks import Rules, rule_name
from referencing.mail.models import Letter
from referencing.proofs.models import Verification
from referencing.reviews.queues.models import Arbiter
from referencing.reviews.second_readings.rates import rates, set_rate
from referencing.safeguards import operations, queries
from referencing.safeguards.falls import fallen
from referencing.safeguards.proposals import propose_safeguards
from referencing.safeguards.states import SafeguardState
from tests.builders import Asked, Story, equal, perform_jobs, person, publish_dsr, publish_rules, states
from tests.equivalence.records.test_counts import revoke_fact

SURE, WHOLE = equal("LGC-V1:INS.A", "LGC-V2:INS.A"), equal("LGC-V1:INS.B", "LGC-V2:INS.B", Relation.SUPERSET)
AUTO = Policy({"vague": ("2",)}, Reuse.AUTO)
A, B, C = "LGC-V2:INS.A#01.01", "LGC-V2:INS.B#01.01", "LGC-V2:MSS.C#01.01"


@pytest.fixture
def story(scratch: Session) -> Story:
    publish_dsr(scratch, "LGC-V1", Asked("INS.A"), Asked("INS.B"), Asked("MSS.C", socle="S", chapter="MSS"))
    publish_dsr(
        scratch,
        "LGC-V2",
        Asked("INS.A"),
        Asked("INS.B"),
        Asked("MSS.C", socle="S", chapter="MSS"),
        Asked("PSC.D", chapter="PSC"),
    )
    publish_rules(scratch, SURE, WHOLE, policies=[AUTO])
    return Story(scratch)


def reusing(story: Story, number: int) -> Candidature:
    solution = story.solution(f"Alpha {number}", f"NIL-{number}")
    story.verified(solution, "LGC-V1")
    return story.in_review(solution, "LGC-V2")


def found_false(story: Story, *codes: str) -> Candidature:
    """Two softwares reuse; of one of them these facts are revoked. Answers the dossier of the other."""
    reusing(story, 1)
    other = reusing(story, 2)
    auditor = person(story.session, Role.AUDITOR)
    for code in codes:
        of_first = sa.select(Verification).where(Verification.proof_code == code).order_by(Verification.id)
        revoke_fact(story.session, auditor, story.session.scalars(of_first).first())  # type: ignore[arg-type]
    return other


def tolerate(story: Story, share: int | None = 10, rate: int = 30) -> None:
    operations.set_threshold(story.session, story.lead, share=share, rate=rate, reason="Prudence.")


def covered(story: Story, dossier: Candidature) -> set[str]:
    return {code for code, state in states(story.session, dossier).items() if state is ItemState.COVERED}


def beyond(story: Story) -> list[str]:
    return [line.rule for line, _ in queries.beyond(story.session, story.lead)]


def accept(story: Story, safeguard_id: UUID) -> None:
    """With the digest that the dry run gives."""
    digest = operations.what_if_accepted(story.session, story.lead, safeguard_id, None, 20).impact.digest
    operations.accept(story.session, story.lead, safeguard_id, digest=digest, accept_warnings=True)
    perform_jobs(story.session)
    story.session.expire_all()


def test_without_a_threshold_or_without_anything_false_no_rule_is_beyond_it(story: Story) -> None:
    reusing(story, 9)
    tolerate(story, 1)
    assert beyond(story) == [], "nobody looked yet: nothing tells"
    found_false(story, "LGC-V1:INS.A#01.01")
    assert beyond(story) == [rule_name(AUTO), rule_name(SURE)]
    tolerate(story, None)
    assert beyond(story) == []
    with pytest.raises(Conflict):
        operations.propose(story.session, story.lead, rule_name(SURE))


def test_a_correspondence_falls_alone_and_its_chapters_are_read_twice_more_often(story: Story) -> None:
    dossier = found_false(story, "LGC-V1:INS.A#01.01")
    tolerate(story)
    session, lead = story.session, story.lead
    proposed = operations.propose(session, lead, rule_name(SURE))
    assert (proposed.found_false, proposed.verified_again, proposed.share) == (1, 1, 10)
    assert [(rate["chapter"], rate["rate_before"], rate["rate_after"]) for rate in proposed.rates] == [
        ("INS", 0, 30)
    ]
    assert covered(story, dossier) == {A, B, C}
    with pytest.raises(Unconfirmed), undone(session):
        operations.accept(session, lead, proposed.id, digest=None, accept_warnings=True)
    accept(story, proposed.id)
    assert covered(story, dossier) == {B, C}
    assert states(session, dossier)[A] is ItemState.TO_CONFIRM
    assert [(rate.chapter, rate.rate) for rate in rates(session, lead, None, 9)] == [("INS", 30)]
    assert rule_name(SURE) not in beyond(story), "it is another rule now"


def test_a_policy_falls_for_all_that_it_lets_through(story: Story) -> None:
    dossier = found_false(story, "LGC-V1:INS.A#01.01")
    tolerate(story, rate=0)
    proposed = operations.propose(story.session, story.lead, rule_name(AUTO))
    assert proposed.rates == []
    accept(story, proposed.id)
    assert covered(story, dossier) == set()
    assert {
        code for code, state in states(story.session, dossier).items() if state is ItemState.TO_CONFIRM
    } == {
        A,
        B,
        C,
    }


def test_a_socle_falls_for_the_requirements_that_descend_from_it(story: Story) -> None:
    dossier = found_false(story, "LGC-V1:MSS.C#01.01")
    tolerate(story)
    proposed = operations.propose(story.session, story.lead, "socle:S")
    assert [rate["chapter"] for rate in proposed.rates] == ["MSS"]
    accept(story, proposed.id)
    assert covered(story, dossier) == {A, B}
    assert states(story.session, dossier)[C] is ItemState.TO_CONFIRM
    with pytest.raises(Conflict, match="il n'y a rien à proposer"):
        operations.propose(story.session, story.lead, "socle:S")


def test_a_socle_falls_for_what_its_requirements_show_in_turn() -> None:
    onward = equal("LGC-V2:MSS.C", "LGC-V2:PSC.D")
    requirements = [
        Requirement(dsr, code, "Général", (), socle)
        for dsr, code, socle in (
            ("LGC-V1", "MSS.C", "S"),
            ("LGC-V2", "MSS.C", "S"),
            ("LGC-V2", "PSC.D", None),
        )
    ]
    confirming = Policy({"vague": ("2",), "requirement": ("MSS.C", "PSC.D")}, Reuse.CONFIRM)
    safe = fallen(Rules((onward,), (), (AUTO,)), "socle:S", requirements)
    assert safe == Rules((onward,), (), (confirming, AUTO))
    assert fallen(safe, "socle:S", requirements) == safe


def test_a_draft_that_was_edited_is_not_what_was_proposed(story: Story) -> None:
    found_false(story, "LGC-V1:INS.A#01.01")
    tolerate(story)
    proposed = operations.propose(story.session, story.lead, rule_name(SURE))
    edited(rulebook(story.session, proposed.rulebook_id))
    with pytest.raises(Conflict, match="modifié depuis"):
        operations.what_if_accepted(story.session, story.lead, proposed.id, None, 9)
    with pytest.raises(Conflict, match="modifié depuis"):
        operations.accept(story.session, story.lead, proposed.id, digest=None, accept_warnings=True)


def test_a_higher_rate_stays(story: Story) -> None:
    found_false(story, "LGC-V1:INS.A#01.01")
    tolerate(story)
    proposed = operations.propose(story.session, story.lead, rule_name(SURE))
    words = {"chapter": "INS", "verifier": None, "rate": 60, "on_disagreement": Arbiter.LEAD, "seed": None}
    set_rate(story.session, story.lead, **words)  # type: ignore[arg-type]
    accept(story, proposed.id)
    assert [(rate.rate, rate.on_disagreement) for rate in rates(story.session, story.lead, None, 9)] == [
        (60, Arbiter.LEAD)
    ]


def test_one_is_proposed_at_a_time_and_a_refusal_says_why(story: Story) -> None:
    found_false(story, "LGC-V1:INS.A#01.01")
    tolerate(story)
    session, lead = story.session, story.lead
    proposed = operations.propose(session, lead, rule_name(SURE))
    with pytest.raises(Conflict):
        operations.propose(session, lead, rule_name(SURE))
    operations.refuse(session, lead, proposed.id, "Le fait était faux, pas la règle.")
    assert (proposed.state, proposed.reason) == (SafeguardState.REFUSED, "Le fait était faux, pas la règle.")
    with pytest.raises(Conflict):
        operations.refuse(session, lead, proposed.id, "Encore.")
    with pytest.raises(Conflict, match="refusée"):
        operations.what_if_accepted(session, lead, proposed.id, None, 9)
    again = operations.propose(session, lead, rule_name(SURE))
    assert [one.id for one in queries.safeguards(session, lead, None, 9)] == [again.id, proposed.id]
    with pytest.raises(Forbidden):
        operations.set_threshold(session, story.verifier, share=5, rate=0, reason="Non.")
    with pytest.raises(Forbidden):
        queries.threshold(session, story.editor)


def test_the_application_proposes_once_for_each_false_one_and_tells_the_leads_once(story: Story) -> None:
    session, lead = story.session, story.lead
    other = found_false(story, "LGC-V1:INS.A#01.01")
    propose_safeguards(session)
    assert queries.safeguards(session, lead, None, 9) == [], (
        "nothing is tolerated, or not, before leads say so"
    )
    tolerate(story)
    propose_safeguards(session)
    proposed = queries.safeguards(session, lead, None, 9)
    assert {(one.rule, one.state, one.proposed_by) for one in proposed} == {
        (rule, SafeguardState.PROPOSED, None) for rule in (rule_name(AUTO), rule_name(SURE))
    }
    assert covered(story, other) == {A, B, C}, "nothing is put in force"
    for one in proposed:
        operations.refuse(session, lead, one.id, "Le fait était faux, pas la règle.")
    propose_safeguards(session)
    assert len(queries.safeguards(session, lead, None, 9)) == 2, "a refusal holds until more is found false"
    told = sa.select(Letter.text).where(
        Letter.subject.contains("précaution"), Letter.account_id == lead.account_id
    )
    (text,) = session.scalars(told)
    assert "1 réemploi trouvé faux sur 1 vérifié de nouveau, pour un seuil de 10 %" in text
    again = sa.select(Verification).where(
        Verification.proof_code == "LGC-V1:INS.A#01.01", Verification.revoked_on.is_(None)
    )
    revoke_fact(session, person(session, Role.AUDITOR), session.scalars(again).first())  # type: ignore[arg-type]
    propose_safeguards(session)
    assert len(queries.safeguards(session, lead, None, 9, state=SafeguardState.PROPOSED)) == 2
    assert len(session.scalars(told).all()) == 2


def test_what_other_rules_overtook_is_not_accepted(story: Story) -> None:
    found_false(story, "LGC-V1:INS.A#01.01")
    tolerate(story)
    proposed = operations.propose(story.session, story.lead, rule_name(SURE))
    publish_rules(story.session, SURE, policies=[AUTO])
    with pytest.raises(Conflict, match="D'autres règles"), undone(story.session):
        operations.accept(story.session, story.lead, proposed.id, digest=None, accept_warnings=True)
    assert queries.safeguard(story.session, story.lead, proposed.id).state is SafeguardState.PROPOSED


def test_rules_fall_one_by_one() -> None:
    rules = Rules((SURE, WHOLE), (), (AUTO, Policy({}, Reuse.NEVER)))
    (link, other), policies = fallen(rules, rule_name(SURE), []).correspondences, rules.policies
    assert (link.relation, other) == (Relation.SUBSET, WHOLE)
    assert fallen(rules, rule_name(WHOLE), []).correspondences[1].relation is Relation.INTERSECTS
    assert fallen(rules, rule_name(AUTO), []).policies == (Policy(AUTO.when, Reuse.CONFIRM), policies[1])
    assert fallen(rules, rule_name(policies[1]), []) == rules
