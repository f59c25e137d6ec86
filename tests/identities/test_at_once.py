"""What is done while two softwares are being joined or parted finds the core that they then have."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from time import sleep
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from referencing.base import db
from referencing.base.errors import Conflict, DomainError
from referencing.base.permissions import Actor, Role
from referencing.candidatures.filing import operations as candidatures
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.record.states import ItemState, Track
from referencing.equivalence.engine.facts import Relation
from referencing.identities.acceptance import accept
from referencing.identities.models import Declaration
from referencing.identities.separation import revoke_identity, what_if_revoked
from referencing.proofs.models import Verification
from referencing.reviews.queues.claims import claim
from referencing.reviews.queues.outcomes import Outcome
from referencing.reviews.verdicts.operations import give_verdict
from referencing.revocations import operations
from referencing.solutions.models import Identity, Solution
from tests.builders import (
    VAULT,
    Asked,
    Story,
    equal,
    person,
    publish_dsr,
    publish_rules,
    state,
    verification_of,
)
from tests.conftest import parts
from tests.identities.worlds import accepted, declared
from tests.revocations.worlds import confirmed

OLD, NEW = "LGC-V1:INS.1#01.01", "LGC-V2:INS.1#01.01"


class World:
    """What Alizé had verified could serve Brise; both have declared."""

    def __init__(self, sessions: db.Sessions, relation: Relation = Relation.EQUAL) -> None:
        self.sessions = sessions
        with db.transaction(sessions) as session:
            publish_dsr(session, "LGC-V1", Asked("INS.1"))
            publish_dsr(session, "LGC-V2", Asked("INS.1"))
            publish_rules(session, equal("LGC-V1:INS.1", "LGC-V2:INS.1", relation))
            self.alize, self.brise = Story(session), Story(session, "Brise Santé")
            self.ours, self.theirs = self.alize.solution(), self.brise.solution("Zéphyr", "NIL-2")
            self.alize.verified(self.ours, "LGC-V1")
            self.auditor: Actor = person(session, Role.AUDITOR)
            for one in (self.ours, self.theirs):  # read in transactions to come
                session.refresh(one)

    def declared(self) -> UUID:
        with db.transaction(self.sessions) as session:
            self.alize.session = self.brise.session = session
            first = declared(self.alize, self.ours, self.theirs).id
            declared(self.brise, self.theirs, self.ours)
        return first

    def draft(self) -> UUID:
        with db.transaction(self.sessions) as session:
            return candidatures.draft(
                session,
                self.brise.editor,
                dsr="LGC-V2",
                solution=self.theirs.id,
                software_version="1.0",
                composition=[],
                profiles=[],
                mode=Track.ASYNC,
            ).id

    def state(self, dossier: UUID) -> ItemState:
        with db.transaction(self.sessions) as session:
            return state(session, session.get_one(Candidature, dossier))


@contextmanager
def meanwhile(sessions: db.Sessions, act: Callable[[], Any]) -> Iterator[tuple[Session, Callable[[], Any]]]:
    """A transaction that is held while another thread begins `act`, and what that thread answers afterwards."""
    with ThreadPoolExecutor(1) as threads:
        with db.transaction(sessions) as session:
            waiting = []

            def begin() -> None:
                waiting.append(threads.submit(act))
                sleep(0.5)
                assert not waiting[0].done()

            yield session, begin
        waiting[0].result()


@pytest.fixture
def world(app: Flask) -> World:
    return World(parts(app).sessions)


def test_a_dossier_drafted_meanwhile_has_what_both_have(world: World) -> None:
    declaration = world.declared()
    drafted: list[UUID] = []
    with meanwhile(world.sessions, lambda: drafted.append(world.draft())) as (session, begin):
        accept(session, world.alize.lead, VAULT, declaration)
        begin()
    assert world.state(drafted[0]) is ItemState.COVERED


def test_what_is_supplied_meanwhile_is_of_the_core_that_is_then(world: World) -> None:
    declaration, dossier = world.declared(), world.draft()

    def submit() -> None:
        with db.transaction(world.sessions) as session:
            candidatures.submit(session, world.brise.editor, dossier, incomplete=True)

    with meanwhile(world.sessions, submit) as (session, begin):
        accept(session, world.alize.lead, VAULT, declaration)
        begin()
    assert world.state(dossier) is ItemState.COVERED


def test_accepted_twice_at_once_it_is_accepted_once(world: World) -> None:
    declaration = world.declared()
    refusals: list[DomainError] = []

    def again() -> None:
        try:
            with db.transaction(world.sessions) as session:
                accept(session, world.alize.lead, VAULT, declaration)
        except DomainError as error:
            refusals.append(error)

    with meanwhile(world.sessions, again) as (session, begin):
        accept(session, world.alize.lead, VAULT, declaration)
        begin()
    assert len(refusals) == 1
    with db.transaction(world.sessions) as session:
        assert session.scalar(sa.select(sa.func.count(Identity.id))) == 1


def test_a_reuse_that_a_verifier_confirms_while_the_softwares_part_is_not_confirmed(app: Flask) -> None:
    world = World(parts(app).sessions, Relation.INTERSECTS)
    with db.transaction(world.sessions) as session:
        world.alize.session = world.brise.session = session
        identity = accepted(world.alize.lead, (world.alize, world.ours), (world.brise, world.theirs)).id
        theirs = session.get_one(Solution, world.theirs.id)
        dossier = world.brise.in_review(theirs, "LGC-V2")
        assert state(session, dossier) is ItemState.TO_CONFIRM
        (task,) = session.scalars(sa.text("SELECT id FROM task WHERE closed_at IS NULL"))
        claim(session, world.brise.verifier, task)
    refused: list[Conflict] = []

    def confirm() -> None:
        try:
            with db.transaction(world.sessions) as session:
                give_verdict(session, world.brise.verifier, task, Outcome.CONFORM, "Vu.", None)
        except Conflict as error:
            refused.append(error)

    with meanwhile(world.sessions, confirm) as (session, begin):
        confirmed(revoke_identity, what_if_revoked, session, world.auditor, identity, "Audit.")
        begin()
    assert len(refused) == 1
    assert world.state(dossier.id) is ItemState.REQUIRED


def test_declared_twice_at_once_it_is_declared_once(world: World) -> None:
    refusals: list[Exception] = []

    def again() -> None:
        try:
            world.declared()
        except (DomainError, sa.exc.IntegrityError) as error:
            refusals.append(error)

    with meanwhile(world.sessions, again) as (session, begin):
        world.alize.session = session
        declared(world.alize, world.ours, world.theirs)
        begin()
    assert len(refusals) == 1
    with db.transaction(world.sessions) as session:
        assert session.scalar(sa.select(sa.func.count(Declaration.id))) == 1


def test_a_reuse_whose_fact_fell_and_whose_job_has_yet_to_come_is_not_confirmed(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    from referencing.revocations import consequences  # noqa: PLC0415

    monkeypatch.setattr(consequences, "AT_ONCE", 0)
    world = World(parts(app).sessions, Relation.INTERSECTS)
    with db.transaction(world.sessions) as session:
        world.alize.session = session
        dossier = world.alize.in_review(session.get_one(Solution, world.ours.id), "LGC-V2")
        fact = verification_of(session, OLD).id
        confirmed(
            operations.revoke,
            operations.what_if_revoked,
            session,
            world.auditor,
            Verification,
            fact,
            "Audit.",
        )
        session.flush()
        assert state(session, dossier) is ItemState.TO_CONFIRM
        with pytest.raises(Conflict, match="ne compte plus"):
            world.alize.find(dossier, NEW)
