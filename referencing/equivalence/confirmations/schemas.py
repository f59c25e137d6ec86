"""Reuses on which verifiers have decided, as the API shows them."""

import marshmallow as ma
from marshmallow import fields

from referencing.base.schemas import Schema, one_of, time
from referencing.equivalence.engine.resolution import Strength
from referencing.web.pages import PageArguments

from .states import Outcome


class DecidedReusesArguments(PageArguments):
    source = fields.String(load_default=None, data_key="from", metadata={"description": "a DSR"})
    target = fields.String(load_default=None, data_key="to", metadata={"description": "a DSR"})
    least = fields.Integer(
        load_default=None,
        validate=ma.validate.Range(1, error="Au moins {min}."),
        metadata={"description": "softwares of which it was confirmed"},
    )
    refused = fields.Boolean(load_default=None, metadata={"description": "whether it was refused of any"})


class DecidedReuseOut(Schema):
    code = fields.String(
        attribute="proof", metadata={"description": "of the expected proof that is asked for"}
    )
    sources = fields.List(fields.String(), metadata={"description": "codes of the earlier expected proofs"})
    clauses = fields.List(fields.String(), metadata={"description": "correspondences and socles on the way"})
    strength = one_of(Strength)
    confirmed = fields.Integer(metadata={"description": "softwares of which it was confirmed"})
    refused = fields.Integer(metadata={"description": "softwares of which it was refused"})
    last_decided_at = time()


class ReuseNoticeOut(Schema):
    id = fields.UUID()
    outcome = one_of(Outcome)
    code = fields.String(
        attribute="proof_code", metadata={"description": "of the expected proof that is asked for"}
    )
    sources = fields.List(fields.String(), metadata={"description": "codes of the earlier expected proofs"})
    clauses = fields.List(fields.String(), metadata={"description": "correspondences and socles on the way"})
    confirmed = fields.Integer(metadata={"description": "softwares of which it was confirmed then"})
    refused = fields.Integer(metadata={"description": "softwares of which it was refused then"})
    told_at = time()


class ReuseDecisionsArguments(PageArguments):
    code = fields.String(required=True, metadata={"description": "of the expected proof that is asked for"})


class ReuseDecisionOut(Schema):
    candidature = fields.UUID(attribute="candidature_id")
    outcome = one_of(Outcome)
    sources = fields.List(fields.String(), metadata={"description": "codes of the earlier expected proofs"})
    clauses = fields.List(fields.String())
    decided_by = fields.String()
    decided_at = time()
    comment = fields.String(allow_none=True)
