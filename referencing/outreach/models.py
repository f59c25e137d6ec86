"""Surveys of who would profit from rules, what they found, and the letters written from it."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from referencing.accounts.models import Organisation
from referencing.base.db import Base, Id, Timestamped, values_of
from referencing.solutions.models import Software

from .states import CampaignState, SurveyState


class Presence(StrEnum):
    """Whether a software has a dossier on a DSR, drafts left out: they are their editors' alone."""

    NONE = "none"
    OPEN = "open"
    REFERENCED = "referenced"


class Survey(Base):
    """What one version of a rulebook would cover, software by software; `done` of `total` softwares are looked at.

    `rulebook_id` is None where no rules were in force. `after` is the last software that was looked at;
    `forgotten_at` is when its lines were deleted for their age.
    """

    __tablename__ = "survey"
    __table_args__ = (
        sa.Index(
            "uq_survey_running",
            "rulebook_id",
            "revision",
            unique=True,
            postgresql_where=sa.text("state = 'running'"),
            postgresql_nulls_not_distinct=True,
        ),
    )

    id: Mapped[Id]
    rulebook_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("rulebook.id"))
    revision: Mapped[int | None]
    state: Mapped[SurveyState] = mapped_column(values_of(SurveyState, "state"))
    asked_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    asked_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    forgotten_at: Mapped[datetime | None]
    total: Mapped[int]
    done: Mapped[int]
    after: Mapped[UUID | None]


class SurveyLine(Base):
    """How much of a DSR a software would have, as its open dossier is composed, else as its last one was.

    The counts are of expected proofs by status; of the profiles of that dossier.
    """

    __tablename__ = "survey_line"
    __table_args__ = (sa.Index("ix_survey_line_survey_id", "survey_id", "id"),)

    id: Mapped[Id]
    survey_id: Mapped[UUID] = mapped_column(sa.ForeignKey("survey.id"))
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    software_id: Mapped[UUID] = mapped_column(sa.ForeignKey("software.id"))
    dsr: Mapped[str]
    couloir: Mapped[str]
    dispositif: Mapped[str]
    vague: Mapped[int]
    presence: Mapped[Presence] = mapped_column(values_of(Presence, "presence"))
    covered: Mapped[int]
    to_confirm: Mapped[int]
    awaiting: Mapped[int]
    required: Mapped[int]

    organisation: Mapped[Organisation] = relationship()
    software: Mapped[Software] = relationship()


class Campaign(Base):
    """A letter to the editors of some lines of a survey; `among` is what narrows them down, as the API takes it."""

    __tablename__ = "campaign"

    id: Mapped[Id]
    survey_id: Mapped[UUID] = mapped_column(sa.ForeignKey("survey.id"), index=True)
    subject: Mapped[str]
    text: Mapped[str]
    among: Mapped[dict[str, Any]] = mapped_column(sa.dialects.postgresql.JSONB())
    written_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    written_at: Mapped[datetime]
    sent_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))
    sent_at: Mapped[datetime | None]

    survey: Mapped[Survey] = relationship()

    @property
    def state(self) -> CampaignState:
        return CampaignState.DRAFT if self.sent_at is None else CampaignState.SENT


class CampaignLetter(Timestamped, Base):
    """The letter of a campaign to one editor, once; `dsrs` are those that it tells of, `people` to how many it went."""

    __tablename__ = "campaign_letter"

    campaign_id: Mapped[UUID] = mapped_column(sa.ForeignKey("campaign.id"), primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisation.id"), primary_key=True)
    dsrs: Mapped[list[str]]
    text: Mapped[str]
    people: Mapped[int]

    organisation: Mapped[Organisation] = relationship()
