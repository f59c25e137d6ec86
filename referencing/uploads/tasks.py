"""Background work of uploads."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from referencing.base.errors import Locked
from referencing.base.jobs import Background
from referencing.base.vault import Vault

from . import operations, queries


def finish_upload(session: Session, upload_id: str, *, vault: Vault) -> None:
    """Make a proof of an upload that is whole, should the request that brought the last byte not have done it."""
    try:
        queries.hold(session, UUID(upload_id))
    except Locked:  # that request is at it, which may take its time: look again
        operations.finish_later(session, UUID(upload_id))
    else:
        operations.finish(session, vault, UUID(upload_id))


def discard_upload(session: Session, name: str, *, vault: Vault) -> None:  # noqa: ARG001 - as every task
    """Remove what was received: it has become an object, or will not."""
    vault.storage.discard(name)


def expire_uploads(session: Session) -> None:
    """End the uploads for which nothing came for too long."""
    operations.expire(session)


TASKS = (
    Background(finish_upload),
    Background(discard_upload),
    Background(expire_uploads, every=timedelta(minutes=10)),
)
