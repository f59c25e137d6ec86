"""Telling one webhook what is still to be told, in the order of the feed, each event until it is taken.

No transaction is open while a receiver is waited for. What is told and not noted yet when a process dies is told
again, with the same `webhook-id`.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import randbelow
from time import monotonic
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base import db
from referencing.base.db import Clock, insert_rows, new_id, now
from referencing.base.outgoing.receivers import Answer, Connection, Reach, Undelivered
from referencing.journal.queries import certain

from . import queries
from .models import Delivery, DeliveryOutcome, Webhook
from .operations import stop
from .pauses import pause
from .signatures import Signer, signature
from .states import WebhookAction, WebhookState

log = logging.getLogger(__name__)

#: For how long who delivers holds a webhook: longer than a round, with the delivery that ends it, can take.
HELD = timedelta(seconds=90)
#: Seconds after which a round begins nothing new, and lets others have their turn.
ROUND = 20.0
#: Events that are read at once, and told before it is noted how far that came.
AT_ONCE = 100
#: Seconds from which on a receiver counts as slow, and waits for its turn among its like.
SLOW = 1.0
TEST = "webhook.test"
GONE = 410
#: A webhook whose secrets follow from another key than this process has is looked at again after this.
OTHER_KEY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Sender:
    """Who delivers, with what: the database, the key that secrets follow from, and what may be reached."""

    sessions: db.Sessions
    key: bytes
    reach: Reach
    clock: Clock = db.utc_now
    stopping: Callable[[], bool] = bool


def take(session: Session, free: Mapping[bool, int]) -> dict[bool, Sequence[UUID]]:
    """Hold webhooks that have something to be told, up to so many that are `slow` and that are not; none is held twice.

    Answers their ids, by whether they are slow. One statement where there is none to look at.
    """
    if not free or not queries.anything_due(session):
        return {}
    moment, until = now(session), certain(session)
    holder = {"held_by": new_id(), "held_until": moment + HELD}
    hold = sa.update(Webhook).values(holder).returning(Webhook.id)
    taken: dict[bool, Sequence[UUID]] = {}
    for slow, most in free.items():
        takeable = Webhook.id.in_(queries.takeable(moment, until, slow=slow, most=most))
        taken[slow] = session.scalars(
            hold.where(takeable), execution_options={"synchronize_session": False}
        ).all()
    return taken


def deliver(sender: Sender, webhook_id: UUID) -> None:
    """Tell a webhook that was taken all that it may be told in a round, and let it go."""
    until = monotonic() + ROUND
    with db.transaction(sender.sessions) as session:
        webhook = session.get(Webhook, webhook_id)
    if webhook is None:
        return
    with Connection(webhook.address, sender.reach) as connection:
        while webhook is not None:
            batch = Batch(sender, webhook, connection)
            batch.tell(until)
            with db.transaction(sender.sessions) as session:
                webhook = batch.note(session)


class Batch:
    """What of a feed is read at once and told to one webhook, and what is then noted of it.

    `untaken` is what was said of the event that stopped it, with status 0 where nothing was.
    """

    def __init__(self, sender: Sender, webhook: Webhook, connection: Connection) -> None:
        self.sender = sender
        self.webhook = webhook
        self.connection = connection
        self.signers = _signers(sender, webhook)
        self.position = webhook.position
        self.failures = webhook.failures
        self.attempts: list[dict[str, Any]] = []
        self.untaken: Answer | None = None
        self.tested = False
        self.more = False

    def tell(self, until: float) -> None:
        """A test where one is asked for, then the events in their order, up to the first that is not taken."""
        if not self.signers:
            log.error("webhook %s signs by another WEBHOOK_KEY than this process has", self.webhook.id)
            return
        moment = self.sender.clock()
        if self.webhook.test_asked_at is not None:
            message = f"test_{new_id()}"
            self.tested = self._attempt(message, TEST, moment, {}, attempt=1) is None
        if self.webhook.state is not WebhookState.ON or self.webhook.due_at > moment:
            return
        untold = self._untold()
        self.more = len(untold) == AT_ONCE
        for event in untold:
            if monotonic() >= until or self.sender.stopping():
                self.more = False
                return
            if event.told and (not self.webhook.events or event.action in self.webhook.events):
                self.untaken = self._attempt_event(event)
                if self.untaken is not None:
                    return
                self.failures = 0
            self.position = event.position

    def _untold(self) -> Sequence[queries.Untold]:
        with db.transaction(self.sender.sessions) as session:
            return queries.untold(session, self.webhook, self.position, certain(session), AT_ONCE)

    def _attempt_event(self, event: queries.Untold) -> Answer | None:
        return self._attempt(event.message, event.action, event.at, event.about, attempt=self.failures + 1)

    def _attempt(
        self, message: str, event: str, at: datetime, about: Mapping[str, Any], *, attempt: int
    ) -> Answer | None:
        """Send one message; answers None when it is taken, else what the receiver said, if anything."""
        body = orjson.dumps({"type": event, "timestamp": at, "data": about}, option=orjson.OPT_UTC_Z)
        moment, begun = self.sender.clock(), monotonic()
        answer, outcome = Answer(0), DeliveryOutcome.REFUSED
        try:
            answer = self.connection.post(
                body, _headers(self.signers, message, int(moment.timestamp()), body)
            )
            if 200 <= answer.status < 300:
                outcome = DeliveryOutcome.DELIVERED
        except Undelivered as error:
            outcome = DeliveryOutcome(error.failure.value)
        self.attempts.append(
            {
                "id": new_id(),
                "webhook_id": self.webhook.id,
                "message": message,
                "event": event,
                "candidature_id": about.get("candidature"),
                "attempt": attempt,
                "attempted_at": moment,
                "milliseconds": round((monotonic() - begun) * 1000),
                "outcome": outcome.value,
                "status": answer.status or None,
            }
        )
        return None if outcome is DeliveryOutcome.DELIVERED else answer

    def note(self, session: Session) -> Webhook | None:
        """Note how far this came; answers the webhook as it stands now where its round goes on.

        Nothing is noted of one that was removed, or is held by another process by now.
        """
        own = sa.select(Webhook).where(Webhook.id == self.webhook.id, Webhook.held_by == self.webhook.held_by)
        webhook = session.scalar(own.with_for_update())
        if webhook is None:
            return None
        insert_rows(session, Delivery, self.attempts)
        webhook.position = self.position
        webhook.slow = self._keeps_others_waiting()
        taken = [attempt for attempt in self.attempts if attempt["outcome"] == DeliveryOutcome.DELIVERED]
        if taken:
            webhook.delivered_at = taken[-1]["attempted_at"]
        if self.webhook.test_asked_at is not None:  # one that cannot be signed would be taken up without end
            webhook.test_asked_at = None
        self._note_failures(session, webhook)
        is_there = webhook.state is WebhookState.ON and webhook.address == self.webhook.address
        if self.more and self.untaken is None and is_there:
            webhook.held_until = now(session) + HELD
            return webhook
        webhook.held_by = webhook.held_until = None
        return None

    def _note_failures(self, session: Session, webhook: Webhook) -> None:
        if not self.signers:
            webhook.due_at = now(session) + OTHER_KEY
        elif self.untaken is None:
            webhook.failures = self.failures
            if self.tested or webhook.due_at <= now(session):
                webhook.due_at = now(session)
        else:
            webhook.failures = self.failures + 1
            wait = pause(webhook.failures, randbelow(1000) / 1000, self.untaken.retry_after)
            webhook.due_at = now(session) + (wait or timedelta(0))
            ends = WebhookAction.END if self.untaken.status == GONE else WebhookAction.GIVE_UP
            if webhook.state is WebhookState.ON and (ends is WebhookAction.END or wait is None):
                stop(session, webhook, ends)

    def _keeps_others_waiting(self) -> bool:
        if not self.attempts:
            return self.webhook.slow
        longest = max(attempt["milliseconds"] for attempt in self.attempts)
        return self.untaken is not None or longest > SLOW * 1000


def _signers(sender: Sender, webhook: Webhook) -> Sequence[Signer]:
    """The generations that sign now, the current one first; none where they follow from another key."""
    current = Signer.of(sender.key, webhook.id, webhook.generation)
    if current.public_key != webhook.public_key:
        return ()
    if webhook.overlap_until is None or webhook.overlap_until <= sender.clock():
        return (current,)
    return (current, Signer.of(sender.key, webhook.id, webhook.generation - 1))


def _headers(
    signers: Sequence[Signer], message: str, timestamp: int, body: bytes
) -> Sequence[tuple[str, str]]:
    return (
        ("Content-Type", "application/json"),
        ("User-Agent", "referencing"),
        ("webhook-id", message),
        ("webhook-timestamp", str(timestamp)),
        ("webhook-signature", signature(signers, message, timestamp, body)),
    )
