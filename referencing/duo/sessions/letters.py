"""What people are told of their sessions by e-mail: invitations and their changes, reminders, another room.

Each is written in the transaction of what it tells of, once for each person, and holds no link: a link to the room is
made on request, for the person who asks.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from referencing.accounts.queries import leads
from referencing.base.db import PARIS, now
from referencing.base.french import counted
from referencing.candidatures.record.models import Candidature
from referencing.catalogue.models import DsrVersion
from referencing.equivalence.engine.explanation import in_french
from referencing.mail.operations import overtake, write
from referencing.solutions.models import Configuration

from .calendar import Invitation, calendar
from .models import Line, LiveSession, Participant
from .phases import LIVE, PENDING, LineState, Phase

#: How long before a session people are reminded, furthest first.
REMINDERS = {"la veille": timedelta(hours=24), "dans l'heure": timedelta(hours=1)}
DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
HOW_TO_ENTER = (
    "Le lien de la salle s'obtient dans l'application, à partir de 30 minutes avant l'heure. "
    "Il est personnel : ne le transmettez pas."
)


def invite(session: Session, live: LiveSession) -> None:
    """Tell each participant of the session as it is now: that it takes place, was changed, or is cancelled."""
    cancelled = live.phase is Phase.CANCELLED
    status = "annulée" if cancelled else "planifiée" if live.sequence == 0 else "modifiée"
    description = describe(session, live)
    for who in _participants(session, live):
        made = invitation(live, who, now(session), description)
        _send(session, made, f"Votre séance DUO du {when(live.starts_at)} est {status}.", status)


def change(session: Session, live: LiveSession, gone: Sequence[Participant] = ()) -> None:
    """Tell what was changed of a session; for `gone`, who are no longer expected, it is taken out of their calendars.

    What was true before and is not sent yet, invitations and reminders, is not sent any more.
    """
    people = sorted({one.account_id for one in (*_participants(session, live), *gone)})
    overtake(session, people, f"^duo:{live.id}:[0-9]")
    live.sequence += 1
    session.flush()
    invite(session, live)
    description = "La séance se tient sans vous : rien d'autre n'est attendu de votre part."
    for who in gone:
        made = invitation(live, who, now(session), description, cancelled=True)
        text = f"Vous n'êtes plus attendu à la séance DUO de « {made.title} »."
        _send(session, made, text, "sans vous")


def _send(session: Session, made: Invitation, text: str, status: str) -> None:
    write(
        session,
        made.account_id,
        f"duo:{made.session_id}:{made.sequence}",
        f"Séance DUO {status} : {when(made.starts_at)}",
        f"Bonjour,\n\n{text}\n\n{made.description}\n",
        calendar=calendar(made),
        method=made.method,
        useful_until=made.ends_at,
    )


def tell_room_changed(session: Session, live: LiveSession, number: int) -> None:
    """Tell each participant to ask for a link to another room; `number` is the room's."""
    text = (
        f"Bonjour,\n\nLa salle de votre séance DUO du {when(live.starts_at)} a changé. "
        f"Demandez votre nouveau lien dans l'application.\n"
    )
    for who in _participants(session, live):
        write(
            session,
            who.account_id,
            f"duo:{live.id}:room:{number}",
            "Séance DUO : la salle a changé",
            text,
            useful_until=max(live.ends_at, now(session)) + timedelta(hours=1),
        )


def tell_needs_verifier(session: Session, live: LiveSession, hindered: UUID) -> None:
    """Tell the people of a session, but for who cannot come, and the leads, who find another; nobody reads why."""
    at = when(live.starts_at)
    expected = (
        f"Il manque un vérificateur à votre séance DUO du {at}. Un responsable en désigne un autre, la déplace ou "
        "l'annule : vous en serez informé."
    )
    to_lead = (
        f"Il manque un vérificateur à la séance DUO du {at} ({live.organisation.name}). Désignez-en un autre, déplacez "
        "la séance ou annulez-la."
    )
    texts = dict.fromkeys(leads(session), to_lead)
    texts |= {one.account_id: expected for one in live.participants if one.account_id != hindered}
    for account_id, text in sorted(texts.items()):
        write(
            session,
            account_id,
            f"duo:{live.id}:{live.sequence}:needs_verifier",
            f"Séance DUO sans vérificateur : {at}",
            f"Bonjour,\n\n{text}\n",
            useful_until=live.starts_at,
        )


def remind_sessions(session: Session) -> None:
    """Remind the participants of what begins soon; a reminder that a nearer one overtakes is not sent any more."""
    at = now(session)
    soon = _sessions_with_people().where(
        LiveSession.phase == Phase.SCHEDULED,
        LiveSession.starts_at > at,
        LiveSession.starts_at <= at + max(REMINDERS.values()),
    )
    for live in session.scalars(soon).unique():
        label = [label for label, before in REMINDERS.items() if live.starts_at - at <= before][-1]
        text = (
            f"Bonjour,\n\nVotre séance DUO a lieu le {when(live.starts_at)}.\n\n{describe(session, live)}\n"
        )
        for who in live.participants:
            write(
                session,
                who.account_id,
                f"duo:{live.id}:{live.sequence}:{label}",
                f"Rappel : séance DUO {when(live.starts_at)}",
                text,
                useful_until=live.starts_at,
            )


def invitation(
    live: LiveSession, who: Participant, at: datetime, description: str, *, cancelled: bool = False
) -> Invitation:
    """The invitation of a participant, as the session is now; e-mail addresses are for who sends it to put in.

    `cancelled` for who is no longer expected in a session that takes place.
    """
    about = live.candidature
    return Invitation(
        session_id=live.id,
        sequence=live.sequence,
        stamp=at,
        starts_at=live.starts_at,
        ends_at=live.ends_at,
        cancelled=cancelled or live.phase is Phase.CANCELLED,
        title=f"Séance DUO : {about.configuration.solution.commercial_name}, {about.version.dsr.code}",
        description=description,
        account_id=who.account_id,
        name=who.account.name,
        address=None,
        organiser=None,
    )


def describe(session: Session, live: LiveSession) -> str:
    """What an invitation says of a session in French: its agenda and how to enter, or why it does not take place."""
    if live.phase is Phase.CANCELLED:
        return f"Motif : {live.reason}" if live.reason else "La séance n'aura pas lieu."
    if live.phase not in LIVE:
        return "La séance a eu lieu."
    on_it = Line.session_id == live.id, Line.state.in_(sorted(PENDING | {LineState.DECIDED}))
    planned = session.scalar(sa.select(sa.func.count()).where(*on_it)) or 0
    agenda = f"À l'ordre du jour : {counted(planned, 'élément')}."
    return f"{agenda}\n{HOW_TO_ENTER}"


def when(moment: datetime) -> str:
    """« lundi 30 mars 2026 à 10 h 00 », in Paris."""
    there = moment.astimezone(PARIS)
    return f"{DAYS[there.weekday()]} {in_french(there.date())} à {there.hour} h {there.minute:02}"


def _participants(session: Session, live: LiveSession) -> Sequence[Participant]:
    select = sa.select(Participant).where(Participant.session_id == live.id)
    return session.scalars(
        select.options(joinedload(Participant.account)).order_by(Participant.account_id)
    ).all()


def _sessions_with_people() -> sa.Select[LiveSession]:
    about = joinedload(LiveSession.candidature)
    return (
        sa.select(LiveSession)
        .order_by(LiveSession.starts_at, LiveSession.id)
        .options(
            about.joinedload(Candidature.version).joinedload(DsrVersion.dsr),
            about.joinedload(Candidature.configuration).joinedload(Configuration.solution),
            selectinload(LiveSession.participants).joinedload(Participant.account),
        )
    )
