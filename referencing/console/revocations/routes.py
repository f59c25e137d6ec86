"""Revocations: the list, one with what became of each item, and the decision beside what it would do."""

from collections.abc import Sequence
from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from referencing.audits.inquiries import inquiries
from referencing.base.errors import DomainError, NotFound
from referencing.console.pages import page
from referencing.console.typed import BLANK, Typed, listed, load, refused, words
from referencing.proofs.models import Verification
from referencing.revocations import queries
from referencing.revocations.consequences import Effect
from referencing.revocations.impact import impact_of
from referencing.revocations.schemas import FactRevocationIn
from referencing.solutions.models import Certificate
from referencing.web.pages import id_cursor
from referencing.web.requests import actor, transaction

blueprint = Blueprint("revocations", __name__)

MOST = 50
KINDS: dict[str, type[Verification] | type[Certificate]] = {
    "verification": Verification,
    "certificat": Certificate,
}


@blueprint.get("/revocations")
def find() -> Response:
    """What was taken back or expired, in the order of time."""
    wanted = listed(MOST)
    with transaction() as session:
        rows = queries.revocations(session, actor(), id_cursor(wanted), MOST + 1)
        kept, following = wanted.of(rows, lambda row: [row.id])
        onward = following and url_for(".find", cursor=following)
        return page("revocations/list.html", revocations=kept, following=onward)


@blueprint.get("/revocations/<uuid:revocation>")
def show(revocation: UUID) -> Response:
    """One of them, and what became of the items that stood on it."""
    wanted = listed(MOST)
    with transaction() as session:
        chosen = queries.revocation(session, actor(), revocation)
        rows = queries.consequences(session, actor(), revocation, id_cursor(wanted), MOST + 1)
        kept, following = wanted.of(rows, lambda row: [row.id])
        effects = [Effect.of(row) for row in kept]
        summary = queries.summary(session, revocation)
        whole = wanted.after is None and following is None
        return page(
            "revocations/page.html",
            revocation=chosen,
            summary=summary,
            effects=effects,
            others=sum(summary.values()) - len(effects) if whole else 0,
            dossiers=_dossiers(session, effects),
            following=following and url_for(".show", revocation=revocation, cursor=following),
        )


@blueprint.get("/revocations/<kind>/<uuid:fact>")
def foresee(kind: str, fact: UUID) -> Response:
    """The form, beside what it would do: nothing is changed."""
    return _form(kind, fact, BLANK)


@blueprint.post("/revocations/<kind>/<uuid:fact>")
def revoke(kind: str, fact: UUID) -> Response:
    """Take a fact back, for itself or because of what an audit found."""
    try:
        said = load(FactRevocationIn(), words("reason", "audit", "digest"))
        with transaction() as session:
            inquiries.take_back(
                session, actor(), said["audit"], _kind(kind), fact, said["reason"], said["digest"]
            )
    except DomainError as error:
        return _form(kind, fact, refused(error), error.status)
    if said["audit"] is not None:
        return redirect(url_for("console.audits.show", audit=said["audit"], fait="revocation"), 303)
    return redirect(url_for("console.revocations.find"), 303)


def _form(kind: str, fact: UUID, typed: Typed, status: int = 200) -> Response:
    audit = load(FactRevocationIn(partial=True), {"audit": request.values.get("audit")}).get("audit")
    with transaction() as session:
        effects = inquiries.what_if_taken_back(session, actor(), audit, _kind(kind), fact, "")
        impact = impact_of(session, actor(), effects, dry_run=True)
        return page(
            "revocations/form.html",
            status,
            kind=kind,
            fact=fact,
            audit=audit,
            impact=impact,
            dossiers=_dossiers(session, impact.effects),
            typed=typed,
        )


def _kind(name: str) -> type[Verification] | type[Certificate]:
    if name not in KINDS:
        raise NotFound("On ne révoque ici qu'une vérification ou un certificat : vérifiez l'adresse.")
    return KINDS[name]


def _dossiers(session: Session, effects: Sequence[Effect]) -> dict[UUID, str]:
    return queries.dossier_names(session, actor(), {effect.candidature for effect in effects})
