"""Shapes of slots, agendas that are proposed, holds and bookings."""

from typing import Any

import marshmallow as ma
from marshmallow import fields

from referencing.base.schemas import Day, Schema, one_of, optional, text, time
from referencing.base.shapes import computed
from referencing.candidatures.record.states import ItemState
from referencing.catalogue.proposals import ProofKind
from referencing.web.pages import PageArguments


def _clock(**options: Any) -> fields.Time:
    return fields.Time(format="%H:%M", required=True, **options)


def references(**options: Any) -> fields.List[str]:
    return fields.List(text(), validate=ma.validate.Length(max=500, error="{max} au plus."), **options)


class SlotsArguments(PageArguments):
    candidature = fields.UUID(
        load_default=None, metadata={"description": "those that it can have; an editor names one"}
    )
    verifier = fields.UUID(load_default=None)
    moved = fields.UUID(
        load_default=None,
        data_key="session",
        metadata={"description": "those to which a session that is booked can be moved"},
    )


class AvailabilityIn(Schema):
    verifier = fields.UUID(load_default=None, metadata={"description": "by a lead; else oneself"})
    first_day = Day(required=True)
    last_day = Day(load_default=None, metadata={"description": "each week until this day; without it, once"})
    starts_at = _clock(metadata={"description": "clocks in Paris"})
    ends_at = _clock()
    slot_minutes = fields.Integer(load_default=60)
    couloirs = fields.List(text(100), load_default=list)
    chapters = fields.List(text(100), load_default=list)
    excepted = fields.List(
        Day(),
        load_default=list,
        validate=ma.validate.Length(max=366, error="{max} au plus."),
    )

    @ma.post_load
    def once(self, words: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {**words, "last_day": words["last_day"] or words["first_day"]}


class AvailabilityOut(Schema):
    id = fields.UUID()
    verifier = fields.UUID(attribute="verifier_id")
    name = fields.String(attribute="verifier.name")
    first_day = fields.Date()
    last_day = fields.Date()
    starts_at = computed(fields.String(), lambda offered: f"{offered.starts_at:%H:%M}")
    ends_at = computed(fields.String(), lambda offered: f"{offered.ends_at:%H:%M}")
    slot_minutes = fields.Integer()
    couloirs = fields.List(fields.String())
    chapters = fields.List(fields.String())
    excepted = fields.List(fields.Date())


class OfferedOut(AvailabilityOut):
    slots = fields.Integer(metadata={"description": "how many came of it"})


class SlotOut(Schema):
    id = fields.UUID(attribute="slot.id")
    starts_at = time(attribute="slot.starts_at")
    ends_at = time(attribute="slot.ends_at")
    minutes = fields.Integer(attribute="slot.minutes")
    taken = fields.Boolean()
    couloirs = fields.List(fields.String(), attribute="slot.availability.couloirs")
    chapters = fields.List(fields.String(), attribute="slot.availability.chapters")
    verifier = fields.UUID(
        allow_none=True, attribute="slot.verifier_id", metadata={"description": "for the agency"}
    )
    name = fields.String(allow_none=True, attribute="slot.verifier.name")


class SlotsOut(Schema):
    items = fields.List(fields.Nested(SlotOut))
    next = fields.String(
        allow_none=True, metadata={"description": "cursor of the next page; null on the last one"}
    )
    none_because = optional(
        fields.String(
            metadata={
                "description": "where a candidature finds no slot, or a session none to move to: why, in French; "
                "else it is not there"
            }
        )
    )


class StaffingIn(Schema):
    couloir = text(100, required=False, load_default=None, allow_none=True)
    verifiers = fields.Integer(required=True, validate=ma.validate.OneOf([1, 2], error="Donnez 1 ou 2."))


class StaffingOut(Schema):
    couloir = fields.String(allow_none=True)
    verifiers = fields.Integer()


class AgendaArguments(Schema):
    minutes = fields.Integer(
        load_default=60, validate=ma.validate.Range(15, 240, error="De {min} à {max} minutes.")
    )


class ShowableOut(Schema):
    item = fields.UUID(attribute="id")
    code = fields.String()
    chapter = fields.String()
    kind = one_of(ProofKind)
    state = one_of(ItemState)
    waits_in = fields.String(allow_none=True)
    minutes = fields.Integer()
    text = fields.String()
    scenario = fields.String()
    scenario_steps = fields.List(fields.String(), attribute="steps")
    prerequisites = fields.List(fields.String())


class AgendaProposalOut(Schema):
    minutes = fields.Integer()
    items = fields.List(fields.Nested(ShowableOut), attribute="chosen")
    left = fields.List(
        fields.Nested(ShowableOut), metadata={"description": "for another session, or the queue"}
    )


class SlotIn(Schema):
    slot = fields.UUID(required=True)


class HeldOut(Schema):
    id = fields.UUID()
    slot = fields.UUID(attribute="slot_id")
    starts_at = time()
    ends_at = time()
    expires_at = time()


class HoldOut(HeldOut):
    agenda = fields.Nested(AgendaProposalOut)


class BookingIn(SlotIn):
    items = references(
        load_default=None,
        allow_none=True,
        metadata={"description": "ids or codes, in order; else what is proposed"},
    )
