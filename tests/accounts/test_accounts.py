"""A key is shown once and kept as a digest; who closes an account or renews its key closes the keys before at once."""

import hashlib
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from referencing.accounts.keys.models import AccountKey
from referencing.accounts.models import Account
from referencing.accounts.operations import create_account, disable_account, identify, renew_key
from referencing.base.errors import Conflict, Invalid, NotFound, Unauthenticated
from referencing.base.permissions import OF_AN_ORGANISATION, Role
from referencing.journal.models import Entry
from tests.clients import Client
from tests.conftest import parts


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """Nothing of it stays."""
    with parts(app).sessions() as opened:
        yield opened


def entries(session: Session) -> list[Entry]:
    """What this transaction has written in the journal."""
    written = sa.text("xmin = pg_current_xact_id()::xid")
    return list(session.scalars(sa.select(Entry).where(written).order_by(Entry.position)))


@pytest.mark.parametrize("role", Role)
def test_a_key_speaks_for_its_account(session: Session, role: Role) -> None:
    organisation = "Éditions Alizé" if role in OF_AN_ORGANISATION else None
    actor = identify(session, create_account(session, "Camille", role, organisation))
    assert (actor.name, actor.role) == ("Camille", role)
    assert (actor.organisation_id is None) == (organisation is None)


def test_keys_are_long_and_none_is_like_another(session: Session) -> None:
    keys = {create_account(session, f"Machine {number}", Role.LEAD) for number in range(20)}
    assert len(keys) == 20
    assert all(key.startswith("ref_") and len(key) >= 40 for key in keys)


@pytest.mark.parametrize("change", [str.lower, str.upper, lambda key: key[:-1], lambda key: key + "x"])
def test_nearly_a_key_is_no_key(session: Session, change: Callable[[str], str]) -> None:
    key = create_account(session, "Camille", Role.LEAD)
    with pytest.raises(Unauthenticated):
        identify(session, change(key))


def test_the_key_is_kept_nowhere(session: Session) -> None:
    key = create_account(session, "Camille", Role.EDITOR, "Éditions Alizé")
    renewed = renew_key(session, "Camille", Role.EDITOR, "Éditions Alizé")
    kept = [str(row) for row in session.execute(sa.select(*AccountKey.__table__.columns))]
    kept += [f"{entry.action} {entry.detail}" for entry in session.scalars(sa.select(Entry))]
    assert not any(secret in text for text in kept for secret in (key, renewed))


def test_the_digest_of_the_key_is_not_in_the_journal(session: Session) -> None:
    key = create_account(session, "Camille", Role.LEAD)
    digest = hashlib.sha256(key.encode()).hexdigest()
    assert all(digest not in str(entry.detail) for entry in entries(session))


def test_the_life_of_an_account_is_in_the_journal(session: Session) -> None:
    create_account(session, "Camille", Role.EDITOR, "Mistral")
    renew_key(session, "Camille", Role.EDITOR, "Mistral")
    disable_account(session, "Camille", Role.EDITOR, "Mistral")
    assert [(entry.action, entry.detail.get("name")) for entry in entries(session)] == [
        ("organisation.created", "Mistral"),
        ("account.created", None),
        ("account.key_added", None),
        ("account.key_added", None),
        ("account.key_renewed", None),
        ("account.disabled", None),
    ], "of a person it holds no name"


def organisation_of(session: Session, name: str, organisation: str) -> UUID | None:
    return identify(session, create_account(session, name, Role.EDITOR, organisation)).organisation_id


def test_colleagues_share_their_organisation(session: Session) -> None:
    alize = organisation_of(session, "Camille", "Éditions Alizé")
    assert organisation_of(session, "Dominique", "Éditions Alizé") == alize
    assert organisation_of(session, "Dominique", "Logiciels du Mistral") != alize


def test_an_account_that_exists_is_not_opened_again(session: Session) -> None:
    create_account(session, "Camille", Role.EDITOR, "Éditions Alizé")
    with pytest.raises(Conflict, match="Camille"):
        create_account(session, "Camille", Role.EDITOR, "Éditions Alizé")


@pytest.mark.parametrize(
    "other",
    [
        ("Camille", Role.EDITOR, "Logiciels du Mistral"),
        ("Camille", Role.INTEGRATION, "Éditions Alizé"),
        ("Dominique", Role.EDITOR, "Éditions Alizé"),
    ],
)
def test_one_that_differs_by_name_role_or_organisation_is_another(
    session: Session, other: tuple[str, Role, str]
) -> None:
    key = create_account(session, "Camille", Role.EDITOR, "Éditions Alizé")
    assert identify(session, create_account(session, *other)) != identify(session, key)


def test_the_database_too_refuses_a_twin_without_organisation(session: Session) -> None:
    create_account(session, "Camille", Role.LEAD)
    session.add(Account(name="Camille", role=Role.LEAD))
    with pytest.raises(IntegrityError):
        session.flush()


@pytest.mark.parametrize("name", ["Zoé Élan", "  Zoé \t Élan\n", unicodedata.normalize("NFD", "Zoé Élan")])
def test_names_that_look_the_same_are_the_same(session: Session, name: str) -> None:
    create_account(session, "Zoé Élan", Role.EDITOR, "Éditions Alizé")
    with pytest.raises(Conflict):
        create_account(session, name, Role.EDITOR, "Éditions Alizé")


@pytest.mark.parametrize(
    "organisation", [" Éditions  Alizé ", unicodedata.normalize("NFD", "Éditions Alizé")]
)
def test_organisations_that_look_the_same_are_the_same(session: Session, organisation: str) -> None:
    alize = organisation_of(session, "Camille", "Éditions Alizé")
    assert organisation_of(session, "Dominique", organisation) == alize


@pytest.mark.parametrize("name", ["", "   ", "\t\n", "\u2003"])
def test_an_account_has_a_name(session: Session, name: str) -> None:
    with pytest.raises(Invalid, match="nom"):
        create_account(session, name, Role.LEAD)


@pytest.mark.parametrize("organisation", ["", "  "])
def test_an_organisation_has_a_name(session: Session, organisation: str) -> None:
    with pytest.raises(Invalid, match="organisation"):
        create_account(session, "Camille", Role.EDITOR, organisation)


@pytest.mark.parametrize("role", Role)
def test_a_role_has_an_organisation_or_is_of_the_agency(session: Session, role: Role) -> None:
    wrong = None if role in OF_AN_ORGANISATION else "Éditions Alizé"
    with pytest.raises(Invalid, match="organisation"):
        create_account(session, "Camille", role, wrong)


@pytest.mark.parametrize("operation", [renew_key, disable_account])
@pytest.mark.parametrize(
    "other",
    [
        ("Dominique", Role.EDITOR, "Éditions Alizé"),
        ("Camille", Role.INTEGRATION, "Éditions Alizé"),
        ("Camille", Role.EDITOR, "Logiciels du Mistral"),
        ("Camille", Role.EDITOR, None),
    ],
)
def test_only_the_account_that_is_named_is_changed(
    session: Session, operation: Callable[..., Any], other: tuple[str, Role, str | None]
) -> None:
    key = create_account(session, "Camille", Role.EDITOR, "Éditions Alizé")
    with pytest.raises(NotFound):
        operation(session, *other)
    identify(session, key)


def test_a_renewed_key_takes_the_place_of_the_one_before(session: Session) -> None:
    before = create_account(session, "Camille", Role.LEAD)
    account = identify(session, before)
    after = renew_key(session, "Camille", Role.LEAD)
    assert identify(session, after) == account
    with pytest.raises(Unauthenticated):
        identify(session, before)


def test_a_closed_account_has_no_key(session: Session) -> None:
    key = create_account(session, "Camille", Role.LEAD)
    disable_account(session, "Camille", Role.LEAD)
    with pytest.raises(Unauthenticated):
        identify(session, key)


def test_a_closed_account_gets_no_new_key(session: Session) -> None:
    """It would be printed, and speak for nobody."""
    create_account(session, "Camille", Role.LEAD)
    disable_account(session, "Camille", Role.LEAD)
    with pytest.raises(Conflict, match="fermé"):
        renew_key(session, "Camille", Role.LEAD)


def test_closing_twice_is_closing_once(session: Session) -> None:
    create_account(session, "Camille", Role.LEAD)
    for _ in range(2):
        disable_account(session, "Camille", Role.LEAD)
    assert [entry.action for entry in entries(session)].count("account.disabled") == 1


@pytest.mark.parametrize("operation", [renew_key, disable_account])
def test_over_http_the_key_stops_working_at_once(
    app: Flask, own_number: int, operation: Callable[..., Any]
) -> None:
    name = f"Camille {own_number}"
    with parts(app).sessions.begin() as session:
        client = Client(app.test_client(), create_account(session, name, Role.LEAD))
    client.get("/dsrs")
    with parts(app).sessions.begin() as session:
        operation(session, name, Role.LEAD)
    problem = client.refused(401, "GET", "/dsrs")
    assert problem["type"] == "urn:referencing:problem:unauthenticated"
