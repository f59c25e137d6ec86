"""Proposals proof by proof: what did not change of a requirement that did, decided of by people, alone or together."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from referencing.base import db
from referencing.base.errors import Forbidden, Invalid, Stale
from referencing.base.permissions import Actor, Role
from referencing.equivalence.engine.facts import Relation
from referencing.equivalence.rulebooks.models import Rulebook
from referencing.equivalence.rulebooks.operations import write_rulebook
from referencing.equivalence.rulebooks.rulebooks import Rules
from referencing.equivalence.workbench import decisions, queries
from referencing.equivalence.workbench.decisions import SelectionDecision, decide_selection
from referencing.equivalence.workbench.drafting import Level, Origin
from referencing.equivalence.workbench.proposing import ProposalRequest, propose
from referencing.equivalence.workbench.queries import Filters, WordedProposal
from referencing.journal.models import Entry
from tests.builders import ALWAYS, Asked, equal, person, publish_dsr
from tests.clients import Client
from tests.conftest import parts

Json = dict[str, Any]
As = Callable[..., Client]

VIDEO = "Une vidéo de la recherche."
SEARCH = "Chercher un patient par son nom."
UNCHANGED = Filters(level=Level.PROOF, unchanged=True)
RULES = (
    equal("LGC-V1:INS.01", "LGC-V2:INS/va1.01", Relation.INTERSECTS),
    equal("LGC-V1:INS.02", "LGC-V2:INS/va1.02", Relation.INTERSECTS),
)


def catalogue(session: Session) -> None:
    publish_dsr(
        session,
        "LGC-V1",
        Asked("INS.01", ("01.01", "01.02"), text="Retrouver un patient.", scenario=SEARCH, proof=VIDEO),
        Asked("INS.02", text="Journaliser les accès.", scenario="Lire un dossier.", chapter="SEC"),
        Asked("INS.03", text="Chiffrer les échanges.", scenario="Envoyer un message."),
    )
    publish_dsr(
        session,
        "LGC-V2",
        Asked("INS/va1.01", ("01.01",), text="Retrouver un usager.", scenario=SEARCH.upper(), proof=VIDEO),
        Asked(
            "INS/va1.02",
            text="Journaliser les accès.",
            scenario="Lire un dossier. Quitter.",
            chapter="SEC",
        ),
        Asked("INS/va1.03", text="Chiffrer les échanges.", scenario="Envoyer un message."),
    )


@pytest.fixture
def lead(scratch: Session) -> Actor:
    catalogue(scratch)
    return person(scratch, Role.LEAD)


@pytest.fixture
def book(scratch: Session, lead: Actor) -> Rulebook:
    book = write_rulebook(scratch, lead, "Règles", Rules(RULES, (), (ALWAYS,)))
    propose(scratch, lead, book.id, request())
    return book


def request(*origins: Origin, **more: Any) -> ProposalRequest:
    listed = origins or (Origin.RULE, Origin.LIKENESS)
    said = {"least": 0.6, "most": 3, "level": Level.PROOF, **more}
    return ProposalRequest("LGC-V1", "LGC-V2", listed, **said)


def listed(session: Session, lead: Actor, book: Rulebook, **filters: Any) -> list[WordedProposal]:
    return list(queries.proposals(session, lead, book.id, Filters(**filters), None, 100))


def test_a_proof_that_did_not_change_is_equal_with_what_changed_in_its_requirement(
    scratch: Session, lead: Actor, book: Rulebook
) -> None:
    (searched,) = [one for one in listed(scratch, lead, book) if one.target.requirement.endswith("va1.01")]
    assert searched.proposal.sources == ["LGC-V1:INS.01#01.01"], "of two that are as near, that of its suffix"
    assert searched.proposal.target == "LGC-V2:INS/va1.01#01.01"
    assert (searched.proposal.relation, searched.unchanged) == ("equal", True)
    assert searched.proposal.differing == [{"part": "text", "from": "patient", "to": "usager"}]
    likeness = searched.proposal.likeness
    assert likeness == {"text": pytest.approx(0.6667), "scenario": 1, "proof": 1}
    assert (searched.sources[0].text, searched.sources[0].proof) == ("Retrouver un patient.", VIDEO)
    assert [ground["origin"] for ground in searched.proposal.grounds] == ["rule"]
    assert len(book.correspondences) == 2, "nothing is decided"


def test_the_words_that_were_added_to_a_scenario_are_told(
    scratch: Session, lead: Actor, book: Rulebook
) -> None:
    (read,) = listed(scratch, lead, book, chapter="SEC")
    assert (read.proposal.relation, read.unchanged) == ("subset", False)
    assert read.proposal.differing == [{"part": "scenario", "from": "", "to": "Quitter"}]


def test_likeness_looks_where_no_rule_leads(scratch: Session, lead: Actor, book: Rulebook) -> None:
    (alike,) = listed(scratch, lead, book, origin=Origin.LIKENESS)
    assert alike.proposal.code == "LGC-V1:INS.03#01.01 → LGC-V2:INS/va1.03#01.01"


def test_what_several_requirements_show_together_stays_joint(scratch: Session, lead: Actor) -> None:
    joint = equal(("LGC-V1:INS.01", "LGC-V1:INS.02"), "LGC-V2:INS/va1.01", Relation.INTERSECTS)
    rules = Rules((joint,), (), (ALWAYS,))
    book = write_rulebook(scratch, lead, "Règles", rules)
    propose(scratch, lead, book.id, request(Origin.RULE))
    (proposal,) = (one.proposal for one in listed(scratch, lead, book))
    assert proposal.sources == ["LGC-V1:INS.01#01.01", "LGC-V1:INS.02#01.01"]
    assert proposal.relation == "superset", "more is shown than is asked"


def test_filters_part_proofs_from_requirements_and_what_changed_from_what_did_not(
    scratch: Session, lead: Actor, book: Rulebook
) -> None:
    propose(scratch, lead, book.id, request(Origin.LIKENESS, level=Level.REQUIREMENT, least=0.1))
    of_proofs = listed(scratch, lead, book, level=Level.PROOF)
    of_requirements = listed(scratch, lead, book, level=Level.REQUIREMENT)
    assert {one.target.level for one in of_proofs} == {Level.PROOF}
    assert {one.target.level for one in of_requirements} == {Level.REQUIREMENT}
    assert not any(one.unchanged for one in of_requirements)
    unchanged = listed(scratch, lead, book, unchanged=True)
    assert unchanged == [one for one in of_proofs if one.unchanged]
    assert len(unchanged) == 2
    assert len(listed(scratch, lead, book, unchanged=False)) == len(of_requirements) + 1


def test_all_that_did_not_change_in_a_chapter_is_accepted_by_somebody_at_once(
    scratch: Session, lead: Actor, book: Rulebook
) -> None:
    chosen = Filters(level=Level.PROOF, unchanged=True, chapter="INS")
    selection = queries.visible_selection(scratch, lead, book.id, chosen)
    decision = SelectionDecision(selection.digest, True, "Scénario et preuve inchangés.")
    decided, outcomes = decide_selection(scratch, lead, book.id, chosen, decision)
    assert decided.count == len(outcomes) == 2
    accepted = listed(scratch, lead, book, unchanged=True)
    assert {(one.proposal.state, one.decided_by, one.proposal.reason) for one in accepted} == {
        ("accepted", lead.name, "Scénario et preuve inchangés.")
    }
    assert [rule.target for rule in book.correspondences[2:]] == sorted(
        one.proposal.target for one in accepted
    )
    entry = scratch.scalars(
        sa.select(Entry).where(Entry.stream == f"workbench:{book.id}").order_by(Entry.position.desc())
    ).first()
    assert entry is not None
    assert entry.detail["selected_by"] == {"level": "proof", "unchanged": True, "chapter": "INS"}
    assert len(entry.detail["decided"]) == 2


def test_what_was_decided_alone_is_not_decided_again(scratch: Session, lead: Actor, book: Rulebook) -> None:
    first, _ = (one.proposal for one in listed(scratch, lead, book, unchanged=True))
    decisions.decide(scratch, lead, book.id, decisions.Decision(first.id, 1, False, "Autre objet."))
    digest = queries.visible_selection(scratch, lead, book.id, UNCHANGED).digest
    decided, _ = decide_selection(scratch, lead, book.id, UNCHANGED, SelectionDecision(digest, True))
    assert decided.count == 1
    assert first.state == "refused"


def test_a_selection_that_is_no_longer_the_one_that_was_read_is_left(
    scratch: Session, lead: Actor, book: Rulebook
) -> None:
    digest = queries.visible_selection(scratch, lead, book.id, UNCHANGED).digest
    publish_dsr(
        scratch, "LGC-V2", Asked("INS/va1.01", text="Retrouver quelqu'un.", scenario=SEARCH, proof=VIDEO)
    )
    propose(scratch, lead, book.id, request())
    with pytest.raises(Stale):
        decide_selection(scratch, lead, book.id, UNCHANGED, SelectionDecision(digest, True))


def test_too_many_are_not_decided_at_once(
    scratch: Session, lead: Actor, book: Rulebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decisions, "MOST_SELECTED", 1)
    digest = queries.visible_selection(scratch, lead, book.id, UNCHANGED).digest
    with pytest.raises(Invalid):
        decide_selection(scratch, lead, book.id, UNCHANGED, SelectionDecision(digest, True))


def test_a_selection_is_for_those_who_write_rules(scratch: Session, book: Rulebook) -> None:
    verifier = person(scratch, Role.VERIFIER)
    with pytest.raises(Forbidden):
        queries.visible_selection(scratch, verifier, book.id, UNCHANGED)
    with pytest.raises(Forbidden):
        decide_selection(scratch, verifier, book.id, UNCHANGED, SelectionDecision("", True))


def test_over_http_a_selection_is_read_and_decided(app: Flask, as_: As) -> None:
    with db.transaction(parts(app).sessions) as session:
        catalogue(session)
    author = as_(Role.LEAD)
    path = f"/rulebooks/{author.post('/rulebooks', {'label': 'Règles'})['id']}/proposals"
    author.post(path, {"from": "LGC-V1", "to": "LGC-V2", "level": "proof", "most": 1}, status=200)
    chosen = f"{path}/selection?level=proof&unchanged=true"
    selection = author.get(chosen)
    assert selection["count"] == len(author.get(f"{path}?unchanged=true")["items"]) == 2
    author.refused(412, "POST", chosen, json={"digest": "0", "accepted": True})
    author.refused(422, "POST", chosen, json={"accepted": True})
    author.refused(422, "GET", f"{chosen}&state=refused")
    report = author.post(chosen, {"digest": selection["digest"], "accepted": True}, status=200)
    assert (report["done"], report["refused"]) == (2, 0)
    assert author.get(chosen)["count"] == 0
    one = author.get(f"{path}?unchanged=true")["items"][1]
    assert (one["level"], one["unchanged"], one["state"]) == ("proof", True, "accepted")
    assert one["to"]["proof_text"] == VIDEO
