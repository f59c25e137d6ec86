"""Reading issuers and their lists."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from referencing.base.db import after
from referencing.base.errors import NotFound
from referencing.base.permissions import Actor, Right, authorise
from referencing.certificates.models import Issuer, IssuerList, ListedCertificate

NO_ISSUER = "Cet émetteur n'existe pas : voyez la liste des émetteurs (/api/v1/issuers)."
NO_LIST = "Cet émetteur n'a pas de liste de ce numéro : voyez ses listes."


def issuers(session: Session, actor: Actor, cursor: Sequence[Any] | None, limit: int) -> Sequence[Issuer]:
    authorise(actor, Right.READ_ISSUERS)
    return session.scalars(after(sa.select(Issuer), [Issuer.code], cursor).limit(limit)).all()


def issuer(session: Session, actor: Actor, code: str, *, lock: bool = False) -> Issuer:
    """An issuer by its code. Raises NotFound."""
    authorise(actor, Right.READ_ISSUERS)
    select = sa.select(Issuer).where(Issuer.code == code)
    existing = session.scalar(select.with_for_update() if lock else select)
    if existing is None:
        raise NotFound(NO_ISSUER)
    return existing


def current_list(session: Session, issuer_id: UUID) -> IssuerList | None:
    return session.scalar(
        sa.select(IssuerList).where(IssuerList.issuer_id == issuer_id, IssuerList.superseded_at.is_(None))
    )


def lists(
    session: Session, actor: Actor, code: str, cursor: Sequence[Any] | None, limit: int
) -> Sequence[IssuerList]:
    """The lists that were imported of an issuer, oldest first."""
    listing_issuer = issuer(session, actor, code)
    select = (
        sa.select(IssuerList)
        .where(IssuerList.issuer_id == listing_issuer.id)
        .options(joinedload(IssuerList.importer))
    )
    return session.scalars(after(select, [IssuerList.number], cursor).limit(limit)).all()


def listed(
    session: Session, actor: Actor, code: str, number: int, cursor: Sequence[Any] | None, limit: int
) -> Sequence[ListedCertificate]:
    """The lines of an imported list, in its order. Raises NotFound."""
    listing_issuer = issuer(session, actor, code)
    list_id = session.scalar(
        sa.select(IssuerList.id).where(IssuerList.issuer_id == listing_issuer.id, IssuerList.number == number)
    )
    if list_id is None:
        raise NotFound(NO_LIST)
    select = sa.select(ListedCertificate).where(ListedCertificate.list_id == list_id)
    return session.scalars(after(select, [ListedCertificate.id], cursor).limit(limit)).all()
