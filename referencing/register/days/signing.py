"""Signing the public list once a day is over, and answers on what it said."""

import logging
import zlib
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.orm import Session

from referencing.base.db import new_id, now, today
from referencing.base.errors import Conflict, invalid_field
from referencing.base.workdays import paris_day
from referencing.candidatures.record.states import State
from referencing.heads.notary import Notary
from referencing.journal.operations import SYSTEM, record
from referencing.register.contents import csv_of
from referencing.solutions.nils import clean_nil

from . import queries
from .models import DayList, SignedDay
from .statements import ANSWER, has_line, json_line, json_of, signed, statement_of_day

log = logging.getLogger(__name__)

#: How long after its end a day is signed: what was decided in its last minute is committed by then.
SETTLED = timedelta(minutes=15)
#: Days that are made up for at once, where none was signed for long.
AT_ONCE = 31
_LOCK = 7_201_518  # the number of a lock, the same for all processes


def sign_days(session: Session, notary: Notary) -> None:
    """Sign the list of each day that is over since the last one that was signed; of yesterday where none was."""
    session.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    yesterday = paris_day(now(session) - SETTLED) - timedelta(days=1)
    last = queries.last_day(session)
    following = last + timedelta(days=1) if last else yesterday
    if following > yesterday:
        return
    signer = notary.signer
    if signer is None:
        log.warning("no key signs the public list: set RECORD_KEY")
        return
    for number in range(min((yesterday - following).days + 1, AT_ONCE)):
        _sign_day(session, signer, following + timedelta(days=number))


def _sign_day(session: Session, signer: Ed25519PrivateKey, day: date) -> None:
    lines = queries.listed_on(session, day)
    kept = _keep(session, json_of(lines), csv_of(lines, header=True).encode(), len(lines))
    statement = statement_of_day(day, now(session), kept.size, kept.json_sha256, kept.csv_sha256)
    session.add(SignedDay(day=day, content=kept, statement=signed(statement, signer)))
    session.flush()
    detail = {"day": day.isoformat(), "size": kept.size, "sha256": kept.json_sha256}
    record(session, SYSTEM, "register_day.signed", "record:", detail)


def _keep(session: Session, json_list: bytes, csv_list: bytes, size: int) -> DayList:
    """The list, kept already where the days before had the same one."""
    digests = {"json_sha256": sha256(json_list).hexdigest(), "csv_sha256": sha256(csv_list).hexdigest()}
    kept = session.scalar(sa.select(DayList).filter_by(**digests))
    if kept is None:
        compressed = {"json": zlib.compress(json_list), "csv": zlib.compress(csv_list)}
        kept = DayList(id=new_id(), size=size, **digests, **compressed)
        session.add(kept)
    return kept


def answer_for(session: Session, notary: Notary, nil: str, dsr: str, on: date | None) -> dict[str, Any]:
    """How the software of a NIL stood on a DSR at the end of a day, or stands today: a statement that proves itself.

    What is known now of that day counts. `in_list` says whether the day's signed list had it, None where none is kept:
    a referencing from before this service may have been taken over later. Raises Invalid for a day to come, Conflict
    where no key is configured.
    """
    signer = notary.signer
    if signer is None:
        raise Conflict(
            "Aucune clé ne signe les réponses de ce service : demandez à qui l'exploite de régler RECORD_KEY."
        )
    day = on or today(session)
    if day > today(session):
        raise invalid_field("on", "Ce jour n'est pas encore venu : demandez un jour passé, ou aujourd'hui.")
    lines = queries.lines_of_nil(session, nil, day)
    on_dsr = [line for line in lines if line.dsr == dsr]
    states = {line.state for line in on_dsr}
    kept = session.get(SignedDay, day)
    statement = {
        "format": ANSWER,
        "nil": nil,
        "dsr": dsr,
        "day": day.isoformat(),
        "at": now(session).isoformat(),
        "state": next((state.value for state in _BEST_FIRST if state in states), None),
        "is_last": any(line.is_last for line in on_dsr),
        "lines": [json_line(line) for line in on_dsr],
        "in_list": kept and has_line(zlib.decompress(kept.content.json), clean_nil(nil), dsr),
        "signed_day": kept and kept.statement,
    }
    return signed(statement, signer)


#: By what a software is said to stand, of the several versions that may be on a DSR.
_BEST_FIRST = (State.REFERENCED, State.SUSPENDED, State.DELISTED)
