"""Invitations over HTTP, for those who manage people; a person accepts theirs in a browser."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Response, request
from flask_smorest import Blueprint

from referencing.accounts.people.queries import organisation as managed_organisation
from referencing.base.permissions import Right, Role
from referencing.base.schemas import page_of
from referencing.base.shapes import shape
from referencing.web.descriptions import LOCATION, needs, tells
from referencing.web.pages import Page, PageArguments, id_cursor, listing
from referencing.web.requests import actor, answer, answer_once, parts, transaction

from . import operations, queries, schemas
from .letter import link
from .operations import Terms
from .queries import Standing

blueprint = Blueprint("invitations", __name__, url_prefix="/api/v1", description="Who is invited by e-mail")

_invitation = shape(schemas.InvitationOut)


@blueprint.route("/invitations")
@needs(Right.MANAGE_PEOPLE)
@blueprint.arguments(schemas.InvitationsArguments, location="query")
@blueprint.response(200, page_of(schemas.InvitationOut))
def list_invitations(arguments: dict[str, Any]) -> Response:
    """The invitations that one sees to, the latest first; they are kept for 90 days after they end."""
    return _listed(arguments["page"], arguments["organisation"])


@blueprint.route("/invitations", methods=["POST"])
@needs(Right.MANAGE_PEOPLE)
@tells(LOCATION)
@blueprint.arguments(schemas.InvitationIn)
@blueprint.response(201, schemas.SentInvitationOut)
def invite_person(words: dict[str, Any]) -> Response:
    """Invite an address to take an account: of one's organisation, for a lead of the agency or of any organisation.

    A letter carries the link. Where this service sends no e-mail, the answer does.
    """
    with transaction() as session:
        return _sent(*operations.invite(session, actor(), terms(), **words), status=201)


@blueprint.route("/invitations/<uuid:invitation>")
@needs(Right.MANAGE_PEOPLE)
@blueprint.response(200, schemas.InvitationOut)
def read_invitation(invitation: UUID) -> Response:
    """One of the invitations that one sees to."""
    with transaction() as session:
        return answer(_invitation(queries.invitation(session, actor(), invitation), actor()))


@blueprint.route("/invitations/<uuid:invitation>/sending", methods=["POST"])
@needs(Right.MANAGE_PEOPLE)
@tells(LOCATION)
@blueprint.response(200, schemas.SentInvitationOut)
def resend_invitation(invitation: UUID) -> Response:
    """Send an invitation again, also one that has expired; the link before serves no more."""
    with transaction() as session:
        return _sent(*operations.resend(session, actor(), terms(), invitation), status=200)


@blueprint.route("/invitations/<uuid:invitation>/revocation", methods=["POST"])
@needs(Right.MANAGE_PEOPLE)
@blueprint.response(200, schemas.InvitationOut)
def revoke_invitation(invitation: UUID) -> Response:
    """Take an invitation back: its link opens nothing any more."""
    with transaction() as session:
        return answer(_invitation(operations.revoke(session, actor(), invitation), actor()))


@blueprint.route("/organisations/<uuid:organisation>/invitations")
@needs(Right.MANAGE_PEOPLE)
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(schemas.InvitationOut))
def list_invitations_of_organisation(arguments: dict[str, Page], organisation: UUID) -> Response:
    """The invitations of an organisation that one sees to, the latest first."""
    return _listed(arguments["page"], organisation)


@blueprint.route("/organisations/<uuid:organisation>/invitations", methods=["POST"])
@needs(Right.MANAGE_PEOPLE)
@tells(LOCATION)
@blueprint.arguments(schemas.ColleagueIn)
@blueprint.response(201, schemas.SentInvitationOut)
def invite_colleague(words: dict[str, Any], organisation: UUID) -> Response:
    """Invite an address to take the account of a person of this organisation."""
    with transaction() as session:
        place = managed_organisation(session, actor(), organisation)
        sent = operations.invite(
            session, actor(), terms(), role=Role.EDITOR, organisation=place.name, **words
        )
        return _sent(*sent, status=201)


def terms() -> Terms:
    """By which invitations are sent here: by e-mail where it is known where from, and where links lead to."""
    settings = parts().settings
    by_mail = settings.smtp_url is not None and settings.public_url is not None
    return Terms(timedelta(days=settings.invitation_days), by_mail)


def shown_link(token: str) -> str:
    """The link for who hands it over, at the address by which they came where no other is set."""
    return link(parts().settings.public_url or request.host_url, token)


def _listed(page: Page, organisation: UUID | None) -> Response:
    with transaction() as session:
        rows = queries.invitations(
            session, actor(), id_cursor(page), page.limit + 1, organisation=organisation
        )
        shown, following = page.of(rows, lambda row: [row.invitation.id])
        return listing([_invitation(row, actor()) for row in shown], following)


def _sent(standing: Standing, token: str | None, *, status: int) -> Response:
    view = _invitation(standing, actor())
    headers = {"Location": f"/api/v1/invitations/{standing.invitation.id}"} if status == 201 else None
    shown = {**view, "link": shown_link(token) if token else None}
    return answer_once(shown, {**view, "link": None}, status, headers)
