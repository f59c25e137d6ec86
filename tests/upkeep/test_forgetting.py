"""What is of use for a time only goes by age, whatever its kind; what somebody still waits for stays."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.accounts.keys.models import AccountKey
from referencing.base.db import new_id, now, today
from referencing.base.models import Job
from referencing.base.permissions import Role
from referencing.config import Kept
from referencing.files.reads.models import FileRead, ReadKind
from referencing.invitations.models import Invitation
from referencing.mail.models import Letter, Outcome
from referencing.signals.models import Signal, SignalAuthor
from referencing.signals.states import Channel, SignalState
from referencing.upkeep import forgetting, tasks
from referencing.upkeep.forgetting import Period
from referencing.upkeep.periods import PERIODS
from referencing.upkeep.tasks import forget_kind, forget_old
from referencing.web.models import RepeatableRequest
from referencing.webhooks.models import Delivery, DeliveryOutcome, Webhook
from tests.builders import person

Row = Job | RepeatableRequest | Letter | FileRead | Invitation | AccountKey | Signal | Delivery
KEPT = Kept(letters=500, reads=30, invitations=20, places=10, signal_authors=40)


def organisation(session: Session) -> UUID:
    owner = person(session, Role.EDITOR).organisation_id
    assert owner is not None
    return owner


def webhook(session: Session) -> UUID:
    added = Webhook(label="Suivi", address="https://suivi.example.fr/", events=[], public_key="", position=0)
    added.due_at = now(session)
    session.add(added)
    session.flush()
    return added.id


def add(session: Session, account: UUID, period: Period, since: datetime | None) -> Row | SignalAuthor:
    """A row of the kind of this period, whose moment was then."""
    key, file = str(new_id()), new_id()
    rows: dict[str, Row] = {
        "job": Job(task="x", arguments={}, due_at=now(session)),
        "repeatable_request": RepeatableRequest(account_id=account, key=key, fingerprint=key),
        "letter": Letter(
            account_id=account,
            subject_key=key,
            subject="Objet",
            text="Texte",
            outcome=Outcome.SENT if since else Outcome.WAITING,
        ),
        "file_read": FileRead(
            account_id=account,
            organisation_id=organisation(session),
            hour=now(session),
            kind=ReadKind.PROOF,
            subject_id=file,
            file_id=file,
            filename="preuve.txt",
        ),
        "invitation": Invitation(
            address=f"{key}@alize.example",
            role=Role.LEAD,
            invited_by=account,
            sendings=1,
            asked_at=now(session),
            attempts=0,
            outcome=Outcome.SENT,
        ),
        "account_key": AccountKey(account_id=account, name="clé", key_digest=key, last_used_from="192.0.2.1"),
        "signal": Signal(
            id=file,
            receipt=key,
            state=SignalState.RECEIVED,
            channel=Channel.FORM,
            solution="Alpha",
            editor="",
            description="Un défaut.",
            received_on=today(session),
            recorded_at=now(session),
        ),
        "webhook_delivery": Delivery(
            webhook_id=webhook(session),
            message=key,
            event="candidature.submitted",
            attempt=1,
            milliseconds=12,
            outcome=DeliveryOutcome.DELIVERED,
        ),
    }
    row = rows[period.since.class_.__tablename__]
    if since:
        setattr(row, period.since.key, since)
    session.add(row)
    session.flush()
    if period.row is not None:
        author = SignalAuthor(signal_id=file, name="Zoé", organisation="", email="", telephone="")
        session.add(author)
        session.flush()
        return author
    return row


def left(session: Session, period: Period) -> set[Any]:
    """The rows of the kind that have not gone, or still hold what goes."""
    rows = sa.select(period.table)
    if period.table is Job:
        rows = rows.where(Job.task != "forget_kind")
    if period.blanked is not None:
        rows = rows.where(period.blanked.is_not(None))
    return {*session.scalars(rows)}


@pytest.mark.parametrize("period", PERIODS.values(), ids=[*PERIODS])
def test_what_was_kept_for_its_period_goes_and_the_rest_stays(
    scratch: Session, period: Period, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (forgetting, tasks):
        monkeypatch.setattr(module, "AT_ONCE", 2)
    if period.table is not AccountKey:
        scratch.execute(sa.delete(period.table))
    account = person(scratch, Role.LEAD).account_id
    scratch.execute(sa.update(AccountKey).values(last_used_from=None))
    last_day = now(scratch) - period.lasts(KEPT.days)
    for days in (1, 2, 3):
        add(scratch, account, period, last_day - timedelta(days=days))
    staying = [add(scratch, account, period, last_day + timedelta(seconds=1))]
    if sa.inspect(period.since.class_).columns[period.since.key].nullable:
        staying.append(add(scratch, account, period, None))

    assert forgetting.count_overdue(scratch, period, KEPT.days) == 3
    forget_kind(scratch, period.name, kept=KEPT)
    assert len(left(scratch, period)) == len(staying) + 1
    (again,) = scratch.scalars(sa.select(Job).where(Job.task == "forget_kind", Job.done_at.is_(None)))
    forget_kind(scratch, **again.arguments, kept=KEPT)
    assert left(scratch, period) == {*staying}
    assert forgetting.count_overdue(scratch, period, KEPT.days) == 0


def test_each_kind_is_a_job_of_its_own(scratch: Session) -> None:
    forget_old(scratch)
    asked = scratch.scalars(sa.select(Job.arguments).where(Job.task == "forget_kind"))
    assert {one["kind"] for one in asked} == {*PERIODS}


def test_a_dead_job_stays_until_a_lead_has_seen_to_it(scratch: Session) -> None:
    then = now(scratch) - timedelta(days=1000)
    dead = Job(task="x", arguments={}, due_at=then, dead_at=then)
    scratch.add(dead)
    scratch.flush()
    forget_kind(scratch, "job", kept=KEPT)
    assert scratch.get(Job, dead.id, populate_existing=True) is dead
