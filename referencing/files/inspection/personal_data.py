"""Searching a supplied file for matricules of patients (INS, NIR): a proof should show test patients only.

Texts, XML, PDF, what is in archives and office documents, and what is in base64 in any of these. What a picture
or a video shows is for the verifier to see.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from referencing.files.inspection.archives.report import Entry
from referencing.files.inspection.identifiers.encoded import decoded_runs
from referencing.files.inspection.identifiers.pdf_text import Reading, read_pdf
from referencing.files.inspection.identifiers.plain_text import search_text
from referencing.files.inspection.identifiers.tally import MOST_FINDINGS, Finding, Tally
from referencing.files.inspection.identifiers.xml_text import search_xml

from . import archive_listing
from .active_content import OBJECT, OBJECT_MARKS, part_remarks, pdf_remarks
from .budget import MIB, Budget, Exhausted
from .content import Content, holds, pieces_of, size_of
from .content_type import detect
from .families import ODF, OOXML, Family, family_of

IN_THE_NAME = "nom du fichier"
"""The place of what stands in the name of the file itself."""

_LARGEST_PDF = 512 * MIB  # bytes
_LARGEST_COPY = 256 * MIB  # of a member that has to be sought in
_LARGEST_XML = 64 * MIB  # ten times slower than a text of that size
_SECONDS_TO_OPEN = 5  # a PDF, to see whether it is protected
_DEEPEST = 4  # contents within contents: a PDF in a CDA in a message in an archive

_UNFINISHED = "Le fichier n'a pas été parcouru en entier."
_PDF_BROKEN = "Un PDF est abîmé ou illisible : son texte n'a pas été parcouru en entier."
_PDF_PROTECTED = "Un contenu est protégé par un mot de passe : il n'a pas été parcouru."
_PDF_CUT = "Un PDF est trop long pour être parcouru en entier."
_PDF_BLANK = "Pages de PDF sans texte, des images sans doute, qui n'ont pas été parcourues : {count}."
_PDF_ATTACHMENTS = "Un PDF contient des fichiers joints, qui n'ont pas été parcourus."
_XML_TOO_LARGE = "Un XML est trop volumineux pour être lu comme tel : il n'a été parcouru que comme un texte."
_MEMBER_TOO_LARGE = "Un fichier contenu est trop volumineux pour être parcouru."
_TOO_DEEP = "Des contenus sont imbriqués trop profondément pour être parcourus."
_PICTURES = "Ce que montrent les images et les vidéos n'est pas parcouru."
_CAPTURE = (
    "Une capture réseau ou un journal d'événements Windows n'a été parcouru que comme un texte : ce qui y est chiffré "
    "ou compressé ne l'a pas été."
)
_SEALED = "Un contenu d'un format qui n'est pas lu ici n'a pas été parcouru."
_MORE = "Des {count} numéros différents, seuls les {shown} premiers sont cités."


@dataclass(frozen=True, slots=True)
class PersonalDataReport:
    findings: tuple[Finding, ...]  # of a hundred numbers at most
    distinct: int  # numbers that are flagged, all of them
    complete: bool  # whatever holds text was read to its end
    protected: bool  # some content is opened by a password only
    notes: tuple[str, ...]


def search(file: IO[bytes], detected: str, budget: Budget | None = None) -> PersonalDataReport:
    """Search a seekable file of the type `detected` for matricules."""
    search_of_file = Search(budget or Budget())
    search_of_file.file(file, detected)
    return search_of_file.report()


class Search:
    """The search of one file, from its name to the last of the contents within it."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._tally = Tally()
        self._notes: dict[str, None] = {}
        self._blank_pages = 0
        self._complete = True
        self._protected = False
        self.exhausted = False  # more may be found with a larger budget

    def name(self, filename: str) -> None:
        self._tally.search(filename, lambda _: IN_THE_NAME)

    def file(self, file: IO[bytes], detected: str) -> None:
        """Search the content, as far as the budget goes."""
        try:
            self._content(file, detected, "", 1)
        except Exhausted:
            self._spent()

    def part(self, entry: Entry) -> None:
        """Note what acts by itself in an office document, by one of its parts."""
        self._notes |= dict.fromkeys(part_remarks(entry))

    def member(self, entry: Entry, content: Content, place: str = "", depth: int = 1) -> None:
        """Search a file in an archive, or a part of an office document, with its content."""
        path = f"{place}{entry.path}"
        self._tally.search(entry.path, lambda _: f"{path} (nom)")
        if entry.encrypted:
            self._closed_by_password()
        elif not _has_text(entry.media_type) and entry.media_type not in OBJECT_MARKS:
            self._note_without_text(entry.media_type)
        else:
            try:
                self._member_content(entry, content, f"{path}, ", depth + 1)
            except Exhausted:
                self._spent()

    def _member_content(self, entry: Entry, content: Content, place: str, depth: int) -> None:
        copy = Content(self._budget.metered(content)).copy(_LARGEST_COPY)
        if copy is None:
            self._incomplete(_MEMBER_TOO_LARGE)
            return
        with copy:
            self._content(copy, entry.media_type, place, depth)

    def cut_short(self) -> None:
        """Note that the search is incomplete: not everything was there, or within the budget."""
        self._incomplete(_UNFINISHED)

    def _spent(self) -> None:
        self.exhausted = True
        self.cut_short()

    def report(self) -> PersonalDataReport:
        findings, count = self._tally.findings(), self._tally.count()
        if self._blank_pages:
            self._notes[_PDF_BLANK.format(count=self._blank_pages)] = None
        if count > MOST_FINDINGS:
            self._notes[_MORE.format(count=count, shown=MOST_FINDINGS)] = None
        complete = self._complete and not self._tally.full
        return PersonalDataReport(findings, count, complete, self._protected, tuple(self._notes))

    def _content(self, file: IO[bytes], detected: str, place: str, depth: int) -> None:
        family = family_of(detected)
        if detected in OBJECT_MARKS and holds(self._paid(file), OBJECT_MARKS[detected]):
            self._notes[OBJECT] = None
        if depth > _DEEPEST:
            self._incomplete(_TOO_DEEP)
        elif family is Family.PDF:
            self._pdf(file, place)
        elif family is Family.ARCHIVE or is_zipped_office(detected):
            self._archive(file, detected, place, depth)
        elif family is Family.CAPTURE:
            self._capture(file, place)
        elif _has_text(detected):
            self._text(file, place, detected, depth)
        else:
            self._note_without_text(detected)

    def _text(self, file: IO[bytes], place: str, detected: str, depth: int) -> None:
        # HTML is seldom XML; then its tags are boundaries in a text, as are those of XML that is not well-formed.
        is_markup = detected in {"text/xml", "text/html"}
        if is_markup and size_of(file) > _LARGEST_XML:
            self._incomplete(_XML_TOO_LARGE)
            is_markup = False
        if not is_markup or not search_xml(self._paid(file), self._tally, place):
            search_text(self._paid(file), self._tally, place)
        for run in decoded_runs(self._paid(file)):
            if run.is_promising:
                inner = io.BytesIO(run.content)
                self._content(inner, detect(inner), f"{place}contenu encodé, ", depth + 1)
            if not run.whole:
                self.cut_short()

    def _capture(self, file: IO[bytes], place: str) -> None:
        """Search the unencrypted bytes of a capture; without its NULs, UTF-16 (of Windows) is read as ASCII is."""
        search_text((piece.replace(b"\0", b"") for piece in self._paid(file)), self._tally, place)
        self._incomplete(_CAPTURE)

    def _paid(self, file: IO[bytes]) -> Iterator[bytes]:
        return self._budget.metered(pieces_of(file))

    def _pdf(self, file: IO[bytes], place: str) -> None:
        size = size_of(file)
        if size > _LARGEST_PDF:
            self._incomplete(_PDF_CUT)
            return
        try:
            self._budget.spend(size)
        except Exhausted:
            if not place and read_pdf(file, _SECONDS_TO_OPEN, _unread, 0).reading is Reading.PROTECTED:
                self._closed_by_password()
            raise

        def page(number: int, text: str) -> None:
            where = f"{place}page {number}" if number else f"{place}formulaire ou description"
            self._tally.search(text, lambda _: where)

        pdf = read_pdf(file, self._budget.seconds, page)
        self._blank_pages += pdf.blank
        if pdf.reading is Reading.PROTECTED:
            self._closed_by_password()
        elif pdf.reading is not Reading.WHOLE:
            self.exhausted |= pdf.reading is Reading.CUT
            self._incomplete(_PDF_BROKEN if pdf.reading is Reading.BROKEN else _PDF_CUT)
        if pdf.attachments:
            self._incomplete(_PDF_ATTACHMENTS)
        self._notes |= dict.fromkeys(pdf_remarks(pdf))

    def _archive(self, file: IO[bytes], detected: str, place: str, depth: int) -> None:
        def visit(entry: Entry, content: Content) -> None:
            if is_zipped_office(detected):
                self.part(entry)
            self.member(entry, content, place, depth)

        kind = detected if family_of(detected) is Family.ARCHIVE else "application/zip"
        report = archive_listing.examine(file, kind, self._budget, visit)
        if not report.complete:
            self._spent()

    def _incomplete(self, why: str) -> None:
        self._complete = False
        self._notes[why] = None

    def _closed_by_password(self) -> None:
        self._protected = True
        self._incomplete(_PDF_PROTECTED)

    def _note_without_text(self, media_type: str) -> None:
        family = family_of(media_type)
        if family in {Family.IMAGE, Family.VIDEO}:
            self._notes[_PICTURES] = None
        elif family in {Family.SEALED, Family.OFFICE}:
            self._incomplete(_SEALED)


def _unread(_: int, __: str) -> None:
    """Leave a page unread."""


def is_zipped_office(media_type: str) -> bool:
    """Whether an office document is a zip of XML, whose text can be read as such."""
    return media_type.startswith((OOXML, ODF))


def _has_text(media_type: str) -> bool:
    family = family_of(media_type)
    if family is Family.OFFICE:
        return is_zipped_office(media_type) or media_type == "text/rtf"
    return family in {Family.TEXT, Family.HTML, Family.PDF, Family.ARCHIVE, Family.CAPTURE}
