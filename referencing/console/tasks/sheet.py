"""A task as its page shows it: what is asked, what was supplied and found before, and what this reader may do now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.accounts.models import Account
from referencing.base.db import now, today
from referencing.base.permissions import Actor, Role
from referencing.base.shapes import shape
from referencing.base.workdays import add_working_days
from referencing.candidatures.api.item_schemas import RoundOut
from referencing.candidatures.explanations import account
from referencing.candidatures.explanations.views import explanation_view
from referencing.candidatures.record.models import Item, Verdict
from referencing.candidatures.record.queries import candidature, item
from referencing.candidatures.tasks.models import Queue
from referencing.candidatures.verdicts.rounds import verdicts_on
from referencing.equivalence.records.queries import records_behind
from referencing.equivalence.records.record import RuleRecord
from referencing.reviews.api.routes import whole_task
from referencing.reviews.arbitration import arbitration
from referencing.reviews.arbitration.schemas import ReadingOut, SecondReadingOut
from referencing.reviews.experts.queries import experts
from referencing.reviews.queues.models import Reading
from referencing.reviews.queues.verifiers import VerifierView, verifiers
from referencing.reviews.verdicts.models import CommentTemplate
from referencing.reviews.verdicts.templates import templates
from referencing.reviews.verdicts.verdicts import COMPLEMENT_DAYS, UNDO_WITHIN

from . import reuse

MOST = 100

Told = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sheet:
    """`mine` is whether the reader has the task in hand, `awaited` whom it waits for, when it waits for somebody.

    `records` are those of the rules that the reuse to confirm leans on.
    `readings` are what each of several readers found, for a lead, who says what stands when it `arbitrates`; `team` is
    to whom they can give it.
    """

    task: Told
    mine: bool
    awaited: Told | None
    rounds: Sequence[Told]
    templates: Sequence[CommentTemplate]
    experts: Sequence[Account]
    complement_on: Any
    tree: reuse.Node | None
    pairs: Sequence[reuse.Pair]
    explanation: Told | None
    records: Sequence[RuleRecord] = ()
    readings: Sequence[Told] = ()
    arbitrates: bool = False
    team: Sequence[VerifierView] = ()

    @property
    def judges(self) -> bool:
        """Whether the reader gives the verdict: who has the task in hand, or a lead between two readers."""
        return self.mine or self.arbitrates

    @property
    def is_reuse(self) -> bool:
        return bool(self.task["queue"] == Queue.EQUIVALENCE)

    def shown_file(self, chosen: str | None) -> tuple[Told, Told] | None:
        """The proof and the file of it that the page shows: the one that was chosen, else the first."""
        proof = self.task["subject"] and self.task["subject"]["proof"]
        if not proof or not proof["files"]:
            return None
        files = {str(file["id"]): file for file in proof["files"]}
        return proof, files.get(chosen or "", proof["files"][0])


def sheet(session: Session, actor: Actor, task_id: UUID) -> Sheet:
    """Raises NotFound, Forbidden for who does not read the queues."""
    task = whole_task(session, task_id)
    explanation = _explained(session, actor, task)
    root = reuse.tree(explanation, task["earlier"]) if explanation else None
    return Sheet(
        task,
        mine=bool(task["claimable"] and task["claimed_by"]),
        awaited=next((wait for wait in task["third_parties"] if wait["state"] == "awaited"), None),
        rounds=_rounds(session, actor, task),
        templates=_fitting(templates(session, actor, None, MOST), task),
        experts=experts(session, actor, None, MOST),
        complement_on=add_working_days(today(session), COMPLEMENT_DAYS),
        tree=root,
        pairs=reuse.pairs(explanation, root) if explanation else (),
        explanation=explanation,
        records=_records(session, actor, task) if explanation else (),
        team=verifiers(session, actor, None, MOST) if "take_over" in task["actions"] else (),
        **_readings(session, actor, task),
    )


def _readings(session: Session, actor: Actor, task: Told) -> dict[str, Any]:
    """Another verifier is to judge without knowing what the first one found."""
    if task["queue"] != Queue.SECOND_READING or actor.role is not Role.LEAD:
        return {}
    turn, readings = arbitration.compared(session, actor, task["id"])
    awaited = shape(SecondReadingOut)(turn, actor)
    return {
        "readings": [shape(ReadingOut)(reading) for reading in readings if reading.undone_at is None],
        "arbitrates": awaited["reader"] == "lead" and awaited["closed_at"] is None,
    }


def _explained(session: Session, actor: Actor, task: Told) -> Told | None:
    if task["queue"] != Queue.EQUIVALENCE or task["closed_at"] is not None:
        return None
    return explanation_view(
        account.item_account(session, actor, task["candidature"], str(task["item"]), None)
    )


def _records(session: Session, actor: Actor, task: Told) -> Sequence[RuleRecord]:
    grant_id = session.scalar(sa.select(Item.grant_id).where(Item.id == task["item"]))
    return records_behind(session, actor, grant_id) if grant_id else ()


def _rounds(session: Session, actor: Actor, task: Told) -> list[Told]:
    if task["item"] is None:
        return []
    about = item(session, candidature(session, actor, task["candidature"]), str(task["item"]))
    return [*map(shape(RoundOut), verdicts_on(session, actor, about, None, MOST))]


def _fitting(written: Sequence[CommentTemplate], task: Told) -> list[CommentTemplate]:
    return [template for template in written if template.chapter in {None, task["chapter"]}]


@dataclass(frozen=True, slots=True)
class Given:
    """A verdict that its reader gave a moment ago, and may still take back."""

    task: UUID
    code: str
    outcome: str
    minutes_left: int


def just_given(session: Session, actor: Actor, task_id: str | None) -> Given | None:
    """The actor's verdict on a task, while it may be taken back; None for anything else."""
    try:
        wanted = UUID(task_id or "")
    except ValueError:
        return None
    if actor.role is not Role.VERIFIER:
        return None
    for kind in (Verdict, Reading):
        own = sa.select(kind.given_at).where(
            kind.task_id == wanted, kind.verifier_id == actor.account_id, kind.undone_at.is_(None)
        )
        given_at = session.scalar(own)
        if given_at is not None and now(session) - given_at <= UNDO_WITHIN:
            task = whole_task(session, wanted)
            left = UNDO_WITHIN - (now(session) - given_at)
            return Given(wanted, task["code"], task["outcome"], left // timedelta(minutes=1))
    return None
