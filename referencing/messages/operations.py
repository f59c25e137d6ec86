"""Writing to the other side, or for the agency alone, and saying how far one has read.

A dossier can be written about whatever its state: what somebody asks about a decision, they ask after it. A message
moves neither the ball nor the clock. A read mark changes nothing of the dossier, and is not in its journal.
"""

import hashlib
from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from referencing.base.db import new_id, now
from referencing.base.errors import Forbidden, invalid_field
from referencing.base.permissions import Actor
from referencing.base.vault import Vault
from referencing.candidatures.record.models import Candidature, Item
from referencing.candidatures.record.queries import item as find_item
from referencing.files.operations import StoredFile, keep_contents, kept_files
from referencing.journal.operations import record
from referencing.solutions.queries import refuse_to_judge

from . import queries
from .models import Message, MessageFile, ReadMark

NOTES_ARE_OF_THE_AGENCY = "Les notes internes sont réservées à l'agence : écrivez un message."


def may_send(
    session: Session, actor: Actor, candidature_id: UUID, item: str | None, *, internal: bool
) -> tuple[Candidature, Item | None]:
    """What the message is about. Raises what `send` would, before files are sent for nothing.

    That is Forbidden in a conflict of interest, too: who reads in spite of it does not speak for the agency.
    """
    about = queries.dossier(session, actor, candidature_id)
    refuse_to_judge(session, actor, about.software_id)
    if internal and not actor.of_agency:
        raise Forbidden(NOTES_ARE_OF_THE_AGENCY)
    return about, None if item is None else find_item(session, about, item)


def send(
    session: Session,
    actor: Actor,
    vault: Vault,
    candidature_id: UUID,
    *,
    text: str,
    item: str | None = None,
    internal: bool = False,
    files: Sequence[StoredFile] = (),
) -> Message:
    """A message with files that were examined. The journal tells of it without its text; of a note, apart."""
    about, about_item = may_send(session, actor, candidature_id, item, internal=internal)
    _hold(session, about)
    keep_contents(session, vault, files)
    message_id = new_id()
    place = record(
        session,
        actor,
        "note.written" if internal else "message.sent",
        f"notes:{about.id}" if internal else f"candidature:{about.id}",
        {
            "message": str(message_id),
            "code": about_item.expected_proof.code if about_item else None,
            "sha256": hashlib.sha256(text.encode()).hexdigest(),
            "files": [{"name": one.filename, "sha256": one.sha256, "size": one.size} for one in files],
        },
    )
    message = Message(
        id=message_id,
        candidature_id=about.id,
        item_id=about_item.id if about_item else None,
        position=place.position,
        account_id=actor.account_id,
        of_agency=actor.of_agency,
        internal=internal,
        text=text,
        sent_at=now(session),
        files=kept_files(MessageFile, files),
    )
    session.add(message)
    session.flush()
    return message


def _hold(session: Session, about: Candidature) -> None:
    """What is written and read about a dossier comes one after the other: nothing appears before what was read."""
    held = sa.select(Candidature.id).where(Candidature.id == about.id).with_for_update(key_share=True)
    session.execute(held)


def mark_read(session: Session, actor: Actor, candidature_id: UUID, message_id: UUID) -> None:
    """Everything up to this message was read; a mark that is further already stays where it is.

    What an editor wrote about a dossier that is closed stays in the lead's inbox until a lead has read it, and in no
    conflict of interest: who has one is refused (Forbidden).
    """
    about = queries.dossier(session, actor, candidature_id)
    refuse_to_judge(session, actor, about.software_id)
    message = queries.message(session, actor, message_id)
    if message.candidature_id != about.id:
        raise invalid_field("message", "Ce message est d'une autre candidature : vérifiez son identifiant.")
    if message.internal:
        raise invalid_field(
            "message",
            "Une note interne ne se marque pas comme lue : donnez un message échangé avec l'éditeur.",
        )
    _hold(session, about)
    reached = insert(ReadMark).values(
        candidature_id=about.id,
        account_id=actor.account_id,
        message_id=message.id,
        position=message.position,
        read_at=now(session),
    )
    session.execute(
        reached.on_conflict_do_update(
            index_elements=[ReadMark.candidature_id, ReadMark.account_id],
            set_={
                "message_id": reached.excluded.message_id,
                "position": reached.excluded.position,
                "read_at": reached.excluded.read_at,
            },
            where=ReadMark.position < reached.excluded.position,
        )
    )
    if not queries.answers_for(actor, about):
        return
    session.execute(
        sa.update(Message)
        .where(
            Message.candidature_id == about.id,
            queries.to_be_read_by(actor),
            Message.position <= message.position,
            Message.read_at.is_(None),
        )
        .values(read_at=now(session))
        .execution_options(synchronize_session=False)
    )
