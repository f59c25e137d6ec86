"""The outcomes of a verdict and of its steps, and whether they agree. Pure."""

from collections.abc import Sequence
from enum import StrEnum

#: How a task is closed whose finding waits to be compared with another reader's.
READ = "read"


class Outcome(StrEnum):
    CONFORM = "conform"
    NONCONFORM = "nonconform"
    COMPLEMENT = "complement"


class TaskOutcome(StrEnum):
    """What a verdict on a task says: a finding, or that what the editor said to be without object is so."""

    CONFORM = "conform"
    NONCONFORM = "nonconform"
    COMPLEMENT = "complement"
    NOT_APPLICABLE = "not_applicable"

    @property
    def finding(self) -> Outcome:
        """The outcome of a finding that follows from the same table: accepting a claim is finding it right."""
        return Outcome.CONFORM if self is TaskOutcome.NOT_APPLICABLE else Outcome(self.value)


def mismatch(outcome: TaskOutcome, *, on_claim: bool) -> str | None:
    """Why this outcome is not one of what is judged, in French; `on_claim`: a claim that an item does not apply."""
    if on_claim and outcome is TaskOutcome.CONFORM:
        return (
            "L'éditeur dit cette preuve sans objet : rien n'est à trouver conforme. Acceptez avec "
            "« not_applicable », ou refusez."
        )
    if not on_claim and outcome is TaskOutcome.NOT_APPLICABLE:
        return "L'éditeur ne dit pas cette preuve sans objet : jugez ce qu'il a fourni."
    return None


def incoherence(outcome: Outcome, steps: Sequence[Outcome]) -> str | None:
    """Why these steps do not lead to that outcome, in French, or None when they do."""
    if all(step is Outcome.CONFORM for step in steps):
        return None if outcome is Outcome.CONFORM else "Toutes les étapes sont conformes : l'ensemble l'est."
    if outcome is Outcome.CONFORM:
        return "L'ensemble n'est conforme que si chaque étape l'est."
    if outcome is Outcome.NONCONFORM and Outcome.NONCONFORM not in steps:
        return "Aucune étape n'est non conforme : demandez plutôt un complément."
    return None
