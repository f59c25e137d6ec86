"""The safety records of the rules of a rulebook, in one statement for all that are told."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import any_of
from referencing.base.permissions import Actor, Right, authorise
from referencing.equivalence.engine.facts import Correspondence, Policy
from referencing.equivalence.grants.models import Grant, RuleTally
from referencing.equivalence.rulebooks.models import Correspondence as CorrespondenceRow
from referencing.equivalence.rulebooks.queries import correspondence_of, rules_of, visible_rulebook
from referencing.equivalence.rulebooks.rulebooks import Rules, rule_name

from .record import RuleKind, RuleRecord

_SOCLE = "socle:"


@dataclass(frozen=True, slots=True)
class Line:
    """A rule in the list of its rulebook: policies first, in their order, then correspondences, then socles.

    `entry` is what it says, where it is of the rulebook.
    """

    kind: RuleKind
    position: int
    code: str
    rule: str
    entry: Correspondence | Policy | None = None

    @property
    def key(self) -> tuple[int, int, str]:
        return list(RuleKind).index(self.kind), self.position, self.code


def records(
    session: Session,
    actor: Actor,
    rulebook_id: UUID,
    cursor: Sequence[Any] | None,
    limit: int | None,
    *,
    rule: str | None = None,
    found_false: bool | None = None,
) -> list[tuple[Line, RuleRecord]]:
    """The records of the rules of a rulebook, and of the socles that have one; of one `rule` alone, by its lasting
    name, or of those alone of which a reuse was, or was not, `found_false`. All of these where there is no limit.

    A rule keeps its record from one rulebook to the next as long as it says the same. Raises NotFound.
    """
    authorise(actor, Right.READ_RULE_RECORDS)
    rules = rules_of(visible_rulebook(session, actor, rulebook_id))
    return records_of(session, rules, cursor, limit, rule=rule, found_false=found_false)


def records_of(
    session: Session,
    rules: Rules,
    cursor: Sequence[Any] | None = None,
    limit: int | None = None,
    *,
    rule: str | None = None,
    found_false: bool | None = None,
) -> list[tuple[Line, RuleRecord]]:
    """What `records` answers, to whoever the caller lets read it."""
    lines = [
        line
        for line in _lines(session, rules)
        if rule in {None, line.rule} and (cursor is None or line.key > tuple(cursor))
    ]
    told = zip(lines, _records(session, lines[:limit] if found_false is None else lines), strict=False)
    return [(line, record) for line, record in told if found_false in {None, bool(record.found_false)}][
        :limit
    ]


def records_behind(session: Session, actor: Actor, grant_id: UUID) -> list[RuleRecord]:
    """The records of the rules that a reuse leans on; the `code` of a policy is not told. Three statements."""
    authorise(actor, Right.READ_RULE_RECORDS)
    grant = session.get_one(Grant, grant_id)
    links = session.scalars(
        sa.select(CorrespondenceRow).where(
            CorrespondenceRow.rulebook_id == grant.rulebook_id,
            any_of(CorrespondenceRow.code, grant.clauses),
        )
    )
    ids = {rule_name(correspondence_of(link)): link.code for link in links}
    lines = []
    for rule in grant.rules:
        kind, _, code = rule.partition(":")
        lines.append(Line(RuleKind(kind), 0, ids.get(rule, code), rule))
    return _records(session, lines)


def doubts(session: Session, rules: Collection[str]) -> dict[str, int]:
    """How much each of these rules is to be looked at again, by its lasting name; those of no doubt are left out."""
    lines = [Line(RuleKind(rule.partition(":")[0]), 0, "", rule) for rule in rules]
    return {record.rule: record.doubt for record in _records(session, lines) if record.doubt > 1}


def _records(session: Session, lines: Sequence[Line]) -> list[RuleRecord]:
    counts: dict[str, dict[str, int]] = {}
    numbers = (
        sa.select(RuleTally.rule, RuleTally.counted, sa.func.sum(RuleTally.number).label("number"))
        .where(any_of(RuleTally.rule, {line.rule for line in lines}))
        .group_by(RuleTally.rule, RuleTally.counted)
    )
    for row in session.execute(numbers):
        counts.setdefault(row.rule, {})[row.counted] = row.number
    return [RuleRecord(line.rule, line.kind, line.code, counts.get(line.rule, {})) for line in lines]


def _lines(session: Session, rules: Rules) -> Iterator[Line]:
    for place, policy in enumerate(rules.policies, 1):
        yield Line(RuleKind.POLICY, place, str(place), rule_name(policy), policy)
    for place, link in enumerate(rules.correspondences):
        yield Line(RuleKind.CORRESPONDENCE, place, link.id, rule_name(link), link)
    counted = sa.select(RuleTally.rule).where(RuleTally.rule.startswith(_SOCLE)).distinct()
    for socle in sorted(session.scalars(counted)):
        yield Line(RuleKind.SOCLE, 0, socle.removeprefix(_SOCLE), socle)
