"""The safety records of rules, as the API shows them."""

from typing import Any

from marshmallow import fields

from referencing.base.schemas import Schema, one_of
from referencing.base.shapes import computed
from referencing.equivalence.grants.models import Counted
from referencing.equivalence.records.record import RuleKind, RuleRecord
from referencing.steering.schemas import FormatArguments
from referencing.web.pages import PageArguments


class RecordsArguments(PageArguments, FormatArguments):
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
    sentence = fields.String(metadata={"description": "what the numbers allow to say"})
