"""What follows when rules are published or tried, with many open dossiers: by jobs, in one process and in two.

The floor is a publication in which nothing of the rules changed. What each job does is what workers do; a broker would
add its own time.
"""

from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from time import perf_counter, sleep
from uuid import UUID

import click
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bench.equivalence import RULES, catalogue, file, people, verify_all
from bench.servers import database, tidy
from bench.timing import table
from referencing import registers
from referencing.base import db
from referencing.base.jobs import Task, enqueue, hand_over, perform, perform_all
from referencing.base.permissions import Actor
from referencing.equivalence.engine.facts import Correspondence, Policy, Relation, Reuse
from referencing.equivalence.rulebooks import operations as rulebooks
from referencing.equivalence.rulebooks.models import Simulation, SimulationState
from referencing.equivalence.rulebooks.rulebooks import Rules
from referencing.simulations.operations import start
from referencing.solutions import operations as solutions

PROCESSES = (1, 2)
OTHER = (Policy({"guichet": ("EDC_PSC",)}, Reuse.AUTO), *RULES)


@click.command("rules")
@click.option(
    "--dossiers", type=click.IntRange(1), default=200, show_default=True, help="open, of the second vague"
)
@click.option("--items", type=click.IntRange(2), default=100, show_default=True, help="of a candidature")
def run(dossiers: int, items: int) -> None:
    """Publications and simulations of rules."""
    title = f"rules: {dossiers:,} softwares with open dossiers of {items} items"
    with database() as factory:
        with db.transaction(factory) as session:
            editor, lead = people(session)
            catalogue(session, items)
            publish(session, lead, rules_of(items))
            for number in range(dossiers):
                open_dossiers(session, editor, number)
        tidy(factory)
        following(factory, "resolve_open_candidatures")
        rows = [
            ("floor: rules published again as they were", publication(factory, lead, rules_of(items))),
            ("rules published with one clause more", publication(factory, lead, rules_of(items, 1))),
            ("rules published with another policy", publication(factory, lead, rules_of(items, 1, OTHER))),
            ("every open dossier resolved again", following(factory, "resolve_open_candidatures")),
        ]
        table(f"{title}, followed by jobs", rows)
        rows = [
            (f"by {count} process{'es' * (count > 1)}", simulation(factory, lead, rules_of(items), count))
            for count in PROCESSES
        ]
        table(f"{title}, a simulation that compares all items", rows)


def rules_of(items: int, added: int = 0, policies: tuple[Policy, ...] = RULES) -> Rules:
    """Each requirement but the first is shown by its namesake, and so many of them by the first one too."""
    pairs = [*((number, number) for number in range(1, items)), *((0, number) for number in range(added))]
    correspondences = tuple(
        Correspondence(
            f"C{source}-{target}", (f"BENCH-V1:INS.{source:03}",), f"BENCH-V2:INS.{target:03}", Relation.EQUAL
        )
        for source, target in pairs
    )
    return Rules(correspondences, (), policies)


def publish(session: Session, lead: Actor, rules: Rules) -> None:
    rulebook = rulebooks.write_rulebook(session, lead, "bench", rules)
    rulebooks.publish_rulebook(session, lead, rulebook.id, accept_warnings=True)


def open_dossiers(session: Session, editor: Actor, number: int) -> None:
    """A software of which all of the first vague was verified, with a draft on the second."""
    software = solutions.register_software(session, editor, "Bench", f"NIL-{number}")
    solution = solutions.register_solution(session, editor, software.id, "Bench")
    verify_all(session, file(session, editor, "BENCH-V1", solution.id), editor)
    file(session, editor, "BENCH-V2", solution.id)


def publication(factory: db.Sessions, lead: Actor, rules: Rules) -> float:
    with db.transaction(factory) as session:
        publish(session, lead, rules)
    return performed(factory)


def following(factory: db.Sessions, task: str) -> float:
    with db.transaction(factory) as session:
        enqueue(session, task)
    return performed(factory)


def performed(factory: db.Sessions) -> float:
    """Seconds that the jobs take which are due."""
    begun = perf_counter()
    perform_all(factory, tasks())
    return perf_counter() - begun


def tasks() -> dict[str, Task]:
    return {background.name: background.task for background in registers.tasks()}


def simulation(factory: db.Sessions, lead: Actor, rules: Rules, processes: int) -> float:
    """Seconds from the asking to the end, by so many processes, which are there before and know no rules yet."""
    context = get_context("spawn")
    ready = context.Barrier(processes + 1)
    url = factory.kw["bind"].url.render_as_string(hide_password=False)
    workers = [context.Process(target=work, args=(url, ready), daemon=True) for _ in range(processes)]
    for worker in workers:
        worker.start()
    ready.wait()
    begun = perf_counter()
    with db.transaction(factory) as session:
        rulebook = rulebooks.write_rulebook(session, lead, "tried", rules)
        asked = start(session, lead, rulebook.id)
    while is_running(factory, asked.id):
        sleep(0.02)
    seconds = perf_counter() - begun
    for worker in workers:
        worker.kill()
        worker.join()
    return seconds


def is_running(factory: db.Sessions, simulation_id: UUID) -> bool:
    with db.transaction(factory) as session:
        return session.get_one(Simulation, simulation_id).state is SimulationState.RUNNING


def work(url: str, ready: Barrier) -> None:
    """Perform jobs, one at a time, until this process is killed."""
    registers.tables()
    factory, performing = db.sessions(db.connect(sa.make_url(url))), tasks()
    with db.transaction(factory) as session:
        session.execute(sa.select(1))
    ready.wait()
    while True:
        if not hand_over(factory, lambda job: perform(factory, performing, job), most=1):
            sleep(0.01)
