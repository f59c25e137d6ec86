"""A dossier that is verified live, an hour that a verifier offers, and what people do in the session."""

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.permissions import Actor, Role
from referencing.base.vault import Vault
from referencing.candidatures.record.models import Candidature, Item
from referencing.candidatures.record.states import ItemState, Track
from referencing.candidatures.tasks.models import Task
from referencing.catalogue.models import ExpectedProof
from referencing.catalogue.proposals import ProofKind
from referencing.duo.booking import booking
from referencing.duo.conduct import captures, operations, verdicts
from referencing.duo.conduct.ending import Leftovers, follow_agendas
from referencing.duo.conduct.verdicts import LiveVerdict, Notes
from referencing.duo.sessions import queries
from referencing.duo.sessions.models import Line, LiveSession
from referencing.duo.slots import slots
from referencing.duo.slots.models import Slot
from referencing.duo.slots.slots import Offer
from referencing.files.operations import StoredFile
from referencing.reviews.queues.outcomes import Outcome
from referencing.reviews.verdicts.verdicts import NO_DETAILS, Details
from storage.port import StoredObject
from tests.builders import Asked, Story, person, publish_dsr, supply
from tests.conftest import Time

T = TypeVar("T")
STEPS = "Pré-requis : un patient de test existe 1 : Chercher le patient 2 : Afficher ses traits 3 : Imprimer"
SHOWN = [
    Asked(f"X{n}", kind=ProofKind.DEMONSTRATION, scenario=STEPS if n == 1 else "", chapter=chapter)
    for n, chapter in enumerate(["INS", "INS", "MSS", "MSS"], 1)
]
WRITTEN = Asked("DOC")


class Memory:
    """A storage in which what is written can be looked at, and every content that is named has arrived."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def store(self, content: io.BytesIO, *, limit: int) -> StoredObject:
        read = content.read()
        assert len(read) <= limit
        digest = hashlib.sha256(read).hexdigest()
        self.kept[digest] = read
        return StoredObject(digest, len(read))

    def size(self, sha256: str) -> int:
        return len(self.kept.get(sha256, b"x"))


@dataclass
class Live:
    """The people of a session; each call is one request."""

    session: Session
    time: Time
    story: Story = field(init=False)
    storage: Memory = field(default_factory=Memory)

    def __post_init__(self) -> None:
        self.story = Story(self.session)
        self.verifier, self.lead, self.editor = self.story.verifier, self.story.lead, self.story.editor

    @property
    def vault(self) -> Vault:
        return Vault(self.storage)  # type: ignore[arg-type]

    def dossier(self, dsr: str = "LGC-V2", nil: str = "NIL-1", *asked: Asked) -> Candidature:
        """In review; what is to be shown live was not supplied."""
        if not self.session.scalar(sa.select(ExpectedProof.id).where(ExpectedProof.code.startswith(dsr))):
            publish_dsr(self.session, dsr, *(asked or (*SHOWN, WRITTEN)))
        candidature = self.story.draft(self.story.solution(nil, nil), dsr, mode=Track.DUO)
        self.supply_written(candidature)
        self.story.submit(candidature)
        self.story.admit(candidature)
        return candidature

    def supply_written(self, candidature: Candidature) -> None:
        codes = self.session.scalars(
            sa.select(ExpectedProof.code)
            .join(Item, Item.expected_proof_id == ExpectedProof.id)
            .where(Item.candidature_id == candidature.id, Item.track == Track.ASYNC)
            .where(Item.state == ItemState.REQUIRED)
            .order_by(Item.position)
        ).all()
        for code in codes:
            supply(self.session, self.editor, candidature, code)

    def offer(
        self,
        verifier: Actor | None = None,
        day: date = date(2026, 3, 4),
        of: Actor | None = None,
        **words: Any,
    ) -> Slot:
        """An hour on a Wednesday at nine; the first slot that comes of it."""
        given = Offer(
            **{
                "first_day": day,
                "last_day": day,
                "starts_at": time(9),
                "ends_at": time(10),
                "slot_minutes": 60,
                "verifier": of.account_id if of else None,
                **words,
            }
        )
        offered, _ = slots.offer(self.session, verifier or self.verifier, given)
        first = sa.select(Slot).where(Slot.availability_id == offered.id).order_by(Slot.starts_at)
        return self.session.scalars(first.limit(1)).one()

    def book(
        self,
        candidature: Candidature,
        slot: Slot,
        items: Sequence[str] | None = None,
        editor: Actor | None = None,
    ) -> LiveSession:
        return self._done(booking.book(self.session, editor or self.editor, candidature.id, slot.id, items))

    def opened(self, live: LiveSession) -> LiveSession:
        self.time.now = live.starts_at
        return self._done(operations.open_session(self.session, self.verifier, live.id))

    def booked(
        self, candidature: Candidature | None = None, items: Sequence[str] | None = None
    ) -> LiveSession:
        return self.book(candidature or self.dossier(), self.offer(), items)

    def running(self, items: Sequence[str] | None = None) -> LiveSession:
        return self.opened(self.booked(items=items))

    def line(self, live: LiveSession, code: str) -> Line:
        return queries.line(self.session, live.id, f"LGC-V2:{code}#01.01")

    def show(self, live: LiveSession, code: str) -> Line:
        return self._done(verdicts.show(self.session, self.verifier, live.id, f"LGC-V2:{code}#01.01"))

    def capture(self, live: LiveSession, code: str, content: str = "écran", by: Actor | None = None) -> Line:
        raw = content.encode()
        file = StoredFile("ecran.png", "image/png", hashlib.sha256(raw).hexdigest(), len(raw))
        reference = f"LGC-V2:{code}#01.01"
        return self._done(
            captures.capture(
                self.session, by or self.verifier, self.vault, live.id, reference, [file], timecode=12
            )
        )

    def decide(
        self,
        live: LiveSession,
        code: str,
        outcome: Outcome = Outcome.CONFORM,
        comment: str = "Vu.",
        *,
        recording: str | None = "rec-1",
        details: Details = NO_DETAILS,
        revision: int | None = None,
        by: Actor | None = None,
    ) -> Line:
        known = self.line(live, code).revision if revision is None else revision
        said = LiveVerdict(outcome, comment, details, Notes(recording=recording))
        reference = f"LGC-V2:{code}#01.01"
        return self._done(
            verdicts.decide(self.session, by or self.verifier, self.vault, live.id, reference, known, said)
        )

    def close(self, live: LiveSession, leftovers: Leftovers = Leftovers.QUEUE) -> LiveSession:
        return self._done(
            operations.close(self.session, self.verifier, live.id, leftovers, "", nothing_decided=True)
        )

    def interrupt(self, live: LiveSession, leftovers: Leftovers = Leftovers.QUEUE) -> LiveSession:
        return self._done(
            operations.interrupt(self.session, self.verifier, live.id, leftovers, "Coupure réseau.")
        )

    def follow(self, candidature: Candidature) -> None:
        """The job that an item which left the session asks for."""
        follow_agendas(self.session, str(candidature.id))
        self.session.expire_all()

    def lines(self, live: LiveSession) -> dict[str, str]:
        return {
            one.item.expected_proof.requirement.code: one.state.value
            for one in queries.lines(self.session, live.id)
        }

    def waiting(self, candidature: Candidature) -> dict[str, str]:
        """The open tasks on items, by requirement and queue."""
        rows = self.session.execute(
            sa.select(Task.code, Task.queue).where(
                Task.candidature_id == candidature.id, Task.closed_at.is_(None), Task.item_id.is_not(None)
            )
        )
        return {(code or "").split(":")[1].split("#")[0]: queue.value for code, queue in rows}

    def items(self, candidature: Candidature) -> dict[str, tuple[str, str]]:
        """State and track of each item, by requirement."""
        rows = self.session.execute(
            sa.select(ExpectedProof.code, Item.state, Item.track)
            .join(Item.expected_proof)
            .where(Item.candidature_id == candidature.id)
            .order_by(Item.position)
        )
        return {code.split(":")[1].split("#")[0]: (state.value, track.value) for code, state, track in rows}

    def colleague(self) -> Actor:
        return person(self.session, Role.VERIFIER)

    def _done(self, result: T) -> T:
        """What the next request reads comes from the database."""
        self.session.flush()
        self.session.expire_all()
        return result
