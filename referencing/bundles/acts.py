"""What the receipt of an act on a dossier tells to whoever checks it, and what a decision rests on.

It is told as the dossier's organisation reads it, whoever asks: the same bundle for all. Nobody is named in it, so a
name can be erased and what was sealed still holds.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from referencing.base.db import PARIS
from referencing.base.permissions import OF_AN_ORGANISATION, Actor, Right
from referencing.candidatures.api import queries as acts
from referencing.candidatures.record import queries as dossiers
from referencing.candidatures.record.models import Candidature, Item, ItemStanding, Verdict
from referencing.candidatures.record.states import ItemState
from referencing.catalogue.models import ExpectedProof
from referencing.equivalence.grants.models import Grant
from referencing.journal.disclosure import disclosed
from referencing.journal.models import INTERNAL, Entry
from referencing.proofs.models import OUTCOMES, Proof

from .derivations import derivations
from .models import Kind
from .proving import proven
from .summaries import decision_summary, receipt_summary

Json = dict[str, Any]
#: The outcomes of a decision after which nothing more is expected of anybody.
_FINAL = frozenset({"referenced", "refused"})


def written(at: datetime) -> str:
    """A moment as every answer writes it: in UTC, with Z."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def subject_of(candidature_id: UUID, number: int) -> str:
    return f"candidature:{candidature_id}/{number}"


def name_of(candidature_id: UUID, number: int) -> str:
    """The name of its bundle as a file."""
    return f"preuve-{candidature_id}-{number}.json"


def act_of(session: Session, actor: Actor, candidature_id: UUID, number: int) -> tuple[Candidature, Entry]:
    """A dossier that the actor follows and the entry of an act on it. Raises NotFound, Forbidden."""
    dossier = dossiers.candidature(session, actor, candidature_id, Right.FOLLOW_CANDIDATURES)
    entry, _ = acts.act(session, dossier.id, number)
    return dossier, entry


def act_content(session: Session, actor: Actor, candidature_id: UUID, number: int) -> Json:
    """What is sealed of an act: of a decision that is final, with the items, their files and why each is reused."""
    dossier, entry = act_of(session, actor, candidature_id, number)
    told = disclosed(entry, actor)
    detail = {key: value for key, value in told.detail.items() if key != INTERNAL}
    act = {
        "number": entry.number,
        "at": written(entry.at),
        "action": entry.action,
        "sentence": told.sentence,
        "of_agency": entry.role not in OF_AN_ORGANISATION,
        "detail": detail,
    }
    receipt: Json = {
        "kind": Kind.RECEIPT,
        "subject": subject_of(dossier.id, entry.number),
        "digest": entry.digest,
        "dossier": _dossier(dossier),
        "act": act,
        "files": [{"name": file["name"], "sha256": file["sha256"]} for file in detail.get("files", ())],
    }
    if entry.action != "candidature.decided" or detail["outcome"] not in _FINAL:
        return {**receipt, "summary": receipt_summary(receipt)}
    decision = {**receipt, "kind": Kind.DECISION, **_grounds(session, dossier, entry.at)}
    return {**decision, "summary": decision_summary(decision)}


def act_bundle(session: Session, actor: Actor, candidature_id: UUID, number: int) -> Json:
    """What was sealed of an act, with its proofs. Raises NotFound, Forbidden, Conflict as `proven` does."""
    dossier, entry = act_of(session, actor, candidature_id, number)
    return proven(session, subject_of(dossier.id, number), entry)


def _dossier(dossier: Candidature) -> Json:
    configuration, version = dossier.configuration, dossier.version
    solution = configuration.solution
    return {
        "candidature": str(dossier.id),
        "organisation": dossier.organisation.name,
        "commercial_name": solution.commercial_name,
        "software": solution.software.name,
        "nil": solution.software.nil,
        "software_version": configuration.software_version,
        "composition": {**configuration.composition},
        "profiles": sorted(dossier.profiles),
        "dsr": version.dsr.code,
        "dsr_version": version.number,
        "deposited_on": dossier.deposited_on.isoformat() if dossier.deposited_on else None,
    }


def _grounds(session: Session, dossier: Candidature, at: datetime) -> Json:
    """How each item stood at the moment of the decision, the files and verdicts on it, and why it was reused."""
    standings = session.execute(_standings(dossier.id, at)).all()
    proofs = {proof.item_id: proof for proof in session.scalars(_supplied(dossier.id, at))}
    verdicts = {verdict.item_id: verdict for verdict in session.scalars(_verdicts(dossier.id, at))}
    items = [
        _item(row.code, row.ItemStanding, proofs.get(row.item_id), verdicts.get(row.item_id))
        for row in standings
    ]
    grants: Mapping[str, Grant] = {
        row.code: row.Grant
        for row in standings
        if row.Grant is not None and row.ItemStanding.state is ItemState.COVERED
    }
    reuses = derivations(session, dossier, at.astimezone(PARIS).date(), grants)
    named = {(file["name"], file["sha256"]) for item in items for file in item["files"]}
    return {
        "items": items,
        "files": [{"name": name, "sha256": sha256} for name, sha256 in sorted(named)],
        "derivations": reuses.case if reuses else None,
        "rulebook": reuses.rulebook.label if reuses and reuses.rulebook else None,
    }


def _item(code: str, standing: ItemStanding, proof: Proof | None, verdict: Verdict | None) -> Json:
    return {
        "proof": code,
        "state": standing.state.value,
        "reason": standing.reason,
        "files": _files(proof) if proof else [],
        "verdict": {"outcome": OUTCOMES[verdict.finding], "round": verdict.round, "comment": verdict.comment}
        if verdict
        else None,
    }


def _files(proof: Proof) -> list[Json]:
    return [{"name": file.filename, "sha256": file.sha256} for file in proof.files]


def _standings(candidature_id: UUID, at: datetime) -> sa.Select[*tuple[Any, ...]]:
    """How the items of a dossier stood at a moment, in their order, each with the reuse that it stood on."""
    return (
        sa.select(Item.id.label("item_id"), ExpectedProof.code, ItemStanding, Grant)
        .join(Item.expected_proof)
        .join(ItemStanding, ItemStanding.item_id == Item.id)
        .outerjoin(Grant, Grant.id == ItemStanding.grant_id)
        .where(
            Item.candidature_id == candidature_id,
            ItemStanding.started_at <= at,
            sa.or_(ItemStanding.ended_at.is_(None), ItemStanding.ended_at > at),
        )
        .options(selectinload(Grant.sources))
        .order_by(Item.position)
    )


def _supplied(candidature_id: UUID, at: datetime) -> sa.Select[Proof]:
    """The versions supplied until a moment, the last one of each item last."""
    return (
        sa.select(Proof)
        .join(Item, Item.id == Proof.item_id)
        .where(Item.candidature_id == candidature_id, Proof.supplied_at <= at)
        .options(selectinload(Proof.files))
        .order_by(Proof.item_id, Proof.number)
    )


def _verdicts(candidature_id: UUID, at: datetime) -> sa.Select[Verdict]:
    """The verdicts that stood at a moment, the last one of each item last."""
    return (
        sa.select(Verdict)
        .join(Item, Item.id == Verdict.item_id)
        .where(
            Item.candidature_id == candidature_id,
            Verdict.given_at <= at,
            sa.or_(Verdict.undone_at.is_(None), Verdict.undone_at > at),
        )
        .order_by(Verdict.item_id, Verdict.given_at, Verdict.id)
    )
