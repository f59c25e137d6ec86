"""Accepting that a software embeds a component: what was verified on the component itself then counts for it.

A composition declares it; a lead accepts, for a version. What that changes in open dossiers is computed before, and
confirmed by its digest.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from referencing.base.db import new_id, now, today, undone
from referencing.base.errors import Conflict, FieldError, Invalid
from referencing.base.permissions import Actor, Right, authorise
from referencing.candidatures.resolution.resolution import resolve_core
from referencing.journal.models import INTERNAL
from referencing.journal.operations import record
from referencing.revocations.consequences import Effect
from referencing.revocations.gains import gained, items_of_core
from referencing.revocations.impact import confirmed_gains
from referencing.solutions.cores import lock_softwares
from referencing.solutions.models import Embedding, NilStanding, Software
from referencing.solutions.nils import clean
from referencing.solutions.queries import refuse_to_judge
from referencing.solutions.queries import software as find_software

from . import queries


def accept(
    session: Session,
    actor: Actor,
    maker_id: UUID,
    software_id: UUID,
    component: str,
    digest: str | None = None,
) -> Sequence[Effect]:
    """Accept that a software embeds a version of a component, from today on; answers the effects on open dossiers.

    Nothing changes where it is accepted already. Raises NotFound, Invalid, Conflict while something is missing, and
    Unconfirmed when items change by it and `digest` does not name these effects.
    """
    effects = _accepted(session, actor, maker_id, software_id, clean(component))
    confirmed_gains(session, actor, effects, digest)
    return effects


def what_if_accepted(
    session: Session, actor: Actor, maker_id: UUID, software_id: UUID, component: str
) -> Sequence[Effect]:
    """The effects that `accept` would have, and its errors; nothing is changed."""
    with undone(session):
        return _accepted(session, actor, maker_id, software_id, clean(component))


def _accepted(
    session: Session, actor: Actor, maker_id: UUID, software_id: UUID, component: str
) -> list[Effect]:
    authorise(actor, Right.JUDGE_EMBEDDINGS)
    maker = find_software(session, actor, maker_id)
    software = find_software(session, actor, software_id)
    refuse_to_judge(session, actor, maker.id, software.id)
    lock_softwares(session, [maker.id, software.id])
    _refuse(session, maker, software, component)
    if queries.standing(session, software.id, component) is not None:
        return []
    resolve_core(session, software.core_id, actor)  # what a job has yet to follow is not gained by this
    session.flush()
    before = items_of_core(session, software.core_id)
    embedding = Embedding(
        id=new_id(),
        software_id=software.id,
        maker_id=maker.id,
        component=component,
        valid_from=today(session),
        accepted_by=actor.account_id,
        accepted_at=now(session),
    )
    session.add(embedding)
    session.flush()
    _record(session, actor, embedding)
    resolve_core(session, software.core_id, actor)
    session.flush()
    return gained(before, items_of_core(session, software.core_id))


def _refuse(session: Session, maker: Software, software: Software, component: str) -> None:
    if not maker.fills:
        raise Conflict("Ce logiciel n'est pas déclaré comme composant : son éditeur le déclare d'abord.")
    if not component.startswith(f"{maker.nil}@"):
        told = f"Écrivez « {maker.nil}@ », puis la version."
        raise Invalid("Ce logiciel n'est pas ce composant.", [FieldError("/component", told)])
    if maker.nil_standing is not NilStanding.CONFIRMED:
        raise Conflict(
            f"Personne n'a confirmé que le NIL « {maker.nil} » est celui de ce composant : confirmez-le d'abord "
            f"(/api/v1/softwares/{maker.id}/nil-confirmation)."
        )
    if maker.core_id == software.core_id:
        raise Conflict("Ces deux logiciels n'en font qu'un : leurs preuves servent déjà l'un comme l'autre.")
    if not queries.declares(session, software.id, maker, component):
        raise Conflict(
            f"Aucune composition de ce logiciel ne nomme « {component} » dans un rôle de ce composant "
            f"({', '.join(maker.fills)}) : son éditeur le déclare d'abord."
        )


def _record(session: Session, actor: Actor, embedding: Embedding) -> None:
    told = {
        "embedding": str(embedding.id),
        "component": embedding.component,
        "valid_from": embedding.valid_from.isoformat(),
    }
    maker = {INTERNAL: {"maker": str(embedding.maker_id)}}
    record(session, actor, "embedding.accepted", f"software:{embedding.software_id}", {**told, **maker})
    for dossier in queries.dossiers_with(session, embedding.software_id, embedding.component):
        record(session, actor, "candidature.component_embedded", f"candidature:{dossier}", told)
