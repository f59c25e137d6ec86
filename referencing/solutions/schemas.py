"""What comes in and goes out of the register of softwares."""

from marshmallow import fields

from referencing.schemas import Schema, text


class SoftwareIn(Schema):
    name = text(200)
    nil = text(50)


class SolutionIn(Schema):
    software = fields.UUID(required=True)
    commercial_name = text(200)


class SolutionOut(Schema):
    id = fields.UUID()
    software = fields.UUID(attribute="software_id")
    commercial_name = fields.String()


class SoftwareOut(Schema):
    id = fields.UUID()
    name = fields.String()
    nil = fields.String()
    solutions = fields.List(fields.Nested(SolutionOut))


class CertificateIn(Schema):
    kind = text(50)
    holder = text(200, metadata={"description": "the software's NIL, or a component it embeds (NIL@version)"})
    number = text(100)
    valid_from = fields.Date(required=True)
    valid_until = fields.Date(
        load_default=None, allow_none=True, metadata={"description": "the first day without"}
    )


class CertificateOut(Schema):
    id = fields.UUID()
    kind = fields.String()
    holder = fields.String()
    number = fields.String()
    valid_from = fields.Date()
    valid_until = fields.Date(allow_none=True)
    revoked_on = fields.Date(allow_none=True)
