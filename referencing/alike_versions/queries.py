"""Reading requests and declarations of alike versions: an organisation reads its own requests, the agency all."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from referencing.accounts.visible_queries import readable_software, refusal
from referencing.base.db import after
from referencing.base.errors import NotFound
from referencing.base.permissions import Actor, Right, authorise
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.record.states import OPEN
from referencing.solutions.models import AlikeVersions, Configuration, Software

from .models import AlikeAttestation, AlikeRequest
from .states import RequestState

NO_REQUEST = "Cette demande n'existe pas : vérifiez son identifiant."

_WHOLE = (
    joinedload(AlikeRequest.software).joinedload(Software.organisation),
    joinedload(AlikeRequest.declaration),
    selectinload(AlikeRequest.files),
)
_PENDING = sa.and_(AlikeRequest.declaration_id.is_(None), AlikeRequest.ended_at.is_(None))
_CONDITIONS = {
    RequestState.ASKED: _PENDING,
    RequestState.ACCEPTED: AlikeRequest.declaration.has(AlikeVersions.revoked_on.is_(None)),
    RequestState.REFUSED: AlikeRequest.refusal.is_not(None),
    RequestState.WITHDRAWN: sa.and_(AlikeRequest.ended_at.is_not(None), AlikeRequest.refusal.is_(None)),
    RequestState.REVOKED: AlikeRequest.declaration.has(AlikeVersions.revoked_on.is_not(None)),
}


def _visible(session: Session, actor: Actor) -> sa.Select[AlikeRequest]:
    """The requests of softwares that the actor may read, and for the agency its own."""
    authorise(actor, Right.READ_SOLUTIONS)
    of_software = AlikeRequest.software.has(readable_software(session, actor, Software))
    visible = sa.or_(of_software, AlikeRequest.software_id.is_(None)) if actor.of_agency else of_software
    return sa.select(AlikeRequest).where(visible)


def request(session: Session, actor: Actor, request_id: UUID, *, lock: bool = False) -> AlikeRequest:
    """A request that the actor may read. Raises NotFound, also for another organisation's."""
    select = _visible(session, actor).where(AlikeRequest.id == request_id).options(*_WHOLE)
    if lock:
        select = select.with_for_update(of=AlikeRequest).execution_options(populate_existing=True)
    visible_request = session.scalar(select)
    if visible_request is None:
        asked = sa.select(AlikeRequest.software_id).where(AlikeRequest.id == request_id)
        owner = sa.select(Software.organisation_id).where(Software.id == asked.scalar_subquery())
        raise refusal(session, actor, NO_REQUEST, owner)
    return visible_request


def requests(
    session: Session,
    actor: Actor,
    cursor: Sequence[Any] | None,
    limit: int,
    state: RequestState | None = None,
) -> Sequence[AlikeRequest]:
    """The requests that the actor may read, in the order of asking."""
    select = _visible(session, actor).options(*_WHOLE)
    if state is not None:
        select = select.where(_CONDITIONS[state])
    return session.scalars(after(select, [AlikeRequest.id], cursor).limit(limit)).all()


def file(session: Session, actor: Actor, request_id: UUID, file_id: UUID) -> AlikeAttestation:
    visible_request = request(session, actor, request_id)
    named = next((attached for attached in visible_request.files if attached.id == file_id), None)
    if named is None:
        raise NotFound("Cette demande n'a pas ce fichier : vérifiez son identifiant.")
    return named


def pending(session: Session, software_id: UUID | None, role: str, components: tuple[str, str]) -> bool:
    """Whether this side has asked for this already, and waits for an answer."""
    same = sa.exists().where(
        _PENDING,
        AlikeRequest.role == role,
        AlikeRequest.first == components[0],
        AlikeRequest.second == components[1],
        AlikeRequest.software_id.is_not_distinct_from(software_id),
    )
    return bool(session.scalar(sa.select(same)))


def standing(session: Session, role: str, components: tuple[str, str]) -> AlikeVersions | None:
    """The declaration of these versions that was not taken back, if any."""
    return session.scalar(
        sa.select(AlikeVersions).where(
            AlikeVersions.role == role,
            AlikeVersions.first == components[0],
            AlikeVersions.second == components[1],
            AlikeVersions.revoked_on.is_(None),
        )
    )


def _embeds(role: str, components: tuple[str, str]) -> sa.ColumnElement[bool]:
    """The condition that a dossier is open and embeds one of these versions in the role."""
    component = Configuration.composition[role].astext
    return sa.and_(Candidature.state.in_(sorted(OPEN)), component.in_(components))


def cores_embedding(session: Session, role: str, components: tuple[str, str]) -> Sequence[UUID]:
    """The technical cores with such an open dossier, in the order of locking."""
    cores = sa.select(Candidature.core_id).join(Candidature.configuration)
    return session.scalars(
        cores.where(_embeds(role, components)).distinct().order_by(Candidature.core_id)
    ).all()


def dossiers_embedding(
    session: Session, core_id: UUID, role: str, components: tuple[str, str]
) -> Sequence[UUID]:
    """The open dossiers of a core that embed one of these versions, by id."""
    dossiers = sa.select(Candidature.id).join(Candidature.configuration)
    of_core = dossiers.where(Candidature.core_id == core_id, _embeds(role, components))
    return session.scalars(of_core.order_by(Candidature.id)).all()
