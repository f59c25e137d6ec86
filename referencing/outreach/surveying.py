"""A survey, some softwares at a time: each batch is one job, in one transaction that ends with a job for the next.

Nothing but the survey's own rows is written or locked, and these for the end of a batch alone: who cancels it does not
wait. A software is looked at as its open dossier on a DSR is composed; where it has none, as the last one that it filed
was, under the name and in the profiles of that one. Drafts are their editors' alone, and count for nothing here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager

from referencing.base import db
from referencing.base.db import insert_rows, new_id, now, today
from referencing.base.jobs import enqueue
from referencing.candidatures.record.filed_queries import filed_by
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.record.states import LISTED, OPEN
from referencing.candidatures.resolution.resolved import Resolved, target_of
from referencing.catalogue.models import Dsr, DsrVersion
from referencing.equivalence.engine.facts import Target
from referencing.equivalence.grants.fact_queries import read_facts
from referencing.equivalence.grants.known import CoreFacts
from referencing.equivalence.rulebooks.hypotheses import (
    Edited,
    Overtaken,
    do_batch,
    lock_running,
    rules_tried,
)
from referencing.equivalence.rulebooks.queries import KnownRules, latest_on, lists_with, revision_of
from referencing.journal.operations import SYSTEM, Author, record
from referencing.solutions.models import Software, Solution

from .models import Presence, Survey, SurveyLine
from .states import SURVEY, SurveyAction, SurveyState

#: Softwares looked at in one transaction: a second or two.
BATCH = 10


def begin(session: Session, survey: Survey) -> None:
    """Ask for the batch after the last software that was looked at."""
    enqueue(session, "advance_survey", survey_id=str(survey.id), after=str(survey.after or ""))


def advance_survey(session: Session, survey_id: str, after: str) -> None:
    """Look at the softwares after this one; the last batch ends the survey."""
    survey = session.get_one(Survey, UUID(survey_id), populate_existing=True)
    do_batch(
        session,
        survey,
        partial(_advance, after=UUID(after) if after else None),
        end,
        outdated=SurveyAction.OUTDATE,
        failed=SurveyAction.FAIL,
    )


def _advance(session: Session, survey: Survey, after: UUID | None) -> None:
    if survey.rulebook_id is not None and revision_of(session, survey.rulebook_id) != survey.revision:
        raise Edited
    following = db.after(sa.select(Software), [Software.id], [after] if after else None)
    softwares = session.scalars(following.limit(BATCH)).all()
    rows = [*_rows(session, survey, softwares)]
    lock_running(session, survey)
    if survey.after != after:
        raise Overtaken
    insert_rows(session, SurveyLine, rows)
    survey.done += len(softwares)
    if softwares:
        survey.after = softwares[-1].id
    if len(softwares) == BATCH:
        begin(session, survey)
    else:
        end(session, survey, SurveyAction.FINISH)


def end(session: Session, survey: Survey, action: SurveyAction, author: Author = SYSTEM) -> None:
    """End a survey; what it found is forgotten unless it is finished."""
    survey.state = SURVEY.follow("Cette recherche", survey.state, action)
    survey.ended_at = now(session)
    if survey.state is SurveyState.FINISHED:
        survey.total = survey.done  # others may have been registered meanwhile
    else:
        session.execute(sa.delete(SurveyLine).where(SurveyLine.survey_id == survey.id))
    record(session, author, f"survey.{survey.state.value}", f"survey:{survey.id}", told(survey))
    session.flush()


def told(survey: Survey) -> dict[str, str | None]:
    """A survey, as the journal tells of it."""
    return {"rulebook": str(survey.rulebook_id) if survey.rulebook_id else None}


@dataclass(frozen=True, slots=True)
class _Asked:
    """A software on a DSR: the target, and the version of the list by which it is looked at."""

    dsr: Dsr
    version: DsrVersion
    target: Target
    presence: Presence


def _rows(session: Session, survey: Survey, softwares: Sequence[Software]) -> Iterator[dict[str, Any]]:
    day = today(session)
    latest = latest_on(session, day)
    versions = session.scalars(
        sa.select(DsrVersion)
        .join(DsrVersion.dsr)
        .where(DsrVersion.id.in_(latest.values()))
        .options(contains_eager(DsrVersion.dsr))
        .order_by(Dsr.code)
    ).all()
    facts = cache(partial(read_facts, session, day=day))

    @cache
    def rules(lists: tuple[UUID, ...]) -> KnownRules:
        return rules_tried(session, lists, survey.rulebook_id, survey.revision, day)

    newest = tuple(sorted(latest.values()))
    ids = [software.id for software in softwares]
    dossiers, names = filed_by(session, ids), _names(session, ids)
    for software in softwares:
        of_core: CoreFacts = facts(software.core_id)
        filed = dossiers.get(software.id, [])
        for asked in _asked(software, filed, versions, names.get(software.id)):
            pinned = asked.version.id not in newest
            known = rules(lists_with(asked.version, latest) if pinned else newest)
            resolved = Resolved.of(asked.target, survey.rulebook_id, known, of_core.worded(known.wordings))
            counts = resolved.resolution.summary
            if asked.presence is Presence.OPEN or counts["covered"] or counts["to_confirm"]:
                yield _row(survey, software, asked, counts)


def _asked(
    software: Software,
    filed: Sequence[Candidature],
    versions: Sequence[DsrVersion],
    name: str | None,
) -> Iterator[_Asked]:
    """What the software is asked about: each open dossier, and each DSR on which it has none."""
    opened = [dossier for dossier in filed if dossier.state in OPEN]
    for dossier in opened:
        yield _Asked(dossier.version.dsr, dossier.version, target_of(dossier), Presence.OPEN)
    there = {dossier.version.dsr_id for dossier in opened}
    listed = {dossier.version.dsr_id for dossier in filed if dossier.state in LISTED}
    last = filed[-1] if filed else None
    configuration = last.configuration if last else None
    if name is None:
        return  # nothing is sold of it yet
    for version in versions:
        if version.dsr_id not in there:
            target = Target(
                dsr=version.dsr.code,
                product=str(software.core_id),
                solution=configuration.solution.commercial_name if configuration else name,
                composition=configuration.composition if configuration else {},
                profiles=frozenset(last.profiles if last else ()),
                fills=frozenset(software.fills),
            )
            presence = Presence.REFERENCED if version.dsr_id in listed else Presence.NONE
            yield _Asked(version.dsr, version, target, presence)


def _names(session: Session, softwares: Sequence[UUID]) -> Mapping[UUID, str]:
    """The first commercial name of each software that has one."""
    rows = session.execute(
        sa.select(Solution.software_id, sa.func.min(Solution.commercial_name).label("name"))
        .where(Solution.software_id.in_(softwares))
        .group_by(Solution.software_id)
    )
    return {row.software_id: row.name for row in rows}


def _row(survey: Survey, software: Software, asked: _Asked, counts: Mapping[str, int]) -> dict[str, Any]:
    return {
        "id": new_id(),
        "survey_id": survey.id,
        "organisation_id": software.organisation_id,
        "software_id": software.id,
        "dsr": asked.dsr.code,
        "couloir": asked.dsr.couloir,
        "dispositif": asked.dsr.dispositif,
        "vague": asked.dsr.vague,
        "presence": asked.presence,
        **{status: counts[status] for status in ("covered", "to_confirm", "awaiting", "required")},
    }
