"""The counts that are kept of each rule, beside what the grants say when they are counted from nothing."""

from collections import Counter

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.equivalence.grants.models import Grant, GrantState, RuleTally

Counts = Counter[tuple[str, str]]


def kept(session: Session) -> Counts:
    """What is kept, by rule and by what is counted."""
    numbers = sa.select(RuleTally.rule, RuleTally.counted, sa.func.sum(RuleTally.number))
    rows = session.execute(numbers.group_by(RuleTally.rule, RuleTally.counted))
    return Counter({(rule, counted.value): number for rule, counted, number in rows if number})


def recomputed(session: Session) -> Counts:
    """What the grants themselves say."""
    counts: Counts = Counter()
    for grant in session.scalars(sa.select(Grant).execution_options(populate_existing=True)):
        counted = ["proposed" if grant.confirm else "granted"]
        if grant.decided_at is not None:
            counted.append("refused" if grant.state is GrantState.REFUSED else "confirmed")
        if grant.recheck is not None:
            counted.append(grant.recheck.value)
        counts.update((rule, what) for rule in grant.rules for what in counted)
    return counts


def assert_kept(session: Session) -> None:
    session.flush()
    assert kept(session) == recomputed(session)
