"""A live session as its tables hold it, for the tests of what hangs on it: room, invitations, minutes."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from referencing.accounts.operations import create_account, identify
from referencing.base import db
from referencing.base.db import new_id, now
from referencing.base.permissions import OF_AN_ORGANISATION, Actor, Role
from referencing.candidatures.record.models import Candidature, Item, Verdict
from referencing.candidatures.record.states import Track
from referencing.catalogue.proposals import ProofKind
from referencing.duo.sessions.models import Capture, Line, LiveSession, Participant, Presence, Side
from referencing.duo.sessions.phases import LineState, Phase
from referencing.duo.slots.models import Availability, Slot
from referencing.files.models import Content, Scan
from referencing.proofs.models import Finding
from tests.builders import ALIZE, Asked, draft, publish_dsr, solution
from tests.clients import Client
from tests.conftest import parts

#: A Monday, in summer time: 10:00 in Paris.
STARTS_AT = datetime(2026, 3, 30, 8, 0, tzinfo=UTC)
LENGTH = timedelta(minutes=90)


@dataclass
class Live:
    """A session of two items, of a verifier and an editor, each with a client."""

    app: Flask
    id: UUID = field(init=False)
    verifier: Actor = field(init=False)
    editor: Actor = field(init=False)
    as_verifier: Client = field(init=False)
    as_editor: Client = field(init=False)

    def __post_init__(self) -> None:
        with db.transaction(parts(self.app).sessions) as session:
            self.verifier, self.as_verifier = self._somebody(session, Role.VERIFIER, "Zoé Lefèvre")
            self.editor, self.as_editor = self._somebody(session, Role.EDITOR, "Noël d'Été")
            self.id = _booked(session, self.verifier, self.editor)

    def _somebody(
        self, session: Session, role: Role, name: str, organisation: str = ALIZE
    ) -> tuple[Actor, Client]:
        key = create_account(session, name, role, organisation if role in OF_AN_ORGANISATION else None)
        return identify(session, key), Client(self.app.test_client(), key)

    def other(self, role: Role, organisation: str = ALIZE) -> Client:
        with db.transaction(parts(self.app).sessions) as session:
            return self._somebody(session, role, "Quelqu'un d'autre", organisation)[1]

    @property
    def path(self) -> str:
        return f"/duo/sessions/{self.id}"

    def change(self, **values: Any) -> None:
        """As operations of other parts do: the row, and nothing that follows."""
        with db.transaction(parts(self.app).sessions) as session:
            session.execute(sa.update(LiveSession).where(LiveSession.id == self.id).values(**values))

    def decide(self, time: datetime) -> None:
        """The first item is found conform with a capture and two steps, the second asks for more; it is closed."""
        with db.transaction(parts(self.app).sessions) as session:
            first, second = session.scalars(
                sa.select(Line).where(Line.session_id == self.id).order_by(Line.position)
            )
            _show(session, self.verifier, first, Finding.VERIFIED, "Conforme à l'attendu.")
            _show(session, self.verifier, second, Finding.COMPLEMENT, "Il manque l'œuvre : « ≥ 2 cas ».")
            first.note = "Montré deux fois, l'écran était flou."
            first.steps = [
                {"step": 1, "outcome": "conform", "comment": "Recherche par traits", "timecode": 61},
                {"step": 2, "outcome": "nonconform", "comment": None},
            ]
            session.add(Content(sha256="ab" * 32, size=1234, scan=Scan.CLEAN, checked_at=time))
            session.flush()
            capture = {"filename": "écran n°1.png", "media_type": "image/png", "sha256": "ab" * 32}
            session.add(
                Capture(
                    id=new_id(),
                    position=1,
                    line_id=first.id,
                    taken_by=self.editor.account_id,
                    taken_at=time,
                    timecode=3725,
                    **capture,
                )
            )
            for who, side in ((self.verifier, Side.AGENCY), (self.editor, Side.EDITOR)):
                session.add(
                    Presence(
                        id=new_id(),
                        session_id=self.id,
                        account_id=who.account_id,
                        side=side,
                        arrived_at=STARTS_AT,
                        left_at=STARTS_AT + LENGTH,
                    )
                )
        self.change(phase=Phase.CLOSED, opened_at=STARTS_AT, ended_at=STARTS_AT + LENGTH)


def _show(session: Session, verifier: Actor, line: Line, finding: Finding, comment: str) -> None:
    verdict = Verdict(
        id=new_id(),
        item_id=line.item_id,
        task_id=None,
        round=1,
        finding=finding,
        comment=comment,
        missing=["Le compte rendu"] if finding is Finding.COMPLEMENT else [],
        due_on=datetime(2026, 4, 20).date() if finding is Finding.COMPLEMENT else None,  # noqa: DTZ001
        steps=[],
        claim="montré en session",
        verifier_id=verifier.account_id,
        given_at=STARTS_AT + timedelta(minutes=40),
    )
    session.add(verdict)
    session.flush()
    line.state, line.verdict_id, line.timecode = LineState.DECIDED, verdict.id, 2400
    line.shown_at = line.decided_at = verdict.given_at


def _booked(session: Session, verifier: Actor, editor: Actor) -> UUID:
    publish_dsr(
        session,
        "LGC-V2",
        Asked("LGC/INS.01", ("01.01", "02.01"), kind=ProofKind.DEMONSTRATION),
    )
    dossier = draft(session, editor, solution(session, editor, "Alizé Médecin"), "LGC-V2", mode=Track.DUO)
    offered = Availability(
        id=new_id(),
        verifier_id=verifier.account_id,
        offered_by=verifier.account_id,
        first_day=STARTS_AT.date(),
        last_day=STARTS_AT.date(),
        starts_at=time(10),
        ends_at=time(11, 30),
        slot_minutes=90,
        couloirs=[],
        chapters=[],
        excepted=[],
    )
    session.add(offered)
    session.flush()
    slot = Slot(
        id=new_id(),
        availability_id=offered.id,
        verifier_id=verifier.account_id,
        starts_at=STARTS_AT,
        ends_at=STARTS_AT + LENGTH,
    )
    session.add(slot)
    session.flush()
    live = LiveSession(
        id=new_id(),
        candidature_id=dossier.id,
        organisation_id=dossier.organisation_id,
        slot_id=slot.id,
        booked_by=editor.account_id,
        phase=Phase.SCHEDULED,
        starts_at=STARTS_AT,
        ends_at=STARTS_AT + LENGTH,
    )
    session.add(live)
    session.flush()
    for who, side in ((verifier, Side.AGENCY), (editor, Side.EDITOR)):
        session.add(
            Participant(session_id=live.id, account_id=who.account_id, side=side, added_at=now(session))
        )
    _agenda(session, live, dossier)
    return live.id


def _agenda(session: Session, live: LiveSession, dossier: Candidature) -> None:
    items = session.scalars(sa.select(Item).where(Item.candidature_id == dossier.id).order_by(Item.position))
    for position, item in enumerate(items, 1):
        item.session_id = live.id
        session.add(
            Line(
                id=new_id(),
                session_id=live.id,
                item_id=item.id,
                position=position,
                minutes=15,
                state=LineState.PLANNED,
                steps=[],
            )
        )
