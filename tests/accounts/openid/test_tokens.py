"""A token is believed when its issuer signed it for us, as what it seems to be; every forgery is refused."""

import hmac
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, Key

from referencing.accounts.openid import tokens
from referencing.accounts.openid.settings import Issuer
from referencing.accounts.openid.tokens import Untrue
from tests.accounts.openid.issuer import AUDIENCE, new_key

KEY, FOREIGN = new_key(), new_key()
ISSUER = Issuer(
    "agence", "https://agence.example", "Agence", "referencing", audience=AUDIENCE, acr=("eidas2",)
)
NOW = int(time.time())
#: An issuer, its client, and what it says of a person; at_hash is left to the provider's own tests.
PERSON = {"iss": ISSUER.url, "sub": "ines", "iat": NOW, "exp": NOW + 60}
ID_TOKEN = {**PERSON, "aud": "referencing", "nonce": "n", "acr": "eidas2"}
ACCESS = {**PERSON, "aud": AUDIENCE, "client_id": "app", "jti": "1", "acr": "eidas2"}

Signs = Callable[[dict[str, Any], dict[str, Any]], str]


def published(kid: str, _: str) -> Key:
    if kid != KEY.kid:
        raise Untrue("kid")
    return KEY


def signed(header: dict[str, Any], claims: dict[str, Any], key: Key = KEY) -> str:
    words = {"alg": "RS256", "kid": KEY.kid, **header}
    kept = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode({name: value for name, value in words.items() if value is not None}, kept, key)


def by_hand(header: dict[str, Any], claims: dict[str, Any], sign: Callable[[bytes], bytes]) -> str:
    """As a forger would write it, who has no library that refuses."""
    kept = {name: value for name, value in claims.items() if value is not None}
    named = {"kid": KEY.kid, **header}
    head, body = (urlsafe_b64encode(orjson.dumps(words)).rstrip(b"=") for words in (named, kept))
    signature = urlsafe_b64encode(sign(head + b"." + body)).rstrip(b"=")
    return b".".join((head, body, signature)).decode()


def by_public_key(header: dict[str, Any], claims: dict[str, Any]) -> str:
    secret = KEY.as_pem(private=False)
    return by_hand({**header, "alg": "HS256"}, claims, lambda words: hmac.digest(secret, words, "sha256"))


def unsigned(header: dict[str, Any], claims: dict[str, Any]) -> str:
    return by_hand({**header, "alg": "none"}, claims, lambda _: b"")


def by_foreign_key(header: dict[str, Any], claims: dict[str, Any]) -> str:
    return signed(header, claims, FOREIGN)


def changed(header: dict[str, Any], claims: dict[str, Any]) -> str:
    head, _, signature = signed(header, claims).split(".")
    body = signed(header, {**claims, "sub": "another"}).split(".")[1]
    return f"{head}.{body}.{signature}"


FORGERIES: list[tuple[Signs, dict[str, Any], dict[str, Any]]] = [
    (by_public_key, {}, {}),
    (unsigned, {}, {}),
    (by_foreign_key, {}, {}),
    (changed, {}, {}),
    (signed, {"kid": "another"}, {}),
    (signed, {"kid": None}, {}),
    (signed, {}, {"iss": "https://another.example"}),
    (signed, {}, {"iss": None}),
    (signed, {}, {"aud": "another"}),
    (signed, {}, {"aud": None}),
    (signed, {}, {"exp": NOW - 61}),
    (signed, {}, {"exp": None}),
    (signed, {}, {"exp": "never"}),
    (signed, {}, {"nbf": NOW + 120}),
    (signed, {}, {"iat": NOW + 120}),
    (signed, {}, {"sub": None}),
    (signed, {}, {"sub": ["ines"]}),
]


def read_id_token(words: str) -> dict[str, Any]:
    return tokens.id_token(ISSUER, published, words, NOW, nonce="n", access_token=None)


def read_access_token(words: str) -> dict[str, Any]:
    return tokens.access_token(ISSUER, published, words, NOW)


@pytest.mark.parametrize(("sign", "header", "claims"), FORGERIES)
def test_a_forged_token_is_refused(sign: Signs, header: dict[str, Any], claims: dict[str, Any]) -> None:
    with pytest.raises(Untrue):
        read_id_token(sign(header, {**ID_TOKEN, **claims}))
    with pytest.raises(Untrue):
        read_access_token(sign({"typ": "at+jwt", **header}, {**ACCESS, **claims}))


@pytest.mark.parametrize(
    ("claims", "wrong"),
    [
        ({"nonce": "another"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"acr": "eidas1"}, "acr"),
        ({"acr": None}, "acr"),
        ({"azp": "another"}, "azp"),
        ({"aud": ["referencing", "another"]}, "azp"),
    ],
)
def test_an_id_token_answers_the_sign_in_that_was_begun(claims: dict[str, Any], wrong: str) -> None:
    with pytest.raises(Untrue, match=wrong):
        read_id_token(signed({}, {**ID_TOKEN, **claims}))


@pytest.mark.parametrize("acr", ["eidas1", None, ["eidas2"]])
def test_a_persons_access_token_is_of_the_level_that_is_demanded(acr: object) -> None:
    with pytest.raises(Untrue, match="acr"):
        read_access_token(signed({"typ": "at+jwt"}, {**ACCESS, "acr": acr}))
    of_program = {**ACCESS, "acr": acr, "sub": "app"}
    assert read_access_token(signed({"typ": "at+jwt"}, of_program))["sub"] == "app"


def test_a_token_of_one_kind_is_not_taken_for_another() -> None:
    for typ in (None, "JWT", "id+jwt"):
        with pytest.raises(Untrue, match="typ"):
            read_access_token(signed({"typ": typ}, ACCESS))
    with pytest.raises(Untrue, match="aud"):
        read_access_token(signed({"typ": "at+jwt"}, {**ID_TOKEN, "client_id": "app", "jti": "1"}))
    with pytest.raises(Untrue, match="typ"):
        read_id_token(signed({"typ": "at+jwt"}, ID_TOKEN))


def test_what_is_true_is_read_within_the_skew_of_two_clocks() -> None:
    assert read_id_token(signed({}, ID_TOKEN))["sub"] == "ines"
    assert read_access_token(signed({"typ": "at+jwt"}, ACCESS))["sub"] == "ines"
    late = {"exp": NOW - 30, "nbf": NOW + 30, "iat": NOW + 30}
    assert read_id_token(signed({}, {**ID_TOKEN, **late}))["sub"] == "ines"


@pytest.mark.parametrize(
    "claims", [{"sub": "another"}, {"aud": "another"}, {"iss": "another"}, {"aud": None}]
)
def test_signed_userinfo_is_of_the_person_who_signed_in(claims: dict[str, Any]) -> None:
    said = {"iss": ISSUER.url, "aud": "referencing", "sub": "ines"}
    assert tokens.userinfo(ISSUER, published, signed({}, said), NOW, "ines") == said
    with pytest.raises(Untrue):
        tokens.userinfo(ISSUER, published, signed({}, {**said, **claims}), NOW, "ines")


@pytest.mark.parametrize("words", ["", "..", "a.b.c", "é.é.é", "." * 20_000, "eyJhbGciOiJSUzI1NiJ9.e30."])
def test_what_is_no_token_is_refused(words: str) -> None:
    with pytest.raises(Untrue):
        read_access_token(words)


def test_without_an_audience_no_access_token_is_taken() -> None:
    issuer = Issuer("agence", ISSUER.url, "Agence", "referencing")
    with pytest.raises(Untrue, match="aud"):
        tokens.access_token(issuer, published, signed({"typ": "at+jwt"}, ACCESS), NOW)


def test_a_key_that_is_shorter_than_is_demanded_signs_nothing() -> None:
    strict = replace(ISSUER, rsa_bits=3072)
    curve = ECKey.generate_key("P-256", {"kid": "curve", "use": "sig", "alg": "ES256"})
    long = signed({"alg": "ES256", "kid": "curve", "typ": "at+jwt"}, ACCESS, curve)
    assert tokens.access_token(strict, lambda *_: curve, long, NOW)["sub"] == "ines"
    short = signed({"typ": "at+jwt"}, ACCESS)
    assert tokens.access_token(ISSUER, published, short, NOW)["sub"] == "ines"
    with pytest.raises(Untrue, match="key"):
        tokens.access_token(strict, published, short, NOW)
