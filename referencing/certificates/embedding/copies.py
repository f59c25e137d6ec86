"""Montage: a certificate of a component is entered once, and serves each software that a lead says embeds it.

Each such software has a certificate of its own that repeats the original, so that what hangs on a technical core stays
within it. Another organisation's editor reads what a certificate says, never whose it is nor its files.
"""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import new_id, today
from referencing.base.errors import Conflict, FieldError, Invalid
from referencing.base.jobs import enqueue
from referencing.base.permissions import Actor, Right, authorise
from referencing.certificates import queries
from referencing.certificates.notices import (
    certificate_detail,
    enqueue_resolution,
    refuse_entered,
    refuse_settled,
    stream,
)
from referencing.journal.operations import SYSTEM, Author, record
from referencing.solutions.cores import lock_softwares
from referencing.solutions.models import Certificate
from referencing.solutions.nils import clean
from referencing.solutions.queries import refuse_to_judge
from referencing.solutions.queries import software as find_software

from . import queries as embedding_queries


def embed(
    session: Session, actor: Actor, certificate_id: UUID, software_id: UUID, component: str
) -> Certificate:
    """Repeat a certificate for a software that declares it embeds `component`, which the original is held by.

    Answers the certificate that the software has by that already, if any.
    Raises NotFound, Invalid, Conflict when it is entered already, or the software never declared the component.
    """
    authorise(actor, Right.EMBED_CERTIFICATES)
    certificate = queries.certificate(session, actor, certificate_id).certificate
    find_software(session, actor, software_id)
    refuse_to_judge(session, actor, certificate.software_id, software_id)
    lock_softwares(session, [certificate.software_id, software_id])
    original = session.get_one(Certificate, certificate_id, populate_existing=True)
    _refuse(original, software_id)
    holder = _named(original, clean(component))
    if holder not in queries.embedded(session, [software_id])[software_id]:
        raise Conflict(
            f"Aucune composition déposée de ce logiciel ne nomme « {holder} » : son éditeur le déclare d'abord."
        )
    for copy in embedding_queries.standing(session, original.id):
        if (copy.software_id, copy.holder) == (software_id, holder):
            return copy
    repeated = _repeated(original, software_id, holder, actor.account_id)
    refuse_entered(actor, repeated, queries.same_number(session, repeated))
    return _added(session, actor, repeated)


def follow_original(session: Session, original: str, embedding: str) -> None:
    """Let a copy follow its original, which was corrected or renewed; once, however often this is done."""
    ids = [UUID(original), UUID(embedding)]
    lock_softwares(session, session.scalars(_softwares(ids)).all())
    new, copy = (_corrected(session, one) for one in ids)
    if (
        copy.original_id is None
        or {new.revoked_on, copy.revoked_on} != {None}
        or _follows(session, new, copy)
    ):
        return
    before = session.get_one(Certificate, copy.original_id, populate_existing=True)
    holder = new.holder if copy.holder == before.holder else copy.holder
    repeated = _repeated(new, copy.software_id, holder, copy.entered_by)
    in_its_place = _corrected(session, before.id) is new
    if in_its_place:
        copy.revoked_on = today(session)
        session.flush()
    _added(session, SYSTEM, repeated)
    if in_its_place:
        copy.replaced_by = repeated.id


def _corrected(session: Session, certificate_id: UUID) -> Certificate:
    """The certificate that stands in the place of another after all corrections."""
    certificate = session.get_one(Certificate, certificate_id, populate_existing=True)
    return certificate if certificate.replaced_by is None else _corrected(session, certificate.replaced_by)


def _follows(session: Session, new: Certificate, copy: Certificate) -> bool:
    """Whether the software of a copy has the new original by embedding, or had it until it was taken back there."""
    repeats = (Certificate.original_id == new.id, Certificate.software_id == copy.software_id)
    return bool(session.scalar(sa.select(sa.exists().where(*repeats))))


def ask_to_follow(session: Session, new: Certificate, before: Sequence[Certificate]) -> None:
    """Enqueue a job for each copy of a certificate before; of two for one software, the second finds it done."""
    for copy in embedding_queries.standing(session, *(one.id for one in before)):
        enqueue(session, "follow_original", original=str(new.id), embedding=str(copy.id))


def _softwares(certificates: Sequence[UUID]) -> sa.Select[UUID]:
    return sa.select(Certificate.software_id).where(Certificate.id.in_(certificates)).distinct()


def _refuse(original: Certificate, software_id: UUID) -> None:
    refuse_settled(original)
    if original.original_id is not None:
        raise Conflict("Ce certificat en reprend un autre : partez de celui du composant.")
    if original.software_id == software_id:
        raise Conflict("Ce certificat est déjà celui de ce logiciel.")


def _named(original: Certificate, component: str) -> str:
    """The component as a software names it: the original's holder, alone or with a version behind (NIL@version)."""
    if component != original.holder and not component.startswith(f"{original.holder}@"):
        detail = f"Écrivez « {original.holder} », seul ou suivi de « @ » et d'une version."
        raise Invalid("Ce certificat n'est pas celui de ce composant.", [FieldError("/component", detail)])
    return component


def _repeated(original: Certificate, software_id: UUID, holder: str, entered_by: UUID | None) -> Certificate:
    return Certificate(
        id=new_id(),
        software_id=software_id,
        kind=original.kind,
        holder=holder,
        number=original.number,
        valid_from=original.valid_from,
        valid_until=original.valid_until,
        entered_by=entered_by,
        confirmed_by=original.confirmed_by,
        confirmed_at=original.confirmed_at,
        original_id=original.id,
    )


def _added(session: Session, author: Author, repeated: Certificate) -> Certificate:
    repeated.core_id = embedding_queries.core_of(session, repeated.software_id)
    session.add(repeated)
    session.flush()
    detail = {**certificate_detail(repeated), "original": str(repeated.original_id)}
    record(session, author, "certificate.embedded", stream(repeated), detail)
    enqueue_resolution(session, repeated)
    return repeated
