"""Tasks that were opened before queues had an order find their place in it."""

from typing import Any

import sqlalchemy as sa
from alembic import command
from flask import Flask
from sqlalchemy.orm import Session

from referencing.base import db
from referencing.candidatures.tasks.models import Task
from referencing.candidatures.tasks.position import order_queues
from tests.builders import Asked, Story, publish_dsr
from tests.conftest import Time, parts


def told(session: Session) -> list[Any]:
    told = sa.select(
        Task.code, Task.chapter, Task.guichet, Task.organisation_id, Task.rank, Task.due_on, Task.last_day
    )
    return list(session.execute(told.where(Task.closed_at.is_(None)).order_by(Task.id)))


def test_they_are_given_what_they_are_about_and_then_a_due_date(
    app: Flask, database: sa.URL, time: Time
) -> None:
    sessions = parts(app).sessions
    with db.transaction(sessions) as session:
        publish_dsr(session, "LGC-V1", Asked("INS.01"), Asked("DMP.01", chapter="DMP"))
        story = Story(session)
        story.in_review(story.solution(), "LGC-V1")
        story.submitted(story.solution(nil="NIL-2"), "LGC-V1")
    with db.transaction(sessions) as session:
        before = told(session)
    parts(app).engine.dispose()
    time.pass_days(3)
    command.downgrade(db.migrations(database), "0001")
    db.upgrade(database)
    with db.transaction(sessions) as session:
        order_queues(session)
        assert told(session) == before
        assert len(before) == 3
