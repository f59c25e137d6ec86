"""Calling an issuer: what it publishes, kept for a while, and the two calls of a sign-in. Pure but for the network."""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any, Generic, TypeVar
from urllib.parse import quote, urlencode

import orjson
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.base import OAuth2Error
from authlib.oauth2.client import OAuth2Client
from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet
from urllib3.exceptions import HTTPError

from referencing.base.errors import Unavailable
from referencing.base.outgoing.client import Received, is_safe, send

from . import tokens
from .settings import Issuer, issuers

log = logging.getLogger(__name__)

#: Seconds after which what an issuer publishes is fetched anew; after which it is not used any more; and between two
#: fetches, whatever asks for them: keys that nobody knows are cheap to invent.
FRESH, LONGEST, SPARED = 600, 3600, 10

Published = TypeVar("Published")


class Kept(Generic[Published]):
    """What is fetched once and kept: one thread fetches, the others go on with what there is."""

    def __init__(self, fetch: Callable[[], Published], clock: Callable[[], float]) -> None:
        self._fetch = fetch
        self._clock = clock
        self._lock = Lock()
        self._value: Published | None = None
        self._fetched_at = self._tried_at = float("-inf")

    def get(self, *, anew: bool = False) -> Published:
        """The value; `anew` asks for one that is not older than SPARED. Raises Unavailable."""
        if self._is_due(anew=anew):
            usable = self._usable() is not None and not anew
            if self._lock.acquire(blocking=not usable):
                try:
                    if self._is_due(anew=anew):
                        self._try()
                finally:
                    self._lock.release()
        value = self._usable()
        if value is None:
            raise Unavailable("Le service d'identification ne répond pas : réessayez dans une minute.")
        return value

    def _is_due(self, *, anew: bool) -> bool:
        moment = self._clock()
        spared = moment - self._tried_at < SPARED
        return not spared and (anew or moment - self._fetched_at >= FRESH)

    def _usable(self) -> Published | None:
        return self._value if self._clock() - self._fetched_at < LONGEST else None

    def _try(self) -> None:
        self._tried_at = self._clock()
        try:
            self._value = self._fetch()
            self._fetched_at = self._clock()
        except Unavailable:
            log.warning("an issuer publishes nothing that can be read")


#: Seconds since somebody signed in at an issuer, for whom it does not ask again: as long as a session here.
OLDEST = 12 * 3600


@dataclass(frozen=True, slots=True)
class Signed:
    """What an issuer said of who came: claims that were verified, and the token that ends their session there."""

    claims: Mapping[str, Any]
    id_token: str


class Provider:
    """One issuer, for all threads of a process."""

    def __init__(self, issuer: Issuer, clock: Callable[[], float] = time.monotonic) -> None:
        self.issuer = issuer
        self._metadata = Kept(self._discover, clock)
        self._keys = Kept(self._fetch_keys, clock)

    def reach(self) -> None:
        """See that the issuer publishes what a sign-in needs. Raises Unavailable."""
        self._endpoint("authorization_endpoint")
        self._keys.get()

    def key(self, kid: str, algorithm: str) -> Key:
        """The published key of that name; fetched anew once where it is unknown. Raises Untrue, Unavailable."""
        for anew in (False, True):
            try:
                return self._keys.get(anew=anew).get_by_kid(kid, {"alg": algorithm, "use": "sig"})
            except (JoseError, ValueError):
                continue
        raise tokens.Untrue("kid")

    def authorisation(
        self, redirect_uri: str, state: str, nonce: str, verifier: str, *, again: bool = False
    ) -> str:
        """Where a browser goes to sign in, `again` whoever is signed in there already. Raises Unavailable.

        With `max_age` the answer says when the person signed in (`auth_time`; OpenID Connect Core, 3.1.2.1).
        """
        asked = {"nonce": nonce, **({"acr_values": " ".join(self.issuer.acr)} if self.issuer.acr else {})}
        asked |= {"max_age": "0", "prompt": "login"} if again else {"max_age": str(OLDEST)}
        address, _ = self._client(redirect_uri).create_authorization_url(
            self._endpoint("authorization_endpoint"), state=state, code_verifier=verifier, **asked
        )
        return str(address)

    def claims(self, code: str, redirect_uri: str, nonce: str, verifier: str, now: int) -> Signed:
        """What the issuer says of who brought this code. Raises Untrue, Unavailable."""
        answer = self._exchange(code, redirect_uri, verifier)
        words, access_token = answer.get("id_token"), answer.get("access_token")
        if not isinstance(words, str) or not isinstance(access_token, str):
            raise tokens.Untrue("id_token")
        claims = tokens.id_token(self.issuer, self.key, words, now, nonce=nonce, access_token=access_token)
        return Signed({**self._userinfo(access_token, claims["sub"], now), **claims}, words)

    def refuse_mixed_up(self, named: str | None) -> None:
        """Raises Untrue where an answer names another issuer, or none though this one always does (RFC 9207)."""
        always = self._metadata.get().get("authorization_response_iss_parameter_supported") is True
        if named != self.issuer.url and (named is not None or always):
            raise tokens.Untrue("iss")

    def logout(self, id_token: str, back: str) -> str | None:
        """Where a browser ends its session at the issuer, and is sent `back` from; None where it has no such place."""
        try:
            endpoint = self._endpoint("end_session_endpoint")
        except Unavailable:
            return None
        asked = {
            "id_token_hint": id_token,
            "client_id": self.issuer.client_id,
            "post_logout_redirect_uri": back,
        }
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"

    def _exchange(self, code: str, redirect_uri: str, verifier: str) -> Mapping[str, Any]:
        try:
            answer: Mapping[str, Any] = self._client(redirect_uri).fetch_token(
                self._endpoint("token_endpoint"),
                grant_type="authorization_code",
                code=code,
                code_verifier=verifier,
                auth=self._proof_of_client(),
            )
        except OAuth2Error as error:
            raise tokens.Untrue(f"token endpoint: {str(error.error)[:40]}") from None
        except ValueError:
            raise Unavailable(_UNREADABLE) from None
        return answer

    def _proof_of_client(self) -> ClientAuth:
        """How the token endpoint knows us: by the header where it takes that, its words encoded (RFC 6749, 2.3.1)."""
        secret = self.issuer.client_secret
        if secret is None:
            return ClientAuth(self.issuer.client_id, None, "none")
        methods = self._metadata.get().get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if "client_secret_basic" in methods:
            return ClientAuth(
                quote(self.issuer.client_id, safe=""), quote(secret, safe=""), "client_secret_basic"
            )
        return ClientAuth(self.issuer.client_id, secret, "client_secret_post")

    def _userinfo(self, access_token: str, subject: str, now: int) -> Mapping[str, Any]:
        received = _sent(
            "GET", self._endpoint("userinfo_endpoint"), None, {"Authorization": f"Bearer {access_token}"}
        )
        signed = received.content_type.partition(";")[0].strip() == "application/jwt"
        if signed:
            words = received.body.decode("ascii", errors="replace").strip()
            return tokens.userinfo(self.issuer, self.key, words, now, subject)
        claims = _object(received)
        if self.issuer.signed_userinfo or claims.get("sub") != subject:
            raise tokens.Untrue("userinfo")
        return claims

    def _client(self, redirect_uri: str) -> OAuth2Client:
        return OAuth2Client(
            _Bounded(),
            self.issuer.client_id,
            scope=self.issuer.scopes,
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
        )

    def _endpoint(self, name: str) -> str:
        address = self._metadata.get().get(name)
        if not isinstance(address, str) or not is_safe(address):
            raise Unavailable(_UNREADABLE)
        return address

    def _discover(self) -> Mapping[str, Any]:
        address = f"{self.issuer.url.rstrip('/')}/.well-known/openid-configuration"
        metadata = _object(_sent("GET", address, None, {}))
        if metadata.get("issuer") != self.issuer.url:
            raise Unavailable(_UNREADABLE)
        return metadata

    def _fetch_keys(self) -> KeySet:
        published: Any = _object(_sent("GET", self._endpoint("jwks_uri"), None, {}))
        try:
            return KeySet.import_key_set(published)
        except (JoseError, ValueError, TypeError, KeyError):
            raise Unavailable(_UNREADABLE) from None


def providers(settings: Mapping[str, str]) -> Mapping[str, Provider]:
    """The issuers of the settings, by their names. Raises ValueError, without any value."""
    return {issuer.name: Provider(issuer) for issuer in issuers(settings)}


_UNREADABLE = "Le service d'identification ne répond pas comme il devrait : réessayez, ou prévenez l'agence."


class _Bounded:
    """The session that Authlib sends through."""

    def post(
        self, url: str, data: Mapping[str, str], headers: Mapping[str, str], auth: ClientAuth
    ) -> "_Answer":
        address, signed, body = auth.prepare("POST", url, dict(headers), urlencode(data))
        return _Answer(_sent("POST", address, body, signed))


class _Answer:
    """An answer as Authlib reads it."""

    def __init__(self, received: Received) -> None:
        self.status_code = received.status
        self._body = received.body

    def json(self) -> Any:
        return orjson.loads(self._body)

    def raise_for_status(self) -> None:
        if self.status_code >= 400:
            raise Unavailable(_UNREADABLE)


def _sent(method: str, url: str, body: str | None, headers: Mapping[str, str]) -> Received:
    """Raises Unavailable, without the address."""
    try:
        return send(method, url, body, headers)
    except (HTTPError, OSError) as error:
        log.warning("an issuer does not answer: %s", type(error).__name__)
        raise Unavailable(_UNREADABLE) from None


def _object(received: Received) -> Mapping[str, Any]:
    """Raises Unavailable unless the answer is a JSON object."""
    try:
        body = orjson.loads(received.body)
    except orjson.JSONDecodeError:
        body = None
    if received.status != 200 or not isinstance(body, dict):
        raise Unavailable(_UNREADABLE)
    return body
