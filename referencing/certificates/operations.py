"""Entering certificates: what another counter certified, its renewals, its corrections, its files."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.accounts.permissions import Actor, Right, authorise
from referencing.db import new_id, today
from referencing.errors import Conflict, FieldError, Invalid
from referencing.jobs import enqueue
from referencing.journal.operations import record
from referencing.proofs.operations import StoredFile, keep_contents, kept_files
from referencing.solutions.models import Certificate, Software
from referencing.solutions.operations import clean
from referencing.solutions.queries import software as find_software
from referencing.vault import Vault

from . import queries
from .models import CertificateFile

MOST_FILES = 20


@dataclass(frozen=True, slots=True)
class Words:
    """What a certificate says; `valid_until` is the first day without."""

    kind: str
    holder: str
    number: str
    valid_from: date
    valid_until: date | None


def may_enter_certificates(session: Session, actor: Actor, software: UUID) -> None:
    """Before anything that was answered is answered again. Raises NotFound, as for what a revoked permission opened."""
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
    its period is another one. Raises NotFound, Invalid, Conflict.
    """
    authorise(actor, Right.ENTER_CERTIFICATES)
    owner = find_software(session, actor, software, lock=True)
    certificate = _row(actor, owner, words)
    renewed = _renewed(actor, certificate, queries.same_number(session, certificate))
    session.add(certificate)
    session.flush()
    if vault is not None:
        _keep(session, vault, certificate, files)
    detail = {
        **_told(certificate),
        "files": [one.sha256 for one in files],
        "renews": str(renewed.id) if renewed else None,
    }
    record(session, actor, "certificate.entered", _stream(certificate), detail)
    _followed(session, certificate)
    return certificate


def correct_certificate(
    session: Session, actor: Actor, certificate_id: UUID, words: Words, reason: str
) -> Certificate:
    """What was entered was wrong: another row stands in its place, with its files. Raises NotFound, Invalid, Conflict.

    Nothing changes when the words are the same.
    """
    found = queries.to_change(session, actor, certificate_id)
    before = found.certificate
    _standing(before)
    after = _row(actor, found.software, words)
    if _told(before) == {**_told(after), "certificate": str(before.id)}:
        return before
    before.revoked_on = today(session)
    session.flush()
    others = [one for one in queries.same_number(session, after) if one.id != before.id]
    _renewed(actor, after, others)
    session.add(after)
    session.flush()
    before.replaced_by = after.id
    for file in queries.files(session, [before.id])[before.id]:
        session.add(_copied(file, after))
    session.flush()
    detail = {**_told(after), "replaces": str(before.id), "before": _told(before), "reason": reason}
    record(session, actor, "certificate.corrected", _stream(after), detail)
    _followed(session, after)
    return after


def add_files(
    session: Session, actor: Actor, vault: Vault, certificate_id: UUID, files: Sequence[StoredFile]
) -> Certificate:
    """Files that were examined, behind those that it has. Raises NotFound, Invalid, Conflict."""
    certificate = queries.to_change(session, actor, certificate_id).certificate
    _standing(certificate)
    if not files:
        raise Invalid("Joignez au moins un fichier, dans un champ « file » du formulaire.")
    _keep(session, vault, certificate, files)
    detail = {"certificate": str(certificate.id), "files": [one.sha256 for one in files]}
    record(session, actor, "certificate.files_added", _stream(certificate), detail)
    return certificate


def may_change(session: Session, actor: Actor, certificate_id: UUID) -> None:
    """Raises what `add_files` would, before a large file is sent for nothing."""
    authorise(actor, Right.ENTER_CERTIFICATES)
    _standing(queries.certificate(session, actor, certificate_id).certificate)


def _row(actor: Actor, owner: Software, words: Words) -> Certificate:
    if words.valid_until is not None and words.valid_until <= words.valid_from:
        raise Invalid(
            "Corrigez les dates du certificat.",
            [FieldError("/valid_until", "La fin de validité vient après son début.")],
        )
    holder = clean(words.holder)
    return Certificate(
        id=new_id(),
        software_id=owner.id,
        core_id=owner.core_id,
        kind=clean(words.kind),
        holder=owner.nil if holder == str(owner.id) else holder,
        number=clean(words.number),
        valid_from=words.valid_from,
        valid_until=words.valid_until,
        entered_by=actor.account_id,
    )


def _renewed(actor: Actor, new: Certificate, known: Sequence[Certificate]) -> Certificate | None:
    """The period before this one, under the same number. Raises Conflict for what is known, or was taken back."""
    for one in known:
        if one.revoked_on is not None and not actor.of_agency:
            raise Conflict(
                f"Ce certificat a été retiré le {one.revoked_on:%d/%m/%Y} : "
                "demandez à l'agence de le saisir s'il vaut de nouveau."
            )
        if one.revoked_on is None and _overlap(one, new):
            raise Conflict(
                f"Ce certificat est déjà enregistré pour ce logiciel, {_period(one)}. Corrigez-le "
                f"(/api/v1/certificates/{one.id}/correction), ou donnez à son renouvellement une autre période."
            )
    return next((one for one in known if one.revoked_on is None), None)


def _overlap(one: Certificate, other: Certificate) -> bool:
    first, second = sorted((one, other), key=lambda certificate: certificate.valid_from)
    return first.valid_until is None or first.valid_until > second.valid_from


def _period(certificate: Certificate) -> str:
    until = f" et avant le {certificate.valid_until:%d/%m/%Y}" if certificate.valid_until else ""
    return f"valable à partir du {certificate.valid_from:%d/%m/%Y}{until}"


def _standing(certificate: Certificate) -> None:
    if certificate.replaced_by is not None:
        raise Conflict(
            f"Ce certificat a été corrigé : relisez celui qui le remplace "
            f"(/api/v1/certificates/{certificate.replaced_by})."
        )
    if certificate.revoked_on is not None:
        raise Conflict(f"Ce certificat a été retiré le {certificate.revoked_on:%d/%m/%Y} et ne change plus.")


def _keep(session: Session, vault: Vault, certificate: Certificate, files: Sequence[StoredFile]) -> None:
    last = len(queries.files(session, [certificate.id])[certificate.id])
    if last + len(files) > MOST_FILES:
        raise Invalid(f"Un certificat a {MOST_FILES} fichiers au plus : réunissez-les et envoyez de nouveau.")
    keep_contents(session, vault, files)
    for row in kept_files(CertificateFile, files):
        row.certificate_id = certificate.id
        row.position += last
        session.add(row)
    session.flush()


def _copied(file: CertificateFile, certificate: Certificate) -> CertificateFile:
    """The same content under the row that stands."""
    kept = {column.key: getattr(file, column.key) for column in sa.inspect(CertificateFile).columns}
    return CertificateFile(**{**kept, "id": new_id(), "certificate_id": certificate.id})


def _told(certificate: Certificate) -> dict[str, str | None]:
    until = certificate.valid_until
    return {
        "certificate": str(certificate.id),
        "kind": certificate.kind,
        "holder": certificate.holder,
        "number": certificate.number,
        "valid_from": certificate.valid_from.isoformat(),
        "valid_until": until.isoformat() if until else None,
    }


def _stream(certificate: Certificate) -> str:
    return f"software:{certificate.software_id}"


def _followed(session: Session, certificate: Certificate) -> None:
    enqueue(session, "resolve_software", core_id=str(certificate.core_id))
