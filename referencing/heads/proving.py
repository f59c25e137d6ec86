"""Proofs between heads of the record, and which head is over an entry."""

from sqlalchemy.orm import Session

from referencing.base.errors import Invalid, NotFound
from referencing.journal.tree import place_of, prove_consistent

from .models import Head
from .queries import first_over, is_signed


def consistency(session: Session, first: int, second: int) -> list[bytes]:
    """The proof that the record under one signed head goes on in another one, by their sizes.

    Raises NotFound where no head of a size was signed, Invalid where the second is the smaller one.
    """
    if first > second:
        raise Invalid("Donnez d'abord la plus petite des deux tailles.")
    if not (is_signed(session, first) and is_signed(session, second)):
        raise NotFound("Aucune empreinte signée n'a cette taille : prenez-les de /api/v1/journal/heads.")
    return prove_consistent(session, first, second)


def head_over(session: Session, position: int) -> Head | None:
    """The first head that was signed over the entry at a position; None while there is none."""
    place = place_of(session, position)
    return None if place is None else first_over(session, place)
