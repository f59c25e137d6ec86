"""The life of a survey of who would profit, and of a letter to them. Pure."""

from enum import StrEnum

from referencing.base.lifecycle import Lifecycle
from referencing.base.permissions import Right


class SurveyState(StrEnum):
    RUNNING = "running"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    OUTDATED = "outdated"  # its rules were edited
    FAILED = "failed"


class SurveyAction(StrEnum):
    CANCEL = "cancel"
    FINISH = "finish"
    OUTDATE = "outdate"
    FAIL = "fail"


SURVEY = Lifecycle(
    {
        (SurveyState.RUNNING, SurveyAction.CANCEL): SurveyState.CANCELLED,
        (SurveyState.RUNNING, SurveyAction.FINISH): SurveyState.FINISHED,
        (SurveyState.RUNNING, SurveyAction.OUTDATE): SurveyState.OUTDATED,
        (SurveyState.RUNNING, SurveyAction.FAIL): SurveyState.FAILED,
    },
    {
        SurveyState.RUNNING: "en cours",
        SurveyState.FINISHED: "terminée",
        SurveyState.CANCELLED: "abandonnée",
        SurveyState.OUTDATED: "dépassée",
        SurveyState.FAILED: "échouée",
    },
    {SurveyAction.CANCEL: "abandonner"},
    {SurveyAction.CANCEL: Right.REACH_EDITORS},
)


class CampaignState(StrEnum):
    DRAFT = "draft"
    SENT = "sent"


class CampaignAction(StrEnum):
    EDIT = "edit"
    SEND = "send"


CAMPAIGN = Lifecycle(
    {
        (CampaignState.DRAFT, CampaignAction.EDIT): CampaignState.DRAFT,
        (CampaignState.DRAFT, CampaignAction.SEND): CampaignState.SENT,
    },
    {CampaignState.DRAFT: "en préparation", CampaignState.SENT: "envoyée"},
    {CampaignAction.EDIT: "modifier", CampaignAction.SEND: "envoyer"},
    {CampaignAction.EDIT: Right.REACH_EDITORS, CampaignAction.SEND: Right.REACH_EDITORS},
)
