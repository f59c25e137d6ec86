"""Availabilities, slots, proposed agendas and holds as the API shows them."""

from datetime import timedelta
from typing import Any

from referencing.base.permissions import Actor
from referencing.duo.sessions.agenda import Proposal
from referencing.duo.sessions.queries import Showable
from referencing.duo.slots.models import Availability, Hold

from .queries import SlotView


def availability_view(offered: Availability) -> dict[str, Any]:
    return {
        "id": offered.id,
        "verifier": offered.verifier_id,
        "name": offered.verifier.name,
        "first_day": offered.first_day,
        "last_day": offered.last_day,
        "starts_at": f"{offered.starts_at:%H:%M}",
        "ends_at": f"{offered.ends_at:%H:%M}",
        "slot_minutes": offered.slot_minutes,
        "couloirs": offered.couloirs,
        "chapters": offered.chapters,
        "excepted": offered.excepted,
    }


def slot_view(view: SlotView, reader: Actor) -> dict[str, Any]:
    """Whose slot it is, is for the agency: an editor meets who verifies in the session."""
    slot = view.slot
    return {
        "id": slot.id,
        "starts_at": slot.starts_at,
        "ends_at": slot.ends_at,
        "minutes": (slot.ends_at - slot.starts_at) // timedelta(minutes=1),
        "taken": view.taken,
        "couloirs": slot.availability.couloirs,
        "chapters": slot.availability.chapters,
        "verifier": slot.verifier_id if reader.of_agency else None,
        "name": slot.verifier.name if reader.of_agency else None,
    }


def showable_view(one: Showable) -> dict[str, Any]:
    return {
        "item": one.id,
        "code": one.code,
        "chapter": one.chapter,
        "kind": one.kind,
        "state": one.state,
        "waits_in": one.waits_in,
        "minutes": one.minutes,
        "text": one.text,
        "scenario": one.scenario,
        "steps": one.steps,
        "prerequisites": one.prerequisites,
    }


def proposal_view(proposal: Proposal[Showable]) -> dict[str, Any]:
    return {
        "minutes": proposal.minutes,
        "items": [showable_view(one) for one in proposal.chosen],
        "left": [showable_view(one) for one in proposal.left],
    }


def hold_view(held: Hold, proposal: Proposal[Showable]) -> dict[str, Any]:
    return {
        "id": held.id,
        "slot": held.slot_id,
        "starts_at": held.starts_at,
        "ends_at": held.ends_at,
        "expires_at": held.expires_at,
        "agenda": proposal_view(proposal),
    }
