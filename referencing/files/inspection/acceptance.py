"""The contents that each kind of expected proof accepts, and the sentence that says so."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import IO

from referencing.catalogue.proposals import ProofKind
from referencing.files.inspection.archives.report import Entry
from referencing.files.inspection.identifiers.wording import quoted

from .archive_listing import examine as examine_archive
from .budget import Budget
from .content import head_of, size_of, tail_of
from .content_type import PDF_MARK, PDF_WITHIN, detect, is_preceded_pdf
from .families import UNKNOWN, Family, agree, canonical, extension_of, family_of, is_program, promised_by

_ACCEPTED: dict[ProofKind, tuple[Family, ...]] = {
    ProofKind.DEMONSTRATION: (Family.VIDEO, Family.IMAGE, Family.PDF, Family.OFFICE),
    ProofKind.LOG: (Family.TEXT, Family.IMAGE, Family.CAPTURE),
    ProofKind.DOCUMENT: (Family.PDF, Family.OFFICE, Family.TEXT),
    ProofKind.TEST_REPORT: (Family.PDF, Family.HTML, Family.TEXT, Family.IMAGE),
    ProofKind.CERTIFICATE: (Family.PDF, Family.IMAGE),
    ProofKind.PENTEST: (Family.PDF,),
    ProofKind.OTHER: tuple(
        family for family in Family if family not in {Family.PROGRAM, Family.ARCHIVE, Family.EMPTY}
    ),
}
_OPENED_BY_PASSWORD = frozenset(ProofKind) - {ProofKind.PENTEST}

_KINDS = {
    ProofKind.DEMONSTRATION: "une démonstration",
    ProofKind.LOG: "un journal",
    ProofKind.DOCUMENT: "un document",
    ProofKind.TEST_REPORT: "un rapport de test",
    ProofKind.CERTIFICATE: "une attestation",
    ProofKind.PENTEST: "un rapport de test d'intrusion",
}
_FORMATS = {
    Family.VIDEO: "une vidéo (.mp4, .webm, .mkv, .avi, .mov)",
    Family.IMAGE: "une image (.png, .jpg, .webp, .heic, .gif, .tiff, .bmp)",
    Family.PDF: "un PDF",
    Family.TEXT: "un texte (.txt, .log, .csv, .json, .xml, .hl7, .eml)",
    Family.OFFICE: "un document bureautique (.docx, .xlsx, .pptx, .odt, .ods, .odp)",
    Family.HTML: "une page HTML",
    Family.CAPTURE: "une capture réseau ou un journal Windows (.pcap, .pcapng, .evtx)",
}
_ANYTHING = "Tout est accepté ici, sauf les programmes, les scripts et les documents à macros."

# What operating systems add to an archive by themselves.
_BYSTANDERS = frozenset({".ds_store", "thumbs.db", "desktop.ini"})
_BYSTANDERS_FOLDER = "__MACOSX/"
# IHE ITI TF-2, 3.32.4.1.2: an XDM archive has an INDEX.HTM, whatever documents it carries.
_XDM_FOLDER, _XDM_INDEX = "IHE_XDM/", "INDEX.HTM"

_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class TypeReport:
    """The type of a file, and whether it may be supplied as a proof of that kind."""

    detected: str  # media type
    accepted: bool
    refusal: str | None  # why not, and what is
    mismatches: tuple[str, ...]  # where its name, its declared type or its beginning says otherwise
    accepted_types: str


def accepted_types(kind: ProofKind) -> str:
    """The sentence that says what may be supplied for that kind."""
    if kind is ProofKind.OTHER:
        return _ANYTHING
    formats = [_FORMATS[family] for family in _ACCEPTED[kind]]
    listed = " ou ".join([", ".join(formats[:-1]), formats[-1]] if len(formats) > 1 else formats)
    return f"Pour {_KINDS[kind]}, fournissez {listed}, ou une archive .zip ou .tar.gz qui ne contient rien d'autre."


def accepts_protected(kind: ProofKind) -> bool:
    """Whether a content that only a password opens may be supplied, to be read by whoever has it."""
    return kind in _OPENED_BY_PASSWORD


def examine(
    file: IO[bytes],
    filename: str,
    declared: str | None,
    kind: ProofKind,
    entries: Sequence[Entry] | None = None,
) -> TypeReport:
    """Compare what a seekable file is with its name, with its declared type, and with what the kind accepts.

    `entries` is what an archive holds, when that is known already.
    """
    detected = detect(file)
    if entries is None:
        entries = _entries(file, detected)
    refusal = _refusal(file, filename, detected, kind, entries)
    return TypeReport(
        detected=detected,
        accepted=refusal is None,
        refusal=refusal,
        mismatches=(*_mismatches(filename, declared, detected), *_before_pdf(file, detected)),
        accepted_types=accepted_types(kind),
    )


def _entries(file: IO[bytes], detected: str) -> Sequence[Entry]:
    entries: list[Entry] = []
    if family_of(detected) is Family.ARCHIVE:
        examine_archive(file, detected, Budget(), lambda entry, _: entries.append(entry))
    return entries


def _refusal(
    file: IO[bytes], filename: str, detected: str, kind: ProofKind, entries: Sequence[Entry]
) -> str | None:
    family = family_of(detected)
    reason = _disguise(file, detected)
    if family is Family.EMPTY:
        reason = "Le fichier est vide."
    elif is_program(extension_of(filename)):
        reason = f"Le nom finit par {quoted('.' + extension_of(filename))}, ce que les systèmes exécutent."
    elif family is Family.ARCHIVE:
        reason = reason or _members_refusal(entries, kind)
    elif family not in _ACCEPTED[kind]:
        reason = f"Le contenu est {_described(detected)}."
    return f"{reason} {accepted_types(kind)}" if reason else None


def _described(media_type: str) -> str:
    family = family_of(media_type)
    return f"{family} ({media_type})" if family is Family.OTHER else family.value


def _disguise(file: IO[bytes], detected: str) -> str | None:
    """Contents that one program takes for one thing and the next for another."""
    family, head = family_of(detected), head_of(file, PDF_WITHIN)
    if family is Family.PDF:
        if not is_preceded_pdf(head):
            return "Le PDF est précédé d'un autre contenu : enregistrez-le de nouveau."
    elif PDF_MARK in head and _may_be_read_as_pdf(file, family):
        return "Le contenu peut aussi être lu comme un PDF : enregistrez-le de nouveau."
    if not head.startswith(b"PK") and _ends_as_zip(file):
        return "Le contenu est suivi d'une archive : fournissez l'un et l'autre séparément."
    return None


def _before_pdf(file: IO[bytes], detected: str) -> list[str]:
    """A remark for the reader of a PDF that does not begin where its file does."""
    before, _, _ = head_of(file, PDF_WITHIN).partition(PDF_MARK)
    if family_of(detected) is not Family.PDF or not before.removeprefix(b"\xef\xbb\xbf").strip():
        return []
    return [
        f"Le PDF est précédé de {len(before)} octets d'un autre contenu, que ses lecteurs ne montrent pas."
    ]


def _may_be_read_as_pdf(file: IO[bytes], family: Family) -> bool:
    """Whether a PDF's mark stands where readers look for it: an archive may hold a PDF, a log may quote one."""
    if family is Family.TEXT:
        return b"startxref" in tail_of(file, PDF_WITHIN)
    return family not in {Family.ARCHIVE, Family.OFFICE}


def _ends_as_zip(file: IO[bytes]) -> bool:
    """Whether the end of a central directory (with its comment) ends the file."""
    tail = tail_of(file, 22 + 0xFFFF)
    start = tail.rfind(b"PK\x05\x06")
    if start < 0 or len(tail) - start < 22:
        return False
    comment = int.from_bytes(tail[start + 20 : start + 22], "little")
    return start + 22 + comment == len(tail) and size_of(file) > 22


def _members_refusal(entries: Sequence[Entry], kind: ProofKind) -> str | None:
    if not accepts_protected(kind) and any(entry.encrypted for entry in entries):
        return "L'archive est protégée par un mot de passe."
    is_xdm = any(_XDM_FOLDER in entry.path.upper() for entry in entries)
    refused = [entry for entry in entries if not _is_accepted(entry, _ACCEPTED[kind], is_xdm=is_xdm)]
    if not refused:
        return None
    named = ", ".join(quoted(entry.path) for entry in refused[:_MOST_NAMED])
    more = len(refused) - _MOST_NAMED
    return (
        f"L'archive contient {named}{f' et {more} autres' if more > 0 else ''}, que cette preuve n'admet pas."
    )


def _is_accepted(entry: Entry, families: Collection[Family], *, is_xdm: bool) -> bool:
    family, name = family_of(entry.media_type), entry.path.rpartition("/")[2]
    if family is Family.PROGRAM or is_program(extension_of(name)):
        return False
    if entry.encrypted or family in {Family.EMPTY, Family.ARCHIVE, *families}:
        return True  # an archive that is shown itself was not listed, which is noted
    if is_xdm and name.upper() == _XDM_INDEX:
        return family is Family.HTML
    return name.lower() in _BYSTANDERS or _BYSTANDERS_FOLDER in entry.path


def _mismatches(filename: str, declared: str | None, detected: str) -> list[str]:
    extension = extension_of(filename)
    promised = promised_by(extension)
    sentences = []
    if promised is not None and not agree(promised, detected):
        sentences.append(
            f"Le nom finit par {quoted('.' + extension)}, mais le contenu est {_described(detected)}."
        )
    announced = canonical(declared or UNKNOWN)
    if announced != UNKNOWN and not agree(announced, detected):
        sentences.append(
            f"Le type annoncé est {quoted(announced)}, mais le contenu est {_described(detected)}."
        )
    return sentences
