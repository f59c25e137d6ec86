"""Asking for a survey of who would profit from rules, and giving it up."""

from uuid import UUID

import sqlalchemy as sa
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
from .states import SURVEY, SurveyAction, SurveyState
from .surveying import begin, end


def start(session: Session, actor: Actor, rulebook_id: UUID | None = None) -> Survey:
    """Look at every software under a rulebook as it is, or under the one in force.

    Answers the survey that runs already of this version. Raises NotFound.
    """
    authorise(actor, Right.REACH_EDITORS)
    rulebook = in_force(session) if rulebook_id is None else session.get(Rulebook, rulebook_id)
    if rulebook is None and rulebook_id is not None:
        raise NotFound(NO_RULEBOOK)
    revision = rulebook.revision if rulebook else None
    running = session.scalar(
        sa.select(Survey).where(
            Survey.state == SurveyState.RUNNING,
            Survey.rulebook_id.is_not_distinct_from(rulebook.id if rulebook else None),
            Survey.revision.is_not_distinct_from(revision),
        )
    )
    if running is not None:
        return running
    survey = Survey(
        id=new_id(),
        rulebook_id=rulebook.id if rulebook else None,
        revision=revision,
        state=SurveyState.RUNNING,
        asked_by=actor.account_id,
        asked_at=now(session),
        total=session.scalars(sa.select(sa.func.count()).select_from(Software)).one(),
        done=0,
    )
    session.add(survey)
    session.flush()
    detail = {"rulebook": survey.rulebook_id and str(survey.rulebook_id)}
    record(session, actor, "survey.asked", f"survey:{survey.id}", detail)
    begin(session, survey)
    return survey


def cancel(session: Session, actor: Actor, survey_id: UUID) -> Survey:
    """Give up a survey that runs; what it found so far is forgotten. Raises NotFound, Conflict."""
    survey = queries.survey(session, actor, survey_id, lock=True)
    SURVEY.follow("Cette recherche", survey.state, SurveyAction.CANCEL, actor)
    end(session, survey, SurveyAction.CANCEL, actor)
    return survey
