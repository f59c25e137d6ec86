"""Several issuers, of which one is silent: what the others say is taken all the same."""

from typing import Any

import orjson
import pytest
from sqlalchemy.orm import Session

from referencing.accounts.openid.operations import identify_token
from referencing.accounts.openid.provider import Provider
from referencing.accounts.openid.settings import Issuer
from referencing.base.db import now
from referencing.base.errors import Forbidden, Unauthenticated, Unavailable
from referencing.base.outgoing.client import Received
from tests.accounts.openid import issuer as issuing
from tests.accounts.openid.issuer import AUDIENCE

SILENT, SPEAKING = "https://muet.example", "https://agence.example"
PROVIDERS = {
    name: Provider(Issuer(name, url, name, "referencing", audience=AUDIENCE))
    for name, url in (("muet", SILENT), ("agence", SPEAKING))
}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> tuple[issuing.Issuer, list[str]]:
    """An issuer, and the addresses that are asked beside those of a silent one."""
    signer, addresses = issuing.Issuer("agence", 0), list[str]()
    published: dict[str, Any] = {
        "/.well-known/openid-configuration": {"issuer": SPEAKING, "jwks_uri": f"{SPEAKING}/keys"},
        "/keys": {"keys": [key.as_dict(private=False) for key in signer.keys]},
    }

    def send(_: str, url: str, *__: Any) -> Received:
        addresses.append(url)
        if url.startswith(SILENT):
            raise OSError
        return Received(200, "application/json", orjson.dumps(published[url.removeprefix(SPEAKING)]))

    monkeypatch.setattr("referencing.accounts.openid.provider.send", send)
    return signer, addresses


def test_a_silent_issuer_stands_in_the_way_of_no_other(
    scratch: Session, asked: tuple[issuing.Issuer, list[str]]
) -> None:
    signer, addresses = asked
    moment = int(now(scratch).timestamp())
    times: dict[str, Any] = {"iat": moment, "exp": moment + 60}
    with pytest.raises(Forbidden, match="vous n'avez pas encore accès"):
        identify_token(scratch, PROVIDERS, signer.signed(iss=SPEAKING, **times))
    assert not [address for address in addresses if address.startswith(SILENT)]
    with pytest.raises(Unavailable):
        identify_token(scratch, PROVIDERS, signer.signed(iss=SILENT, **times))
    for other in ("https://ailleurs.example", None, 3):
        with pytest.raises(Unauthenticated):
            identify_token(scratch, PROVIDERS, signer.signed(iss=other, **times))


def test_an_issuer_that_calls_itself_otherwise_is_not_taken(asked: tuple[issuing.Issuer, list[str]]) -> None:
    """Its document is that of another, whose keys would then vouch for its people."""
    impostor = Provider(Issuer("autre", f"{SPEAKING}/", "autre", "referencing", audience=AUDIENCE))
    with pytest.raises(Unavailable):
        impostor.reach()
    with pytest.raises(Unavailable):
        impostor.authorisation("https://ici.example", "state", "nonce", "verifier")
