"""Examination of a supplied file: what it is, before it is kept; whose numbers it holds, before it is read.

What takes long of the latter is left to a job: no upload waits for it.
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from functools import partial
from typing import IO, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.errors import FieldError, Invalid
from referencing.base.jobs import last_try
from referencing.base.vault import Vault
from referencing.catalogue.proposals import ProofKind
from referencing.files.inspection.identifiers.wording import masked_name, quoted
from referencing.files.inspection.personal_data import IN_THE_NAME, PersonalDataReport
from referencing.files.inspection.supplied_file import Inspection, inspect, searched
from storage.port import ObjectStorage, StorageFailure
from storage.reading import StoredContent

from .models import KeptFile
from .operations import LONGEST_NAME, StoredFile

T = TypeVar("T")

#: The time for one file of any size; its remarks say what was not looked at by then.
SECONDS = 30
#: Bytes that are searched for numbers while the client waits; more are searched by a job.
AT_ONCE = 1 << 20
SECONDS_OF_JOB = 120
#: Bytes: parsers ask for a few at a time.
_BUFFER = 1 << 16
_MOST_PLACES = 20
#: The remark on a file for as long as it is not examined.
UNDER_WAY = (
    "Ce fichier est en cours d'examen (recherche de numéros d'identité) : personne ne le lit avant la fin."
)
_NOT_SEARCHED = "Le stockage n'a pas rendu ce fichier : aucun numéro d'identité n'y a été cherché."
_NAME_MASKED = "Un numéro figurait dans le nom du fichier : il y est masqué."


def examined(storage: ObjectStorage, stored: StoredFile, kind: ProofKind) -> StoredFile:
    """A stored file with what its content tells. Raises Invalid when it may not be a proof of that kind.

    The content is read by ranges. It stays in the storage when it is refused: another deposit may have it too.
    """

    def look(file: IO[bytes]) -> Inspection:
        name, declared = stored.filename, stored.media_type
        return inspect(file, name, declared, kind, seconds=SECONDS, at_once=AT_ONCE)

    inspection = _seen(storage, stored.sha256, look)
    if inspection.refusals:
        raise Invalid(_refusal(stored.filename, inspection))
    remarks = list(inspection.problems)
    if inspection.postponed:
        remarks.append(UNDER_WAY)
    filename = stored.filename
    if _names_somebody(inspection.personal_data):
        filename = masked_name(filename, LONGEST_NAME)
        remarks.append(_NAME_MASKED)
    return replace(
        stored,
        filename=filename,
        detected_type=inspection.type.detected,
        remarks=tuple(remarks),
        identifiers=inspection.personal_data.distinct,
        identifier_places=inspection.personal_data.findings[:_MOST_PLACES],
        examined=not inspection.postponed,
    )


def _seen(storage: ObjectStorage, sha256: str, look: Callable[[IO[bytes]], T]) -> T:
    content = StoredContent(storage, sha256)
    with io.BufferedReader(content, _BUFFER) as file:
        seen = look(file)
    if content.failure is not None:  # a parser took it for damage of the file
        raise content.failure
    return seen


def examine(session: Session, vault: Vault, sha256: str) -> Sequence[KeptFile]:
    """Search a content that was kept for numbers of people; answers the files of it that may be read from now on.

    Raises StorageFailure while another try is left.
    """
    files = [file for kind in KeptFile.__subclasses__() for file in _unexamined(session, kind, sha256)]
    if not files:
        return files
    try:
        report, remarks = _seen(vault.storage, sha256, partial(searched, seconds=SECONDS_OF_JOB))
    except StorageFailure:
        if not last_try(session):
            raise
        report, remarks = None, (_NOT_SEARCHED,)
    for file in files:
        kept = [remark for remark in file.remarks if remark != UNDER_WAY]
        file.remarks = list(dict.fromkeys([*kept, *remarks]))
        if report is not None:
            file.identifiers = report.distinct
            file.identifier_places = [asdict(finding) for finding in report.findings[:_MOST_PLACES]]
        file.examined = True
    return files


def _unexamined(session: Session, kind: type[KeptFile], sha256: str) -> Sequence[KeptFile]:
    waiting = sa.select(kind).where(kind.sha256 == sha256, ~kind.examined)
    return session.scalars(waiting.with_for_update(of=kind, key_share=True, skip_locked=True)).all()


def all_examined(storage: ObjectStorage, files: Sequence[StoredFile], kind: ProofKind) -> list[StoredFile]:
    """The files of one deposit. Raises Invalid with an error for each that is refused: none may then be kept."""
    accepted, refused, names = [], [], []
    for at, stored in enumerate(files):
        try:
            accepted.append(examined(storage, stored, kind))
        except Invalid as error:
            refused.append(FieldError(f"/file/{at}", error.detail))
            names.append(quoted(stored.filename))
    if not refused:
        return accepted
    if len(refused) == 1:
        raise Invalid(refused[0].detail, refused)
    raise Invalid(
        f"Aucun fichier n'est gardé : {', '.join(names)} ne sont pas acceptés. Corrigez et envoyez de nouveau.",
        refused,
    )


def _refusal(filename: str, inspection: Inspection) -> str:
    accepted = inspection.type.accepted_types
    reasons = [refusal.removesuffix(accepted).strip() for refusal in inspection.refusals]
    return f"Le fichier {quoted(filename)} n'est pas accepté. {' '.join([*reasons, accepted])}"


def _names_somebody(report: PersonalDataReport) -> bool:
    return any(finding.where == IN_THE_NAME for finding in report.findings)
