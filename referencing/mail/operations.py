"""Writing letters in the transaction of what they tell, and sending them in jobs.

A letter is sent at least once: SMTP cannot take a message and our mark in one transaction. What a crash between the
two leaves behind is sent again, the same to the byte, with the same Message-ID; an invitation may come twice.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, joinedload

from referencing.accounts.queries import email_address
from referencing.base.db import new_id, now
from referencing.base.jobs import enqueue

from .message import Words, message
from .models import Letter, Outcome
from .relay import Refused, Relay, Undelivered

log = logging.getLogger(__name__)

#: After each failure: servers that greylist want minutes, those that are repaired want hours.
PAUSES = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60, 120, 240, 480)]


def write(
    session: Session,
    account_id: UUID,
    subject_key: str,
    subject: str,
    text: str,
    *,
    calendar: bytes | None = None,
    method: str | None = None,
    useful_until: datetime | None = None,
) -> None:
    """Tell a person something, once this transaction has committed; nothing when they were told it before."""
    letter_id = session.scalar(
        insert(Letter)
        .values(
            id=new_id(),
            account_id=account_id,
            subject_key=subject_key,
            subject=subject,
            text=text,
            calendar=calendar.decode() if calendar else None,
            method=method,
            useful_until=useful_until,
            outcome=Outcome.WAITING,
            attempts=0,
            created_at=now(session),
        )
        .on_conflict_do_nothing(index_elements=[Letter.account_id, Letter.subject_key])
        .returning(Letter.id)
    )
    if letter_id is not None:
        enqueue(session, "send_letter", letter_id=str(letter_id))


def overtake(session: Session, accounts: Sequence[UUID], subject_keys: str) -> None:
    """What these people have not been sent yet of some subjects (a regular expression) is not sent any more.

    One that is on its way to the SMTP server goes.
    """
    waiting = (
        sa.select(Letter.id)
        .where(
            Letter.account_id.in_(accounts),
            Letter.subject_key.regexp_match(subject_keys),
            Letter.outcome == Outcome.WAITING,
        )
        .with_for_update(skip_locked=True)
    )
    for letter in session.scalars(sa.select(Letter).where(Letter.id.in_(waiting))):
        _settle(session, letter, Outcome.ABANDONED)


def send_letter(session: Session, letter_id: str, *, relay: Relay | None) -> None:
    """Give a letter to the SMTP server, to the address that the person has now."""
    letter = session.scalars(
        sa.select(Letter)
        .where(Letter.id == UUID(letter_id))
        .options(joinedload(Letter.account))
        .with_for_update(of=Letter)
    ).one_or_none()
    if letter is None or letter.outcome is not Outcome.WAITING:  # gone with who was erased
        return
    address = email_address(session, letter.account_id)
    if letter.useful_until is not None and letter.useful_until <= now(session):
        _settle(session, letter, Outcome.ABANDONED)
    elif relay is None:
        _settle(session, letter, Outcome.NO_SERVER)
    elif address is None or letter.account.disabled_at is not None:
        _settle(session, letter, Outcome.NO_ADDRESS)
    else:
        _deliver(session, letter, relay, address)


def _deliver(session: Session, letter: Letter, relay: Relay, address: str) -> None:
    words = Words(
        letter.id,
        letter.created_at,
        relay.sender,
        address,
        letter.account.name,
        letter.subject,
        letter.text,
        letter.calendar,
        letter.method,
    )
    outcome = hand_over(relay, words)
    if outcome is None:
        _try_again_later(session, letter)
    else:
        _settle(session, letter, outcome)


def hand_over(relay: Relay, words: Words) -> Outcome | None:
    """Give the SMTP server a letter: what became of it, None where it is to be tried again."""
    try:
        relay.deliver(words.recipient, message(words))
    except Refused as error:
        log.warning("letter %s refused: %s", words.letter_id, error)
        return Outcome.REFUSED
    except Undelivered as error:
        log.warning("letter %s not delivered: %s", words.letter_id, error)
        return None
    return Outcome.SENT


def _try_again_later(session: Session, letter: Letter) -> None:
    """Try again in a job of its own, or give up: what failed for minutes may succeed in hours."""
    if letter.attempts >= len(PAUSES):
        _settle(session, letter, Outcome.ABANDONED)
        return
    enqueue(session, "send_letter", delay=PAUSES[letter.attempts], letter_id=str(letter.id))
    letter.attempts += 1


def _settle(session: Session, letter: Letter, outcome: Outcome) -> None:
    letter.outcome = outcome
    letter.settled_at = now(session)
