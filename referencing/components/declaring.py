"""A software that is a component of others: its dossiers are asked for what depends on the roles that it fills."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.errors import Conflict, invalid_field
from referencing.base.permissions import Actor, Right, authorise
from referencing.candidatures.record.models import Candidature
from referencing.journal.operations import record
from referencing.solutions.models import Software
from referencing.solutions.operations import ROLE, ROLE_FORM
from referencing.solutions.queries import software as find_software


def declare_component(session: Session, actor: Actor, software_id: UUID, roles: Sequence[str]) -> Software:
    """Say which roles a software fills as a component of others; none, and it is a software like others.

    Who says so lets what is verified on it serve those that embed it. Raises NotFound, Invalid, and Conflict once it
    has a dossier, of which the items hang on it.
    """
    authorise(actor, Right.REGISTER_SOLUTIONS)
    software = find_software(session, actor, software_id, lock=True)
    wrong = next((role for role in roles if not ROLE.fullmatch(role)), None)
    if wrong is not None:
        raise invalid_field("roles", f"« {wrong} » n'est pas un rôle. {ROLE_FORM}")
    fills = sorted({*roles})
    if fills == software.fills:
        return software
    if session.scalar(sa.select(sa.exists().where(Candidature.software_id == software.id))):
        raise Conflict(
            "Ce logiciel a déjà une candidature, dont les preuves attendues dépendent de ses rôles : enregistrez un "
            "autre logiciel pour le composant."
        )
    software.fills = fills
    record(session, actor, "software.component_declared", f"software:{software.id}", {"roles": fills})
    session.flush()
    return software
