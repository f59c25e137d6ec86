"""Who would profit from rules: surveys with their progress, their lines, and the letters written from them."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from referencing.base.errors import DomainError
from referencing.base.permissions import Right, authorise
from referencing.console.pages import page
from referencing.console.typed import BLANK, Typed, listed, load, narrowing, refused, words
from referencing.equivalence.rulebooks.queries import rulebooks
from referencing.outreach import campaigns, operations, queries, wording
from referencing.outreach.models import Presence, SurveyLine
from referencing.outreach.schemas import NARROWING, AmongIn, SurveyIn, TemplateWordsIn, among_of
from referencing.outreach.states import CAMPAIGN, SURVEY, SurveyState
from referencing.outreach.views import PRESENCES, lines_sheet
from referencing.web.pages import MAX_PAGE, id_cursor, whole_sheet
from referencing.web.requests import actor, transaction

blueprint = Blueprint("outreach", __name__)

#: How many are on a page of a list.
MOST = 50


@blueprint.get("/pilotage/beneficiaires")
def find() -> Response:
    """The surveys, and the form that asks for one."""
    return _list(BLANK)


@blueprint.post("/pilotage/beneficiaires")
def start() -> Response:
    """Look at every software under the rules in force, or a draft."""
    try:
        said = load(SurveyIn(), words("rulebook"))
        with transaction() as session:
            survey = operations.start(session, actor(), said["rulebook"])
    except DomainError as error:
        return _list(refused(error), error.status)
    return redirect(url_for(".show", survey=survey.id), 303)


def _list(typed: Typed, status: int = 200) -> Response:
    wanted, wanted_rules = listed(MOST), listed(MOST, "regles")
    with transaction() as session:
        rows = queries.surveys(session, actor(), id_cursor(wanted), MOST + 1)
        kept, following = wanted.of(rows, lambda row: [row.id])
        written = rulebooks(session, actor(), id_cursor(wanted_rules), MOST + 1, newest=True)
        choices, older_rules = wanted_rules.of(written, lambda rulebook: [rulebook.id])
        return page(
            "outreach/list.html",
            status,
            surveys=kept,
            following=following and url_for(".find", cursor=following),
            rulebooks=choices,
            older_rules=older_rules and url_for(".find", regles=older_rules, _anchor="new"),
            typed=typed,
        )


@blueprint.get("/pilotage/beneficiaires/<uuid:survey>")
def show(survey: UUID) -> Response:
    """How far a survey is; once finished, its lines as they are narrowed down, and the letters written from it."""
    return _page(survey, BLANK)


@blueprint.post("/pilotage/beneficiaires/<uuid:survey>/abandon")
def cancel(survey: UUID) -> Response:
    """Give up a survey that runs."""
    try:
        with transaction() as session:
            operations.cancel(session, actor(), survey)
    except DomainError as error:
        return _page(survey, refused(error), error.status)
    return redirect(url_for(".show", survey=survey), 303)


@blueprint.post("/pilotage/beneficiaires/<uuid:survey>/lettre")
def compose(survey: UUID) -> Response:
    """Write a letter to the editors of the lines that were shown."""
    try:
        among = among_of(load(AmongIn(), words(*NARROWING)))
        with transaction() as session:
            campaign = campaigns.compose(session, actor(), survey, among)
    except DomainError as error:
        return _page(survey, refused(error), error.status)
    return redirect(url_for(".show_campaign", campaign=campaign.id), 303)


def _page(survey_id: UUID, typed: Typed, status: int = 200) -> Response:
    wanted, wanted_letters, chosen = listed(MOST), listed(MOST, "lettres"), narrowing(*NARROWING)
    with transaction() as session:
        survey = queries.survey(session, actor(), survey_id)
        kept: Sequence[SurveyLine] = ()
        following = None
        if survey.state is SurveyState.FINISHED:
            among = among_of(load(AmongIn(), chosen))
            rows = queries.lines(session, actor(), survey_id, among, id_cursor(wanted), MOST + 1)
            kept, following = wanted.of(rows, lambda row: [row.id])
        written = queries.campaigns(session, actor(), survey_id, id_cursor(wanted_letters), MOST + 1)
        campaigns_shown, more_letters = wanted_letters.of(written, lambda campaign: [campaign.id])
        return page(
            "outreach/survey.html",
            status,
            survey=survey,
            lines=kept,
            contacts=queries.contacts(session, list({line.organisation_id for line in kept})),
            campaigns=campaigns_shown,
            more_letters=more_letters
            and url_for(".show", survey=survey_id, **{**chosen, "lettres": more_letters}, _anchor="letters"),
            may_cancel=bool(SURVEY.open_to(actor(), survey.state)),
            presences={presence.value: PRESENCES[presence] for presence in Presence},
            chosen=chosen,
            sheet=f"{url_for('.download', survey=survey_id)}?{urlencode(chosen)}",
            following=following
            and f"{url_for('.show', survey=survey_id)}?{urlencode({**chosen, 'cursor': following})}",
            typed=typed,
        )


@blueprint.get("/pilotage/beneficiaires/<uuid:survey>.csv")
def download(survey: UUID) -> Response:
    """The lines that the page would show, all of them, as a sheet: a page and a short transaction after the other."""
    authorise(actor(), Right.REACH_EDITORS)
    among, who = among_of(load(AmongIn(), narrowing(*NARROWING))), actor()

    def written(session: Session, cursor: Sequence[Any] | None) -> tuple[str, Sequence[SurveyLine]]:
        lines = queries.lines(session, who, survey, among, cursor, MAX_PAGE)
        contacts = queries.contacts(session, list({line.organisation_id for line in lines}))
        return lines_sheet(lines, contacts, header=cursor is None), lines

    return whole_sheet("beneficiaires", written, lambda line: [line.id], MAX_PAGE)


@blueprint.get("/pilotage/lettres/<uuid:campaign>")
def show_campaign(campaign: UUID) -> Response:
    """A letter with its template, what each editor would read, and once it is sent what they opened since."""
    return _campaign_page(campaign, BLANK)


@blueprint.post("/pilotage/lettres/<uuid:campaign>")
def edit(campaign: UUID) -> Response:
    """Change the template, or send the letter as it was kept."""
    try:
        with transaction() as session:
            if request.form.get("act") == "send":
                campaigns.send(session, actor(), campaign)
            else:
                said = load(TemplateWordsIn(), words("subject", "text"))
                campaigns.edit(session, actor(), campaign, **said)
    except DomainError as error:
        return _campaign_page(campaign, refused(error), error.status)
    return redirect(url_for(".show_campaign", campaign=campaign), 303)


def _campaign_page(campaign_id: UUID, typed: Typed, status: int = 200) -> Response:
    wanted = listed(MOST)
    with transaction() as session:
        campaign = queries.campaign(session, actor(), campaign_id)
        letters = campaigns.letters(session, actor(), campaign, id_cursor(wanted), MOST + 1)
        kept, following = wanted.of(letters, lambda letter: [letter.organisation.id])
        return page(
            "outreach/campaign.html",
            status,
            campaign=campaign,
            letters=kept,
            to_nobody="" if kept else campaigns.to_nobody(campaign),
            following=following and url_for(".show_campaign", campaign=campaign_id, cursor=following),
            actions=CAMPAIGN.open_to(actor(), campaign.state),
            placeholders=wording.PLACEHOLDERS,
            typed=typed,
        )
