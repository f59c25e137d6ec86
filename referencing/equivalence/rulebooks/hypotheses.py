"""Rules that are not in force, compiled to be tried: cached apart, so that those in force stay at hand."""

from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from .queries import KnownRules, RulesCache, known_rules, revision_of


class Edited(Exception):
    """The version of the rules that was asked for is gone."""


#: Two rulebooks, on the lists of four groups of dossiers.
_cache = RulesCache(most=8)


def rules_tried(
    session: Session, lists: tuple[UUID, ...], rulebook_id: UUID | None, revision: int | None, day: date
) -> KnownRules:
    """A version of a rulebook on these lists, as its rules hold on a day. Raises Edited when it is gone.

    A published rulebook has one version (None).
    """
    key = (lists, rulebook_id, revision)
    rules = _cache.get(key, day)
    if rules is None:
        rules = known_rules(session, lists, rulebook_id, day)
        # The rules were read in several statements: what was edited meanwhile has another revision.
        if revision is not None and revision_of(session, rulebook_id) != revision:
            raise Edited
        _cache.add(key, rules)
    return rules
