"""Audits as their reader sees them: an editor reads no name of the agency, and no finding before it is notified."""

from typing import Any

from referencing.base.permissions import Actor
from referencing.base.shapes import shape
from referencing.journal.disclosure import author_view

from .models import Audit, Evidence, SampledItem
from .sampling import Entrant, draw
from .schemas import EntrantOut, EvidenceOut, SampledOut


def draw_again(audit: Audit) -> dict[str, Any]:
    """The draw of the sample, made again from what is kept, as anyone could."""
    population = [Entrant(**entrant) for entrant in audit.population]
    return {
        "seed": audit.seed,
        "size": audit.size,
        "population": [shape(EntrantOut)(entrant) for entrant in population],
        "drawn": draw(audit.seed, population, audit.size),
    }


def sampled_for(reader: Actor, audit: Audit, sampled_item: SampledItem) -> dict[str, Any]:
    view = shape(SampledOut)(sampled_item, reader)
    if reader.of_agency:
        return view
    hidden: dict[str, Any] = {"added_reason": None, "facts": []}
    if audit.notified_at is None:
        hidden |= {"outcome": None, "comment": None, "found_at": None}
    return {**view, **hidden}


def evidence_for(reader: Actor, file: Evidence) -> dict[str, Any]:
    return {**shape(EvidenceOut)(file), **author_view(file.author.name, file.author.role, reader)}
