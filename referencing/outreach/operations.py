"""Asking for a survey of who would profit from rules, and giving it up."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from referencing.base.db import new_id, now
from referencing.base.errors import NotFound
from referencing.base.permissions import Actor, Right, authorise
from referencing.equivalence.rulebooks.models import Rulebook
from referencing.equivalence.rulebooks.queries import NO_RULEBOOK, in_force
from referencing.journal.operations import record
from referencing.solutions.models import Software

from . import queries
from .models import Survey
from .states import SurveyAction, SurveyState
from .surveying import begin, end, told


def start(session: Session, actor: Actor, rulebook_id: UUID | None = None) -> Survey:
    """Look at every software under a rulebook as it is, or under the one in force.

    Answers the survey that runs already of this version, also where somebody asks at the same time. Raises NotFound.
    """
    authorise(actor, Right.REACH_EDITORS)
    rulebook = in_force(session) if rulebook_id is None else session.get(Rulebook, rulebook_id)
    if rulebook is None and rulebook_id is not None:
        raise NotFound(NO_RULEBOOK)
    asked = insert(Survey).values(
        id=new_id(),
        rulebook_id=rulebook.id if rulebook else None,
        revision=rulebook.revision if rulebook else None,
        state=SurveyState.RUNNING,
        asked_by=actor.account_id,
        asked_at=now(session),
        total=sa.select(sa.func.count()).select_from(Software).scalar_subquery(),
        done=0,
    )
    once = asked.on_conflict_do_nothing().returning(Survey)  # which waits for who is about to begin one
    while (survey := _running(session, rulebook)) is None:
        survey = session.scalar(once)
        if survey is not None:
            record(session, actor, "survey.asked", f"survey:{survey.id}", told(survey))
            begin(session, survey)
            break
    return survey


def _running(session: Session, rulebook: Rulebook | None) -> Survey | None:
    return session.scalar(
        sa.select(Survey).where(
            Survey.state == SurveyState.RUNNING,
            Survey.rulebook_id.is_not_distinct_from(rulebook.id if rulebook else None),
            Survey.revision.is_not_distinct_from(rulebook.revision if rulebook else None),
        )
    )


def cancel(session: Session, actor: Actor, survey_id: UUID) -> Survey:
    """Give up a survey that runs; what it found so far is forgotten. Raises NotFound, Conflict."""
    survey = queries.survey(session, actor, survey_id, lock=True)
    end(session, survey, SurveyAction.CANCEL, actor)
    return survey
