"""Defining a DSR, correcting the proposals of its draft, and publishing it."""

import re
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import new_id, now
from referencing.base.errors import Conflict, Invalid, Stale
from referencing.base.jobs import enqueue
from referencing.base.permissions import Actor, Right, authorise
from referencing.journal.operations import record
from referencing.platforms.queries import refuse_unknown

from . import queries
from .models import Dsr, DsrVersion, ExpectedProof
from .states import DSR, DsrAction

#: A DSR called `ref` would have proofs whose codes look like an editor's own references (`ref:...`).
CODE = re.compile(r"(?!ref$)[A-Za-z0-9][A-Za-z0-9_.-]{0,49}")


def define_dsr(session: Session, actor: Actor, code: str, **words: Any) -> tuple[Dsr, bool]:
    """Create a DSR with an empty draft, or change its words; answers it and whether it is new.

    Its dispositif and vague are in the codes of its proofs: they stay once a version is published.
    """
    authorise(actor, Right.EDIT_CATALOGUE)
    if not CODE.fullmatch(code):
        raise Invalid(
            "Le code d'un DSR est fait de lettres, de chiffres et de « - », « _ » ou « . » : LGC-V2."
        )
    existing = session.scalar(sa.select(Dsr).where(Dsr.code == code).with_for_update())
    if existing is None:
        created = Dsr(id=new_id(), code=code, **words)
        created.versions = [DsrVersion(id=new_id(), number=1)]
        session.add(created)
        session.flush()
        record(session, actor, "dsr.defined", f"dsr:{code}", words)
        return created, True
    fixed = ("dispositif", "vague")
    if queries.published(existing) and any(getattr(existing, key) != words[key] for key in fixed):
        raise Conflict("Le dispositif et la vague d'un DSR publié ne changent plus : créez un autre DSR.")
    if any(getattr(existing, key) != value for key, value in words.items()):
        for key, value in words.items():
            setattr(existing, key, value)
        record(session, actor, "dsr.changed", f"dsr:{code}", words)
    return existing, False


def correct_proof(
    session: Session, actor: Actor, dsr_code: str, code: str, revision: int, corrections: dict[str, Any]
) -> ExpectedProof:
    """Correct the proposal made from a proof's text. Raises Conflict once published, Stale on an old revision.

    Invalid for a platform that there is not.
    """
    authorise(actor, Right.EDIT_CATALOGUE)
    dsr = queries.dsr(session, dsr_code, lock=True)
    version = queries.draft(dsr)
    if version is None or not DSR.allows(queries.state_of(dsr), DsrAction.CORRECT_PROOF):
        raise Conflict("Cette version est publiée et ne change plus : importez d'abord une nouvelle version.")
    proof = queries.expected_proof(session, version.id, code)
    if proof.revision != revision:
        raise Stale("Quelqu'un a corrigé cette preuve entre-temps : relisez-la et recommencez.")
    refuse_unknown(session, corrections.get("platforms", ()))
    for key, value in corrections.items():
        setattr(proof, key, value)
    proof.corrected = True
    proof.revision += 1
    record(
        session,
        actor,
        "dsr.proof_corrected",
        f"dsr:{dsr_code}",
        {"version": version.number, "code": code, **corrections},
    )
    return proof


def publish(session: Session, actor: Actor, code: str) -> DsrVersion:
    """Freeze the draft; candidatures filed from now on pin it."""
    authorise(actor, Right.EDIT_CATALOGUE)
    dsr = queries.dsr(session, code, lock=True)
    version = queries.draft(dsr)
    if version is None or not DSR.allows(queries.state_of(dsr), DsrAction.PUBLISH):
        raise Conflict("Il n'y a rien à publier : la dernière version est déjà publiée.")
    expected_proofs = session.scalar(
        sa.select(sa.func.count()).select_from(ExpectedProof).where(ExpectedProof.version_id == version.id)
    )
    if not expected_proofs:
        raise Conflict("Cette version n'a aucune preuve attendue : importez d'abord le REM.")
    version.published_at = now(session)
    record(
        session, actor, "dsr.published", f"dsr:{code}", {"version": version.number, "proofs": expected_proofs}
    )
    enqueue(session, "resolve_open_candidatures")
    return version
