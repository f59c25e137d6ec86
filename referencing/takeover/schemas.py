"""Takeovers as the API describes them."""

from marshmallow import fields

from referencing.base.schemas import RowProblemSchema, Schema
from referencing.base.shapes import computed, shape

from .layout import Outcome

#: How many referencings, and how many problems, an answer tells.
SHOWN = 500


class CheckedReferencingOut(Schema):
    row = fields.Integer(metadata={"description": "the first one that is about it"})
    organisation = fields.String()
    nil = fields.String()
    commercial_name = fields.String()
    dsr = fields.String()
    version = fields.Integer(metadata={"description": "of the DSR"})
    referenced_on = fields.Date()
    outcomes = computed(
        fields.Dict(
            keys=fields.String(),
            values=fields.Integer(),
            metadata={"description": "how many expected proofs of each outcome"},
        ),
        lambda checked: {outcome.value: checked.outcomes[outcome] for outcome in Outcome},
    )
    untold = fields.Integer(metadata={"description": "expected proofs of which nothing is told"})
    new_software = fields.Boolean(metadata={"description": "nobody registered its software yet"})


_referencing, _problem = shape(CheckedReferencingOut), shape(RowProblemSchema)


class TakeoverReportOut(Schema):
    """A dry run: nothing is kept. All referencings and problems are counted, and the first 500 of each told."""

    rows = fields.Integer()
    usable = computed(
        fields.Integer(metadata={"description": "referencings that could be taken over"}),
        lambda report: len(report.referencings),
    )
    left_aside = fields.Integer(metadata={"description": "referencings that could not"})
    problem_count = computed(fields.Integer(), lambda report: len(report.problems))
    referencings = computed(
        fields.List(fields.Nested(CheckedReferencingOut)),
        lambda report: [_referencing(one) for one in report.referencings[:SHOWN]],
    )
    problems = computed(
        fields.List(fields.Nested(RowProblemSchema)),
        lambda report: [_problem(one) for one in report.problems[:SHOWN]],
    )
