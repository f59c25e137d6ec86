"""Other rules in force: who is not concerned follows in one statement, the others in a job for each core."""

from collections.abc import Callable
from datetime import date

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from referencing.base import db
from referencing.base.models import Job
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.record.states import ItemState
from referencing.candidatures.resolution.rules import follow_rules
from referencing.equivalence.engine.facts import CertificateKind, Policy, Reuse
from referencing.equivalence.rulebooks.queries import id_in_force
from tests.builders import (
    ALWAYS,
    Asked,
    Story,
    equal,
    perform_jobs,
    publish_dsr,
    publish_rules,
    revoke,
    state,
    statements,
    states,
)
from tests.candidatures.resolution.worlds import GOAL, PAST, same
from tests.conftest import Time, parts

IN_CORE = "follow_rules_in_core"


def covered(story: Story) -> Candidature:
    """A draft of which the only item is covered by what was found in another dossier."""
    publish_rules(story.session, same())
    solution = story.solution()
    story.verified(solution, "LGC-V1")
    dossier = story.draft(solution, "LGC-V2")
    perform_jobs(story.session)
    return dossier


def followed(session: Session) -> list[str]:
    """The cores for which a job is asked for once the dossiers followed the rules in force."""
    session.flush()
    follow_rules(session)
    session.flush()
    session.expire_all()
    jobs = sa.select(Job.arguments["core_id"].astext).where(Job.task == IN_CORE, Job.done_at.is_(None))
    return list(session.scalars(jobs))


def test_rules_that_change_nothing_ask_for_no_job(story: Story) -> None:
    dossier = covered(story)
    before, resolved_on = dossier.rulebook_id, dossier.resolved_on
    publish_rules(story.session, same())
    assert followed(story.session) == []
    assert dossier.rulebook_id == id_in_force(story.session) != before
    assert dossier.resolved_on not in {None, resolved_on}


def test_rules_that_reach_another_list_alone_ask_for_no_job(story: Story) -> None:
    publish_dsr(story.session, "DPI-V2", Asked("INS.09"))
    dossier = covered(story)
    publish_rules(story.session, same(), equal("LGC-V2:INS/va1.01", "DPI-V2:INS.09"))
    assert followed(story.session) == []
    other = story.draft(story.solution("Beta", "NIL-2"), "DPI-V2")
    publish_rules(story.session, same())
    assert followed(story.session) == [str(other.core_id)]
    assert dossier.rulebook_id == id_in_force(story.session) != other.rulebook_id


@pytest.mark.parametrize(
    "changed",
    [
        {"policies": [Policy({"vague": ("2",)}, Reuse.CONFIRM), ALWAYS]},
        {"kinds": [CertificateKind("DMP", ({"dsr": "LGC-V1"},))]},
    ],
)
def test_other_policies_or_kinds_are_looked_at_in_jobs(
    story: Story, changed: dict[str, list[object]]
) -> None:
    dossier = covered(story)
    publish_rules(story.session, same(), **changed)  # type: ignore[arg-type]
    assert followed(story.session) == [str(dossier.core_id)]


def test_the_job_looks_at_what_the_rules_may_answer_otherwise_alone(story: Story) -> None:
    publish_dsr(story.session, "LGC-V2", Asked("INS/va1.01"), Asked("NEW.01"))
    dossier = covered(story)
    revoke(story.session, PAST, date(2026, 3, 2))  # of which nobody has told the dossier
    publish_rules(story.session, same(), equal("LGC-V1:INS.01", "LGC-V2:NEW.01"))
    perform_jobs(story.session)
    assert dossier.rulebook_id == id_in_force(story.session)
    assert states(story.session, dossier)[GOAL] is ItemState.COVERED, "it was not looked at"


def test_what_the_rules_take_away_is_required(story: Story) -> None:
    dossier = covered(story)
    publish_rules(story.session)
    perform_jobs(story.session)
    assert state(story.session, dossier) is ItemState.REQUIRED


def test_a_dossier_not_resolved_on_that_day_is_looked_at_whole(story: Story, time: Time) -> None:
    dossier = covered(story)
    time.pass_days(1)
    publish_rules(story.session, same())
    assert followed(story.session) == [str(dossier.core_id)]


def test_it_waits_for_nobody_who_holds_a_dossier(app: Flask) -> None:
    sessions = parts(app).sessions
    with db.transaction(sessions) as session:
        publish_dsr(session, "LGC-V1", Asked("INS.01"))
        publish_dsr(session, "LGC-V2", Asked("INS/va1.01"))
        publish_rules(session, same())
        story = Story(session)
        held, free = (story.draft(story.solution(name, name), "LGC-V2") for name in ("Alpha", "Beta"))
        perform_jobs(session)
        publish_rules(session, same())
        held_id, held_core, free_id = held.id, str(held.core_id), free.id
    with db.transaction(sessions) as verifier:
        verifier.execute(sa.select(Candidature.id).where(Candidature.id == held_id).with_for_update())
        with db.transaction(sessions) as session:
            session.execute(sa.text("SET LOCAL lock_timeout = '200ms'"))
            assert followed(session) == [held_core]
    with db.transaction(sessions) as session:
        assert session.get_one(Candidature, free_id).rulebook_id == id_in_force(session)


@pytest.fixture(scope="module")
def sent(shared: sa.Engine) -> Callable[[int], int]:
    """How many statements following rules that change nothing sends beside so many open dossiers."""

    def count(dossiers: int) -> int:
        with db.sessions(shared, Time())() as session:
            publish_dsr(session, "LGC-V1", Asked("INS.01"))
            publish_dsr(session, "LGC-V2", Asked("INS/va1.01"))
            story = Story(session)
            covered(story)
            for number in range(dossiers):
                story.draft(story.solution(f"Beta {number}", f"NIL-B{number}"), "LGC-V2")
            publish_rules(session, same())
            with statements(shared) as seen:
                assert followed(session) == []
            return len(seen)

    return count


def test_as_many_statements_for_many_open_dossiers(sent: Callable[[int], int]) -> None:
    assert sent(2) == sent(12)
