"""The outcomes of a verdict and of its steps, and whether they agree. Pure."""

from collections.abc import Sequence
from enum import StrEnum

#: How a task is closed whose finding waits to be compared with another reader's.
READ = "read"


class Outcome(StrEnum):
    CONFORM = "conform"
    NONCONFORM = "nonconform"
    COMPLEMENT = "complement"


def incoherence(outcome: Outcome, steps: Sequence[Outcome]) -> str | None:
    """Why these steps do not lead to that outcome, in French, or None when they do."""
    if all(step is Outcome.CONFORM for step in steps):
        return None if outcome is Outcome.CONFORM else "Toutes les étapes sont conformes : l'ensemble l'est."
    if outcome is Outcome.CONFORM:
        return "L'ensemble n'est conforme que si chaque étape l'est."
    if outcome is Outcome.NONCONFORM and Outcome.NONCONFORM not in steps:
        return "Aucune étape n'est non conforme : demandez plutôt un complément."
    return None
