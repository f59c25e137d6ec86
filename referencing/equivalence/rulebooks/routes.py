"""Rulebooks over HTTP: their life, from a draft to the day on which another takes their place."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from referencing.base.permissions import Right
from referencing.base.schemas import page_of
from referencing.base.shapes import shape
from referencing.journal.disclosure import disclosed
from referencing.journal.schemas import EventOut
from referencing.web.descriptions import ETAG, needs, tells
from referencing.web.forms import FORM, one_file
from referencing.web.pages import Page, PageArguments, id_cursor, listing
from referencing.web.requests import actor, answer, etag, transaction

from . import editing, history, operations, queries, schemas, withdrawal
from .views import rulebook_view, rules_of_words, whole_view

blueprint = Blueprint("rulebooks", __name__, url_prefix="/api/v1", description="The rules of reuse")


@blueprint.route("/rulebooks", methods=["POST"])
@needs(Right.EDIT_RULEBOOKS)
@tells(ETAG)
@blueprint.arguments(schemas.RulebookIn)
@blueprint.response(201, schemas.RulebookOut)
def write_rulebook(words: dict[str, Any]) -> Response:
    """Write a draft."""
    with transaction() as session:
        found = operations.write_rulebook(session, actor(), words["label"], rules_of_words(words))
        return answer(rulebook_view(found, actor()), 201, etag(found.revision))


@blueprint.route("/rulebooks")
@needs(Right.READ_RULEBOOKS)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(schemas.RulebookOut))
def list_rulebooks(arguments: dict[str, Page]) -> Response:
    """The rulebooks, in the order of writing."""
    page = arguments["page"]
    with transaction() as session:
        found = queries.rulebooks(session, actor(), id_cursor(page), page.limit + 1)
        shown, following = page.of(found, lambda one: [one.id])
        return listing([rulebook_view(one, actor()) for one in shown], following)


@blueprint.route("/rulebooks/<uuid:rulebook>")
@needs(Right.READ_RULEBOOKS)
@tells(ETAG)
@blueprint.response(200, schemas.RulebookWhole)
def read_rulebook(rulebook: UUID) -> Response:
    """A rulebook with all its rules; its ETag is what an edit is made on."""
    with transaction() as session:
        found = queries.visible_rulebook(session, actor(), rulebook)
        return answer(whole_view(found, actor()), headers=etag(found.revision))


@blueprint.route("/rulebooks/<uuid:rulebook>/correspondences", methods=["POST"])
@needs(Right.EDIT_RULEBOOKS)
@blueprint.doc(requestBody=FORM)
@blueprint.response(200, schemas.CorrespondencesImportOut)
def add_correspondences(rulebook: UUID) -> Response:
    """Add the rows of a correspondences CSV (one vague to the next) to a draft.

    A DSR is named by its dispositif and its vague: `LGC` and `2` are the DSR of the code `LGC-V2`. A code that no DSR
    has is told in `unknown_dsrs`; its rows are kept.
    """
    with transaction() as session:
        return answer(asdict(operations.add_correspondences(session, actor(), rulebook, one_file())))


@blueprint.route("/rulebooks/<uuid:rulebook>/certificate-kinds", methods=["POST"])
@needs(Right.EDIT_RULEBOOKS)
@blueprint.doc(requestBody=FORM)
@blueprint.arguments(schemas.CertificateTableArguments, location="query")
@blueprint.response(200, schemas.CorrespondencesOut)
def import_certificate_kinds(arguments: dict[str, str], rulebook: UUID) -> Response:
    """Import into a draft the table (CSV) of what certificates replace in one DSR.

    Columns `parcours` and the DSR's chapters; the rows `TYPE_avec_certificat` say `equivalence` or `demande` for each.
    """
    with transaction() as session:
        rows, counts, problems = editing.import_kinds(
            session, actor(), rulebook, arguments["dsr"], one_file()
        )
        return answer({"rows": rows, **counts, "problems": [asdict(one) for one in problems]})


@blueprint.route("/rulebooks/<uuid:rulebook>/checks", methods=["POST"])
@needs(Right.EDIT_RULEBOOKS)
@blueprint.response(200, schemas.CheckOut)
def check_rulebook(rulebook: UUID) -> Response:
    """Check a draft against the published DSRs: errors forbid its publication, warnings have to be accepted."""
    with transaction() as session:
        found, findings = operations.check_rulebook(session, actor(), rulebook)
        return answer(_check(found, [asdict(one) for one in findings]))


@blueprint.route("/rulebooks/<uuid:rulebook>/checks")
@needs(Right.READ_RULEBOOKS)
@blueprint.response(200, schemas.CheckOut)
def read_check(rulebook: UUID) -> Response:
    """What the last check of the present content found."""
    with transaction() as session:
        found = history.checked_rulebook(session, actor(), rulebook)
        return answer(_check(found, found.findings or []))


def _check(found: Any, findings: list[dict[str, Any]]) -> dict[str, Any]:
    words = {"state": found.state, "checked_at": found.checked_at, "digest": found.checked_digest}
    return {**words, "findings": findings}


@blueprint.route("/rulebooks/<uuid:rulebook>/withdrawal", methods=["POST"])
@needs(Right.EDIT_RULEBOOKS)
@blueprint.arguments(schemas.WithdrawalIn)
@blueprint.response(200, schemas.RulebookOut)
def withdraw_rulebook(words: dict[str, str], rulebook: UUID) -> Response:
    """Take back a rulebook that waits for its day: it is a draft again."""
    with transaction() as session:
        return answer(
            rulebook_view(withdrawal.withdraw_rulebook(session, actor(), rulebook, **words), actor())
        )


@blueprint.route("/rulebooks/<uuid:rulebook>/diff")
@needs(Right.READ_RULEBOOKS)
@blueprint.arguments(schemas.DiffArguments, location="query")
@blueprint.response(200, schemas.DiffOut)
def compare_rulebooks(arguments: dict[str, Any], rulebook: UUID) -> Response:
    """What was added, removed and changed since another rulebook, by default the one in force."""
    with transaction() as session:
        before, changes = history.compared(session, actor(), rulebook, arguments["against"])
        return answer({"against": before and before.id, **asdict(changes)})


@blueprint.route("/rulebooks/<uuid:rulebook>/history")
@needs(Right.READ_RULEBOOKS)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(EventOut))
def read_rulebook_history(arguments: dict[str, Page], rulebook: UUID) -> Response:
    """Who changed what in a rulebook, oldest first."""
    page = arguments["page"]
    last = (page.keys(int) or (0,))[0]
    with transaction() as session:
        found = history.history(session, actor(), rulebook, last, page.limit + 1)
        shown, following = page.of(found, lambda one: [one.number])
        return listing([shape(EventOut)(disclosed(one, actor())) for one in shown], following)
