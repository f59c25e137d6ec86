"""Reading proofs, their files, and whether a finding on one is stale."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from referencing.accounts.visible_queries import DOSSIER, about_what_is_asked, readable, refusal
from referencing.base.db import any_given
from referencing.base.errors import NotFound
from referencing.base.permissions import Actor, Right, authorise
from referencing.catalogue.models import DsrVersion, ExpectedProof
from referencing.solutions.models import Configuration, Solution

from .models import Finding, Proof, ProofFile, ProofState, Verification

NO_PROOF = "Cette preuve n'existe pas : vérifiez son identifiant."
NO_FILE = "Ce fichier n'existe pas dans cette preuve : vérifiez son identifiant."

#: Its model is of a package above.
_ITEM = sa.table("item", sa.column("id"), sa.column("candidature_id"))

_WITH_FILES = (selectinload(Proof.files), joinedload(Proof.expected_proof), selectinload(Proof.verifications))


def proof(session: Session, actor: Actor, proof_id: UUID) -> Proof:
    """A version that the actor may read.

    Raises NotFound, also where its dossier is not the actor's to read, for what an integration did not supply itself,
    and for what an expert is not asked about; Forbidden in a conflict of interest.
    """
    authorise(actor, Right.READ_CANDIDATURES)
    visible = sa.select(Proof).where(
        Proof.id == proof_id,
        _supplied_by(actor),
        _of_readable_dossier(session, actor),
        about_what_is_asked(actor, Proof.item_id),
    )
    visible_proof = session.scalar(visible.options(*_WITH_FILES))
    if visible_proof is None:
        owner = sa.select(Proof.organisation_id).where(Proof.id == proof_id)
        raise refusal(session, actor, NO_PROOF, owner)
    return visible_proof


def _of_readable_dossier(session: Session, actor: Actor) -> sa.ColumnElement[bool]:
    return sa.exists().where(
        _ITEM.c.id == Proof.item_id,
        DOSSIER.c.id == _ITEM.c.candidature_id,
        readable(session, actor, DOSSIER.c),
    )


def _supplied_by(actor: Actor) -> sa.ColumnElement[bool]:
    """An integration reads what it supplied itself."""
    return Proof.supplied_by == actor.account_id if actor.by_permission else sa.true()


def file(session: Session, actor: Actor, proof_id: UUID, file_id: UUID) -> ProofFile:
    proof_file = next((one for one in proof(session, actor, proof_id).files if one.id == file_id), None)
    if proof_file is None:
        raise NotFound(NO_FILE)
    return proof_file


def submitted(session: Session, item_id: UUID) -> Proof | None:
    """The version of an item that is before the agency, ready for a verdict."""
    return session.scalar(_submitted(), {"item": item_id})


@cache
def _submitted() -> sa.Select[Proof]:
    return (
        sa.select(Proof)
        .where(Proof.item_id == sa.bindparam("item"), Proof.state == ProofState.SUBMITTED)
        .options(
            selectinload(Proof.files),
            joinedload(Proof.expected_proof),
            joinedload(Proof.configuration).joinedload(Configuration.solution).joinedload(Solution.software),
        )
        .execution_options(populate_existing=True)
    )


def versions(session: Session, actor: Actor, item_id: UUID, most: int = 100) -> Sequence[Proof]:
    """What was supplied for an item that the actor may read, newest first; an integration sees its own."""
    select = sa.select(Proof).where(
        Proof.item_id == item_id, _supplied_by(actor), about_what_is_asked(actor, Proof.item_id)
    )
    select = select.options(*_WITH_FILES)
    return session.scalars(select.order_by(Proof.number.desc()).limit(most)).all()


def behind(session: Session, verifications: Sequence[UUID]) -> Sequence[Proof]:
    """The versions that these findings were made on, with their files."""
    versions = sa.select(Verification.proof_id).where(Verification.id.in_(verifications))
    return session.scalars(
        sa.select(Proof).where(Proof.id.in_(versions)).options(*_WITH_FILES).order_by(Proof.id)
    ).all()


@dataclass(frozen=True, slots=True)
class Elsewhere:
    sha256: str
    code: str
    proof: UUID


def elsewhere(session: Session, actor: Actor, proof: Proof) -> Sequence[Elsewhere]:
    """The other items of the organisation that carry a file of this proof, by content and code.

    An integration reads of those that it supplied itself, where it still may.
    """
    select = (
        sa.select(ProofFile.sha256, ExpectedProof.code, Proof.id.label("proof"))
        .join(ProofFile.proof)
        .join(Proof.expected_proof)
        .where(
            ProofFile.sha256.in_([one.sha256 for one in proof.files]),
            Proof.organisation_id == proof.organisation_id,
            Proof.item_id != proof.item_id,
            _of_readable_dossier(session, actor),
            _supplied_by(actor),
            about_what_is_asked(actor, Proof.item_id),
        )
        .order_by(ProofFile.sha256, ExpectedProof.code, Proof.id)
        .limit(100)
    )
    return [Elsewhere(row.sha256, row.code, row.proof) for row in session.execute(select)]


def unchanged(session: Session, proofs: Sequence[UUID]) -> dict[UUID, list[str]]:
    """The files of these versions that the item had already when a complement was asked, by version; one query."""
    earlier, file = aliased(Proof), aliased(ProofFile)
    seen = sa.exists(
        sa.select(sa.literal(1))
        .select_from(earlier)
        .join(file, file.proof_id == earlier.id)
        .join(Verification, Verification.proof_id == earlier.id)
        .where(
            earlier.item_id == Proof.item_id,
            earlier.number < Proof.number,
            file.sha256 == ProofFile.sha256,
            Verification.finding == Finding.COMPLEMENT,
            Verification.revoked_on.is_(None),
        )
    )
    rows = session.execute(
        sa.select(ProofFile.proof_id, ProofFile.filename)
        .join(ProofFile.proof)
        .where(ProofFile.proof_id.in_(proofs), seen)
        .order_by(ProofFile.proof_id, ProofFile.position)
    )
    names: dict[UUID, list[str]] = {}
    for proof_id, filename in rows:
        names.setdefault(proof_id, []).append(filename)
    return names


class Reason(StrEnum):
    FILE = "file"  # a newer version was supplied
    REQUIREMENT = "requirement"  # the last published version of the DSR asks in other words, or no more
    RULEBOOK = "rulebook"  # other rules are in force


Stale = Mapping[UUID, Sequence[Reason]]

#: Its model is of a package above.
_RULEBOOK = sa.table("rulebook", sa.column("id"), sa.column("published_at"), sa.column("superseded_at"))


def stale(session: Session, proofs: Sequence[UUID]) -> Stale:
    """Why the findings that stand on these versions are stale, by finding; one query. The others are not there."""
    rows = session.execute(_stale(), {"proofs": [*proofs]})
    return {
        row.id: [reason for reason in Reason if getattr(row, reason)]
        for row in rows
        if any(getattr(row, reason) for reason in Reason)
    }


@cache
def _stale() -> sa.Select[*tuple[Any, ...]]:
    newer, pinned, last, asked_now = (
        aliased(Proof),
        aliased(DsrVersion),
        aliased(DsrVersion),
        aliased(ExpectedProof),
    )
    replaced = sa.exists().where(
        newer.item_id == Proof.item_id, newer.number > Proof.number, newer.state != ProofState.DROPPED
    )
    published = (
        sa.select(last.id)
        .where(last.dsr_id == pinned.dsr_id, last.published_at.is_not(None))
        .order_by(last.number.desc())
        .limit(1)
        .scalar_subquery()
    )
    in_force = (
        sa.select(_RULEBOOK.c.id)
        .where(_RULEBOOK.c.published_at.is_not(None), _RULEBOOK.c.superseded_at.is_(None))
        .scalar_subquery()
    )
    return (
        sa.select(
            Verification.id,
            replaced.label("file"),
            sa.or_(
                ExpectedProof.wording != Verification.wording,
                asked_now.wording.is_distinct_from(Verification.wording),
            ).label("requirement"),
            sa.and_(Verification.source.is_(None), Verification.rulebook_id.is_distinct_from(in_force)).label(
                "rulebook"
            ),
        )
        .join(Verification.proof)
        .join(Proof.expected_proof)
        .join(pinned, pinned.id == ExpectedProof.version_id)
        .outerjoin(
            asked_now, (asked_now.version_id == published) & (asked_now.code == Verification.proof_code)
        )
        .where(any_given(Verification.proof_id, "proofs"), Verification.revoked_on.is_(None))
    )


def proofs_found_in(session: Session, candidature_id: UUID) -> frozenset[str]:
    """The expected proofs, by code, on which something was found in a dossier."""
    codes = sa.select(Verification.proof_code).where(Verification.candidature_id == candidature_id)
    return frozenset(session.scalars(codes.distinct()))
