"""Leads are told once of a reuse that was confirmed of several softwares, or refused, when it is not taken back."""

from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from referencing.base import db
from referencing.base.errors import Forbidden
from referencing.base.models import Job
from referencing.base.permissions import Role
from referencing.equivalence.confirmations import queries
from referencing.equivalence.confirmations.models import ReuseNotice
from referencing.equivalence.confirmations.notices import tell_of_reuse
from referencing.equivalence.grants.models import Grant
from referencing.equivalence.grants.operations import propose_again
from referencing.mail.models import Letter
from referencing.reviews.queues.outcomes import Outcome
from tests.builders import Story, person, statements
from tests.conftest import parts
from tests.equivalence.confirmations.test_confirmations import GOAL, LINKS, PAST, judge, prepared


@pytest.fixture
def story(scratch: Session) -> Story:
    return prepared(scratch)


def awaited(session: Session) -> list[str]:
    """The grants of which leads are to be told, in the order of the decisions."""
    jobs = session.scalars(sa.select(Job).where(Job.task == "tell_of_reuse").order_by(Job.id))
    return [job.arguments["grant"] for job in jobs]


def tell(story: Story, minutes: int = 20) -> list[ReuseNotice]:
    """What is told once all that is awaited was looked at, so long after now."""
    clock = story.session.info["clock"]
    story.session.info["clock"] = lambda: clock() + timedelta(minutes=minutes)
    for grant in awaited(story.session):
        tell_of_reuse(story.session, grant)
    story.session.flush()
    story.session.info["clock"] = clock
    return list(queries.notices(story.session, story.lead, None, 99))


def letters(story: Story) -> list[Letter]:
    told = sa.select(Letter).where(
        Letter.account_id == story.lead.account_id, Letter.subject_key.like("reuse:%")
    )
    return list(story.session.scalars(told.order_by(Letter.id)))


def test_leads_are_told_when_several_softwares_have_it_and_not_of_one(story: Story) -> None:
    judge(story, 1)
    assert tell(story) == []
    judge(story, 2)
    (notice,) = tell(story)
    assert (notice.outcome, notice.proof_code, notice.sources) == ("confirmed", GOAL, [PAST])
    assert (notice.clauses, notice.confirmed, notice.refused) == ([LINKS[0].id], 2, 0)
    judge(story, 3)
    assert tell(story) == [notice], "once"
    (letter,) = letters(story)
    assert "confirmé pour 2 logiciels" in letter.text


def test_leads_are_told_of_a_refusal_at_once_and_of_no_confirmation_since(story: Story) -> None:
    judge(story, 1, Outcome.NONCONFORM)
    assert tell(story, 19) == [], "it may still be taken back, or have been decided again since"
    (notice,) = tell(story)
    assert (notice.outcome, notice.refused) == ("refused", 1)
    judge(story, 2)
    judge(story, 3)
    assert tell(story) == [notice]
    assert [letter.subject for letter in letters(story)] == [f"Réemploi refusé : {GOAL}"]


def test_what_was_taken_back_meanwhile_is_not_told(story: Story) -> None:
    judge(story, 1, Outcome.NONCONFORM)
    (grant,) = awaited(story.session)
    propose_again(story.session, UUID(grant))
    assert tell(story) == []
    assert letters(story) == []


def test_notices_are_for_those_who_write_rules(story: Story) -> None:
    with pytest.raises(Forbidden):
        queries.notices(story.session, person(story.session, Role.VERIFIER), None, 9)


def test_telling_reads_what_was_decided_on_that_proof_alone(app: Flask) -> None:
    """By the index of decisions, whatever was decided on other proofs."""
    with db.transaction(parts(app).sessions) as session:
        story = prepared(session)
        judge(story, 1, code="LGC-V2:B#01.01")
        judge(story, 2)
        decided = session.get_one(Grant, UUID(awaited(session)[-1]))
        with statements(parts(app).engine) as sent:
            reuse = queries.same_reuse(session, decided)
        assert (reuse.proof, reuse.confirmed) == (GOAL, 1)
        (counting,) = sent
        session.execute(sa.text("SET LOCAL enable_seqscan = off"))
        plan = session.connection().exec_driver_sql(f"EXPLAIN {counting.statement}", counting.parameters)
        assert "ix_equivalence_grant_decided" in "\n".join(row[0] for row in plan)
