"""Foresight of what will expire until a day: the days of each technical core are played through, and undone.

A day is played as `expiries.py` does it, after everything that ended before: what covers an item in the place of one
certificate may end on the next day. The rules in force are taken to stay so, and nothing else to happen.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.accounts.visible_queries import readable_software
from referencing.base.db import PARIS, after, now, today, undone
from referencing.base.errors import Conflict, FieldError, Invalid
from referencing.base.permissions import Actor, Right, authorise
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.record.states import LISTED, OPEN
from referencing.candidatures.resolution.resolution import resolve_core
from referencing.certificates.embedding.queries import standing
from referencing.certificates.queries import certificate as certificate_for
from referencing.equivalence.grants.models import Grant, GrantState
from referencing.equivalence.rulebooks.models import Correspondence
from referencing.equivalence.rulebooks.queries import id_in_force
from referencing.journal.operations import SYSTEM
from referencing.solutions.models import Certificate, Software
from referencing.solutions.queries import lock_core

from . import queries
from .consequences import Effect, Noted, follow_all
from .expiries import certificate_reason, expired_certificates, expired_rules, note_certificate, note_rule

#: Nobody plans further ahead, in days; some certificates say that they end in the year 9999.
FURTHEST = 10 * 366


@dataclass(frozen=True, slots=True)
class Expiry:
    """A certificate (its id) or a correspondence in force (its code) that ends, and what that does on its day."""

    on: date
    certificate: UUID | None
    correspondence: str | None
    reason: str
    effects: Sequence[Effect]


@dataclass(frozen=True, slots=True)
class CoreExpiries:
    """The expiries for the softwares of one technical core, in the order of the days."""

    core: UUID
    softwares: Sequence[Software]
    expiries: Sequence[Expiry]


def expiries(
    session: Session, actor: Actor, until: date, cursor: Sequence[Any] | None, limit: int
) -> Sequence[CoreExpiries]:
    """The expiries after today, on `until` at the latest, core by core; what nothing ever leaned on is left out.

    In a conflict of interest the softwares of that organisation are left out, and the cores that have no others.
    Raises Invalid for a day that has come, or that is too far away.
    """
    authorise(actor, Right.READ_FLAGS)
    if not today(session) < until <= today(session) + timedelta(days=FURTHEST):
        raise Invalid(
            "Ce jour n'est pas à venir, ou est trop lointain.",
            [FieldError("/until", "Donnez un jour à venir, dans moins de dix ans.")],
        )
    visible = readable_software(session, actor, Software)
    cores = session.scalars(_cores(session, visible, until, cursor).limit(limit)).all()
    played = {core: _play(session, core, until) for core in cores}
    softwares: dict[UUID, list[Software]] = {core: [] for core in cores}
    for software in session.scalars(
        sa.select(Software).where(Software.core_id.in_(cores), visible).order_by(Software.id)
    ):
        softwares[software.core_id].append(software)
    return [CoreExpiries(core, softwares[core], played[core]) for core in cores]


def what_if_expired(session: Session, actor: Actor, certificate_id: UUID) -> Expiry:
    """The effects of the end of a certificate on its day; for the agency, of what repeats it by embedding too.

    Raises NotFound, and Conflict for a certificate that does not end.
    An editor asks this of its own certificates, unless another organisation's software is of the same technical core:
    how long what the other has lasts is not its to know.
    """
    authorise(actor, Right.FORESEE_EXPIRIES)
    certificate = certificate_for(session, actor, certificate_id).certificate
    day = certificate.valid_until
    if day is None or day > today(session) + timedelta(days=FURTHEST):
        raise Conflict("Ce certificat n'a pas de fin, ou dans plus de dix ans : il n'y a rien à prévoir.")
    if certificate.revoked_on is not None or day <= today(session):
        raise Conflict(
            f"Ce certificat ne compte plus depuis le {min(certificate.revoked_on or day, day):%d/%m/%Y}."
        )
    if actor.own_organisation is not None and _is_shared(session, certificate.core_id):
        raise Conflict(
            "Ce logiciel ne fait qu'un avec celui d'une autre organisation : demandez à l'agence ce que la fin de "
            "ce certificat change."
        )
    repeated = standing(session, certificate.id) if actor.of_agency else ()
    ends = {one.id: one.core_id for one in (certificate, *repeated)}
    reason = certificate_reason(certificate)
    effects = [
        effect
        for core_id in dict.fromkeys(ends.values())
        for expiry in _play(session, core_id, day)
        if expiry.certificate in ends
        for effect in expiry.effects
    ]
    return Expiry(day, certificate_id, None, reason, effects)


def _is_shared(session: Session, core_id: UUID) -> bool:
    owners = sa.select(sa.func.count(Software.organisation_id.distinct())).where(Software.core_id == core_id)
    return session.scalars(owners).one() > 1


def _cores(
    session: Session, visible: sa.ColumnElement[bool], until: date, cursor: Sequence[Any] | None
) -> sa.Select[UUID]:
    """The cores of which a certificate ends, or a dossier leans on a correspondence that does.

    They have a software of which `visible` is true.
    """
    certificates = sa.select(Certificate.core_id).where(*_ending(session, until))
    codes = session.scalars(_ending_rules(session, until)).all()
    leaning = (
        sa.select(Candidature.core_id)
        .join(Grant, Grant.candidature_id == Candidature.id)
        .where(Grant.clauses.overlap(codes), Grant.state != GrantState.ENDED)
        .where(Candidature.state.in_(sorted(OPEN | LISTED)))
    )
    either = (sa.union(certificates, leaning) if codes else certificates.distinct()).subquery()
    of_visible = sa.exists().where(Software.core_id == either.c.core_id, visible)
    return after(sa.select(either.c.core_id).where(of_visible), [either.c.core_id], cursor)


def _ending(session: Session, until: date) -> list[sa.ColumnElement[bool]]:
    """The certificates that count today and end on `until` at the latest."""
    return [
        Certificate.valid_until > today(session),
        Certificate.valid_until <= until,
        Certificate.revoked_on.is_(None),
    ]


def _ending_rules(session: Session, until: date) -> sa.Select[str]:
    return sa.select(Correspondence.code).where(
        Correspondence.rulebook_id == id_in_force(session),
        Correspondence.valid_until > today(session),
        Correspondence.valid_until <= until,
    )


def _days(session: Session, core_id: UUID, until: date) -> Sequence[date]:
    """The days on which something of this core ends."""
    certificates = sa.select(Certificate.valid_until).where(
        Certificate.core_id == core_id, *_ending(session, until)
    )
    rules = _ending_rules(session, until).with_only_columns(Correspondence.valid_until)
    return sorted(day for day in session.scalars(sa.union(certificates, rules)) if day is not None)


def _play(session: Session, core_id: UUID, until: date) -> list[Expiry]:
    """The expiries of a core, day by day. What has ended and is not noticed yet comes first, and is left out."""
    ended: list[Expiry] = []
    days = _days(session, core_id, until)
    with undone(session):
        lock_core(session, core_id)
        _end_today(session, core_id)
        for day in days:
            with _at(session, day - timedelta(days=1)):
                resolve_core(session, core_id)  # what has begun by then, or become too old
            with _at(session, day):
                ended += _end_today(session, core_id)
    return ended


@contextmanager
def _at(session: Session, day: date) -> Iterator[None]:
    """Set the session's clock to the first moment of a day in Paris, or to now if that is later."""
    clock = session.info["clock"]
    moment = max(datetime.combine(day, time.min, PARIS), now(session))
    session.info["clock"] = lambda: moment
    try:
        yield
        session.flush()
    finally:
        session.info["clock"] = clock
    session.expire_all()


def _end_today(session: Session, core_id: UUID) -> list[Expiry]:
    """Do what `notice_expiries` and its jobs do today, for the dossiers of one core."""
    of_core = expired_certificates(session).where(Certificate.core_id == core_id)
    ended = [
        _follow_expiry(session, noted)
        for certificate in session.scalars(of_core).all()
        if (noted := note_certificate(session, certificate))
    ]
    rulebook = id_in_force(session)
    for code, rule in expired_rules(session).items():
        leaning = queries.leaning_on_clause(session, code, core_id)
        if rulebook is not None and leaning:
            noted = note_rule(session, rulebook, rule, leaning)
            ended.append(_follow_expiry(session, noted, code))
    return ended


def _follow_expiry(session: Session, noted: Noted, correspondence: str | None = None) -> Expiry:
    revocation = noted[0]
    return Expiry(
        on=today(session),
        certificate=revocation.certificate_id,
        correspondence=correspondence,
        reason=revocation.reason,
        effects=follow_all(session, SYSTEM, *noted),
    )
