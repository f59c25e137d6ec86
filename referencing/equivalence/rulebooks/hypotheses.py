"""Rules that are not in force, compiled to be tried: kept apart, so that what is in force stays at hand."""

from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from referencing.equivalence.rulebooks.queries import revision_of

from .queries import Kept, KnownRules, known_rules


class Edited(Exception):
    """The rules are not those that were asked for any more."""


#: Two rulebooks, on the lists of two groups of dossiers.
_kept = Kept(most=4)


def rules_tried(
    session: Session, lists: tuple[UUID, ...], rulebook_id: UUID | None, revision: int | None, day: date
) -> KnownRules:
    """A version of a rulebook on these lists, as its rules hold on a day. Raises Edited when it is gone.

    What was published has one version (None).
    """
    key = (lists, rulebook_id, revision)
    known = _kept.get(key, day)
    if known is None:
        known = known_rules(session, lists, rulebook_id, day)
        # The rules were read in several statements: what was edited meanwhile has another revision.
        if revision is not None and revision_of(session, rulebook_id) != revision:
            raise Edited
        _kept.keep(key, known)
    return known
