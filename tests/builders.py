"""Small worlds for the tests: a catalogue of a few proofs, a software, a dossier brought to where a rule begins.

All of it through a session; what the application has an operation for goes through that operation.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, cast
from uuid import UUID

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from referencing.accounts.operations import create_account, identify
from referencing.app import tasks_on
from referencing.base import db
from referencing.base.db import new_id, now, today
from referencing.base.models import Job
from referencing.base.permissions import OF_AN_ORGANISATION, Actor, Role
from referencing.base.vault import Vault
from referencing.candidatures.filing import operations as candidatures
from referencing.candidatures.filing import supplying
from referencing.candidatures.record.models import Candidature, Item
from referencing.candidatures.record.states import Action, ItemState, Track
from referencing.candidatures.tasks.models import Queue, Task
from referencing.candidatures.verdicts import instruction
from referencing.catalogue.imports.socle_links import Fidelity
from referencing.catalogue.models import Dsr, DsrVersion, ExpectedProof, Requirement
from referencing.catalogue.proposals import Guichet, ProofKind
from referencing.certificates.operations import Words, enter_certificate
from referencing.config import Settings
from referencing.equivalence.engine.facts import CertificateKind, Correspondence, Policy, Relation, Reuse
from referencing.equivalence.grants.models import Grant
from referencing.equivalence.rulebooks.models import Rulebook
from referencing.equivalence.rulebooks.operations import publish_rulebook, write_rulebook
from referencing.equivalence.rulebooks.rulebooks import Rules
from referencing.files.models import Content, KeptFile, Scan
from referencing.files.operations import StoredFile
from referencing.journal.models import Entry
from referencing.proofs.models import Proof, Verification
from referencing.proofs.queries import submitted
from referencing.reviews.queues.claims import claim
from referencing.reviews.queues.outcomes import Outcome, TaskOutcome
from referencing.reviews.verdicts.operations import give_verdict
from referencing.solutions.models import Certificate, Solution
from referencing.solutions.operations import register_software, register_solution
from storage.port import ObjectStorage
from tests.clients import Client
from tests.conftest import parts

ALIZE = "Éditions Alizé"
ALWAYS = Policy({}, Reuse.AUTO)
CONFIRM = Policy({}, Reuse.CONFIRM)

_numbers = count(1)


class _Arrived:
    """A storage in which every content that is named has arrived, a byte long."""

    def size(self, _sha256: str) -> int:
        return 1


VAULT = Vault(cast("ObjectStorage", _Arrived()))
SETTINGS = Settings(data=Path("nowhere"))
T = TypeVar("T")


def person(session: Session, role: Role, organisation: str = ALIZE) -> Actor:
    """A new account of that role."""
    owner = organisation if role in OF_AN_ORGANISATION else None
    return identify(session, create_account(session, f"Maxime {next(_numbers)}", role, owner))


def somebody(app: Flask, role: Role, organisation: str = ALIZE) -> Client:
    """Somebody new who speaks to an application that other tests speak to as well."""
    owner = organisation if role in OF_AN_ORGANISATION else None
    with db.transaction(parts(app).sessions) as opened:
        key = create_account(opened, f"Maxime {next(_numbers)}", role, owner)
    return Client(app.test_client(), key)


def unheard() -> str:
    """A name that no other test uses."""
    return f"X{next(_numbers)}"


@dataclass(frozen=True)
class Asked:
    """A requirement and the suffixes of its proofs; what belongs to a proof goes to all of them."""

    code: str
    suffixes: Sequence[str] = ("01.01",)
    text: str = "Le logiciel DOIT le faire."
    scenario: str = ""
    proof: str = "Une preuve."
    profile: str = "Général"
    chapter: str = "INS"
    guichet: Guichet = Guichet.ANS
    kind: ProofKind = ProofKind.DOCUMENT
    roles: Sequence[str] = ()
    live_without_trace: bool = False
    socle: str | None = None
    fidelity: Fidelity | None = None


def publish_dsr(session: Session, code: str, *asked: Asked) -> DsrVersion:
    """The next version of `LGC-V1`, published with these requirements and no others."""
    dispositif, vague = code.split("-V")
    dsr = session.scalar(sa.select(Dsr).where(Dsr.code == code))
    if dsr is None:
        dsr = Dsr(id=new_id(), code=code, dispositif=dispositif, vague=int(vague), couloir="c", title=code)
        session.add(dsr)
        session.flush()
    number = 1 + max((one.number for one in dsr.versions), default=0)
    version = DsrVersion(id=new_id(), dsr_id=dsr.id, number=number, published_at=now(session))
    version.requirements = [_requirement(code, version.id, at, one) for at, one in enumerate(asked, 1)]
    session.add(version)
    session.flush()
    session.expire_all()
    return version


def _requirement(dsr: str, version_id: UUID, position: int, asked: Asked) -> Requirement:
    return Requirement(
        id=new_id(),
        code=asked.code,
        position=position,
        chapter=asked.chapter,
        title="",
        function="",
        text=asked.text,
        comment="",
        profile=asked.profile,
        former_profile="",
        perimeter="",
        criticality="Majeure",
        socle=asked.socle,
        socle_fidelity=asked.fidelity or (asked.socle and Fidelity.IDENTICAL) or None,
        proofs=[
            ExpectedProof(
                id=new_id(),
                version_id=version_id,
                code=f"{dsr}:{asked.code}#{suffix}",
                suffix=suffix,
                number=f"{asked.code}.{suffix}",
                position=at,
                text=asked.proof,
                wording=hashlib.sha256(asked.text.encode()).hexdigest(),
                scenario_number="",
                scenario_text=asked.scenario,
                guichet=asked.guichet,
                kind=asked.kind,
                roles=list(asked.roles),
                duo=asked.kind is ProofKind.DEMONSTRATION,
                live_without_trace=asked.live_without_trace,
            )
            for at, suffix in enumerate(asked.suffixes, 1)
        ],
    )


def equal(source: str | Sequence[str], target: str, relation: Relation = Relation.EQUAL) -> Correspondence:
    sources = (source,) if isinstance(source, str) else tuple(source)
    return Correspondence(f"{'+'.join(sources)} → {target}", sources, target, relation)


def publish_rules(
    session: Session,
    *correspondences: Correspondence,
    policies: Iterable[Policy] = (ALWAYS,),
    kinds: Iterable[CertificateKind] = (),
) -> Rulebook:
    """A rulebook in force from now on."""
    lead = person(session, Role.LEAD)
    rules = Rules(correspondences, tuple(kinds), tuple(policies))
    return publish_rulebook(
        session, lead, write_rulebook(session, lead, "Règles", rules).id, accept_warnings=True
    )


def solution(
    session: Session, editor: Actor, name: str = "Alpha", nil: str = "NIL-1", on: Solution | None = None
) -> Solution:
    """A commercial name on a new software, or on the software of another."""
    software = on.software_id if on else register_software(session, editor, "Alizé Cabinet", nil).id
    return register_solution(session, editor, software, name)


def draft(
    session: Session,
    editor: Actor,
    solution: Solution,
    dsr: str,
    *,
    composition: Mapping[str, str] | None = None,
    profiles: Sequence[str] = (),
    mode: Track = Track.ASYNC,
) -> Candidature:
    return candidatures.draft(
        session,
        editor,
        dsr=dsr,
        solution=solution.id,
        software_version="1.0",
        composition=list((composition or {}).items()),
        profiles=profiles,
        mode=mode,
    )


def supply(session: Session, editor: Actor, candidature: Candidature, code: str) -> Proof:
    """A file for an item; its content is its code. An intrusion test was done today."""
    content = code.encode()
    file = StoredFile("preuve.txt", "text/plain", hashlib.sha256(content).hexdigest(), len(content))
    asked = supplying.asked(session, editor, candidature.id, code).expected_proof
    performed_on = today(session) if asked.kind is ProofKind.PENTEST else None
    return supplying.supply(session, editor, VAULT, candidature.id, code, [file], performed_on)


@dataclass
class Story:
    """One editor and the agency, and what they do with dossiers one request after the other."""

    session: Session
    organisation: str = ALIZE
    editor: Actor = field(init=False)
    lead: Actor = field(init=False)
    verifier: Actor = field(init=False)

    def __post_init__(self) -> None:
        self.editor = person(self.session, Role.EDITOR, self.organisation)
        self.lead = person(self.session, Role.LEAD)
        self.verifier = person(self.session, Role.VERIFIER)

    def solution(self, name: str = "Alpha", nil: str = "NIL-1", on: Solution | None = None) -> Solution:
        return self._done(solution(self.session, self.editor, name, nil, on))

    def draft(self, solution: Solution, dsr: str, **words: Any) -> Candidature:
        return self._done(draft(self.session, self.editor, solution, dsr, **words))

    def submitted(self, solution: Solution, dsr: str, **words: Any) -> Candidature:
        """A dossier with a file for each item that asks for one, filed."""
        candidature = self.draft(solution, dsr, **words)
        for code, state in states(self.session, candidature).items():
            if state is ItemState.REQUIRED:
                supply(self.session, self.editor, candidature, code)
        self.submit(candidature)
        return candidature

    def submit(self, candidature: Candidature, *, incomplete: bool = False) -> None:
        self._done(candidatures.submit(self.session, self.editor, candidature.id, incomplete=incomplete))

    def in_review(self, solution: Solution, dsr: str, **words: Any) -> Candidature:
        candidature = self.submitted(solution, dsr, **words)
        self.admit(candidature)
        return candidature

    def admit(self, candidature: Candidature) -> None:
        self._done(
            instruction.judge_admissibility(
                self.session, self.lead, candidature.id, complete=True, comment=""
            )
        )

    def verified(self, solution: Solution, dsr: str, **words: Any) -> Candidature:
        """A dossier of which every proof was found conform."""
        candidature = self.in_review(solution, dsr, **words)
        for code, state in states(self.session, candidature).items():
            if state is ItemState.UNDER_REVIEW:
                self.find(candidature, code)
        return candidature

    def find(self, candidature: Candidature, code: str, outcome: Outcome = Outcome.CONFORM) -> None:
        """A verifier's verdict on what waits for one: a proof, or a reuse to confirm."""
        task = self.session.scalars(
            sa.select(Task)
            .join(Task.item)
            .join(Item.expected_proof)
            .where(Task.candidature_id == candidature.id, Task.closed_at.is_(None))
            .where(ExpectedProof.code == code)
        ).one()
        claim(self.session, self.verifier, task.id)
        supplied = task.item_id and submitted(self.session, task.item_id)
        read = hashlib.sha256(code.encode()).hexdigest()
        sha256 = read if supplied and task.queue is not Queue.EQUIVALENCE else None
        claimed = task.item is not None and task.item.reason is not None and outcome is Outcome.CONFORM
        said = TaskOutcome.NOT_APPLICABLE if claimed else outcome
        self._done(give_verdict(self.session, self.verifier, task.id, said, "Vu.", sha256))

    def certificate(
        self, solution: Solution, kind: str, holder: str = "NIL-1", until: date | None = None
    ) -> Certificate:
        """Held since long ago, by the software unless said otherwise."""
        return self._done(
            enter_certificate(
                self.session,
                self.lead,
                solution.software_id,
                Words(kind, holder, f"N-{next(_numbers)}", date(2025, 1, 1), until),
            )
        )

    def send_back(self, candidature: Candidature, *codes: str) -> None:
        """The lead asks for these items to be looked at again."""
        self._done(
            instruction.decide(
                self.session,
                self.lead,
                candidature.id,
                action=Action.SEND_BACK,
                comment="À revoir.",
                items=codes,
            )
        )

    def withdraw(self, candidature: Candidature) -> None:
        self._done(candidatures.withdraw(self.session, self.editor, candidature.id))

    def _done(self, result: T) -> T:
        """What the next request reads comes from the database, as it would in a session of its own."""
        self.session.flush()
        self.session.expire_all()
        return result


def states(session: Session, candidature: Candidature) -> dict[str, ItemState]:
    """How each item stands, by its expected proof's code."""
    rows = session.execute(
        sa.select(ExpectedProof.code, Item.state)
        .join(Item, Item.expected_proof_id == ExpectedProof.id)
        .where(Item.candidature_id == candidature.id)
        .order_by(Item.position)
    )
    return dict(list(rows))


def state(session: Session, candidature: Candidature) -> ItemState:
    """How the only item of a dossier stands."""
    (found,) = states(session, candidature).values()
    return found


def grants(session: Session) -> list[Grant]:
    """Every grant, in the order of making."""
    return list(session.scalars(sa.select(Grant).order_by(Grant.id)))


def verification_of(session: Session, code: str) -> Verification:
    return session.scalars(sa.select(Verification).where(Verification.proof_code == code)).one()


def revoke(session: Session, code: str, day: date) -> None:
    """The finding on that proof counts no more from `day` on."""
    session.execute(sa.update(Verification).where(Verification.proof_code == code).values(revoked_on=day))


def entries(session: Session, candidature: Candidature) -> list[Entry]:
    """What the journal says of a dossier, oldest first."""
    stream = f"candidature:{candidature.id}"
    return list(session.scalars(sa.select(Entry).where(Entry.stream == stream).order_by(Entry.number)))


def perform_jobs(session: Session) -> None:
    """Resolve, notice and see to what is for the background, in this session."""
    mine = sa.or_(*(Job.task.startswith(name) for name in ("resolve_", "notice_", "follow_")))
    due = sa.select(Job).where(mine, Job.done_at.is_(None)).order_by(Job.id).limit(1)
    while job := session.scalar(due):
        tasks_on(VAULT, SETTINGS)[job.task](session, **job.arguments)
        job.done_at = now(session)
        session.flush()
    session.expire_all()


class Sent(NamedTuple):
    statement: str
    parameters: Any


@contextmanager
def statements(engine: sa.Engine) -> Iterator[list[Sent]]:
    """What is sent to the database meanwhile; one statement may be for many rows at once."""
    sent: list[Sent] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        sent.append(Sent(statement, parameters))

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


@contextmanager
def changes(engine: sa.Engine) -> Iterator[list[str]]:
    """Of these statements, those that write."""
    written: list[str] = []
    with statements(engine) as sent:
        yield written
    written += [one.statement for one in sent if not one.statement.startswith("SELECT")]


def scanned_as(session: Session, sha256: str, scan: Scan) -> None:
    """What the scanner found in a content, told of every file of it."""
    session.get_one(Content, sha256).scan = scan
    for kind in KeptFile.__subclasses__():
        session.execute(
            sa.update(kind).where(kind.sha256 == sha256).values(scan_awaited=scan is Scan.PENDING)
        )
