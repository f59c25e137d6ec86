"""Entering certificates: what another counter certified, its renewals, its corrections, its files."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import new_id, now, today
from referencing.base.errors import Conflict, FieldError, Invalid, invalid_field
from referencing.base.permissions import Actor, Right, authorise
from referencing.base.vault import Vault
from referencing.certificates.embedding.copies import ask_to_follow
from referencing.files.operations import StoredFile, keep_contents, kept_files
from referencing.journal.operations import record
from referencing.solutions.cores import lock_softwares
from referencing.solutions.models import Certificate, Software
from referencing.solutions.nils import clean, look
from referencing.solutions.ownership import vouch_for_nil
from referencing.solutions.queries import refuse_to_judge
from referencing.solutions.queries import software as find_software

from . import queries
from .models import CertificateFile
from .notices import certificate_detail, enqueue_resolution, refuse_entered, refuse_settled, stream

MOST_FILES = 20


@dataclass(frozen=True, slots=True)
class Words:
    """The content of a certificate; `valid_until` is the first day without."""

    kind: str
    holder: str
    number: str
    valid_from: date
    valid_until: date | None


def may_enter_certificates(session: Session, actor: Actor, software: UUID) -> None:
    """Raises NotFound or Forbidden before an answer is given again, as when a permission was revoked meanwhile."""
    authorise(actor, Right.ENTER_CERTIFICATES)
    find_software(session, actor, software)


def enter_certificate(
    session: Session,
    actor: Actor,
    software: UUID,
    words: Words,
    vault: Vault | None = None,
    files: Sequence[StoredFile] = (),
) -> Certificate:
    """Record what another counter certified, with files that were examined; dossiers of the software gain it at once.

    `holder` is the software's NIL, or a component that it embeds (montage). The same number again is a renewal when
    its period is another one. Raises NotFound, Forbidden in a conflict of interest, Invalid, Conflict.
    """
    authorise(actor, Right.ENTER_CERTIFICATES)
    owner = find_software(session, actor, software, lock=True)
    refuse_to_judge(session, actor, owner.id)
    certificate = _row(session, actor, owner, words)
    same_number = queries.same_number(session, certificate)
    renewed = refuse_entered(actor, certificate, same_number)
    session.add(certificate)
    session.flush()
    _vouch(session, actor, owner, certificate)
    if vault is not None:
        _keep_files(session, vault, certificate, files)
    detail = {
        **certificate_detail(certificate),
        "files": [one.sha256 for one in files],
        "renews": str(renewed.id) if renewed else None,
    }
    record(session, actor, "certificate.entered", stream(certificate), detail)
    enqueue_resolution(session, certificate)
    ask_to_follow(session, certificate, same_number)
    return certificate


def correct_certificate(
    session: Session,
    actor: Actor,
    certificate_id: UUID,
    words: Words,
    reason: str,
    wrong_files: Sequence[UUID] = (),
) -> Certificate:
    """Correct a certificate: another row stands in its place, with its files but the wrong ones.

    Nothing changes when the words are the same, and no file is wrong. Raises as `enter_certificate`.
    """
    checked_certificate = queries.to_change(session, actor, certificate_id)
    before = checked_certificate.certificate
    refuse_settled(before)
    if before.original_id is not None:
        raise Conflict("Ce certificat reprend celui d'un composant : corrigez celui-là, il sera suivi.")
    after = _row(session, actor, checked_certificate.software, words)
    right_files = _without(queries.files(session, [before.id])[before.id], wrong_files)
    same_words = certificate_detail(before) == {**certificate_detail(after), "certificate": str(before.id)}
    if same_words and not wrong_files:
        return before
    before.revoked_on = today(session)
    session.flush()
    others = [one for one in queries.same_number(session, after) if one.id != before.id]
    refuse_entered(actor, after, others)
    session.add(after)
    session.flush()
    before.replaced_by = after.id
    session.add_all(_copy_to(file, after, position) for position, file in enumerate(right_files, start=1))
    session.flush()
    detail = {
        **certificate_detail(after),
        "replaces": str(before.id),
        "before": certificate_detail(before),
        "reason": reason,
        **({"without_files": [str(one) for one in wrong_files]} if wrong_files else {}),
    }
    record(session, actor, "certificate.corrected", stream(after), detail)
    enqueue_resolution(session, after)
    ask_to_follow(session, after, [before])
    return after


def confirm_certificate(session: Session, actor: Actor, certificate_id: UUID) -> Certificate:
    """Answer for a certificate that an editor's side entered, and for what repeats it: dossiers gain them at once.

    Nothing changes when it is confirmed already. Raises NotFound, Forbidden in a conflict of interest, Conflict.
    """
    authorise(actor, Right.CONFIRM_CERTIFICATES)
    certificate = queries.certificate(session, actor, certificate_id).certificate
    softwares = queries.softwares_of(session, certificate_id)
    refuse_to_judge(session, actor, *softwares)
    lock_softwares(session, softwares)
    session.refresh(certificate)
    refuse_settled(certificate)
    _vouch(session, actor, session.get_one(Software, certificate.software_id), certificate)
    for repeated in queries.unconfirmed(session, certificate_id):
        repeated.confirmed_by, repeated.confirmed_at = actor.account_id, now(session)
        record(session, actor, "certificate.confirmed", stream(repeated), certificate_detail(repeated))
        enqueue_resolution(session, repeated)
    return certificate


def add_files(
    session: Session, actor: Actor, vault: Vault, certificate_id: UUID, files: Sequence[StoredFile]
) -> Certificate:
    """Add examined files behind those of a certificate. Raises NotFound, Invalid, Conflict."""
    certificate = queries.to_change(session, actor, certificate_id).certificate
    refuse_settled(certificate)
    if not files:
        raise invalid_field("file", "Joignez au moins un fichier, dans un champ « file » du formulaire.")
    _keep_files(session, vault, certificate, files)
    detail = {"certificate": str(certificate.id), "files": [one.sha256 for one in files]}
    record(session, actor, "certificate.files_added", stream(certificate), detail)
    return certificate


def may_change(session: Session, actor: Actor, certificate_id: UUID) -> None:
    """Raises the errors of `add_files` before a large file is sent for nothing: NotFound, Forbidden, Conflict."""
    authorise(actor, Right.ENTER_CERTIFICATES)
    certificate = queries.certificate(session, actor, certificate_id).certificate
    refuse_to_judge(session, actor, certificate.software_id)
    refuse_settled(certificate)


def _row(session: Session, actor: Actor, owner: Software, words: Words) -> Certificate:
    if words.valid_until is not None and words.valid_until <= words.valid_from:
        raise Invalid(
            "Corrigez les dates du certificat.",
            [FieldError("/valid_until", "La fin de validité vient après son début.")],
        )
    holder, kind = clean(words.holder), clean(words.kind)
    answered_for = queries.answers_for(session, actor, kind, owner)
    return Certificate(
        id=new_id(),
        software_id=owner.id,
        core_id=owner.core_id,
        kind=kind,
        holder=owner.nil if holder == str(owner.id) or look(holder) == owner.nil_look else holder,
        number=clean(words.number),
        valid_from=words.valid_from,
        valid_until=words.valid_until,
        entered_by=actor.account_id,
        confirmed_by=actor.account_id if answered_for else None,
        confirmed_at=now(session) if answered_for else None,
    )


def _vouch(session: Session, actor: Actor, owner: Software, certificate: Certificate) -> None:
    """Confirm the NIL of which the agency enters or confirms a certificate. Raises Conflict where it is contested."""
    if not actor.of_agency or certificate.holder != owner.nil:
        return
    reason = f"L'agence répond du certificat {certificate.kind} n° {certificate.number} de ce logiciel."
    if not vouch_for_nil(session, actor, owner, reason):
        raise Conflict(
            f"Le NIL « {owner.nil} » a été refusé à ce logiciel, ou un autre le porte aussi : dites d'abord duquel il "
            f"est (/api/v1/softwares/{owner.id}/nil-confirmation)."
        )


def _keep_files(
    session: Session, vault: Vault, certificate: Certificate, files: Sequence[StoredFile]
) -> None:
    last = len(queries.files(session, [certificate.id])[certificate.id])
    if last + len(files) > MOST_FILES:
        raise Invalid(f"Un certificat a {MOST_FILES} fichiers au plus : réunissez-les et envoyez de nouveau.")
    keep_contents(session, vault, files)
    for row in kept_files(CertificateFile, files):
        row.certificate_id = certificate.id
        row.position += last
        session.add(row)
    session.flush()


def _without(files: Sequence[CertificateFile], wrong: Sequence[UUID]) -> list[CertificateFile]:
    """The files that are not wrong. Raises Invalid for one that is none of them."""
    own = {file.id for file in files}
    errors = [
        FieldError(f"/without_files/{place}", "Donnez l'identifiant d'un fichier de ce certificat.")
        for place, id_ in enumerate(wrong)
        if id_ not in own
    ]
    if errors:
        raise Invalid("Ce certificat n'a pas tous ces fichiers : relisez-le.", errors)
    return [file for file in files if file.id not in wrong]


def _copy_to(file: CertificateFile, certificate: Certificate, position: int) -> CertificateFile:
    """A row for the same content under another certificate."""
    kept = {column.key: getattr(file, column.key) for column in sa.inspect(CertificateFile).columns}
    return CertificateFile(**{**kept, "id": new_id(), "certificate_id": certificate.id, "position": position})
