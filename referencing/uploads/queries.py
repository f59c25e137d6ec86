"""Reading uploads: only who began an upload reads it, and only one request writes to it at a time."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from psycopg.errors import LockNotAvailable
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from referencing.accounts.models import Organisation
from referencing.accounts.visible_queries import readable_id
from referencing.base.db import after, any_of, now
from referencing.base.errors import Locked, NotFound
from referencing.base.permissions import Actor, Right, authorise
from referencing.candidatures.record.queries import candidature

from .models import UNFINISHED, Upload
from .states import UploadState

NO_UPLOAD = "Cet envoi n'existe pas : commencez-en un (POST /api/v1/uploads)."
BUSY = "Un autre envoi écrit déjà ici : attendez qu'il se termine, puis demandez où il en est (HEAD)."
#: How long a request waits for another one to let go: that one looks each second, and makes durable what it has.
PATIENCE = "5s"

UNDER_WAY = Upload.state.in_(sorted(UNFINISHED))


def upload(session: Session, actor: Actor, upload_id: UUID) -> Upload:
    """An upload of the actor. Raises NotFound, also once an editor does not allow the integration any more."""
    authorise(actor, Right.SUPPLY_PROOFS)
    own_upload = session.get(Upload, upload_id, populate_existing=True)
    if own_upload is None or own_upload.account_id != actor.account_id:
        raise NotFound(NO_UPLOAD)
    candidature(session, actor, own_upload.candidature_id)
    return own_upload


def unfinished(
    session: Session,
    actor: Actor,
    cursor: Sequence[Any] | None,
    limit: int,
    candidature_id: UUID | None = None,
) -> Sequence[Upload]:
    """The uploads of the actor that may still go on, for dossiers that they may supply, in the order of beginning."""
    authorise(actor, Right.SUPPLY_PROOFS)
    own = sa.select(Upload).where(
        UNDER_WAY,
        Upload.account_id == actor.account_id,
        Upload.expires_at > now(session),
        readable_id(session, actor, Upload.candidature_id),
    )
    if candidature_id is not None:
        own = own.where(Upload.candidature_id == candidature_id)
    return session.scalars(after(own, [Upload.id], cursor).limit(limit)).all()


class UnderWay(NamedTuple):
    """The unfinished uploads of an organisation: how many, the bytes that they will have, how many are the actor's."""

    begun: int
    size: int
    own: int


def under_way(session: Session, actor: Actor) -> UnderWay:
    """What the actor's organisation has begun; it begins no other before the transaction ends."""
    organisation_id = actor.organisation_id
    session.execute(
        sa.select(Organisation.id).where(Organisation.id == organisation_id).with_for_update(key_share=True)
    )
    begun = sa.select(
        sa.func.count(),
        sa.func.coalesce(sa.func.sum(Upload.length), 0),
        sa.func.count().filter(Upload.account_id == actor.account_id),
    ).where(UNDER_WAY, Upload.organisation_id == organisation_id)
    number, size, own = session.execute(begun).one()
    return UnderWay(number, int(size), own)


def last_refused(session: Session, items: Collection[UUID]) -> Sequence[Upload]:
    """The last upload of each of these items, where it was refused; one query."""
    last = (
        sa.select(Upload)
        .where(any_of(Upload.item_id, items))
        .ext(distinct_on(Upload.item_id))
        .order_by(Upload.item_id, Upload.id.desc())
    )
    return [upload for upload in session.scalars(last) if upload.state is UploadState.REFUSED]


def is_unfinished(session: Session, key: str) -> bool:
    """Whether what the storage keeps under a key is an upload that may still go on."""
    try:
        upload_id = UUID(key)
    except ValueError:
        return False
    return bool(session.scalar(sa.select(sa.exists().where(UNDER_WAY, Upload.id == upload_id))))


@contextmanager
def held(engine: sa.Engine, upload_id: UUID) -> Iterator[Callable[[], bool]]:
    """Lock an upload: nobody else writes to it meanwhile. Raises Locked while another one writes.

    Yields what tells whether somebody else waits for it: who holds it, and hears nothing of its client, lets go then.
    The lock is that of a connection of its own, without a transaction: it may last for hours, and ends with the
    process that has it, however that one ends.
    """
    with engine.connect() as connection:
        _take(connection, upload_id)
        try:
            yield partial(_is_wanted, connection, upload_id)
        finally:
            try:
                with connection.begin():
                    connection.execute(sa.select(sa.func.pg_advisory_unlock(_key(upload_id))))
            except sa.exc.DBAPIError:
                connection.invalidate()  # the lock ends with the connection


def _take(connection: sa.Connection, upload_id: UUID) -> None:
    """Have the lock at once, or within PATIENCE, with a wish that who has it can see. Raises Locked."""
    with connection.begin():
        if connection.scalar(sa.select(sa.func.pg_try_advisory_lock(_key(upload_id)))):
            return
    try:
        with connection.begin():
            connection.execute(sa.select(sa.func.set_config("lock_timeout", PATIENCE, True)))
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock_shared(_wish(upload_id))))
            connection.execute(sa.select(sa.func.pg_advisory_lock(_key(upload_id))))
    except sa.exc.OperationalError as error:
        if isinstance(error.orig, LockNotAvailable):
            raise Locked(BUSY) from error
        raise


def _is_wanted(connection: sa.Connection, upload_id: UUID) -> bool:
    with connection.begin():
        return not connection.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(_wish(upload_id))))


def hold(session: Session, upload_id: UUID) -> None:
    """Lock an upload until the end of the session's transaction. Raises Locked."""
    if not session.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(_key(upload_id)))):
        raise Locked(BUSY)


def _key(upload_id: UUID) -> int:
    return upload_id.int & 0x7FFF_FFFF_FFFF_FFFF


def _wish(upload_id: UUID) -> int:
    return _key(upload_id) | 1 << 62  # which no key has: the variant of a UUID is "10" there (RFC 9562)
