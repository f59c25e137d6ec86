"""What waits at any hour: a live session, a second reading, an expert's opinion, audits and a suspended solution."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from demonstration.stage import Stage, verify
from referencing.audits.findings import nonconformities, sanctions
from referencing.audits.inquiries import inquiries, queries, samples
from referencing.audits.inquiries.models import Audit, SampledItem
from referencing.audits.inquiries.states import Conformity, Measure, SanctionAction, Severity
from referencing.base.db import PARIS, today
from referencing.base.workdays import add_working_days, working_day_at
from referencing.candidatures.record.models import Candidature
from referencing.duo.booking import queries as bookings
from referencing.duo.booking.booking import book
from referencing.duo.slots.slots import Offer, offer
from referencing.reviews.experts.experts import ask
from referencing.reviews.queues.claims import claim
from referencing.reviews.queues.models import Arbiter
from referencing.reviews.queues.queries import Among, TaskView, all_tasks
from referencing.reviews.second_readings.rates import set_rate

#: How long before it begins the session that waits was booked; the rules ask for a day.
NOTICED = timedelta(days=2)
LENGTH = timedelta(hours=1)
#: A session begins within these hours, by clocks in Paris.
FIRST_START, LAST_START = time(8), time(17)

READ_TWICE, LOOKED_INTO = "DPI-V2:IE/HOP.01#01.01", "DPI-V2:MSS/va1.01#01.02"
ROWS = 100  # more tasks than the demonstration has


def latest_start(moment: datetime) -> datetime:
    """The quarter of an hour of a working day at which a session began last: such a session can be opened now."""
    there = moment.astimezone(PARIS)
    day = there.date() if there.time() >= FIRST_START else there.date() - timedelta(days=1)
    last = datetime.combine(working_day_at(day, 0), LAST_START, PARIS)
    quarter = there.replace(minute=there.minute // 15 * 15, second=0, microsecond=0)
    return min(quarter, last)


def book_session(stage: Stage, candidature: Candidature, start: datetime) -> None:
    """A verifier offers the slot, the editor takes it with the agenda that is proposed."""
    session, editor = stage.session, stage.people["EDITEUR_2"]
    terms = Offer(start.date(), start.date(), start.time(), (start + LENGTH).time(), _minutes(LENGTH))
    offer(session, stage.people["VERIFICATEUR"], terms)
    (offered,) = bookings.slots(session, editor, None, 1, candidature=candidature.id, verifier=None)
    book(session, editor, candidature.id, offered.slot.id, None)


def offer_slots(stage: Stage) -> None:
    """Two slots a week for two months, to be booked."""
    first = add_working_days(today(stage.session), 3)
    terms = Offer(first, first + timedelta(weeks=8), time(14), time(16), _minutes(LENGTH))
    offer(stage.session, stage.people["VERIFICATEUR_2"], terms)


def _minutes(length: timedelta) -> int:
    return length // timedelta(minutes=1)


def wait_for_second_reading(stage: Stage, candidature: Candidature) -> None:
    """A finding is drawn and waits for another reader."""
    task = _take(stage, candidature, READ_TWICE)
    set_rate(
        stage.session,
        stage.people["RESPONSABLE"],
        chapter=task.chapter,
        verifier=None,
        rate=100,
        on_disagreement=Arbiter.THIRD,
        seed=None,
    )
    verify(stage, "VERIFICATEUR_2", task.id)


def ask_expert(stage: Stage, candidature: Candidature) -> None:
    """A verifier who has a task in hand asks an expert about it."""
    task = _take(stage, candidature, LOOKED_INTO)
    ask(
        stage.session,
        stage.people["VERIFICATEUR_2"],
        task.id,
        experts=[stage.people["EXPERT"].account_id],
        question="Le rapport de validation porte-t-il bien sur l'archive envoyée au patient ?",
        due_on=add_working_days(today(stage.session), 5),
    )


def _take(stage: Stage, candidature: Candidature, code: str) -> TaskView:
    """The task of an item, claimed by the second verifier."""
    session, verifier = stage.session, stage.people["VERIFICATEUR_2"]
    tasks = all_tasks(session, verifier, Among(candidature=candidature.id), None, ROWS)
    (task,) = (one for one in tasks if one.code == code)
    claim(session, verifier, task.id)
    return task


def conclude_audit(stage: Stage, candidature: Candidature) -> None:
    """An audit by sample that finds nothing wrong."""
    audit = _audit(stage, candidature, "Contrôle par sondage, prévu au programme de l'année.")
    auditor = stage.people["AUDITEUR"]
    for sampled in _sample(stage, audit):
        _find(stage, audit, sampled, Conformity.CONFORM, "")
    inquiries.close(stage.session, auditor, audit.id, "Les preuves de l'échantillon sont confirmées.")


def suspend(stage: Stage, candidature: Candidature) -> None:
    """An audit that is under way, whose first finding has the solution suspended at once."""
    session, auditor = stage.session, stage.people["AUDITEUR"]
    audit = _audit(
        stage, candidature, "Plusieurs signalements : l'identité affichée n'est pas celle du dossier."
    )
    wrong, *right = _sample(stage, audit)
    _find(
        stage, audit, wrong, Conformity.NONCONFORM, "La preuve ne se reproduit pas sur la version en service."
    )
    for sampled in right:
        _find(stage, audit, sampled, Conformity.CONFORM, "")
    nonconformities.raise_(
        session,
        auditor,
        audit.id,
        requirement=wrong.requirement,
        severity=Severity.CRITIQUE,
        description="La version en service ne fait pas ce que montre la preuve.",
        sampled=wrong.id,
    )
    inquiries.notify(session, auditor, audit.id, due_on=None, working_days=None)
    measure = sanctions.announce(
        session,
        auditor,
        audit.id,
        measure=Measure.SUSPENSION,
        grounds="Une exigence critique n'est plus tenue.",
        urgent_reason="Le risque porte sur l'identité des patients.",
        due_on=None,
        working_days=None,
    )
    decision = "Suspendue jusqu'à la correction."
    sanctions.decide(session, stage.people["RESPONSABLE"], measure.id, SanctionAction.APPLY, decision)


def _audit(stage: Stage, candidature: Candidature, reason: str) -> Audit:
    """An audit that is announced, of three requirements."""
    session, auditor = stage.session, stage.people["AUDITEUR"]
    planned = inquiries.plan(session, auditor, candidature=candidature.id, reason=reason, size=3, signals=[])
    return inquiries.open_(session, auditor, planned.id)


def _sample(stage: Stage, audit: Audit) -> Sequence[SampledItem]:
    _, sampled = queries.sample(stage.session, stage.people["AUDITEUR"], audit.id, None, ROWS)
    return sampled


def _find(stage: Stage, audit: Audit, sampled: SampledItem, finding: Conformity, comment: str) -> None:
    samples.find(
        stage.session,
        stage.people["AUDITEUR"],
        audit.id,
        sampled.id,
        finding=finding,
        comment=comment,
        revision=sampled.revision,
    )
