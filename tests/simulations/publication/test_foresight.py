"""What rules change is compared in a number of statements that grows neither with items nor with dossiers of a core."""

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from referencing.base import db
from referencing.base.errors import Conflict
from referencing.base.permissions import Role
from referencing.candidatures.record.models import Candidature
from referencing.equivalence.engine.facts import Policy, Relation, Reuse
from referencing.equivalence.rulebooks.models import Rulebook
from referencing.equivalence.rulebooks.operations import publish_rulebook
from referencing.simulations.publication import operations
from referencing.simulations.publication.foresight import foresee
from referencing.simulations.publication.impact import Impact
from tests.builders import ALWAYS, Asked, Story, equal, person, publish_dsr, publish_rules, statements
from tests.conftest import parts
from tests.simulations.running import draft_rules

LINKS = [equal(f"LGC-V1:{code}", f"LGC-V2:{code}") for code in ("A", "B")]


@pytest.fixture
def opened(scratch: Session) -> Story:
    """A and B were found for LGC-V1 and count for an open dossier on LGC-V2."""
    for dsr in ("LGC-V1", "LGC-V2"):
        publish_dsr(scratch, dsr, Asked("A"), Asked("B"))
    publish_rules(scratch, *LINKS)
    story = Story(scratch)
    solution = story.solution()
    story.verified(solution, "LGC-V1")
    story.draft(solution, "LGC-V2")
    return story


def today(session: Session, rulebook: Rulebook) -> Impact:
    session.flush()
    session.expire_all()
    return foresee(session, rulebook, db.today(session))


def test_rules_that_say_the_same_in_another_order_change_nothing(scratch: Session, opened: Story) -> None:
    again = draft_rules(scratch, *LINKS[::-1])
    with statements(scratch.get_bind().engine) as sent:
        impact = today(scratch, again)
    assert (impact.dossiers, impact.moves) == (0, [])
    assert not any("candidature" in one.statement for one in sent), "no dossier is looked at"


def test_only_what_the_rules_say_otherwise_is_looked_at(scratch: Session, opened: Story) -> None:
    """What a correspondence of B says is no matter for A."""
    less = draft_rules(scratch, LINKS[0], equal("LGC-V1:B", "LGC-V2:B", Relation.SUBSET))
    with statements(scratch.get_bind().engine) as sent:
        impact = today(scratch, less)
    assert [(move.code, move.before, move.after) for move in impact.moves] == [
        ("LGC-V2:B#01.01", "covered", "to_confirm")
    ]
    (items,) = [one for one in sent if "item_standing" in one.statement]
    assert "LGC-V2:B#01.01" in str(items.parameters)
    assert "LGC-V2:A#01.01" not in str(items.parameters)


def test_other_policies_are_looked_at_everywhere(scratch: Session, opened: Story) -> None:
    never = Policy({"chapter": ("INS",)}, Reuse.NEVER)
    impact = today(scratch, draft_rules(scratch, *LINKS, policies=(never, ALWAYS)))
    assert {move.code for move in impact.moves} == {"LGC-V2:A#01.01", "LGC-V2:B#01.01"}
    assert impact.counts.losing == 2


def test_without_rules_in_force_everything_is_gained(scratch: Session, opened: Story) -> None:
    scratch.execute(sa.update(Rulebook).values(superseded_at=db.now(scratch)))
    impact = today(scratch, draft_rules(scratch, *LINKS))
    assert (impact.basis.against_id, impact.counts.losing, impact.counts.gaining) == (None, 0, 2)


def test_more_dossiers_of_a_software_take_no_more_statements(scratch: Session, opened: Story) -> None:
    draft = draft_rules(scratch, LINKS[0])

    def count() -> int:
        with statements(scratch.get_bind().engine) as sent:
            assert today(scratch, draft).counts.losing == len(opened_ones)
        return len(sent)

    opened_ones = scratch.scalars(sa.select(Candidature).where(Candidature.state == "draft")).all()
    count()
    lonely = count()
    solution = opened_ones[0].configuration.solution
    for number in range(3):
        opened.draft(solution, "LGC-V2", composition={"mss": f"M@{number}"})
    opened_ones = scratch.scalars(sa.select(Candidature).where(Candidature.state == "draft")).all()
    assert len(opened_ones) == 4
    assert count() == lonely


def test_rules_put_in_force_while_one_compares_ask_again(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with db.transaction(parts(app).sessions) as session:
        lead = person(session, Role.LEAD)
        mine, other = draft_rules(session), draft_rules(session)

    def overtaken(session: Session, *arguments: object) -> Impact:
        impact = foresee(session, *arguments)  # type: ignore[arg-type]
        with db.transaction(parts(app).sessions) as another:
            publish_rulebook(another, lead, other.id, accept_warnings=True)
        return impact

    monkeypatch.setattr(operations, "foresee", overtaken)
    with (
        pytest.raises(Conflict, match="viennent d'entrer en vigueur"),
        db.transaction(parts(app).sessions) as session,
    ):
        operations.publish(session, lead, mine.id, accept_warnings=True)
