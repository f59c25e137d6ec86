"""The lines of a survey as a sheet, with who answers for each editor."""

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from referencing.base.permissions import FUNCTIONS
from referencing.base.sheets import Cell, csv_lines, csv_of

from .models import Presence, SurveyLine
from .queries import Contact

PRESENCES: Mapping[Presence, str] = {
    Presence.NONE: "aucune candidature",
    Presence.OPEN: "candidature ouverte",
    Presence.REFERENCED: "déjà référencée",
}
COLUMNS = (
    *("Éditeur", "Logiciel", "NIL", "DSR", "Couloir", "Dispositif", "Vague", "Candidature"),
    *("Couvertes", "À confirmer", "En attente", "À fournir", "Contacts"),
)


def lines_sheet(
    lines: Sequence[SurveyLine],
    contacts: Mapping[UUID, Sequence[tuple[UUID, Contact]]],
    *,
    header: bool = True,
) -> str:
    """The lines, one for each software and DSR; what goes on from another page has no `header`."""
    rows = _rows(lines, contacts)
    return csv_of(COLUMNS, rows) if header else csv_lines(rows)


def _rows(
    lines: Sequence[SurveyLine], contacts: Mapping[UUID, Sequence[tuple[UUID, Contact]]]
) -> Iterator[list[Cell]]:
    for line in lines:
        people = [contact for _, contact in contacts[line.organisation_id]]
        yield [
            line.organisation.name,
            line.software.name,
            line.software.nil,
            line.dsr,
            line.couloir,
            line.dispositif,
            line.vague,
            PRESENCES[line.presence],
            line.covered,
            line.to_confirm,
            line.awaiting,
            line.required,
            " ; ".join(f"{one.name} ({FUNCTIONS[one.function]})" for one in people),
        ]
