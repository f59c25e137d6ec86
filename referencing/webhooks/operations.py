"""Making a webhook, changing it, renewing its secret, trying it, switching it on and off, and removing it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.accounts.models import Organisation
from referencing.base.db import new_id, now
from referencing.base.errors import Conflict, Stale, invalid_field
from referencing.base.outgoing.receivers import Reach
from referencing.base.permissions import Actor, Right, authorise
from referencing.journal.operations import SYSTEM, Author, record
from referencing.journal.queries import certain
from referencing.mail.operations import write

from . import queries
from .models import Webhook
from .signatures import Signer
from .states import WEBHOOK, WebhookAction, WebhookState

#: Of each organisation, and of the agency.
MOST_WEBHOOKS = 50
#: For how long the secret before signs as well.
OVERLAP = timedelta(hours=24)
#: The number of the lock under which the agency's are counted, the same for all processes.
AGENCY_LOCK = 7_201_517


def make(
    session: Session, actor: Actor, key: bytes, reach: Reach, words: Mapping[str, Any]
) -> tuple[Webhook, str]:
    """A webhook that is told of what comes from now on, and its secret, which is shown this once.

    Raises Invalid for an address at which nothing could be delivered, Conflict beyond MOST_WEBHOOKS.
    """
    authorise(actor, Right.MANAGE_WEBHOOKS)
    _refuse_unreachable(reach, words["address"])
    _alone(session, actor.own_organisation)
    if queries.number_of(session, actor) >= MOST_WEBHOOKS:
        raise Conflict(f"Il y a déjà {MOST_WEBHOOKS} webhooks : supprimez d'abord celui qui ne sert plus.")
    webhook = Webhook(
        id=new_id(),
        organisation_id=actor.own_organisation,
        position=certain(session),
        due_at=now(session),
        generation=1,
        **words,
    )
    signer = Signer.of(key, webhook.id, webhook.generation)
    webhook.public_key = signer.public_key
    session.add(webhook)
    session.flush()
    _record(session, actor, webhook, "webhook.made")
    return webhook, signer.secret


def change(
    session: Session, actor: Actor, webhook_id: UUID, revision: int, reach: Reach, words: Mapping[str, Any]
) -> Webhook:
    """Change what is given. Raises NotFound, Stale on an old revision, Invalid as `make` does."""
    webhook = _at_revision(session, actor, webhook_id, revision)
    _follow(webhook, actor, WebhookAction.CHANGE)
    if "address" in words:
        _refuse_unreachable(reach, words["address"])
    changed = sorted(name for name, value in words.items() if getattr(webhook, name) != value)
    for name in changed:
        setattr(webhook, name, words[name])
    if changed:
        webhook.revision += 1
        _record(session, actor, webhook, "webhook.changed", fields=changed)
    return webhook


def rotate(session: Session, actor: Actor, key: bytes, webhook_id: UUID) -> tuple[Webhook, str]:
    """A new secret, shown this once; for OVERLAP deliveries are signed with the one before as well. Raises NotFound."""
    webhook = queries.webhook(session, actor, webhook_id, lock=True)
    _follow(webhook, actor, WebhookAction.ROTATE)
    if Signer.of(key, webhook.id, webhook.generation).public_key == webhook.public_key:
        webhook.overlap_until = now(session) + OVERLAP
    webhook.generation += 1
    webhook.revision += 1
    signer = Signer.of(key, webhook.id, webhook.generation)
    webhook.public_key = signer.public_key
    webhook.due_at = now(session)
    _record(session, actor, webhook, "webhook.rotated", generation=webhook.generation)
    return webhook, signer.secret


def test(session: Session, actor: Actor, webhook_id: UUID) -> Webhook:
    """Ask for a delivery that is about nothing, soon, whether the webhook is on or off. Raises NotFound."""
    webhook = queries.webhook(session, actor, webhook_id, lock=True)
    _follow(webhook, actor, WebhookAction.TEST)
    webhook.test_asked_at = webhook.test_asked_at or now(session)
    return webhook


def switch_on(session: Session, actor: Actor, webhook_id: UUID) -> Webhook:
    """From now on it is told all that came meanwhile. Raises NotFound, Conflict when it is on."""
    webhook = queries.webhook(session, actor, webhook_id, lock=True)
    webhook.state = _follow(webhook, actor, WebhookAction.SWITCH_ON)
    webhook.failures, webhook.due_at = 0, now(session)
    webhook.revision += 1
    _record(session, actor, webhook, "webhook.switched_on")
    return webhook


def switch_off(session: Session, actor: Actor, webhook_id: UUID) -> Webhook:
    """Nothing is told any more until it is on again; nothing is lost either. Raises NotFound, Conflict."""
    webhook = queries.webhook(session, actor, webhook_id, lock=True)
    webhook.state = _follow(webhook, actor, WebhookAction.SWITCH_OFF)
    webhook.revision += 1
    _record(session, actor, webhook, "webhook.switched_off", cause=webhook.state.value)
    return webhook


def remove(session: Session, actor: Actor, webhook_id: UUID, revision: int) -> None:
    """With its log. Raises NotFound, Stale on an old revision."""
    webhook = _at_revision(session, actor, webhook_id, revision)
    _follow(webhook, actor, WebhookAction.REMOVE)
    _record(session, actor, webhook, "webhook.removed")
    session.delete(webhook)
    session.flush()


def stop(session: Session, webhook: Webhook, action: WebhookAction) -> None:
    """Switch a webhook off that nobody takes anything at any more, and write to who answers for it."""
    webhook.state = WEBHOOK.follow("Le webhook", webhook.state, action)
    webhook.revision += 1
    _record(session, SYSTEM, webhook, "webhook.switched_off", cause=webhook.state.value)
    why = (
        "son destinataire a répondu qu'il n'en veut plus (410)"
        if webhook.state is WebhookState.GONE
        else "pendant trois jours, aucune livraison n'a abouti"
    )
    for account_id in queries.owners(session, webhook.organisation_id):
        write(
            session,
            account_id,
            f"webhook:{webhook.id}:off:{webhook.revision}",
            f"Webhook arrêté : {webhook.label}",
            f"Bonjour,\n\nLe webhook « {webhook.label} » est arrêté : {why}.\n\nRien n'est perdu : une fois le "
            "destinataire réparé, remettez le webhook en service ; il recevra, dans l'ordre, tout ce qui s'est passé "
            "entre-temps. Le journal de ses livraisons dit ce qui a échoué.\n",
        )


def _follow(webhook: Webhook, actor: Actor, action: WebhookAction) -> WebhookState:
    return WEBHOOK.follow("Le webhook", webhook.state, action, actor)


def _record(session: Session, author: Author, webhook: Webhook, event: str, **detail: Any) -> None:
    record(session, author, event, f"webhook:{webhook.id}", detail)


def _at_revision(session: Session, actor: Actor, webhook_id: UUID, revision: int) -> Webhook:
    webhook = queries.webhook(session, actor, webhook_id, lock=True)
    if webhook.revision != revision:
        raise Stale("Ce webhook a changé entre-temps : relisez-le et recommencez.")
    return webhook


def _refuse_unreachable(reach: Reach, address: str) -> None:
    try:
        reach.destination(address)
    except ValueError as error:
        raise invalid_field("address", str(error)) from error


def _alone(session: Session, organisation_id: UUID | None) -> None:
    """The webhooks of one side are counted one after the other."""
    if organisation_id is None:
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(AGENCY_LOCK)))
    else:
        own = sa.select(Organisation.id).where(Organisation.id == organisation_id)
        session.execute(own.with_for_update(key_share=True))
