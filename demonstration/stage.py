"""Where the demonstration is played, and what its people do again and again, through the operations."""

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from demonstration.cast import REASON, is_left_out, piece
from referencing.base.db import Clock, today
from referencing.base.permissions import Actor
from referencing.base.vault import Vault
from referencing.candidatures.api import queries as candidatures
from referencing.candidatures.filing import operations as dossiers
from referencing.candidatures.filing import supplying
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.record.states import Action, ItemState, Track
from referencing.candidatures.tasks.models import Queue
from referencing.candidatures.verdicts.instruction import decide, judge_admissibility
from referencing.catalogue.proposals import Guichet, ProofKind
from referencing.config import GIB
from referencing.files.examination import examined
from referencing.files.operations import store_file
from referencing.integrations.operations import allow
from referencing.proofs.queries import submitted
from referencing.reviews.queues.claims import claim_next
from referencing.reviews.queues.outcomes import TaskOutcome
from referencing.reviews.queues.queries import task
from referencing.reviews.verdicts import operations as reviews
from referencing.solutions.models import Solution


@dataclass(frozen=True, slots=True)
class Stage:
    """Where it is played, and by whom: the people of the cast by the name of their variable."""

    session: Session
    vault: Vault
    people: Mapping[str, Actor]


@contextmanager
def earlier(session: Session, by: timedelta) -> Iterator[None]:
    """What is done meanwhile happened so long ago, by the session's clock."""
    clock: Clock = session.info["clock"]
    session.info["clock"] = lambda: clock() - by
    try:
        yield
    finally:
        session.info["clock"] = clock


@dataclass(frozen=True, slots=True)
class Version:
    """What a dossier is about: a version of a solution with its composition, and the account that files it."""

    solution: Solution
    software_version: str
    composition: list[tuple[str, str]]
    editor: str = "EDITEUR"
    platform: str | None = "PLATEFORME"


def draft(stage: Stage, dsr: str, version: Version, mode: Track = Track.ASYNC) -> Candidature:
    """A draft on which the editor's test bench is allowed, where it has one."""
    session, editor = stage.session, stage.people[version.editor]
    candidature = dossiers.draft(
        session,
        editor,
        dsr=dsr,
        solution=version.solution.id,
        software_version=version.software_version,
        composition=version.composition,
        profiles=[],
        mode=mode,
    )
    if version.platform:
        allow(session, editor, candidature.id, stage.people[version.platform].account_id)
    return candidature


def file(stage: Stage, candidature: Candidature, editor: str, later: Guichet | None = None) -> None:
    """Supply what is not shown live, but for one guichet; submit, and have the dossier found complete."""
    for view in candidatures.items(stage.session, candidature.id, state=ItemState.REQUIRED):
        expected = view.item.expected_proof
        live = view.item.track is Track.DUO and not is_left_out(expected.code)
        if expected.guichet is not later and not live:
            _supply(stage, editor, candidature, expected.code, expected.kind)
    meant = later is not None
    dossiers.submit(stage.session, stage.people[editor], candidature.id, incomplete=meant)
    judge_admissibility(
        stage.session,
        stage.people["RESPONSABLE"],
        candidature.id,
        complete=True,
        comment="",
        incomplete=meant,
    )


def _supply(stage: Stage, editor: str, candidature: Candidature, code: str, kind: str) -> None:
    session, supplier = stage.session, stage.people[editor]
    if is_left_out(code):
        supplying.claim_not_applicable(session, supplier, candidature.id, code, REASON)
        return
    name, media_type, content = piece(kind, code)
    stored = store_file(stage.vault.storage, name, media_type, io.BytesIO(content), GIB)
    proof_file = examined(stage.vault.storage, stored, ProofKind(kind))
    performed_on = today(session) if kind == ProofKind.PENTEST else None
    supplying.supply(session, supplier, stage.vault, candidature.id, code, [proof_file], performed_on)


def verify_all(stage: Stage) -> None:
    """A verifier reads what waits, piece by piece, and finds it right."""
    while task_id := claim_next(stage.session, stage.people["VERIFICATEUR"], Queue.PROOF_REVIEW):
        verify(stage, "VERIFICATEUR", task_id)


def verify(stage: Stage, verifier: str, task_id: UUID) -> None:
    """Find right what a task in hand is about."""
    session, actor = stage.session, stage.people[verifier]
    item_id = task(session, actor, task_id).item_id
    proof = submitted(session, item_id) if item_id else None
    reviews.give_verdict(
        session,
        actor,
        task_id,
        TaskOutcome.CONFORM if proof else TaskOutcome.NOT_APPLICABLE,
        "",
        proof.files[0].sha256 if proof else None,
    )


def reference(stage: Stage, dsr: str, version: Version) -> Candidature:
    """A dossier from its draft to the lead's decision, all of whose pieces are found right."""
    candidature = draft(stage, dsr, version)
    file(stage, candidature, version.editor)
    verify_all(stage)
    decide(stage.session, stage.people["RESPONSABLE"], candidature.id, action=Action.REFERENCE, comment="")
    return candidature
