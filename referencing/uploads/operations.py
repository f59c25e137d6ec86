"""Beginning an upload, taking in what comes, and making a proof of it once all is there."""

import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.accounts.operations import acting
from referencing.base import db
from referencing.base.db import new_id, now
from referencing.base.errors import (
    ChecksumMismatch,
    Conflict,
    DomainError,
    Gone,
    Invalid,
    Locked,
    TooLarge,
    Unavailable,
)
from referencing.base.jobs import enqueue
from referencing.base.permissions import Actor
from referencing.base.vault import Vault
from referencing.candidatures.filing.dating import check_date
from referencing.candidatures.filing.supplying import asked, may_supply, supply
from referencing.files.examination import examined
from referencing.files.operations import StoredFile, acceptable_name, known_media_type
from referencing.journal.operations import SYSTEM, record
from referencing.proofs.models import Proof
from storage.port import Lost

from . import queries
from .models import Upload
from .states import UPLOAD, UploadAction, UploadState
from .tus import Body

#: An upload expires so long after the last byte that came.
KEPT_FOR = timedelta(hours=24)
#: The request that brings the last byte makes the proof; should it be cut, a job does, this much later.
SECOND_TRY = timedelta(seconds=30)
MOST_EXPIRED = 100
#: Uploads that are begun and not finished, whatever their size.
MOST_OF_AN_ACCOUNT = 50
MOST_OF_AN_ORGANISATION = 200

LOST = "Le stockage n'a plus ce qui avait été reçu : commencez un autre envoi. Veuillez nous excuser."
_GONE = {
    UploadState.REFUSED: "Cet envoi a été refusé : voyez pourquoi (GET), puis commencez-en un autre.",
    UploadState.EXPIRED: "Cet envoi a expiré, faute d'octets reçus depuis 24 heures : commencez-en un autre.",
    UploadState.TERMINATED: "Vous avez mis fin à cet envoi : commencez-en un autre.",
    UploadState.LOST: LOST,
}


@dataclass(frozen=True, slots=True)
class Announced:
    """A file as a client announces it before it sends it: `length` in bytes, `metadata` as it came."""

    candidature: UUID
    item: str
    filename: str
    filetype: str
    sha256: str | None
    length: int
    metadata: str
    performed_on: date | None = None


def begin(
    session: Session, actor: Actor, vault: Vault, announced: Announced, *, largest: int, quota: int
) -> Upload:
    """Make room for a file, for an item that takes one. Raises TooLarge, beyond the organisation's quota also."""
    may_supply(session, actor, announced.candidature, announced.item)
    item = asked(session, actor, announced.candidature, announced.item)
    if announced.performed_on is not None:
        check_date(session, item.candidature, item.expected_proof, announced.performed_on)
    name = acceptable_name(announced.filename)
    if announced.length == 0:
        raise Invalid(f"Le fichier « {name} » est vide (0 octet) : vérifiez-le et envoyez-le de nouveau.")
    if announced.length > largest:
        raise TooLarge(f"Le fichier dépasse {largest} octets : réduisez-le ou envoyez-le en plusieurs.")
    under_way = queries.under_way(session, actor)
    if under_way.own >= MOST_OF_AN_ACCOUNT or under_way.begun >= MOST_OF_AN_ORGANISATION:
        raise Conflict(
            f"Trop d'envois sont en cours ({under_way.own} des vôtres, {under_way.begun} de votre organisation) : "
            "terminez-en ou annulez-en, puis recommencez."
        )
    if under_way.size + announced.length > quota:
        raise TooLarge(
            f"Les envois en cours de votre organisation dépasseraient {quota} octets : "
            "terminez-en ou annulez-en, puis recommencez."
        )
    upload_id = new_id()
    upload = Upload(
        id=upload_id,
        account_id=actor.account_id,
        organisation_id=actor.organisation_id,
        candidature_id=announced.candidature,
        item_id=item.id,
        metadata_=announced.metadata,
        filename=name,
        media_type=known_media_type(announced.filetype),
        sha256=announced.sha256,
        performed_on=announced.performed_on,
        length=announced.length,
        offset=0,
        name=vault.storage.begin(upload_id.hex),
        state=UploadState.RECEIVING,
        expires_at=now(session) + KEPT_FOR,
    )
    session.add(upload)
    session.flush()
    return upload


def may_receive(session: Session, actor: Actor, vault: Vault, upload_id: UUID, offset: int) -> Upload:
    """An upload that goes on at `offset`, here; who calls holds it. Raises Gone, Conflict at another offset."""
    upload = queries.upload(session, actor, upload_id)
    refuse_gone(session, upload)
    if offset != upload.offset:
        raise Conflict(f"L'envoi en est à l'octet {upload.offset}, pas {offset} : reprenez-le là.")
    _forget_overwritten(vault, upload)
    upload.receiver = this_process()
    return upload


def _forget_overwritten(vault: Vault, upload: Upload) -> None:
    """What this process hashed may have been written over by another one, which was the last to receive."""
    if upload.receiver != this_process():
        vault.storage.forget(upload.name)


def this_process() -> str:
    """A name that no other process has, on any machine, nor had before."""
    return _names.setdefault(os.getpid(), secrets.token_hex(8))


_names: dict[int, str] = {}


def refuse_gone(session: Session, upload: Upload) -> None:
    """Raises Gone for an upload that neither goes on nor has become a proof."""
    late = upload.state is UploadState.RECEIVING and upload.expires_at <= now(session)
    state = UploadState.EXPIRED if late else upload.state
    if state in _GONE:
        raise Gone(_GONE[state])


def receive(sessions: db.Sessions, vault: Vault, upload: Upload, body: Body) -> int:
    """Take in what a request brings, and answer the offset that is reached; who calls holds the upload.

    What is durable counts at once, so that nothing of a large request is lost with it; but where a checksum was
    announced, all of it or nothing. Raises ChecksumMismatch, Gone when the storage lost what it had.
    """
    reached = upload.offset
    try:
        for offset in vault.storage.append(upload.name, upload.offset, body):
            reached = offset
            if not body.is_announced:
                _reach(sessions, upload.id, reached)
    except Lost as error:
        with db.transaction(sessions) as session:
            _end(session, session.get_one(Upload, upload.id), UploadState.LOST)
        raise Gone(LOST) from error
    body.verify()
    if body.is_announced and reached > upload.offset:
        _reach(sessions, upload.id, reached)
    return reached


def _reach(sessions: db.Sessions, upload_id: UUID, offset: int) -> None:
    with db.transaction(sessions) as session:
        upload = session.get_one(Upload, upload_id)
        upload.offset = offset
        upload.expires_at = now(session) + KEPT_FOR
        if offset == upload.length:
            upload.state = UploadState.RECEIVED
            finish_later(session, upload_id)


def finish_later(session: Session, upload_id: UUID) -> None:
    enqueue(session, "finish_upload", delay=SECOND_TRY, upload_id=str(upload_id))


def finish(session: Session, vault: Vault, upload_id: UUID) -> Upload:
    """Make a proof of an upload that is whole, or keep why it is none; who calls holds the upload.

    A second call does nothing. Raises Unavailable, when trying again may help.
    """
    upload = session.get_one(Upload, upload_id, populate_existing=True)
    if upload.state is not UploadState.RECEIVED:
        return upload
    _forget_overwritten(vault, upload)
    try:
        stored = vault.storage.finish(upload.name, upload.length)
    except Lost:
        _end(session, upload, UploadState.LOST)
        return upload
    try:
        if upload.sha256 is not None and upload.sha256 != stored.sha256:
            raise ChecksumMismatch(
                f"Le fichier reçu a pour SHA-256 {stored.sha256}, pas {upload.sha256} : envoyez-le de nouveau."
            )
        file = StoredFile(upload.filename, upload.media_type, stored.sha256, stored.size)
        with session.begin_nested():
            upload.proof_id = _supply(session, vault, upload, file).id
        _end(session, upload, UploadState.KEPT)
    except Unavailable:
        raise
    except DomainError as error:
        _refuse(session, upload, error)
    session.flush()
    return upload


def _supply(session: Session, vault: Vault, upload: Upload, file: StoredFile) -> Proof:
    actor = acting(session, upload.account_id)
    item = asked(session, actor, upload.candidature_id, str(upload.item_id))
    examined_file = examined(vault.storage, file, item.expected_proof.kind)
    item_id = str(upload.item_id)
    return supply(session, actor, vault, upload.candidature_id, item_id, [examined_file], upload.performed_on)


def _refuse(session: Session, upload: Upload, error: DomainError) -> None:
    upload.refusal = {
        "kind": error.kind,
        "detail": error.detail,
        "errors": [{"pointer": one.pointer, "detail": one.detail} for one in error.errors],
    }
    detail = {"upload": str(upload.id), "file": upload.filename, "reason": error.detail}
    record(session, SYSTEM, "upload.refused", f"candidature:{upload.candidature_id}", detail)
    _end(session, upload, UploadState.REFUSED)


def terminate(session: Session, actor: Actor, upload_id: UUID) -> None:
    """Forget an upload, at the wish of who began it; who calls holds it. Raises Conflict once it is a proof."""
    upload = queries.upload(session, actor, upload_id)
    refuse_gone(session, upload)
    if not UPLOAD.allows(upload.state, UploadAction.TERMINATE):
        raise Conflict("Ce fichier est devenu une preuve : il ne s'efface plus ainsi.")
    _end(session, upload, UploadState.TERMINATED)


def expire(session: Session) -> None:
    """End the uploads for which nothing came for too long, but for one that is being written to."""
    late = sa.select(Upload).where(Upload.state == UploadState.RECEIVING, Upload.expires_at <= now(session))
    for upload in session.scalars(late.order_by(Upload.expires_at).limit(MOST_EXPIRED)):
        with suppress(Locked):
            queries.hold(session, upload.id)
            _end(session, upload, UploadState.EXPIRED)


def _end(session: Session, upload: Upload, state: UploadState) -> None:
    """End an upload; what was received is removed once the transaction is committed."""
    upload.state = state
    enqueue(session, "discard_upload", name=upload.name)
