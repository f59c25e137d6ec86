"""What becomes of a dossier counts for who reuses what was verified in it: found through the grants, told, foreseen."""

from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.errors import Conflict, Forbidden, NotFound
from referencing.base.permissions import Actor, Role
from referencing.candidatures.filing.operations import move
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.record.standings import judge_facts_again, keep_dossier_standing
from referencing.candidatures.record.states import Action, ItemState, State
from referencing.candidatures.resolution.resolved import as_it_stands
from referencing.candidatures.verdicts import instruction
from referencing.equivalence.engine.explanation import explain
from referencing.equivalence.engine.facts import Policy, Reuse, Standing
from referencing.equivalence.rulebooks.models import DossierStanding
from referencing.revocations.models import Cause, Consequence, Fate, Flag, Revocation
from referencing.revocations.standings import follow_dossier_standing, what_if_decided
from tests.audits.inquiry import Inquiry
from tests.builders import (
    ALWAYS,
    Asked,
    Story,
    entries,
    equal,
    perform_jobs,
    person,
    publish_dsr,
    publish_rules,
    state,
)
from tests.candidatures.dossiers import Dossier, People
from tests.conftest import Time
from tests.revocations.worlds import reference, told

OLD, NEW = "LGC-V1:INS.1#01.01", "LGC-V2:INS.1#01.01"
POLICIES = [
    Policy({"standing": ("delisted", "withdrawn", "refused")}, Reuse.NEVER),
    Policy({"standing": ("suspended",)}, Reuse.CONFIRM),
    ALWAYS,
]


@pytest.fixture
def story(scratch: Session) -> Story:
    """A proof of vague 1 is the same as one of vague 2, unless its dossier ended badly."""
    publish_dsr(scratch, "LGC-V1", Asked("INS.1"))
    publish_dsr(scratch, "LGC-V2", Asked("INS.1"))
    publish_rules(scratch, equal("LGC-V1:INS.1", "LGC-V2:INS.1"), policies=POLICIES)
    return Story(scratch)


@pytest.fixture
def lead(scratch: Session) -> Actor:
    return person(scratch, Role.LEAD)


def become(story: Story, dossier: Candidature, *actions: Action) -> None:
    """What an audit does with a solution, once it was decided; and all that follows."""
    for action in actions:
        held = story.session.get_one(Candidature, dossier.id)
        move(story.lead, held, action)
        judge_facts_again(story.session, keep_dossier_standing(story.session, story.lead, held))
        perform_jobs(story.session)


def fates(session: Session) -> list[tuple[UUID, str, Fate | None, ItemState | None]]:
    rows = session.scalars(sa.select(Consequence).order_by(Consequence.id)).all()
    return [(row.candidature_id, row.code, row.fate, row.state) for row in rows]


def test_what_was_verified_for_a_solution_that_is_delisted_covers_nothing_any_more(
    scratch: Session, story: Story
) -> None:
    solution = story.solution()
    first = story.verified(solution, "LGC-V1")
    reference(story, first)
    second = story.draft(solution, "LGC-V2")
    perform_jobs(scratch)
    assert state(scratch, second) is ItemState.COVERED

    become(story, first, Action.SUSPEND)
    assert state(scratch, second) is ItemState.TO_CONFIRM
    become(story, first, Action.DELIST)
    assert state(scratch, second) is ItemState.REQUIRED

    assert fates(scratch) == [
        (second.id, NEW, Fate.REOPENED, ItemState.TO_CONFIRM),
        (second.id, NEW, Fate.REOPENED, ItemState.REQUIRED),
    ]
    suspended, delisted = scratch.scalars(sa.select(Revocation).order_by(Revocation.id)).all()
    assert (suspended.cause, suspended.expired) == (Cause.STANDING, False)
    assert suspended.reason == "La solution « Alpha » (LGC-V1) est suspendue."
    assert delisted.reason == "La solution « Alpha » (LGC-V1) est déréférencée."


def test_it_is_told_in_the_timeline_and_explained(scratch: Session, story: Story) -> None:
    solution = story.solution()
    first = story.verified(solution, "LGC-V1")
    reference(story, first)
    second = story.draft(solution, "LGC-V2")
    become(story, first, Action.SUSPEND, Action.DELIST)

    *_, last = [one for one in entries(scratch, second) if one.action == "candidature.affected"]
    assert last.detail["cause"] == "standing"
    assert last.detail["reason"] == "La solution « Alpha » (LGC-V1) est déréférencée."
    assert last.detail["items"] == {NEW: "reopened"}
    resolution, facts = as_it_stands(scratch, scratch.get_one(Candidature, second.id))
    said = " ".join(explain(resolution.items[0], facts))
    assert "(solution « Alpha », déréférencée depuis)" in said
    assert "la politique de réemploi l'exclut dans ce cas" in said


def test_reinstated_it_counts_again(scratch: Session, story: Story) -> None:
    solution = story.solution()
    first = story.verified(solution, "LGC-V1")
    reference(story, first)
    second = story.draft(solution, "LGC-V2")
    become(story, first, Action.SUSPEND, Action.REINSTATE)
    assert state(scratch, second) is ItemState.COVERED
    assert fates(scratch)[-1] == (second.id, NEW, Fate.GAINED, ItemState.COVERED)


@pytest.mark.parametrize("end", ["withdrawn", "refused"])
def test_a_dossier_that_ends_without_a_referencing_serves_no_more_where_the_rules_say_so(
    scratch: Session, story: Story, end: str
) -> None:
    solution = story.solution()
    first = story.verified(solution, "LGC-V1")
    second = story.draft(solution, "LGC-V2")
    assert state(scratch, second) is ItemState.COVERED
    if end == "withdrawn":
        story.withdraw(first)
        assert state(scratch, second) is ItemState.REQUIRED, "at once"
    else:
        instruction.decide(scratch, story.lead, first.id, action=Action.REFUSE, comment="Non.")
    perform_jobs(scratch)
    assert state(scratch, second) is ItemState.REQUIRED
    assert fates(scratch) == [(second.id, NEW, Fate.REOPENED, ItemState.REQUIRED)]


def test_a_referenced_solution_that_leans_on_it_is_flagged_and_not_changed(
    scratch: Session, story: Story
) -> None:
    solution = story.solution()
    first = story.verified(solution, "LGC-V1")
    reference(story, first)
    second = story.in_review(solution, "LGC-V2")
    reference(story, second)
    perform_jobs(scratch)

    become(story, first, Action.SUSPEND)

    assert scratch.get_one(Candidature, second.id).state is State.REFERENCED
    assert state(scratch, second) is ItemState.COVERED
    assert [one.candidature_id for one in scratch.scalars(sa.select(Flag))] == [second.id]
    assert fates(scratch) == [(second.id, NEW, Fate.FLAGGED, ItemState.COVERED)]


def test_where_the_rules_say_nothing_nobody_is_told_and_nothing_changes(
    scratch: Session, story: Story
) -> None:
    publish_rules(scratch, equal("LGC-V1:INS.1", "LGC-V2:INS.1"))
    solution = story.solution()
    first = story.verified(solution, "LGC-V1")
    reference(story, first)
    second = story.draft(solution, "LGC-V2")
    become(story, first, Action.SUSPEND, Action.DELIST)
    assert state(scratch, second) is ItemState.COVERED
    assert fates(scratch) == []


def test_another_fact_takes_over(scratch: Session, story: Story) -> None:
    publish_dsr(scratch, "DPI-V1", Asked("INS.1"))
    rules = (equal("LGC-V1:INS.1", "LGC-V2:INS.1"), equal("DPI-V1:INS.1", "LGC-V2:INS.1"))
    publish_rules(scratch, *rules, policies=POLICIES)
    solution = story.solution()
    dossiers = {dsr: story.verified(solution, dsr) for dsr in ("LGC-V1", "DPI-V1")}
    second = story.draft(solution, "LGC-V2")
    resolution, facts = as_it_stands(scratch, scratch.get_one(Candidature, second.id))
    (used,) = (facts[fact] for fact in resolution.items[0].facts)
    story.withdraw(dossiers[str(getattr(used, "proof")).partition(":")[0]])  # noqa: B009 - of a verification
    perform_jobs(scratch)
    assert state(scratch, second) is ItemState.COVERED
    assert fates(scratch) == [(second.id, NEW, Fate.COVERED_OTHERWISE, ItemState.COVERED)]


def test_a_closed_dossier_is_explained_by_how_things_stood_on_its_last_day(
    scratch: Session, story: Story, time: Time
) -> None:
    solution = story.solution()
    first = story.verified(solution, "LGC-V1")
    reference(story, first)
    second = story.in_review(solution, "LGC-V2")
    reference(story, second)
    perform_jobs(scratch)
    time.pass_days(10)
    become(story, first, Action.SUSPEND, Action.DELIST)
    resolution, facts = as_it_stands(scratch, scratch.get_one(Candidature, second.id))
    assert [item.status for item in resolution.items] == ["covered"]
    assert [getattr(one, "standing") for one in facts.values()] == [Standing.REFERENCED]  # noqa: B009


def test_a_job_that_comes_twice_tells_once(scratch: Session, story: Story) -> None:
    solution = story.solution()
    first = story.verified(solution, "LGC-V1")
    second = story.draft(solution, "LGC-V2")
    story.withdraw(first)
    perform_jobs(scratch)
    kept = scratch.scalars(sa.select(DossierStanding)).one()
    follow_dossier_standing(scratch, str(kept.id))
    assert fates(scratch) == [(second.id, NEW, Fate.REOPENED, ItemState.REQUIRED)]


# --- foreseen -----------------------------------------------------------------------------------------------


def test_what_would_follow_is_what_follows_and_asking_changes_nothing(
    scratch: Session, story: Story, lead: Actor
) -> None:
    solution = story.solution()
    first = story.verified(solution, "LGC-V1")
    reference(story, first)
    second = story.draft(solution, "LGC-V2")
    perform_jobs(scratch)
    foreseen = told(what_if_decided(scratch, lead, first.id, Action.SUSPEND))
    assert foreseen == [(second.id, NEW, Fate.REOPENED, ItemState.TO_CONFIRM)]
    assert state(scratch, second) is ItemState.COVERED
    assert scratch.get_one(Candidature, first.id).state is State.REFERENCED
    assert fates(scratch) == []
    become(story, first, Action.SUSPEND)
    assert fates(scratch) == foreseen


def test_an_editor_asks_it_of_the_withdrawal_of_its_own(scratch: Session, story: Story) -> None:
    solution = story.solution()
    first = story.verified(solution, "LGC-V1")
    second = story.draft(solution, "LGC-V2")
    (effect,) = what_if_decided(scratch, story.editor, first.id, Action.WITHDRAW)
    assert (effect.candidature, effect.fate) == (second.id, Fate.REOPENED)
    with pytest.raises(Forbidden):
        what_if_decided(scratch, story.editor, first.id, Action.REFUSE)
    with pytest.raises(NotFound):
        what_if_decided(scratch, person(scratch, Role.EDITOR, "Autre"), first.id, Action.WITHDRAW)
    with pytest.raises(Conflict):
        what_if_decided(scratch, story.lead, first.id, Action.DELIST)


@pytest.mark.parametrize("role", [Role.VERIFIER, Role.CATALOGUE])
def test_others_do_not_ask(scratch: Session, story: Story, role: Role) -> None:
    first = story.verified(story.solution(), "LGC-V1")
    with pytest.raises(Forbidden):
        what_if_decided(scratch, person(scratch, role), first.id, Action.WITHDRAW)


def test_over_http_a_delisting_is_foreseen_and_then_told(
    inquiry: Inquiry, twice: tuple[People, list[Dossier]]
) -> None:
    people, (first, _) = twice
    path = f"{first.path}/consequences"
    shown = people.lead.get(f"{path}?action=suspend")
    assert shown == {"dry_run": True, "effects": [], "summary": {}, "dossiers": 0}, (
        "these rules say nothing of it"
    )
    people.lead.refused(422, "GET", f"{path}?action=submit")
    people.lead.refused(409, "GET", f"{path}?action=delist")
    people.verifier.refused(403, "GET", f"{path}?action=suspend")
