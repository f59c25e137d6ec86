"""The public list of each day, signed, over HTTP, and whether a software was on it: no key is asked for."""

import zlib
from datetime import date
from typing import Any

from flask import Response, request
from flask_smorest import Blueprint

from referencing.base.errors import NotFound
from referencing.base.schemas import page_of
from referencing.heads.notary import Notary
from referencing.web.descriptions import asks_no_key
from referencing.web.pages import SHEET, Page, PageArguments, listing
from referencing.web.rates import network_of
from referencing.web.requests import answer, parts, transaction

from . import queries
from .schemas import (
    AnswerArguments,
    ContentArguments,
    DayListOut,
    ListFormat,
    RegisterAnswerOut,
    SignedDayOut,
)
from .signing import answer_for
from .statements import name_of

blueprint = Blueprint("register_days", __name__, url_prefix="/api/v1", description="The public list, signed")

#: Seconds for which a copy may be shown of what never changes.
_FOR_GOOD = 365 * 86400
_KINDS = {ListFormat.JSON: "application/json", ListFormat.CSV: f"{SHEET}; charset=utf-8"}


@blueprint.route("/register/days")
@asks_no_key()
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, page_of(SignedDayOut))
def read_days(arguments: dict[str, Page]) -> Response:
    """What was signed of the list of each day, the latest first. Who keeps one holds the agency to it."""
    page = arguments["page"]
    with transaction() as session:
        signed = queries.days(session, page.keys(date.fromisoformat), page.limit + 1)
        on_page, following = page.of(signed, lambda signed: [signed.day])
        return listing([signed.statement for signed in on_page], following)


@blueprint.route("/register/days/<part:day>")
@asks_no_key()
@blueprint.response(200, SignedDayOut)
def read_day(day: str) -> Response:
    """What was signed of the list of a day (YYYY-MM-DD, in Paris), at whose end it stood so."""
    with transaction() as session:
        return answer(queries.day(session, day_of(day)).statement)


@blueprint.route("/register/days/<part:day>/list")
@asks_no_key()
@blueprint.arguments(ContentArguments, location="query")
@blueprint.response(200, DayListOut)
@blueprint.doc(responses={200: {"content": {SHEET: {"schema": {"type": "string"}}}}})
def read_list(arguments: dict[str, Any], day: str) -> Response:
    """The list itself, byte for byte what was signed."""
    chosen: ListFormat = arguments["format"]
    with transaction() as session:
        signed = queries.day(session, day_of(day))
        written = zlib.decompress(getattr(signed.content, chosen))
        name = name_of(signed.day, chosen)
    response = Response(written, content_type=_KINDS[chosen])
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    response.headers["Cache-Control"] = f"public, max-age={_FOR_GOOD}, immutable"
    return response


@blueprint.route("/register/standing")
@asks_no_key()
@blueprint.arguments(AnswerArguments, location="query")
@blueprint.response(200, RegisterAnswerOut)
def read_standing(arguments: dict[str, Any]) -> Response:
    """Whether the software of a NIL was referenced on a DSR at the end of a day, signed; today where none is given.

    120 questions a minute from one place.
    """
    parts().rates.count_question(network_of(request.remote_addr))
    with transaction() as session:
        return answer(answer_for(session, Notary.of(parts().settings), **arguments))


def day_of(written: str) -> date:
    """The day that an address names. Raises NotFound for what is none."""
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise NotFound("Écrivez le jour ainsi : 2026-03-02.") from None
