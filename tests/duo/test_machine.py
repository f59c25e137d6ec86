"""Bookings, moves, phases, verdicts, failures and queues together, in whatever order, on the real database.

Never an item on two tracks, never a lost verdict, never two sessions for a person at one time, leftovers all back in a
queue, and nothing under review that nobody has before them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from itertools import combinations
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
from referencing.base.models import Job
from referencing.base.permissions import Actor, Role
from referencing.candidatures.filing import operations as dossiers
from referencing.candidatures.record.models import Candidature, Item, Verdict
from referencing.candidatures.record.states import ItemState, State, Track
from referencing.candidatures.tasks.models import Queue, Task
from referencing.catalogue.models import ExpectedProof
from referencing.catalogue.proposals import ProofKind
from referencing.duo.booking import booking, moving
from referencing.duo.booking import queries as booking_queries
from referencing.duo.conduct import captures, operations, verdicts
from referencing.duo.conduct.ending import Leftovers, follow_agendas
from referencing.duo.conduct.verdicts import LiveVerdict, Notes
from referencing.duo.sessions import people, queries
from referencing.duo.sessions.models import Event, Line, LiveSession, Presence, Side
from referencing.duo.sessions.phases import BEGUN, LIVE, PENDING, Action, LineState, Phase
from referencing.duo.slots import slots
from referencing.duo.slots.models import Hold, Quarter, Slot
from referencing.duo.slots.offers import EARLY, NOTICE, quarters
from referencing.files.operations import StoredFile
from referencing.proofs.models import Proof, ProofState, Verification
from referencing.reviews.queues import claims
from referencing.reviews.queues.outcomes import Outcome
from referencing.reviews.verdicts.operations import give_verdict
from tests.builders import Asked, Story, equal, person, publish_dsr, publish_rules, supply, unheard
from tests.conftest import Time
from tests.duo.live import Live, Memory
from tests.duo.sessions.test_phases import EXPECTED
from tests.thoroughness import play

VERIFIERS = st.integers(0, 2)
ANY = st.integers(0, 99)
OFTEN = st.sampled_from([True, True, True, False])
OUTCOMES = st.sampled_from(list(Outcome))
ENDS = st.sampled_from([Action.CLOSE, Action.INTERRUPT, Action.MISS, Action.CANCEL])
FIRST = date(2026, 3, 4)


@dataclass
class World:
    """Two DUO dossiers of one software, of which the first's proofs serve the second; three verifiers."""

    session: Session
    clock: Time
    dossiers: list[Candidature] = field(default_factory=list)
    slots: list[Slot] = field(default_factory=list)
    storage: Memory = field(default_factory=Memory)

    def build(self) -> None:
        self.live = Live(self.session, self.clock, storage=self.storage)
        story: Story = self.live.story
        name = unheard()
        shown = [Asked(f"X{n}", kind=ProofKind.DEMONSTRATION, text=f"Montrer {n}.") for n in range(4)]
        for vague in (1, 2):
            publish_dsr(self.session, f"{name}-V{vague}", *shown, Asked("DOC", text=f"Écrire {vague}."))
        publish_rules(
            self.session, *(equal(f"{name}-V1:X{n}#01.01", f"{name}-V2:X{n}#01.01") for n in range(2))
        )
        software = story.solution(unheard(), unheard())
        for vague in (1, 2):
            candidature = story.draft(software, f"{name}-V{vague}", mode=Track.DUO)
            self.live.supply_written(candidature)
            story.submit(candidature)
            story.admit(candidature)
            self.dossiers.append(candidature)
        self.editors = [story.editor, person(self.session, Role.EDITOR)]
        self.verifiers = [story.verifier, *(person(self.session, Role.VERIFIER) for _ in range(2))]
        for verifier in self.verifiers:
            given = slots.Offer(FIRST, FIRST + timedelta(28), time(9), time(11), slot_minutes=30)
            offered, _ = slots.offer(self.session, verifier, given)
            of_offer = sa.select(Slot).where(Slot.availability_id == offered.id).order_by(Slot.starts_at)
            self.slots += self.session.scalars(of_offer).all()
        self.session.flush()


class Sessions(RuleBasedStateMachine):
    world: World

    @initialize(two=st.booleans(), opened=st.booleans())
    def begin(self, two: bool, opened: bool) -> None:
        self.session = self.world.session
        self.world.clock.now = Time().now
        self.savepoint = self.session.begin_nested()
        self.given: dict[UUID, Outcome] = {}
        self.replaced: set[UUID] = set()
        if two:
            slots.staff(self.session, self.world.live.lead, None, 2)
        if opened:
            self.book(1, 0, 0, hold=False)
            self.time_comes()
            self.open(0, next(who for who in range(3) if self.conducts(self.pick(0, Phase.SCHEDULED), who)))

    def teardown(self) -> None:
        if hasattr(self, "savepoint"):
            self.savepoint.rollback()
            self.session.expire_all()

    # --- what people do ---

    @rule(hours=st.sampled_from([0.25, 0.5, 1, 20, 72]))
    def time_passes(self, hours: float) -> None:
        self.world.clock.now += timedelta(hours=hours)

    @rule()
    def time_comes(self) -> None:
        """To the beginning of the next session."""
        coming = [one for one in self.sessions(Phase.SCHEDULED) if one.starts_at > self.world.clock.now]
        if coming:
            self.world.clock.now = min(one.starts_at for one in coming)

    @rule(which=ANY, editor=st.integers(0, 1), dossier=st.integers(0, 1), hold=st.booleans())
    def book(self, which: int, editor: int, dossier: int, hold: bool) -> None:
        """A slot is booked by who it is shown to, and by nobody else."""
        candidature = self.world.dossiers[dossier]
        who = self.world.editors[editor]
        shown = {
            one.slot.id
            for one in booking_queries.slots(
                self.session, who, None, 500, candidature=candidature.id, verifier=None
            )
        }
        among = sorted(shown) if which % 3 else [one.id for one in self.world.slots]
        if not among:
            return
        slot = among[which % len(among)]
        by_itself = any(one.by_itself for one in queries.showable(self.session, candidature))
        may = self.of_own_hold(candidature) if slot not in shown else True
        if hold:
            self.attempt(lambda: booking.hold(self.session, who, candidature.id, slot), may)
        else:
            something = may and (by_itself or None)  # there may be something, of another verifier's chapters
            self.attempt(lambda: booking.book(self.session, who, candidature.id, slot, None), something)

    @precondition(lambda self: self.sessions(Phase.SCHEDULED))
    @rule(which=ANY, slot=ANY, editor=OFTEN)
    def move(self, which: int, slot: int, editor: bool) -> None:
        """To a slot that is shown for it, by who is in it; the agenda and the event go with it."""
        live = self.pick(which, Phase.SCHEDULED)
        expected = {one.account_id for one in live.participants}
        editors = [one for one in self.world.editors if one.account_id in expected]
        who = editors[0] if editor else self.conductor(live)
        shown = sorted(
            one.slot.id
            for one in booking_queries.slots(
                self.session, who, None, 500, candidature=None, verifier=None, moved=live.id
            )
        )
        among = shown if slot % 3 and shown else [one.id for one in self.world.slots]
        chosen = among[slot % len(among)]
        ahead = live.starts_at - self.world.clock.now
        here, sequence, agenda = live.slot_id, live.sequence, [one.item_id for one in self.pending(live)]
        if chosen == here:
            may: bool | None = True
        elif ahead <= EARLY or (editor and ahead < NOTICE):
            may = False
        elif chosen in shown:
            may = (editor and len(editors) == 1) or None  # the others may have something else at that time
        else:
            may = self.of_own_hold(live.candidature)
        act = moving.move
        if self.attempt(lambda: act(self.session, who, live.id, chosen, live.revision), may) is not None:
            assert (live.slot_id, live.sequence) == (chosen, sequence + (chosen != here))
            assert [one.item_id for one in self.pending(live)] == agenda
            assert {one.account_id for one in editors} < {one.account_id for one in live.participants}

    def of_own_hold(self, candidature: Candidature) -> bool | None:
        """A slot that the dossier itself holds is shown to nobody, and may be booked by it: not known here."""
        held = sa.select(Hold.id).where(Hold.candidature_id == candidature.id)
        return None if self.session.scalar(held) else False

    @precondition(lambda self: self.sessions(Phase.SCHEDULED))
    @rule(which=ANY, who=ANY)
    def open(self, which: int, who: int) -> None:
        live = self.pick(which, Phase.SCHEDULED)
        who = who if who < 3 else next(one for one in range(3) if self.conducts(live, one))
        expected = self.conducts(live, who) and self.world.clock.now >= live.starts_at - timedelta(minutes=30)
        elsewhere = self.elsewhere(self.world.verifiers[who], live)
        verifier = self.world.verifiers[who]
        in_review = live.candidature.state is State.IN_REVIEW
        may = expected and not elsewhere and in_review
        self.attempt(lambda: operations.open_session(self.session, verifier, live.id), may)

    @precondition(lambda self: self.sessions(*BEGUN))
    @rule(which=ANY)
    def pause_or_resume(self, which: int) -> None:
        live = self.pick(which, *BEGUN)
        act = operations.pause if live.phase is Phase.OPEN else operations.resume
        arguments = ("",) if live.phase is Phase.OPEN else ()
        self.attempt(lambda: act(self.session, self.conductor(live), live.id, *arguments), None)

    @precondition(lambda self: self.sessions(*LIVE))
    @rule(which=ANY, leave=st.booleans())
    def come_or_go(self, which: int, leave: bool) -> None:
        live = self.pick(which, *LIVE)
        act = people.depart if leave else people.arrive
        who = self.world.editors[which % 2]
        self.attempt(lambda: act(self.session, who, live.id), None)

    @precondition(lambda self: self.sessions(*LIVE))
    @rule(
        which=ANY, how=ENDS, leftovers=st.sampled_from(Leftovers), stranger=OFTEN.map(lambda often: not often)
    )
    def end(self, which: int, how: Action, leftovers: Leftovers, stranger: bool) -> None:
        """All that was not decided is in a queue or waits for another session, and where it was said to go."""
        live = self.pick(which, *LIVE)
        who = next(one for one in range(3) if self.conducts(live, one) is not stranger)
        before, verifier = live.phase, self.world.verifiers[who]
        left = [one.item_id for one in self.pending(live)]
        if how is Action.MISS:
            came = people.came(self.session, live, Side.EDITOR)
            late = self.world.clock.now >= live.starts_at + timedelta(minutes=15)
            may = self.conducts(live, who) and (before, how) in EXPECTED and late and not came
        else:
            may = self.conducts(live, who) and (before, how) in EXPECTED
        if self.attempt(lambda: self.ended(how, verifier, live, leftovers), may) is None:
            return
        assert live.phase is EXPECTED[before, how]
        queued = {
            task.item_id: task.queue
            for task in self.session.scalars(sa.select(Task).where(Task.closed_at.is_(None)))
        }
        for item in self.session.scalars(sa.select(Item).where(Item.id.in_(left))):
            if item.id in queued:
                assert item.track is Track.ASYNC
            else:
                to_queue = leftovers is Leftovers.QUEUE and how is not Action.CANCEL
                assert not to_queue or item.state is ItemState.AWAITING
                assert item.state in {ItemState.REQUIRED, ItemState.COMPLEMENT, ItemState.AWAITING}
                assert item.track is Track.DUO
            assert item.session_id is None

    def ended(self, how: Action, verifier: Actor, live: LiveSession, leftovers: Leftovers) -> LiveSession:
        if how is Action.CANCEL:
            return operations.cancel(self.session, verifier, live.id, "Empêchement.")
        if how is Action.MISS:
            return operations.miss(self.session, verifier, live.id, Side.EDITOR, leftovers, "")
        if how is Action.CLOSE:
            return operations.close(self.session, verifier, live.id, leftovers, "Fini.", nothing_decided=True)
        return operations.interrupt(self.session, verifier, live.id, leftovers, "Fini.")

    @precondition(lambda self: self.sessions(*BEGUN))
    @rule(which=ANY, item=ANY)
    def show(self, which: int, item: int) -> None:
        live = self.pick(which, *BEGUN)
        lines = self.pending(live)
        if lines:
            code = str(lines[item % len(lines)].item_id)
            may = live.phase is Phase.OPEN
            self.attempt(lambda: verdicts.show(self.session, self.conductor(live), live.id, code), may)

    @precondition(lambda self: self.sessions(*BEGUN))
    @rule(which=ANY, item=ANY)
    def capture(self, which: int, item: int) -> None:
        live = self.pick(which, *BEGUN)
        lines = self.pending(live)
        if lines:
            code = str(lines[item % len(lines)].item_id)
            file = StoredFile("e.png", "image/png", f"{item:064x}", 1)
            who, vault = self.world.editors[0], self.world.live.vault
            act = captures.capture
            self.attempt(lambda: act(self.session, who, vault, live.id, code, [file], None), True)

    @precondition(lambda self: self.sessions(Phase.OPEN))
    @rule(which=ANY, item=ANY, outcome=OUTCOMES, recorded=OFTEN, late=OFTEN.map(lambda often: not often))
    def decide(self, which: int, item: int, outcome: Outcome, recorded: bool, late: bool) -> None:
        """For the first time, or again in the place of what was said; somebody who read it before comes too late."""
        live = self.pick(which, Phase.OPEN)
        lines = [
            one
            for one in queries.lines(self.session, live.id, *PENDING, LineState.DECIDED)
            if one.state is LineState.DECIDED or one.item.session_id == live.id
        ]
        if not lines:
            return
        line = lines[item % len(lines)]
        again = line.verdict_id
        said = LiveVerdict(outcome, "Dit.", notes=Notes(recording="r" if recorded else None))
        revision = line.revision - late
        kept = recorded or outcome is Outcome.COMPLEMENT or bool(line.captures) or line.recording
        supplied = self.session.scalar(
            sa.select(Proof.id).where(Proof.item_id == line.item_id, Proof.state == ProofState.SUBMITTED)
        )
        may = None if again else (not late and bool(kept or supplied))
        who, vault = self.conductor(live), self.world.live.vault
        decided = self.attempt(
            lambda: verdicts.decide(self.session, who, vault, live.id, str(line.item_id), revision, said),
            False if late else may,
        )
        if decided is not None:
            assert decided.verdict_id is not None
            self.given[decided.verdict_id] = outcome
            if again is not None:
                self.replaced.add(again)

    @precondition(lambda self: self.sessions(*LIVE))
    @rule(which=ANY, who=VERIFIERS, keep=st.sets(st.integers(0, 8)))
    def set_agenda(self, which: int, who: int, keep: set[int]) -> None:
        live = self.pick(which, *LIVE)
        known = [str(one.item_id) for one in self.pending(live)]
        known += [str(one.id) for one in queries.showable(self.session, live.candidature)]
        chosen = [one for place, one in enumerate(known) if place in keep]
        verifier = self.world.verifiers[who]
        may = None if self.conducts(live, who) else False
        self.attempt(
            lambda: operations.set_agenda(self.session, verifier, live.id, live.revision, chosen), may
        )

    @rule(who=VERIFIERS, outcome=OUTCOMES, queue=st.sampled_from([Queue.DUO_FOLLOW_UP, Queue.PROOF_REVIEW]))
    def read_in_a_queue(self, who: int, outcome: Outcome, queue: Queue) -> None:
        """What is in a queue is read there; where nothing was supplied, only more can be asked for."""
        verifier = self.world.verifiers[who]
        task_id = claims.claim_next(self.session, verifier, queue)
        if task_id is None:
            return
        task = self.session.get_one(Task, task_id)
        proof = self.session.scalar(
            sa.select(Proof).where(Proof.item_id == task.item_id, Proof.state == ProofState.SUBMITTED)
        )
        sha256 = proof.files[0].sha256 if proof else None
        may = proof is not None or outcome is Outcome.COMPLEMENT
        act = lambda: give_verdict(self.session, verifier, task_id, outcome, "Lu.", sha256)  # noqa: E731
        if self.attempt(act, may) is not None:
            last = sa.select(Verdict.id).where(Verdict.task_id == task_id)
            self.given[self.session.scalars(last).one()] = outcome
        else:
            claims.give_back(self.session, verifier, task_id)

    @rule(which=ANY)
    def supply(self, which: int) -> None:
        """The editor supplies what was to be shown, or what was asked for; not what is on an agenda."""
        waiting = self.session.execute(
            sa.select(Item, ExpectedProof.code)
            .join(Item.expected_proof)
            .where(Item.state.in_([ItemState.REQUIRED, ItemState.COMPLEMENT]))
            .where(Item.candidature_id.in_([one.id for one in self.world.dossiers]))
            .order_by(Item.id)
        ).all()
        if waiting:
            item, code = waiting[which % len(waiting)]
            editor, dossier = self.world.editors[0], item.candidature
            may = item.session_id is None and dossier.state is State.IN_REVIEW
            self.attempt(lambda: supply(self.session, editor, dossier, code), may)

    @rule()
    def jobs_are_done(self) -> None:
        """Whoever is in a session is told of what left it."""
        due = sa.select(Job).where(Job.task == "follow_agendas", Job.done_at.is_(None))
        for job in self.session.scalars(due).all():
            follow_agendas(self.session, **job.arguments)
            job.done_at = self.world.clock.now
        self.session.flush()
        self.session.expire_all()

    @precondition(lambda self: len(self.given) > 4)
    @rule(which=st.integers(0, 30))
    def withdraw(self, which: int) -> None:
        if which < 2 and self.world.dossiers[which].state is State.IN_REVIEW:
            dossiers.withdraw(self.session, self.world.editors[0], self.world.dossiers[which].id)
            self.session.flush()
            self.session.expire_all()

    # --- what must always be so ---

    @invariant()
    def an_item_is_on_one_track(self) -> None:
        if not hasattr(self, "given"):
            return
        open_ = set(
            self.session.scalars(
                sa.select(Task.item_id).where(Task.closed_at.is_(None), Task.item_id.is_not(None))
            )
        )
        pending = {one.item_id: one.session_id for live in self.sessions() for one in self.all_pending(live)}
        for item in self.items():
            assert not (item.id in open_ and item.session_id is not None)
            assert item.id not in open_ or item.track is Track.ASYNC
            assert item.session_id is None or (
                item.track is Track.DUO and pending[item.id] == item.session_id
            )
            if item.candidature.state is State.IN_REVIEW and item.state is ItemState.UNDER_REVIEW:
                assert item.id in open_ or item.session_id is not None, "somebody has it before them"
            if item.candidature.state is State.IN_REVIEW and item.state is ItemState.SUPPLIED:
                assert item.session_id is not None

    @invariant()
    def no_verdict_is_lost(self) -> None:
        if not hasattr(self, "given"):
            return
        found = self.session.execute(
            sa.select(Verdict.id, Verdict.finding, Verdict.undone_at, Verification.revoked_on)
            .outerjoin(Verification, Verification.id == Verdict.verification_id)
            .where(Verdict.id.in_(self.given))
        ).all()
        assert len(found) == len(self.given)
        words = {"verified": "conform", "rejected": "nonconform", "complement": "complement"}
        for verdict_id, finding, undone_at, _ in found:
            assert words[finding.value] == self.given[verdict_id].value
            assert (undone_at is not None) == (verdict_id in self.replaced)

    @invariant()
    def nobody_is_in_two_sessions_at_once(self) -> None:
        if not hasattr(self, "given"):
            return
        busy: dict[UUID, list[LiveSession]] = {}
        for live in self.sessions(*LIVE):
            for one in live.participants:
                busy.setdefault(one.account_id, []).append(live)
        for theirs in busy.values():
            for first, second in combinations(theirs, 2):
                assert first.ends_at <= second.starts_at or second.ends_at <= first.starts_at
        for live in self.sessions(Phase.SCHEDULED):
            if live.starts_at >= self.world.clock.now:
                taken = sa.select(Quarter.account_id, Quarter.starts_at).where(Quarter.session_id == live.id)
                assert {tuple(row) for row in self.session.execute(taken)} == {
                    (one.account_id, quarter)
                    for one in live.participants
                    for quarter in quarters(live.starts_at, live.ends_at)
                }
        there = sa.select(Presence.account_id).where(Presence.left_at.is_(None))
        present = self.session.scalars(there).all()
        assert len(present) == len(set(present))

    @invariant()
    def what_is_over_has_nothing_pending_and_events_have_no_gap(self) -> None:
        if not hasattr(self, "given"):
            return
        for live in self.sessions():
            assert live.phase in LIVE or not self.all_pending(live)
            told = sa.select(Event.number).where(Event.session_id == live.id).order_by(Event.number)
            assert list(self.session.scalars(told)) == list(range(1, live.last_event + 1))

    # --- in plain Python ---

    def sessions(self, *phases: Phase) -> list[LiveSession]:
        found = sa.select(LiveSession).where(
            LiveSession.candidature_id.in_([one.id for one in self.world.dossiers])
        )
        if phases:
            found = found.where(LiveSession.phase.in_(phases))
        return list(self.session.scalars(found.order_by(LiveSession.id)))

    def pick(self, which: int, *phases: Phase) -> LiveSession:
        found = self.sessions(*phases)
        return found[which % len(found)]

    def items(self) -> list[Item]:
        of_both = Item.candidature_id.in_([one.id for one in self.world.dossiers])
        return list(self.session.scalars(sa.select(Item).where(of_both)))

    def all_pending(self, live: LiveSession) -> list[Line]:
        lines = sa.select(Line).where(Line.session_id == live.id, Line.state.in_(sorted(PENDING)))
        return list(self.session.scalars(lines.order_by(Line.position)))

    def pending(self, live: LiveSession) -> list[Line]:
        """Of these, those whose item has not left the session."""
        return [one for one in self.all_pending(live) if one.item.session_id == live.id]

    def conducts(self, live: LiveSession, who: int) -> bool:
        return any(one.account_id == self.world.verifiers[who].account_id for one in live.participants)

    def conductor(self, live: LiveSession) -> Actor:
        return next(one for place, one in enumerate(self.world.verifiers) if self.conducts(live, place))

    def elsewhere(self, who: Actor, live: LiveSession) -> bool:
        there = sa.select(Presence.id).where(
            Presence.account_id == who.account_id,
            Presence.left_at.is_(None),
            Presence.session_id != live.id,
        )
        return self.session.scalar(there) is not None

    def attempt(self, act: Callable[[], Any], may: bool | None) -> Any:
        """Do it, or see it refused, as it must be when that is known; what is refused changes nothing."""
        said, refused = None, None
        try:
            with self.session.begin_nested():
                said = act()
                self.session.flush()
        except DomainError as error:
            refused = error.detail
        self.session.expire_all()
        assert may is None or (refused is None) is may, refused or "was not refused"
        return said


@pytest.fixture
def world(shared: sa.Engine) -> Iterator[World]:
    clock = Time()
    with db.sessions(shared, clock)() as session:
        world = World(session, clock)
        world.build()
        yield world


def test_sessions_and_queues_keep_their_promise(world: World) -> None:
    play(Sessions, world, few=8, steps=30)
