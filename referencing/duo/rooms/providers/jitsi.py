"""Jitsi Meet with token authentication: a room is a name, and who enters shows a JWT that names it.

Claims as `doc/tokens.md` of lib-jitsi-meet says them. Jitsi has no call that opens or ends a room: it opens with the
first who enters, and what closes it is that no more links are given and that those given expire.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar
from urllib.parse import quote

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from . import client
from .port import Guest, Recording, Room, RoomUnavailable

#: Clocks differ.
SKEW = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Jitsi:
    """`subject` is the tenant or the domain, `key_id` the name of a public key where RS256 signs."""

    address: str
    app_id: str
    audience: str
    subject: str
    key: OctKey | RSAKey = field(repr=False)
    key_id: str | None = None
    kind: ClassVar[str] = "jitsi"

    def open(self, name: str, now: datetime, until: datetime) -> Room:  # noqa: ARG002 - of the port
        """Nothing to ask for, but whether it is there: its web page's settings are served to anybody."""
        if client.get(f"{self.address}/config.js").status != 200:
            raise RoomUnavailable("its settings are not served")
        return Room(name, name)

    def link(self, room: Room, guest: Guest, now: datetime, until: datetime) -> str:
        header = {"typ": "JWT", "alg": "RS256" if isinstance(self.key, RSAKey) else "HS256"}
        if self.key_id is not None:
            header["kid"] = self.key_id
        claims = {
            "aud": self.audience,
            "iss": self.app_id,
            "sub": self.subject,
            "room": room.reference,
            "nbf": int((now - SKEW).timestamp()),
            "exp": int(until.timestamp()),
            "context": {"user": _user(guest)},
        }
        token = jwt.encode(header, claims, self.key, algorithms=[header["alg"]])
        return f"{self.address}/{quote(room.reference)}?jwt={token}"

    def close(self, room: Room) -> None:
        pass

    def recordings(self, room: Room) -> Sequence[Recording]:  # noqa: ARG002 - of the port
        return ()


def _user(guest: Guest) -> dict[str, str]:
    """All of it strings: Prosody's modules take no others, and read `moderator` or `affiliation`."""
    return {
        "id": str(guest.account_id),
        "name": guest.name,
        "moderator": "true" if guest.moderator else "false",
        "affiliation": "owner" if guest.moderator else "member",
    }
