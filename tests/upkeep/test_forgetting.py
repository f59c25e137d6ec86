"""What is of use for a time only goes by age, whatever its kind; what somebody still waits for stays."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import new_id, now
from referencing.base.models import Job
from referencing.base.permissions import Role
from referencing.files.reads.models import FileRead, ReadKind
from referencing.invitations.models import Invitation
from referencing.mail.models import Letter, Outcome
from referencing.upkeep import forgetting
from referencing.upkeep.forgetting import Period
from referencing.upkeep.tasks import PERIODS, forget_old
from referencing.web.models import RepeatableRequest
from tests.builders import person

Row = Job | RepeatableRequest | Letter | FileRead | Invitation


def organisation(session: Session) -> UUID:
    owner = person(session, Role.EDITOR).organisation_id
    assert owner is not None
    return owner


def add(session: Session, account: UUID, period: Period, since: datetime | None) -> Row:
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
    }
    row = rows[period.since.class_.__tablename__]
    if since:
        setattr(row, period.since.key, since)
    session.add(row)
    session.flush()
    return row


@pytest.mark.parametrize("period", PERIODS, ids=lambda period: period.since.class_.__tablename__)
def test_what_was_kept_for_its_period_goes_and_the_rest_stays(
    scratch: Session, period: Period, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting, "AT_ONCE", 2)
    table = period.since.class_
    scratch.execute(sa.delete(table))
    account = person(scratch, Role.LEAD).account_id
    last_day = now(scratch) - period.kept
    for days in (1, 2, 3):
        add(scratch, account, period, last_day - timedelta(days=days))
    staying = [add(scratch, account, period, last_day + timedelta(seconds=1))]
    if sa.inspect(table).columns[period.since.key].nullable:
        staying.append(add(scratch, account, period, None))

    forget_old(scratch)
    assert len(scratch.scalars(sa.select(table)).all()) == len(staying) + 1
    forget_old(scratch)
    assert {*scratch.scalars(sa.select(table))} == {*staying}


def test_a_dead_job_stays_until_a_lead_has_seen_to_it(scratch: Session) -> None:
    then = now(scratch) - timedelta(days=1000)
    dead = Job(task="x", arguments={}, due_at=then, dead_at=then)
    scratch.add(dead)
    scratch.flush()
    forget_old(scratch)
    assert scratch.get(Job, dead.id, populate_existing=True) is dead
