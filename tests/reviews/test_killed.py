"""Sixteen verifiers, a lead and the editors at once, some killed in the middle: nothing is lost nor done twice.

Each is a process of its own on the same database. What must be so is asked of the database in plain SQL.
"""

import json
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
)
from sqlalchemy.orm import Session

from referencing.base import db
from referencing.base.permissions import Actor, Role
from referencing.base.workdays import days_until
from referencing.candidatures.clock.ledger import Holder, Interval
from referencing.journal.operations import verify
from referencing.reviews.queues.claims import LEASE
from referencing.reviews.queues.models import Arbiter
from referencing.reviews.second_readings import rates
from tests.builders import Asked, Story, person, publish_dsr
from tests.candidatures.clock.test_ledger import recount
from tests.conftest import Time
from tests.databases import new_database
from tests.reviews import crowd
from tests.reviews.crowd import ACTS, Round, Worker
from tests.thoroughness import play

VERIFIERS = 16
PIECES = 6
BUDGET = 15

OF_VERIFIER = [
    "claim",
    "claim",
    "take_first",
    "read_second",
    "conform",
    "conform",
    "nonconform",
    "complement",
]
OF_VERIFIER += ["give_back", "undo", "wait", "hear"]
ACTS_OF = {
    Role.VERIFIER: st.lists(st.sampled_from(OF_VERIFIER), min_size=2, max_size=6),
    Role.LEAD: st.lists(st.sampled_from(["take_over", "hear"]), min_size=1, max_size=3),
    Role.EDITOR: st.lists(st.just("complete"), min_size=1, max_size=3),
}
#: An act takes some tens of statements, and each is two points: before it is sent, and once it is answered.
DIES_AT = st.none() | st.integers(1, 150)


@dataclass
class World:
    """Two editors with six pieces each under review, sixteen verifiers, a lead; half is read a second time."""

    server: sa.URL
    folder: Path
    clock: Time = field(default_factory=Time)
    people: dict[Role, list[str]] = field(default_factory=dict)
    ended: Counter[int] = field(default_factory=Counter)
    told: Counter[str] = field(default_factory=Counter)
    crowd: "subprocess.Popen[str] | None" = None

    def build(self) -> None:
        engine = db.connect(new_database(self.server, "crowd_template"))
        with db.transaction(db.sessions(engine, self.clock)) as session:
            publish_dsr(session, "LGC-V1", *(Asked(f"INS.0{rank}") for rank in range(PIECES)))
            stories = [Story(session, name) for name in ("Alizé", "Brise")]
            for number, story in enumerate(stories):
                story.in_review(story.solution(nil=f"NIL-{number}"), "LGC-V1")
            lead = stories[0].lead
            words: dict[str, Any] = {"chapter": None, "verifier": None, "on_disagreement": Arbiter.THIRD}
            rates.set_rate(session, lead, rate=50, seed="foule", **words)
            verifiers = [person(session, Role.VERIFIER) for _ in range(VERIFIERS)]
            self.people = {
                Role.VERIFIER: ids(verifiers),
                Role.LEAD: ids([lead]),
                Role.EDITOR: ids([one.editor for one in stories]),
            }
        engine.dispose()

    @property
    def url(self) -> sa.URL:
        return self.server.set(database="crowd")

    def begin(self) -> None:
        """As it was built; the crowd starts the first time."""
        new_database(self.server, "crowd", "crowd_template")
        if self.crowd is None:
            said = [self.people[Role.VERIFIER][0], self.clock().isoformat()]
            url = self.url.render_as_string(hide_password=False)
            self.crowd = subprocess.Popen(
                [sys.executable, "-m", "tests.reviews.crowd", url, *said],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )

    def play(self, now: datetime, workers: Sequence[Worker]) -> list[list[str]]:
        """What was acknowledged: who, which act, of what."""
        told = self.folder / "told"
        told.unlink(missing_ok=True)
        assert self.crowd is not None
        assert self.crowd.stdin is not None
        assert self.crowd.stdout is not None
        self.crowd.stdin.write(f"{Round(now.timestamp(), str(told), list(workers)).dump()}\n")
        self.crowd.stdin.flush()
        ended = json.loads(self.crowd.stdout.readline())
        assert set(ended) <= {0, -signal.SIGKILL}, "a worker failed: see its traceback"
        acknowledged: list[list[str]] = [json.loads(line) for line in told.read_text().splitlines()]
        self.ended.update(ended)
        self.told.update(act for _, act, _ in acknowledged)
        return acknowledged


def ids(people: Sequence[Actor]) -> list[str]:
    return [str(one.account_id) for one in people]


@st.composite
def workers(draw: st.DrawFn, people: dict[Role, list[str]]) -> Worker:
    role = draw(st.sampled_from([*[Role.VERIFIER] * 6, Role.LEAD, Role.EDITOR]))
    return Worker(draw(st.sampled_from(people[role])), draw(ACTS_OF[role]), draw(DIES_AT))


class Crowd(RuleBasedStateMachine):
    world: World

    @initialize(deaths=st.lists(DIES_AT, min_size=VERIFIERS, max_size=VERIFIERS))
    def everybody_begins(self, deaths: list[int | None]) -> None:
        self.world.begin()
        self.engine = db.connect(self.world.url)
        self.now = self.world.clock()
        self.factory = db.sessions(self.engine, lambda: self.now)
        self.told: list[list[str]] = []
        self.play(
            [
                Worker(who, ["take_first", "claim", "conform", "claim"], death)
                for who, death in zip(self.world.people[Role.VERIFIER], deaths, strict=True)
            ]
        )

    @rule(crowd=st.data(), number=st.integers(2, 8))
    def go_on(self, crowd: st.DataObject, number: int) -> None:
        """Some of them, perhaps one in two windows at once."""
        drawn = st.lists(workers(self.world.people), min_size=number, max_size=number)
        self.play(crowd.draw(drawn))

    @rule(hours=st.sampled_from([1, 3, 5, 24, 72]))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    def play(self, crowd: Sequence[Worker]) -> None:
        self.now += timedelta(minutes=1)
        self.told += self.world.play(self.now, crowd)

    def teardown(self) -> None:
        if hasattr(self, "engine"):
            try:
                self.the_work_goes_on()
            finally:
                self.engine.dispose()

    def the_work_goes_on(self) -> None:
        """What the dead had in hand is free once their leases have ended, and all of it comes to its end."""
        self.now += LEASE
        (lead,) = self.world.people[Role.LEAD]
        everybody = [
            (one, acts)
            for people, acts in (
                ([lead], ["hear"]),
                (self.world.people[Role.EDITOR], ["complete"]),
                (self.world.people[Role.VERIFIER][:4], ["claim", "read_second", "conform"]),
            )
            for one in people
        ]
        for _ in range(5 * PIECES):
            for who, acts in everybody:
                self.do(who, acts)
            if self.ask("SELECT count(*) FROM candidature WHERE state = 'deliberation'") == [(2,)]:
                break
        assert self.ask("SELECT count(*) FROM task WHERE closed_at IS NULL") == [(0,)]
        assert self.ask("SELECT DISTINCT state FROM candidature") == [("deliberation",)]
        self.nobody_reads_twice_and_nothing_is_decided_twice()

    def do(self, who: str, acts: Sequence[str]) -> None:
        for act in acts:
            with db.transaction(self.factory) as session:
                done = crowd.perform(session, Worker(who, [], None), act)
            while done is not None and act in {"hear", "complete"}:
                with db.transaction(self.factory) as session:
                    done = crowd.perform(session, Worker(who, [], None), act)

    # --- what must always be so, in plain SQL ---

    def ask(self, question: str, **values: Any) -> list[Any]:
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(sa.text(question), values)]

    @invariant()
    def no_task_is_lost(self) -> None:
        """What is under review waits in one queue, and nothing else does."""
        if not hasattr(self, "engine"):
            return
        assert not self.ask(
            "SELECT item.id, item.state FROM item LEFT JOIN task ON task.item_id = item.id AND task.closed_at IS NULL "
            "GROUP BY item.id HAVING count(task.id) <> (item.state = 'under_review')::int"
        )

    @invariant()
    def no_task_is_held_by_two(self) -> None:
        """Between two who took it there is a lease that ended, or somebody who let it go."""
        if not hasattr(self, "engine"):
            return
        taken = self.ask(
            "SELECT detail ->> 'task', action, account_id, at FROM journal_entry WHERE action IN ('task.claimed', "
            "'task.given_back', 'task.taken_over', 'third_party.awaited', 'third_party.answered') "
            "AND stream LIKE 'candidature:%' ORDER BY position"
        )
        holder: dict[str, tuple[Any, datetime]] = {}
        for task, action, who, at in taken:
            if action != "task.claimed":
                holder.pop(task, None)
                continue
            before, since = holder.get(task, (who, at))
            assert before == who or at - since >= LEASE
            holder[task] = who, at

    @invariant()
    def nobody_reads_twice_and_nothing_is_decided_twice(self) -> None:
        if not hasattr(self, "engine"):
            return
        assert not self.ask(
            "SELECT proof_id FROM reading WHERE undone_at IS NULL "
            "GROUP BY proof_id, verification_id, verifier_id HAVING count(*) > 1"
        )
        assert not self.ask(
            "SELECT item_id FROM verdict WHERE undone_at IS NULL GROUP BY item_id, round HAVING count(*) > 1"
        )
        assert not self.ask(
            "SELECT proof_id FROM verification WHERE revoked_on IS NULL GROUP BY proof_id HAVING count(*) > 1"
        )
        assert not self.ask(
            "SELECT id FROM task WHERE item_id IS NOT NULL AND (closed_by IS NOT NULL) <> (EXISTS (SELECT FROM verdict "
            "WHERE task_id = task.id) OR EXISTS (SELECT FROM reading WHERE task_id = task.id))"
        )

    @invariant()
    def what_was_acknowledged_is_there(self) -> None:
        if not hasattr(self, "engine"):
            return
        found = set(
            self.ask(
                "SELECT closed_by::text, CASE outcome WHEN 'read' THEN 'read' ELSE 'verdict' END, id::text FROM task "
                "WHERE closed_by IS NOT NULL "
                "UNION ALL SELECT account_id::text, action, detail ->> 'task' FROM journal_entry "
                "WHERE stream LIKE 'candidature:%' "
                "UNION ALL SELECT supplied_by::text, 'complete', id::text FROM proof "
                "UNION ALL SELECT verifier_id::text, 'undo', task_id::text FROM verdict WHERE undone_at IS NOT NULL "
                "UNION ALL SELECT verifier_id::text, 'undo', task_id::text FROM reading WHERE undone_at IS NOT NULL"
            )
        )
        kept = {
            "claim": ["task.claimed"],
            "read_second": ["task.claimed"],
            "take_first": ["task.claimed"],
            "give_back": ["task.given_back"],
            "take_over": ["task.taken_over"],
            "wait": ["third_party.awaited"],
            "hear": ["third_party.answered"],
            "complete": ["complete"],
            "undo": ["undo"],
        }
        for who, act, of in self.told:
            assert any((who, one, of) in found for one in kept.get(act, ["verdict", "read"])), (who, act, of)

    @invariant()
    def the_clock_is_a_plain_recount(self) -> None:
        if not hasattr(self, "engine"):
            return
        waits: dict[Any, list[Any]] = {}
        for task, start, end in self.ask(
            "SELECT task_id, started_at, ended_at FROM third_party_wait ORDER BY started_at, id"
        ):
            waits.setdefault(task, []).append((start, end))
        tasks = self.ask("SELECT id, item_id, opened_at, closed_at FROM task ORDER BY opened_at, id")
        open_ = self.ask(
            "SELECT id, item_id, budget, last_day, due_on FROM task WHERE closed_at IS NULL "
            "AND third_party_since IS NULL AND item_id IS NOT NULL"
        )
        for task, item, budget, last_day, due_on in open_:
            ledger = []
            for one, of, opened, closed in tasks:
                if of == item and (closed or one == task):
                    ledger += turns(opened, closed, waits.get(one, []))
            left = BUDGET - recount(ledger, self.now)
            assert [budget, days_until(last_day, self.now.astimezone(db.PARIS).date())] == [BUDGET, left]
            if left > 0:
                day, hour = due_on - timedelta(days=1), self.now.astimezone(db.PARIS).timetz()
                at_eve, on_the_day = (recount(ledger, datetime.combine(one, hour)) for one in (day, due_on))
                assert [at_eve, on_the_day] == [BUDGET - 1, BUDGET]

    @invariant()
    def the_record_is_whole(self) -> None:
        if not hasattr(self, "engine"):
            return
        with Session(self.engine) as session:
            assert list(verify(session)) == []


def turns(opened: datetime, closed: datetime | None, waits: Sequence[Any]) -> list[Interval]:
    """The agency's: every other one of the pieces into which waiting for third parties cuts the time."""
    cuts = [opened, *(moment for wait in waits for moment in wait if moment is not None)]
    ends = [*cuts[1:], closed]
    return [Interval(Holder.AGENCY, start, end) for start, end in list(zip(cuts, ends, strict=True))[::2]]


@pytest.fixture
def world(server: sa.URL, tmp_path: Path) -> Iterator[World]:
    world = World(server, tmp_path)
    world.build()
    yield world
    if world.crowd is not None and world.crowd.stdin and world.crowd.stdout:
        world.crowd.stdin.close()
        world.crowd.stdout.close()
        assert world.crowd.wait(30) == 0


def test_whoever_is_killed_the_queues_keep_their_promise(world: World) -> None:
    for _ in range(10):  # chance may leave a few histories without much in them
        play(Crowd, world, few=4, steps=6)
        if world.ended[-signal.SIGKILL] > VERIFIERS < world.told["claim"]:
            break
    assert world.ended[-signal.SIGKILL] > VERIFIERS
    assert world.told["claim"] > VERIFIERS
    assert set(world.told) <= set(ACTS)
