"""Reading messages, marks and events: an editor finds neither internal notes nor what is another organisation's."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from referencing.accounts.models import Account
from referencing.accounts.visible_queries import about_what_is_asked, readable, readable_id, refusal
from referencing.base.db import after
from referencing.base.errors import Malformed, NotFound
from referencing.base.permissions import OF_AN_ORGANISATION, Actor, Right, Role, authorise
from referencing.candidatures.record.models import Candidature, Item
from referencing.candidatures.record.queries import candidature as find_candidature
from referencing.candidatures.record.queries import item as find_item
from referencing.candidatures.record.states import OPEN
from referencing.catalogue.models import DsrVersion
from referencing.journal import queries as journal
from referencing.journal.models import Entry
from referencing.solutions.models import Configuration

from .models import Message, MessageFile, ReadMark

NO_MESSAGE = "Ce message n'existe pas : vérifiez son identifiant."
NO_FILE = "Ce fichier n'existe pas dans ce message : vérifiez son identifiant."

_WHOLE = (
    joinedload(Message.author),
    joinedload(Message.item).joinedload(Item.expected_proof),
    selectinload(Message.files),
)

#: What names the dossier of a message, where messages of several stand together.
_about = contains_eager(Message.candidature)
_ABOUT = (
    _about.joinedload(Candidature.configuration).joinedload(Configuration.solution),
    _about.joinedload(Candidature.version).joinedload(DsrVersion.dsr),
)


def dossier(session: Session, actor: Actor, candidature_id: UUID) -> Candidature:
    """A dossier that the actor may talk about."""
    return find_candidature(session, actor, candidature_id, Right.DISCUSS)


def messages(
    session: Session,
    actor: Actor,
    candidature_id: UUID,
    last: UUID | None,
    limit: int,
    *,
    item: str | None = None,
) -> Sequence[Message]:
    """Messages of a dossier behind the `last` one seen; about one item where its id or its proof's code names it."""
    about = dossier(session, actor, candidature_id)
    select = sa.select(Message).where(Message.candidature_id == about.id, _shown_to(actor)).options(*_WHOLE)
    if item is not None:
        select = select.where(Message.item_id == find_item(session, about, item).id)
    if last is not None:
        seen = sa.select(Message.position).where(Message.id == last, Message.candidature_id == about.id)
        select = select.where(Message.position > seen.scalar_subquery())
    return session.scalars(select.order_by(Message.position).limit(limit)).all()


def inbox(session: Session, actor: Actor, cursor: Sequence[Any] | None, limit: int) -> Sequence[Message]:
    """What the other side wrote and nobody of the actor's side has read yet, over all dossiers; oldest first.

    Of a dossier that is closed it waits for a lead: nobody else of the agency works on it any more.
    """
    authorise(actor, Right.DISCUSS)
    unread = (
        sa.select(Message).where(to_be_read_by(actor), Message.read_at.is_(None)).options(*_WHOLE, *_ABOUT)
    )
    unread = unread.join(Message.candidature)
    unread = unread.where(readable(session, actor, Candidature), _shown_to(actor))
    if actor.of_agency and actor.role is not Role.LEAD:
        unread = unread.where(Candidature.state.in_(OPEN))
    return session.scalars(after(unread, [Message.id], cursor).limit(limit)).all()


def unanswered(session: Session, candidature_id: UUID) -> Sequence[Message]:
    """The last message about a dossier, and about each of its items, where it is the agency's; in their order."""
    last = (
        sa.select(Message)
        .where(Message.candidature_id == candidature_id, Message.internal.is_(False))
        .ext(distinct_on(Message.item_id))
        .order_by(Message.item_id, Message.position.desc())
        .options(joinedload(Message.item).joinedload(Item.expected_proof))
    )
    of_agency = [message for message in session.scalars(last) if message.of_agency]
    return sorted(of_agency, key=lambda message: message.position)


def message(session: Session, actor: Actor, message_id: UUID) -> Message:
    """One message. Raises NotFound for another organisation's, and for a note that is not the actor's to read."""
    authorise(actor, Right.DISCUSS)
    select = sa.select(Message).where(Message.id == message_id, _shown_to(actor)).options(*_WHOLE)
    select = select.join(Candidature, Candidature.id == Message.candidature_id)
    sent = session.scalar(select.where(readable(session, actor, Candidature)))
    if sent is None:
        dossier_id = sa.select(Message.candidature_id).where(Message.id == message_id).scalar_subquery()
        owner = sa.select(Candidature.organisation_id).where(Candidature.id == dossier_id)
        raise refusal(session, actor, NO_MESSAGE, owner)
    return sent


def file(session: Session, actor: Actor, message_id: UUID, file_id: UUID) -> MessageFile:
    attachment = next((one for one in message(session, actor, message_id).files if one.id == file_id), None)
    if attachment is None:
        raise NotFound(NO_FILE)
    return attachment


def _shown_to(actor: Actor) -> sa.ColumnElement[bool]:
    return about_what_is_asked(actor, Message.item_id) if actor.of_agency else Message.internal.is_(False)


def answers_for(actor: Actor, about: Candidature) -> bool:
    """Whether what the actor reads counts as read by their side: of a closed dossier, a lead has to have read it."""
    return not actor.of_agency or actor.role is Role.LEAD or about.state in OPEN


def to_be_read_by(actor: Actor) -> sa.ColumnElement[bool]:
    """What the other side wrote to the actor's."""
    return sa.and_(Message.of_agency.is_not(actor.of_agency), Message.internal.is_(False))


@dataclass(frozen=True, slots=True)
class Reading:
    """How many messages of the other side a person has yet to read, and how far the people there have."""

    unread: int
    marks: Sequence[ReadMark]


def reading(session: Session, actor: Actor, candidature_id: UUID) -> Reading:
    """What the actor has yet to read of a dossier, and the marks of the other side, furthest first."""
    about = dossier(session, actor, candidature_id)
    read = (
        sa.select(ReadMark.position)
        .where(ReadMark.candidature_id == about.id, ReadMark.account_id == actor.account_id)
        .scalar_subquery()
    )
    unread = sa.select(sa.func.count()).where(
        Message.candidature_id == about.id,
        to_be_read_by(actor),
        Message.position > sa.func.coalesce(read, 0),
    )
    of_other_side = (
        Account.role.in_(OF_AN_ORGANISATION) if actor.of_agency else Account.role.not_in(OF_AN_ORGANISATION)
    )
    marks = (
        sa.select(ReadMark)
        .join(ReadMark.account)
        .where(ReadMark.candidature_id == about.id, of_other_side)
        .options(joinedload(ReadMark.account))
        .order_by(ReadMark.position.desc(), ReadMark.read_at, ReadMark.account_id)
    )
    return Reading(session.scalars(unread).one(), session.scalars(marks).all())


#: Before the first event of all.
BEGINNING = ("", 0)


def events(
    session: Session, actor: Actor, cursor: tuple[str, int], limit: int, candidature_id: UUID | None
) -> Sequence[Entry]:
    """What happened on the dossiers that the actor may follow, after an event: its stream, and its number there.

    A place in the whole journal would count what others do. Raises NotFound, Malformed.
    """
    authorise(actor, Right.FOLLOW_CANDIDATURES)
    position = 0 if cursor == BEGINNING else journal.position(session, *cursor, actor.own_organisation)
    if position is None:
        raise Malformed(
            "Ce curseur n'est pas celui d'un événement que vous lisez : reprenez la liste depuis le début."
        )
    if candidature_id is None:
        visible = readable_id(session, actor, journal.DOSSIER_ID) if actor.of_agency else sa.true()
        return journal.feed(session, position, limit, visible, organisation_id=actor.own_organisation)
    about = find_candidature(session, actor, candidature_id)
    return journal.feed(session, position, limit, name=f"candidature:{about.id}")
