"""What each provider's server does with a request, by its own documents: it verifies what is signed, and refuses."""

import base64
import hashlib
import hmac
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from tests.duo.rooms.loopback import Asked, Reply


@dataclass
class JitsiServer:
    """Prosody's token plugin: a shared secret, or public keys by the SHA-256 of their `kid`."""

    app_id: str
    audience: str
    domain: str
    secret: bytes = b""
    public_keys: dict[str, RSAPublicKey] = field(default_factory=dict)
    now: float | None = None  # a moment that is told instead of the clock

    def __call__(self, asked: Asked) -> Reply:
        if asked.path == "/config.js":
            return Reply(200, b"var config = {};", "application/javascript")
        room = asked.path.removeprefix("/")
        try:
            user = self.enter(room, asked.parameters.get("jwt", ""))
        except PermissionError as refused:
            return Reply.of({"refused": str(refused)}, 403)
        return Reply.of({"room": room, "user": user})

    def enter(self, room: str, token: str) -> Any:
        signed, _, signature = token.rpartition(".")
        header, claims = (json.loads(_decoded(part)) for part in signed.split("."))
        self._verify(header, signed.encode(), _decoded(signature))
        now = time.time() if self.now is None else self.now
        expected = {"iss": self.app_id, "aud": self.audience, "sub": self.domain, "room": room}
        for claim, value in expected.items():
            if claims[claim] != value:
                raise PermissionError(claim)
        if not claims["nbf"] <= now < claims["exp"]:
            raise PermissionError("time")
        user = claims["context"]["user"]
        if not all(isinstance(value, str) for value in user.values()):
            raise PermissionError("user")
        return user

    def _verify(self, header: dict[str, str], signed: bytes, signature: bytes) -> None:
        if self.public_keys:
            key = self.public_keys.get(hashlib.sha256(header.get("kid", "").encode()).hexdigest())
            if header["alg"] != "RS256" or key is None:
                raise PermissionError("key")
            try:
                key.verify(signature, signed, PKCS1v15(), SHA256())
            except InvalidSignature:
                raise PermissionError("signature") from None
        elif header["alg"] != "HS256" or not hmac.compare_digest(
            hmac.new(self.secret, signed, hashlib.sha256).digest(), signature
        ):
            raise PermissionError("signature")


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


@dataclass
class Meeting:
    parameters: dict[str, str]
    created: str
    ended: bool = False
    joined: list[dict[str, str]] = field(default_factory=list)


@dataclass
class BigBlueButtonServer:
    """Checks the SHA-256 of each call over the query as it came; one meeting for an ID and its passwords."""

    secret: str
    meetings: dict[str, Meeting] = field(default_factory=dict)
    recordings: str = ""

    def __call__(self, asked: Asked) -> Reply:
        call = asked.path.removeprefix("/bigbluebutton/api/")
        query, _, checksum = asked.query.rpartition("&checksum=")
        if hashlib.sha256(f"{call}{query}{self.secret}".encode()).hexdigest() != checksum:
            return _failed("checksumError")
        return {
            "create": self._create,
            "join": self._join,
            "end": self._end,
            "getRecordings": self._recordings,
        }[call](asked.parameters)

    def _create(self, parameters: dict[str, str]) -> Reply:
        if any(not 2 <= len(parameters[name]) <= 64 for name in ("name", "attendeePW", "moderatorPW")):
            return _failed("validationError")
        known = self.meetings.get(parameters["meetingID"])
        if known is None or known.ended:
            known = Meeting(parameters, str(time.time_ns() // 1_000_000 + len(self.meetings)))
            self.meetings[parameters["meetingID"]] = known
        elif any(known.parameters[name] != parameters[name] for name in ("attendeePW", "moderatorPW")):
            return _failed("idNotUnique")
        return _succeeded(
            f"<meetingID>{parameters['meetingID']}</meetingID><createTime>{known.created}</createTime>"
        )

    def _join(self, parameters: dict[str, str]) -> Reply:
        meeting = self.meetings.get(parameters["meetingID"])
        if meeting is None or meeting.ended:
            return _failed("invalidMeetingIdentifier")
        if parameters.get("createTime") != meeting.created:
            return _failed("mismatchCreateTimeParam")
        if parameters["role"] not in {"MODERATOR", "VIEWER"}:
            return _failed("invalidPassword")
        meeting.joined.append(parameters)
        return Reply(302, headers={"Location": "/html5client/join?sessionToken=" + secrets.token_hex(8)})

    def _end(self, parameters: dict[str, str]) -> Reply:
        meeting = self.meetings.get(parameters["meetingID"])
        if meeting is None:
            return _failed("notFound")
        if parameters["password"] != meeting.parameters["moderatorPW"]:
            return _failed("invalidPassword")
        meeting.ended = True
        return _succeeded("<messageKey>sentEndMeetingRequest</messageKey>")

    def _recordings(self, parameters: dict[str, str]) -> Reply:
        if not self.recordings:
            return _succeeded("<recordings></recordings><messageKey>noRecordings</messageKey>")
        return _succeeded(
            f"<recordings>{self.recordings.format(meeting=parameters['meetingID'])}</recordings>"
        )


def _succeeded(inside: str) -> Reply:
    return Reply(200, f"<response><returncode>SUCCESS</returncode>{inside}</response>".encode(), "text/xml")


def _failed(key: str) -> Reply:
    inside = f"<returncode>FAILED</returncode><messageKey>{key}</messageKey><message>No.</message>"
    return Reply(200, f"<response>{inside}</response>".encode(), "text/xml")


@dataclass
class VisioServer:
    """The external API of Meet: client credentials for one account's domain, then rooms by bearer token."""

    client_id: str
    secret: str
    domain: str
    updates: bool = True  # older servers have no PATCH
    rooms: dict[str, dict[str, Any]] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)

    def __call__(self, asked: Asked) -> Reply:
        path = asked.path.removeprefix("/external-api/v1.0")
        if asked.headers.get("Content-Type") != "application/json":
            return Reply.of({"detail": "Unsupported media type."}, 415)
        if path == "/application/token/":
            return self._token(asked.json)
        if asked.headers.get("Authorization", "").removeprefix("Bearer ") not in self.tokens:
            return Reply.of({"error": "Invalid token."}, 401)
        if (asked.method, path) == ("POST", "/rooms/"):
            return self._create(asked.json, asked.headers["Host"])
        return self._update(asked, urlsplit(path).path.rpartition("/")[2])

    def _token(self, said: dict[str, str]) -> Reply:
        if (said["client_id"], said["client_secret"]) != (self.client_id, self.secret):
            return Reply.of({"error": "Invalid credentials"}, 401)
        if said["grant_type"] != "client_credentials":
            return Reply.of({"error": "unsupported_grant_type"}, 400)
        if not said["scope"].endswith(f"@{self.domain}"):
            return Reply.of({"error": "This application is not authorized for this email domain."}, 403)
        token = secrets.token_urlsafe(32)
        self.tokens.add(token)
        return Reply.of({"access_token": token, "token_type": "Bearer", "expires_in": 3600})

    def _create(self, said: dict[str, Any], host: str) -> Reply:
        if set(said) - {"access_level", "configuration"}:
            return Reply.of({"detail": "Unknown field."}, 400)
        number, slug = str(uuid4()), f"abc-{secrets.token_hex(2)}-xyz"
        self.rooms[number] = {"id": number, "slug": slug, "url": f"http://{host}/{slug}", **said}
        return Reply.of(self.rooms[number], 201)

    def _update(self, asked: Asked, number: str) -> Reply:
        if asked.method != "PATCH" or not self.updates:
            return Reply.of({"detail": "Method not allowed."}, 405)
        if number not in self.rooms:
            return Reply.of({"detail": "Not found."}, 404)
        self.rooms[number] |= asked.json
        return Reply.of(self.rooms[number])
