"""Bundles over HTTP: sealed on demand, handed out once a signed head covers them, and the script that checks them."""

from importlib import resources
from typing import Any
from uuid import UUID

from flask import Response, request
from flask_smorest import Blueprint

from referencing.base.permissions import Right
from referencing.base.shapes import shape
from referencing.register.days.routes import day_of
from referencing.web.descriptions import OF_A_SHEET, asks_no_key, needs, tells
from referencing.web.requests import actor, answer, parts, transaction

from . import acts, audits, minutes, register
from .schemas import BundleOut, SealedOut
from .sealing import Sealed, seal

blueprint = Blueprint(
    "bundles", __name__, url_prefix="/api/v1", description="What can be checked without the application"
)

CHECKER, SCRIPT = "verifier-preuve.py", "text/x-python; charset=utf-8"
_sealed = shape(SealedOut)


def _answer(sealed: Sealed) -> Response:
    return answer(_sealed(sealed.bundle), 201 if sealed.is_new else 200)


def handed_out(bundle: dict[str, Any], name: str) -> Response:
    """A bundle as a file to keep."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return answer(bundle, headers=headers)


@blueprint.route("/candidatures/<uuid:candidature>/receipts/<int:number>/bundle", methods=["PUT"])
@needs(Right.FOLLOW_CANDIDATURES)
@blueprint.response(200, SealedOut)
@blueprint.alt_response(201, schema=SealedOut, description="Sealed just now.")
def seal_receipt(candidature: UUID, number: int) -> Response:
    """Seal a receipt, so that it can be checked offline; of a decision, with its items, files, derivations and rules.

    Asked again, nothing is sealed anew unless what it tells has changed.
    """
    with transaction() as session:
        return _answer(seal(session, acts.act_content(session, actor(), candidature, number)))


@blueprint.route("/candidatures/<uuid:candidature>/receipts/<int:number>/bundle")
@needs(Right.FOLLOW_CANDIDATURES)
@tells(*OF_A_SHEET)
@blueprint.response(200, BundleOut)
def read_receipt_bundle(candidature: UUID, number: int) -> Response:
    """A receipt that was sealed, with its proofs; a conflict until a signed head covers it, within minutes."""
    with transaction() as session:
        bundle = acts.act_bundle(session, actor(), candidature, number)
        return handed_out(bundle, acts.name_of(candidature, number))


@blueprint.route("/duo/sessions/<uuid:session>/minutes/bundle", methods=["PUT"])
@needs(Right.FOLLOW_SESSIONS)
@blueprint.response(200, SealedOut)
@blueprint.alt_response(201, schema=SealedOut, description="Sealed just now.")
def seal_minutes(session: UUID) -> Response:
    """Seal the minutes of a session that both sides signed, so that they can be checked offline."""
    with transaction() as opened:
        return _answer(seal(opened, minutes.minutes_content(opened, actor(), session)))


@blueprint.route("/duo/sessions/<uuid:session>/minutes/bundle")
@needs(Right.FOLLOW_SESSIONS)
@tells(*OF_A_SHEET)
@blueprint.response(200, BundleOut)
def read_minutes_bundle(session: UUID) -> Response:
    """Minutes that were sealed, with the document itself and the proofs; a conflict until a signed head covers them."""
    with transaction() as opened:
        bundle = minutes.minutes_bundle(opened, actor(), request.remote_addr, session)
        return handed_out(bundle, minutes.name_of(session))


@blueprint.route("/audits/<uuid:audit>/bundle", methods=["PUT"])
@needs(Right.READ_AUDIT_FILES)
@blueprint.response(200, SealedOut)
@blueprint.alt_response(201, schema=SealedOut, description="Sealed just now.")
def seal_audit(audit: UUID) -> Response:
    """Seal the file of an audit as it is now, so that it can be checked offline; once more after each change."""
    with transaction() as session:
        return _answer(seal(session, audits.audit_content(session, actor(), parts().vault, audit)))


@blueprint.route("/audits/<uuid:audit>/bundle")
@needs(Right.READ_AUDIT_FILES)
@tells(*OF_A_SHEET)
@blueprint.response(200, BundleOut)
def read_audit_bundle(audit: UUID) -> Response:
    """The file of an audit as it was sealed last, with its proofs; a conflict until a signed head covers it.

    The record goes along while nothing has changed since; the pieces are in the archive (`/export`).
    """
    with transaction() as session:
        bundle = audits.audit_bundle(session, actor(), parts().vault, request.remote_addr, audit)
        return handed_out(bundle, audits.name_of(audit))


@blueprint.route("/register/days/<part:day>/bundle")
@asks_no_key()
@tells(*OF_A_SHEET)
@blueprint.response(200, BundleOut)
def read_day_bundle(day: str) -> Response:
    """The public list of a day with its proofs; a conflict until a signed head covers it, within hours of its end."""
    named = day_of(day)
    with transaction() as session:
        response = handed_out(register.day_bundle(session, named), register.name_of(named))
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


@blueprint.route("/bundles/checker")
@asks_no_key()
@blueprint.response(200, {"type": "string"}, content_type="text/x-python")
def read_checker() -> Response:
    """A script that checks bundles: one file of Python, which needs neither the application nor anything installed."""
    script = resources.files("referencing.bundles").joinpath("checker.py").read_bytes()
    headers = {
        "Content-Disposition": f'attachment; filename="{CHECKER}"',
        "Cache-Control": "public, max-age=3600",
    }
    return Response(script, headers=headers, content_type=SCRIPT)
