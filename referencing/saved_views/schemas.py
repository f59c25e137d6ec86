"""Saved views as the API takes and shows them."""

from collections.abc import Mapping
from typing import Any

import marshmallow as ma
from marshmallow import fields

from referencing.base.schemas import Readable, Schema, one_of, text
from referencing.base.shapes import is_there, possible_actions
from referencing.candidatures.api.schemas import CandidaturesArguments
from referencing.reviews.queues.schemas import AllTasksArguments
from referencing.web.pages import PageArguments

from .models import Listed
from .operations import is_hindered
from .states import VIEW

#: The parameters of each list.
_ARGUMENTS: Mapping[Listed, type[PageArguments]] = {
    Listed.CANDIDATURES: CandidaturesArguments,
    Listed.TASKS: AllTasksArguments,
}
#: Where in a list one is says nothing of the list.
_OF_A_PAGE = ("cursor", "limit")


class SavedViewsArguments(PageArguments):
    list_of = one_of(Listed, required=True)


class SavedViewIn(Schema):
    list_of = one_of(Listed, required=True)
    name = text(100)
    filters = fields.Dict(
        keys=fields.String(validate=Readable(50)),
        values=fields.String(validate=Readable(300)),
        load_default=dict,
        metadata={"description": "parameters of the list, as they stand in its address"},
    )
    shared = fields.Boolean(
        load_default=False, metadata={"description": "with the whole agency: a lead shares"}
    )
    opens = fields.Boolean(
        load_default=False, metadata={"description": "whether the list opens with it, for its keeper"}
    )

    @ma.validates_schema
    def check_filters(self, values: dict[str, Any], **_: Any) -> None:
        """Raises ValidationError for parameters that the list does not take, or not with these values."""
        if errors := _ARGUMENTS[values["list_of"]](exclude=_OF_A_PAGE).validate(values["filters"]):
            raise ma.ValidationError(errors, "filters")


class SavedViewOut(Schema):
    id = fields.UUID()
    list_of = one_of(Listed)
    name = fields.String()
    filters = fields.Dict(keys=fields.String(), values=fields.String())
    shared = fields.Boolean()
    opens = fields.Boolean()
    keeper = fields.String(attribute="keeper.name", metadata={"description": "whose it is, by name"})
    revision = fields.Integer(metadata={"description": "its ETag"})
    actions = possible_actions(
        VIEW, "/saved-views/{view}", {"change": "PUT", "remove": "DELETE"}, is_there, hindered=is_hindered
    )
