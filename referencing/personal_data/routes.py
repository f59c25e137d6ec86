"""What is held about a person, handed over, and erased."""

from uuid import UUID

from flask import Response, stream_with_context
from flask_smorest import Blueprint

from referencing.accounts.people.schemas import AccountOut
from referencing.base.permissions import Right
from referencing.base.shapes import shape
from referencing.web.descriptions import OF_A_SHEET, needs, tells
from referencing.web.requests import actor, answer, parts, transaction

from . import copies, erasure, schemas

JSON = "application/json"
blueprint = Blueprint(
    "personal_data", __name__, url_prefix="/api/v1", description="What is held about people, and its erasure"
)


@blueprint.route("/me/personal-data")
@tells(*OF_A_SHEET)
@blueprint.response(200, {"type": "object"}, content_type=JSON)
def copy_own_personal_data() -> Response:
    """What is held about oneself, as JSON with French labels (`personal-data/1`), sent as it is read."""
    return copy_of(actor().account_id)


@blueprint.route("/accounts/<uuid:account>/personal-data")
@needs(Right.ERASE_PEOPLE)
@tells(*OF_A_SHEET)
@blueprint.response(200, {"type": "object"}, content_type=JSON)
def copy_personal_data_of_account(account: UUID) -> Response:
    """What is held about somebody, to be handed to them; the record says who took the copy."""
    return copy_of(account)


@blueprint.route("/accounts/<uuid:account>/erasure")
@needs(Right.ERASE_PEOPLE)
@blueprint.response(200, schemas.ForeseenErasureOut)
def foresee_erasure(account: UUID) -> Response:
    """What erasing somebody would do, kind by kind: what goes, and what stays and why. Nothing is changed."""
    with transaction() as session:
        foreseen = erasure.foresee_erasure(session, actor(), account, parts().settings.kept)
        items = [shape(schemas.ErasurePartOut)(part) for part in foreseen]
        return answer({"items": items, "beyond": schemas.beyond()})


@blueprint.route("/accounts/<uuid:account>/erasure", methods=["POST"])
@needs(Right.ERASE_PEOPLE)
@blueprint.arguments(schemas.ErasureIn)
@blueprint.response(200, schemas.ErasedOut)
def erase_account(words: dict[str, str], account: UUID) -> Response:
    """Erase somebody for good: a number takes the place of their name, and what they did stays under it.

    What an erasure does not reach is in the answer.
    """
    with transaction() as session:
        erased = erasure.erase_person(session, actor(), account, words["reason"])
        return answer(shape(AccountOut)(erased, actor()) | {"beyond": schemas.beyond()})


def copy_of(account: UUID) -> Response:
    """The copy for who asks, as a file."""
    with transaction() as session:
        owner = copies.ask_for_copy(session, actor(), account)
        filename = f"donnees-personnelles-{owner.id}.json"
    pieces = copies.copied(parts().sessions, account, parts().settings.kept)
    headers = {
        "Content-Disposition": f'attachment; filename="{filename}"',
        "Cache-Control": "private, no-store",
    }
    return Response(stream_with_context(pieces), headers=headers, content_type=JSON)
