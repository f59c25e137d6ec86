"""Audits over HTTP: from their planning to their closing, their sample and their evidence."""

from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from referencing.base.permissions import Right
from referencing.base.schemas import page_of
from referencing.base.shapes import shape
from referencing.catalogue.proposals import ProofKind
from referencing.files.downloads import BYTES, serve
from referencing.files.examination import all_examined
from referencing.files.operations import store_file
from referencing.journal.disclosure import disclosed
from referencing.journal.schemas import EventOut
from referencing.proofs.schemas import ReasonIn
from referencing.web.descriptions import ETAG, IF_MATCH, LOCATION, needs, reads, tells
from referencing.web.forms import announced_file_parts, announced_words
from referencing.web.idempotency import once, repeats_itself
from referencing.web.pages import Page, PageArguments, id_cursor, listing
from referencing.web.requests import actor, answer, etag, expected_version, parts, transaction

from . import evidence as files
from . import inquiries, queries, samples, schemas
from .models import Audit
from .views import draw_again, evidence_for, sampled_for

blueprint = Blueprint(
    "inquiries", __name__, url_prefix="/api/v1", description="Audits of referenced solutions"
)

_audit = shape(schemas.AuditOut)


def _audit_answer(audit: Audit, status: int = 200) -> Response:
    return answer(_audit(audit, actor()), status)


@blueprint.route("/audits", methods=["POST"])
@needs(Right.AUDIT)
@tells(LOCATION)
@blueprint.arguments(schemas.AuditIn)
@blueprint.response(201, schemas.AuditOut)
def plan_audit(words: dict[str, Any]) -> Response:
    """Plan an audit of a referenced solution, and draw what is verified again; its editor is told once it is opened."""
    with transaction() as session:
        audit = inquiries.plan(session, actor(), **words)
        response = _audit_answer(audit, 201)
        response.headers["Location"] = f"/api/v1/audits/{audit.id}"
        return response


@blueprint.route("/audits")
@needs(Right.READ_AUDITS)
@blueprint.arguments(schemas.AuditsArguments, location="query")
@blueprint.response(200, page_of(schemas.AuditOut))
def list_audits(arguments: dict[str, Any]) -> Response:
    """The audits, for an editor those of its solutions, in the order of planning."""
    page: Page = arguments.pop("page")
    with transaction() as session:
        audits = queries.audits(session, actor(), id_cursor(page), page.limit + 1, **arguments)
        page_audits, following = page.of(audits, lambda one: [one.id])
        return listing([_audit(one, actor()) for one in page_audits], following)


@blueprint.route("/audits/<uuid:audit>")
@needs(Right.READ_AUDITS)
@blueprint.response(200, schemas.AuditOut)
def read_audit(audit: UUID) -> Response:
    """Where an audit stands."""
    with transaction() as session:
        return _audit_answer(queries.audit(session, actor(), audit))


@blueprint.route("/audits/<uuid:audit>/opening", methods=["POST"])
@needs(Right.AUDIT)
@blueprint.response(200, schemas.AuditOut)
def open_audit(audit: UUID) -> Response:
    """Announce an audit to the editor."""
    with transaction() as session:
        return _audit_answer(inquiries.open_(session, actor(), audit))


@blueprint.route("/audits/<uuid:audit>/notification", methods=["POST"])
@needs(Right.AUDIT)
@blueprint.arguments(schemas.DeadlineIn)
@blueprint.response(200, schemas.AuditOut)
def notify(words: dict[str, Any], audit: UUID) -> Response:
    """Let the editor read what was found, and say until when it may answer (15 working days unless told)."""
    with transaction() as session:
        return _audit_answer(inquiries.notify(session, actor(), audit, **words))


@blueprint.route("/audits/<uuid:audit>/follow-up", methods=["POST"])
@needs(Right.AUDIT)
@blueprint.response(200, schemas.AuditOut)
def follow_plans(audit: UUID) -> Response:
    """Go on to the plans, once each non-conformité has an accepted one."""
    with transaction() as session:
        return _audit_answer(inquiries.follow_plans(session, actor(), audit))


@blueprint.route("/audits/<uuid:audit>/closing", methods=["POST"])
@needs(Right.AUDIT)
@blueprint.arguments(schemas.ConclusionsIn)
@blueprint.response(200, schemas.AuditOut)
def close(words: dict[str, str], audit: UUID) -> Response:
    """Close an audit, with conclusions."""
    with transaction() as session:
        return _audit_answer(inquiries.close(session, actor(), audit, words["conclusions"]))


@blueprint.route("/audits/<uuid:audit>/abandonment", methods=["POST"])
@needs(Right.AUDIT)
@blueprint.arguments(ReasonIn)
@blueprint.response(200, schemas.AuditOut)
def abandon(words: dict[str, str], audit: UUID) -> Response:
    """Give an audit up before anything was notified, with a reason."""
    with transaction() as session:
        return _audit_answer(inquiries.abandon(session, actor(), audit, words["reason"]))


@blueprint.route("/audits/<uuid:audit>/draw")
@needs(Right.READ_AUDITS)
@blueprint.response(200, schemas.DrawOut)
def read_audit_draw(audit: UUID) -> Response:
    """How the sample was drawn: the seed and the weights, with which anyone draws the same again."""
    with transaction() as session:
        return answer(draw_again(queries.audit(session, actor(), audit)))


@blueprint.route("/audits/<uuid:audit>/sample")
@needs(Right.READ_AUDITS)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(schemas.SampledOut))
def list_audit_sample(arguments: dict[str, Page], audit: UUID) -> Response:
    """The sample of an audit: the proofs of the requirements that were drawn, then what was added."""
    page = arguments["page"]
    cursor = page.keys(int)
    with transaction() as session:
        about, sampled_items = queries.sample(session, actor(), audit, cursor, page.limit + 1)
        page_items, following = page.of(sampled_items, lambda one: [one.position])
        return listing([sampled_for(actor(), about, one) for one in page_items], following)


@blueprint.route("/audits/<uuid:audit>/sample", methods=["POST"])
@needs(Right.AUDIT)
@tells(ETAG)
@blueprint.arguments(schemas.AddedIn)
@blueprint.response(201, schemas.SampledOut)
def extend_audit_sample(words: dict[str, str], audit: UUID) -> Response:
    """Verify again what was not drawn, with a reason."""
    with transaction() as session:
        added = samples.add(session, actor(), audit, words["item"], words["reason"])
        about = queries.audit(session, actor(), audit)
        return answer(sampled_for(actor(), about, added), 201, etag(added.revision))


@blueprint.route("/audits/<uuid:audit>/sample/<uuid:sampled>")
@needs(Right.READ_AUDITS)
@tells(ETAG)
@blueprint.response(200, schemas.SampledOut)
def read_sampled_proof(audit: UUID, sampled: UUID) -> Response:
    """One proof of the sample, with its ETag."""
    with transaction() as session:
        about = queries.audit(session, actor(), audit)
        sampled_item = queries.sampled(session, about, sampled)
        return answer(sampled_for(actor(), about, sampled_item), 200, etag(sampled_item.revision))


@blueprint.route("/audits/<uuid:audit>/sample/<uuid:sampled>/finding", methods=["PUT"])
@needs(Right.AUDIT)
@reads(IF_MATCH)
@tells(ETAG)
@blueprint.arguments(schemas.AuditFindingIn)
@blueprint.response(200, schemas.SampledOut)
def note_finding(words: dict[str, Any], audit: UUID, sampled: UUID) -> Response:
    """Say what was found on a proof that is verified again; `If-Match` carries the ETag that was read."""
    with transaction() as session:
        sampled_item = samples.find(session, actor(), audit, sampled, **words, revision=expected_version())
        about = queries.audit(session, actor(), audit)
        return answer(sampled_for(actor(), about, sampled_item), 200, etag(sampled_item.revision))


@blueprint.route("/audits/<uuid:audit>/timeline")
@needs(Right.READ_AUDIT_FILES)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(EventOut))
def read_audit_timeline(arguments: dict[str, Page], audit: UUID) -> Response:
    """The events of an audit, for the agency; an editor reads those of its own in the candidature's timeline."""
    page = arguments["page"]
    number = (page.keys(int) or (0,))[0]
    with transaction() as session:
        entries = queries.timeline(session, actor(), audit, number, page.limit + 1)
        page_entries, following = page.of(entries, lambda one: [one.number])
        return listing([shape(EventOut)(disclosed(one, actor())) for one in page_entries], following)


@blueprint.route("/audits/<uuid:audit>/evidence")
@needs(Right.READ_AUDITS)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(schemas.EvidenceOut))
def list_evidence(arguments: dict[str, Page], audit: UUID) -> Response:
    """The files of an audit, in the order of adding."""
    page = arguments["page"]
    cursor = page.keys(int)
    with transaction() as session:
        evidence = queries.evidence(session, actor(), audit, cursor, page.limit + 1)
        page_files, following = page.of(evidence, lambda one: [one.position])
        return listing([evidence_for(actor(), one) for one in page_files], following)


@blueprint.route("/audits/<uuid:audit>/evidence", methods=["POST"])
@needs(Right.ANSWER_AUDITS, Right.AUDIT)
@repeats_itself
@blueprint.doc(requestBody=schemas.EVIDENCE_BODY)
@blueprint.response(201, schemas.EvidencesOut)
def add_evidence(audit: UUID) -> Response:
    """Add files to an audit: a form whose first field `evidence` (JSON) says what they are about, then the files."""
    announced, sent = announced_file_parts("evidence", schemas.LONGEST_FIELD, schemas.MOST_FILES)
    words = announced_words("evidence", schemas.EvidenceIn(), announced)
    comment, about = words.pop("comment"), files.About(**words)
    with transaction() as session:
        files.may_add(session, actor(), audit, about)
    vault, limit = parts().vault, parts().settings.largest_file
    stored = [store_file(vault.storage, part.filename, part.media_type, part, limit) for part in sent]
    kept = all_examined(vault.storage, stored, ProofKind.OTHER)

    def effect() -> Response:
        with transaction() as session:
            added = files.add(session, actor(), vault, audit, about, comment, kept)
            added_files = [queries.file(session, actor(), one.id) for one in added]
            return answer({"items": [evidence_for(actor(), one) for one in added_files]}, 201)

    key = [
        announced.decode(errors="replace"),
        *(one for file in stored for one in (file.filename, file.sha256)),
    ]
    return once(key, effect)


@blueprint.route("/evidence/<uuid:evidence>")
@needs(Right.READ_AUDITS)
@blueprint.response(200, BYTES, content_type="application/octet-stream")
@blueprint.alt_response(206, schema=BYTES, content_type="application/octet-stream", success=True)
def read_evidence(evidence: UUID) -> Response:
    """A file of an audit as it was sent; serves ranges. `X-Scan` says what the antivirus found."""
    with transaction() as session:
        file = queries.file(session, actor(), evidence)
    return serve(file)


@blueprint.route("/evidence/<uuid:evidence>/acceptance", methods=["POST"])
@needs(Right.READ_AUDITS)
@blueprint.arguments(ReasonIn)
@blueprint.response(200, schemas.EvidenceOut)
def accept_evidence(words: dict[str, str], evidence: UUID) -> Response:
    """Accept, with a reason, to read a file that the antivirus could not scan."""
    with transaction() as session:
        file = files.accept(session, actor(), evidence, words["reason"])
        return answer(evidence_for(actor(), file))
