"""What comes in for an item: a version of its proof, or the claim that it does not apply."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from referencing.base.errors import Conflict, invalid_field
from referencing.base.permissions import Actor, Right, authorise
from referencing.base.vault import Vault
from referencing.candidatures.record import queries
from referencing.candidatures.record.models import Candidature, Item
from referencing.candidatures.record.states import (
    ITEM,
    ITEM_STATES,
    ItemAction,
    ItemState,
    State,
    closed_to_editor,
    nothing_to_supply,
)
from referencing.candidatures.resolution.resolution import apply, resolve_core
from referencing.candidatures.tasks.models import Queue
from referencing.candidatures.tasks.opening import follow_confirmations, open_item_tasks
from referencing.candidatures.tasks.queries import unread
from referencing.equivalence.engine.knowledge import Changed
from referencing.equivalence.grants.operations import end_grants
from referencing.files.operations import StoredFile, keep_contents, told_files
from referencing.journal.operations import record
from referencing.proofs.models import Proof
from referencing.proofs.operations import Slot, drop_undecided, keep_proof
from referencing.proofs.queries import submitted as submitted_version

from .dating import check_date


def asked(session: Session, actor: Actor, candidature_id: UUID, reference: str) -> Item:
    """The item that somebody is about to supply, whether it takes a proof now or not."""
    authorise(actor, Right.SUPPLY_PROOFS)
    return queries.item(session, queries.candidature(session, actor, candidature_id), reference)


def may_supply(session: Session, actor: Actor, candidature_id: UUID, reference: str | None = None) -> None:
    """Raises what `supply` would, before a large file is sent for nothing; without a reference, of any item."""
    authorise(actor, Right.SUPPLY_PROOFS)
    candidature = queries.candidature(session, actor, candidature_id)
    if reference is None:
        _open_to_editor(candidature)
    else:
        _accepting(session, candidature, queries.item(session, candidature, reference))


def supply(
    session: Session,
    actor: Actor,
    vault: Vault,
    candidature_id: UUID,
    reference: str,
    files: Sequence[StoredFile],
    performed_on: date | None = None,
) -> Proof:
    """A new version of the proof of an item, of files that were examined; in review it goes to the queue at once.

    One that takes the place of a version that nobody has begun to read keeps its task, its place and its due date.
    `performed_on` is the day of the intrusion test that it reports.
    """
    authorise(actor, Right.SUPPLY_PROOFS)
    candidature = queries.locked(session, actor, candidature_id)
    item = queries.item(session, candidature, reference)
    proof = take_in(session, actor, vault, item, files, performed_on)
    follow_supplied(session, actor, candidature, [item])
    return proof


def take_in(
    session: Session,
    actor: Actor,
    vault: Vault,
    item: Item,
    files: Sequence[StoredFile],
    performed_on: date | None = None,
) -> Proof:
    """Supply one of many items of a dossier that is locked; `follow_supplied` is then to be called for all."""
    authorise(actor, Right.SUPPLY_PROOFS)
    if not files:
        raise invalid_field("file", "Joignez au moins un fichier, dans un champ « file » du formulaire.")
    candidature = item.candidature
    _accepting(session, candidature, item)
    if performed_on is not None:
        check_date(session, candidature, item.expected_proof, performed_on)
    in_review = candidature.state is State.IN_REVIEW
    keep_contents(session, vault, files)
    replaced = _replaced(session, item)
    proof = keep_version(session, actor, item, files, performed_on, submitted=in_review, replaced=replaced)
    _hand_in(session, item, reason=None)
    session.flush()
    return proof


def keep_version(
    session: Session,
    actor: Actor,
    item: Item,
    files: Sequence[StoredFile],
    performed_on: date | None = None,
    *,
    submitted: bool,
    replaced: Mapping[str, Any] | None = None,
) -> Proof:
    """A new version for an item, of contents that are kept; told in the timeline. Its state is the caller's.

    `replaced` tells in the timeline what it takes the place of.
    """
    candidature = item.candidature
    slot = Slot(
        item.id,
        candidature.software_id,
        candidature.core_id,
        candidature.organisation_id,
        item.expected_proof_id,
        candidature.configuration_id,
    )
    proof = keep_proof(session, actor, slot, files, submitted=submitted)
    proof.performed_on = performed_on
    place = record(
        session,
        actor,
        "proof.supplied",
        f"candidature:{candidature.id}",
        {
            "code": item.expected_proof.code,
            "proof": str(proof.id),
            "version": proof.number,
            "files": told_files(files),
            "identifiers": sum(one.identifiers for one in files),
            **({"performed_on": performed_on.isoformat()} if performed_on else {}),
            **(replaced or {}),
        },
    )
    proof.journal_position = place.number
    return proof


def _replaced(session: Session, item: Item) -> dict[str, Any]:
    """What the timeline says of what a new version replaces, once it was before the agency."""
    if item.state is not ItemState.UNDER_REVIEW:
        return {}
    version = submitted_version(session, item.id)
    return {"replaces": {"version": version.number} if version else {"reason": item.reason}}


def claim_not_applicable(
    session: Session, actor: Actor, candidature_id: UUID, reference: str, reason: str
) -> Item:
    """Say why an item does not apply; a verifier accepts it or asks for the proof."""
    authorise(actor, Right.PREPARE_CANDIDATURES)
    candidature = queries.locked(session, actor, candidature_id)
    item = queries.item(session, candidature, reference)
    _accepting(session, candidature, item)
    detail = {"code": item.expected_proof.code, "reason": reason, **_replaced(session, item)}
    drop_undecided(session, [item.id])
    record(session, actor, "item.claimed_not_applicable", f"candidature:{candidature.id}", detail)
    _hand_in(session, item, reason=reason)
    follow_supplied(session, actor, candidature, [item])
    return item


def take_claim_back(session: Session, actor: Actor, candidature_id: UUID, reference: str) -> Item:
    """Undo the claim that an item does not apply, before a verifier has it."""
    authorise(actor, Right.PREPARE_CANDIDATURES)
    candidature = queries.locked(session, actor, candidature_id)
    _open_to_editor(candidature)
    item = queries.item(session, candidature, reference)
    if item.reason is None or item.state is not ItemState.SUPPLIED:
        raise Conflict(
            f"Rien à reprendre : cette preuve est « {ITEM_STATES[item.state]} », sans déclaration en attente."
        )
    item.state = ITEM.follow("Cette preuve", item.state, ItemAction.TAKE_BACK)
    item.reason = None
    detail = {"code": item.expected_proof.code}
    record(session, actor, "item.claim_taken_back", f"candidature:{candidature.id}", detail)
    session.flush()
    apply(session, candidature, actor, Changed.of(item.expected_proof.code))
    return item


def _open_to_editor(candidature: Candidature) -> None:
    closed = closed_to_editor(candidature.state)
    if closed is not None:
        raise Conflict(closed)


def _accepting(session: Session, candidature: Candidature, item: Item) -> None:
    refusal = nothing_to_supply(
        candidature.state,
        item.state,
        in_session=item.session_id is not None,
        unread=item.state is ItemState.UNDER_REVIEW and unread(session, item.id),
    )
    if refusal is not None:
        raise Conflict(refusal)


def _hand_in(session: Session, item: Item, reason: str | None) -> None:
    """The item is in the agency's hands, or waits for the filing; what it stood on is no longer needed."""
    if item.grant_id is not None:
        end_grants(session, [item.grant_id])
        item.grant_id = None
    item.reason = reason
    if item.state is ItemState.UNDER_REVIEW:
        item.state = ITEM.follow("Cette preuve", item.state, ItemAction.REPLACE)
        return
    item.state = ITEM.follow("Cette preuve", item.state, ItemAction.SUPPLY)
    if item.candidature.state is State.IN_REVIEW:
        item.state = ITEM.follow("Cette preuve", item.state, ItemAction.EXAMINE)


def follow_supplied(session: Session, actor: Actor, candidature: Candidature, items: Sequence[Item]) -> None:
    """What follows for the queues, and for the dossiers that may have waited for what was replaced."""
    session.flush()
    if candidature.state is State.IN_REVIEW:
        follow_confirmations(session, candidature)  # a task to confirm a reuse, if any, is needless now
        open_item_tasks(session, candidature, Queue.PROOF_REVIEW, [item.id for item in items])
        session.flush()
    if candidature.state is not State.DRAFT:
        supplied = Changed.of(*(item.expected_proof.code for item in items))
        resolve_core(session, candidature.core_id, actor, supplied)
