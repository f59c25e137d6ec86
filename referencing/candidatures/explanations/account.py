"""What is known of an item on a day, from what was kept then: the same question has the same answer ever after.

It reads rows that never change (findings, grants' derivations, published rules and versions), and dates that were set
later only where they had come by that day. The number of statements does not grow with the history.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, selectinload

from referencing.accounts.models import Account as Person
from referencing.base.db import PARIS, today
from referencing.base.errors import FieldError, Invalid, NotFound
from referencing.base.permissions import Actor, Right
from referencing.candidatures.record import queries
from referencing.candidatures.record.confidentiality import veiled_answer
from referencing.candidatures.record.models import Candidature, Item, ItemStanding, Verdict
from referencing.candidatures.record.states import ITEM_STATES, ON_EQUIVALENCE, ItemState
from referencing.equivalence.engine.explanation import in_french
from referencing.equivalence.engine.formats import read_derivation, read_item
from referencing.equivalence.engine.resolution import Derivation, Leaf, Status, leaves_of
from referencing.equivalence.engine.resolution import Item as Answer
from referencing.equivalence.grants.models import Grant
from referencing.proofs.models import OUTCOMES, Proof, Verification

from . import evidence, sentences
from .sentences import Account

_ON_A_GRANT = frozenset({ItemState.COVERED, ItemState.TO_CONFIRM})
_SUPPLIED = frozenset(ItemState) - ON_EQUIVALENCE - {ItemState.NOT_APPLICABLE}


def item_account(
    session: Session, actor: Actor, candidature_id: UUID, reference: str, day: date | None
) -> Account:
    """How an item stood at the end of a day (today: now), and why. Raises NotFound, Invalid for a day to come."""
    dossier = queries.candidature(session, actor, candidature_id, Right.FOLLOW_CANDIDATURES)
    item = queries.item(session, dossier, reference)
    day = day or today(session)
    if day > today(session):
        raise Invalid("Ce jour n'est pas encore venu.", [FieldError("/on", "Donnez un jour passé.")])
    end = datetime.combine(day + timedelta(days=1), time.min, PARIS)
    standing, grant, since = _standing(session, item, end)
    account = _without_reuse(dossier, item, standing, since, day)
    account = _with_reuse(session, actor, dossier, account, standing, grant, end)
    supplied = _supplied(session, standing, end)
    verdicts = tuple(_verdicts(session, item, end, names=actor.of_agency))
    taken_over = evidence.taken_over(session, item.id, day) if dossier.takeover_id else None
    return replace(account, supplied=supplied, taken_over=taken_over, verdicts=verdicts)


def _standing(session: Session, item: Item, end: datetime) -> tuple[ItemStanding, Grant | None, datetime]:
    """How the item stood just before `end`, the reuse that it stood on, and since when it was in this state.

    Raises NotFound for a day before anything was kept.
    """
    row = session.execute(_stood(), {"item": item.id, "end": end}).first()
    if row is None:
        of_item = ItemStanding.item_id == item.id
        first = session.scalars(sa.select(sa.func.min(ItemStanding.started_at)).where(of_item)).one()
        begun = in_french(first.astimezone(PARIS).date())
        raise NotFound(
            f"Rien n'est connu de cette preuve attendue avant le {begun} : donnez un jour d'après."
        )
    standing, grant, since = row
    return standing, grant, since or standing.started_at


def _without_reuse(
    dossier: Candidature, item: Item, standing: ItemStanding, since: datetime, day: date
) -> Account:
    expected, version = item.expected_proof, dossier.version
    return Account(
        item=item.id,
        proof=expected.code,
        day=day,
        since=since.astimezone(PARIS).date(),
        state=standing.state,
        words=ITEM_STATES[standing.state],
        requirement=evidence.requirement_text(version.dsr.code, version.number, expected.requirement),
        proof_text=expected.text,
        scenario=expected.scenario_text,
        composition=dossier.configuration.composition,
        claim=standing.reason,
    )


@cache
def _stood() -> sa.Select[ItemStanding, Grant, datetime | None]:
    """The standing of an item just before a moment, its reuse, and since when it was in this state, whatever changed
    meanwhile in the nearest facts.
    """
    end = sa.bindparam("end", type_=ItemStanding.ended_at.type)
    past = aliased(ItemStanding)
    of_item = past.item_id == ItemStanding.item_id
    other = sa.select(sa.func.max(past.ended_at)).where(
        of_item,
        past.state != ItemStanding.state,
        past.started_at < past.ended_at,
        past.ended_at <= ItemStanding.started_at,
    )
    first = sa.select(sa.func.min(past.started_at)).where(of_item)
    return (
        sa.select(ItemStanding, Grant, sa.func.coalesce(other.scalar_subquery(), first.scalar_subquery()))
        .outerjoin(Grant, Grant.id == ItemStanding.grant_id)
        .where(
            ItemStanding.item_id == sa.bindparam("item"),
            ItemStanding.started_at < end,
            sa.or_(ItemStanding.ended_at.is_(None), ItemStanding.ended_at >= end),
        )
        .execution_options(populate_existing=True)
    )


def _with_reuse(
    session: Session,
    actor: Actor,
    dossier: Candidature,
    account: Account,
    standing: ItemStanding,
    grant: Grant | None,
    end: datetime,
) -> Account:
    """Add what the item stood on, or the nearest facts, and the rules; nothing where it stood on its own proof.

    An editor reads of its own facts only; the names of the verifiers are for the agency.
    """
    if standing.state not in ON_EQUIVALENCE:
        return account
    answer = _answer(account.proof, standing, grant)
    owner = None if actor.of_agency else dossier.organisation_id
    named = _named(answer)
    facts = {fact.id: fact for fact in evidence.facts_by(session, named, account.day, owner)}
    rulebook_id = grant.rulebook_id if grant and standing.state in _ON_A_GRANT else standing.rulebook_id
    derivation = list(_steps(answer.derivation))
    clauses = [clause for _, clause in derivation if clause]
    rulebook, rules = evidence.rules_of(session, rulebook_id, clauses, end)
    return replace(
        account,
        answer=veiled_answer(answer, {fact for fact in named if fact not in facts}),
        facts={fact: facts[fact] for fact in named if fact in facts},
        verifiers=evidence.verifiers(session, facts) if actor.of_agency else {},
        rulebook=rulebook,
        rules=rules,
        texts=evidence.texts_of(
            session, [code for code, _ in derivation], account.requirement.code, standing.started_at
        ),
    )


def _answer(code: str, standing: ItemStanding, grant: Grant | None) -> Answer:
    if grant is not None and standing.state in _ON_A_GRANT:
        derivation = read_derivation(grant.derivation)
        return Answer(
            proof=code,
            status=Status(standing.state),
            strength=grant.strength,
            facts=tuple(sorted({leaf.fact for leaf in leaves_of(derivation)})),
            cases=tuple(grant.cases),
            derivation=derivation,
            confirm=tuple(grant.confirm),
        )
    return read_item(standing.answer) if standing.answer else Answer(code, Status(standing.state))


def _steps(derivation: Derivation | None) -> Iterator[tuple[str, str]]:
    """The proof of each node, and the clause by which it follows, empty for a fact's."""
    if derivation is None:
        return
    yield derivation.proof, "" if isinstance(derivation, Leaf) else derivation.clause
    if not isinstance(derivation, Leaf):
        for source in derivation.sources:
            yield from _steps(source)


def _named(answer: Answer) -> list[str]:
    return [*answer.facts, *(blocked.fact for blocked in answer.blocked)]


def _supplied(session: Session, standing: ItemStanding, end: datetime) -> sentences.Supplied | None:
    if standing.state not in _SUPPLIED or standing.reason is not None:
        return None
    last = (
        sa.select(Proof)
        .where(Proof.item_id == standing.item_id, Proof.supplied_at < end, Proof.supplied_by.is_not(None))
        .order_by(Proof.number.desc())
        .limit(1)
        .options(selectinload(Proof.files))
    )
    proof = session.scalar(last)
    if proof is None:
        return None
    files = tuple((file.filename, file.sha256) for file in proof.files)
    return sentences.Supplied(proof.id, proof.number, proof.supplied_at.astimezone(PARIS).date(), files)


def _verdicts(session: Session, item: Item, end: datetime, *, names: bool) -> Iterator[sentences.PastVerdict]:
    for row in session.execute(_verdicts_on(), {"item": item.id, "end": end}):
        undone = row.undone_at is not None and row.undone_at < end
        yield sentences.PastVerdict(
            id=row.id,
            day=row.given_at.astimezone(PARIS).date(),
            round=row.round,
            outcome=OUTCOMES[row.finding],
            comment=row.comment,
            missing=tuple(row.missing),
            due_on=row.due_on,
            by=row.name if names else None,
            version=row.number,
            file_sha256=row.file_sha256,
            grant=row.grant_id,
            claim=row.claim,
            undone_on=row.undone_at.astimezone(PARIS).date() if undone else None,
            undone_reason=row.undone_reason if undone else None,
        )


@cache
def _verdicts_on() -> sa.Select[*tuple[Any, ...]]:
    """The verdicts on an item before a moment."""
    return (
        sa.select(
            *(Verdict.id, Verdict.given_at, Verdict.round, Verdict.finding, Verdict.comment, Verdict.missing),
            *(Verdict.due_on, Verdict.grant_id, Verdict.claim, Verdict.undone_at, Verdict.undone_reason),
            *(Person.name, Proof.number, Verification.file_sha256),
        )
        .join(Person, Person.id == Verdict.verifier_id)
        .outerjoin(Verdict.verification)
        .outerjoin(Verification.proof)
        .where(Verdict.item_id == sa.bindparam("item"), Verdict.given_at < sa.bindparam("end"))
        .order_by(Verdict.given_at, Verdict.id)
    )
