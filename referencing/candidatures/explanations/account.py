"""What is known of an item on a day, from what was kept then: the same question has the same answer ever after.

It reads rows that never change (findings, grants' derivations, published rules and versions), and dates that were set
later only where they had come by that day. The number of statements does not grow with the history.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from referencing.accounts.models import Account as Person
from referencing.base.db import PARIS, today
from referencing.base.errors import FieldError, Invalid, NotFound
from referencing.base.permissions import Actor, Right
from referencing.candidatures.record import queries
from referencing.candidatures.record.confidentiality import veiled_answer
from referencing.candidatures.record.models import Candidature, Item, ItemStanding, Verdict
from referencing.candidatures.record.queries import facts_of_others
from referencing.candidatures.record.states import ITEM_STATES, ON_EQUIVALENCE, ItemState
from referencing.equivalence.engine.explanation import in_french
from referencing.equivalence.engine.formats import read_derivation, read_item
from referencing.equivalence.engine.resolution import Derivation, Leaf, Status
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
    standing = _standing(session, item, end)
    account = _without_reuse(session, dossier, item, standing, day)
    account = _with_reuse(session, actor, dossier, account, standing, end)
    supplied = _supplied(session, standing, end)
    verdicts = tuple(_verdicts(session, item, end, names=actor.of_agency))
    taken_over = evidence.taken_over(session, item.id, day) if dossier.takeover_id else None
    return replace(account, supplied=supplied, taken_over=taken_over, verdicts=verdicts)


def _standing(session: Session, item: Item, end: datetime) -> ItemStanding:
    """How the item stood just before `end`. Raises NotFound for a day before anything was kept."""
    of_item = sa.select(ItemStanding).where(ItemStanding.item_id == item.id)
    standing = session.scalar(
        of_item.where(
            ItemStanding.started_at < end,
            sa.or_(ItemStanding.ended_at.is_(None), ItemStanding.ended_at >= end),
        ).execution_options(populate_existing=True)
    )
    if standing is None:
        first = session.scalars(of_item.order_by(ItemStanding.started_at).limit(1)).one()
        begun = in_french(first.started_at.astimezone(PARIS).date())
        raise NotFound(
            f"Rien n'est connu de cette preuve attendue avant le {begun} : donnez un jour d'après."
        )
    return standing


def _without_reuse(
    session: Session, dossier: Candidature, item: Item, standing: ItemStanding, day: date
) -> Account:
    expected, version = item.expected_proof, dossier.version
    return Account(
        item=item.id,
        proof=expected.code,
        day=day,
        since=_since(session, standing).astimezone(PARIS).date(),
        state=standing.state,
        words=ITEM_STATES[standing.state],
        requirement=evidence.requirement_text(version.dsr.code, version.number, expected.requirement),
        proof_text=expected.text,
        scenario=expected.scenario_text,
        composition=dossier.configuration.composition,
        claim=standing.reason,
    )


def _since(session: Session, standing: ItemStanding) -> datetime:
    """Since when it was in this state, whatever changed meanwhile in the nearest facts."""
    of_item = ItemStanding.item_id == standing.item_id
    other = sa.select(sa.func.max(ItemStanding.ended_at)).where(
        of_item,
        ItemStanding.state != standing.state,
        ItemStanding.started_at < ItemStanding.ended_at,
        ItemStanding.ended_at <= standing.started_at,
    )
    first = sa.select(sa.func.min(ItemStanding.started_at)).where(of_item)
    begun = sa.func.coalesce(other.scalar_subquery(), first.scalar_subquery())
    return session.scalars(sa.select(begun)).one() or standing.started_at


def _with_reuse(
    session: Session,
    actor: Actor,
    dossier: Candidature,
    account: Account,
    standing: ItemStanding,
    end: datetime,
) -> Account:
    """Add what the item stood on, or the nearest facts, and the rules; nothing where it stood on its own proof.

    An editor reads of its own facts only; the names of the verifiers are for the agency.
    """
    if standing.state not in ON_EQUIVALENCE:
        return account
    grant = session.get(Grant, standing.grant_id) if standing.grant_id else None
    answer = _answer(account.proof, standing, grant)
    others = (
        frozenset() if actor.of_agency else facts_of_others(session, dossier.organisation_id, _named(answer))
    )
    cited = [fact for fact in _named(answer) if fact not in others]
    facts = {fact.id: fact for fact in evidence.facts_by(session, cited, account.day)}
    rulebook_id = grant.rulebook_id if grant and standing.state in _ON_A_GRANT else standing.rulebook_id
    derivation = list(_steps(answer.derivation))
    return replace(
        account,
        answer=veiled_answer(answer, others),
        facts={fact: facts[fact] for fact in cited},
        verifiers=evidence.verifiers(session, facts) if actor.of_agency else {},
        rulebook=evidence.rulebook_of(session, rulebook_id, end),
        rules=evidence.rules_of(session, rulebook_id, [clause for _, clause in derivation if clause]),
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
            facts=tuple(sorted({leaf.fact for leaf in _leaves(derivation)})),
            cases=tuple(grant.cases),
            derivation=derivation,
            confirm=tuple(grant.confirm),
        )
    return read_item(standing.answer) if standing.answer else Answer(code, Status(standing.state))


def _leaves(derivation: Derivation) -> Iterator[Leaf]:
    if isinstance(derivation, Leaf):
        yield derivation
        return
    for source in derivation.sources:
        yield from _leaves(source)


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
    rows: Sequence[Any] = session.execute(
        sa.select(Verdict, Person.name)
        .join(Person, Person.id == Verdict.verifier_id)
        .where(Verdict.item_id == item.id, Verdict.given_at < end)
        .order_by(Verdict.given_at, Verdict.id)
        .options(joinedload(Verdict.verification).joinedload(Verification.proof))
    ).all()
    for verdict, verifier in rows:
        undone = verdict.undone_at is not None and verdict.undone_at < end
        finding = verdict.verification
        yield sentences.PastVerdict(
            id=verdict.id,
            day=verdict.given_at.astimezone(PARIS).date(),
            round=verdict.round,
            outcome=OUTCOMES[verdict.finding],
            comment=verdict.comment,
            missing=tuple(verdict.missing),
            due_on=verdict.due_on,
            by=verifier if names else None,
            version=finding and finding.proof.number,
            file_sha256=finding and finding.file_sha256,
            grant=verdict.grant_id,
            claim=verdict.claim,
            undone_on=verdict.undone_at.astimezone(PARIS).date() if undone else None,
            undone_reason=verdict.undone_reason if undone else None,
        )
