"""Counts of the reuses that lean on each rule, kept by who changes a grant, and added up in the background.

A reuse counts once for every rule in its derivation, and for every policy by which its facts are used.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import insert_rows, new_id

from .models import Counted, RuleTally

#: What a grant counts for, or no more, with the rules that it leans on.
Step = tuple[Iterable[str], Counted, int]


def tally_rows(steps: Iterable[Step]) -> list[dict[str, Any]]:
    """The rows of `RuleTally` that these steps add, which are to be stored."""
    numbers: Counter[tuple[str, Counted]] = Counter()
    for rules, counted, number in steps:
        for rule in rules:
            numbers[rule, counted] += number
    return [
        {"id": new_id(), "rule": rule, "counted": counted, "number": number}
        for (rule, counted), number in sorted(numbers.items())
        if number
    ]


def tally(session: Session, steps: Iterable[Step]) -> None:
    insert_rows(session, RuleTally, tally_rows(steps))


def add_up_tallies(session: Session) -> None:
    """Put one row in the place of several of a rule; who reads meanwhile sees the ones or the other."""
    session.execute(_ADDED_UP)


_ADDED_UP = sa.text(
    """
    WITH several AS (
        SELECT rule, counted FROM rule_tally GROUP BY rule, counted HAVING count(*) > 1
    ), taken AS (
        DELETE FROM rule_tally USING several
        WHERE rule_tally.rule = several.rule AND rule_tally.counted = several.counted
        RETURNING rule_tally.rule, rule_tally.counted, rule_tally.number
    )
    INSERT INTO rule_tally (id, rule, counted, number)
    SELECT gen_random_uuid(), rule, counted, sum(number) FROM taken GROUP BY rule, counted HAVING sum(number) <> 0
    """
)
