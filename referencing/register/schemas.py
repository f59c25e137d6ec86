"""The public list as the API describes it."""

from enum import StrEnum

from marshmallow import fields

from referencing.base.schemas import Day, Schema, one_of, text, time
from referencing.candidatures.record.states import State
from referencing.equivalence.engine.facts import Standing
from referencing.equivalence.rulebooks.models import RegisterChange
from referencing.web.pages import PageArguments


class RegisterFormat(StrEnum):
    JSON = "json"
    CSV = "csv"


def _some(most: int, description: str) -> fields.String:
    return text(most, required=False, load_default=None, metadata={"description": description})


class RegisterArguments(PageArguments):
    couloir = _some(200, "as the list writes it")
    dispositif = _some(50, "LGC, DPI, …")
    vague = fields.Integer(load_default=None)
    name = _some(200, "a part of the solution's name or of its editor's; accents and case do not count")
    solution = fields.UUID(load_default=None, metadata={"description": "the lines of this one"})
    format = one_of(
        RegisterFormat,
        load_default=None,
        metadata={"description": "else as Accept says; CSV is the whole list, not a page of it"},
    )


class _ReferencingOut(Schema):
    solution = fields.UUID()
    commercial_name = fields.String()
    editor = fields.String()
    software = fields.String()
    nil = fields.String()
    software_version = fields.String()
    couloir = fields.String()
    dispositif = fields.String()
    vague = fields.Integer()
    dsr = fields.String()
    dsr_version = fields.Integer()


class ReferencedOut(_ReferencingOut):
    referenced_on = fields.Date(allow_none=True)
    state = one_of(State, metadata={"description": "referenced or suspended"})
    since = fields.Date(metadata={"description": "in that state from the end of that day"})
    is_last = fields.Boolean(
        metadata={
            "description": "whether its version is the one of its software that was referenced last in its couloir "
            "and dispositif, of those that still are: in the highest vague, then on the latest day"
        }
    )


class HistoryArguments(PageArguments):
    on = Day(
        load_default=None,
        allow_none=True,
        metadata={"description": "only how it stood at the end of that day, in Paris"},
    )


class PeriodOut(Schema):
    software_version = fields.String()
    couloir = fields.String()
    dispositif = fields.String()
    vague = fields.Integer()
    dsr = fields.String()
    dsr_version = fields.Integer()
    state = one_of(Standing, metadata={"description": "referenced, suspended or delisted"})
    since = fields.Date(metadata={"description": "from the end of that day"})
    until = fields.Date(
        allow_none=True, metadata={"description": "to the end of that day; null: it stands so"}
    )
    began_at = time()


class RegisterChangeOut(_ReferencingOut):
    id = fields.UUID()
    change = one_of(
        RegisterChange,
        metadata={
            "description": "renewed: referenced while the solution is listed on the DSR already, in another version; "
            "annulled: taken over from before this service in error, it never counted"
        },
    )
    on = fields.Date(metadata={"description": "it counts from the end of that day, in Paris"})
    began_at = time()
