"""Softwares and solutions as the API takes and describes them."""

from marshmallow import fields

from referencing.base.schemas import Schema, text


class ComponentIn(Schema):
    role = text(
        30,
        metadata={
            "description": "its part, as `roles` of expected proofs name it; on another one no proof depends"
        },
    )
    component = text(200, metadata={"description": "identifier@version"})


class SoftwareIn(Schema):
    name = text(200)
    nil = text(50, metadata={"description": "the number by which the software is known, whatever its names"})


class SolutionIn(Schema):
    software = fields.UUID(required=True)
    commercial_name = text(200)


class SolutionOut(Schema):
    id = fields.UUID()
    software = fields.UUID(attribute="software_id")
    commercial_name = fields.String()


class ListedSolutionOut(SolutionOut):
    software_name = fields.String(attribute="software.name")
    nil = fields.String(attribute="software.nil")


class SoftwareOut(Schema):
    id = fields.UUID()
    name = fields.String()
    nil = fields.String()
    solutions = fields.List(fields.Nested(SolutionOut))
