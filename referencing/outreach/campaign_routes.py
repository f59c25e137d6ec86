"""Letters to the editors who would profit, over HTTP: written, read over, sent once, followed."""

from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from referencing.base.permissions import Right
from referencing.base.schemas import page_of
from referencing.base.shapes import shape
from referencing.web.descriptions import LOCATION, needs, tells
from referencing.web.pages import Page, PageArguments, id_cursor, listing
from referencing.web.requests import actor, answer, transaction

from . import campaigns, queries, schemas
from .models import Campaign

blueprint = Blueprint(
    "campaigns", __name__, url_prefix="/api/v1", description="Letters to who would profit from rules"
)

_campaign = shape(schemas.CampaignOut)
_letter = shape(schemas.CampaignLetterOut)


@blueprint.route("/surveys/<uuid:survey>/campaigns", methods=["POST"])
@needs(Right.REACH_EDITORS)
@tells(LOCATION)
@blueprint.arguments(schemas.CampaignIn, required=False)
@blueprint.response(201, schemas.CampaignOut)
def compose_campaign(words: dict[str, Any], survey: UUID) -> Response:
    """Write a letter to the editors of some lines of a survey; it is sent later."""
    with transaction() as session:
        campaign = campaigns.compose(session, actor(), survey, **words)
        return answer(_campaign(campaign, actor()), 201, {"Location": f"/api/v1/campaigns/{campaign.id}"})


@blueprint.route("/surveys/<uuid:survey>/campaigns")
@needs(Right.REACH_EDITORS)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(schemas.CampaignOut))
def list_campaigns(arguments: dict[str, Page], survey: UUID) -> Response:
    """The letters written from a survey, in the order of writing."""
    page = arguments["page"]
    with transaction() as session:
        rows = queries.campaigns(session, actor(), survey, id_cursor(page), page.limit + 1)
        on_page, following = page.of(rows, lambda campaign: [campaign.id])
        return listing([_campaign(campaign, actor()) for campaign in on_page], following)


@blueprint.route("/campaigns/<uuid:campaign>")
@needs(Right.REACH_EDITORS)
@blueprint.response(200, schemas.CampaignOut)
def read_campaign(campaign: UUID) -> Response:
    """A letter, with what narrows its editors down."""
    with transaction() as session:
        return _answer(queries.campaign(session, actor(), campaign))


@blueprint.route("/campaigns/<uuid:campaign>", methods=["PUT"])
@needs(Right.REACH_EDITORS)
@blueprint.arguments(schemas.TemplateWordsIn)
@blueprint.response(200, schemas.CampaignOut)
def edit(words: dict[str, str], campaign: UUID) -> Response:
    """Change the subject and the text of a letter that is not sent."""
    with transaction() as session:
        return _answer(campaigns.edit(session, actor(), campaign, **words))


@blueprint.route("/campaigns/<uuid:campaign>/sending", methods=["POST"])
@needs(Right.REACH_EDITORS)
@blueprint.response(200, schemas.CampaignOut)
def send(campaign: UUID) -> Response:
    """Send a letter, once, to who answers for each of its editors."""
    with transaction() as session:
        return _answer(campaigns.send(session, actor(), campaign))


@blueprint.route("/campaigns/<uuid:campaign>/letters")
@needs(Right.REACH_EDITORS)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(schemas.CampaignLetterOut))
def list_campaign_letters(arguments: dict[str, Page], campaign: UUID) -> Response:
    """The letter to each editor as it would be written, or was; once sent, what the editor opened since."""
    page = arguments["page"]
    with transaction() as session:
        stored = queries.campaign(session, actor(), campaign)
        letters = campaigns.letters(session, actor(), stored, id_cursor(page), page.limit + 1)
        on_page, following = page.of(letters, lambda letter: [letter.organisation.id])
        return listing([_letter(letter) for letter in on_page], following)


def _answer(campaign: Campaign) -> Response:
    return answer(_campaign(campaign, actor()))
