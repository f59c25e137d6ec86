"""An estimate, some softwares at a time: each batch is one job, in one transaction that ends with a job for the next.

The first job lists what differs. Nothing but the estimate's own rows is written or locked, and these for the end of a
batch alone: who cancels it does not wait. A software is looked at under each of its names, as its open dossier on the
DSR is composed, else as the last one that it filed there; drafts are their editors' alone, and count for nothing.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base import db
from referencing.base.db import insert_rows, new_id, now, today, update_rows
from referencing.base.jobs import enqueue
from referencing.candidatures.record.filed_queries import filed_by
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.record.states import OPEN
from referencing.candidatures.resolution.resolved import target_of
from referencing.catalogue.models import DsrVersion
from referencing.equivalence.engine.facts import Target
from referencing.equivalence.engine.resolution import Status, resolve
from referencing.equivalence.grants.fact_queries import read_facts
from referencing.equivalence.grants.known import CoreFacts, KnownFacts
from referencing.equivalence.rulebooks.hypotheses import Edited, Overtaken, do_batch, lock_running
from referencing.equivalence.rulebooks.queries import (
    KnownRules,
    RulesCache,
    known_rules,
    latest_on,
    lists_with,
    rules_of_lists,
)
from referencing.equivalence.workbench.queries import wordings_of_versions
from referencing.journal.operations import SYSTEM, Author, record
from referencing.simulations.queries import efforts

from . import queries
from .changes import Difference, RequirementList, compared, differing_proofs
from .models import Estimate, EstimatedRequirement
from .states import ESTIMATE, EstimateAction, EstimateState
from .tallies import COUNTS, SOFTWARES, Answers, Statuses, counted, merged, paces, worst

#: Softwares looked at in one transaction: a second or two.
BATCH = 10
#: The rules on a few drafts; those on published lists stay at hand in a cache of their own.
_cache = RulesCache(most=4)


def begin(session: Session, estimate: Estimate) -> None:
    """Ask for what differs to be listed."""
    enqueue(session, "list_differences", estimate_id=str(estimate.id))


def list_differences(session: Session, estimate_id: str) -> None:
    """List the requirements that differ, and ask for the first batch of softwares where there are some."""
    _do(session, estimate_id, _list)


def advance_estimate(session: Session, estimate_id: str, after: str) -> None:
    """Look at the softwares after this one; the last batch ends the estimate."""
    _do(session, estimate_id, partial(_advance, after=UUID(after) if after else None))


def _do(session: Session, estimate_id: str, batch: Callable[[Session, Estimate], None]) -> None:
    estimate = session.get_one(Estimate, UUID(estimate_id), populate_existing=True)
    outdated, failed = EstimateAction.OUTDATE, EstimateAction.FAIL
    do_batch(session, estimate, batch, end, outdated=outdated, failed=failed)


@dataclass(frozen=True, slots=True)
class _Rules:
    """The rules in force on the version in force, and on the draft in its place."""

    dsr: str
    draft: str  # the DSR of the draft
    before: KnownRules
    after: KnownRules

    def proofs(self) -> dict[str, frozenset[str]]:
        """The proofs of each requirement of the DSR, of both versions together, by its code."""
        proofs: dict[str, frozenset[str]] = {}
        for rules in (self.before, self.after):
            for requirement in rules.knowledge.requirements:
                if requirement.dsr == self.draft:
                    own = frozenset(proof.code for proof in requirement.proofs)
                    proofs[requirement.code] = proofs.get(requirement.code, frozenset()) | own
        return proofs

    def reached(self, proofs: Collection[str]) -> set[str]:
        """Every proof of which the answer may be another where these differ."""
        before, after = self.before.knowledge, self.after.knowledge
        by_rules = before.differing(after) or set()
        return by_rules | before.reached(proofs) | after.reached(proofs)

    def reaching(self, proofs: Collection[str]) -> set[str]:
        """Every proof of which a fact may count for one of these."""
        return self.before.knowledge.reaching(proofs) | self.after.knowledge.reaching(proofs)


def _rules(session: Session, estimate: Estimate) -> _Rules:
    """Raises Edited where the draft or the rules in force are others by now."""
    if queries.overtaken(session, estimate):
        raise Edited
    day = today(session)
    latest = latest_on(session, day)
    lists = lists_with(estimate.base, latest)
    before = rules_of_lists(session, lists, estimate.rulebook_id, day)
    after = _rules_on_draft(session, estimate, latest)
    return _Rules(estimate.base.dsr.code, estimate.version.dsr.code, before, after)


def _rules_on_draft(session: Session, estimate: Estimate, latest: Mapping[UUID, UUID]) -> KnownRules:
    """The rules on the draft as it was when the estimate was asked for. Raises Edited when it is gone."""
    lists, day = lists_with(estimate.version, latest), today(session)
    key = (lists, estimate.rulebook_id, estimate.digest)
    rules = _cache.get(key, day)
    if rules is None:
        rules = known_rules(session, lists, estimate.rulebook_id, day)
        # They were read in several statements: what was edited meanwhile has another digest.
        if queries.digest_of(session, estimate.version_id) != estimate.digest:
            raise Edited
        _cache.add(key, rules)
    return rules


def _list(session: Session, estimate: Estimate) -> None:
    rules = _rules(session, estimate)
    before = RequirementList((), {})  # of another DSR nothing has the code of a requirement of the draft
    if not estimate.elsewhere:
        before = _list_of(session, rules.dsr, rules.before, estimate.base_id)
    after = _list_of(session, rules.draft, rules.after, estimate.version_id)
    differences = list(compared(before, after, rules.reached(differing_proofs(before, after))))
    lock_running(session, estimate)
    listed = sa.exists().where(EstimatedRequirement.estimate_id == estimate.id)
    if session.scalar(sa.select(listed)):
        raise Overtaken
    rows = [_new_row(estimate, place, difference) for place, difference in enumerate(differences, 1)]
    insert_rows(session, EstimatedRequirement, rows)
    if rows:
        _ask_for_batch(session, estimate)
    else:
        end(session, estimate, EstimateAction.FINISH)


def _list_of(session: Session, dsr: str, rules: KnownRules, version_id: UUID) -> RequirementList:
    own = tuple(requirement for requirement in rules.knowledge.requirements if requirement.dsr == dsr)
    return RequirementList(own, wordings_of_versions(session, [version_id]))


def _new_row(estimate: Estimate, position: int, difference: Difference) -> dict[str, Any]:
    return {
        "id": new_id(),
        "estimate_id": estimate.id,
        "position": position,
        "code": difference.code.partition(":")[2],
        "chapter": difference.chapter,
        "change": difference.change,
        "differing": difference.differing,
        "attributes": difference.attributes,
        "proofs": difference.proofs,
        "shown_unchanged": difference.shown_unchanged,
        **dict.fromkeys((*COUNTS, "open_dossiers"), 0),
    }


def _ask_for_batch(session: Session, estimate: Estimate) -> None:
    enqueue(session, "advance_estimate", estimate_id=str(estimate.id), after=str(estimate.after or ""))


def _advance(session: Session, estimate: Estimate, after: UUID | None) -> None:
    rules = _rules(session, estimate)
    rows = session.scalars(
        sa.select(EstimatedRequirement)
        .where(EstimatedRequirement.estimate_id == estimate.id)
        .order_by(EstimatedRequirement.position)
        .execution_options(populate_existing=True)
    ).all()
    every = rules.proofs()
    proofs = {row.code: every[row.code] for row in rows}
    following = db.after(
        queries.softwares(estimate.base.dsr_id), [Candidature.software_id], [after] if after else None
    )
    softwares = session.scalars(following.limit(BATCH)).all()
    counts = [
        merged([counted(answers, proofs) for answers in of_software])
        for of_software in _answers(session, rules, softwares, proofs)
    ]
    lock_running(session, estimate)
    if estimate.after != after:
        raise Overtaken
    last = len(softwares) < BATCH
    _add(session, estimate, rows, counts, queries.leaning_dossiers(session, estimate) if last else {})
    estimate.done += len(softwares)
    estimate.after = softwares[-1] if softwares else after
    if last:
        efforts_by_queue = {effort.queue: effort for effort in efforts(session)}
        estimate.paces = paces(efforts_by_queue, *queries.supplies(session))
        estimate.total = estimate.done  # others may have filed meanwhile
        end(session, estimate, EstimateAction.FINISH)
    else:
        _ask_for_batch(session, estimate)


def _add(
    session: Session,
    estimate: Estimate,
    rows: Sequence[EstimatedRequirement],
    counts: Sequence[Mapping[str, Mapping[str, int]]],
    dossiers: Mapping[str | None, int],
) -> None:
    """Add what was counted of some softwares, and the dossiers by requirement, once they are known."""
    of_rows = [
        {
            "id": row.id,
            "open_dossiers": dossiers.get(row.code, 0),
            **{name: getattr(row, name) + sum(count[row.code][name] for count in counts) for name in COUNTS},
        }
        for row in rows
    ]
    update_rows(session, EstimatedRequirement, of_rows)
    estimate.open_dossiers = dossiers.get(None, 0)
    chapters = {row.chapter: dict(estimate.chapters.get(row.chapter, {})) for row in rows}
    for count in counts:
        for name, softwares in worst(count.values()).items():
            setattr(estimate, name, getattr(estimate, name) + softwares)
        for chapter, sums in chapters.items():
            of_chapter = worst(count[row.code] for row in rows if row.chapter == chapter)
            sums.update({name: sums.get(name, 0) + of_chapter[name] for name in SOFTWARES})
    estimate.chapters = chapters


def _answers(
    session: Session, rules: _Rules, softwares: Sequence[UUID], requirements: Mapping[str, Collection[str]]
) -> Iterator[list[Answers]]:
    """How the proofs of these requirements stand for each software, under each of its names."""
    codes = frozenset[str]().union(*requirements.values())
    as_before = {**rules.after.wordings}
    as_before.update(
        (code, rules.before.wordings[code]) for code in as_before if code in rules.before.wordings
    )
    read = cache(partial(read_facts, session, day=rules.before.knowledge.day, proofs=rules.reaching(codes)))
    for dossiers in _dossiers(session, rules.dsr, softwares):
        yield [_answers_as(rules, dossier, read(dossier.core_id), as_before, codes) for dossier in dossiers]


def _answers_as(
    rules: _Rules,
    dossier: Candidature,
    facts: CoreFacts,
    as_before: Mapping[str, str],
    codes: Collection[str],
) -> Answers:
    target = replace(target_of(dossier), dsr=rules.draft, deposited_on=None)
    after = _statuses(rules.after, facts.worded(rules.after.wordings), target, codes)
    if rules.dsr != rules.draft:  # it files anew: all that is asked there is held against having it already
        return Answers(dict.fromkeys(after, Status.COVERED), after, after)
    return Answers(
        _statuses(rules.before, facts.worded(rules.before.wordings), target, codes),
        after,
        _statuses(rules.after, facts.worded(as_before), target, codes),
    )


def _statuses(rules: KnownRules, facts: KnownFacts, target: Target, codes: Collection[str]) -> Statuses:
    counting = facts.counting(target, rules.knowledge.day)
    return {item.proof: item.status for item in resolve(rules.knowledge, facts.facts, counting, codes).items}


def _dossiers(session: Session, dsr: str, softwares: Sequence[UUID]) -> Iterator[list[Candidature]]:
    """The dossiers of each software as which it is looked at: under each name the last open one, else the last."""
    on_dsr = Candidature.version.has(DsrVersion.dsr.has(code=dsr))
    for filed in filed_by(session, softwares, on_dsr).values():
        by_name: dict[UUID, Candidature] = {}
        for dossier in sorted(filed, key=lambda dossier: (dossier.state in OPEN, dossier.id)):
            by_name[dossier.configuration.solution_id] = dossier
        yield [*by_name.values()]


def end(session: Session, estimate: Estimate, action: EstimateAction, author: Author = SYSTEM) -> None:
    """End an estimate; what it found is forgotten unless it is finished. Raises Conflict where it has ended already."""
    estimate.state = ESTIMATE.follow("Ce chiffrage", estimate.state, action)
    estimate.ended_at = now(session)
    if estimate.state is not EstimateState.FINISHED:
        session.execute(
            sa.delete(EstimatedRequirement).where(EstimatedRequirement.estimate_id == estimate.id)
        )
    record(session, author, f"estimate.{estimate.state.value}", f"estimate:{estimate.id}", told(estimate))
    session.flush()


def told(estimate: Estimate) -> dict[str, Any]:
    """An estimate, as the journal tells of it."""
    return {"dsr": estimate.version.dsr.code, "version": estimate.version.number, "digest": estimate.digest}
