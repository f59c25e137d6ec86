"""What people edit carries an ETag; a change names the one it was made on, so that nobody overwrites anybody."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from referencing.base.permissions import Role
from tests.builders import Asked, publish_dsr
from tests.clients import Client, escaped
from tests.conftest import Keys


@pytest.fixture
def proof(session: Session, own_number: int) -> str:
    """The address of an expected proof of a DSR that is still a draft."""
    dsr = f"P{own_number}-V1"
    publish_dsr(session, dsr, Asked("INS.1")).published_at = None
    session.commit()
    return f"/dsrs/{dsr}/proofs/{escaped(f'{dsr}:INS.1#01.01')}"


@pytest.fixture
def manager(as_: Callable[..., Client]) -> Client:
    return as_(Role.CATALOGUE)


def correct(client: Client, proof: str, etag: str | None, guichet: str = "CNDA") -> TestResponse:
    headers = {} if etag is None else {"If-Match": etag}
    return client.send("PATCH", proof, json={"guichet": guichet}, headers=headers)


def test_a_change_that_names_what_it_was_made_on_is_made(manager: Client, proof: str) -> None:
    response = correct(manager, proof, '"1"')
    assert response.status_code == 200
    assert response.headers["ETag"] == '"2"'
    assert response.json is not None
    assert (response.json["guichet"], response.json["corrected"]) == ("CNDA", True)


def test_a_change_without_a_precondition_is_refused(manager: Client, proof: str) -> None:
    response = correct(manager, proof, None)
    assert response.status_code == 428
    assert response.json is not None
    assert response.json["type"] == "urn:referencing:problem:precondition-required"
    assert correct(manager, proof, '"1"').status_code == 200, "nothing was changed"


def test_a_change_made_on_what_has_changed_since_is_refused(manager: Client, proof: str) -> None:
    correct(manager, proof, '"1"')
    response = correct(manager, proof, '"1"', guichet="ANS")
    assert response.status_code == 412
    assert response.json is not None
    assert response.json["type"] == "urn:referencing:problem:stale"
    assert correct(manager, proof, '"2"').status_code == 200, "nothing was changed"


@pytest.mark.parametrize("etag", ["", '"x"', '"-1"', '"99"', '"' + "9" * 5_000 + '"', '"1", "2"'])
def test_an_etag_that_was_never_given_is_stale(manager: Client, proof: str, etag: str) -> None:
    assert correct(manager, proof, etag).status_code == 412


def test_the_next_change_is_made_on_the_etag_of_the_answer(manager: Client, proof: str) -> None:
    etag = '"1"'
    for guichet in ("CNDA", "EDC_PSC", "ANS"):
        response = correct(manager, proof, etag, guichet)
        assert response.status_code == 200
        etag = response.headers["ETag"]


def test_of_two_changes_made_at_once_on_the_same_one_is_made(app: Flask, key_of: Keys, proof: str) -> None:
    keys = [key_of(Role.CATALOGUE, name=name) for name in ("Camille", "Dominique")]
    with ThreadPoolExecutor(2) as threads:
        answers = threads.map(lambda key: correct(Client(app.test_client(), key), proof, '"1"'), keys)
    assert sorted(answer.status_code for answer in answers) == [200, 412]
