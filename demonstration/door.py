"""One click signs in as anybody of the cast. The demonstration alone puts this door into the application it serves."""

import sqlalchemy as sa
from flask import Blueprint, Flask, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from demonstration.cast import PEOPLE, Person
from referencing.accounts.models import Account, Organisation
from referencing.accounts.operations import acting
from referencing.base.errors import NotFound
from referencing.base.permissions import Actor
from referencing.console.sign_in.entering import come_in
from referencing.console.wiring import watch_over
from referencing.web.requests import transaction


def open_door(app: Flask) -> None:
    """Show the cast on the sign-in page, and let in who is chosen there."""
    cast = Blueprint("cast", __name__)
    watch_over(cast)
    cast.add_url_rule("/connexion/distribution", view_func=sign_in_as, methods=["POST"])
    app.register_blueprint(cast)
    app.extensions["cast"] = PEOPLE


def sign_in_as() -> Response:
    """Open a session for somebody of the cast. Raises NotFound for who is none, or whose account was closed."""
    chosen = {person.variable: person for person in PEOPLE}.get(request.form.get("person", ""))
    if chosen is None:
        raise NotFound("Cette personne n'est pas de la distribution : choisissez dans la liste.")
    with transaction() as session:
        who = _account_of(session, chosen)
    return come_in(who)


def _account_of(session: Session, person: Person) -> Actor:
    account = session.scalar(
        sa.select(Account.id)
        .outerjoin(Organisation)
        .where(Account.name == person.name, Account.role == person.role, Account.disabled_at.is_(None))
        .where(Organisation.name.is_not_distinct_from(person.organisation))
    )
    if account is None:
        raise NotFound("Le compte de cette personne a été fermé : choisissez quelqu'un d'autre.")
    return acting(session, account)
