"""The safety record of each rule of a rulebook, as a page to read or print, and as a sheet."""

from uuid import UUID

from flask import Blueprint, url_for
from werkzeug.wrappers import Response

from referencing.console.pages import page
from referencing.console.typed import listed, narrowing
from referencing.equivalence.records.queries import records
from referencing.equivalence.rulebooks.queries import visible_rulebook
from referencing.safeguards.views import KINDS, records_sheet
from referencing.web.pages import sheet
from referencing.web.requests import actor, transaction

from . import entries
from .routes import heading

blueprint = Blueprint("rule_records", __name__)

MOST = 50


@blueprint.get("/regles/<uuid:rulebook>/bilans")
def show(rulebook: UUID) -> Response:
    """The records, in the order of the rules; with `faux`, of those alone of which a reuse was found false.

    With `regle`, of that rule alone.
    """
    chosen = narrowing("faux", "regle")
    wanted = listed(MOST)
    with transaction() as session:
        cursor = wanted.keys(int, int, str)
        rule, found_false = chosen.get("regle"), "faux" in chosen or None
        rows = records(session, actor(), rulebook, cursor, MOST + 1, rule=rule, found_false=found_false)
        kept, following = wanted.of(rows, lambda row: row[0].key)
        return page(
            "rulebooks/records.html",
            **heading(visible_rulebook(session, actor(), rulebook)),
            records=kept,
            kinds=KINDS,
            chosen=chosen,
            said=entries,
            following=following and url_for(".show", **{**chosen, "rulebook": rulebook, "cursor": following}),
        )


@blueprint.get("/regles/<uuid:rulebook>/bilans.csv")
def download(rulebook: UUID) -> Response:
    """All the records of these rules."""
    with transaction() as session:
        rows = records(session, actor(), rulebook, None, None)
    return sheet(f"bilans-{rulebook}", records_sheet(record for _, record in rows))
