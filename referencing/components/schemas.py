"""Components and who embeds them, as the API takes and describes them."""

from marshmallow import fields, validate

from referencing.base.schemas import Schema, Sha256, one_of, text
from referencing.base.shapes import computed, possible_actions
from referencing.revocations.schemas import RevocationIn
from referencing.solutions.schemas import NamedSoftwareOut

from .states import EMBEDDING, EmbeddingState, state_at

MOST_ROLES = 20


class ComponentRolesIn(Schema):
    roles = fields.List(
        text(30),
        required=True,
        validate=validate.Length(max=MOST_ROLES, error=f"{MOST_ROLES} rôles au plus."),
        metadata={"description": "which it fills where it is embedded; none, and it is no component"},
    )


class ComponentEmbeddingIn(Schema):
    software = fields.UUID(required=True, metadata={"description": "that embeds the component"})
    component = text(200, metadata={"description": "as a composition of the software names it (NIL@version)"})
    digest = Sha256(
        load_default=None,
        allow_none=True,
        metadata={"description": "of the effects, as the dry run or the refusal gives it: they are meant"},
    )


class EmbeddingRevocationIn(RevocationIn):
    """As a page sends it, which is of a component."""

    embedding = fields.UUID(required=True)


class EmbedderOut(Schema):
    id = fields.UUID()
    name = fields.String()
    nil = fields.String()


class ComponentOut(NamedSoftwareOut):
    organisation = fields.String(attribute="organisation.name")
    fills = fields.List(fields.String(), metadata={"description": "the roles that it fills"})


class DeclaredComponentOut(Schema):
    software = fields.Nested(EmbedderOut)
    organisation = fields.String(attribute="software.organisation.name")
    component = fields.String()
    embedding = fields.UUID(allow_none=True, metadata={"description": "the one that was accepted"})


class ComponentEmbeddingOut(Schema):
    id = fields.UUID()
    software = fields.UUID(attribute="software_id")
    component = fields.String()
    state = computed(one_of(EmbeddingState), lambda embedding: state_at(embedding.revoked_on))
    valid_from = fields.Date(metadata={"description": "the first day on which it counts"})
    revoked_on = fields.Date(
        allow_none=True, metadata={"description": "the first day on which it counts no more"}
    )
    actions = possible_actions(
        EMBEDDING,
        "/embeddings/{embedding}",
        {"revoke": "POST /revocation"},
        lambda embedding: state_at(embedding.revoked_on),
    )
