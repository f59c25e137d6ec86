"""Catalogue over HTTP."""

from typing import Any

from flask import Response
from flask_smorest import Blueprint

from referencing.base.permissions import Right
from referencing.base.schemas import page_of
from referencing.base.shapes import shape
from referencing.web.descriptions import ETAG, IF_MATCH, LOCATION, needs, reads, tells
from referencing.web.forms import FORM, one_file
from referencing.web.pages import Page, PageArguments, listing
from referencing.web.requests import actor, answer, etag, expected_version, transaction

from . import importing, operations, queries, schemas
from .models import Dsr

blueprint = Blueprint("catalogue", __name__, url_prefix="/api/v1", description="What is asked")


_words = shape(schemas.DsrActsOut)
_version = shape(schemas.VersionOut)
_summary = shape(schemas.VersionSummaryOut)
_requirement = shape(schemas.RequirementOut)
_proof = shape(schemas.ExpectedProofOut)
_import = shape(schemas.ImportOut)
_socles = shape(schemas.SoclesOut)


def _dsr(dsr: Dsr) -> dict[str, Any]:
    return {**_words(dsr, actor()), "versions": [_version(one) for one in queries.visible(actor(), dsr)]}


@blueprint.route("/dsrs/<dsr>", methods=["PUT"])
@needs(Right.EDIT_CATALOGUE)
@tells(LOCATION)
@blueprint.arguments(schemas.DsrIn)
@blueprint.response(200, schemas.DsrOut)
@blueprint.alt_response(201, schema=schemas.DsrOut, description="It is new", success=True)
def define_dsr(words: dict[str, Any], dsr: str) -> Response:
    """Create a DSR with an empty draft, or change its words.

    `dsr` is its code, chosen here for good: candidatures, rules and the codes of its requirements and proofs
    (`LGC-V2:INS/va1.60#01.01`) name it so. The correspondences CSV makes it of dispositif and vague,
    `DISPOSITIF-VVAGUE`: a DSR under another code is not reached by such a table.
    """
    with transaction() as session:
        defined, created = operations.define_dsr(session, actor(), dsr, **words)
        return answer(_dsr(defined), 201 if created else 200, {"Location": f"/api/v1/dsrs/{dsr}"})


@blueprint.route("/dsrs")
@needs(Right.READ_CATALOGUE)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(schemas.DsrOut))
def list_dsrs(arguments: dict[str, Page]) -> Response:
    """The DSRs, by code."""
    page = arguments["page"]
    with transaction() as session:
        cursor = page.keys(str)
        dsrs = queries.dsrs(session, actor(), cursor, page.limit + 1)
        page_dsrs, following = page.of(dsrs, lambda one: [one.code])
        return listing([_dsr(one) for one in page_dsrs], following)


@blueprint.route("/dsrs/<dsr>")
@needs(Right.READ_CATALOGUE)
@blueprint.response(200, schemas.DsrOut)
def read_dsr(dsr: str) -> Response:
    """A DSR and its versions."""
    with transaction() as session:
        return answer(_dsr(queries.readable_dsr(session, actor(), dsr)))


@blueprint.route("/dsrs/<dsr>/imports", methods=["POST"])
@needs(Right.EDIT_CATALOGUE)
@blueprint.doc(requestBody=FORM)
@blueprint.response(200, schemas.ImportOut)
def import_requirements(dsr: str) -> Response:
    """Import a REM workbook (Convergence export) into the draft; the report lists the problems by row."""
    with transaction() as session:
        return answer(_import(importing.import_requirements(session, actor(), dsr, one_file())))


@blueprint.route("/dsrs/<dsr>/socles", methods=["PUT"])
@needs(Right.EDIT_CATALOGUE)
@blueprint.doc(requestBody=FORM)
@blueprint.response(200, schemas.SoclesOut)
def link_socles(dsr: str) -> Response:
    """Set from which socle each requirement descends (CSV)."""
    with transaction() as session:
        return answer(_socles(importing.link_socles(session, actor(), dsr, one_file())))


@blueprint.route("/dsrs/<dsr>/publication", methods=["POST"])
@needs(Right.EDIT_CATALOGUE)
@blueprint.response(200, schemas.VersionOut)
def publish(dsr: str) -> Response:
    """Freeze the draft: candidatures filed from now on pin it."""
    with transaction() as session:
        version = operations.publish(session, actor(), dsr)
        return answer(_version(version))


@blueprint.route("/dsrs/<dsr>/summary")
@needs(Right.READ_CATALOGUE)
@blueprint.arguments(schemas.VersionArguments, location="query")
@blueprint.response(200, schemas.VersionSummaryOut)
def summarise(arguments: dict[str, Any], dsr: str) -> Response:
    """What a version asks for: its proofs by kind and guichet, its chapters, and what changed since the one before."""
    with transaction() as session:
        version = queries.version(session, actor(), dsr, arguments["version"])
        return answer(_summary(queries.summary(session, version)))


@blueprint.route("/dsrs/<dsr>/requirements")
@needs(Right.READ_CATALOGUE)
@blueprint.arguments(schemas.RequirementsArguments, location="query")
@blueprint.response(200, page_of(schemas.RequirementOut))
def list_requirements(arguments: dict[str, Any], dsr: str) -> Response:
    """The requirements of a version with their expected proofs, in order; those of a chapter, kind or guichet."""
    page: Page = arguments["page"]
    cursor = page.keys(int)
    with transaction() as session:
        version = queries.version(session, actor(), dsr, arguments["version"])
        narrowed = {name: arguments[name] for name in ("chapter", "kind", "guichet")}
        requirements = queries.requirements(session, version.id, cursor, page.limit + 1, **narrowed)
        page_requirements, following = page.of(requirements, lambda one: [one.position])
        return listing([_requirement(one) for one in page_requirements], following)


@blueprint.route("/dsrs/<dsr>/proofs/<proof:code>", methods=["PATCH"])
@needs(Right.EDIT_CATALOGUE)
@reads(IF_MATCH)
@tells(ETAG)
@blueprint.arguments(schemas.CorrectionIn)
@blueprint.response(200, schemas.ExpectedProofOut)
def correct_expected_proof(corrections: dict[str, Any], dsr: str, code: str) -> Response:
    """Correct what was proposed for an expected proof of the draft (If-Match: its revision)."""
    with transaction() as session:
        proof = operations.correct_proof(session, actor(), dsr, code, expected_version(), corrections)
        return answer(_proof(proof), headers=etag(proof.revision))
