"""The same reuse confirmed for several softwares is told with its record, and proposed as a rule; a refusal is told."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from referencing.base import db
from referencing.base.errors import Forbidden
from referencing.base.permissions import Actor, Role
from referencing.equivalence.confirmations import queries as confirmations
from referencing.equivalence.confirmations.queries import DecidedReuse, Narrowing
from referencing.equivalence.engine.facts import Relation
from referencing.equivalence.rulebooks.models import Rulebook
from referencing.equivalence.rulebooks.operations import write_rulebook
from referencing.equivalence.rulebooks.rulebooks import Rules
from referencing.equivalence.workbench import queries
from referencing.equivalence.workbench.drafting import Level, Origin
from referencing.equivalence.workbench.models import Proposal
from referencing.equivalence.workbench.proposing import ProposalRequest, propose
from referencing.equivalence.workbench.queries import Filters
from referencing.reviews.queues.outcomes import Outcome
from tests.builders import ALWAYS, Asked, Story, equal, publish_dsr, publish_rules, statements
from tests.clients import Client
from tests.conftest import parts

As = Callable[..., Client]

GOAL, PAST = "LGC-V2:A#01.01", "LGC-V1:A#01.01"
LINKS = tuple(equal(f"LGC-V1:{name}", f"LGC-V2:{name}", Relation.INTERSECTS) for name in "AB")


def prepared(session: Session) -> Story:
    """Two requirements of the next vague overlap what the first asked; a third keeps dossiers in review."""
    publish_dsr(session, "LGC-V1", Asked("A", text="Ouvrir un dossier."), Asked("B", text="Le fermer."))
    publish_dsr(session, "LGC-V2", Asked("A", text="Tout ouvrir."), Asked("B", text="Le clore."), Asked("C"))
    publish_rules(session, *LINKS)
    return Story(session)


def judge(story: Story, number: int, outcome: Outcome = Outcome.CONFORM, code: str = GOAL) -> None:
    """A software of which a verifier decides on the reuse for a proof."""
    solution = story.solution(f"Alpha {number}", f"NIL-{number}")
    story.verified(solution, "LGC-V1")
    story.find(story.in_review(solution, "LGC-V2"), code, outcome)


@pytest.fixture
def story(scratch: Session) -> Story:
    return prepared(scratch)


def decided(story: Story, lead: Actor | None = None, **narrowing: object) -> list[DecidedReuse]:
    chosen = Narrowing(**narrowing)  # type: ignore[arg-type]
    return confirmations.decided_reuses(story.session, lead or story.lead, chosen, None, 100)


def test_the_same_reuse_is_counted_over_softwares(story: Story) -> None:
    judge(story, 1)
    judge(story, 2)
    judge(story, 3, Outcome.NONCONFORM)
    judge(story, 4, code="LGC-V2:B#01.01")
    first, second = decided(story)
    assert (first.proof, first.sources, first.clauses) == (GOAL, [PAST], [LINKS[0].id])
    assert (first.strength, first.confirmed, first.refused) == ("partial", 2, 1)
    assert (second.proof, second.confirmed, second.refused) == ("LGC-V2:B#01.01", 1, 0)
    for narrowing, expected in (
        ({"least": 2}, [GOAL]),
        ({"refused": True}, [GOAL]),
        ({"refused": False}, ["LGC-V2:B#01.01"]),
        ({"target": "LGC-V2", "source": "LGC-V1", "least": 1}, [GOAL, "LGC-V2:B#01.01"]),
        ({"target": "LGC"}, []),
        ({"source": "LGC"}, []),
    ):
        assert [reuse.proof for reuse in decided(story, **narrowing)] == expected, narrowing


def test_the_record_says_who_decided_what_and_why(story: Story) -> None:
    judge(story, 1)
    judge(story, 2, Outcome.NONCONFORM)
    record = confirmations.decisions(story.session, story.lead, GOAL, None, 100)
    assert [decision.outcome for decision in record] == ["confirmed", "refused"]
    assert {(decision.decided_by, decision.comment) for decision in record} == {(story.verifier.name, "Vu.")}
    assert record[0].sources == [PAST]


def draft(story: Story) -> Rulebook:
    return write_rulebook(story.session, story.lead, "Projet", Rules(LINKS, (), (ALWAYS,)))


def proposals(story: Story, book: Rulebook, **more: Any) -> list[Proposal]:
    asked = ProposalRequest("LGC-V1", "LGC-V2", (Origin.CONFIRMATION,), 0.6, 3, level=Level.PROOF, **more)
    propose(story.session, story.lead, book.id, asked)
    return [one.proposal for one in queries.proposals(story.session, story.lead, book.id, Filters(), None, 9)]


def test_what_was_confirmed_of_two_softwares_is_proposed_as_a_rule(story: Story) -> None:
    judge(story, 1)
    assert proposals(story, draft(story)) == []
    judge(story, 2)
    (proposal,) = proposals(story, draft(story))
    assert (proposal.sources, proposal.target, proposal.relation) == ([PAST], GOAL, "superset")
    assert [(ground["origin"], ground["basis"]) for ground in proposal.grounds] == [
        ("confirmation", {"confirmed": 2, "refused": 0})
    ]
    assert proposals(story, draft(story), softwares=3) == []


def test_what_was_refused_once_is_not_proposed(story: Story) -> None:
    judge(story, 1)
    judge(story, 2)
    judge(story, 3, Outcome.NONCONFORM)
    assert proposals(story, draft(story)) == []


def test_what_was_decided_is_for_those_who_write_rules(story: Story) -> None:
    for use in (
        lambda: decided(story, story.verifier),
        lambda: confirmations.decisions(story.session, story.verifier, GOAL, None, 9),
    ):
        with pytest.raises(Forbidden):
            use()


def test_over_http_reuses_are_read_page_by_page_in_as_many_statements(app: Flask, as_: As) -> None:
    with db.transaction(parts(app).sessions) as session:
        story = prepared(session)
        judge(story, 1)
        judge(story, 2, Outcome.NONCONFORM, "LGC-V2:B#01.01")
    lead = as_(Role.LEAD)
    whole = lead.get("/decided-reuses")["items"]
    assert [(one["code"], one["confirmed"], one["refused"]) for one in whole] == [
        (GOAL, 1, 0),
        ("LGC-V2:B#01.01", 0, 1),
    ]
    assert list(lead.every("/decided-reuses?limit=1")) == whole
    with statements(parts(app).engine) as sent:
        (decision,) = lead.get(f"/decided-reuses/decisions?code={GOAL.replace('#', '%23')}")["items"]
    assert (decision["outcome"], decision["comment"], len(sent) <= 5) == ("confirmed", "Vu.", True)
    lead.refused(422, "GET", "/decided-reuses/decisions")
    as_(Role.VERIFIER).refused(403, "GET", "/decided-reuses")
