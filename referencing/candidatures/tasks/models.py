"""Pieces of review work: queues, budgets, boosts, tasks, waits for third parties, opinions of experts."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from referencing.accounts.models import Account
from referencing.base.db import Base, Id, Timestamped, values_of
from referencing.base.permissions import Role
from referencing.candidatures.record.models import Candidature, Item
from referencing.catalogue.proposals import Guichet


class Queue(StrEnum):
    ADMISSIBILITY = "admissibility"
    PROOF_REVIEW = "proof_review"
    EQUIVALENCE = "equivalence"  # confirming a reuse
    SECOND_READING = "second_reading"
    EXPERT_OPINION = "expert_opinion"  # of opinions, not of tasks
    DUO_FOLLOW_UP = (
        "duo_follow_up"  # what a live session left, or was to be shown in one and was supplied instead
    )


#: Which queue is whose work.
WORK_OF = {
    Queue.ADMISSIBILITY: Role.LEAD,
    Queue.PROOF_REVIEW: Role.VERIFIER,
    Queue.EQUIVALENCE: Role.VERIFIER,
    Queue.SECOND_READING: Role.VERIFIER,
    Queue.EXPERT_OPINION: Role.EXPERT,
    Queue.DUO_FOLLOW_UP: Role.VERIFIER,
}


class Budget(Base):
    """Working days given to the tasks of a queue, or to those about one guichet's proofs; a lead edits them."""

    __tablename__ = "budget"
    __table_args__ = (
        sa.UniqueConstraint("queue", "guichet", postgresql_nulls_not_distinct=True),
        sa.CheckConstraint("days > 0", name="days"),
    )

    id: Mapped[Id]
    queue: Mapped[Queue] = mapped_column(values_of(Queue, "queue"))
    guichet: Mapped[Guichet | None] = mapped_column(values_of(Guichet, "guichet"))
    days: Mapped[int]


class Boost(Timestamped, Base):
    """What a lead puts first, `ends_on` included: the tasks that have all that is named here."""

    #: Two boosts of these words do no more than one.
    IN_FORCE = ("queue", "chapter", "dispositif", "vague", "candidature_id", "weight", "ends_on")

    __tablename__ = "boost"
    __table_args__ = (
        sa.CheckConstraint(
            "num_nonnulls(queue, chapter, dispositif, vague, candidature_id) > 0", name="names_something"
        ),
        sa.CheckConstraint("weight > 0", name="weight"),
        sa.Index(
            "uq_boost_in_force",
            *IN_FORCE,
            unique=True,
            postgresql_where=sa.text("ended_at IS NULL"),
            postgresql_nulls_not_distinct=True,
        ),
    )

    id: Mapped[Id]
    queue: Mapped[Queue | None] = mapped_column(values_of(Queue, "queue"))
    chapter: Mapped[str | None]
    dispositif: Mapped[str | None]
    vague: Mapped[int | None]
    candidature_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("candidature.id"))
    weight: Mapped[int]
    reason: Mapped[str]
    ends_on: Mapped[date]
    ended_at: Mapped[datetime | None]


class Task(Base):
    """A piece of review work that a dossier or one of its items asks for; which verifier takes it is for `reviews`.

    A queue's order is `rank` (0, or below it when boosted), `last_day`, `opened_at`, `id`: `position` keeps the first
    two. `due_on` is what people are told; `last_day` is the working day on which no day is left, which differs once
    a budget was overrun before the item came back. Organisation, code, chapter and guichet never change under a
    task: they are here so that choosing among a million tasks joins nothing.

    While `third_party_since` is set, the ball is a third party's (`Wait`): nobody takes the task and its clock stands.

    Once somebody has answered it, `closed_by` is who did and `days_used` the working days of its budget that were
    used then, the agency's earlier turns included; both are unknown for tasks closed before they were kept. `verdicts`
    is how many answers its item had had in its queue, this one included.

    `track` says, while it is open, that its item must be on the track `async`.
    """

    __tablename__ = "task"
    __table_args__ = (
        sa.ForeignKeyConstraint(["item_id", "track"], ["item.id", "item.track"]),
        sa.Index(
            "uq_task_open_item",
            "item_id",
            unique=True,
            postgresql_where=sa.text("closed_at IS NULL AND item_id IS NOT NULL"),
        ),
        sa.Index(
            "uq_task_open_dossier",
            "candidature_id",
            unique=True,
            postgresql_where=sa.text("closed_at IS NULL AND item_id IS NULL"),
        ),
        sa.Index(
            "ix_task_order",
            "queue",
            "rank",
            "last_day",
            "opened_at",
            "id",
            postgresql_where=sa.text("closed_at IS NULL AND third_party_since IS NULL"),
        ),
        sa.Index(
            "ix_task_last_day",
            "last_day",
            "opened_at",
            "id",
            postgresql_where=sa.text("closed_at IS NULL AND third_party_since IS NULL"),
        ),
        sa.Index(
            "ix_task_kind",
            "queue",
            "chapter",
            "guichet",
            "rank",
            "last_day",
            "opened_at",
            "id",
            postgresql_where=sa.text("closed_at IS NULL AND third_party_since IS NULL"),
        ),
        sa.Index(
            "ix_task_chapter",
            "chapter",
            "last_day",
            "opened_at",
            "id",
            postgresql_where=sa.text("closed_at IS NULL AND third_party_since IS NULL"),
        ),
        sa.Index("ix_task_candidature_id", "candidature_id", "item_id"),
        sa.Index(
            "ix_task_closed_at",
            "closed_at",
            postgresql_where=sa.text("closed_at IS NOT NULL"),
            postgresql_include=["queue", "chapter", "candidature_id", "outcome", "days_used", "verdicts"],
        ),
    )

    id: Mapped[Id]
    queue: Mapped[Queue] = mapped_column(values_of(Queue, "queue"))
    candidature_id: Mapped[UUID] = mapped_column(sa.ForeignKey("candidature.id"))
    item_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("item.id"))
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    code: Mapped[str | None]
    chapter: Mapped[str | None]
    guichet: Mapped[Guichet | None] = mapped_column(values_of(Guichet, "guichet"))
    budget: Mapped[int]
    due_on: Mapped[date]
    last_day: Mapped[date]
    boost_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("boost.id"))
    rank: Mapped[int]
    opened_at: Mapped[datetime]
    third_party_since: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))
    days_used: Mapped[int | None]
    verdicts: Mapped[int | None]
    outcome: Mapped[str | None]
    track: Mapped[str | None] = mapped_column(
        sa.Computed(
            "CASE WHEN closed_at IS NULL AND item_id IS NOT NULL THEN 'async'::text ELSE NULL::text END",
            persisted=True,
        )
    )

    candidature: Mapped[Candidature] = relationship()
    item: Mapped[Item | None] = relationship(foreign_keys=item_id)


class OpenCount(Base):
    """How many open tasks of an organisation are alike, with the agency or with a third party.

    Rows of the same words add up: a trigger adds one for each change of tasks, in the change's own transaction, so
    nobody waits for a counter; `counts.add_up` makes one of many. An organisation is named without a foreign key.
    """

    __tablename__ = "open_count"

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True), primary_key=True)
    queue: Mapped[Queue] = mapped_column(values_of(Queue, "queue"))
    chapter: Mapped[str | None]
    guichet: Mapped[Guichet | None] = mapped_column(values_of(Guichet, "guichet"))
    organisation_id: Mapped[UUID]
    with_agency: Mapped[int]
    third_party: Mapped[int]


class OpenDayCount(Base):
    """How many open tasks were opened on a day in Paris, and of how many it is the last day; adds up as OpenCount.

    Those of a third party are apart, by the day on which they were opened: no day of their budget goes by. The DSR is
    named, without a foreign key, rather than its couloir, which may be put right while tasks are open.
    """

    __tablename__ = "open_day_count"

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True), primary_key=True)
    queue: Mapped[Queue] = mapped_column(values_of(Queue, "queue"))
    chapter: Mapped[str | None]
    dsr_id: Mapped[UUID]
    day: Mapped[date]
    opened: Mapped[int]
    ending: Mapped[int]
    third_party: Mapped[int]


class Wait(Base):
    """A third party that has to answer before the agency goes on with a task, such as a counter or a test platform.

    It ends with what they answered, or taken back without an `answer`; by itself when its task is closed.
    """

    __tablename__ = "third_party_wait"
    __table_args__ = (
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_by IS NULL) AND (answer IS NULL OR ended_at IS NOT NULL)",
            name="ended",
        ),
        sa.Index(
            "uq_third_party_wait_open", "task_id", unique=True, postgresql_where=sa.text("ended_at IS NULL")
        ),
        sa.Index("ix_third_party_wait_task_id", "task_id", "started_at"),
        sa.Index("ix_third_party_wait_expected_on", "expected_on", "id"),
    )

    id: Mapped[Id]
    task_id: Mapped[UUID] = mapped_column(sa.ForeignKey("task.id"))
    party: Mapped[str]
    reason: Mapped[str]
    expected_on: Mapped[date]
    asked_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))
    answer: Mapped[str | None]
    overdue_noted_at: Mapped[datetime | None]

    task: Mapped[Task] = relationship()
    asker: Mapped[Account] = relationship(foreign_keys=asked_by)


class Rescheduling(Base):
    """Another day on which a third party's answer is expected, later or sooner, and why."""

    __tablename__ = "third_party_rescheduling"
    __table_args__ = (sa.Index("ix_third_party_rescheduling_wait_id", "wait_id", "id"),)

    id: Mapped[Id]
    wait_id: Mapped[UUID] = mapped_column(sa.ForeignKey("third_party_wait.id"))
    previously: Mapped[date]
    expected_on: Mapped[date]
    reason: Mapped[str]
    decided_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    decided_at: Mapped[datetime]

    decider: Mapped[Account] = relationship()


class Opinion(Base):
    """A question to an expert about a task, by the verifier who has it in hand; the answer, or why it was declined.

    `withdrawn_at` is when it was taken back, unanswered: the expert is asked no more, unless somebody asks again.
    Kept here, as the task is, so that an item can tell since when one is awaited.
    """

    __tablename__ = "opinion"
    __table_args__ = (
        sa.UniqueConstraint("task_id", "expert_id"),
        sa.CheckConstraint(
            "num_nonnulls(answered_at, declined_at) <= 1 "
            "AND (reply IS NULL) = (num_nonnulls(answered_at, declined_at) = 0)",
            name="reply",
        ),
        sa.CheckConstraint("withdrawn_at IS NULL OR reply IS NULL", name="withdrawn_unanswered"),
        sa.Index("ix_opinion_expert_id", "expert_id", "id"),
        sa.Index("ix_opinion_awaited", "due_on", "id", postgresql_where=sa.text("reply IS NULL")),
        sa.Index(
            "ix_opinion_answered_at", "answered_at", postgresql_where=sa.text("answered_at IS NOT NULL")
        ),
    )

    id: Mapped[Id]
    task_id: Mapped[UUID] = mapped_column(sa.ForeignKey("task.id"))
    expert_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    asked_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    question: Mapped[str]
    due_on: Mapped[date]
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    declined_at: Mapped[datetime | None]
    reply: Mapped[str | None]
    withdrawn_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    overdue_noted_at: Mapped[datetime | None]

    task: Mapped[Task] = relationship()
    expert: Mapped[Account] = relationship(foreign_keys=expert_id)
    asker: Mapped[Account] = relationship(foreign_keys=asked_by)
