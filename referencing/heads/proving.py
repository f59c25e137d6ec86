"""Proofs between heads of the record."""

from sqlalchemy.orm import Session

from referencing.base.errors import Invalid, NotFound
from referencing.journal.tree import prove_consistent

from .queries import is_signed


def consistency(session: Session, first: int, second: int) -> list[bytes]:
    """The proof that the record under one signed head goes on in another one, by their sizes.

    Raises NotFound where no head of a size was signed, Invalid where the second is the smaller one.
    """
    if first > second:
        raise Invalid("Donnez d'abord la plus petite des deux tailles.")
    if not (is_signed(session, first) and is_signed(session, second)):
        raise NotFound("Aucune empreinte signée n'a cette taille : prenez-les de /api/v1/journal/heads.")
    return prove_consistent(session, first, second)
