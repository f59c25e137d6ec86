"""Taking back a rule that was found wrong, with all that leaned on it."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from referencing.base.db import new_id, now, undone
from referencing.base.permissions import Actor
from referencing.equivalence.engine.facts import Correspondence
from referencing.equivalence.rulebooks.removals import Rule, alone, named, rule_in_force, strike
from referencing.equivalence.rulebooks.rulebooks import digest, plain_correspondence, plain_kind

from . import queries
from .consequences import Effect, follow_or_enqueue, foresee, note_consequences
from .impact import confirmed
from .models import Revocation
from .queries import Leaning


def revoke_rule(
    session: Session,
    actor: Actor,
    rulebook_id: UUID,
    kind: type[Rule],
    name: str,
    reason: str,
    digest: str | None = None,
) -> Sequence[Effect]:
    """Take an entry out of the rules in force; answers the effects on each item that leaned on it.

    Every other open dossier is resolved again by the jobs that any publication asks for.
    Raises NotFound, Conflict for rules that are not in force, and Unconfirmed when items lose by it and `digest` does
    not name these effects.
    """
    revocation, leaning = _take_back(session, actor, rulebook_id, kind, name, reason)
    return confirmed(session, actor, follow_or_enqueue(session, actor, revocation, leaning), digest)


def what_if_rule_revoked(
    session: Session, actor: Actor, rulebook_id: UUID, kind: type[Rule], name: str, reason: str
) -> Sequence[Effect]:
    """The effects that `revoke_rule` would have, and its errors; nothing is changed."""
    with undone(session):
        revocation, leaning = _take_back(session, actor, rulebook_id, kind, name, reason)
        return foresee(session, actor, revocation, leaning)


def _take_back(
    session: Session, actor: Actor, rulebook_id: UUID, kind: type[Rule], name: str, reason: str
) -> tuple[Revocation, Sequence[Leaning]]:
    rule = rule_in_force(session, actor, rulebook_id, kind, name)
    leaning = leaning_on_rule(session, rule)
    revocation = Revocation(
        id=new_id(),
        rulebook_id=rulebook_id,
        rule=plain_rule(rule),
        rule_digest=digest(alone(rule)),
        reason=reason,
        revoked_at=now(session),
        revoked_by=actor.account_id,
    )
    strike(session, actor, rulebook_id, rule, reason)
    note_consequences(session, revocation, leaning)
    return revocation, leaning


def leaning_on_rule(session: Session, rule: Rule) -> Sequence[Leaning]:
    if isinstance(rule, Correspondence):
        return queries.leaning_on_clause(session, named(rule))
    return queries.leaning_on_kind(session, named(rule))


def plain_rule(rule: Rule) -> dict[str, object]:
    return plain_correspondence(rule) if isinstance(rule, Correspondence) else plain_kind(rule)
