"""Organisations manage their people and keys, a lead everybody's; outside one's walls there is nothing."""

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from referencing.accounts.siren import is_siren
from referencing.base import db
from referencing.base.permissions import Role
from referencing.web.models import RepeatableRequest
from tests.builders import somebody, unheard
from tests.clients import Client
from tests.conftest import parts

SIREN = "732829320"


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
    made = narrow.post("/me/keys", {"name": "B", "rights": ["read_catalogue", "manage_people"]})
    assert made["rights"] == ["read_catalogue"]
    assert narrow.post("/me/keys", {"name": "C"})["rights"] == ["read_catalogue"]


def test_a_key_whose_last_day_has_passed_is_refused(mandataire: Client) -> None:
    mandataire.refused(422, "POST", "/me/keys", json={"name": "A", "last_day": "2001-01-31"})


def test_a_siren_is_checked_by_its_key(lead: Client, mandataire: Client, opened: Any) -> None:
    address = f"/organisations/{opened['organisation']['id']}/siren"
    assert lead.put(address, {"siren": "732 829 320"})["siren"] == SIREN
    lead.refused(422, "PUT", address, json={"siren": "732829321"})
    mandataire.refused(403, "PUT", address, json={"siren": SIREN})
    other = lead.post("/accounts", {"name": "Autre", "role": "editor", "organisation": f"Autre {unheard()}"})
    lead.refused(409, "PUT", f"/organisations/{other['organisation']['id']}/siren", json={"siren": SIREN})


@pytest.mark.parametrize("digits", ["", "73282932", "7328293200", "73282932O", "٧٣٢٨٢٩٣٢٠"])
def test_what_is_no_siren(digits: str) -> None:
    assert not is_siren(digits)
