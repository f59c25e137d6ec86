"""What was found before rounds were numbered is told as rounds too."""

from typing import Any

import sqlalchemy as sa
from alembic import command
from flask import Flask
from sqlalchemy.orm import Session

from referencing.base import db
from referencing.candidatures.record.models import Item, Verdict
from referencing.proofs.models import Verification
from referencing.reviews.queues.outcomes import Outcome
from tests.builders import Asked, Story, publish_dsr, publish_rules, supply
from tests.conftest import parts

CODE = "LGC-V1:INS.01#01.01"


def told(session: Session) -> list[list[Any]]:
    verdict, found = Verdict, Verification
    verdicts = sa.select(
        verdict.round, verdict.finding, verdict.comment, verdict.missing, verdict.verifier_id, verdict.item_id
    )
    ties = sa.select(found.round, found.dsr_version, found.rulebook_id)
    rounds = sa.select(Item.round).order_by(Item.position)
    return [
        list(session.execute(one)) for one in (verdicts.order_by(verdict.id), ties.order_by(found.id), rounds)
    ]


def test_they_keep_their_findings_and_are_numbered(app: Flask, database: sa.URL) -> None:
    sessions = parts(app).sessions
    with db.transaction(sessions) as session:
        publish_dsr(session, "LGC-V1", Asked("INS.01"), Asked("INS.02"))
        publish_rules(session)
        story = Story(session)
        dossier = story.in_review(story.solution(), "LGC-V1")
        story.find(dossier, CODE, Outcome.COMPLEMENT)
        supply(session, story.editor, dossier, CODE)
        story.find(dossier, CODE)
    with db.transaction(sessions) as session:
        before = told(session)
    parts(app).engine.dispose()
    command.downgrade(db.migrations(database), "0005")
    db.upgrade(database)
    with db.transaction(sessions) as session:
        assert told(session) == before
        assert [[one.round for one in rows] for rows in before] == [[1, 2], [1, 2], [2, 1]]
