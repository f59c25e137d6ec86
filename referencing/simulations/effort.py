"""The effort that a piece of review costs verifiers, from the record, and a change of rules saves them. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from referencing.base.french import counted
from referencing.candidatures.tasks.names import QUEUES
from referencing.equivalence.engine.resolution import Status
from referencing.steering.habits import AGAIN, ENOUGH, PACE, WINDOW, Answered

#: The queues in which an item costs something, as `candidatures.models.Queue` names them.
REVIEW, CONFIRMATION = "proof_review", "equivalence"
#: However often editors were asked again, a proof is not read for ever.
MOST_AGAIN = 0.9


@dataclass(frozen=True, slots=True)
class Effort:
    """The cost of a queue's tasks: `answers` were counted, each takes `days` of somebody, `again` of them ask for more.

    `average_days` are the working days that they used of their budgets: how long it took, not how much work it was.
    """

    queue: str
    answers: int
    days: float
    again: float
    average_days: float | None

    @property
    def supposed(self) -> bool:
        return self.answers < ENOUGH


def effort_of(queue: str, answered: Sequence[Answered], average_days: float | None) -> Effort:
    """The effort of a queue: a day on which somebody answered is a whole day, shared among all that they answered."""
    busy: Counter[tuple[str, date]] = Counter()
    for answer in answered:
        busy[answer.person, answer.day] += answer.tasks
    of_queue = [answer for answer in answered if answer.queue == queue]
    total = sum(answer.tasks for answer in of_queue)
    if total < ENOUGH:
        return Effort(queue, total, 1 / PACE, AGAIN, average_days)
    spent = sum(answer.tasks / busy[answer.person, answer.day] for answer in of_queue)
    again = min(sum(answer.again for answer in of_queue) / total, MOST_AGAIN)
    return Effort(queue, total, spent / total, again, average_days)


def work_of(efforts: Mapping[str, Effort]) -> dict[Status, float]:
    """Verifier days that an item is to cost, by how it stands."""
    review, confirmation = efforts[REVIEW], efforts[CONFIRMATION]
    reading = review.days / (1 - review.again)
    return {
        Status.COVERED: 0,
        Status.TO_CONFIRM: confirmation.days + confirmation.again * reading,
        Status.AWAITING: 0,
        Status.REQUIRED: reading,
    }


def assumptions(efforts: Sequence[Effort]) -> list[str]:
    """What the estimate stands on, in French sentences."""
    sentences = [
        f"Le travail évité est estimé sur les réponses des {WINDOW} derniers jours ouvrés : une journée où quelqu'un a "
        "répondu compte pour une journée entière, partagée également entre ses réponses de toutes les files.",
        "Une preuve à fournir est relue autant de fois que le montrent les retours à l'éditeur ; un réemploi à "
        "confirmer coûte sa confirmation et, s'il est refusé, la lecture d'une preuve.",
        "Une preuve couverte ou en attente d'une autre ne coûte rien. Secondes lectures, avis d'experts et "
        "délibération ne sont pas comptés.",
        "Les candidatures en cours sont prises comme elles sont ; celles qui ont été décidées depuis un an, au jour de "
        "leur dépôt, avec ce qui était alors vérifié ailleurs : ni leurs propres preuves, ni ce qui attendait un "
        "verdict, ni les exigences déclarées sans objet ne comptent. Les règles comparées sont celles en vigueur "
        "aujourd'hui et celles du projet.",
    ]
    sentences += [
        f"File « {QUEUES[effort.queue]} » : {counted(effort.answers, 'réponse')} seulement, il en faut {ENOUGH} ; "
        f"l'estimation suppose {PACE} tâches par personne et par jour, et un retour sur quatre."
        for effort in efforts
        if effort.supposed
    ]
    return sentences
