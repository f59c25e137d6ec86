"""Reuses on which verifiers have decided: the same one counted over softwares, and each decision."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONPATH
from sqlalchemy.orm import Session

from referencing.accounts.models import Account
from referencing.accounts.visible_queries import readable_id
from referencing.base.db import after, before
from referencing.base.permissions import Actor, Right, authorise
from referencing.equivalence.engine.resolution import Strength
from referencing.equivalence.grants.models import Grant, GrantState

from .models import ReuseNotice
from .states import Outcome

_DECIDED = Grant.decided_at.is_not(None)
_REFUSED = Grant.state == GrantState.REFUSED
#: The earlier proofs that a reuse stands on: those at the leaves of its derivation.
_LEAVES: sa.ColumnElement[str] = sa.literal_column("'strict $.** ? (exists (@.fact)).proof'")
_SOURCES = sa.func.jsonb_path_query_array(Grant.derivation, sa.cast(_LEAVES, JSONPATH()))
_PATH = sa.func.array_to_string(Grant.clauses, sa.literal_column("chr(10)"))
_SOURCES_WRITTEN = sa.cast(_SOURCES, sa.Text())
#: A reuse is the same where it leads from the same proofs by the same clauses. PostgreSQL groups by no expression with
#: parameters: what these have is written out.
_SAME = (Grant.proof_code, _PATH, _SOURCES_WRITTEN, Grant.strength)
_ELSEWHERE = sa.cast("strict $[*] ? (!(@ starts with $dsr))", JSONPATH())


@dataclass(frozen=True, slots=True)
class DecidedReuse:
    """A reuse, with the number of softwares of which it was confirmed, and refused; `key` is its place in the list."""

    proof: str
    sources: Sequence[str]
    clauses: Sequence[str]
    strength: Strength
    confirmed: int
    refused: int
    last_decided_at: datetime
    key: Sequence[str]


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Each that is given narrows the list: DSRs, softwares of which it was confirmed, whether any was refused."""

    source: str | None = None
    target: str | None = None
    least: int | None = None
    refused: bool | None = None


@dataclass(frozen=True, slots=True)
class ReuseDecision:
    """What a verifier decided of a reuse in a dossier."""

    id: UUID
    candidature_id: UUID
    outcome: Outcome
    sources: Sequence[str]
    clauses: Sequence[str]
    decided_by: str
    decided_at: datetime
    comment: str | None


def decided_reuses(
    session: Session, actor: Actor, narrowing: Narrowing, cursor: Sequence[Any] | None, limit: int
) -> list[DecidedReuse]:
    """The reuses on which somebody has decided, by proof. Softwares are counted, whoever may read their dossiers."""
    authorise(actor, Right.EDIT_RULEBOOKS)
    return _counted(session, after(_selected(narrowing), _SAME, cursor).limit(limit))


def confirmed_between(session: Session, source: str, target: str, least: int) -> list[DecidedReuse]:
    """The partial reuses from one DSR to another that were confirmed of so many softwares, and never refused."""
    partial = _selected(Narrowing(source, target, least, refused=False)).order_by(*_SAME)
    return [reuse for reuse in _counted(session, partial) if reuse.strength is Strength.PARTIAL]


def same_reuse(session: Session, decided: Grant) -> DecidedReuse:
    """The reuse that was decided on, counted over softwares; of all decisions, those on its proof are read."""
    keys = sa.select(*_SAME).where(Grant.id == decided.id).subquery()
    of_proof = _selected(Narrowing()).where(
        Grant.proof_code == decided.proof_code, sa.tuple_(*_SAME) == sa.tuple_(*keys.c)
    )
    (reuse,) = _counted(session, of_proof)
    return reuse


def notices(
    session: Session,
    actor: Actor,
    cursor: Sequence[Any] | None,
    limit: int,
    *,
    since: datetime | None = None,
) -> Sequence[ReuseNotice]:
    """What leads were told of reuses, the newest first; since a moment, where it is given."""
    authorise(actor, Right.EDIT_RULEBOOKS)
    select = sa.select(ReuseNotice)
    if since is not None:
        select = select.where(ReuseNotice.told_at >= since)
    return session.scalars(before(select, ReuseNotice.id, cursor).limit(limit)).all()


def decisions(
    session: Session, actor: Actor, proof: str, cursor: Sequence[Any] | None, limit: int
) -> list[ReuseDecision]:
    """What was decided of reuses for a proof, in the dossiers that the actor may read, in the order of the grants."""
    authorise(actor, Right.EDIT_RULEBOOKS)
    select = (
        sa.select(Grant, _SOURCES.label("sources"), Account.name)
        .join(Account, Account.id == Grant.decided_by)
        .where(_DECIDED, Grant.proof_code == proof, readable_id(session, actor, Grant.candidature_id))
    )
    return [
        ReuseDecision(
            id=row.Grant.id,
            candidature_id=row.Grant.candidature_id,
            outcome=Outcome.REFUSED if row.Grant.state is GrantState.REFUSED else Outcome.CONFIRMED,
            sources=sorted(set(row.sources)),
            clauses=row.Grant.clauses,
            decided_by=row.name,
            decided_at=row.Grant.decided_at,
            comment=row.Grant.comment,
        )
        for row in session.execute(after(select, [Grant.id], cursor).limit(limit))
    ]


def _selected(narrowing: Narrowing) -> sa.Select[Any]:
    softwares = sa.func.count(sa.distinct(Grant.core_id))
    confirmed, refused = softwares.filter(~_REFUSED), softwares.filter(_REFUSED)
    select: sa.Select[Any] = (
        sa.select(
            Grant.proof_code.label("proof"),
            _PATH.label("path"),
            _SOURCES_WRITTEN.label("leaves"),
            Grant.strength,
            confirmed.label("confirmed"),
            refused.label("refused"),
            sa.func.max(Grant.decided_at).label("last_decided_at"),
        )
        .where(_DECIDED)
        .group_by(*_SAME)
    )
    if narrowing.target is not None:
        select = select.where(Grant.proof_code.startswith(f"{narrowing.target}:", autoescape=True))
    if narrowing.source is not None:
        dsr = sa.func.jsonb_build_object("dsr", f"{narrowing.source}:")
        select = select.where(~sa.func.jsonb_path_exists(_SOURCES, _ELSEWHERE, dsr))
    if narrowing.least is not None:
        select = select.having(confirmed >= narrowing.least)
    if narrowing.refused is not None:
        select = select.having(refused > 0 if narrowing.refused else refused == 0)
    return select


def _counted(session: Session, select: sa.Select[Any]) -> list[DecidedReuse]:
    return [
        DecidedReuse(
            proof=row.proof,
            sources=sorted(set(json.loads(row.leaves))),
            clauses=row.path.splitlines(),
            strength=row.strength,
            confirmed=row.confirmed,
            refused=row.refused,
            last_decided_at=row.last_decided_at,
            key=[row.proof, row.path, row.leaves, row.strength.value],
        )
        for row in session.execute(select)
    ]
