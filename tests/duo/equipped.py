"""The application with conference rooms and an SMTP server, and what its worker does."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

import sqlalchemy as sa
from flask import Flask

from referencing.accounts.operations import set_email
from referencing.app import tasks_on
from referencing.base import db
from referencing.base.jobs import enqueue, perform_all
from referencing.base.permissions import Actor
from referencing.duo.sessions.models import Event
from tests.conftest import Time, parts
from tests.duo.rooms.loopback import Loopback, serving
from tests.duo.rooms.providers import BigBlueButtonServer, JitsiServer, VisioServer

from .booked import STARTS_AT, Live
from .smtp import Mailbox, receiving

SECRET = "s3cret-" + "x" * 40
FROM = "duo@agence.example.fr"


@dataclass
class Equipped:
    """Visio first, then BigBlueButton, then Jitsi; each server can be broken."""

    app: Flask
    time: Time
    live: Live
    visio: Loopback
    bigbluebutton: Loopback
    jitsi: Loopback
    visio_server: VisioServer
    bigbluebutton_server: BigBlueButtonServer
    jitsi_server: JitsiServer
    smtp: Mailbox

    def work(self) -> int:
        return perform_all(
            parts(self.app).sessions, tasks_on(parts(self.app).vault, parts(self.app).settings)
        )

    def periodic(self, task: str) -> int:
        with db.transaction(parts(self.app).sessions) as session:
            enqueue(session, task)
        return self.work()

    def write_to(self, who: Actor, address: str) -> None:
        with db.transaction(parts(self.app).sessions) as session:
            set_email(session, who, address)

    @property
    def events(self) -> list[tuple[str, str | None]]:
        with parts(self.app).sessions() as session:
            told = session.scalars(
                sa.select(Event).where(Event.session_id == self.live.id).order_by(Event.number)
            )
            return [(one.action, one.detail.get("provider")) for one in told]


@contextmanager
def equipped(app: Flask, time: Time) -> Iterator[Equipped]:
    visio = VisioServer("550e8400", SECRET, "agence.example.fr")
    bigbluebutton = BigBlueButtonServer(SECRET)
    jitsi = JitsiServer("referencing", "jitsi", "127.0.0.1", SECRET.encode())
    with (
        serving(Loopback(visio)) as first,
        serving(Loopback(bigbluebutton)) as second,
        serving(Loopback(jitsi)) as third,
        receiving() as smtp,
    ):
        settings = replace(
            parts(app).settings,
            smtp_url=smtp.url,
            mail_from=FROM,
            duo={
                "DUO_ROOMS": "visio,bigbluebutton,jitsi",
                "DUO_VISIO_URL": first.address,
                "DUO_VISIO_CLIENT_ID": "550e8400",
                "DUO_VISIO_CLIENT_SECRET": SECRET,
                "DUO_VISIO_ACCOUNT": "duo@agence.example.fr",
                "DUO_BIGBLUEBUTTON_URL": f"{second.address}/bigbluebutton",
                "DUO_BIGBLUEBUTTON_SECRET": SECRET,
                "DUO_JITSI_URL": third.address,
                "DUO_JITSI_APP_ID": "referencing",
                "DUO_JITSI_SECRET": SECRET,
            },
        )
        app.extensions["referencing"] = replace(parts(app), settings=settings)
        time.now = STARTS_AT - timedelta(days=3)
        live = Live(app)
        jitsi.now = STARTS_AT.timestamp()
        yield Equipped(app, time, live, first, second, third, visio, bigbluebutton, jitsi, smtp)
