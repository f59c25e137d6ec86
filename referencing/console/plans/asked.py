"""What the address of a plan says: the dossiers that it is over. Whoever has the address has the plan."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, cast
from uuid import UUID

import orjson
from flask import request

from referencing.base.errors import DomainError, FieldError, Invalid
from referencing.console.typed import Typed, component_line, load, mistaken, narrowing
from referencing.preflight.planned import Planned
from referencing.preflight.schemas import PlannedIn
from referencing.solutions.compositions import composition_view

#: The parameters of the address: a planned dossier, an open one, and that these are all that were chosen.
PLANNED, OPEN, CHOSEN = "prevue", "candidature", "choisies"
_ADDED = ("dsr", "solution", "mode")
_FIELDS = tuple(f"/{name}" for name in (*_ADDED, "composition", "profiles"))


def planned() -> list[Planned]:
    """The planned dossiers, that of the form last. Raises Invalid for what is none."""
    told = [read_planned(text) for text in request.args.getlist(PLANNED)]
    return [*told, _load(_form())] if "dsr" in request.args else told


def readable() -> list[Planned]:
    """The planned dossiers of the address that can be read, that of the form left out."""
    dossiers = []
    for text in request.args.getlist(PLANNED):
        with suppress(DomainError):
            dossiers.append(read_planned(text))
    return dossiers


def read_planned(text: str) -> Planned:
    """A planned dossier as the address tells it. Raises Invalid."""
    try:
        words = orjson.loads(text)
        return _load(words if isinstance(words, dict) else {})
    except (ValueError, Invalid) as error:
        raise Invalid("Cette adresse est incomplète : planifiez de nouveau cette candidature.") from error


def written(dossier: Planned) -> str:
    """A planned dossier as `read_planned` reads it."""
    words = {
        "dsr": dossier.dsr,
        "solution": str(dossier.solution),
        "composition": composition_view(dict(dossier.composition)),
        "profiles": list(dossier.profiles),
        "mode": dossier.mode.value,
    }
    return orjson.dumps(words).decode()


def chosen() -> list[UUID] | None:
    """The open dossiers that were chosen; None for all of them. Raises Invalid for what is no identifier."""
    told = ticked()
    try:
        return None if told is None else [UUID(text) for text in told]
    except ValueError as error:
        raise Invalid("Cette adresse est incomplète : choisissez de nouveau les candidatures.") from error


def ticked() -> Sequence[str] | None:
    """The open dossiers that were chosen, as the address tells them."""
    return request.args.getlist(OPEN) if CHOSEN in request.args else None


def mistaken_plan(error: DomainError) -> Typed:
    """The form with what is wrong: beside its fields for the dossier that was to be added, above it for the others."""
    added = f"/planned/{len(request.args.getlist(PLANNED))}"
    of_form = [
        FieldError(_in_form(one.pointer.removeprefix(added)), one.detail)
        for one in error.errors
        if one.pointer.startswith((added, *_FIELDS))
    ]
    others = {one.detail: None for one in error.errors if not one.pointer.startswith((added, *_FIELDS))}
    return mistaken(request.args.to_dict(), type(error)(" ".join([error.detail, *others]), of_form))


def _in_form(pointer: str) -> str:
    """The field of the form, in which a list is one field."""
    return "/".join(pointer.split("/")[:2])


def _form() -> dict[str, Any]:
    return {
        **narrowing(*_ADDED),
        "composition": [component_line(line) for line in _lines("composition")],
        "profiles": _lines("profiles"),
    }


def _lines(name: str) -> Sequence[str]:
    return [line.strip() for line in request.args.get(name, "").splitlines() if line.strip()]


def _load(words: Mapping[str, Any]) -> Planned:
    return cast("Planned", load(PlannedIn(), words))
