"""Whoever reads what, in whatever order: no self second reading, no double decision, checked against plain Python."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
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
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.tasks import opening
from referencing.candidatures.tasks.models import Queue, Task
from referencing.proofs.models import Verification
from referencing.reviews.arbitration.arbitration import arbitrate
from referencing.reviews.queues import claims
from referencing.reviews.queues.models import Arbiter, Reading
from referencing.reviews.queues.outcomes import Outcome
from referencing.reviews.second_readings import rates
from referencing.reviews.second_readings.draw import drawn
from referencing.reviews.verdicts import verdicts
from referencing.reviews.verdicts.operations import give_verdict
from tests.builders import Asked, Story, person, publish_dsr, states, supply, unheard
from tests.candidatures.dossiers import sha256
from tests.conftest import Time
from tests.thoroughness import play

READERS = 4
PEOPLE = st.integers(0, READERS - 1)
PIECES = st.integers(0, 4)
OUTCOMES = st.sampled_from([Outcome.CONFORM, Outcome.NONCONFORM, Outcome.NONCONFORM, Outcome.COMPLEMENT])
FINDINGS = {"verified": Outcome.CONFORM, "rejected": Outcome.NONCONFORM, "complement": Outcome.COMPLEMENT}
STATES = {
    Outcome.CONFORM: "conform",
    Outcome.NONCONFORM: "nonconform",
    Outcome.COMPLEMENT: "complement",
}


@dataclass
class World:
    """An editor with five pieces under review, four verifiers, and a lead."""

    session: Session
    story: Story = field(init=False)
    dossier: Candidature = field(init=False)
    readers: list[Actor] = field(init=False)

    def build(self) -> None:
        vague = unheard()
        publish_dsr(self.session, f"{vague}-V1", *(Asked(f"INS.0{rank}") for rank in range(5)))
        self.story = Story(self.session)
        self.dossier = self.story.in_review(self.story.solution(nil=unheard()), f"{vague}-V1")
        self.readers = [person(self.session, Role.VERIFIER) for _ in range(READERS)]


@dataclass
class Piece:
    """What waits to be compared on the present version, and what stood on each version, by whom."""

    waiting: list[tuple[int, Outcome]] = field(default_factory=list)
    facts: list[tuple[int, Outcome]] = field(default_factory=list)
    open: bool = True
    taken_back: set[int] = field(default_factory=set)  # who did so, of what was drawn

    @property
    def readers(self) -> set[int]:
        """Who may not read it now."""
        return {reader for reader, _ in self.waiting} | (self.taken_back if self.waiting else set())


class Readings(RuleBasedStateMachine):
    world: World
    #: Of the tasks that a history opens: by its task a reading is drawn, in the same history the same ones.
    numbers: Iterator[int]

    @classmethod
    def task_id(cls) -> UUID:
        return UUID(int=next(cls.numbers))

    @initialize(
        rate=st.sampled_from([0, 50, 100, 100]),
        seed=st.text("ab", min_size=1),
        arbiter=st.sampled_from(Arbiter),
    )
    def begin(self, rate: int, seed: str, arbiter: Arbiter) -> None:
        Readings.numbers = count(1)
        self.session = self.world.session
        self.savepoint = self.session.begin_nested()
        self.rate, self.seed, self.arbiter = rate, seed, arbiter
        rates.set_rate(
            self.session,
            self.world.story.lead,
            chapter=None,
            verifier=None,
            rate=rate,
            on_disagreement=arbiter,
            seed=seed,
        )
        self.pieces = {code: Piece() for code in states(self.session, self.world.dossier)}

    def teardown(self) -> None:
        if hasattr(self, "savepoint"):
            self.savepoint.rollback()
            self.session.expire_all()

    @precondition(lambda self: self.in_queue())
    @rule(who=PEOPLE, which=PIECES, outcome=OUTCOMES)
    def read(self, who: int, which: int, outcome: Outcome) -> None:
        """One piece that is chosen, perhaps one that was read before by the same."""
        code = self.in_queue()[which % len(self.in_queue())]
        task = self.task(code)
        piece = self.pieces[code]
        may = who not in piece.readers and not self.of_lead(piece)
        self.attempt(lambda: claims.claim(self.session, self.world.readers[who], task), may)
        if may:
            self.find(who, code, task, outcome)

    @rule(who=PEOPLE, outcome=OUTCOMES)
    def read_next_a_second_time(self, who: int, outcome: Outcome) -> None:
        queue = Queue.SECOND_READING
        task = self.attempt(lambda: claims.claim_next(self.session, self.world.readers[who], queue), True)
        for_them = [
            code
            for code, piece in self.pieces.items()
            if piece.waiting and not self.of_lead(piece) and who not in piece.readers
        ]
        assert (task is None) is (for_them == [])
        if task is not None:
            (code,) = (one for one in for_them if self.task(one) == task)
            self.find(who, code, task, outcome)

    def find(self, who: int, code: str, task: UUID, outcome: Outcome) -> None:
        file, reader = sha256(code.encode()), self.world.readers[who]
        self.attempt(lambda: give_verdict(self.session, reader, task, outcome, "Vu.", file), True)
        piece = self.pieces[code]
        if piece.waiting:
            agreed = len(piece.waiting) == 1 and piece.waiting[0][1] is outcome
            stands = agreed or len(piece.waiting) == 2
        else:
            is_drawn = bool(piece.taken_back) or drawn(self.rate, self.seed, task)
            agreed, stands = False, outcome is Outcome.COMPLEMENT or not is_drawn
        piece.waiting.append((who, outcome))
        if stands:
            self.stand(piece, piece.waiting[0] if agreed else (who, outcome))

    @precondition(lambda self: any(piece.waiting for piece in self.pieces.values()))
    @rule(which=PIECES)
    def take_back(self, which: int) -> None:
        """The reader who gave a waiting finding undoes it: only the first, and before anybody else has read."""
        waiting = [(code, piece) for code, piece in self.pieces.items() if piece.waiting]
        code, piece = waiting[which % len(waiting)]
        who, _ = piece.waiting[-1]
        task, reader = self.read_by(code, who), self.world.readers[who]
        may = len(piece.waiting) == 1
        again = self.attempt(lambda: verdicts.undo(self.session, reader, task, "Erreur."), may)
        if may:
            piece.waiting = []
            piece.taken_back.add(who)
            claims.give_back(self.session, reader, again)

    @precondition(lambda self: any(self.of_lead(piece) for piece in self.pieces.values()))
    @rule(outcome=OUTCOMES)
    def decide(self, outcome: Outcome) -> None:
        """The lead says what stands."""
        code = next(code for code, piece in self.pieces.items() if self.of_lead(piece))
        file, task = sha256(code.encode()), self.task(code)
        lead = self.world.story.lead
        self.attempt(lambda: arbitrate(self.session, lead, task, outcome, "Vu.", file), True)
        self.stand(self.pieces[code], (READERS, outcome))

    @staticmethod
    def stand(piece: Piece, finding: tuple[int, Outcome]) -> None:
        piece.facts.append(finding)
        piece.waiting = []
        piece.taken_back = set()
        piece.open = False

    @rule()
    def supply(self) -> None:
        """The editor answers what was asked for, with new versions."""
        for code, piece in self.pieces.items():
            if not piece.open and piece.facts[-1][1] is Outcome.COMPLEMENT:
                supply(self.session, self.world.story.editor, self.world.dossier, code)
                self.session.expire_all()
                piece.open = True

    # --- what must always be so ---

    @invariant()
    def every_piece_that_is_not_decided_waits_in_one_queue(self) -> None:
        if not hasattr(self, "pieces"):
            return
        open_ = sa.select(Task.code, Task.queue).where(
            Task.candidature_id == self.world.dossier.id, Task.closed_at.is_(None)
        )
        assert sorted((code or "", queue) for code, queue in self.session.execute(open_)) == sorted(
            (code, Queue.SECOND_READING if piece.waiting else Queue.PROOF_REVIEW)
            for code, piece in self.pieces.items()
            if piece.open
        )
        shown = {code: state.value for code, state in states(self.session, self.world.dossier).items()}
        assert shown == {
            code: "under_review" if piece.open else STATES[piece.facts[-1][1]]
            for code, piece in self.pieces.items()
        }

    @invariant()
    def there_is_one_fact_for_each_finding_that_stood(self) -> None:
        if not hasattr(self, "pieces"):
            return
        who: dict[UUID | None, int] = {one.account_id: place for place, one in enumerate(self.world.readers)}
        who[self.world.story.lead.account_id] = READERS
        found: dict[str, list[Any]] = {code: [] for code in self.pieces}
        rows = sa.select(Verification.proof_code, Verification.verifier_id, Verification.finding)
        for code, verifier, finding in self.session.execute(rows.order_by(Verification.id)):
            if code in found:
                found[code].append((who[verifier], FINDINGS[finding]))
        assert found == {code: piece.facts for code, piece in self.pieces.items()}

    @invariant()
    def nobody_read_a_version_twice(self) -> None:
        if not hasattr(self, "pieces"):
            return
        kept = sa.select(Reading.proof_id).where(Reading.undone_at.is_(None))
        twice = kept.group_by(Reading.proof_id, Reading.verifier_id)
        assert self.session.scalars(twice.having(sa.func.count() > 1)).all() == []

    # --- in plain Python ---

    def in_queue(self) -> list[str]:
        return [code for code, piece in self.pieces.items() if piece.open]

    def of_lead(self, piece: Piece) -> bool:
        return len(piece.waiting) == 2 and self.arbiter is Arbiter.LEAD

    def task(self, code: str) -> UUID:
        return self.session.scalars(
            sa.select(Task.id).where(
                Task.candidature_id == self.world.dossier.id, Task.code == code, Task.closed_at.is_(None)
            )
        ).one()

    def read_by(self, code: str, who: int) -> UUID:
        """The task that this reader closed with the finding that waits."""
        return self.session.scalars(
            sa.select(Task.id)
            .join(Reading, Reading.task_id == Task.id)
            .where(
                Task.candidature_id == self.world.dossier.id,
                Task.code == code,
                Reading.verifier_id == self.world.readers[who].account_id,
                Reading.verification_id.is_(None),
                Reading.undone_at.is_(None),
            )
        ).one()

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
    with db.sessions(shared, Time())() as session:
        world = World(session)
        world.build()
        yield world


def test_second_readings_keep_their_promise(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "new_id", Readings.task_id)
    play(Readings, world, few=10, steps=25)
