"""Visio of La Suite numérique (suitenumerique/meet), over its external API: a token, then `POST /rooms/`.

Calls are those of its `docs/reference/openapi.yaml`. There is no schedule and no deletion; a room can be made to let
nobody in by itself (`PATCH`), which older servers refuse: it is then left as it is, with an address that nobody can
guess.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import quote, urlsplit

from . import client
from .port import Guest, Recording, Room, RoomUnavailable


@dataclass(frozen=True, slots=True)
class Visio:
    """`account` is the agency's own address at Visio, on whose behalf rooms are made; never a person's."""

    address: str
    client_id: str
    secret: str = field(repr=False)
    account: str
    access: str = "trusted"
    kind: ClassVar[str] = "visio"

    def open(self, name: str, now: datetime, until: datetime) -> Room:  # noqa: ARG002 - of the port
        answer = client.post_json(
            f"{self.address}/external-api/v1.0/rooms/", {"access_level": self.access}, self._token()
        )
        if answer.status != 201:
            raise RoomUnavailable(f"room: status {answer.status}")
        made = answer.json()
        reference, address = _text(made, "id"), _text(made, "url")
        if urlsplit(address).scheme not in {"https", urlsplit(self.address).scheme}:
            raise RoomUnavailable("room: an address that is not https")
        return Room(name, reference, address)

    def link(self, room: Room, guest: Guest, now: datetime, until: datetime) -> str:  # noqa: ARG002 - of the port
        if room.address is None:
            raise RoomUnavailable("room: no address")
        return room.address

    def close(self, room: Room) -> None:
        answer = client.post_json(
            f"{self.address}/external-api/v1.0/rooms/{quote(room.reference, safe='')}",
            {"access_level": "restricted"},
            self._token(),
            method="PATCH",
        )
        if answer.status not in {200, 403, 404, 405}:  # 403 and 405: it does not let us
            raise RoomUnavailable(f"closing: status {answer.status}")

    def recordings(self, room: Room) -> Sequence[Recording]:  # noqa: ARG002 - of the port
        return ()

    def _token(self) -> dict[str, str]:
        answer = client.post_json(
            f"{self.address}/external-api/v1.0/application/token/",
            {
                "client_id": self.client_id,
                "client_secret": self.secret,
                "grant_type": "client_credentials",
                "scope": self.account,
            },
        )
        if answer.status != 200:
            raise RoomUnavailable(f"token: status {answer.status}")
        return {"Authorization": f"Bearer {_text(answer.json(), 'access_token')}"}


def _text(answer: Any, field_name: str) -> str:
    value = answer.get(field_name) if isinstance(answer, dict) else None
    if not isinstance(value, str) or not value:
        raise RoomUnavailable(f"an answer without {field_name}")
    return value
