"""Components that are verified by themselves, over HTTP, and the softwares that embed them."""

from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from referencing.base.permissions import Right
from referencing.base.schemas import page_of
from referencing.base.shapes import shape
from referencing.revocations.routes import revoked
from referencing.revocations.schemas import RevocationArguments, RevocationImpactOut, RevocationIn
from referencing.solutions.schemas import SoftwareOut
from referencing.web.descriptions import needs
from referencing.web.pages import Page, PageArguments, id_cursor, listing
from referencing.web.requests import actor, answer, transaction

from . import acceptance, declaring, queries, revocation, schemas

blueprint = Blueprint(
    "components",
    __name__,
    url_prefix="/api/v1",
    description="Components that are verified once, for who embeds them",
)

_software = shape(SoftwareOut)
_component = shape(schemas.ComponentOut)
_declared = shape(schemas.DeclaredComponentOut)
_embedding = shape(schemas.ComponentEmbeddingOut)


@blueprint.route("/softwares/<uuid:software>/component-roles", methods=["PUT"])
@needs(Right.REGISTER_SOLUTIONS)
@blueprint.arguments(schemas.ComponentRolesIn)
@blueprint.response(200, SoftwareOut)
def declare_component_roles(words: dict[str, list[str]], software: UUID) -> Response:
    """Say which roles a software fills as a component of others, before its first candidature.

    Its candidatures are asked for what depends on these roles alone. What is verified there serves the softwares that
    embed it, each by a lead's word: who makes it agrees to that here.
    """
    with transaction() as session:
        return answer(_software(declaring.declare_component(session, actor(), software, words["roles"])))


@blueprint.route("/components")
@needs(Right.JUDGE_EMBEDDINGS)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(schemas.ComponentOut))
def list_components(arguments: dict[str, Page]) -> Response:
    """The softwares that are components of others, of all organisations. For leads."""
    page = arguments["page"]
    with transaction() as session:
        components = queries.components(session, actor(), id_cursor(page), page.limit + 1)
        page_components, following = page.of(components, lambda one: [one.id])
        return listing([_component(one) for one in page_components], following)


@blueprint.route("/components/<uuid:software>/embeddings")
@needs(Right.JUDGE_EMBEDDINGS)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(schemas.DeclaredComponentOut))
def list_declared_embeddings(arguments: dict[str, Page], software: UUID) -> Response:
    """The softwares of which a composition names this component, each with what was accepted, if it was. For leads."""
    page = arguments["page"]
    with transaction() as session:
        declared = queries.declared(session, actor(), software, page.keys(UUID, str), page.limit + 1)
        page_declared, following = page.of(declared, lambda one: [one.software.id, one.component])
        return listing([_declared(one) for one in page_declared], following)


@blueprint.route("/components/<uuid:software>/embeddings", methods=["POST"])
@needs(Right.JUDGE_EMBEDDINGS)
@blueprint.arguments(RevocationArguments, location="query")
@blueprint.arguments(schemas.ComponentEmbeddingIn)
@blueprint.response(200, RevocationImpactOut)
def accept_embedding(arguments: dict[str, bool], words: dict[str, Any], software: UUID) -> Response:
    """Accept that a software embeds a version of a component, or only ask which items of open candidatures gain.

    For leads. What is verified on the component then counts for the software, in its roles, as the policies say.
    """
    with transaction() as session:
        embedder, component, digest = words["software"], words["component"], words["digest"]
        if arguments["dry_run"]:
            effects = acceptance.what_if_accepted(session, actor(), software, embedder, component)
        else:
            effects = acceptance.accept(session, actor(), software, embedder, component, digest)
        return revoked(session, effects, **arguments)


@blueprint.route("/softwares/<uuid:software>/embeddings")
@needs(Right.READ_SOLUTIONS)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(schemas.ComponentEmbeddingOut))
def list_software_embeddings(arguments: dict[str, Page], software: UUID) -> Response:
    """The components that a software was accepted to embed, what was revoked since too, in the order of accepting."""
    page = arguments["page"]
    with transaction() as session:
        embeddings = queries.embeddings(session, actor(), software, id_cursor(page), page.limit + 1)
        page_embeddings, following = page.of(embeddings, lambda one: [one.id])
        return listing([_embedding(one, actor()) for one in page_embeddings], following)


@blueprint.route("/embeddings/<uuid:embedding>/revocation", methods=["POST"])
@needs(Right.JUDGE_EMBEDDINGS)
@blueprint.arguments(RevocationArguments, location="query")
@blueprint.arguments(RevocationIn)
@blueprint.response(200, RevocationImpactOut)
def revoke(arguments: dict[str, bool], words: dict[str, Any], embedding: UUID) -> Response:
    """Take an embedding back, with all that leaned on it, or only ask what that would do. For leads."""
    with transaction() as session:
        if arguments["dry_run"]:
            effects = revocation.what_if_revoked(session, actor(), embedding, words["reason"])
        else:
            effects = revocation.revoke(session, actor(), embedding, **words)
        return revoked(session, effects, **arguments)
