"""Examination of a supplied file, once it is in the storage and before it is kept as a proof."""

import io
from collections.abc import Sequence
from dataclasses import replace

from referencing.base.errors import FieldError, Invalid
from referencing.catalogue.proposals import ProofKind
from referencing.files.inspection.identifiers.wording import masked_name, quoted
from referencing.files.inspection.personal_data import IN_THE_NAME, PersonalDataReport
from referencing.files.inspection.supplied_file import Inspection, inspect
from storage.port import ObjectStorage
from storage.reading import StoredContent

from .operations import LONGEST_NAME, StoredFile

#: The time for one file of any size; its remarks say what was not looked at by then.
SECONDS = 30
#: Bytes: parsers ask for a few at a time.
_BUFFER = 1 << 16
_MOST_PLACES = 20
_NAME_MASKED = "Un numéro figurait dans le nom du fichier : il y est masqué."


def examined(storage: ObjectStorage, stored: StoredFile, kind: ProofKind) -> StoredFile:
    """A stored file with what its content tells. Raises Invalid when it may not be a proof of that kind.

    The content is read by ranges. It stays in the storage when it is refused: another deposit may have it too.
    """
    content = StoredContent(storage, stored.sha256)
    with io.BufferedReader(content, _BUFFER) as file:
        inspection = inspect(file, stored.filename, stored.media_type, kind, seconds=SECONDS)
    if content.failure is not None:  # a parser took it for damage of the file
        raise content.failure
    if inspection.refusals:
        raise Invalid(_refusal(stored.filename, inspection))
    remarks = list(inspection.problems)
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
    )


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
