"""Rulebooks, and the rules and lists that the engine knows under each of them on a day."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from threading import Lock
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, selectinload, undefer

from referencing.base.db import after, before, end_of
from referencing.base.errors import NotFound
from referencing.base.permissions import Actor, Right, authorise, may
from referencing.catalogue.imports.socle_links import Fidelity
from referencing.catalogue.models import Dsr, DsrVersion, ExpectedProof, Requirement
from referencing.equivalence.engine import facts
from referencing.equivalence.engine.clauses import narrowed
from referencing.equivalence.engine.knowledge import Knowledge

from .models import Correspondence, Rulebook
from .rulebooks import NO_NAMES, NO_RULES, RuleNames, Rules

NO_RULEBOOK = "Ce référentiel de règles n'existe pas : vérifiez son identifiant."


def rulebook(session: Session, rulebook_id: UUID, *, lock: bool = False) -> Rulebook:
    """A rulebook with its rules, locked on demand. Raises NotFound."""
    select = with_rules().where(Rulebook.id == rulebook_id)
    stored_rulebook = session.scalar(select.with_for_update(of=Rulebook) if lock else select)
    if stored_rulebook is None:
        raise NotFound(NO_RULEBOOK)
    return stored_rulebook


def rulebooks(
    session: Session, actor: Actor, cursor: Sequence[Any] | None, limit: int, *, newest: bool = False
) -> Sequence[Rulebook]:
    """The rulebooks in the order of writing, or the newest first; drafts are for those who edit them."""
    authorise(actor, Right.READ_RULEBOOKS)
    select = sa.select(Rulebook).options(undefer(Rulebook.simulated_revision))
    if not may(actor, Right.EDIT_RULEBOOKS):
        select = select.where(sa.or_(Rulebook.published_at.is_not(None), Rulebook.scheduled_at.is_not(None)))
    ordered = before(select, Rulebook.id, cursor) if newest else after(select, [Rulebook.id], cursor)
    return session.scalars(ordered.limit(limit)).all()


def visible_rulebook(session: Session, actor: Actor, rulebook_id: UUID) -> Rulebook:
    """A rulebook that the actor may read. Raises NotFound for a draft that they may not edit, as for none."""
    authorise(actor, Right.READ_RULEBOOKS)
    stored_rulebook = rulebook(session, rulebook_id)
    if not stored_rulebook.frozen and not may(actor, Right.EDIT_RULEBOOKS):
        raise NotFound(NO_RULEBOOK)
    return stored_rulebook


def in_force(session: Session, *, lock: bool = False) -> Rulebook | None:
    """The rulebook in force, locked on demand; None when there is none."""
    select = sa.select(Rulebook).where(Rulebook.published_at.is_not(None), Rulebook.superseded_at.is_(None))
    return session.scalar(select.with_for_update() if lock else select)


def id_in_force(session: Session) -> UUID | None:
    return session.scalar(_ID_IN_FORCE)


_RULEBOOK = Rulebook.__table__.c
_ID_IN_FORCE = sa.select(_RULEBOOK.id).where(
    _RULEBOOK.published_at.is_not(None), _RULEBOOK.superseded_at.is_(None)
)


def correspondence_of(row: Correspondence) -> facts.Correspondence:
    """A row in the engine's vocabulary."""
    return facts.Correspondence(
        id=row.code,
        sources=tuple(row.sources),
        target=row.target,
        relation=row.relation,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
    )


def rules_of(stored_rulebook: Rulebook) -> Rules:
    """The rules of a rulebook in the engine's vocabulary."""
    return Rules(
        tuple(map(correspondence_of, stored_rulebook.correspondences)),
        tuple(
            facts.CertificateKind(kind.kind, tuple(kind.covers)) for kind in stored_rulebook.certificate_kinds
        ),
        tuple(
            facts.Policy(
                {key: tuple(globs) for key, globs in rule.conditions.items()}, rule.reuse, rule.max_age_days
            )
            for rule in stored_rulebook.policies
        ),
    )


def known_requirements(session: Session) -> list[facts.Requirement]:
    """The requirements of the latest published version of every DSR, in two queries."""
    latest = (
        sa.select(DsrVersion.id)
        .where(DsrVersion.published_at.is_not(None))
        .ext(distinct_on(DsrVersion.dsr_id))
        .order_by(DsrVersion.dsr_id, DsrVersion.number.desc())
    )
    versions = session.scalars(latest).all()
    return [_requirement(rows, {}) for rows in _by_requirement(session, versions)]


def with_rules() -> sa.Select[Rulebook]:
    return sa.select(Rulebook).options(
        selectinload(Rulebook.correspondences),
        selectinload(Rulebook.certificate_kinds),
        selectinload(Rulebook.policies),
        undefer(Rulebook.simulated_revision),
    )


@dataclass(frozen=True, slots=True)
class KnownRules:
    """The engine's knowledge on one day, the digest of the words of each proof, and what its rules are called.

    From `since` on and before `until` no correspondence begins or ends.
    """

    knowledge: Knowledge
    wordings: Mapping[str, str]
    since: date
    until: date
    names: RuleNames = NO_NAMES

    def seen_from(self, day: date) -> "KnownRules":
        """The rules given, applied to facts as they stood on another day."""
        if day == self.knowledge.day:
            return self
        return replace(self, knowledge=replace(self.knowledge, day=day))


class RulesCache:
    """The last few KnownRules: versions and rulebooks that are published never change, so neither do these."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.lock = Lock()
        self.entries: OrderedDict[tuple[tuple[Any, ...], date], KnownRules] = OrderedDict()

    def get(self, key: tuple[Any, ...], day: date) -> KnownRules | None:
        """The rules as seen from that day, if they are held for a day on which no other rules hold."""
        with self.lock:
            for (entry_key, since), rules in self.entries.items():
                if entry_key == key and since <= day < rules.until:
                    self.entries.move_to_end((entry_key, since))
                    return rules.seen_from(day)
        return None

    def add(self, key: tuple[Any, ...], rules: KnownRules) -> None:
        """Hold these rules; the ones used longest ago make room."""
        with self.lock:
            self.entries[key, rules.since] = rules
            while len(self.entries) > self.most:
                self.entries.popitem(last=False)


CACHE = RulesCache(most=16)


def rules_for(session: Session, version: DsrVersion, rulebook_id: UUID | None, day: date) -> KnownRules:
    """What is known of a dossier's lists under a rulebook that is published, on a day."""
    return rules_of_lists(session, lists_on(session, version, day), rulebook_id, day)


def rules_of_lists(
    session: Session, lists: tuple[UUID, ...], rulebook_id: UUID | None, day: date
) -> KnownRules:
    """What is known of these versions (`lists_with`) under a rulebook that is published, on a day."""
    key = (lists, rulebook_id)
    rules = CACHE.get(key, day)
    if rules is None:
        rules = known_rules(session, lists, rulebook_id, day)
        CACHE.add(key, rules)
    return rules


def lists_on(session: Session, version: DsrVersion, day: date) -> tuple[UUID, ...]:
    """The pinned version with the one of every other DSR that was the latest published on a day."""
    return lists_with(version, latest_on(session, day))


def lists_with(version: DsrVersion, latest: Mapping[UUID, UUID]) -> tuple[UUID, ...]:
    """The pinned version with those of every other DSR; `latest` by DSR."""
    return (version.id, *sorted(listed for dsr, listed in latest.items() if dsr != version.dsr_id))


def latest_on(session: Session, day: date) -> dict[UUID, UUID]:
    """The version of every DSR that was the latest published on a day, by DSR."""
    return {row.dsr_id: row.id for row in session.execute(_LATEST, {"end": end_of(day)})}


def in_force_on(session: Session, day: date) -> tuple[UUID | None, dict[UUID, UUID]]:
    """The rulebook in force, None where there is none or no list is published, and `latest_on` a day: at once."""
    rows = session.execute(_LATEST_AND_IN_FORCE, {"end": end_of(day)}).all()
    return (rows[0].rulebook_id if rows else None), {row.dsr_id: row.id for row in rows}


#: Past the mapper, for every resolution asks it.
_VERSION = DsrVersion.__table__.c
_LATEST = (
    sa.select(_VERSION.dsr_id, _VERSION.id)
    .where(_VERSION.published_at < sa.bindparam("end"))
    .ext(distinct_on(_VERSION.dsr_id))
    .order_by(_VERSION.dsr_id, _VERSION.number.desc())
)
_LATEST_AND_IN_FORCE = _LATEST.add_columns(_ID_IN_FORCE.scalar_subquery().label("rulebook_id"))


def known_rules(
    session: Session, versions: Sequence[UUID], rulebook_id: UUID | None, day: date
) -> KnownRules:
    """Read and compile rules anew, which takes seconds with thousands of them."""
    rules = rules_of(rulebook(session, rulebook_id)) if rulebook_id else NO_RULES
    wordings: dict[str, str] = {}
    requirements = [_requirement(rows, wordings) for rows in _by_requirement(session, versions)]
    knowledge = Knowledge.of(
        day, requirements, narrowed(rules.correspondences, day), rules.certificate_kinds, rules.policies
    )
    period = _period(rules.correspondences, day)
    return KnownRules(knowledge, wordings, *period, RuleNames.of(rules))


def _period(correspondences: Iterable[facts.Correspondence], day: date) -> tuple[date, date]:
    """The span around a day, first day included and last excluded, in which no correspondence begins or ends."""
    changes = {change for rule in correspondences for change in (rule.valid_from, rule.valid_until) if change}
    since = max((change for change in changes if change <= day), default=date.min)
    return since, min((change for change in changes if change > day), default=date.max)


def _by_requirement(session: Session, versions: Sequence[UUID]) -> Iterator[list[Any]]:
    rows = session.execute(
        sa.select(
            Dsr.code.label("dsr"),
            Dsr.dispositif,
            Dsr.vague,
            Requirement.code.label("requirement"),
            Requirement.chapter,
            Requirement.profile,
            Requirement.socle,
            Requirement.socle_fidelity,
            ExpectedProof.code,
            ExpectedProof.guichet,
            ExpectedProof.kind,
            ExpectedProof.roles,
            ExpectedProof.wording,
        )
        .join(DsrVersion, DsrVersion.dsr_id == Dsr.id)
        .join(Requirement, Requirement.version_id == DsrVersion.id)
        .outerjoin(ExpectedProof, ExpectedProof.requirement_id == Requirement.id)
        .where(DsrVersion.id.in_(versions))
        .order_by(Dsr.code, Requirement.position, ExpectedProof.position)
    )
    for _, group in groupby(rows, key=lambda row: (row.dsr, row.requirement)):
        yield list(group)


def _requirement(rows: Sequence[Any], wordings: dict[str, str]) -> facts.Requirement:
    first = rows[0]
    proofs = tuple(
        facts.ExpectedProof(
            code=row.code,
            dsr=row.dsr,
            dispositif=row.dispositif,
            vague=row.vague,
            requirement=row.requirement,
            chapter=row.chapter,
            guichet=row.guichet.value,
            kind=row.kind.value,
            roles=tuple(row.roles),
        )
        for row in rows
        if row.code is not None
    )
    wordings.update((row.code, row.wording) for row in rows if row.code is not None)
    return facts.Requirement(
        dsr=first.dsr,
        code=first.requirement,
        profile=first.profile,
        proofs=proofs,
        socle=first.socle,
        identical=first.socle_fidelity is not Fidelity.OVERRIDDEN,
    )


def revision_of(session: Session, rulebook_id: UUID | None) -> int | None:
    """The revision of a rulebook as it is committed now."""
    return session.scalar(sa.select(Rulebook.revision).where(Rulebook.id == rulebook_id))
