"""Whether a content may be read: examined whole, and scanned first where there is a scanner."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.errors import Conflict
from referencing.base.jobs import enqueue, last_try
from referencing.base.models import Job
from referencing.base.outgoing.clamd import ScannerUnavailable, ScanResult, ScanVerdict
from referencing.base.permissions import Actor, Right, authorise
from referencing.base.vault import Vault
from referencing.journal.operations import SYSTEM, record

from .models import Content, KeptFile, Scan

UNEXAMINED = "Ce fichier est en cours d'examen (recherche de numéros d'identité) : réessayez dans un instant."
_REFUSALS = {
    Scan.PENDING: "L'analyse antivirus de ce fichier n'est pas terminée : réessayez dans un instant.",
    Scan.MALWARE: "Ce fichier est en quarantaine : l'antivirus y a trouvé un programme malveillant.",
    Scan.UNSCANNABLE: "L'antivirus n'a pas pu analyser ce fichier : un vérificateur doit d'abord l'accepter.",
}

_TASK = "scan_content"


def scan(session: Session, vault: Vault, sha256: str) -> Scan:
    """Scan a content for the files of it that wait, and keep the result.

    Raises ScannerUnavailable while another try is left.
    """
    content = session.get_one(Content, sha256)
    waiting = _waiting(session, sha256)
    if vault.scanner is None or not (waiting or content.scan is Scan.PENDING):
        return content.scan
    result = _look(session, vault, content)
    for file in waiting:
        file.scan_awaited = False
    content.scan, content.scan_detail = Scan(result.verdict.value), result.detail or None
    detail = {"sha256": sha256, "scan": content.scan.value, "detail": content.scan_detail}
    record(session, SYSTEM, "content.scanned", f"content:{sha256}", detail)
    return content.scan


def _waiting(session: Session, sha256: str) -> Sequence[KeptFile]:
    return [
        file
        for kind in KeptFile.__subclasses__()
        for file in session.scalars(sa.select(kind).where(kind.sha256 == sha256, kind.scan_awaited))
    ]


def _look(session: Session, vault: Vault, content: Content) -> ScanResult:
    assert vault.scanner is not None  # noqa: S101 - looked at by the caller
    if content.size > vault.largest_scanned:
        return ScanResult(ScanVerdict.UNSCANNABLE, "larger than what the scanner reads")
    try:
        return vault.scanner.scan(vault.storage.read(content.sha256))
    except ScannerUnavailable:
        if not last_try(session):
            raise
        if content.scan is not Scan.PENDING:  # what it said before holds: a content does not change
            return ScanResult(ScanVerdict(content.scan.value), content.scan_detail or "")
        return ScanResult(ScanVerdict.UNSCANNABLE, "the scanner did not answer")


def refuse_unread(vault: Vault, file: KeptFile) -> None:
    """Raises Conflict, with what to wait for, when the file may not be read yet, or at all."""
    if not file.examined:
        raise Conflict(UNEXAMINED)
    state = file.content.scan if vault.scanner is None else file.scan
    if state is Scan.UNSCANNED and vault.scanner is not None:
        state = Scan.PENDING
    if state is Scan.UNSCANNABLE and file.accepted_reason is not None:
        return
    if state in _REFUSALS:
        raise Conflict(_REFUSALS[state])


def scan_waiting(session: Session, vault: Vault, most: int = 200) -> None:
    """Enqueue a scan of the contents of which files came while there was no scanner, `most` of each sort at once."""
    if vault.scanner is None:
        return
    waiting = sa.select(Content.sha256).where(Content.scan == Scan.UNSCANNED).limit(most)
    to_scan = sa.update(Content).where(Content.sha256.in_(waiting), Content.scan == Scan.UNSCANNED)
    for sha256 in session.scalars(to_scan.values(scan=Scan.PENDING).returning(Content.sha256)):
        enqueue(session, _TASK, sha256=sha256)
    for sha256 in _left_waiting(session, most):
        enqueue(session, _TASK, sha256=sha256)


def _left_waiting(session: Session, most: int) -> Sequence[str]:
    """Contents with files that wait and that no job scans: known by then, they came again without a scanner."""
    files = (sa.select(kind.sha256).where(kind.scan_awaited) for kind in KeptFile.__subclasses__())
    awaited = sa.union(*files).subquery().c.sha256
    under_way = sa.exists().where(
        Job.task == _TASK, Job.done_at.is_(None), Job.arguments["sha256"].as_string() == awaited
    )
    return session.scalars(sa.select(awaited).where(~under_way).limit(most)).all()


def accept_unscannable(
    session: Session, actor: Actor, file: KeptFile, reason: str, *, right: Right = Right.REVIEW
) -> None:
    """Accept to read a file unscanned: the actor, a verifier unless `right` says otherwise, answers for it."""
    authorise(actor, right)
    if file.scan is not Scan.UNSCANNABLE:
        raise Conflict("Seul un fichier que l'antivirus n'a pas pu analyser s'accepte ainsi.")
    file.accepted_by, file.accepted_reason = actor.account_id, reason
    detail = {"file": str(file.id), "sha256": file.sha256, "reason": reason}
    record(session, actor, "content.accepted", f"content:{file.sha256}", detail)
