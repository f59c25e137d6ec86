"""Bundles over HTTP: sealed on demand, handed out once a signed head covers them, and the script that checks them."""

from importlib import resources
from typing import Any
from uuid import UUID

from flask import Response, request
from flask_smorest import Blueprint

from referencing.base.permissions import Right
from referencing.base.shapes import shape
from referencing.files.reads.models import ReadKind
from referencing.files.reads.operations import note_session_read
from referencing.web.descriptions import needs
from referencing.web.requests import actor, answer, transaction

from . import acts, minutes
from .proving import proven
from .schemas import BundleOut, SealedOut
from .sealing import Sealed, seal

blueprint = Blueprint(
    "bundles", __name__, url_prefix="/api/v1", description="What can be checked without the application"
)

CHECKER, SCRIPT = "verifier-preuve.py", "text/x-python; charset=utf-8"
_sealed = shape(SealedOut)


def _answer(sealed: Sealed) -> Response:
    return answer(_sealed(sealed.bundle), 201 if sealed.is_new else 200)


def _handed_out(bundle: dict[str, Any], name: str) -> Response:
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
@blueprint.response(200, BundleOut)
def read_receipt_bundle(candidature: UUID, number: int) -> Response:
    """A receipt that was sealed, with its proofs; a conflict until a signed head covers it, within minutes."""
    with transaction() as session:
        dossier, entry = acts.act_of(session, actor(), candidature, number)
        bundle = proven(session, acts.subject_of(dossier.id, number), entry)
        return _handed_out(bundle, f"preuve-{dossier.id}-{number}.json")


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
@blueprint.response(200, BundleOut)
def read_minutes_bundle(session: UUID) -> Response:
    """Minutes that were sealed, with the document itself and the proofs; a conflict until a signed head covers them."""
    name = f"preuve-seance-{session}.json"
    with transaction() as opened:
        documents = minutes.attached(opened, actor(), session)
        bundle = proven(opened, minutes.subject_of(session), attached=documents)
        note_session_read(opened, actor(), request.remote_addr, ReadKind.MINUTES, session, name)
        return _handed_out(bundle, name)


@blueprint.route("/bundles/checker")
@blueprint.doc(security=[])
@blueprint.response(200, {"type": "string"}, content_type="text/x-python")
def read_checker() -> Response:
    """A script that checks bundles: one file of Python, which needs neither the application nor anything installed."""
    script = resources.files("referencing.bundles").joinpath("checker.py").read_bytes()
    headers = {
        "Content-Disposition": f'attachment; filename="{CHECKER}"',
        "Cache-Control": "public, max-age=3600",
    }
    return Response(script, headers=headers, content_type=SCRIPT)
