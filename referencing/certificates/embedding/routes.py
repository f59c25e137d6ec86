"""Montage over HTTP: certificates of components, for the softwares that embed them."""

from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from referencing.base.permissions import Right
from referencing.base.schemas import page_of
from referencing.base.shapes import shape
from referencing.certificates import queries
from referencing.certificates import schemas as certificates_schemas
from referencing.web.descriptions import LOCATION, needs, tells
from referencing.web.pages import Page, PageArguments, listing
from referencing.web.requests import actor, answer, transaction

from . import copies, schemas
from . import queries as embedding_queries

blueprint = Blueprint(
    "embeddings", __name__, url_prefix="/api/v1", description="Certificates of components, entered once"
)

_embedding = shape(schemas.EmbeddingOut)
_certificate = shape(certificates_schemas.CertificateOut)


@blueprint.route("/certificates/<uuid:certificate>/embeddings")
@needs(Right.EMBED_CERTIFICATES)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(schemas.EmbeddingOut))
def list_certificate_embeddings(arguments: dict[str, Page], certificate: UUID) -> Response:
    """The softwares that declare the component, each with the certificate that it has by that, if any. For leads."""
    page = arguments["page"]
    with transaction() as session:
        embeddings = embedding_queries.embeddings(
            session, actor(), certificate, _cursor(page), page.limit + 1
        )
        page_embeddings, following = page.of(embeddings, lambda one: [one.software.id, one.component])
        return listing([_embedding(one) for one in page_embeddings], following)


def _cursor(page: Page) -> tuple[Any, ...] | None:
    return page.keys(UUID, str)


@blueprint.route("/certificates/<uuid:certificate>/embeddings", methods=["POST"])
@needs(Right.EMBED_CERTIFICATES)
@tells(LOCATION)
@blueprint.arguments(schemas.EmbeddingIn)
@blueprint.response(201, certificates_schemas.CertificateOut)
def embed(words: dict[str, Any], certificate: UUID) -> Response:
    """Let a certificate serve a software that declares it embeds the component. For leads.

    Its renewals, its corrections and its revocation are followed; revoking what this answers ends this alone.
    """
    with transaction() as session:
        copy_id = copies.embed(session, actor(), certificate, **_named(words)).id
        session.flush()
        session.expire_all()
        (whole,) = queries.whole(session, [queries.certificate(session, actor(), copy_id)])
        return answer(_certificate(whole, actor()), 201, {"Location": f"/api/v1/certificates/{copy_id}"})


def _named(words: dict[str, Any]) -> dict[str, Any]:
    return {"software_id": words["software"], "component": words["component"]}
