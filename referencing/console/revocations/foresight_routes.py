"""What was flagged on the public list; and what will expire, beside what each end would do."""

from datetime import timedelta

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from referencing.base.db import today
from referencing.base.errors import DomainError
from referencing.console.pages import page
from referencing.console.typed import BLANK, Typed, listed, load, mistaken
from referencing.revocations import foresight, queries
from referencing.revocations.schemas import ExpiriesArguments
from referencing.web.pages import Page, id_cursor
from referencing.web.requests import actor, transaction

blueprint = Blueprint("foresight", __name__)

MOST_FLAGS = 50
#: Technical cores on a page: the days of each are played through.
MOST_CORES = 10
#: The days that are looked at where nobody says otherwise.
AHEAD = timedelta(days=90)


@blueprint.get("/revocations/alertes")
def list_flags() -> Response:
    """The items of referenced solutions that stood on what was taken back or expired."""
    wanted = listed(MOST_FLAGS)
    with transaction() as session:
        rows = queries.flags(session, actor(), id_cursor(wanted), MOST_FLAGS + 1)
        kept, following = wanted.of(rows, lambda row: [row.id])
        return page(
            "revocations/flags.html",
            flags=kept,
            following=following and url_for(".list_flags", cursor=following),
        )


@blueprint.get("/revocations/echeances")
def list_expiries() -> Response:
    """What expires until a day, and what that does if nothing else happens before."""
    asked = request.args.get("until", "").strip()
    try:
        return _expiries(asked, BLANK)
    except DomainError as error:
        if error.status != 422:
            raise
        return _expiries("", mistaken({"until": asked}, error), error.status)


def _expiries(asked: str, typed: Typed, status: int = 200) -> Response:
    with transaction() as session:
        until = asked or (today(session) + AHEAD).isoformat()
        said = load(
            ExpiriesArguments(), {"until": until, "limit": MOST_CORES, "cursor": request.args.get("cursor")}
        )
        wanted: Page = said["page"]
        rows = foresight.expiries(session, actor(), said["until"], id_cursor(wanted), MOST_CORES + 1)
        kept, following = wanted.of(rows, lambda row: [row.core])
        dossiers = {
            effect.candidature for core in kept for expiry in core.expiries for effect in expiry.effects
        }
        return page(
            "revocations/expiries.html",
            status,
            until=said["until"],
            cores=[core for core in kept if core.expiries],
            dossiers=queries.dossier_names(session, actor(), dossiers),
            following=following and url_for(".list_expiries", until=until, cursor=following),
            typed=typed,
        )
