"""Noting the tables that people take away, whichever address answers them."""

from flask import Response, request
from werkzeug.http import parse_options_header

from referencing.base.db import transaction
from referencing.web.pages import SHEET
from referencing.web.requests import actor_if_any, parts

from .operations import note_sheet


def note_sheets(response: Response) -> Response:
    """Note a table of ours before a line of it is sent; what is answered to nobody in particular is not noted.

    A CSV that somebody supplied has no `header` in its type.
    """
    who = actor_if_any()
    made_here = response.mimetype == SHEET and response.mimetype_params.get("header") == "present"
    if who is not None and made_here and request.method == "GET":
        _, named = parse_options_header(response.headers.get("Content-Disposition"))
        with transaction(parts().sessions) as session:
            note_sheet(session, who, request.remote_addr, named["filename"])
    return response
