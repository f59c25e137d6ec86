"""Bundles as the API describes them."""

from marshmallow import fields

from referencing.base.schemas import Schema, one_of, time
from referencing.base.shapes import computed
from referencing.heads.statements import FORMAT as HEAD

from .models import Kind
from .proving import FORMAT


class SealedOut(Schema):
    kind = one_of(Kind)
    subject = fields.String(metadata={"description": "what it is about, as the record names it"})
    sha256 = fields.String(
        metadata={"description": "of `content` as JSON in UTF-8, keys sorted, without blanks"}
    )
    sealed_at = time()


class IncludedOut(Schema):
    position = fields.Integer(metadata={"description": "the entry's, in the whole record"})
    organisation_id = fields.UUID(allow_none=True, metadata={"description": "whose the entry is"})
    leaf_index = fields.Integer(metadata={"description": "the place of its leaf in the tree, from 0"})
    path = fields.List(
        fields.String(), metadata={"description": "hashes in hexadecimal, from below (RFC 9162, 2.1.3)"}
    )


class SealOut(IncludedOut):
    entry = fields.Dict(metadata={"description": "what its digest is made of, after the one before"})
    previous = fields.String(metadata={"description": "the digest of the entry before it in its stream"})


class SignedHeadOut(Schema):
    """The line that is signed, and its signature."""

    format = computed(fields.String(metadata={"description": HEAD}), lambda _: HEAD)
    size = fields.Integer(metadata={"description": "entries that the record had"})
    root = fields.String(metadata={"description": "of the tree over them, in hexadecimal"})
    at = time()
    key = fields.String(metadata={"description": "the public key (Ed25519), in base64"})
    signature = fields.String(metadata={"description": "in base64"})


class BundleOut(Schema):
    """All that it takes to check what is told, without the application; `/bundles/checker` is a script that does."""

    format = computed(fields.String(metadata={"description": FORMAT}), lambda _: FORMAT)
    content = fields.Dict(
        metadata={
            "description": "what was decided, the SHA-256 of the files, the derivations with the rules and facts they "
            "rest on, and a `summary` in French"
        }
    )
    attached = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        metadata={"description": "texts of files that the content names"},
    )
    seal = fields.Nested(SealOut, metadata={"description": "the entry that names the digest of the content"})
    act = fields.Nested(
        IncludedOut,
        allow_none=True,
        metadata={"description": "the entry of which the content tells the digest"},
    )
    head = fields.Nested(SignedHeadOut)
