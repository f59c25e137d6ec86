"""Whatever is verified, certified, published, joined, parted, revoked and expires, in whatever order: what is stored is
what one finds by starting from nothing, and each dry run said what then happened.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
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
from sqlalchemy.orm import Session, selectinload

from referencing.base import db
from referencing.base.db import today
from referencing.base.errors import DomainError
from referencing.base.permissions import Role
from referencing.candidatures.record.models import Candidature, Item
from referencing.candidatures.record.states import ON_EQUIVALENCE, OPEN, ItemState, State
from referencing.candidatures.tasks.models import Queue, Task
from referencing.catalogue.models import ExpectedProof
from referencing.certificates.embedding import copies
from referencing.equivalence.engine.facts import CertificateKind, Correspondence, Policy, Relation, Reuse
from referencing.equivalence.engine.formats import resolve_case
from referencing.equivalence.grants.models import Grant, GrantState
from referencing.equivalence.rulebooks import queries as rulebooks
from referencing.equivalence.rulebooks.operations import publish_rulebook, write_rulebook
from referencing.equivalence.rulebooks.rulebooks import Rules
from referencing.identities import acceptance, separation
from referencing.proofs.models import Proof, ProofState, Verification
from referencing.reviews.queues.outcomes import Outcome
from referencing.revocations import consequences, foresight, operations, removals
from referencing.revocations.consequences import Effect
from referencing.revocations.expiries import notice_expiries
from referencing.revocations.impact import digest_of
from referencing.revocations.models import Consequence, Flag, Revocation
from referencing.solutions.models import Certificate, Identity, Software, Solution
from tests.builders import ALWAYS, VAULT, Asked, Story, perform_jobs, person, publish_dsr, states, supply
from tests.candidatures.resolution.case_export import Json, export
from tests.conftest import Time
from tests.identities.worlds import declared
from tests.revocations.worlds import reference
from tests.thoroughness import play

WHICH = st.integers(0, 7)
MOST_DOSSIERS = 6
#: The second and the third software embed the first.
EMBEDDED = {"box": "NIL-1@1"}
DMN = CertificateKind("DMN", ({"requirement": "INS.1"},))
POLICIES = (Policy({"requirement": ("INS.3",)}, Reuse.CONFIRM), ALWAYS)


def pool(session: Session) -> list[Correspondence]:
    """Rules that may be published: some end, some only overlap, one goes on from where another leads."""
    soon = today(session) + timedelta(days=4)
    said = (
        ("LGC-V1:INS.1", "LGC-V2:INS.1", Relation.EQUAL, None),
        ("LGC-V1:INS.2", "LGC-V2:INS.1", Relation.SUPERSET, soon),
        ("LGC-V1:INS.2", "LGC-V2:INS.2", Relation.INTERSECTS, None),
        ("LGC-V2:INS.1", "LGC-V2:INS.2", Relation.SUPERSET, None),
        ("LGC-V1:INS.1", "LGC-V2:INS.3", Relation.EQUAL, None),
    )
    return [
        Correspondence(f"C{number}", (source,), target, relation, None, end)
        for number, (source, target, relation, end) in enumerate(said)
    ]


@dataclass
class World:
    """Two organisations, three softwares, two DSRs, rules by which something is reused, and what is referenced so."""

    session: Session
    clock: Time
    stories: list[Story] = field(default_factory=list)
    softwares: list[tuple[Story, Solution]] = field(default_factory=list)

    def build(self) -> None:
        for dsr in ("LGC-V1", "LGC-V2"):
            publish_dsr(self.session, dsr, *(Asked(f"INS.{number}") for number in (1, 2, 3)))
        alize, brise = Story(self.session), Story(self.session, "Brise Santé")
        self.lead, self.auditor = alize.lead, person(self.session, Role.AUDITOR)
        self.softwares = [
            (story, story.solution(f"Nom {number}", f"NIL-{number}"))
            for number, story in enumerate((alize, alize, brise), start=1)
        ]
        rules = Rules(tuple(pool(self.session)[:2]), (DMN,), POLICIES)
        self.publish(rules)
        story, solution = self.softwares[0]
        story.certificate(solution, "DMN", "NIL-1", today(self.session) + timedelta(days=3))
        for dsr in ("LGC-V1", "LGC-V2"):
            reference(story, story.verified(solution, dsr))
        for other, name in self.softwares[1:]:
            other.draft(name, "LGC-V2", composition=EMBEDDED)

    def publish(self, rules: Rules) -> None:
        rulebook = write_rulebook(self.session, self.lead, "Règles", rules)
        publish_rulebook(self.session, self.lead, rulebook.id, accept_warnings=True)
        self.session.flush()


class Histories(RuleBasedStateMachine):
    world: World

    @initialize(by_jobs=st.booleans())
    def begin(self, by_jobs: bool) -> None:
        self.session, self.clock = self.world.session, self.world.clock
        self.savepoint = self.session.begin_nested()
        self.start = self.clock.now
        consequences.AT_ONCE = 0 if by_jobs else 20

    def teardown(self) -> None:
        consequences.AT_ONCE = 20
        if hasattr(self, "savepoint"):
            self.savepoint.rollback()
            self.session.expire_all()
            self.clock.now = self.start

    # --- what is done ---

    @precondition(lambda self: len(self.dossiers()) < MOST_DOSSIERS)
    @rule(which=st.integers(0, 2), dsr=st.sampled_from(["LGC-V1", "LGC-V2", "LGC-V2"]))
    def draft(self, which: int, dsr: str) -> None:
        story, solution = self.world.softwares[which]
        drafts = [dossier for dossier in self.dossiers() if dossier.state is State.DRAFT]
        if any(
            one.configuration.solution_id == solution.id and one.version.dsr.code == dsr for one in drafts
        ):
            return  # a second draft of the same is refused
        story.draft(solution, dsr, composition=EMBEDDED if which else None)

    @rule(which=WHICH, steps=st.integers(1, 5), conform=st.sampled_from([True, True, False]))
    def advance(self, which: int, steps: int, conform: bool) -> None:
        """The next things that are to be done on a dossier."""
        under_way = [one for one in self.dossiers() if one.state in OPEN]
        if not under_way:
            return
        dossier = self.one_of(under_way, which)
        for _ in range(steps):
            if dossier.state in OPEN:
                self.attempt(lambda: self.step(dossier, conform))
                perform_jobs(self.session)

    def step(self, dossier: Candidature, conform: bool) -> None:
        story = self.story_of(dossier)
        if dossier.state is State.DRAFT:
            self.supply(dossier)
            story.submit(dossier)
        elif dossier.state is State.SUBMITTED:
            story.admit(dossier)
        elif dossier.state is State.DELIBERATION:
            reference(story, dossier)
        else:
            self.supply(dossier)
            outcome = Outcome.CONFORM if conform else Outcome.NONCONFORM
            open_ones = sa.select(Task.code, Task.queue).where(
                Task.candidature_id == dossier.id, Task.closed_at.is_(None)
            )
            for code, queue in self.session.execute(open_ones.order_by(Task.id)).all():
                waits = ItemState.TO_CONFIRM if queue is Queue.EQUIVALENCE else ItemState.UNDER_REVIEW
                if code and states(self.session, dossier)[code] is waits:
                    story.find(dossier, code, outcome)

    def supply(self, dossier: Candidature) -> None:
        for code, state in states(self.session, dossier).items():
            if state in {ItemState.REQUIRED, ItemState.COMPLEMENT}:
                supply(self.session, self.story_of(dossier).editor, dossier, code)
        self.session.flush()
        self.session.expire_all()

    @rule(which=st.integers(0, 2), days=st.none() | st.integers(1, 5))
    def certificate(self, which: int, days: int | None) -> None:
        story, solution = self.world.softwares[which]
        until = None if days is None else today(self.session) + timedelta(days=days)
        story.certificate(solution, "DMN", f"NIL-{which + 1}", until)

    @rule(which=WHICH, by=st.integers(1, 2))
    def embed(self, which: int, by: int) -> None:
        first, other = self.world.softwares[0][1], self.world.softwares[by][1]
        held = sa.select(Certificate.id).where(Certificate.software_id == first.software_id)
        original = self.one_of(self.session.scalars(held.order_by(Certificate.id)).all(), which)
        words = (original, other.software_id, EMBEDDED["box"])
        self.attempt(lambda: copies.embed(self.session, self.world.lead, *words))
        self.next_request()

    @rule(which=WHICH)
    def publish_one_more(self, which: int) -> None:
        rules = self.in_force()
        known = {one.id for one in rules.correspondences}
        more = self.one_of(pool(self.session), which)
        kinds = rules.certificate_kinds or (DMN,)
        if more.id not in known:
            self.world.publish(Rules((*rules.correspondences, more), kinds, POLICIES))

    @precondition(lambda self: self.standing_facts())
    @rule(which=WHICH)
    def revoke_a_fact(self, which: int) -> None:
        kind, fact = self.one_of(self.standing_facts(), which)
        known = self.revocations()
        asked = operations.what_if_revoked(self.session, self.world.auditor, kind, fact, "Audit.")
        operations.revoke(self.session, self.world.auditor, kind, fact, "Audit.", digest_of(asked))
        self.came_true(asked, known)

    @precondition(lambda self: self.in_force().correspondences)
    @rule(which=WHICH)
    def strike_a_rule(self, which: int) -> None:
        rules = self.in_force()
        entry = self.one_of([*rules.correspondences, *rules.certificate_kinds], which)
        rulebook = rulebooks.in_force(self.session)
        assert rulebook is not None
        name = entry.id if isinstance(entry, Correspondence) else entry.kind
        words = (self.session, self.world.lead, rulebook.id, type(entry), name, "Fausse.")
        known = self.revocations()
        asked = removals.what_if_rule_revoked(*words)
        removals.revoke_rule(*words, digest_of(asked))
        self.came_true(asked, known)

    @rule(pair=st.sampled_from([(0, 1), (0, 2), (1, 2)]))
    def join(self, pair: tuple[int, int]) -> None:
        (one, ours), (other, theirs) = (self.world.softwares[which] for which in pair)
        if self.attempt(lambda: declared(one, ours, theirs)) is None:
            return  # declared before
        if one is not other:
            declared(other, theirs, ours)
        first = self.declaration_of(ours.software_id, theirs.software_id)
        before = self.item_states()
        asked = acceptance.what_if_accepted(self.session, self.world.lead, VAULT, first)
        acceptance.accept(self.session, self.world.lead, VAULT, first)
        self.next_request()
        foreseen = {one.item: one.state for one in asked}
        assert self.item_states() == {**before, **foreseen}

    def declaration_of(self, software: UUID, other: UUID) -> UUID:
        from referencing.identities.models import Declaration  # noqa: PLC0415

        return self.session.scalars(
            sa.select(Declaration.id).where(
                Declaration.software_id == software,
                Declaration.other_id == other,
                Declaration.ended_at.is_(None),
            )
        ).one()

    @precondition(lambda self: self.identities())
    @rule(which=WHICH)
    def part(self, which: int) -> None:
        identity = self.one_of(self.identities(), which).id
        known = self.revocations()
        asked = separation.what_if_revoked(self.session, self.world.auditor, identity, "Audit.")
        separation.revoke_identity(self.session, self.world.auditor, identity, "Audit.", digest_of(asked))
        self.came_true(asked, known)

    @rule(days=st.integers(1, 3))
    def days_pass(self, days: int) -> None:
        """What expires was foreseen, day by day."""
        foreseen = self.foreseen(today(self.session) + timedelta(days=days))
        known = self.revocations()
        for _ in range(days):
            self.day_passes()
        assert self.foreseen_of(known) == foreseen

    def foreseen(self, until: date) -> Mapping[str, list[Effect]]:
        """Each end that touches something, and what it does; asked of one, it is told with that of what repeats it."""
        cores = foresight.expiries(self.session, self.world.auditor, until, None, 500)
        ends = [one for core in cores for one in core.expiries]
        for one in ends:
            if one.certificate is not None:
                alone = foresight.what_if_expired(self.session, self.world.auditor, one.certificate)
                assert [effect for effect in alone.effects if effect in one.effects] == one.effects
        return _told((one.certificate, one.correspondence, one.effects) for one in ends)

    def foreseen_of(self, known: Collection[UUID]) -> Mapping[str, list[Effect]]:
        """The same of what expired since."""
        new = self.session.scalars(
            sa.select(Revocation).where(Revocation.id.not_in(known), Revocation.verification_id.is_(None))
        )
        rows = sa.select(Consequence).order_by(Consequence.id)
        return _told(
            (
                one.certificate_id,
                one.rule["id"] if one.rule else None,
                [
                    Effect.of(row)
                    for row in self.session.scalars(rows.where(Consequence.revocation_id == one.id))
                ],
            )
            for one in new
        )

    def day_passes(self) -> None:
        self.clock.pass_days(1)
        notice_expiries(self.session)
        # Every dossier is resolved on each new day too: what begins is noticed like this.
        from referencing.candidatures.api.tasks import resolve_open_candidatures  # noqa: PLC0415

        resolve_open_candidatures(self.session)
        self.next_request()

    def came_true(self, asked: Sequence[Effect], known: Collection[UUID]) -> None:
        """What was foreseen is what is kept of the revocations since, once their jobs are done."""
        self.next_request()
        rows = self.session.scalars(sa.select(Consequence).where(Consequence.revocation_id.not_in(known)))
        happened = [Effect.of(row) for row in rows]
        assert sorted(asked, key=_by_item) == sorted(happened, key=_by_item)

    def revocations(self) -> Collection[UUID]:
        return {*self.session.scalars(sa.select(Revocation.id))}

    # --- what must always be so ---

    @invariant()
    def a_core_is_what_identities_join(self) -> None:
        if not hasattr(self, "savepoint"):
            return
        cores = self.components()
        stored = self.session.execute(sa.select(Software.id, Software.core_id))
        assert {software: core for software, core in stored} == cores  # noqa: C416 - rows, not pairs

    @invariant()
    def what_is_stored_is_what_one_finds_from_nothing(self) -> None:
        if not hasattr(self, "savepoint"):
            return
        perform_jobs(self.session)
        for dossier in self.dossiers():
            if dossier.state in OPEN:
                self.check_open(dossier)
            elif dossier.state is State.REFERENCED:
                self.check_listed(dossier)

    def check_open(self, dossier: Candidature) -> None:
        case = self.case(dossier)
        found = _answers(case)
        refused = self.refused(dossier)
        for item, code in self.items(dossier):
            if item.state not in ON_EQUIVALENCE:
                continue
            grant = self.grant(item.grant_id)
            if grant is not None and grant.state is GrantState.CONFIRMED:
                assert item.state is ItemState.COVERED
                assert _alone(case, _sources(grant))[code]["status"] in {"covered", "to_confirm"}
                continue
            expected = found[code]
            without: set[str] = set()
            while expected["status"] == "to_confirm" and any(
                those <= set(expected["facts"]) for those in refused[code]
            ):
                without |= set(expected["facts"])
                kept = [fact for fact in case["facts"] if fact["id"] not in without]
                expected = _answers({**case, "facts": kept})[code]
            assert (code, item.state.value) == (code, expected["status"])
            if expected["status"] in {"covered", "to_confirm"}:
                assert grant is not None
                assert grant.derivation == expected["derivation"]
                assert _sources(grant) == set(expected["facts"])
                assert {source.core_id for source in grant.sources} == {dossier.core_id}
            else:
                assert grant is None or grant.state is GrantState.REFUSED

    def check_listed(self, dossier: Candidature) -> None:
        """What no longer stands, under an item of a referenced solution, was flagged."""
        case = self.case(dossier)
        found = _answers(case)
        for item, code in self.items(dossier):
            if found[code]["status"] == "covered" or self.supported(case, item, code):
                continue
            flags = sa.select(sa.func.count(Flag.id)).where(Flag.item_id == item.id)
            assert (code, self.session.scalar(flags)) != (code, 0)

    def supported(self, case: Json, item: Item, code: str) -> bool:
        grant = self.grant(item.grant_id)
        if item.state is ItemState.COVERED and grant is not None:
            status = _alone(case, _sources(grant))[code]["status"]
            return status == "covered" or (status, grant.state) == ("to_confirm", GrantState.CONFIRMED)
        if item.state is not ItemState.CONFORM:
            return True
        own = (
            sa.select(Verification.revoked_on)
            .join(Verification.proof)
            .where(Proof.item_id == item.id, Proof.state == ProofState.DECIDED)
            .order_by(Verification.id.desc())
            .limit(1)
        )
        return self.session.scalar(own) is None

    # --- in plain Python ---

    def one_of(self, those: Sequence[Any], which: int) -> Any:
        return those[which % len(those)]

    def dossiers(self) -> Sequence[Candidature]:
        return self.session.scalars(sa.select(Candidature).order_by(Candidature.id)).all()

    def story_of(self, dossier: Candidature) -> Story:
        return next(
            story for story, solution in self.world.softwares if solution.software_id == dossier.software_id
        )

    def items(self, dossier: Candidature) -> Sequence[tuple[Item, str]]:
        return [
            (item, code)
            for item, code in self.session.execute(
                sa.select(Item, ExpectedProof.code)
                .join(Item.expected_proof)
                .where(Item.candidature_id == dossier.id)
                .order_by(Item.position)
            )
        ]

    def item_states(self) -> Mapping[UUID, ItemState]:
        return dict(list(self.session.execute(sa.select(Item.id, Item.state))))

    def grant(self, grant_id: UUID | None) -> Grant | None:
        return self.session.scalar(
            sa.select(Grant).where(Grant.id == grant_id).options(selectinload(Grant.sources))
        )

    def refused(self, dossier: Candidature) -> Mapping[str, list[set[str]]]:
        select = sa.select(Grant).where(Grant.candidature_id == dossier.id, Grant.state == GrantState.REFUSED)
        found: dict[str, list[set[str]]] = defaultdict(list)
        for grant in self.session.scalars(select.options(selectinload(Grant.sources))):
            found[grant.proof_code].append(_sources(grant))
        return found

    def in_force(self) -> Rules:
        rulebook = rulebooks.in_force(self.session)
        assert rulebook is not None
        return rulebooks.rules_of(rulebook)

    def standing_facts(self) -> Sequence[tuple[type[Verification] | type[Certificate], UUID]]:
        return [
            (kind, fact)
            for kind in (Verification, Certificate)
            for fact in self.session.scalars(
                sa.select(kind.id).where(kind.revoked_on.is_(None)).order_by(kind.id)
            )
        ]

    def identities(self) -> Sequence[Identity]:
        standing = sa.select(Identity).where(Identity.withdrawn_at.is_(None)).order_by(Identity.id)
        return self.session.scalars(standing).all()

    def components(self) -> dict[UUID, UUID]:
        """By walking from each software wherever identities lead."""
        joined: dict[UUID, set[UUID]] = defaultdict(set)
        for one in self.identities():
            joined[one.first_id].add(one.second_id)
            joined[one.second_id].add(one.first_id)
        found = {}
        for software in self.session.scalars(sa.select(Software.id)):
            reached, waiting = {software}, [software]
            while waiting:
                for other in joined[waiting.pop()] - reached:
                    reached.add(other)
                    waiting.append(other)
            found[software] = min(reached)
        return found

    def case(self, dossier: Candidature) -> Json:
        """The rows as a case in which softwares of one core are one product, with the certificates that it has."""
        case = export(self.session, dossier.id, today(self.session).isoformat())
        core = {str(software): str(its) for software, its in self.components().items()}
        others = {
            str(certificate)
            for certificate, software in self.session.execute(
                sa.select(Certificate.id, Certificate.software_id)
            )
            if core[str(software)] != core[str(dossier.software_id)]
        }
        target = {**case["target"], "product": core[case["target"]["product"]]}
        facts = [
            {**fact, **{key: core.get(fact[key], fact[key]) for key in ("product", "holder") if key in fact}}
            for fact in case["facts"]
            if fact["id"] not in others
        ]
        return {**case, "target": target, "facts": facts}

    def attempt(self, act: Callable[[], Any]) -> Any:
        """Do it, unless it is refused; what is refused changes nothing."""
        said = None
        try:
            with self.session.begin_nested():
                said = act()
        except DomainError:
            pass
        self.session.expire_all()
        return said

    def next_request(self) -> None:
        self.session.flush()
        perform_jobs(self.session)


def _told(ends: Iterable[tuple[UUID | None, str | None, Sequence[Effect]]]) -> Mapping[str, list[Effect]]:
    """By what ends: a rule is foreseen core by core, and noticed once for all."""
    told: dict[str, list[Effect]] = defaultdict(list)
    for certificate, correspondence, effects in ends:
        told[str(certificate or correspondence)] += effects
    return {what: sorted(effects, key=_by_item) for what, effects in told.items() if effects}


def _by_item(effect: Effect) -> UUID:
    return effect.item


def _sources(grant: Grant) -> set[str]:
    return {str(source.verification_id or source.certificate_id) for source in grant.sources}


def _answers(case: Json) -> Mapping[str, Json]:
    return {item["proof"]: item for item in resolve_case(case)["items"]}


def _alone(case: Json, facts: set[str]) -> Mapping[str, Json]:
    return _answers({**case, "facts": [fact for fact in case["facts"] if fact["id"] in facts]})


@pytest.fixture
def world(shared: sa.Engine) -> Iterator[World]:
    clock = Time()
    with db.sessions(shared, clock)() as session:
        world = World(session, clock)
        world.build()
        yield world


def test_what_is_stored_is_what_counts(world: World) -> None:
    play(Histories, world, few=6, steps=15)
