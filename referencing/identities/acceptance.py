"""Accepting that two softwares are one technical core: both histories count from then on."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import undone
from referencing.base.errors import Conflict
from referencing.base.jobs import enqueue
from referencing.base.permissions import Actor, Right, authorise
from referencing.base.vault import Vault
from referencing.candidatures.resolution.resolution import resolve_core
from referencing.files.scanning import refuse_unread
from referencing.journal.operations import record
from referencing.revocations.consequences import AT_ONCE, Effect
from referencing.revocations.gains import gained, items_of_core
from referencing.solutions.cores import join, lock_softwares
from referencing.solutions.models import Software
from referencing.solutions.queries import refuse_to_judge

from . import queries
from .models import Declaration
from .states import DECLARATION, DeclarationAction

_INCOMPLETE = (
    "L'autre logiciel n'est pas connu, ou son organisation ne l'a pas déclaré de son côté : "
    "attendez sa déclaration."
)


def accept(session: Session, actor: Actor, vault: Vault, declaration_id: UUID) -> Sequence[Effect]:
    """Make two softwares one core; answers the items that gain by it, none where so many dossiers are left to a job.

    Raises NotFound, and Conflict while something is missing: the other side's word, or a look at an attestation.
    """
    core_id = _join(session, actor, vault, declaration_id)
    before = items_of_core(session, core_id)
    if len({item.candidature_id for item in before.values()}) > AT_ONCE:
        enqueue(session, "resolve_software", core_id=str(core_id))
        return []
    resolve_core(session, core_id, actor)
    session.flush()
    return gained(before, items_of_core(session, core_id))


def what_if_accepted(session: Session, actor: Actor, vault: Vault, declaration_id: UUID) -> Sequence[Effect]:
    """The effects that `accept` would have on all items, and its errors; nothing is changed."""
    with undone(session):
        core_id = _join(session, actor, vault, declaration_id)
        before = items_of_core(session, core_id)
        resolve_core(session, core_id, actor)
        session.flush()
        return gained(before, items_of_core(session, core_id))


def _join(session: Session, actor: Actor, vault: Vault, declaration_id: UUID) -> UUID:
    """Join the two softwares of a declaration; answers the id of their core."""
    authorise(actor, Right.JUDGE_IDENTITIES)
    declaration = queries.declaration(session, actor, declaration_id)
    refuse_to_judge(session, actor, declaration.software_id, declaration.other_id)
    softwares = lock_softwares(session, [declaration.software_id, declaration.other_id])
    declaration = queries.declaration(session, actor, declaration_id, lock=True)
    sides = _standing_sides(session, declaration, softwares)
    for side in sides:
        for file in side.files:
            refuse_unread(vault, file)
    identity = join(session, declaration.software_id, declaration.other_id, actor.account_id)
    for side in sides:
        side.identity_id = identity.id
        detail = {"identity": str(identity.id), "declaration": str(side.id)}
        record(session, actor, "identity.accepted", f"software:{side.software_id}", detail)
    session.flush()
    return session.scalars(sa.select(Software.core_id).where(Software.id == identity.first_id)).one()


def _standing_sides(
    session: Session, declaration: Declaration, softwares: Sequence[Software]
) -> Sequence[Declaration]:
    """The declarations of the two sides. Raises Conflict when one is missing or has its answer."""
    if not DECLARATION.allows(declaration.state, DeclarationAction.ACCEPT):
        raise Conflict("Cette déclaration a déjà sa réponse, ou elle a été retirée : relisez-la.")
    other = queries.opposite(session, declaration)
    of_one_organisation = len({one.organisation_id for one in softwares}) == 1
    if len(softwares) < 2 or not (of_one_organisation or other):
        raise Conflict(_INCOMPLETE)
    return [declaration, other] if other else [declaration]
