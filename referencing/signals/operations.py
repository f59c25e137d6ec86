"""Receiving a signal from anybody; an auditor qualifies it, dismisses it or reopens it."""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from referencing.base.db import new_id, now, today
from referencing.base.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from referencing.base.permissions import Actor, Right, may
from referencing.candidatures.record.queries import candidature as find_candidature
from referencing.journal.operations import SYSTEM, record

from . import queries, throttle
from .models import Signal, SignalAuthor
from .states import SIGNAL, Channel, SignalAction, SignalState


@dataclass(frozen=True, slots=True)
class Report:
    """The content of a signal: a solution by the names that its author knows. `author` is who they are, if they say."""

    solution: str
    editor: str
    description: str
    observed_on: date | None = None
    author: Mapping[str, str] | None = None


def receive(
    session: Session,
    actor: Actor | None,
    report: Report,
    network: str,
    *,
    channel: Channel | None = None,
    received_on: date | None = None,
    request_key: str | None = None,
) -> Signal:
    """Keep a signal that came by the form, or that an auditor enters because it came by another way.

    `network` is where a form came from: it is counted and not kept. A request that was sent before, by its
    `request_key`, answers the signal that it made then. Raises Forbidden, TooMany, Invalid for a day to come.
    """
    by = _entering(actor, channel, received_on)
    _refuse_future(session, observed_on=report.observed_on, received_on=received_on)
    earlier = sa.select(Signal).where(Signal.request_key == request_key)
    made = session.scalar(earlier) if request_key else None
    if made is not None:
        return made
    if by is None:
        throttle.count(session, network)
    written = insert(Signal).values(
        id=new_id(),
        receipt=_receipt(),
        state=SignalState.RECEIVED,
        channel=(channel or Channel.OTHER) if by else Channel.FORM,
        **{key: value for key, value in asdict(report).items() if key != "author"},
        received_on=received_on or today(session),
        recorded_at=now(session),
        recorded_by=by.account_id if by else None,
        request_key=request_key,
    )
    once = written.on_conflict_do_nothing(index_elements=[Signal.request_key])
    signal: Signal | None = session.scalar(once.returning(Signal))
    if signal is None:  # the same request came twice at once
        return session.scalars(earlier).one()
    if report.author and any(report.author.values()):
        session.add(SignalAuthor(signal_id=signal.id, **report.author))
    detail = {
        "channel": signal.channel.value,
        "sha256": hashlib.sha256(report.description.encode()).hexdigest(),
    }
    record(session, by or SYSTEM, "signal.received", f"signal:{signal.id}", detail)
    return signal


def _entering(actor: Actor | None, channel: Channel | None, received_on: date | None) -> Actor | None:
    """The auditor who enters a signal that came by another way; None for a form. Raises Forbidden."""
    auditor = actor if actor is not None and may(actor, Right.HANDLE_SIGNALS) else None
    if auditor is None and (channel not in {None, Channel.FORM} or received_on is not None):
        raise Forbidden(
            "Seul un auditeur saisit un signalement reçu autrement : retirez « channel » et « received_on »."
        )
    return None if channel is Channel.FORM else auditor


def _refuse_future(session: Session, **days: date | None) -> None:
    later = [name for name, day in days.items() if day is not None and day > today(session)]
    if later:
        errors = [FieldError(f"/{name}", "Cette date est à venir : vérifiez-la.") for name in later]
        raise Invalid("Corrigez les champs indiqués et envoyez de nouveau.", errors)


def _receipt() -> str:
    """A receipt number of 140 random bits: nobody finds another's by trying."""
    letters = base64.b32encode(secrets.token_bytes(18)).decode()
    return "-".join(["SIG", *(letters[at : at + 4] for at in range(0, 28, 4))])


def qualify(
    session: Session, actor: Actor, signal_id: UUID, assessment: str, candidature_id: UUID | None
) -> Signal:
    """Say that a signal is worth following, in words that tell nothing of its author, and which dossier it is about."""
    signal = _moved(session, actor, signal_id, SignalAction.QUALIFY, assessment)
    if candidature_id is not None:
        signal.candidature_id = find_candidature(session, actor, candidature_id).id
    session.flush()
    return signal


def dismiss(session: Session, actor: Actor, signal_id: UUID, assessment: str) -> Signal:
    """Say why nothing follows from a signal."""
    return _moved(session, actor, signal_id, SignalAction.DISMISS, assessment)


def reopen(session: Session, actor: Actor, signal_id: UUID, reason: str) -> Signal:
    """Look at a signal again. Raises Conflict once an audit stands on it."""
    return _moved(session, actor, signal_id, SignalAction.REOPEN, reason)


def _moved(session: Session, actor: Actor, signal_id: UUID, action: SignalAction, words: str) -> Signal:
    signal = queries.signal(session, actor, signal_id, lock=True)
    if signal.audit_id is not None:
        raise Conflict("Un audit est ouvert sur ce signalement : il suit l'audit.")
    signal.state = SIGNAL.follow("Ce signalement", signal.state, action, actor)
    reopened = action is SignalAction.REOPEN
    signal.assessment = None if reopened else words
    signal.assessed_at, signal.assessed_by = (None, None) if reopened else (now(session), actor.account_id)
    if reopened:
        signal.candidature_id = None
    event = "signal.reopened" if reopened else f"signal.{signal.state.value}"
    record(session, actor, event, f"signal:{signal.id}", {"assessment": words})
    session.flush()
    return signal


def follow_up(session: Session, actor: Actor, ids: list[UUID], audit_id: UUID) -> None:
    """Note that an audit is opened on these signals.

    Raises NotFound, Conflict for a signal that is not qualified or has its audit.
    """
    signals = session.scalars(
        sa.select(Signal)
        .where(Signal.id.in_(ids))
        .order_by(Signal.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    if len(signals) != len(set(ids)):
        raise NotFound(queries.NO_SIGNAL)
    for signal in signals:
        if signal.audit_id is not None or signal.state is not SignalState.QUALIFIED:
            raise Conflict(
                f"Le signalement {signal.receipt} n'est pas retenu, ou un audit y répond déjà : retirez-le."
            )
        signal.audit_id = audit_id
        record(session, actor, "signal.audited", f"signal:{signal.id}", {"audit": str(audit_id)})


def author_of(session: Session, actor: Actor, signal_id: UUID) -> SignalAuthor:
    """The author of a signal; the journal says who read it. Raises NotFound when the author did not say."""
    signal = queries.signal(session, actor, signal_id)
    author = session.get(SignalAuthor, signal.id)
    if author is None:
        raise NotFound(queries.NO_AUTHOR)
    record(session, actor, "signal.author_read", f"signal:{signal.id}", {})
    return author


def erase_author(session: Session, actor: Actor, signal_id: UUID, reason: str) -> None:
    """Forget the author of a signal. Raises NotFound when there is none."""
    signal = queries.signal(session, actor, signal_id, lock=True)
    author: Any = session.get(SignalAuthor, signal.id)
    if author is None:
        raise NotFound(queries.NO_AUTHOR)
    session.delete(author)
    record(session, actor, "signal.author_erased", f"signal:{signal.id}", {"reason": reason})
    session.flush()
