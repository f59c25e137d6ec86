"""Reading the catalogue."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, selectinload

from referencing.base.db import after
from referencing.base.errors import FieldError, Invalid, NotFound
from referencing.base.permissions import Actor, Right, authorise, may

from .models import Dsr, DsrVersion, ExpectedProof, Requirement
from .proposals import Guichet, ProofKind
from .states import DsrState


class ProofCount(NamedTuple):
    """How many expected proofs of a version are of one kind at one guichet, and how many of these were corrected."""

    kind: ProofKind
    guichet: Guichet
    number: int
    corrected: int


class Changes(NamedTuple):
    """How many expected proofs a version has that another one had not, has no more, and asks in other words."""

    added: int
    removed: int
    reworded: int


class Summary(NamedTuple):
    """What a version asks for; `changes` is None where no version was published before it."""

    number: int
    published_at: datetime | None
    proofs: Sequence[ProofCount]
    chapters: Sequence[str]
    changes: Changes | None


def dsr(session: Session, code: str, *, lock: bool = False) -> Dsr:
    """A DSR with its versions; `lock` locks it. Raises NotFound."""
    existing = session.scalar(_dsrs(lock=lock).where(Dsr.code == code))
    if existing is None:
        raise NotFound(_no_dsr(code))
    return existing


def codes_among(session: Session, codes: Collection[str]) -> frozenset[str]:
    """The codes among some that a DSR has, published or not."""
    return frozenset(session.scalars(sa.select(Dsr.code).where(Dsr.code.in_(codes))))


def readable_dsr(session: Session, actor: Actor, code: str) -> Dsr:
    """A DSR of which the actor may read a version. Raises NotFound, also for what nobody published yet."""
    authorise(actor, Right.READ_CATALOGUE)
    existing = dsr(session, code)
    if not _edits(actor) and published(existing) is None:
        raise NotFound(_no_dsr(code))
    return existing


def published_version(session: Session, code: str) -> DsrVersion:
    """The version that a DSR asks for now. Raises NotFound, also for what nobody published yet."""
    version = published(dsr(session, code))
    if version is None:
        raise NotFound(_no_dsr(code))
    return version


def dsrs(session: Session, actor: Actor, cursor: Sequence[str] | None, limit: int) -> Sequence[Dsr]:
    """The DSRs, by code; what nobody published yet is for those who edit it."""
    authorise(actor, Right.READ_CATALOGUE)
    select = after(_dsrs(), [Dsr.code], cursor).limit(limit)
    if not _edits(actor):
        select = select.where(Dsr.versions.any(DsrVersion.published_at.is_not(None)))
    return session.scalars(select).all()


def _edits(actor: Actor) -> bool:
    return may(actor, Right.EDIT_CATALOGUE)


def _no_dsr(code: str) -> str:
    return f"Le DSR « {code} » n'existe pas : voyez la liste des DSR."


def _dsrs(*, lock: bool = False) -> sa.Select[Dsr]:
    select = sa.select(Dsr).options(selectinload(Dsr.versions)).execution_options(populate_existing=lock)
    return select.with_for_update() if lock else select


def published(dsr: Dsr) -> DsrVersion | None:
    """The version that applies now: the last one published."""
    return max(
        (version for version in dsr.versions if version.published_at),
        key=lambda one: one.number,
        default=None,
    )


def draft(dsr: Dsr) -> DsrVersion | None:
    return next((version for version in dsr.versions if version.published_at is None), None)


def state_of(dsr: Dsr) -> DsrState:
    return DsrState.PUBLISHED if draft(dsr) is None else DsrState.DRAFTED


def visible(actor: Actor, dsr: Dsr) -> Sequence[DsrVersion]:
    """The versions of a DSR that the actor may read; a draft is for those who edit it."""
    return [version for version in dsr.versions if version.published_at is not None or _edits(actor)]


def version(session: Session, actor: Actor, code: str, number: int | None) -> DsrVersion:
    """A version by its number, or the last one published. Raises NotFound, also for a draft that is hidden."""
    existing = readable_dsr(session, actor, code)
    readable = visible(actor, existing)
    if number is None:
        chosen = published(existing) or next(iter(readable), None)
    else:
        chosen = next((one for one in readable if one.number == number), None)
    if chosen is None:
        raise NotFound("Cette version n'existe pas ou n'est pas encore publiée.")
    return chosen


def requirements(
    session: Session,
    version_id: UUID,
    cursor: Sequence[int] | None = None,
    limit: int | None = None,
    *,
    chapter: str | None = None,
    kind: ProofKind | None = None,
    guichet: Guichet | None = None,
) -> Sequence[Requirement]:
    """The requirements of a version with their proofs, in order: of a chapter, or with a proof of a kind or guichet."""
    wanted = sa.select(Requirement).where(Requirement.version_id == version_id)
    if chapter is not None:
        wanted = wanted.where(Requirement.chapter == chapter)
    proof = [
        column == value
        for column, value in ((ExpectedProof.kind, kind), (ExpectedProof.guichet, guichet))
        if value is not None
    ]
    if proof:
        wanted = wanted.where(Requirement.proofs.any(sa.and_(*proof)))
    wanted = wanted.options(selectinload(Requirement.proofs))
    return session.scalars(after(wanted, [Requirement.position], cursor).limit(limit)).all()


def proof_counts(session: Session, version_id: UUID) -> Sequence[ProofCount]:
    """The expected proofs of a version, counted by kind and guichet."""
    number = sa.func.count()
    rows = session.execute(
        sa.select(ExpectedProof.kind, ExpectedProof.guichet, number, number.filter(ExpectedProof.corrected))
        .where(ExpectedProof.version_id == version_id)
        .group_by(ExpectedProof.kind, ExpectedProof.guichet)
        .order_by(ExpectedProof.kind, ExpectedProof.guichet)
    )
    return [ProofCount(*row) for row in rows]


def changes(session: Session, before_id: UUID, after_id: UUID) -> Changes:
    """What the expected proofs of a version are against those of another, compared by their codes."""
    before, now = (
        sa.select(ExpectedProof.code, ExpectedProof.wording).where(ExpectedProof.version_id == one).subquery()
        for one in (before_id, after_id)
    )
    number = sa.func.count()
    row = session.execute(
        sa.select(
            number.filter(before.c.code.is_(None)),
            number.filter(now.c.code.is_(None)),
            number.filter(before.c.wording != now.c.wording),
        ).select_from(before.join(now, before.c.code == now.c.code, full=True))
    ).one()
    return Changes(*row)


def summary(session: Session, version: DsrVersion) -> Summary:
    """What a version asks for, and what changed since the version published before it."""
    earlier = [one for one in version.dsr.versions if one.published_at and one.number < version.number]
    return Summary(
        version.number,
        version.published_at,
        proof_counts(session, version.id),
        chapters(session, version.id),
        changes(session, earlier[-1].id, version.id) if earlier else None,
    )


def expected_proof(session: Session, version_id: UUID, code: str) -> ExpectedProof:
    """An expected proof by its code, locked. Raises NotFound."""
    proof = session.scalar(
        sa.select(ExpectedProof)
        .join(ExpectedProof.requirement)
        .options(contains_eager(ExpectedProof.requirement))
        .where(ExpectedProof.version_id == version_id, ExpectedProof.code == code)
        .with_for_update(of=ExpectedProof)
    )
    if proof is None:
        cut = cut_code(session, version_id, code)
        raise NotFound(f"La preuve attendue « {code} » n'existe pas dans cette version.{cut}")
    return proof


def cut_code(session: Session, version_id: UUID, code: str) -> str:
    """What to say of a requirement's code where a proof's is meant, which an address without %23 cuts at its `#`.

    Begins with a space; nothing where the version has no such requirement.
    """
    proof = session.scalar(
        sa.select(ExpectedProof.code)
        .where(ExpectedProof.version_id == version_id)
        .where(ExpectedProof.code.startswith(f"{code}#", autoescape=True))
        .order_by(ExpectedProof.position)
        .limit(1)
    )
    if proof is None:
        return ""
    return f" C'est le code d'une exigence : donnez celui d'une preuve, comme {proof} (« # » s'écrit %23)."


def chapters(session: Session, version_id: UUID) -> Sequence[str]:
    """The chapters of a version that ask for proofs, in the order of its requirements."""
    first = sa.func.min(Requirement.position)
    asking = sa.select(Requirement.chapter).where(
        Requirement.version_id == version_id, Requirement.proofs.any()
    )
    return session.scalars(asking.group_by(Requirement.chapter).order_by(first)).all()


def every_chapter(session: Session) -> Sequence[str]:
    """The chapters of all lists, by name."""
    return session.scalars(sa.select(Requirement.chapter).distinct().order_by(Requirement.chapter)).all()


def refuse_unknown_chapters(session: Session, named: Mapping[str, str]) -> None:
    """Raises Invalid for chapters that no list has; `named` are chapters by the place where each is said."""
    named_by_lists = sa.select(Requirement.chapter).where(Requirement.chapter.in_(named.values()))
    known = set(session.scalars(named_by_lists.distinct()))
    errors = [
        FieldError(place, f"Aucun DSR n'a de chapitre « {chapter} ».")
        for place, chapter in named.items()
        if chapter not in known
    ]
    if errors:
        every = ", ".join(every_chapter(session))
        choice = (
            f"Choisissez parmi les chapitres : {every}."
            if every
            else "Importez d'abord une liste d'exigences."
        )
        raise Invalid(choice, errors)


def requirement_texts(session: Session, codes: Collection[str]) -> dict[str, str]:
    """The text of each requirement of these codes (`DSR:REQUIREMENT`) in the latest published version that has it."""
    named = Dsr.code + ":" + Requirement.code
    rows = session.execute(
        sa.select(named.label("code"), Requirement.text)
        .join(DsrVersion, DsrVersion.id == Requirement.version_id)
        .join(DsrVersion.dsr)
        .where(DsrVersion.published_at.is_not(None), Dsr.code.in_({code.partition(":")[0] for code in codes}))
        .where(Requirement.code.in_({code.partition(":")[2] for code in codes}))
        .order_by(DsrVersion.number)
    )
    return {row.code: row.text for row in rows}


def profiles(session: Session, version_id: UUID) -> frozenset[str]:
    """The profiles that the requirements of a version name."""
    return frozenset(
        session.scalars(sa.select(Requirement.profile).where(Requirement.version_id == version_id).distinct())
    )
