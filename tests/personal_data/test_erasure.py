"""Erasing somebody takes away who they are, leaves what they did, and the record of it whole."""

from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from referencing.accounts.openid.models import IdentityLink
from referencing.base import db
from referencing.base.db import now
from referencing.base.permissions import Role
from referencing.heads.checking import verify
from referencing.heads.notary import Notary
from referencing.heads.signing import sign
from referencing.mail.operations import write
from referencing.personal_data import erasure
from tests.candidatures.dossiers import IDENTITY, People
from tests.clients import Client
from tests.personal_data.conftest import ADDRESS, AGENT, NAME, PLACE, SAID, SUBJECT, WRITTEN, Somebody, held

REASON = {"reason": "Demande reçue le 2 mars."}


def erase(lead: Client, account: str) -> Any:
    return lead.post(f"/accounts/{account}/erasure", REASON, status=200)


def test_nothing_tells_any_more_who_they_were_and_the_record_is_whole(
    people: People, somebody: Somebody
) -> None:
    words = (somebody.name, ADDRESS, SUBJECT, AGENT, PLACE)
    with db.transaction(people.parts.sessions) as session:
        head = sign(session, Notary(Ed25519PrivateKey.generate()))
        assert head.size
    before = held(people, *words)
    assert {"account", "email_address", "browser_session", "external_identity", "letter", "account_key"} <= {
        *before
    }
    assert "file_read" in before
    assert "journal_entry" not in before, "the record never held it"
    erased = erase(people.lead, somebody.id)
    people.jobs()
    assert held(people, *words) == {}
    assert (erased["name"].startswith("Personne effacée n° "), erased["erased_at"] is not None) == (
        True,
        True,
    )
    with db.transaction(people.parts.sessions) as session:
        assert list(verify(session, [head])) == [], "whoever holds a head of before sees nothing missing"


def test_what_they_did_stays_under_the_name_that_takes_its_place(people: People, somebody: Somebody) -> None:
    name = erase(people.lead, somebody.id)["name"]
    dossier = somebody.dossier
    judged = [one for one in dossier.timeline(people.lead) if one["action"] == "item.find_conform"]
    assert [(one["by"], one["detail"]["comment"]) for one in judged] == [(name, SAID)]
    (message,) = people.lead.get(f"{dossier.path}/messages")["items"]
    assert (message["by"], message["text"]) == (name, WRITTEN)
    assert dossier.states()[IDENTITY] == "conform"


def test_their_keys_and_browsers_serve_no_more(people: People, somebody: Somebody) -> None:
    erase(people.lead, somebody.id)
    somebody.client.refused(401, "GET", "/me")


def test_before_it_is_said_what_goes_and_what_stays_and_why(people: People, somebody: Somebody) -> None:
    parts = people.lead.get(f"/accounts/{somebody.id}/erasure")["items"]
    fates = {part["kind"]: (part["fate"], part["rows"]) for part in parts}
    assert fates["email_address"] == ("deleted", 1)
    assert fates["account_key"] == ("replaced", 2)
    assert fates["message"] == ("kept", None)
    (message,) = [part for part in parts if part["kind"] == "message"]
    assert message["label"] == "Messages écrits"
    assert ("prouve" in message["why"], message["kept_for"]) == (True, "autant que le dossier")
    assert people.lead.get(f"/accounts/{somebody.id}")["name"] == somebody.name, "nothing was changed"
    foreseen = people.lead.get(f"/accounts/{somebody.id}/erasure")["beyond"]
    assert {"Sauvegardes", "Procès-verbaux de séance signés"} <= {each["label"] for each in foreseen}
    assert all(each["why"] and each["kept_for"] for each in foreseen)
    assert erase(people.lead, somebody.id)["beyond"] == foreseen
    after = people.lead.get(f"/accounts/{somebody.id}/erasure")["items"]
    going = {part["kind"]: part["rows"] for part in after if part["fate"] != "kept"}
    assert set(going.values()) == {0}, "nothing of it is there any more, nor a name to replace"


def test_who_leaves_is_not_erased(people: People, somebody: Somebody) -> None:
    people.lead.post(f"/accounts/{somebody.id}/closing", status=200)
    account = people.lead.get(f"/accounts/{somebody.id}")
    assert (account["name"], account["erased_at"]) == (somebody.name, None)
    assert "erase" in account["actions"]
    assert "email_address" not in held(people, ADDRESS), "their address is of no use any more"
    assert erase(people.lead, somebody.id)["actions"] == []


def test_many_rows_go_some_at_a_time(
    people: People, somebody: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasure, "AT_ONCE", 2)
    with db.transaction(people.parts.sessions) as session:
        for number in range(5):
            write(session, UUID(somebody.id), f"essai {number}", "Objet", f"Bonjour {somebody.name}")
    erase(people.lead, somebody.id)
    assert len(held(people, somebody.name)["letter"]) > 1
    assert people.jobs() >= 3
    assert held(people, somebody.name) == {}


def test_an_erasure_is_done_once_by_a_lead_of_somebody_else(people: People, somebody: Somebody) -> None:
    path = f"/accounts/{somebody.id}/erasure"
    for role in (Role.AUDITOR, Role.VERIFIER, Role.EDITOR):
        other = people(role, f"Autre {role}")
        other.refused(403, "POST", path, json=REASON)
        other.refused(403, "GET", path)
    people.lead.refused(422, "POST", path, json={"reason": " "})
    own = people.lead.get("/me")["id"]
    assert (
        "son propre compte"
        in people.lead.refused(409, "POST", f"/accounts/{own}/erasure", json=REASON)["detail"]
    )
    machine = people(Role.INTEGRATION, "Dépôt").get("/me")["id"]
    people.lead.refused(409, "POST", f"/accounts/{machine}/erasure", json=REASON)
    erase(people.lead, somebody.id)
    refused = people.lead.refused(409, "POST", path, json=REASON)
    assert "est effacé" in refused["detail"]


def test_the_only_mandataire_is_replaced_first(people: People) -> None:
    alone = people(Role.EDITOR, f"{NAME} seule", "Logiciels du Ponant").get("/me")["id"]
    refused = people.lead.refused(409, "POST", f"/accounts/{alone}/erasure", json=REASON)
    assert "mandataire" in refused["detail"]
    foreseen = people.lead.refused(409, "GET", f"/accounts/{alone}/erasure")
    assert foreseen["detail"] == refused["detail"]


def test_a_view_that_the_agency_shares_stays(people: People) -> None:
    leaving = people(Role.LEAD, f"{NAME} qui pilotait")
    for name, shared in (("À elle", False), ("À nous", True)):
        words = {"list_of": "candidatures", "name": name, "filters": {"state": "in_review"}, "shared": shared}
        leaving.post("/saved-views", words)
    account = leaving.get("/me")["id"]
    kept = {part["kind"]: part["rows"] for part in people.lead.get(f"/accounts/{account}/erasure")["items"]}
    assert kept["saved_view"] == 1
    erase(people.lead, account)
    people.jobs()
    assert held(people, "À elle") == {}
    names = [view["name"] for view in people.lead.every("/saved-views?list_of=candidatures")]
    assert "À nous" in names


def test_who_is_also_somebody_elsewhere_keeps_their_identity_there(
    people: People, somebody: Somebody
) -> None:
    """An issuer's person with two accounts: the other one goes on speaking for them, as is said before."""
    other = UUID(people(Role.AUDITOR, "Autre casquette").get("/me")["id"])
    with db.transaction(people.parts.sessions) as session:
        of_somebody = sa.select(IdentityLink.identity_id).where(IdentityLink.account_id == UUID(somebody.id))
        (identity,) = session.scalars(of_somebody)
        session.add(IdentityLink(identity_id=identity, account_id=other, linked_at=now(session)))
    foreseen = people.lead.get(f"/accounts/{somebody.id}/erasure")["items"]
    assert {part["kind"]: part["rows"] for part in foreseen}["external_identity"] == 0
    erase(people.lead, somebody.id)
    with db.transaction(people.parts.sessions) as session:
        links = sa.select(IdentityLink.account_id).where(IdentityLink.identity_id == identity)
        assert session.scalars(links).all() == [other]
