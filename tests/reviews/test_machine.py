"""Whatever verifiers, editors and leads do, in whatever order: checked against a few lines of plain Python."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from sqlalchemy.orm import Session

from referencing.base import db
from referencing.base.errors import DomainError
from referencing.base.permissions import Actor, Role
from referencing.base.workdays import PARIS, days_until
from referencing.candidatures.clock.ledger import Holder, Interval
from referencing.candidatures.record.models import Candidature, Item
from referencing.candidatures.record.states import ItemState
from referencing.candidatures.tasks import counts
from referencing.candidatures.tasks.models import Queue, Task
from referencing.candidatures.tasks.position import order_queues
from referencing.reviews.queues import claims, queries
from referencing.reviews.queues import verifiers as crew
from referencing.reviews.queues.models import Claim
from referencing.reviews.queues.outcomes import Outcome
from referencing.reviews.steering import declarations, priorities
from referencing.reviews.third_parties import third_parties
from referencing.reviews.verdicts import verdicts
from referencing.reviews.verdicts.operations import give_verdict
from tests.base.labour_code import recounted_as_worked
from tests.builders import Asked, Story, person, publish_dsr, supply, unheard
from tests.candidatures.clock.test_ledger import recount
from tests.candidatures.dossiers import sha256
from tests.conftest import Time
from tests.reviews.recount import kept, recounted
from tests.thoroughness import play

QUEUE = Queue.PROOF_REVIEW
LIMIT = 2
PEOPLE = st.integers(0, 2)
PIECES = st.integers(0, 5)


@dataclass
class World:
    """Two editors with three pieces each under review, three verifiers, and a lead."""

    session: Session
    clock: Time
    stories: list[Story] = field(default_factory=list)
    dossiers: list[Candidature] = field(default_factory=list)
    verifiers: list[Actor] = field(default_factory=list)

    def build(self) -> None:
        vague = unheard()
        publish_dsr(self.session, f"{vague}-V1", *(Asked(f"INS.0{rank}") for rank in range(3)))
        for name in ("Alizé", "Brise"):
            story = Story(self.session, name)
            self.stories.append(story)
            self.dossiers.append(story.in_review(story.solution(nil=unheard()), f"{vague}-V1"))
        self.verifiers = [person(self.session, Role.VERIFIER) for _ in range(3)]
        lead = self.stories[0].lead
        for one in self.verifiers:
            crew.set_up(self.session, lead, one.account_id, chapters=[], guichets=[], most_in_hand=LIMIT)


@dataclass
class Piece:
    """An item, as plainly as can be: the turns of the agency at it, the last one open while it is in a queue.

    `awaited_by` is the verifier who said that a third party has to answer first.
    """

    dossier: int
    code: str
    turns: list[Interval]
    task: UUID | None
    opened_at: datetime
    since: datetime
    asked: bool = False
    awaited_by: int | None = None
    given: tuple[int, UUID, datetime] | None = None  # the last verdict: by whom, on which task, when

    @property
    def ledger(self) -> list[Interval]:
        return [*self.turns, Interval(Holder.AGENCY, self.since)] if self.in_queue else self.turns

    @property
    def in_queue(self) -> bool:
        return self.task is not None and self.awaited_by is None

    def begin(self, task: UUID, now: datetime) -> None:
        self.task, self.opened_at, self.since, self.asked = task, now, now, False

    def end_turn(self, now: datetime) -> None:
        self.turns.append(Interval(Holder.AGENCY, self.since, now))

    def days(self) -> Iterator[date]:
        """The working days spent on it, one after the other, if the ball stays where it is."""
        for turn in self.ledger:
            day, end = turn.start.astimezone(PARIS).date(), turn.end and turn.end.astimezone(PARIS).date()
            while end is None or day < end:
                day += timedelta(days=1)
                if recounted_as_worked(day):
                    yield day


class Queues(RuleBasedStateMachine):
    world: World

    @initialize()
    def begin(self) -> None:
        self.session = self.world.session
        self.savepoint = self.session.begin_nested()
        self.clock = self.world.clock
        self.start = self.clock.now
        self.lead = self.world.stories[0].lead
        self.budget = 15
        self.boosted: dict[int, UUID] = {}
        self.claims: dict[UUID, tuple[int, datetime]] = {}
        self.absences: dict[int, list[tuple[date, date]]] = {0: [], 1: [], 2: []}
        self.conflicts: dict[tuple[int, int], UUID] = {}
        self.pieces = [
            Piece(dossier, view.code or "", [], view.id, view.opened_at, view.opened_at)
            for dossier, one in enumerate(self.world.dossiers)
            for view in self.listed()
            if view.candidature_id == one.id
        ]
        for days in (5, 8):  # two pieces have been through a round, of which the editor answered one
            self.work(0, Outcome.COMPLEMENT, 24 * days)
        self.supply(next(piece for piece in self.pieces if piece.asked))

    def teardown(self) -> None:
        if hasattr(self, "savepoint"):
            self.savepoint.rollback()
            self.session.expire_all()
            self.clock.now = self.start

    # --- what is done ---

    @rule(who=PEOPLE)
    def claim_next(self, who: int) -> None:
        may = not self.away(who) and self.in_hand(who) < LIMIT
        free = [
            one
            for one in self.in_order()
            if self.holder(one) is None and (who, one.dossier) not in self.conflicts
        ]
        said = self.attempt(lambda: claims.claim_next(self.session, self.verifier(who), QUEUE), may)
        if may:
            assert said == (free[0].task if free else None)
        if may and free and free[0].task:
            self.claims[free[0].task] = (who, self.now + claims.LEASE)

    @precondition(lambda self: self.in_order())
    @rule(who=PEOPLE, which=PIECES)
    def claim(self, who: int, which: int) -> None:
        piece, task = self.one_of(self.in_order(), which)
        holder = self.holder(piece)
        room = holder == who or self.in_hand(who) < LIMIT
        may = (
            holder in {None, who}
            and room
            and not self.away(who)
            and (who, piece.dossier) not in self.conflicts
        )
        self.attempt(lambda: claims.claim(self.session, self.verifier(who), task), may)
        if may:
            self.claims[task] = (who, self.now + claims.LEASE)

    @precondition(lambda self: self.claims)
    @rule(who=PEOPLE, which=PIECES, meddle=st.booleans())
    def give_back(self, who: int, which: int, meddle: bool) -> None:
        """What one has; or somebody meddles with what is perhaps another's."""
        piece, task = self.one_of([one for one in self.in_order() if one.task in self.claims], which)
        who = who if meddle else self.claims[task][0]
        may = self.has(who, task)
        if meddle and not may:
            self.find(who, piece, task, Outcome.CONFORM)
        self.attempt(lambda: claims.give_back(self.session, self.verifier(who), task), may)
        if may:
            del self.claims[task]

    @rule(who=PEOPLE, outcome=st.sampled_from(Outcome), hours=st.sampled_from([0, 24, 72]))
    def work(self, who: int, outcome: Outcome, hours: int) -> None:
        """Take the next task, read it for a while, say what was found."""
        had = set(self.claims)
        self.claim_next(who)
        self.wait(hours)
        for task in set(self.claims) - had:
            (piece,) = (one for one in self.pieces if one.task == task)
            self.find(who, piece, task, outcome)

    @precondition(lambda self: self.claims)
    @rule(which=PIECES, outcome=st.sampled_from([*Outcome, Outcome.COMPLEMENT]))
    def find_what_one_has(self, which: int, outcome: Outcome) -> None:
        piece, task = self.one_of([one for one in self.in_order() if one.task in self.claims], which)
        self.find(self.claims[task][0], piece, task, outcome)

    def find(self, who: int, piece: Piece, task: UUID, outcome: Outcome) -> None:
        may, file = self.has(who, task), sha256(piece.code.encode())
        self.attempt(lambda: give_verdict(self.session, self.verifier(who), task, outcome, "Vu.", file), may)
        if may:
            del self.claims[task]
            piece.end_turn(self.now)
            piece.task, piece.asked = None, outcome is Outcome.COMPLEMENT
            piece.given = (who, task, self.now)

    @precondition(lambda self: any(one.given for one in self.pieces))
    @rule(which=PIECES)
    def undo(self, which: int) -> None:
        """Who gave a verdict takes it back; once the editor has answered, or later, they may not."""
        given = [(one, one.given) for one in self.pieces if one.given]
        piece, (who, task, at) = given[which % len(given)]
        impartial = (who, piece.dossier) not in self.conflicts
        may = impartial and piece.task is None and self.now - at <= verdicts.UNDO_WITHIN
        said = self.attempt(lambda: verdicts.undo(self.session, self.verifier(who), task, "Erreur."), may)
        if may:
            piece.begin(said, self.now)
            piece.given = None
        if may and self.can_go_on(who, piece):
            self.claims[said] = (who, self.now + claims.LEASE)

    @precondition(lambda self: any(one.asked for one in self.pieces))
    @rule()
    def answer(self) -> None:
        """The editors supply what was asked for."""
        for piece in self.pieces:
            if piece.asked:
                self.supply(piece)

    def supply(self, piece: Piece) -> None:
        dossier = self.world.dossiers[piece.dossier]
        supply(self.session, self.world.stories[piece.dossier].editor, dossier, piece.code)
        self.session.expire_all()
        (view,) = (
            view for view in self.listed() if (view.candidature_id, view.code) == (dossier.id, piece.code)
        )
        piece.begin(view.id, self.now)

    @precondition(lambda self: self.claims)
    @rule(which=PIECES)
    def wait_for_a_third_party(self, which: int) -> None:
        piece, task = self.one_of([one for one in self.in_order() if one.task in self.claims], which)
        who, _ = self.claims.pop(task)
        words: dict[str, Any] = {"party": "CNDA", "reason": "Homologation.", "expected_on": self.today}
        self.attempt(lambda: third_parties.wait_for(self.session, self.verifier(who), task, **words), True)
        piece.end_turn(self.now)
        piece.awaited_by = who

    @precondition(lambda self: any(one.awaited_by is not None for one in self.pieces))
    @rule(which=PIECES, who=st.none() | PEOPLE)
    def hear_from_the_third_party(self, which: int, who: int | None) -> None:
        """A lead, or a verifier, who may only what they asked for; they have the task again where they can."""
        awaited = [one for one in self.pieces if one.awaited_by is not None]
        piece, task = self.one_of(awaited, which)
        actor = self.lead if who is None else self.verifier(who)
        may = who in {None, piece.awaited_by} and (who, piece.dossier) not in self.conflicts
        self.attempt(lambda: third_parties.note_answer(self.session, actor, task, "Oui."), may)
        if may:
            piece.since, piece.awaited_by = self.now, None
        if may and who is not None and self.can_go_on(who, piece):
            self.claims[task] = (who, self.now + claims.LEASE)

    def can_go_on(self, who: int, piece: Piece) -> bool:
        """Whether they can have again what they had."""
        room = not self.away(who) and self.in_hand(who) < LIMIT
        return room and (who, piece.dossier) not in self.conflicts

    @rule(hours=st.sampled_from([1, 5, 15, 24, 24, 72, 24 * 20]))
    def wait(self, hours: int) -> None:
        self.clock.now += timedelta(hours=hours)

    @rule(who=PEOPLE, begins=st.integers(0, 1), lasts=st.integers(0, 2))
    def go_on_leave(self, who: int, begins: int, lasts: int) -> None:
        first = self.today + timedelta(days=begins)
        last = first + timedelta(days=lasts)
        if (first, last) in self.absences[who]:
            return  # the same leave is declared once
        declarations.declare_absence(
            self.session, self.verifier(who), starts_on=first, ends_on=last, verifier=None
        )
        self.absences[who].append((first, last))
        if begins == 0:
            self.release(lambda holder, _: holder == who)

    @rule()
    def tend(self) -> None:
        crew.release_absent(self.session)
        order_queues(self.session)
        self.release(lambda holder, _: self.away(holder))

    @rule(who=PEOPLE, whose=st.integers(0, 1))
    def declare_or_end_a_conflict(self, who: int, whose: int) -> None:
        if (who, whose) in self.conflicts:
            declarations.end_conflict(self.session, self.verifier(who), self.conflicts.pop((who, whose)))
            return
        name = self.world.stories[whose].organisation
        made = declarations.declare_conflict(
            self.session, self.verifier(who), organisation=name, reason="", verifier=None
        )
        self.conflicts[who, whose] = made.id
        self.release(lambda holder, piece: holder == who and piece.dossier == whose)

    @precondition(lambda self: self.in_order())
    @rule(which=PIECES, who=st.none() | PEOPLE)
    def take_over(self, which: int, who: int | None) -> None:
        piece, task = self.one_of(self.in_order(), which)
        to = None if who is None else self.verifier(who).account_id
        may = self.holder(piece) != who
        if who is not None:
            may = may and not self.away(who) and (who, piece.dossier) not in self.conflicts
        self.attempt(lambda: claims.take_over(self.session, self.lead, task, to, "Urgent."), may)
        if may:
            self.claims.pop(task, None)
        if may and who is not None:
            self.claims[task] = (who, self.now + claims.LEASE)

    @rule(whose=st.integers(0, 1))
    def boost_or_end(self, whose: int) -> None:
        if whose in self.boosted:
            priorities.end_boost(self.session, self.lead, self.boosted.pop(whose))
            return
        last = date(2100, 1, 1)
        wanted = priorities.WantedBoost(
            None, None, None, None, self.world.dossiers[whose].id, whose + 1, "Comité", last
        )
        self.boosted[whose] = priorities.boost(self.session, self.lead, wanted).id

    @rule(days=st.integers(1, 30))
    def set_budget(self, days: int) -> None:
        priorities.set_budget(self.session, self.lead, QUEUE, None, days)
        self.budget = days

    @rule()
    def add_up(self) -> None:
        counts.add_up(self.session)

    # --- what must always be so ---

    @invariant()
    def nothing_is_lost_nor_in_the_queue_twice(self) -> None:
        waiting = sa.select(Item.id).where(
            Item.candidature_id.in_([one.id for one in self.world.dossiers]),
            Item.state == ItemState.UNDER_REVIEW,
        )
        items = sorted(self.session.scalars(waiting))
        awaited = sa.select(Task.item_id).where(Task.closed_at.is_(None), Task.third_party_since.is_not(None))
        found = [*(view.item_id for view in self.listed()), *self.session.scalars(awaited)]
        assert sorted(one for one in found if one) == items
        assert {view.id for view in self.listed()} == {one.task for one in self.pieces if one.in_queue}

    @invariant()
    def what_is_kept_of_how_much_is_open_is_a_recount(self) -> None:
        assert kept(self.session) == recounted(self.session)

    @invariant()
    def who_has_what_is_what_was_claimed(self) -> None:
        listed = {view.id: (view.verifier_id, view.expires_at) for view in self.listed() if view.verifier_id}
        held = {task: claim for task, claim in self.claims.items() if claim[1] > self.now}
        assert listed == {task: (self.verifier(who).account_id, end) for task, (who, end) in held.items()}
        in_hand = {view.name: view.in_hand for view in queries.queues(self.session, self.lead)}
        assert in_hand[QUEUE] == len(held)
        kept = self.session.scalars(sa.select(Claim.task_id).join(Task, Task.id == Claim.task_id))
        assert set(kept) == set(self.claims)

    @invariant()
    def the_order_and_the_clock_are_a_plain_recount(self) -> None:
        listed = self.listed()
        assert [view.id for view in listed] == [piece.task for piece in self.in_order()]
        for view, piece in zip(listed, self.in_order(), strict=True):
            assert days_until(view.last_day, self.today) == self.left(piece)
            due = next(day for used, day in enumerate(piece.days(), start=1) if used == self.budget)
            assert view.due_on == due

    # --- in plain Python ---

    @property
    def now(self) -> datetime:
        return self.clock.now

    @property
    def today(self) -> date:
        return self.now.astimezone(PARIS).date()

    def verifier(self, who: int) -> Actor:
        return self.world.verifiers[who]

    def listed(self) -> list[queries.TaskView]:
        return list(queries.tasks(self.session, self.lead, QUEUE, None, 100))

    @staticmethod
    def one_of(pieces: list[Piece], which: int) -> tuple[Piece, UUID]:
        piece = pieces[which % len(pieces)]
        assert piece.task
        return piece, piece.task

    def has(self, who: int, task: UUID) -> bool:
        return task in self.claims and self.claims[task][0] == who

    def left(self, piece: Piece) -> int:
        return self.budget - recount(piece.ledger, self.now)

    def in_order(self) -> list[Piece]:
        def key(piece: Piece) -> Any:
            weight = piece.dossier + 1 if piece.dossier in self.boosted else 0
            return -weight, self.left(piece), piece.opened_at, piece.task

        return sorted((one for one in self.pieces if one.in_queue), key=key)

    def holder(self, piece: Piece) -> int | None:
        who, end = self.claims.get(piece.task, (None, self.now)) if piece.task else (None, self.now)
        return who if end > self.now else None

    def in_hand(self, who: int) -> int:
        return sum(self.holder(one) == who for one in self.pieces)

    def away(self, who: int) -> bool:
        return any(first <= self.today <= last for first, last in self.absences[who])

    def release(self, which: Callable[[int, Piece], bool]) -> None:
        for piece in self.pieces:
            if piece.task in self.claims and which(self.claims[piece.task][0], piece):
                del self.claims[piece.task]

    def attempt(self, act: Callable[[], Any], may: bool) -> Any:
        """Do it, or see it refused; what is refused changes nothing."""
        said, refused = None, None
        try:
            with self.session.begin_nested():
                said = act()
        except DomainError as error:
            refused = error.detail
        self.session.expire_all()
        assert (refused is None) is may, refused or "was not refused"
        return said


@pytest.fixture
def world(shared: sa.Engine) -> Iterator[World]:
    clock = Time()
    with db.sessions(shared, clock)() as session:
        world = World(session, clock)
        world.build()
        yield world


def test_the_queues_keep_their_promise(world: World) -> None:
    play(Queues, world, few=12, steps=30)
