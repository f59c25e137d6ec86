"""The moves of a simulation by what was decided together at the workbench."""

from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy.orm import Session

from referencing.base.permissions import Role
from referencing.equivalence.engine.facts import Relation
from referencing.equivalence.rulebooks.models import Rulebook
from referencing.equivalence.workbench.decisions import (
    Decision,
    SelectionDecision,
    decide,
    decide_many,
    decide_selection,
)
from referencing.equivalence.workbench.drafting import Level, Origin
from referencing.equivalence.workbench.proposing import ProposalRequest, propose
from referencing.equivalence.workbench.queries import Filters, selection
from referencing.simulations import queries
from referencing.simulations.schemas import BatchOut
from referencing.simulations.views import whole_simulation
from tests.builders import Asked, Story, equal, perform_jobs, person, publish_dsr, publish_rules
from tests.conftest import Time
from tests.simulations.running import draft_rules, ended

CHAPTERS = {"A": "INS", "B": "INS", "C": "SEC"}
LINKS = tuple(equal(f"LGC-V1:{name}", f"LGC-V2:{name}", Relation.INTERSECTS) for name in CHAPTERS)


def asked(text: str) -> list[Asked]:
    return [
        Asked(name, text=text, scenario=f"Ouvrir {name}.", chapter=chapter)
        for name, chapter in CHAPTERS.items()
    ]


@pytest.fixture
def draft(scratch: Session) -> Rulebook:
    """A draft on which one dossier is open: its requirements changed their words, neither scenario nor proof."""
    publish_dsr(scratch, "LGC-V1", *asked("Ouvrir un dossier."))
    publish_dsr(scratch, "LGC-V2", *asked("Ouvrir tout dossier."), Asked("D"))
    publish_rules(scratch, *LINKS)
    story = Story(scratch)
    solution = story.solution("Alpha", "NIL-1")
    story.verified(solution, "LGC-V1")
    story.submit(story.draft(solution, "LGC-V2"), incomplete=True)
    perform_jobs(scratch)
    return draft_rules(scratch, *LINKS)


def test_each_decision_has_the_moves_that_lean_on_its_rules(
    scratch: Session, draft: Rulebook, time: Time
) -> None:
    seconds = count()
    scratch.info["clock"] = lambda: time.now + timedelta(seconds=next(seconds))
    lead = person(scratch, Role.LEAD)
    request = ProposalRequest("LGC-V1", "LGC-V2", (Origin.RULE,), 0.6, 1, level=Level.PROOF)
    propose(scratch, lead, draft.id, request)
    chosen = Filters(unchanged=True, chapter="INS")
    digest = selection(scratch, draft.id, chosen).digest
    decide_selection(scratch, lead, draft.id, chosen, SelectionDecision(digest, True, "Inchangé."))
    (other,) = selection(scratch, draft.id, Filters(unchanged=True)).proposals
    decide(scratch, lead, draft.id, Decision(other.id, 1, True, relation=Relation.SUBSET))
    simulation = ended(scratch, draft)
    first, second = named = queries.named_batches(scratch, simulation)
    assert (first["decided_by"], first["rules"], first["reason"]) == (lead.name, 2, "Inchangé.")
    assert first["moves"] == [{"decided": False, "before": "to_confirm", "after": "covered", "items": 2}]
    assert (second["rules"], second["reason"]) == (1, None)
    assert [(move["before"], move["after"]) for move in second["moves"]] == [("to_confirm", "to_confirm")]
    told = whole_simulation(simulation, {}, named, lead)["batches"]
    assert [batch.keys() for batch in told] == [BatchOut().fields.keys()] * 2
    assert [batch["open"]["covered"] for batch in told] == [2, 0]


def test_reasons_that_differ_are_not_told_as_that_of_all(scratch: Session, draft: Rulebook) -> None:
    lead = person(scratch, Role.LEAD)
    request = ProposalRequest("LGC-V1", "LGC-V2", (Origin.RULE,), 0.6, 1, level=Level.PROOF)
    propose(scratch, lead, draft.id, request)
    one, *others = selection(scratch, draft.id, Filters(chapter="INS")).proposals
    reasoned = [Decision(one.id, 1, True, "Inchangé."), *(Decision(other.id, 1, True) for other in others)]
    decide_many(scratch, lead, draft.id, reasoned)
    (batch,) = queries.named_batches(scratch, ended(scratch, draft))
    assert (batch["rules"], batch["reason"]) == (2, None)


def test_rules_that_nobody_accepted_from_a_proposal_are_of_no_decision(
    scratch: Session, draft: Rulebook
) -> None:
    assert ended(scratch, draft).batches == []
