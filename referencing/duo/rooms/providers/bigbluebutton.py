"""BigBlueButton: calls signed with a SHA-256 of their name, their query and a shared secret; answers in XML.

Calls and answers are those of its API reference: https://docs.bigbluebutton.org/development/api
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import ceil
from typing import ClassVar
from urllib.parse import urlencode
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from . import client
from .port import Guest, Recording, Room, RoomUnavailable

#: Minutes that a room waits for the first who enters: it is opened before the hour.
WAITING = 60
TITLE = "Séance DUO"


@dataclass(frozen=True, slots=True)
class BigBlueButton:
    """`address` as `bbb-conf --secret` prints it, https://HOST/bigbluebutton."""

    address: str
    secret: str = field(repr=False)
    record: bool = False
    kind: ClassVar[str] = "bigbluebutton"

    def open(self, name: str, now: datetime, until: datetime) -> Room:
        self._created(name, now, until)
        return Room(name, name)

    def link(self, room: Room, guest: Guest, now: datetime, until: datetime) -> str:
        """Creates the room first, as the reference advises: it may have been emptied and removed meanwhile."""
        created_at = self._created(room.reference, now, until)
        return self._signed(
            "join",
            {
                "fullName": guest.name,
                "meetingID": room.reference,
                "role": "MODERATOR" if guest.moderator else "VIEWER",
                "userID": str(guest.account_id),
                "createTime": created_at,
                "redirect": "true",
            },
        )

    def close(self, room: Room) -> None:
        password = self._password(room.reference, "moderator")  # older versions ask for it
        self._call("end", {"meetingID": room.reference, "password": password}, but="notFound")

    def recordings(self, room: Room) -> Sequence[Recording]:
        answer = self._call(
            "getRecordings", {"meetingID": room.reference, "state": "any"}, but="noRecordings"
        )
        recorded = [_recording(one) for one in answer.iterfind("recordings/recording")]
        return sorted(recorded, key=lambda one: one.begins_at)

    def _created(self, name: str, now: datetime, until: datetime) -> str:
        """When the server made the room; creating with the same name and passwords again changes nothing."""
        answer = self._call(
            "create",
            {
                "name": TITLE,
                "meetingID": name,
                "attendeePW": self._password(name, "attendee"),
                "moderatorPW": self._password(name, "moderator"),
                "duration": str(max(1, ceil((until - now).total_seconds() / 60))),
                "meetingExpireIfNoUserJoinedInMinutes": str(WAITING),
                "record": "true" if self.record else "false",
                "autoStartRecording": "false",
                "allowStartStopRecording": "true" if self.record else "false",
            },
        )
        return answer.findtext("createTime", "")

    def _password(self, name: str, role: str) -> str:
        """A password that is the same at each call, so that the server opens a single room; nobody is told it."""
        return hmac.new(self.secret.encode(), f"{role}:{name}".encode(), hashlib.sha256).hexdigest()

    def _signed(self, call: str, query: Mapping[str, str]) -> str:
        text = urlencode(query)
        checksum = hashlib.sha256(f"{call}{text}{self.secret}".encode()).hexdigest()
        return f"{self.address}/api/{call}?{text}&checksum={checksum}"

    def _call(self, call: str, query: Mapping[str, str], but: str | None = None) -> Element:
        """The answer, when it is a success or fails for the reason `but`."""
        answer = client.get(self._signed(call, query))
        if answer.status != 200:
            raise RoomUnavailable(f"{call}: status {answer.status}")
        try:
            read: Element = fromstring(answer.body)
        except (ParseError, DefusedXmlException, ValueError):
            raise RoomUnavailable(f"{call}: an answer that is not its XML") from None
        if read.findtext("returncode") != "SUCCESS" and (but is None or read.findtext("messageKey") != but):
            raise RoomUnavailable(f"{call}: {_word(read.findtext('messageKey'))}")
        return read


def _word(key: str | None) -> str:
    """A server's messageKey is one word; anything else is not repeated."""
    return key if key and key.isalnum() else "refused"


def _recording(read: Element) -> Recording:
    return Recording(
        read.findtext("recordID", ""),
        read.findtext("state", ""),
        _time(read.findtext("startTime")),
        _time(read.findtext("endTime")),
        read.findtext("playback/format/url"),
    )


def _time(milliseconds: str | None) -> datetime:
    try:
        return datetime.fromtimestamp(int(milliseconds or 0) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        raise RoomUnavailable("getRecordings: a time that is none") from None
