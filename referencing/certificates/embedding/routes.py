"""Montage over HTTP: which softwares embed what a certificate is about."""

from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from referencing.base.schemas import page_of
from referencing.certificates import queries
from referencing.certificates import schemas as certificates_schemas
from referencing.certificates.views import certificate_view
from referencing.web.idempotency import repeatable
from referencing.web.pages import Page, PageArguments, key_as, listing
from referencing.web.requests import actor, answer, transaction

from . import copies, schemas
from . import queries as embedding_queries
from .views import embedding_view

blueprint = Blueprint(
    "embeddings", __name__, url_prefix="/api/v1", description="Certificates of components, entered once"
)


@blueprint.route("/certificates/<uuid:certificate>/embeddings")
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(schemas.EmbeddingOut))
def list_embeddings(arguments: dict[str, Page], certificate: UUID) -> Response:
    """The softwares that declare the component, each with the certificate that it has by that, if any. For leads."""
    page = arguments["page"]
    with transaction() as session:
        found = embedding_queries.embeddings(session, actor(), certificate, _cursor(page), page.limit + 1)
        shown, following = page.of(found, lambda one: [one.software.id, one.component])
        return listing([embedding_view(one) for one in shown], following)


def _cursor(page: Page) -> tuple[UUID, str] | None:
    if page.after is None:
        return None
    return key_as(UUID, page.after[0]), page.after[-1]


@blueprint.route("/certificates/<uuid:certificate>/embeddings", methods=["POST"])
@repeatable
@blueprint.arguments(schemas.EmbeddingIn)
@blueprint.response(201, certificates_schemas.CertificateOut)
def embed(words: dict[str, Any], certificate: UUID) -> Response:
    """Let a certificate serve a software that declares it embeds the component. For leads.

    Its renewals, its corrections and its revocation are followed; revoking what this answers ends this alone.
    """
    with transaction() as session:
        made = copies.embed(session, actor(), certificate, **_named(words)).id
        session.flush()
        session.expire_all()
        (found,) = queries.whole(session, [queries.certificate(session, actor(), made)])
        return answer(certificate_view(found), 201, {"Location": f"/api/v1/certificates/{made}"})


def _named(words: dict[str, Any]) -> dict[str, Any]:
    return {"software_id": words["software"], "component": words["component"]}
