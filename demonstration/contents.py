"""What there is to see at once: referentials, rules, and one software's three dossiers, through the operations.

One dossier is referenced, the next is in review and the third is a draft that gains from both.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from demonstration import referential
from demonstration.cast import (
    COMMERCIAL_NAMES,
    COMPOSITION,
    NEXT_COMPOSITION,
    NIL,
    REASON,
    SOFTWARE,
    is_left_out,
    piece,
)
from referencing.base.db import today
from referencing.base.permissions import Actor
from referencing.base.vault import Vault
from referencing.candidatures.api import queries as candidatures
from referencing.candidatures.filing import operations as dossiers
from referencing.candidatures.filing import supplying
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.record.states import Action, ItemState, Track
from referencing.candidatures.tasks.models import Queue
from referencing.candidatures.verdicts.instruction import decide, judge_admissibility
from referencing.catalogue import operations as catalogue
from referencing.catalogue.importing import import_requirements, link_socles
from referencing.catalogue.proposals import Guichet, ProofKind
from referencing.config import GIB
from referencing.equivalence.engine.formats import read_certificate_kind, read_policy
from referencing.equivalence.rulebooks import operations as rulebooks
from referencing.equivalence.rulebooks.rulebooks import Rules
from referencing.files.examination import examined
from referencing.files.operations import store_file
from referencing.integrations.operations import allow
from referencing.proofs.queries import submitted
from referencing.reviews.queues.claims import claim_next
from referencing.reviews.queues.outcomes import TaskOutcome
from referencing.reviews.queues.queries import task
from referencing.reviews.verdicts import operations as reviews
from referencing.solutions import operations as solutions
from referencing.solutions.models import Solution


@dataclass(frozen=True, slots=True)
class Stage:
    """Where it is played, and by whom: the people of the cast by the name of their variable."""

    session: Session
    vault: Vault
    people: Mapping[str, Actor]


def play(stage: Stage) -> None:
    """Everything, in the order in which it would happen."""
    _catalogue(stage)
    _rulebook(stage)
    cabinet, hospital = _solutions(stage)
    first = _draft(stage, "LGC-V1", cabinet, "1.0", COMPOSITION)
    _file(stage, first)
    _verify_all(stage)
    decide(stage.session, stage.people["RESPONSABLE"], first.id, action=Action.REFERENCE, comment="")
    # What the CNDA delivers may come after the rest: its piece is the one that this dossier still lacks.
    _file(stage, _draft(stage, "DPI-V2", hospital, "1.0", NEXT_COMPOSITION), later=Guichet.CNDA)
    _draft(stage, "LGC-V2", cabinet, "2.0", COMPOSITION)


def _catalogue(stage: Stage) -> None:
    session, manager = stage.session, stage.people["CATALOGUE"]
    for code, words in referential.DSRS.items():
        catalogue.define_dsr(session, manager, code, **words._asdict())
        import_requirements(session, manager, code, io.BytesIO(referential.workbook(code)))
        link_socles(session, manager, code, io.BytesIO(referential.table("socles")))
        catalogue.publish(session, manager, code)


def _rulebook(stage: Stage) -> None:
    session, lead = stage.session, stage.people["RESPONSABLE"]
    words = referential.rulebook()
    rules = Rules(
        correspondences=(),
        certificate_kinds=tuple(map(read_certificate_kind, words["certificate_kinds"])),
        policies=tuple(map(read_policy, words["policies"])),
    )
    rulebook = rulebooks.write_rulebook(session, lead, words["label"], rules)
    table = io.BytesIO(referential.table("correspondances"))
    rulebooks.add_correspondences(session, lead, rulebook.id, table)
    rulebooks.publish_rulebook(session, lead, rulebook.id, accept_warnings=True)


def _solutions(stage: Stage) -> tuple[Solution, Solution]:
    session, editor = stage.session, stage.people["EDITEUR"]
    software = solutions.register_software(session, editor, SOFTWARE, NIL)
    cabinet, hospital = (
        solutions.register_solution(session, editor, software.id, COMMERCIAL_NAMES[dispositif])
        for dispositif in ("LGC", "DPI")
    )
    return cabinet, hospital


def _draft(
    stage: Stage, dsr: str, solution: Solution, version: str, composition: list[tuple[str, str]]
) -> Candidature:
    """A draft on which the test bench of the editor is allowed."""
    session, editor = stage.session, stage.people["EDITEUR"]
    candidature = dossiers.draft(
        session,
        editor,
        dsr=dsr,
        solution=solution.id,
        software_version=version,
        composition=composition,
        profiles=[],
        mode=Track.ASYNC,
    )
    allow(session, editor, candidature.id, stage.people["PLATEFORME"].account_id)
    return candidature


def _file(stage: Stage, candidature: Candidature, later: Guichet | None = None) -> None:
    """Supply what is asked, but for one guichet; submit, and have the dossier found complete."""
    for view in candidatures.items(stage.session, candidature.id, state=ItemState.REQUIRED):
        expected = view.item.expected_proof
        if expected.guichet is not later:
            _supply(stage, candidature, expected.code, expected.kind)
    meant = later is not None
    dossiers.submit(stage.session, stage.people["EDITEUR"], candidature.id, incomplete=meant)
    judge_admissibility(
        stage.session,
        stage.people["RESPONSABLE"],
        candidature.id,
        complete=True,
        comment="",
        incomplete=meant,
    )


def _supply(stage: Stage, candidature: Candidature, code: str, kind: str) -> None:
    session, editor = stage.session, stage.people["EDITEUR"]
    if is_left_out(code):
        supplying.claim_not_applicable(session, editor, candidature.id, code, REASON)
        return
    name, media_type, content = piece(kind, code)
    stored = store_file(stage.vault.storage, name, media_type, io.BytesIO(content), GIB)
    file = examined(stage.vault.storage, stored, ProofKind(kind))
    performed_on = today(session) if kind == ProofKind.PENTEST else None
    supplying.supply(session, editor, stage.vault, candidature.id, code, [file], performed_on)


def _verify_all(stage: Stage) -> None:
    """A verifier reads what waits, piece by piece, and finds it right."""
    session, verifier = stage.session, stage.people["VERIFICATEUR"]
    while task_id := claim_next(session, verifier, Queue.PROOF_REVIEW):
        item_id = task(session, verifier, task_id).item_id
        proof = submitted(session, item_id) if item_id else None
        sha256 = proof.files[0].sha256 if proof else None
        reviews.give_verdict(
            session,
            verifier,
            task_id,
            TaskOutcome.CONFORM if proof else TaskOutcome.NOT_APPLICABLE,
            "",
            sha256,
        )
