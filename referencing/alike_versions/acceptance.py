"""Declaring two versions of a component alike: what was found with one then counts with the other, in this role.

What that changes is computed dossier by dossier before, and confirmed by its digest. It then takes effect by jobs, one
for each technical core that embeds one of the two versions, on the day from which it counts.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from referencing.base.db import PARIS, now, today, undone
from referencing.base.errors import Conflict, FieldError, Invalid
from referencing.base.jobs import enqueue
from referencing.base.permissions import Actor, Right, authorise
from referencing.base.vault import Vault
from referencing.candidatures.resolution.resolution import resolve_core
from referencing.equivalence.engine.explanation import in_french
from referencing.files.scanning import refuse_unread
from referencing.journal.operations import SYSTEM, record
from referencing.revocations.consequences import Effect
from referencing.revocations.gains import gained, items_of_core
from referencing.revocations.impact import confirmed_gains
from referencing.solutions.models import AlikeVersions
from referencing.solutions.queries import lock_core, refuse_to_judge

from . import queries
from .asking import SUBJECT, record_step, tell_asker
from .models import AlikeRequest
from .states import REQUEST, RequestAction

#: Nobody declares further ahead, in days.
FURTHEST = 366


def accept(
    session: Session,
    actor: Actor,
    vault: Vault,
    request_id: UUID,
    valid_from: date | None = None,
    digest: str | None = None,
) -> Sequence[Effect]:
    """Declare what was asked, from a day on (today); answers the effects on items of dossiers that are open now.

    Raises NotFound, Invalid for a day that is past, Conflict while an attestation is unread or where the two are
    declared alike already, and Unconfirmed when items change by it and `digest` does not name these effects.
    """
    day = valid_from or today(session)
    if not today(session) <= day <= today(session) + timedelta(days=FURTHEST):
        told = "Donnez aujourd'hui, ou un jour à venir dans l'année."
        raise Invalid("Une déclaration ne vaut pas pour le passé.", [FieldError("/valid_from", told)])
    request = _acceptable(session, actor, vault, request_id, lock=True)
    effects = _foreseen(session, actor, request)
    confirmed_gains(session, actor, effects, digest)
    request.declaration = _declaration(session, actor, request, day)
    record_step(session, actor, request, "accepted", valid_from=day.isoformat())
    tell_asker(session, request, f"est acceptée, à compter du {in_french(day)}.")
    begins = datetime.combine(day, time.min, PARIS) - now(session)
    enqueue(session, "follow_alike_versions", delay=max(begins, timedelta(0)), declaration=str(request.id))
    return effects


def what_if_accepted(session: Session, actor: Actor, vault: Vault, request_id: UUID) -> Sequence[Effect]:
    """The effects that `accept` would have if it counted today, and its errors; nothing is changed.

    A core is held in its turn, the request not at all.
    """
    return _foreseen(session, actor, _acceptable(session, actor, vault, request_id))


def _acceptable(
    session: Session, actor: Actor, vault: Vault, request_id: UUID, *, lock: bool = False
) -> AlikeRequest:
    authorise(actor, Right.JUDGE_ALIKE_VERSIONS)
    request = queries.request(session, actor, request_id, lock=lock)
    refuse_to_judge(session, actor, request.software_id)
    REQUEST.follow(SUBJECT, request.state, RequestAction.ACCEPT, actor)
    if queries.standing(session, request.role, request.components) is not None:
        raise Conflict(
            "Ces deux versions sont déjà déclarées équivalentes pour ce rôle : refusez la demande."
        )
    for file in request.files:
        refuse_unread(vault, file)
    return request


def _declaration(session: Session, actor: Actor, request: AlikeRequest, day: date) -> AlikeVersions:
    return AlikeVersions(
        id=request.id,
        role=request.role,
        first=request.first,
        second=request.second,
        valid_from=day,
        declared_by=actor.account_id,
        declared_at=now(session),
    )


def _foreseen(session: Session, actor: Actor, request: AlikeRequest) -> list[Effect]:
    """The items of open dossiers that gain by it; a core is let go before the next is held."""
    effects: list[Effect] = []
    for core_id in queries.cores_embedding(session, request.role, request.components):
        with undone(session):
            lock_core(session, core_id)
            resolve_core(session, core_id, actor)  # what a job has yet to follow is not gained by this
            session.flush()
            before = items_of_core(session, core_id)
            session.add(_declaration(session, actor, request, today(session)))
            session.flush()
            resolve_core(session, core_id, actor)
            session.flush()
            effects += gained(before, items_of_core(session, core_id))
    return effects


def follow_alike_versions(session: Session, declaration: str) -> None:
    """A declaration counts from now on, or no more: one job for each core that embeds one of the two versions."""
    versions = session.get_one(AlikeVersions, UUID(declaration))
    for core_id in queries.cores_embedding(session, versions.role, (versions.first, versions.second)):
        enqueue(session, "follow_alike_versions_in_core", declaration=declaration, core_id=str(core_id))


def follow_alike_versions_in_core(session: Session, declaration: str, core_id: str) -> None:
    """Resolve the open dossiers of a core again, and tell those that embed one of the two versions what is declared."""
    versions = session.get_one(AlikeVersions, UUID(declaration))
    lock_core(session, UUID(core_id))
    resolve_core(session, UUID(core_id))
    if versions.revoked_on is not None:
        return  # which the dossiers that rested on it are told by the revocation
    components = (versions.first, versions.second)
    detail = {
        "declaration": declaration,
        "role": versions.role,
        "components": list(components),
        "valid_from": versions.valid_from.isoformat(),
    }
    for dossier in queries.dossiers_embedding(session, UUID(core_id), versions.role, components):
        record(session, SYSTEM, "candidature.versions_alike", f"candidature:{dossier}", detail)
