"""A simulation from the asking to its end: in batches, after a crash, cancelled, out of date; it changes nothing."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from referencing.base import db
from referencing.base.errors import Conflict, Forbidden, Invalid, NotFound, Unconfirmed
from referencing.base.jobs import MOST_ATTEMPTS, perform
from referencing.base.models import Job
from referencing.base.permissions import Actor, Role
from referencing.candidatures.record import queries as candidatures
from referencing.candidatures.record.models import Candidature
from referencing.equivalence.engine.resolution import Status
from referencing.equivalence.rulebooks import hypotheses
from referencing.equivalence.rulebooks import operations as rulebooks
from referencing.equivalence.rulebooks.models import Rulebook, Simulation, SimulationState
from referencing.equivalence.rulebooks.rulebooks import Rules
from referencing.journal.models import Entry
from referencing.registers import tables
from referencing.simulations import queries, running
from referencing.simulations.models import SimulatedChange, SimulatedDossier
from referencing.simulations.operations import cancel, start
from tests.builders import (
    ALWAYS,
    Asked,
    Story,
    equal,
    perform_jobs,
    person,
    publish_dsr,
    publish_rules,
    statements,
)
from tests.candidatures.resolution.worlds import GOAL, same
from tests.conftest import Time, parts
from tests.simulations.running import draft_rules, ended, moves, prepared

DOSSIERS = 2
RUNNING, FINISHED = SimulationState.RUNNING, SimulationState.FINISHED


@pytest.fixture(scope="module")
def template(server: sa.URL) -> str:
    """A draft by which two open dossiers would be covered; two more stand in deliberation."""
    with prepared(server, "simulation_life") as sessions, db.transaction(sessions) as session:
        publish_dsr(session, "LGC-V1", Asked("INS.01"))
        publish_dsr(session, "LGC-V2", Asked("INS/va1.01"))
        publish_rules(session)
        story = Story(session)
        for number in range(DOSSIERS):
            solution = story.solution(f"Alpha {number}", f"NIL-{number}")
            story.verified(solution, "LGC-V1")
            story.draft(solution, "LGC-V2")
        perform_jobs(session)
        draft_rules(session, same())
    return "simulation_life"


@pytest.fixture
def rulebook(app: Flask) -> Rulebook:
    with db.transaction(parts(app).sessions) as session:
        return session.scalars(sa.select(Rulebook).where(Rulebook.label == "Projet")).one()


@pytest.fixture
def lead(app: Flask) -> Actor:
    with db.transaction(parts(app).sessions) as session:
        return person(session, Role.LEAD)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches of two dossiers."""
    monkeypatch.setattr(running, "BATCH", 2)


@pytest.fixture
def asked(app: Flask, rulebook: Rulebook, lead: Actor) -> Simulation:
    with db.transaction(parts(app).sessions) as session:
        return start(session, lead, rulebook.id)


def read(app: Flask, of: Simulation) -> Simulation:
    with db.transaction(parts(app).sessions) as session:
        return session.get_one(Simulation, of.id)


def step(app: Flask, of: Simulation) -> Simulation:
    """The next batch, as its job does it."""
    with db.transaction(parts(app).sessions) as session:
        due = session.scalars(
            sa.select(Job.id).where(Job.task == "simulate", Job.done_at.is_(None)).order_by(Job.id)
        ).first()
    perform(parts(app).sessions, {"simulate": running.simulate}, str(due))
    return read(app, of)


def found(app: Flask, of: Simulation) -> list[Any]:
    with db.transaction(parts(app).sessions) as session:
        return moves(session, of)


def everything(app: Flask) -> dict[str, list[Any]]:
    """All rows of all tables but the simulation's own: those of its tables, its jobs, its stream."""
    own = {Simulation.__table__, SimulatedChange.__table__, SimulatedDossier.__table__}
    with db.transaction(parts(app).sessions) as session:
        rows = {
            table.name: session.scalars(sa.text(f"SELECT CAST({table.name} AS text) FROM {table.name}")).all()
            for table in tables().sorted_tables
            if table not in own
        }
    return {name: sorted(row for row in those if "simulat" not in row) for name, those in rows.items()}


def test_nothing_is_changed_by_it(
    app: Flask, rulebook: Rulebook, lead: Actor, jobs: Callable[[], int]
) -> None:
    jobs()
    before = everything(app)
    with db.transaction(parts(app).sessions) as session:
        simulation = start(session, lead, rulebook.id)
    jobs()
    assert read(app, simulation).state is FINISHED
    assert len(found(app, simulation)) == DOSSIERS
    assert everything(app) == before
    assert before["item"], "there is something to compare"


def test_what_it_did_is_told_in_a_stream_of_its_own(
    app: Flask, asked: Simulation, jobs: Callable[[], int]
) -> None:
    jobs()
    with db.transaction(parts(app).sessions) as session:
        told = session.scalars(
            sa.select(Entry.action).where(Entry.stream == f"simulation:{asked.id}").order_by(Entry.number)
        ).all()
    assert told == ["simulation.asked", "simulation.finished"]


@pytest.mark.usefixtures("small")
def test_it_goes_on_batch_by_batch_and_says_how_far_it_is(app: Flask, asked: Simulation) -> None:
    seen = []
    while (now := read(app, asked)).state is RUNNING:
        seen.append((now.done, now.total))
        step(app, asked)
    total = 2 * DOSSIERS
    assert seen == [(done, total) for done in range(0, total, 2)]
    assert (now.state, now.done, now.items) == (FINISHED, total, DOSSIERS)


@pytest.mark.usefixtures("small")
def test_a_batch_that_breaks_off_is_done_again_and_once(
    app: Flask, asked: Simulation, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    step(app, asked)

    def breaks(*_: object) -> None:
        raise OSError("the machine stops")

    with monkeypatch.context() as broken:
        broken.setattr(running, "end", breaks)  # all is written but not committed
        assert step(app, asked).done == 2
    while read(app, asked).state is RUNNING:
        step(app, asked)
    assert [move.after for move in found(app, asked)] == ["covered"] * DOSSIERS


@pytest.mark.usefixtures("small")
def test_two_batches_go_side_by_side_and_both_count(
    app: Flask, asked: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    both, whole = threading.Barrier(2), hypotheses.lock_running

    def together(session: Session, *rest: Any) -> None:
        both.wait(timeout=60)  # each has compared its dossiers, and written nothing
        whole(session, *rest)

    monkeypatch.setattr(running, "lock_running", together)
    with db.transaction(parts(app).sessions) as session:
        due = list(session.scalars(sa.select(Job.id).where(Job.task == "simulate")))
    with ThreadPoolExecutor(2) as pool:
        work = [
            pool.submit(perform, parts(app).sessions, {"simulate": running.simulate}, str(id_)) for id_ in due
        ]
        assert [each.result() for each in work] == [None, None]
    assert [move.after for move in found(app, asked)] == ["covered"] * DOSSIERS
    ended_one = read(app, asked)
    assert (ended_one.state, ended_one.done, ended_one.items) == (FINISHED, 2 * DOSSIERS, DOSSIERS)


def test_what_both_rules_treat_alike_is_not_looked_at(app: Flask, lead: Actor) -> None:
    with db.transaction(parts(app).sessions) as session:
        simulation = ended(session, draft_rules(session))
        assert (simulation.state, simulation.done, simulation.items) == (FINISHED, 2 * DOSSIERS, 0)


def test_the_same_batch_by_two_workers_counts_once(app: Flask, asked: Simulation) -> None:
    """A broker may hand one job over twice, and two jobs could be asked for; the second finds nothing to do."""
    both = threading.Barrier(2)

    def work(_: int) -> None:
        with db.transaction(parts(app).sessions) as session:
            session.get_one(Simulation, asked.id)
            both.wait()
            running.simulate(session, str(asked.id), "1")

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, range(2)))
    assert len(found(app, asked)) == DOSSIERS
    assert read(app, asked).done == 2 * DOSSIERS


@pytest.mark.usefixtures("small")
def test_what_fails_too_often_is_said_to_have_failed(
    app: Flask, asked: Simulation, lead: Actor, rulebook: Rulebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object) -> Iterator[Any]:
        raise OSError("always")

    monkeypatch.setattr(running, "compare_open", breaks)
    monkeypatch.setattr(running, "compare_decided", breaks)
    for _ in range(MOST_ATTEMPTS):
        assert read(app, asked).state is RUNNING
        step(app, asked)
    assert read(app, asked).state is SimulationState.FAILED
    with db.transaction(parts(app).sessions) as session:
        assert start(session, lead, rulebook.id).id != asked.id


@pytest.mark.usefixtures("small")
def test_who_cancels_is_obeyed_at_once_and_nothing_is_left(
    app: Flask, asked: Simulation, lead: Actor
) -> None:
    step(app, asked)
    for _ in range(2):  # the second click says the same
        with db.transaction(parts(app).sessions) as session:
            assert cancel(session, lead, asked.rulebook_id, asked.id).state is SimulationState.CANCELLED
    step(app, asked)
    with db.transaction(parts(app).sessions) as session:
        for rows in (SimulatedDossier, SimulatedChange):
            assert session.scalar(sa.select(sa.func.count()).select_from(rows)) == 0
        assert session.scalar(sa.select(Job.id).where(Job.task == "simulate", Job.done_at.is_(None))) is None
        simulation = session.get_one(Simulation, asked.id)
        with pytest.raises(Conflict):
            queries.changes(session, lead, simulation, queries.Selection(), None, 10)


def test_who_cancels_does_not_wait_for_a_batch_which_then_writes_nothing(
    app: Flask, asked: Simulation, lead: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = hypotheses.lock_running

    def cancelled_meanwhile(session: Session, *rest: Any) -> None:
        with db.transaction(parts(app).sessions) as other:
            cancel(other, lead, asked.rulebook_id, asked.id)
        whole(session, *rest)

    monkeypatch.setattr(running, "lock_running", cancelled_meanwhile)
    assert step(app, asked).state is SimulationState.CANCELLED
    assert found(app, asked) == []


def test_what_is_finished_is_not_cancelled(
    app: Flask, asked: Simulation, lead: Actor, jobs: Callable[[], int]
) -> None:
    jobs()
    with db.transaction(parts(app).sessions) as session, pytest.raises(Conflict):
        cancel(session, lead, asked.rulebook_id, asked.id)


def test_asked_again_it_is_the_same_until_something_changes(
    app: Flask, asked: Simulation, rulebook: Rulebook, lead: Actor, jobs: Callable[[], int]
) -> None:
    def again() -> Simulation:
        with db.transaction(parts(app).sessions) as session:
            return start(session, lead, rulebook.id)

    assert again().id == asked.id, "it runs"
    jobs()
    assert again().id == asked.id, "nothing has changed"
    with db.transaction(parts(app).sessions) as session:
        story = Story(session, "Autre maison")
        story.draft(story.solution("Beta", "NIL-B"), "LGC-V2")
    second = again()
    assert second.id != asked.id
    with db.transaction(parts(app).sessions) as session:
        assert list(queries.changed_since(session, read(app, asked))) == ["facts"]


def test_an_edit_makes_it_out_of_date_whether_it_is_finished_or_runs(
    app: Flask, asked: Simulation, rulebook: Rulebook, lead: Actor, jobs: Callable[[], int]
) -> None:
    def edit() -> None:
        with db.transaction(parts(app).sessions) as session:
            rulebooks.edited(rulebooks.draft(session, rulebook.id))

    def reasons(of: Simulation) -> list[str]:
        with db.transaction(parts(app).sessions) as session:
            return list(queries.changed_since(session, of))

    jobs()
    assert reasons(asked) == []
    edit()
    assert reasons(asked) == ["draft"]
    with db.transaction(parts(app).sessions) as session:
        second = start(session, lead, rulebook.id)
    assert second.revision == 2
    edit()
    jobs()
    assert read(app, second).state is SimulationState.OUTDATED


def test_other_rules_in_force_put_an_end_to_it(
    app: Flask, asked: Simulation, jobs: Callable[[], int]
) -> None:
    with db.transaction(parts(app).sessions) as session:
        publish_rules(session, same())
    jobs()
    assert read(app, asked).state is SimulationState.OUTDATED


def hold_everything(session: Session) -> int:
    """As verifiers, editors and leads do at work; answers how many dossiers there are."""
    session.execute(sa.text("SET LOCAL lock_timeout = '200ms'"))
    dossiers = session.scalars(sa.select(Candidature.id).order_by(Candidature.id)).all()
    for dossier in dossiers:
        candidatures.held_still(session, dossier)
    for table in ("item", "task", "verification", "proof", "rulebook"):
        session.execute(sa.text(f"SELECT 1 FROM {table} FOR UPDATE NOWAIT"))
    return len(dossiers)


def test_it_waits_for_no_lock_that_others_hold(app: Flask, asked: Simulation) -> None:
    with db.transaction(parts(app).sessions) as verifier:
        assert hold_everything(verifier) == 2 * DOSSIERS
        with db.transaction(parts(app).sessions) as session:
            session.execute(sa.text("SET LOCAL lock_timeout = '200ms'"))
            running.simulate(session, str(asked.id), "1")
    assert read(app, asked).state is FINISHED


def test_it_holds_no_lock_that_others_need(
    app: Flask, asked: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When all of a batch is written and not yet committed."""
    whole = running.end

    def with_others_at_work(session: Session, *rest: Any) -> None:
        whole(session, *rest)
        with db.transaction(parts(app).sessions) as verifier:
            assert hold_everything(verifier) == 2 * DOSSIERS

    monkeypatch.setattr(running, "end", with_others_at_work)
    assert step(app, asked).state is FINISHED
    assert len(found(app, asked)) == DOSSIERS


def test_two_who_ask_at_once_get_one_simulation(app: Flask, rulebook: Rulebook, lead: Actor) -> None:
    def ask(_: int) -> object:
        with db.transaction(parts(app).sessions) as session:
            return start(session, lead, rulebook.id).id

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(ask, range(8)))) == 1


def test_nothing_to_look_at_is_soon_finished(scratch: Session) -> None:
    publish_dsr(scratch, "LGC-V2", Asked("INS.01"))
    simulation = ended(scratch, draft_rules(scratch))
    assert (simulation.state, simulation.total, simulation.figures) == (FINISHED, 0, [])


def test_a_later_day_sees_what_holds_then(story: Story, time: Time) -> None:
    """A rule that begins in ten days covers nothing today; on that day it does."""
    solution = story.solution()
    story.verified(solution, "LGC-V1")
    story.draft(solution, "LGC-V2")
    day = db.today(story.session) + timedelta(10)
    draft = draft_rules(story.session, replace(same(), valid_from=day))
    assert moves(story.session, ended(story.session, draft)) == []
    later = moves(story.session, ended(story.session, draft, day))
    assert [(code, after) for _, code, _, after in later] == [(GOAL, "covered")]
    with pytest.raises(Invalid):
        start(story.session, story.lead, draft.id, db.today(story.session) - timedelta(1))


def test_a_batch_takes_as_many_statements_whatever_the_items(app: Flask, lead: Actor) -> None:
    def count(dsr: str, size: int) -> int:
        with db.transaction(parts(app).sessions) as session:
            session.execute(sa.update(Candidature).values(state="withdrawn"))
            asked = [Asked(f"INS.{rank:02}") for rank in range(size)]
            for vague in (1, 2):
                publish_dsr(session, f"{dsr}-V{vague}", *asked)
            story = Story(session)
            solution = story.solution(dsr, f"NIL-{dsr}")
            story.verified(solution, f"{dsr}-V1")
            story.draft(solution, f"{dsr}-V2")
            rules = [equal(f"{dsr}-V1:INS.{rank:02}", f"{dsr}-V2:INS.{rank:02}") for rank in range(size)]
            draft = draft_rules(session, *rules)
        with db.transaction(parts(app).sessions) as session:
            simulation = start(session, lead, draft.id)
        with statements(parts(app).engine) as sent:
            step(app, simulation)
        assert len(found(app, simulation)) == size
        return len(sent)

    assert count("RIS", 2) == count("DPI", 30) <= 60


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.LEAD}))
def test_only_leads_ask_read_and_cancel(scratch: Session, role: Role) -> None:
    draft = draft_rules(scratch)
    simulation = ended(scratch, draft)
    other = person(scratch, role)
    for forbidden in (
        lambda: start(scratch, other, draft.id),
        lambda: cancel(scratch, other, draft.id, simulation.id),
        lambda: queries.simulation(scratch, other, draft.id, simulation.id),
        lambda: queries.simulations(scratch, other, draft.id, None, 10),
    ):
        with pytest.raises(Forbidden):
            forbidden()


def test_a_simulation_is_read_under_its_own_rulebook(scratch: Session) -> None:
    simulation = ended(scratch, draft_rules(scratch))
    with pytest.raises(NotFound):
        queries.simulation(scratch, person(scratch, Role.LEAD), draft_rules(scratch).id, simulation.id)


def test_a_checked_rulebook_is_simulated_until_it_is_edited(scratch: Session) -> None:
    publish_dsr(scratch, "LGC-V2", Asked("INS.01"))
    draft, lead = draft_rules(scratch), person(scratch, Role.LEAD)
    said = [draft.state.value]
    for after in (
        lambda: rulebooks.check_rulebook(scratch, lead, draft.id),
        lambda: ended(scratch, draft),
        lambda: rulebooks.edited(draft),
        lambda: rulebooks.check_rulebook(scratch, lead, draft.id),
    ):
        after()
        scratch.flush()
        scratch.expire_all()
        said.append(draft.state.value)
    assert said == ["draft", "checked", "simulated", "draft", "checked"]


def test_publication_tells_of_the_simulation_or_that_there_was_none(scratch: Session) -> None:
    lead = person(scratch, Role.LEAD)
    unseen, seen = draft_rules(scratch), draft_rules(scratch)
    with pytest.raises(Unconfirmed) as refused:
        rulebooks.publish_rulebook(scratch, lead, unseen.id, accept_warnings=False)
    assert "n'ont pas été simulées" in refused.value.errors[-2].detail
    simulation = ended(scratch, seen)
    rulebooks.check_rulebook(scratch, lead, seen.id)
    with pytest.raises(Unconfirmed) as refused:
        rulebooks.publish_rulebook(scratch, lead, seen.id)
    assert not any("simulées" in one.detail for one in refused.value.errors)
    rulebooks.publish_rulebook(scratch, lead, seen.id, accept_warnings=True)
    rulebooks.publish_rulebook(scratch, lead, unseen.id, accept_warnings=True)
    told = [
        entry.detail["simulation"]
        for entry in scratch.scalars(
            sa.select(Entry).where(Entry.action == "rulebook.published").order_by(Entry.position)
        )
        if entry.stream in {f"rulebook:{seen.id}", f"rulebook:{unseen.id}"}
    ]
    assert told == [str(simulation.id), None]


def test_rules_without_a_change_of_status_by_another_derivation_are_told_apart(scratch: Session) -> None:
    publish_dsr(scratch, "LGC-V1", Asked("A"), Asked("B"))
    publish_dsr(scratch, "LGC-V2", Asked("A"))
    publish_rules(scratch, equal("LGC-V1:A", "LGC-V2:A"))
    story = Story(scratch)
    solution = story.solution()
    story.verified(solution, "LGC-V1")
    story.draft(solution, "LGC-V2")
    rules = Rules((equal("LGC-V1:B", "LGC-V2:A"),), (), (ALWAYS,))
    draft = rulebooks.write_rulebook(scratch, story.lead, "Projet", rules)
    simulation = ended(scratch, draft)
    (move,) = moves(scratch, simulation)
    assert (move.before, move.after) == ("covered", "covered")
    assert simulation.figures[0]["items"] == 1
    assert Status(simulation.figures[0]["before"]) is Status.COVERED
