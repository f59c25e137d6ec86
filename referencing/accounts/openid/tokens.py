"""Whether a token says what it seems to say: its signature, for whom it is, from whom, and when. Pure.

Nothing of a token is believed before its signature was verified with a key that its issuer publishes, by an algorithm
that needs the issuer's private key.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
from authlib.oauth2.rfc9068.claims import JWTAccessTokenClaims
from authlib.oidc.core import CodeIDToken
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key, RSAKey

from .settings import Issuer

#: Asymmetric ones alone: with HMAC or none, who knows the public key or nothing at all could sign.
ALGORITHMS = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512"),
)
#: How the header of an access token says what it is (RFC 9068, 2.1).
ACCESS_TOKEN = frozenset({"at+jwt", "application/at+jwt"})
LONGEST = 16 * 1024  # characters

Keys = Callable[[str, str], Key]


class Untrue(Exception):
    """A token that is not what it seems to be; the text names what is wrong, and repeats nothing of the token."""


def id_token(
    issuer: Issuer, keys: Keys, words: str, now: int, *, nonce: str, access_token: str | None
) -> dict[str, Any]:
    """The claims of an ID token. Raises Untrue."""
    token = _verified(issuer, keys, words)
    if str(token.header.get("typ", "JWT")).lower() in ACCESS_TOKEN:
        raise Untrue("typ")
    options: Any = {
        "iss": {"essential": True, "value": issuer.url},
        "aud": {"essential": True, "value": issuer.client_id},
    }
    params = {"nonce": nonce, "client_id": issuer.client_id, "access_token": access_token}
    _validate(CodeIDToken(token.claims, token.header, options, params), now, issuer)
    _demand_level(issuer, token.claims)
    return _with_subject(token.claims)


def access_token(issuer: Issuer, keys: Keys, words: str, now: int) -> dict[str, Any]:
    """The claims of an access token that is made out to this application (RFC 9068, 4). Raises Untrue.

    A person's is of a sign-in of the level that is demanded; a program signs in nowhere.
    """
    if issuer.audience is None:
        raise Untrue("aud")
    token = _verified(issuer, keys, words)
    if str(token.header.get("typ")).lower() not in ACCESS_TOKEN:
        raise Untrue("typ")
    options: Any = {
        "iss": {"essential": True, "value": issuer.url},
        "aud": {"essential": True, "value": issuer.audience},
        **{name: {"essential": True} for name in ("exp", "iat", "sub", "client_id", "jti")},
    }
    _validate(JWTAccessTokenClaims(token.claims, token.header, options), now, issuer)
    if not is_of_program(token.claims):
        _demand_level(issuer, token.claims)
    return _with_subject(token.claims)


def is_of_program(claims: Mapping[str, Any]) -> bool:
    """Whether an access token is of client credentials: its subject is its client (RFC 9068, 2.2)."""
    return bool(claims["sub"] == claims["client_id"])


def issuer_named(words: str) -> str | None:
    """The issuer that a token seems to be of, which says by whose keys it is verified, and nothing more."""
    try:
        claims = orjson.loads(jws.extract_compact(words[:LONGEST].encode()).payload)
    except (JoseError, ValueError):
        return None
    named = claims.get("iss") if isinstance(claims, dict) else None
    return named if isinstance(named, str) else None


def userinfo(issuer: Issuer, keys: Keys, words: str, now: int, subject: str) -> dict[str, Any]:
    """The claims of a signed answer of the UserInfo endpoint, about the subject of an ID token. Raises Untrue."""
    token = _verified(issuer, keys, words)
    options: Any = {
        "iss": {"essential": True, "value": issuer.url},
        "aud": {"essential": True, "value": issuer.client_id},
        "sub": {"essential": True, "value": subject},
    }
    _validate(JWTAccessTokenClaims(token.claims, {}, options), now, issuer)
    return dict(token.claims)


def _verified(issuer: Issuer, keys: Keys, words: str) -> jwt.Token:
    if len(words) > LONGEST:
        raise Untrue("length")

    def key(signed: Any) -> Key:
        named = keys(*_named(signed.headers()))
        if isinstance(named, RSAKey) and named.public_key.key_size < issuer.rsa_bits:
            raise Untrue("key")
        return named

    try:
        return jwt.decode(words, key, algorithms=ALGORITHMS)
    except JoseError as error:
        raise Untrue(error.error) from None
    except (ValueError, TypeError, KeyError, UnicodeError):
        raise Untrue("form") from None


def _named(header: Mapping[str, Any]) -> tuple[str, str]:
    """The key and the algorithm that a header names. Raises Untrue where it names no key."""
    kid, algorithm = header.get("kid"), header.get("alg")
    if not isinstance(kid, str) or algorithm not in ALGORITHMS:
        raise Untrue("kid" if algorithm in ALGORITHMS else "alg")
    return kid, str(algorithm)


def _validate(claims: Any, now: int, issuer: Issuer) -> None:
    try:
        claims.validate(now=now, leeway=issuer.skew)
    except JoseError as error:
        raise Untrue(getattr(error, "claim", None) or error.error) from None
    except (ValueError, TypeError):
        raise Untrue("form") from None


def _demand_level(issuer: Issuer, claims: Mapping[str, Any]) -> None:
    """Raises Untrue unless the sign-in was of a level of assurance that is demanded of this issuer."""
    if issuer.acr and claims.get("acr") not in issuer.acr:
        raise Untrue("acr")


def authenticated_at(claims: Mapping[str, Any]) -> datetime | None:
    """When a person signed in at the issuer, where it says so."""
    try:
        return datetime.fromtimestamp(int(claims["auth_time"]), UTC)
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def _with_subject(claims: Mapping[str, Any]) -> dict[str, Any]:
    """Raises Untrue unless the subject can be kept."""
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:
        raise Untrue("sub")
    return dict(claims)
