"""Organisations manage their people and keys, a lead everybody's; outside one's walls there is nothing."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from referencing.accounts.models import Organisation
from referencing.accounts.openid.models import ExternalIdentity
from referencing.accounts.operations import actor_of, register_account
from referencing.accounts.people import operations as people
from referencing.accounts.people.states import beyond_key
from referencing.accounts.siren import is_siren
from referencing.base import db
from referencing.base.permissions import Actor, Function, Right, Role, may
from referencing.web.models import RepeatableRequest
from tests.builders import person as person_of
from tests.builders import somebody, unheard
from tests.clients import Client
from tests.conftest import Time, parts

SIREN = "732829320"
IN_A_MONTH = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()


@pytest.fixture
def lead(shared_app: Flask) -> Client:
    return somebody(shared_app, Role.LEAD)


@pytest.fixture
def organisation() -> str:
    return f"Éditions {unheard()}"


def as_key(of: Client, key: str) -> Client:
    return Client(of.http, key)


@pytest.fixture
def opened(lead: Client, organisation: str) -> Any:
    """What the lead is answered, who opens the account of an organisation's mandataire."""
    return lead.post("/accounts", {"name": "Inès Morel", "role": "editor", "organisation": organisation})


@pytest.fixture
def mandataire(lead: Client, opened: Any) -> Client:
    return as_key(lead, opened["key"])


def salarie(mandataire: Client, name: str = "Théo Blanc") -> Any:
    return mandataire.post("/accounts", {"name": name, "role": "editor", "function": "salarie"})


def test_an_account_begins_with_a_key_that_is_shown_once(
    lead: Client, mandataire: Client, opened: Any
) -> None:
    assert mandataire.get("/me")["name"] == "Inès Morel"
    assert mandataire.get("/me")["function"] == "mandataire"
    assert "key" not in lead.get(f"/accounts/{opened['id']}")
    (key,) = lead.get(f"/accounts/{opened['id']}/keys")["items"]
    assert opened["key"] not in str(key)
    assert key["last_used_from"] == "127.0.0.1"


def test_a_mandataire_sees_the_organisations_people_and_nobody_else(
    lead: Client, mandataire: Client, opened: Any
) -> None:
    colleague = salarie(mandataire)
    stranger = lead.post(
        "/accounts", {"name": "Ailleurs", "role": "editor", "organisation": f"Autre {unheard()}"}
    )
    assert [one["id"] for one in mandataire.every("/accounts")] == [opened["id"], colleague["id"]]
    (own,) = mandataire.get("/organisations")["items"]
    assert own["name"] == opened["organisation"]["name"]
    for path in (f"/accounts/{stranger['id']}", f"/accounts/{stranger['id']}/keys"):
        mandataire.refused(404, "GET", path)
    mandataire.refused(404, "POST", f"/accounts/{stranger['id']}/closing")
    mandataire.refused(404, "POST", f"/accounts/{stranger['id']}/keys", json={"name": "x"})
    mandataire.refused(403, "POST", "/accounts", json={"name": "x", "role": "lead"})
    elsewhere = {"name": "x", "role": "editor", "organisation": stranger["organisation"]["name"]}
    mandataire.refused(403, "POST", "/accounts", json=elsewhere)


def test_a_function_says_what_a_person_may_do(mandataire: Client) -> None:
    colleague = salarie(mandataire)
    person = as_key(mandataire, colleague["key"])
    rights = set(person.get("/me")["rights"])
    assert {"prepare_candidatures", "supply_proofs", "discuss"} <= rights
    assert rights.isdisjoint({"file_candidatures", "manage_people", "sign_minutes", "answer_audits"})
    refused = person.refused(403, "GET", "/accounts")
    assert "Votre fonction (salarié)" in refused["detail"]
    mandataire.put(f"/accounts/{colleague['id']}/function", {"function": "representant"})
    assert "file_candidatures" in person.get("/me")["rights"]


def test_an_organisation_keeps_a_mandataire(lead: Client, mandataire: Client, opened: Any) -> None:
    own = f"/accounts/{opened['id']}"
    refused = mandataire.refused(409, "PUT", f"{own}/function", json={"function": "salarie"})
    assert "n'aurait plus de mandataire" in refused["detail"]
    lead.refused(409, "POST", f"{own}/closing")
    successor = salarie(mandataire)
    lead.refused(422, "PUT", f"/accounts/{successor['id']}/function", json={"function": "mandataire"})
    said = {"function": "mandataire", "reason": "Lettre du 3 mars."}
    lead.put(f"/accounts/{successor['id']}/function", said)
    assert mandataire.put(f"{own}/function", {"function": "salarie"})["function"] == "salarie"


def test_who_leaves_has_no_access_from_the_next_request_on(mandataire: Client, opened: Any) -> None:
    colleague = salarie(mandataire)
    person = as_key(mandataire, colleague["key"])
    person.get("/me")
    closed = mandataire.post(f"/accounts/{colleague['id']}/closing", status=200)
    assert closed["closed_at"] is not None
    person.refused(401, "GET", "/me")
    mandataire.refused(409, "POST", f"/accounts/{colleague['id']}/keys", json={"name": "x"})
    mandataire.refused(409, "POST", f"/accounts/{opened['id']}/closing")
    assert [one["id"] for one in mandataire.every("/accounts?closed=true")] == [colleague["id"]]


def test_keys_are_named_narrowed_and_revoked(mandataire: Client) -> None:
    made = mandataire.post(
        "/me/keys", {"name": "Usine", "rights": ["read_catalogue"], "last_day": "2099-01-31"}
    )
    narrow = as_key(mandataire, made["key"])
    assert narrow.get("/me")["rights"] == ["read_catalogue"]
    narrow.get("/dsrs")
    assert "portée" in narrow.refused(403, "GET", "/accounts")["detail"]
    mandataire.expect(200, mandataire.send("PATCH", f"/me/keys/{made['id']}", json={"name": "Usine de Lyon"}))
    names = [one["name"] for one in mandataire.every("/me/keys")]
    assert names == ["première clé", "Usine de Lyon"]
    mandataire.expect(204, mandataire.send("DELETE", f"/me/keys/{made['id']}"))
    narrow.refused(401, "GET", "/me")


def test_a_key_is_shown_once_also_to_who_repeats_the_request(shared_app: Flask, mandataire: Client) -> None:
    for path, words in (
        ("/me/keys", {"name": "Usine"}),
        ("/accounts", {"name": "Théo Blanc", "role": "editor", "function": "salarie"}),
    ):
        headers = {"Idempotency-Key": path}
        first = mandataire.post(path, words, headers=headers)
        again = mandataire.post(path, words, headers=headers)
        assert as_key(mandataire, first["key"]).get("/me")
        assert again == first | {"key": None, "withheld": again["withheld"]}
        assert "révoquez-la" in again["withheld"]
        with db.transaction(parts(shared_app).sessions) as session:
            kept = session.scalars(sa.select(RepeatableRequest.body)).all()
        assert not any(first["key"].encode() in body for body in kept if body)
    assert [one["name"] for one in mandataire.every("/me/keys")] == ["première clé", "Usine"]


def test_a_narrow_key_makes_no_wider_one(mandataire: Client) -> None:
    narrow = as_key(
        mandataire, mandataire.post("/me/keys", {"name": "A", "rights": ["read_catalogue"]})["key"]
    )
    wider = {"name": "B", "rights": ["read_catalogue", "manage_people"]}
    (error,) = narrow.refused(422, "POST", "/me/keys", json=wider)["errors"]
    assert error["pointer"] == "/rights/1"
    assert narrow.post("/me/keys", {"name": "C"})["rights"] == ["read_catalogue"]


def test_a_narrow_key_shuts_out_nothing_that_opens_more(mandataire: Client) -> None:
    def narrowed(*rights: str) -> Any:
        return mandataire.post("/me/keys", {"name": "A", "rights": rights})

    made, wide = narrowed("read_catalogue", "manage_people"), mandataire.post("/me/keys", {"name": "B"})
    other, alike = narrowed("file_candidatures"), narrowed("read_catalogue")
    narrow, own = as_key(mandataire, made["key"]), f"/accounts/{mandataire.get('/me')['id']}"
    for key in (wide, other):
        for path in (f"/me/keys/{key['id']}", f"{own}/keys/{key['id']}"):
            assert "portée" in narrow.refused(403, "DELETE", path)["detail"]
            narrow.refused(403, "PATCH", path, json={"name": "C"})
    for path in ("/me/sessions", f"/me/sessions/{wide['id']}", f"{own}/sessions/{wide['id']}"):
        narrow.refused(403, "DELETE", path)
    for key in (alike, made):
        narrow.expect(204, narrow.send("DELETE", f"/me/keys/{key['id']}"))


def test_a_narrow_key_makes_no_wider_one_for_others(mandataire: Client) -> None:
    keys = f"/accounts/{salarie(mandataire)['id']}/keys"
    rights = ["manage_people", "read_catalogue"]
    narrow = as_key(mandataire, mandataire.post("/me/keys", {"name": "A", "rights": rights})["key"])
    assert narrow.post(keys, {"name": "B"})["rights"] == ["read_catalogue"], "what both open"
    wider = {"name": "C", "rights": ["prepare_candidatures"]}
    (error,) = narrow.refused(422, "POST", keys, json=wider)["errors"]
    assert error["pointer"] == "/rights/0"
    newcomer = as_key(mandataire, salarie(narrow, "Zoé Vidal")["key"])
    assert newcomer.get("/me")["rights"] == ["read_catalogue"]
    for_people = mandataire.post("/me/keys", {"name": "D", "rights": ["manage_people"]})["key"]
    narrowest = as_key(mandataire, for_people)
    assert "portée" in narrowest.refused(403, "POST", keys, json={"name": "E"})["detail"]


def test_a_narrow_key_lets_nobody_in_to_more_than_it_opens(shared_app: Flask, lead: Client) -> None:
    """Who accepts an invitation or comes from an issuer has all of an account: no scope is theirs."""
    managing = ["manage_people", "read_catalogue", "read_rulebooks"]
    narrow = as_key(lead, lead.post("/me/keys", {"name": "A", "rights": managing})["key"])
    invitation = {"address": f"{unheard()}@agence.example", "role": "lead"}
    assert "portée" in narrow.refused(403, "POST", "/invitations", json=invitation)["detail"]
    made = lead.post("/invitations", invitation)
    seen = narrow.get(f"/invitations/{made['id']}")
    assert (made["actions"], seen["actions"]) == (["resend", "revoke"], ["revoke"])
    narrow.refused(403, "POST", f"/invitations/{made['id']}/sending")
    assert narrow.post(f"/invitations/{made['id']}/revocation", status=200)["state"] == "revoked"
    with db.transaction(parts(shared_app).sessions) as session:
        newcomer = ExternalIdentity(
            id=db.new_id(), issuer="https://identite.example", subject=unheard(), name=unheard(), machine=False,
            first_seen_at=db.now(session), seen_at=db.now(session), waiting=True, linked=False,
        )  # fmt: skip
        session.add(newcomer)
        session.flush()
        acceptance = f"/newcomers/{newcomer.id}/acceptance"
    existing = lead.post("/accounts", {"name": unheard(), "role": "auditor"})["id"]
    for words in ({"role": "verifier"}, {"account": existing}):
        assert "portée" in narrow.refused(403, "POST", acceptance, json=words)["detail"]
    lead.post(acceptance, {"role": "verifier"}, status=200)


@pytest.mark.parametrize(
    ("role", "function"),
    [
        *((role, None) for role in Role if role is not Role.EDITOR),
        *((Role.EDITOR, function) for function in Function),
    ],
)
def test_a_key_of_all_that_a_post_may_reaches_it_and_a_narrower_one_does_not(
    role: Role, function: Function | None
) -> None:
    post = Actor(db.new_id(), "post", role, function=function)
    rights = frozenset(right for right in Right if may(post, right))
    lead = Actor(db.new_id(), "lead", Role.LEAD)
    assert not beyond_key(lead, role, function)
    assert not beyond_key(replace(lead, scope=rights), role, function)
    for right in rights:
        assert beyond_key(replace(lead, scope=rights - {right}), role, function)


def test_a_key_has_no_right_that_its_account_has_not(mandataire: Client) -> None:
    words = {"name": "A", "rights": ["decide", "read_catalogue"]}
    (error,) = mandataire.refused(422, "POST", "/me/keys", json=words)["errors"]
    assert error["pointer"] == "/rights/0"
    words = {"name": "A", "rights": ["read_catalogue", "manage_people"]}
    keys = f"/accounts/{salarie(mandataire)['id']}/keys"
    (error,) = mandataire.refused(422, "POST", keys, json=words)["errors"]
    assert error["pointer"] == "/rights/1", "its function does not have it"


def test_a_key_whose_last_day_has_passed_is_refused(mandataire: Client) -> None:
    words = {"name": "A", "last_day": "2001-01-31"}
    (error,) = mandataire.refused(422, "POST", "/me/keys", json=words)["errors"]
    assert error["pointer"] == "/last_day"


def test_a_siren_is_checked_by_its_key(lead: Client, mandataire: Client, opened: Any) -> None:
    address = f"/organisations/{opened['organisation']['id']}/siren"
    assert lead.put(address, {"siren": "732 829 320"})["siren"] == SIREN
    lead.refused(422, "PUT", address, json={"siren": "732829321"})
    mandataire.refused(403, "PUT", address, json={"siren": SIREN})
    other = lead.post("/accounts", {"name": "Autre", "role": "editor", "organisation": f"Autre {unheard()}"})
    lead.refused(409, "PUT", f"/organisations/{other['organisation']['id']}/siren", json={"siren": SIREN})


@pytest.fixture
def delegate(mandataire: Client) -> tuple[Client, str]:
    """A colleague to whom managing people is delegated, and where that is told."""
    colleague = salarie(mandataire)
    return as_key(mandataire, colleague["key"]), f"/accounts/{colleague['id']}/delegation"


def test_managing_people_is_delegated_and_ended(mandataire: Client, delegate: tuple[Client, str]) -> None:
    person, address = delegate
    last = IN_A_MONTH
    told = mandataire.put(address, {"ends_on": last})
    assert told["delegated_until"] == last
    me = person.get("/me")
    assert "manage_people" in me["rights"]
    assert me["delegated_until"] == last
    newcomer = salarie(person, "Zoé Vidal")
    person.put(f"/accounts/{newcomer['id']}/function", {"function": "representant"})
    mandataire.expect(204, mandataire.send("DELETE", address))
    person.refused(403, "GET", "/accounts")
    mandataire.refused(409, "DELETE", address)


def test_a_delegation_makes_nothing_that_would_outlast_it(
    mandataire: Client, opened: Any, delegate: tuple[Client, str]
) -> None:
    person, address = delegate
    mandataire.put(address, {"ends_on": IN_A_MONTH})
    asked = {"address": "y@y.example", "role": "editor", "function": "mandataire"}
    invitation = f"/invitations/{mandataire.post('/invitations', asked)['id']}"
    own, above = address.removesuffix("/delegation"), f"/accounts/{opened['id']}"
    function, day = {"function": "representant"}, {"ends_on": "2099-01-01"}
    for method, path, words in (
        ("POST", "/accounts", {"name": "x", "role": "editor", "function": "mandataire"}),
        ("POST", "/accounts", {"name": "x", "role": "editor"}),
        ("POST", "/invitations", {"address": "x@x.example", "role": "editor", "function": "mandataire"}),
        ("POST", f"{invitation}/sending", None),
        ("POST", f"{invitation}/revocation", None),
        ("PUT", f"{own}/function", function),
        ("PUT", address, day),
        ("PUT", f"{above}/function", function),
        ("POST", f"{above}/closing", None),
        ("POST", f"{above}/keys", {"name": "x"}),
    ):
        person.refused(403, method, path, json=words)
    assert [one.get(invitation)["actions"] for one in (person, mandataire)] == [[], ["resend", "revoke"]]


@pytest.mark.parametrize(
    "days",
    [
        {"ends_on": "2001-01-01"},
        {"ends_on": "2099-01-01"},
        {"starts_on": "2001-01-01", "ends_on": "2098-01-01"},
    ],
)
def test_a_delegation_of_other_days_is_refused(
    mandataire: Client, delegate: tuple[Client, str], days: dict[str, str]
) -> None:
    _, address = delegate
    mandataire.refused(422, "PUT", address, json=days)


def test_a_delegation_begins_and_ends_with_its_days_in_paris(scratch: Session, time: Time) -> None:
    mandataire = person_of(scratch, Role.EDITOR, f"Alizé {unheard()}")
    place = scratch.get_one(Organisation, mandataire.organisation_id)
    account = register_account(scratch, mandataire, "Théo", Role.EDITOR, place.name, Function.SALARIE)
    first, last = date(2026, 3, 4), date(2026, 3, 5)
    people.delegate(scratch, mandataire, account.id, last, first)
    for moment, manages in (
        (datetime(2026, 3, 3, 22, 59, tzinfo=UTC), False),
        (datetime(2026, 3, 3, 23, tzinfo=UTC), True),
        (datetime(2026, 3, 5, 22, 59, tzinfo=UTC), True),
        (datetime(2026, 3, 5, 23, tzinfo=UTC), False),
    ):
        time.now = moment
        assert may(actor_of(scratch, account), Right.MANAGE_PEOPLE) is manages


@pytest.mark.parametrize("digits", ["", "73282932", "7328293200", "73282932O", "٧٣٢٨٢٩٣٢٠"])
def test_what_is_no_siren(digits: str) -> None:
    assert not is_siren(digits)
