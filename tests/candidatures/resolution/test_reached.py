"""What changed facts reach is all that has to be resolved again: histories of a software with many open dossiers.

After each step, everything is resolved again from nothing: how each item stands, and on what, is as it was stored.
"""

import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy.orm import Session

from referencing.base.errors import DomainError
from referencing.candidatures.filing import supplying
from referencing.candidatures.record.models import Candidature, Item, ItemStanding
from referencing.candidatures.record.states import OPEN, ItemState, State
from referencing.candidatures.resolution.resolution import resolve_core
from referencing.candidatures.tasks.models import Task
from referencing.catalogue.models import ExpectedProof
from referencing.catalogue.proposals import Guichet
from referencing.equivalence.engine.facts import CertificateKind, Policy, Relation, Reuse
from referencing.equivalence.engine.knowledge import Changed
from referencing.equivalence.grants.models import Grant, GrantSource
from referencing.proofs.models import Finding, Verification
from referencing.reviews.queues.claims import claim
from referencing.reviews.queues.outcomes import Outcome, TaskOutcome
from referencing.reviews.verdicts.operations import give_verdict
from referencing.reviews.verdicts.verdicts import undo
from referencing.revocations.operations import revoke, what_if_revoked
from referencing.solutions.models import Certificate, Solution
from tests.builders import Asked, Story, equal, perform_jobs, publish_dsr, publish_rules, supply
from tests.conftest import Time
from tests.revocations.worlds import confirmed
from tests.thoroughness import play

DSRS = ("LGC-V1", "LGC-V2", "DPI-V2")
NEVER_OF_THE_WITHDRAWN = Policy({"standing": ("withdrawn",)}, Reuse.NEVER)
OLD = 3  # days
RULES = (
    equal("LGC-V1:R1", "LGC-V2:R1"),
    equal(("LGC-V1:R2", "LGC-V1:R3"), "LGC-V2:R2", Relation.SUPERSET),
    equal("LGC-V2:R1", "DPI-V2:R1"),
    equal("LGC-V1:R3", "DPI-V2:R2", Relation.SUBSET),
    equal(("DPI-V2:R1", "LGC-V2:R2"), "DPI-V2:R3"),
    equal("LGC-V2:R3", "LGC-V1:R3", Relation.INTERSECTS),
)
POLICIES = (
    NEVER_OF_THE_WITHDRAWN,
    Policy({"guichet": ("EDC_PSC",)}, Reuse.CONFIRM),
    Policy({"vague": ("1",)}, Reuse.AUTO, max_age_days=OLD),
    Policy({}, Reuse.AUTO),
)
KINDS = (
    CertificateKind("DMP", ({"requirement": "R4"},)),
    CertificateKind("STLC", ({"dsr": "LGC-V1", "requirement": "R3"},)),
)
OUTCOMES = [*(Outcome.CONFORM,) * 4, Outcome.NONCONFORM, Outcome.COMPLEMENT]
which = st.integers(0, 10_000)


def publish(session: Session) -> None:
    asked = (
        Asked("R1", roles=["mss"]),
        Asked("R2", guichet=Guichet.EDC_PSC),
        Asked("R3", ["01.01", "01.02"]),
        Asked("R4", socle="S4"),
    )
    for dsr in DSRS:
        publish_dsr(session, dsr, *asked)
    publish_rules(session, *RULES, policies=POLICIES, kinds=KINDS)


class Histories(RuleBasedStateMachine):
    world: ClassVar[tuple[Session, Time, Story, Sequence[Solution]]]

    @initialize()
    def begin(self) -> None:
        self.session, self.time, self.story, self.solutions = self.world
        self.start = self.time.now
        self.savepoint = self.session.begin_nested()
        for number, dsr in enumerate(DSRS * 2):
            self.draft(number, dsr, mss=number % 2 == 0)

    def teardown(self) -> None:
        if hasattr(self, "savepoint"):
            self.savepoint.rollback()
            self.session.expire_all()
            self.time.now = self.start

    @rule(solution=which, dsr=st.sampled_from(DSRS), mss=st.booleans())
    def draft(self, solution: int, dsr: str, *, mss: bool) -> None:
        chosen = self.solutions[solution % len(self.solutions)]
        composition = {"mss": "MSS-1"} if mss else {}
        self.attempt(lambda: self.story.draft(chosen, dsr, composition=composition))

    @rule(dossier=which, number=which)
    def supply_one(self, dossier: int, number: int) -> None:
        self.at_item(dossier, number, lambda one, code: supply(self.session, self.story.editor, one, code))

    @rule(dossier=which)
    def file(self, dossier: int) -> None:
        """A file for each item that asks for one, then the submission, and the agency takes it in."""
        chosen = self.chosen(dossier, State.DRAFT, State.INCOMPLETE)
        if chosen is not None:
            self.attempt(lambda: self.filed(chosen))

    @rule(dossier=which, number=which)
    def claim_that_it_does_not_apply(self, dossier: int, number: int) -> None:
        editor = self.story.editor
        self.at_item(
            dossier,
            number,
            lambda one, code: supplying.claim_not_applicable(
                self.session, editor, one.id, code, "Sans objet."
            ),
        )

    @rule(dossier=which, number=which)
    def take_the_claim_back(self, dossier: int, number: int) -> None:
        editor = self.story.editor
        self.at_item(
            dossier,
            number,
            lambda one, code: supplying.take_claim_back(self.session, editor, one.id, code),
        )

    @rule(task=which, outcome=st.sampled_from(OUTCOMES))
    def give_a_verdict(self, task: int, outcome: Outcome) -> None:
        waiting = sa.select(Task).where(Task.item_id.is_not(None), Task.closed_at.is_(None))
        chosen = self.one_of(self.session.scalars(waiting.order_by(Task.id)).all(), task)
        if chosen is not None:
            self.attempt(lambda: self.found(chosen, outcome))

    @rule(task=which, outcome=st.sampled_from(OUTCOMES))
    def give_another_verdict(self, task: int, outcome: Outcome) -> None:
        self.give_a_verdict(task, outcome)

    @rule()
    def undo_the_last_verdict(self) -> None:
        closed = sa.select(Task.id).where(Task.closed_by == self.story.verifier.account_id)
        last = self.session.scalar(closed.order_by(Task.closed_at.desc(), Task.id.desc()).limit(1))
        if last is not None:
            self.attempt(lambda: undo(self.session, self.story.verifier, last, "Erreur."))

    @rule(dossier=which, number=which)
    def send_back(self, dossier: int, number: int) -> None:
        chosen = self.chosen(dossier, State.DELIBERATION)
        if chosen is not None:
            code = self.one_of(self.codes(chosen), number)
            self.attempt(lambda: self.story.send_back(chosen, code))

    @rule(dossier=which)
    def withdraw(self, dossier: int) -> None:
        chosen = self.chosen(dossier, *OPEN)
        if chosen is not None and len(self.dossiers(*OPEN)) > 3:
            self.attempt(lambda: self.story.withdraw(chosen))

    @rule(fact=which)
    def revoke_a_finding(self, fact: int) -> None:
        standing = sa.select(Verification.id).where(
            Verification.revoked_on.is_(None), Verification.finding == Finding.VERIFIED
        )
        chosen = self.one_of(self.session.scalars(standing.order_by(Verification.id)).all(), fact)
        if chosen is not None:
            self.attempt(lambda: self.revoke(Verification, chosen))
            perform_jobs(self.session)

    def revoke(self, kind: type[Verification] | type[Certificate], fact: UUID) -> None:
        confirmed(revoke, what_if_revoked, self.session, self.story.lead, kind, fact, "Faux.")

    @rule(kind=st.sampled_from(["DMP", "STLC"]))
    def enter_a_certificate(self, kind: str) -> None:
        until = self.time.now.date().replace(year=2030)
        self.attempt(lambda: self.story.certificate(self.solutions[0], kind, until=until))
        perform_jobs(self.session)

    @rule(fact=which)
    def revoke_a_certificate(self, fact: int) -> None:
        standing = sa.select(Certificate.id).where(Certificate.revoked_on.is_(None))
        chosen = self.one_of(self.session.scalars(standing.order_by(Certificate.id)).all(), fact)
        if chosen is not None:
            self.attempt(lambda: self.revoke(Certificate, chosen))
            perform_jobs(self.session)

    @rule()
    def a_day_passes(self) -> None:
        """What has become too old is noticed with the next fact that changes, whatever it reaches."""
        self.time.pass_days(1)
        self.nothing_is_reached()

    @rule()
    def other_rules_are_published(self) -> None:
        """They are followed with the next fact that changes, whatever it reaches."""
        publish_rules(
            self.session, *RULES[: len(self.dossiers()) % len(RULES)], policies=POLICIES, kinds=KINDS
        )
        self.nothing_is_reached()

    @rule(some=which)
    def other_rules_are_published_and_followed(self, some: int) -> None:
        """Jobs follow them: without a change where they change nothing."""
        rules = [each for number, each in enumerate(RULES) if some >> number & 1]
        publish_rules(self.session, *rules, policies=POLICIES, kinds=KINDS[: 1 + some % 2])
        perform_jobs(self.session)

    def nothing_is_reached(self) -> None:
        resolve_core(self.session, self.solutions[0].software.core_id, changed=Changed())
        self.session.flush()
        self.session.expire_all()

    # --- what must always be so ---

    @invariant()
    def what_is_stored_is_what_one_finds_from_nothing(self) -> None:
        if not hasattr(self, "savepoint"):
            return
        stored = self.stored()
        with self.session.begin_nested() as tried:
            resolve_core(self.session, self.solutions[0].software.core_id)
            self.session.flush()
            anew = self.stored()
            tried.rollback()
        self.session.expire_all()
        assert stored == anew

    def stored(self) -> dict[Any, Any]:
        """How each item of an open dossier stands, and on what; its work in the queues, and how its dossier stands."""
        rows = self.session.execute(
            sa.select(
                Item.id,
                ExpectedProof.code,
                Candidature.state,
                Item.state,
                Grant.state,
                Grant.derivation,
                ItemStanding.state,
                ItemStanding.answer,
                sa.select(
                    sa.func.array_agg(
                        sa.func.coalesce(GrantSource.verification_id, GrantSource.certificate_id)
                    )
                )
                .where(GrantSource.grant_id == Grant.id)
                .scalar_subquery(),
                sa.select(sa.func.array_agg(Task.queue))
                .where(Task.item_id == Item.id, Task.closed_at.is_(None))
                .scalar_subquery(),
            )
            .join(Item.candidature)
            .join(Item.expected_proof)
            .join(ItemStanding, sa.and_(ItemStanding.item_id == Item.id, ItemStanding.ended_at.is_(None)))
            .outerjoin(Grant, Grant.id == Item.grant_id)
            .where(Candidature.state.in_(sorted(OPEN)))
        )
        return {row[0]: (*row[1:8], *(sorted(several or ()) for several in row[8:])) for row in rows}

    # --- in plain Python ---

    def attempt(self, act: Callable[[], object]) -> None:
        """Do it, or see it refused; what is refused changes nothing."""
        with suppress(DomainError), self.session.begin_nested():
            act()
            self.session.flush()
        self.session.expire_all()

    def filed(self, dossier: Candidature) -> None:
        for item, code in self.items(dossier):
            if item.state in {ItemState.REQUIRED, ItemState.COMPLEMENT}:
                supply(self.session, self.story.editor, dossier, code)
        self.story.submit(dossier)
        self.story.admit(dossier)

    def found(self, task: Task, outcome: Outcome) -> None:
        claim(self.session, self.story.verifier, task.id)
        sha256 = hashlib.sha256(str(task.code).encode()).hexdigest()
        claimed = task.item is not None and task.item.reason is not None and outcome is Outcome.CONFORM
        said = TaskOutcome.NOT_APPLICABLE if claimed else outcome
        give_verdict(self.session, self.story.verifier, task.id, said, "Vu.", sha256)

    def at_item(self, dossier: int, number: int, act: Callable[[Candidature, str], object]) -> None:
        chosen = self.chosen(dossier, *OPEN)
        if chosen is not None:
            code = self.one_of(self.codes(chosen), number)
            self.attempt(lambda: act(chosen, code))

    def chosen(self, dossier: int, *states: State) -> Candidature | None:
        candidature: Candidature | None = self.one_of(self.dossiers(*states), dossier)
        return candidature

    def dossiers(self, *states: State) -> Sequence[Candidature]:
        every = sa.select(Candidature).order_by(Candidature.id)
        return self.session.scalars(every.where(Candidature.state.in_(states)) if states else every).all()

    def items(self, dossier: Candidature) -> Sequence[Any]:
        return self.session.execute(
            sa.select(Item, ExpectedProof.code)
            .join(Item.expected_proof)
            .where(Item.candidature_id == dossier.id)
            .order_by(Item.position)
        ).all()

    def codes(self, dossier: Candidature) -> list[str]:
        return [code for _, code in self.items(dossier)]

    def one_of(self, those: Sequence[Any], number: int) -> Any:
        return those[number % len(those)] if those else None


def test_what_is_stored_is_what_one_finds_from_nothing(scratch: Session, time: Time) -> None:
    publish(scratch)
    story = Story(scratch)
    first = story.solution()
    solutions = [first, story.solution("Beta", on=first), story.solution("Gamma", on=first)]
    play(Histories, (scratch, time, story, solutions), few=6, steps=25)
