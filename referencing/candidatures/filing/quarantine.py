"""What happens to a dossier when malware was found in what it was supplied with."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.candidatures.record import queries
from referencing.candidatures.record.models import Candidature, Item
from referencing.candidatures.record.states import ITEM, ItemAction, ItemState
from referencing.candidatures.resolution.resolution import resolve_core
from referencing.candidatures.tasks.opening import close_task, open_task_of
from referencing.equivalence.engine.knowledge import Changed
from referencing.journal.operations import SYSTEM, record
from referencing.proofs.models import Proof, ProofFile, ProofState
from referencing.proofs.operations import drop_undecided


def quarantine(session: Session, sha256: str) -> None:
    """Every undecided item that carries this content is to be supplied again; the timeline says why."""
    carrying = session.execute(
        sa.select(Item.candidature_id, Item.id)
        .join(Proof, Proof.item_id == Item.id)
        .join(ProofFile, ProofFile.proof_id == Proof.id)
        .where(ProofFile.sha256 == sha256, Proof.state.in_([ProofState.HELD, ProofState.SUBMITTED]))
        .order_by(Item.core_id, Item.candidature_id, Item.position)
        .distinct()
        .add_columns(Item.core_id, Item.position)
    ).all()
    for candidature_id, item_id, *_ in carrying:
        candidature = queries.held_still(session, candidature_id)
        _give_back(session, candidature, queries.item(session, candidature, str(item_id)), sha256)


def _give_back(session: Session, candidature: Candidature, item: Item, sha256: str) -> None:
    drop_undecided(session, [item.id])
    task = open_task_of(session, candidature, item)
    if task is not None:
        close_task(session, task, "quarantined")
    action = ItemAction.ASK_COMPLEMENT if item.state is ItemState.UNDER_REVIEW else ItemAction.TAKE_BACK
    item.state = ITEM.follow("Cette preuve", item.state, action)
    found = {"code": item.expected_proof.code, "sha256": sha256, "to": item.state.value}
    record(session, SYSTEM, "proof.quarantined", f"candidature:{candidature.id}", found)
    session.flush()
    resolve_core(session, candidature.core_id, changed=Changed.of(item.expected_proof.code))
