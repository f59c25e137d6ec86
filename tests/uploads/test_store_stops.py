"""The object store stops in the middle of a part: what was acknowledged is there when it is back."""

import hashlib
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.storage.relay import Relay
from tests.uploads.conftest import CONTENT, MIB, Uploads, bucket_of

PART = 5 * MIB


@pytest.fixture(params=["rclone", pytest.param("service", marks=pytest.mark.services)])
def storage_address(request: pytest.FixtureRequest) -> str:
    return bucket_of(request, request.param)


@pytest.fixture
def relay(storage_address: str) -> Iterator[Relay]:
    with Relay(urlsplit(storage_address).port or 80) as started:
        yield started


@pytest.fixture
def storage_url(storage_address: str, relay: Relay) -> str:
    """The store's, by way of the relay."""
    parts = urlsplit(storage_address)
    credentials = parts.netloc.rpartition("@")[0]
    return parts._replace(netloc=f"{credentials}@127.0.0.1:{relay.port}").geturl()


def test_a_store_that_stops_in_the_middle_of_a_part_loses_nothing_acknowledged(
    uploads: Uploads, relay: Relay
) -> None:
    path = uploads.begin(len(CONTENT))
    uploads.write(path, 0, CONTENT[:1000])
    relay.cut_after(PART + PART // 2)
    response = uploads.patch(path, 1000, CONTENT[1000:])
    assert (response.status_code, response.get_json()["status"]) == (503, 503)
    assert uploads.patch(path, uploads.offset(path), b"x").status_code == 503
    relay.mend()
    assert uploads.offset(path) == PART
    assert uploads.write(path, PART, CONTENT[PART:]) == len(CONTENT)
    assert uploads.proof()["files"][0]["sha256"] == hashlib.sha256(CONTENT).hexdigest()


def test_a_store_that_stops_at_the_very_end_has_the_proof_made_later(uploads: Uploads, relay: Relay) -> None:
    path = uploads.begin(1000)
    uploads.write(path, 0, CONTENT[:999])
    relay.cut_after(3500)  # enough for the last byte, and not for what follows
    assert uploads.patch(path, 999, CONTENT[999:1000]).status_code == 503
    relay.mend()
    offset = uploads.offset(path)
    assert uploads.write(path, offset, CONTENT[offset:1000]) == 1000
    assert uploads.proof()["files"][0]["size"] == 1000
