"""The consequences for others when a dossier is referenced, refused, withdrawn, suspended, delisted or reinstated.

The facts found in it stay what they are; the policies in force say whether they may still be reused.
"""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import new_id, now, undone
from referencing.base.errors import Forbidden
from referencing.base.permissions import Actor, Right, authorise
from referencing.candidatures.filing.operations import move
from referencing.candidatures.record import queries as candidatures
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.record.standings import keep_dossier_standing
from referencing.candidatures.record.states import LISTED, Action
from referencing.candidatures.resolution.resolution import resolve_core
from referencing.candidatures.resolution.reuse import fallen
from referencing.equivalence.engine.knowledge import Changed
from referencing.equivalence.rulebooks.models import DossierStanding
from referencing.journal.operations import SYSTEM, Author
from referencing.proofs.queries import proofs_found_in
from referencing.solutions.cores import lock_with_embedders

from . import queries
from .consequences import Effect, Noted, follow_or_enqueue, foresee, note_consequences
from .models import Revocation
from .queries import Leaning


def follow_dossier_standing(session: Session, standing: str) -> None:
    """Resolve again whatever leans on the facts of a dossier, and tell those for whom something changes."""
    kept = session.get_one(DossierStanding, UUID(standing))
    if session.scalar(sa.select(Revocation.id).where(Revocation.standing_id == kept.id)) is not None:
        return
    noted = note_standing(session, kept, SYSTEM)
    if noted is not None:
        follow_or_enqueue(session, SYSTEM, *noted)


def note_standing(session: Session, standing: DossierStanding, author: Author) -> Noted | None:
    """Note the items that lean on facts of the dossier which serve no more, or better than before; None if none do."""
    of_dossier = session.get_one(Candidature, standing.candidature_id)
    cores = lock_with_embedders(session, of_dossier.software_id)
    proofs = proofs_found_in(session, standing.candidature_id)
    for core_id in cores:
        resolve_core(session, core_id, author, Changed(proofs))
    session.flush()
    leaning = _affected(session, queries.leaning_on_dossier(session, standing))
    if not leaning:
        return None
    revocation = Revocation(
        id=new_id(),
        standing_id=standing.id,
        reason=standing.reason,
        revoked_at=now(session),
        revoked_by=standing.decided_by,
    )
    note_consequences(session, revocation, leaning)
    return revocation, leaning


def _affected(session: Session, leaning: Sequence[Leaning]) -> list[Leaning]:
    """The items without those of listed solutions whose reuse holds as it was."""
    listed = {one.candidature_id for one in leaning if one.state in LISTED}
    lost: dict[UUID, frozenset[str]] = {}
    for id_, dossier in candidatures.dossiers_of(session, listed).items():
        codes = [one.code for one in leaning if one.candidature_id == id_]
        lost[id_] = fallen(session, dossier, codes)
    return [one for one in leaning if one.state not in LISTED or one.code in lost[one.candidature_id]]


def what_if_decided(session: Session, actor: Actor, candidature_id: UUID, action: Action) -> Sequence[Effect]:
    """The effects of an action on a dossier for others that lean on its facts; nothing is changed.

    For leads and auditors; its editor may ask it of a withdrawal, and is told of its own dossiers alone.
    Raises Forbidden, NotFound, and Conflict for an action that the dossier's state does not allow.
    """
    authorise(actor, Right.FORESEE_EXPIRIES)
    if actor.own_organisation is not None and action is not Action.WITHDRAW:
        raise Forbidden("Seul le retrait de votre candidature se demande ainsi.")
    of_dossier = candidatures.candidature(session, actor, candidature_id)
    with undone(session):
        lock_with_embedders(session, of_dossier.software_id)
        candidature = candidatures.locked(session, actor, candidature_id)
        move(actor, candidature, action)
        session.flush()
        noted = note_standing(session, keep_dossier_standing(session, actor, candidature), SYSTEM)
        effects = foresee(session, SYSTEM, *noted) if noted else []
        own = {effect.candidature for effect in effects if _is_own(session, actor, effect.candidature)}
    if actor.own_organisation is None:
        return effects
    return [replace(effect, derivation=None) for effect in effects if effect.candidature in own]


def _is_own(session: Session, actor: Actor, candidature_id: UUID) -> bool:
    return session.get_one(Candidature, candidature_id).organisation_id == actor.own_organisation
