"""One expected proof of a dossier: its state, its versions and verdicts, and why it stands as it does on a day."""

from uuid import UUID

from flask import Blueprint, request
from werkzeug.wrappers import Response

from referencing.base.db import today
from referencing.base.errors import DomainError
from referencing.base.permissions import Right, may
from referencing.base.shapes import shape
from referencing.candidatures.api import queries
from referencing.candidatures.api.item_schemas import RoundOut
from referencing.candidatures.api.views import item_view
from referencing.candidatures.explanations import account
from referencing.candidatures.explanations.schemas import ExplanationArguments
from referencing.candidatures.explanations.views import explanation_view
from referencing.candidatures.record import queries as record_queries
from referencing.candidatures.tasks.opening import open_task_of
from referencing.candidatures.verdicts.rounds import verdicts_on
from referencing.console.changes import place_of, seen, watch
from referencing.console.dossiers.file import dossier_file
from referencing.console.pages import page
from referencing.console.tasks.reuse import tree
from referencing.console.typed import BLANK, load, refused
from referencing.proofs.queries import stale, versions
from referencing.proofs.views import proof_view
from referencing.web.requests import actor, transaction

blueprint = Blueprint("items", __name__)

MOST = 100


@blueprint.get("/dossiers/<uuid:candidature>/preuves/<uuid:item>/presence")
def follow(candidature: UUID, item: UUID) -> Response:
    """The stream that tells when somebody comes to look at the item, or goes."""
    with transaction() as session:
        record_queries.item(session, record_queries.candidature(session, actor(), candidature), str(item))
    return watch(place_of(actor(), item))


@blueprint.get("/dossiers/<uuid:candidature>/preuves/<uuid:item>")
def show(candidature: UUID, item: UUID) -> Response:
    """How it stands now, or stood at the end of the day that is asked for."""
    typed, explanation, status = BLANK, None, 200
    with transaction() as session:
        shown_as = seen(session, place=place_of(actor(), item))
        file = dossier_file(session, actor(), candidature)
        about = record_queries.item(session, file.candidature, str(item))
        if may(actor(), Right.FOLLOW_CANDIDATURES):
            try:
                day = load(ExplanationArguments(), {"on": request.args.get("on", "")})["on"]
                explanation = explanation_view(
                    account.item_account(session, actor(), candidature, str(item), day)
                )
            except DomainError as error:
                typed, status = refused(error), error.status
        supplied = versions(session, actor(), about.id)
        reasons = stale(session, [proof.id for proof in supplied])
        reads_tasks = may(actor(), Right.READ_QUEUES)
        return page(
            "items/page.html",
            status,
            file=file,
            item=item_view(queries.item_view(session, about), actor()),
            explanation=explanation,
            derivation=explanation and tree(explanation, ()),
            rounds=[*map(shape(RoundOut), verdicts_on(session, actor(), about, None, MOST))],
            versions=[proof_view(proof, reasons) for proof in supplied],
            task=open_task_of(session, file.candidature, about) if reads_tasks else None,
            today=today(session),
            seen=shown_as,
            typed=typed,
        )
