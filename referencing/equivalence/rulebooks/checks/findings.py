"""What a check of a rulebook says: how grave, by a stable code, in French, and of which rule. Pure."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    ERROR = "error"  # it cannot be published
    WARNING = "warning"  # it can, when somebody says that it is meant so
    INFO = "info"


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """`pointer` is a JSON pointer (RFC 6901) into the rulebook as it is read over HTTP."""

    pointer: str
    code: str
    severity: Severity
    detail: str


#: At publication alone, as the next one: the simulation comes after the check.
NOT_SIMULATED = Finding(
    "",
    "not_simulated",
    Severity.WARNING,
    "Ces règles, telles qu'elles sont, n'ont pas été simulées sur les candidatures : ce qu'elles changeraient n'est "
    "pas connu.",
)


NOT_CHECKED = Finding(
    "",
    "not_checked",
    Severity.WARNING,
    "Personne n'a vérifié ces règles telles qu'elles sont avant de les publier.",
)


def enumerated(names: list[str], most: int = 20) -> str:
    """Some of the names as a French sentence lists them, and how many more there are."""
    shown = ", ".join(names[:most])
    more = len(names) - most
    return f"{shown} et {more} de plus" if more > 0 else shown
