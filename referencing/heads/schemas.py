"""Heads of the record as the API describes them."""

from marshmallow import fields, validate

from referencing.base.schemas import Schema, time
from referencing.base.shapes import computed

from .statements import FORMAT, in_base64

_SIZE = validate.Range(1, 2**62, error="De {min} à {max}.")


class HeadOut(Schema):
    """Signed are the bytes of this object as JSON, keys sorted, without blanks, without `signature` and `stamp`.

    Stamped are those with `signature`.
    """

    format = computed(fields.String(metadata={"description": FORMAT}), lambda _: FORMAT)
    size = fields.Integer(metadata={"description": "entries that the record had"})
    root = computed(
        fields.String(metadata={"description": "of the tree over them (RFC 9162), in hexadecimal"}),
        lambda head: head.root.hex(),
    )
    at = time()
    key = computed(
        fields.String(metadata={"description": "the public key (Ed25519), in base64"}),
        lambda head: in_base64(head.key),
    )
    signature = computed(
        fields.String(metadata={"description": "in base64"}), lambda head: in_base64(head.signature)
    )
    stamp = computed(
        fields.String(
            allow_none=True,
            metadata={"description": "an authority's answer (RFC 3161, DER) in base64, once it has come"},
        ),
        lambda head: in_base64(head.stamp.token) if head.stamp else None,
    )


class ConsistencyArguments(Schema):
    first = fields.Integer(
        required=True, validate=_SIZE, metadata={"description": "`size` of the head that one holds"}
    )
    second = fields.Integer(required=True, validate=_SIZE, metadata={"description": "`size` of a later head"})


class ConsistencyOut(Schema):
    first = fields.Integer()
    second = fields.Integer()
    path = fields.List(
        fields.String(), metadata={"description": "hashes in hexadecimal, in the order of RFC 9162, 2.1.4"}
    )
