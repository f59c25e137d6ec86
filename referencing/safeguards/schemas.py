"""The safety records of rules, what leads tolerate, and safeguards, as the API takes and shows them."""

from operator import attrgetter
from typing import Any

import marshmallow as ma
from marshmallow import fields

from referencing.base.schemas import Schema, Sha256, one_of, text, time
from referencing.base.shapes import computed, possible_actions
from referencing.equivalence.grants.models import Counted
from referencing.equivalence.records.record import RuleKind, RuleRecord
from referencing.steering.schemas import FormatArguments
from referencing.web.pages import PageArguments

from .states import SAFEGUARD, SafeguardState


class RecordsArguments(PageArguments, FormatArguments):
    rule_name = fields.String(load_default=None, metadata={"description": "of this rule alone"})
    found_false = fields.Boolean(
        load_default=None, metadata={"description": "whether any reuse was found false"}
    )


def _count(counted: Counted, description: str) -> fields.Field[Any]:
    def number(record: RuleRecord) -> int:
        return record.counts.get(counted, 0)

    return computed(fields.Integer(metadata={"description": description}), number)


class RuleRecordOut(Schema):
    rule_name = fields.String(
        attribute="rule", metadata={"description": "lasting: the same as long as the rule says the same"}
    )
    kind = one_of(RuleKind)
    code = fields.String(
        metadata={"description": "a correspondence's id, a policy's place from 1 on, a socle's code"}
    )
    granted = _count(Counted.GRANTED, "reuses granted for certain")
    proposed = _count(Counted.PROPOSED, "reuses put to a verifier")
    confirmed = _count(Counted.CONFIRMED, "of those put to a verifier")
    refused = _count(Counted.REFUSED, "of those put to a verifier")
    verified_again = fields.Integer(metadata={"description": "reuses that an audit looked at, or that fell"})
    upheld = _count(Counted.UPHELD, "found conform by an audit")
    false_by_audit = _count(
        Counted.FALSE_BY_AUDIT, "found not conform by an audit, or a fact under them revoked"
    )
    false_by_revocation = _count(Counted.FALSE_BY_REVOCATION, "of which a fact was revoked without an audit")
    found_false = fields.Integer()
    upper_bound = fields.Float(
        attribute="bound",
        metadata={
            "description": "largest share of false ones, from 0 to 1, that these numbers do not exclude: "
            "Clopper-Pearson, one-sided, 95 %"
        },
    )
    beyond_threshold = fields.Boolean(
        attribute="is_beyond",
        metadata={"description": "one was found false, and the bound is above what leads tolerate"},
    )
    sentence = fields.String(metadata={"description": "what the numbers allow to say"})


_SHARE = {"description": "of false reuses in a hundred; null tolerates any, so no rule is beyond it"}
_RATE = {"description": "of first findings in a hundred that are read a second time where a rule falls"}


class ThresholdIn(Schema):
    share = fields.Integer(
        required=True,
        allow_none=True,
        strict=True,
        validate=ma.validate.Range(1, 99, error="De {min} à {max}."),
        metadata=_SHARE,
    )
    rate = fields.Integer(
        load_default=0,
        strict=True,
        validate=ma.validate.Range(0, 100, error="De {min} à {max}."),
        metadata=_RATE,
    )
    reason = text(5_000)


class ThresholdOut(Schema):
    share = fields.Integer(allow_none=True, metadata=_SHARE)
    rate = fields.Integer(metadata=_RATE)
    reason = fields.String()
    set_by = fields.String(attribute="author.name")
    set_at = time()


class SafeguardIn(Schema):
    rule_name = text(200, metadata={"description": "of a rule in force that is beyond the threshold"})


class SafeguardsArguments(PageArguments):
    state = one_of(SafeguardState, load_default=None)


class RaisedRateOut(Schema):
    chapter = fields.String()
    rate_before = fields.Integer()
    rate_after = fields.Integer()


class SafeguardOut(Schema):
    id = fields.UUID()
    rule_name = fields.String(attribute="rule")
    code = fields.String(metadata={"description": "what its rulebook called the rule"})
    rulebook = fields.UUID(
        attribute="rulebook_id", metadata={"description": "the draft: its diff says what changes"}
    )
    against = fields.UUID(attribute="against_id", metadata={"description": "the rules in force then"})
    found_false = fields.Integer(metadata={"description": "as it was proposed"})
    verified_again = fields.Integer(metadata={"description": "as it was proposed"})
    share = fields.Integer(metadata={"description": "that leads tolerated then"})
    rates = computed(
        fields.List(
            fields.Nested(RaisedRateOut), metadata={"description": "of second readings, that are raised"}
        ),
        attrgetter("rates"),
    )
    state = one_of(SafeguardState)
    proposed_at = time()
    decided_at = time(allow_none=True)
    reason = fields.String(allow_none=True, metadata={"description": "why it was refused"})
    actions = possible_actions(
        SAFEGUARD, "/safeguards/{safeguard}", {"accept": "POST /acceptance", "refuse": "POST /refusal"}
    )


class SafeguardAcceptanceIn(Schema):
    accept_warnings = fields.Boolean(
        load_default=False, metadata={"description": "true: the rules are meant as the warnings tell"}
    )
    digest = Sha256(
        load_default=None,
        allow_none=True,
        metadata={"description": "of the impact, as the dry run gives it. Needed when items lose"},
    )


class SafeguardRefusalIn(Schema):
    reason = text(5_000)
