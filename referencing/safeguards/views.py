"""Safety records of rules as a sheet with French headings."""

from collections.abc import Callable, Iterable, Mapping

from referencing.base.sheets import Cell, csv_of
from referencing.equivalence.grants.models import Counted
from referencing.equivalence.records.record import RuleKind, RuleRecord

KINDS: Mapping[RuleKind, str] = {
    RuleKind.POLICY: "Politique",
    RuleKind.CORRESPONDENCE: "Correspondance",
    RuleKind.SOCLE: "Socle",
}
_COLUMNS: Mapping[str, Callable[[RuleRecord], Cell]] = {
    "Sorte": lambda record: KINDS[record.kind],
    "Règle": lambda record: record.code,
    "Réemplois accordés": lambda record: record.counts.get(Counted.GRANTED, 0),
    "Proposés à un vérificateur": lambda record: record.counts.get(Counted.PROPOSED, 0),
    "Confirmés": lambda record: record.counts.get(Counted.CONFIRMED, 0),
    "Refusés": lambda record: record.counts.get(Counted.REFUSED, 0),
    "Vérifiés de nouveau": lambda record: record.verified_again,
    "Trouvés faux": lambda record: record.found_false,
    "dont par un audit": lambda record: record.counts.get(Counted.FALSE_BY_AUDIT, 0),
    "dont par une révocation": lambda record: record.counts.get(Counted.FALSE_BY_REVOCATION, 0),
    "Part de faux au plus (%), à 95 %": lambda record: round(100 * record.bound, 1),
    "Nom durable": lambda record: record.rule,
}


def records_sheet(records: Iterable[RuleRecord]) -> str:
    return csv_of([*_COLUMNS], ([cell(record) for cell in _COLUMNS.values()] for record in records))
