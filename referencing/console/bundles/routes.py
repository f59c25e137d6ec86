"""What checks a receipt, minutes or an audit's file without the application: seal it, and take the file away."""

from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from referencing.audits.inquiries import queries as audit_queries
from referencing.base.permissions import Right, authorise
from referencing.bundles import acts, audits, minutes
from referencing.bundles.queries import last_of
from referencing.bundles.routes import handed_out
from referencing.bundles.sealing import seal
from referencing.console.pages import page
from referencing.duo.minutes.operations import read
from referencing.heads.proving import head_over
from referencing.web.requests import actor, parts, transaction

blueprint = Blueprint("bundles", __name__)

RECEIPT = "/dossiers/<uuid:candidature>/recepisses/<int:number>/preuve"
MINUTES = "/seances/<uuid:live>/preuve"
AUDIT = "/audits/<uuid:audit>/preuve"


def _page(session: Session, subject: str, what: str, back: str) -> Response:
    """Where the sealing of a subject is; `back` is where the page of what is sealed is."""
    sealed = last_of(session, subject)
    provable = sealed is not None and head_over(session, sealed.position) is not None
    return page("bundles/page.html", what=what, back=back, sealed=sealed, provable=provable)


def _again() -> Response:
    return redirect(request.path, 303)


@blueprint.get(RECEIPT)
def receipt(candidature: UUID, number: int) -> Response:
    """Whether a receipt is sealed, and its file."""
    with transaction() as session:
        dossier, entry = acts.act_of(session, actor(), candidature, number)
        subject = acts.subject_of(dossier.id, entry.number)
        back = url_for("console.dossiers.show_receipt", candidature=candidature, number=number)
        return _page(session, subject, "le récépissé", back)


@blueprint.post(RECEIPT)
def seal_receipt(candidature: UUID, number: int) -> Response:
    """Seal a receipt; of a decision, with what it rests on."""
    with transaction() as session:
        seal(session, acts.act_content(session, actor(), candidature, number))
    return _again()


@blueprint.get(f"{RECEIPT}.json")
def receipt_file(candidature: UUID, number: int) -> Response:
    """The file that checks a receipt."""
    with transaction() as session:
        bundle = acts.act_bundle(session, actor(), candidature, number)
    return handed_out(bundle, acts.name_of(candidature, number))


@blueprint.get(MINUTES)
def minutes_of(live: UUID) -> Response:
    """Whether the minutes of a session are sealed, and their file."""
    with transaction() as session:
        read(session, actor(), live)
        back = url_for("console.live.show", live=live)
        return _page(session, minutes.subject_of(live), "le procès-verbal", back)


@blueprint.post(MINUTES)
def seal_minutes(live: UUID) -> Response:
    """Seal the minutes that both sides signed."""
    with transaction() as session:
        seal(session, minutes.minutes_content(session, actor(), live))
    return _again()


@blueprint.get(f"{MINUTES}.json")
def minutes_file(live: UUID) -> Response:
    """The file that checks the minutes of a session."""
    with transaction() as session:
        bundle = minutes.minutes_bundle(session, actor(), request.remote_addr, live)
    return handed_out(bundle, minutes.name_of(live))


@blueprint.get(AUDIT)
def audit(audit: UUID) -> Response:
    """Whether the file of an audit is sealed, and the file that checks it."""
    authorise(actor(), Right.READ_AUDIT_FILES)
    with transaction() as session:
        about = audit_queries.audit(session, actor(), audit)
        subject = audits.subject_of(about.id)
        back = url_for("console.audits.show", audit=audit)
        return _page(session, subject, "le dossier de l'audit", back)


@blueprint.post(AUDIT)
def seal_audit(audit: UUID) -> Response:
    """Seal the file of an audit as it is now."""
    with transaction() as session:
        seal(session, audits.audit_content(session, actor(), parts().vault, audit))
    return _again()


@blueprint.get(f"{AUDIT}.json")
def audit_file(audit: UUID) -> Response:
    """The file that checks the one of an audit."""
    with transaction() as session:
        bundle = audits.audit_bundle(session, actor(), parts().vault, request.remote_addr, audit)
    return handed_out(bundle, audits.name_of(audit))
