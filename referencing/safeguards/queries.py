"""What leads tolerate, the rules in force that are beyond it, and what was proposed for them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import any_of, before
from referencing.base.errors import NotFound
from referencing.base.permissions import Actor, Right, authorise
from referencing.equivalence.records.queries import Line, records_of
from referencing.equivalence.records.record import RuleRecord
from referencing.equivalence.rulebooks.queries import id_in_force, rulebook, rules_of
from referencing.equivalence.rulebooks.rulebooks import Rules
from referencing.reviews.queues.models import SecondReadingRate

from .models import Safeguard, SafetyThreshold
from .states import SafeguardState

NO_SAFEGUARD = "Cette précaution n'existe pas : relisez la liste."


def threshold(session: Session, actor: Actor) -> SafetyThreshold | None:
    """What was set last, None before anything was."""
    authorise(actor, Right.READ_RULE_RECORDS)
    return threshold_set(session)


def threshold_set(session: Session) -> SafetyThreshold | None:
    """What `threshold` answers, to whoever the caller lets read it."""
    return session.scalar(sa.select(SafetyThreshold).order_by(SafetyThreshold.id.desc()).limit(1))


def beside_threshold(
    session: Session, rows: Iterable[tuple[Line, RuleRecord]]
) -> list[tuple[Line, RuleRecord]]:
    """Records of rules, each with the share of false reuses that leads tolerate."""
    tolerated = threshold_set(session)
    share = None if tolerated is None else tolerated.share
    return [(line, replace(record, tolerated=share)) for line, record in rows]


def beyond(session: Session, actor: Actor) -> list[tuple[Line, RuleRecord]]:
    """The rules in force whose record allows more false reuses than leads tolerate, each once."""
    authorise(actor, Right.READ_RULE_RECORDS)
    current = id_in_force(session)
    return [] if current is None else beyond_of(session, rules_of(rulebook(session, current)))


def beyond_of(session: Session, rules: Rules) -> list[tuple[Line, RuleRecord]]:
    """What `beyond` answers of these rules, to whoever the caller lets read it."""
    rows = beside_threshold(session, records_of(session, rules, found_false=True))
    firsts: dict[str, tuple[Line, RuleRecord]] = {}
    for line, record in rows:
        if record.is_beyond:
            firsts.setdefault(line.rule, (line, record))
    return list(firsts.values())


def safeguards(
    session: Session,
    actor: Actor,
    cursor: Sequence[Any] | None,
    limit: int,
    *,
    state: SafeguardState | None = None,
) -> Sequence[Safeguard]:
    """What was proposed, the newest first."""
    authorise(actor, Right.EDIT_RULEBOOKS)
    select = sa.select(Safeguard) if state is None else sa.select(Safeguard).where(Safeguard.state == state)
    return session.scalars(before(select, Safeguard.id, cursor).limit(limit)).all()


def proposed_for(session: Session, rules: Collection[str]) -> dict[str, Safeguard]:
    """What waits for a decision on these rules, by rule: one at the most for each."""
    if not rules:
        return {}
    waiting = sa.select(Safeguard).where(
        Safeguard.state == SafeguardState.PROPOSED, any_of(Safeguard.rule, rules)
    )
    return {stored.rule: stored for stored in session.scalars(waiting)}


def accounted_for(session: Session, rules: Collection[str]) -> dict[str, int]:
    """The false reuses for which a safeguard was proposed of each of these rules already, whatever was decided."""
    most = sa.select(Safeguard.rule, sa.func.max(Safeguard.found_false).label("false"))
    rows = session.execute(most.where(any_of(Safeguard.rule, rules)).group_by(Safeguard.rule))
    return {row.rule: row.false for row in rows}


def safeguard(session: Session, actor: Actor, safeguard_id: UUID, *, lock: bool = False) -> Safeguard:
    """One of them, locked on demand. Raises NotFound."""
    authorise(actor, Right.EDIT_RULEBOOKS)
    select = sa.select(Safeguard).where(Safeguard.id == safeguard_id)
    stored = session.scalar(select.with_for_update() if lock else select)
    if stored is None:
        raise NotFound(NO_SAFEGUARD)
    return stored


def rates_of_chapters(session: Session, chapters: Sequence[str]) -> dict[str, SecondReadingRate]:
    """The second readings that were set for these chapters, whoever the verifier, by chapter; else those of all."""
    rows = session.scalars(
        sa.select(SecondReadingRate).where(
            SecondReadingRate.verifier_id.is_(None),
            SecondReadingRate.chapter.is_(None) | any_of(SecondReadingRate.chapter, chapters),
        )
    ).all()
    of_all = {chapter: rate for rate in rows if rate.chapter is None for chapter in chapters}
    return of_all | {rate.chapter: rate for rate in rows if rate.chapter is not None}
