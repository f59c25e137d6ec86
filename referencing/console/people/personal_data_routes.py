"""What is held about people: one's own copy, and for leads a copy to hand over and an erasure."""

from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from referencing.accounts.models import Account
from referencing.base.errors import DomainError, Invalid
from referencing.console.pages import page
from referencing.console.typed import BLANK, Typed, load, refused, words
from referencing.personal_data import erasure
from referencing.personal_data.beyond import BEYOND
from referencing.personal_data.fates import FATES, Fate
from referencing.personal_data.routes import copy_of
from referencing.personal_data.schemas import ErasureIn
from referencing.web.requests import actor, parts, transaction

blueprint = Blueprint("personal_data", __name__)


@blueprint.get("/compte/donnees")
def copy_own() -> Response:
    """What is held about oneself, as a file."""
    return copy_of(actor().account_id)


@blueprint.post("/personnes/<uuid:account>/donnees")
def copy_anybodys(account: UUID) -> Response:
    """What is held about somebody, as a file to hand over to them: the record says so, so that no link does it."""
    return copy_of(account)


@blueprint.get("/personnes/<uuid:account>/effacement")
def show_erasure(account: UUID) -> Response:
    """What erasing them would do."""
    return _page(account, BLANK)


@blueprint.post("/personnes/<uuid:account>/effacement")
def erase(account: UUID) -> Response:
    """Erase them for good, once it was said that this is meant."""
    try:
        reason = load(ErasureIn(), words("reason"))["reason"]
        if not request.form.get("meant"):
            raise Invalid("Cochez la case : une personne effacée ne se retrouve pas.")
        with transaction() as session:
            erasure.erase_person(session, actor(), account, reason)
    except DomainError as error:
        return _page(account, refused(error), error.status)
    return redirect(url_for("console.people.show", account=account, fait="effacement"), 303)


def _page(account: UUID, typed: Typed, status: int = 200) -> Response:
    with transaction() as session:
        foreseen = erasure.foresee_erasure(session, actor(), account, parts().settings.kept)
        return page(
            "people/erasure.html",
            status,
            account=session.get_one(Account, account),
            going=[part for part in foreseen if part.kind.fate is not Fate.KEPT],
            staying=[part for part in foreseen if part.kind.fate is Fate.KEPT],
            beyond=BEYOND,
            fates=FATES,
            most=erasure.MOST_COUNTED,
            typed=typed,
        )
