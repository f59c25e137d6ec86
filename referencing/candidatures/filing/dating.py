"""Dating an intrusion test: by who supplies the proof, or by a verifier who reads the day in the report."""

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import today
from referencing.base.errors import Conflict, FieldError, Invalid
from referencing.base.permissions import Actor, Right, authorise, may
from referencing.candidatures.record import queries
from referencing.candidatures.record.models import Candidature, Item
from referencing.catalogue.models import ExpectedProof
from referencing.catalogue.proposals import ProofKind
from referencing.journal.operations import record
from referencing.proofs import queries as proofs
from referencing.proofs.models import Proof, ProofState

from .pentests import remark, too_old

_AT = "/performed_on"


def date_test(session: Session, actor: Actor, proof_id: UUID, performed_on: date) -> Proof:
    """Say when the test of a proof was done, until a verdict is given on it. Raises NotFound, Invalid, Conflict.

    Who supplies a proof cannot date it a year or more before the filing; a verifier notes what the report says.
    """
    if not may(actor, Right.REVIEW):
        authorise(actor, Right.SUPPLY_PROOFS)
    found = proofs.proof(session, actor, proof_id)
    item = session.get_one(Item, found.item_id)
    candidature = queries.locked(session, actor, item.candidature_id)
    session.refresh(found)
    if found.state not in {ProofState.HELD, ProofState.SUBMITTED}:
        raise Conflict("Cette version n'attend plus de verdict : la date de son test ne change plus.")
    check_date(session, candidature, found.expected_proof, performed_on, strict=not actor.of_agency)
    if found.performed_on != performed_on:
        detail = {
            "code": found.expected_proof.code,
            "proof": str(found.id),
            "performed_on": performed_on.isoformat(),
        }
        found.performed_on = performed_on
        record(session, actor, "proof.dated", f"candidature:{candidature.id}", detail)
    return found


def check_date(
    session: Session,
    candidature: Candidature,
    asked: ExpectedProof,
    performed_on: date,
    *,
    strict: bool = True,
) -> None:
    """Raises Invalid for what is no intrusion test, for a day to come, and (`strict`) for a test that is too old."""
    if asked.kind is not ProofKind.PENTEST:
        raise Invalid(
            "Seule la preuve d'un test d'intrusion porte la date du test.",
            [FieldError(_AT, "Retirez cette date.")],
        )
    if performed_on > today(session):
        raise Invalid(
            "Ce test n'a pas encore eu lieu.", [FieldError(_AT, "Donnez le jour où il a été fait.")]
        )
    told = remark(performed_on, candidature.deposited_on, today(session))
    if strict and told is not None:
        raise Invalid(told, [FieldError(_AT, "Fournissez le rapport d'un test de moins d'un an.")])


def refuse_old_tests(session: Session, candidature: Candidature, day: date) -> None:
    """At the filing: the tests that were dated are still under one year old. Raises Conflict, naming them."""
    dated = session.execute(
        sa.select(ExpectedProof.code, Proof.performed_on)
        .join(Proof.expected_proof)
        .join(Item, Item.id == Proof.item_id)
        .where(Item.candidature_id == candidature.id, Proof.state == ProofState.HELD)
        .where(Proof.performed_on.is_not(None))
        .order_by(Item.position)
    )
    old = [f"{code} (test du {on:%d/%m/%Y})" for code, on in dated if on is not None and too_old(on, day)]
    if old:
        raise Conflict(
            "Au dépôt, un test d'intrusion doit avoir moins d'un an : "
            f"fournissez-en un plus récent pour {', '.join(old)}."
        )
