"""Two organisations whose softwares may be one, and what people do about it."""

import hashlib
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.permissions import Actor
from referencing.files.operations import StoredFile
from referencing.identities.acceptance import accept
from referencing.identities.models import Declaration
from referencing.identities.operations import declare
from referencing.solutions.models import Identity, Software, Solution
from tests.builders import VAULT, Story

OLD, NEW = "LGC-V1:INS.1#01.01", "LGC-V2:INS.1#01.01"
ATTESTATION = StoredFile("attestation.pdf", "application/pdf", hashlib.sha256(b"attestation").hexdigest(), 11)


def declared(story: Story, software: Solution, other: Solution) -> Declaration:
    made = declare(
        story.session, story.editor, VAULT, software.software_id, other.software_id, "", [ATTESTATION]
    )
    _next_request(story.session)
    return made


def accepted(lead: Actor, one: tuple[Story, Solution], other: tuple[Story, Solution]) -> Identity:
    """Both sides declare, a lead accepts."""
    first = declared(*one, other[1])
    if one[0].organisation != other[0].organisation:
        declared(*other, one[1])
    session = one[0].session
    accept(session, lead, VAULT, first.id)
    _next_request(session)
    found = session.scalars(sa.select(Declaration).where(Declaration.id == first.id)).one().identity
    assert found is not None
    return found


def core(session: Session, solution: Solution) -> UUID:
    select = sa.select(Software.core_id).where(Software.id == solution.software_id)
    return session.scalars(select).one()


def _next_request(session: Session) -> None:
    session.flush()
    session.expire_all()
