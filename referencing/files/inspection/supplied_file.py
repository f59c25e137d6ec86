"""A supplied file, inspected in one go: what it is, whether it may be a proof, whose numbers it shows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import IO

from referencing.catalogue.proposals import ProofKind
from referencing.files.inspection.archives.report import ArchiveReport, Entry
from referencing.files.inspection.identifiers.nir import matricules
from referencing.files.inspection.identifiers.wording import quoted

from . import archive_listing, images
from .acceptance import TypeReport, accepted_types, accepts_protected, examine
from .budget import GIB, Budget
from .content import Content
from .content_type import detect
from .families import Family, family_of
from .images import ImageReport
from .personal_data import PersonalDataReport, Search, is_zipped_office, search


@dataclass(frozen=True, slots=True)
class Inspection:
    """Sentences in French: `refusals` say why the file should not be taken, `problems` what a reader should know."""

    type: TypeReport
    image: ImageReport | None
    archive: ArchiveReport | None
    personal_data: PersonalDataReport
    problems: tuple[str, ...]
    refusals: tuple[str, ...]
    complete: bool  # nothing was left out for want of time or of room
    postponed: bool  # the search for numbers is still to be made, and nothing of it is told


_SECONDS_AT_ONCE = 5.0
_SHARE_OF_SEARCH = 0.7  # of the seconds: what members of an archive are comes before what they say
_MOST_IMAGES = 20  # of an archive that are named
_PROTECTED = "Le contenu est protégé par un mot de passe : ni l'antivirus ni la recherche ne le lisent."
_PROTECTED_REFUSED = "Le contenu est protégé par un mot de passe : fournissez-le sans."
_NO_PICTURE = "Le document ne contient aucune image : une démonstration montre ce que fait le logiciel."
_PICTURE_FOLDERS = ("/media/", "Pictures/")  # of Office Open XML, of OpenDocument
_IDENTIFIERS = (
    "Numéros d'identité de santé ou de sécurité sociale qui ne sont pas reconnus comme ceux de patients fictifs : "
    "{count}. Vérifier que personne de réel n'apparaît dans le fichier."
)


def inspect(
    file: IO[bytes],
    filename: str,
    declared: str | None,
    kind: ProofKind,
    *,
    seconds: float = 120,
    size: int = 2 * GIB,
    at_once: int | None = None,
) -> Inspection:
    """Inspect a seekable file, given with its name and its declared media type, as a proof of that kind.

    With `at_once`, a file in which more bytes than that would have to be searched for numbers is not searched
    (`postponed`, see `searched`), unless its name holds one. It is left at its start. At most about twice `size` bytes
    are read or inflated, within about `seconds`.
    """
    detected = detect(file)
    family = family_of(detected)
    numbers = _search(filename, seconds * _SHARE_OF_SEARCH, size, at_once)
    visitor = _Visitor(numbers, of_office=is_zipped_office(detected))
    container = _look_into(file, detected, numbers, visitor, Budget(size, seconds))
    image = images.examine(file, detected) if family is Family.IMAGE else None
    type_report = examine(file, filename, declared, kind, visitor.entries)
    personal_data = numbers.report()
    postponed = at_once is not None and numbers.exhausted
    if postponed:
        personal_data = PersonalDataReport((), 0, complete=False, protected=personal_data.protected, notes=())
    file.seek(0)
    return Inspection(
        type=type_report,
        image=image,
        archive=container if family is Family.ARCHIVE else None,
        personal_data=personal_data,
        problems=_each_once(
            _problems(kind, type_report, container, personal_data), _lacks(kind, detected, visitor.entries)
        ),
        refusals=(
            *([type_report.refusal] if type_report.refusal else []),
            *(image.problems if image else ()),
            *(container.problems if container else ()),
            *visitor.refusals[:_MOST_IMAGES],
            *_protection_refusals(kind, personal_data),
        ),
        complete=personal_data.complete and (container is None or container.complete),
        postponed=postponed,
    )


def _search(filename: str, seconds: float, size: int, at_once: int | None) -> Search:
    """The search for numbers, begun with the file's name: one there has the whole file searched."""
    if at_once is None or any(matricules(filename)):
        numbers = Search(Budget(size, seconds))
    else:
        numbers = Search(Budget(at_once, min(_SECONDS_AT_ONCE, seconds)))
    numbers.name(filename)
    return numbers


def _look_into(
    file: IO[bytes], detected: str, numbers: Search, visitor: "_Visitor", budget: Budget
) -> ArchiveReport | None:
    """The report of what is packed in the file; None of a file that holds no others, which is searched itself."""
    archive = family_of(detected) is Family.ARCHIVE
    if not archive and not is_zipped_office(detected):
        numbers.file(file, detected)
        return None
    packed_as = detected if archive else "application/zip"
    container = archive_listing.examine(file, packed_as, budget, visitor.visit)
    if not container.complete:
        numbers.cut_short()
    return container


def _each_once(*sentences: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(chain.from_iterable(sentences)))


def searched(file: IO[bytes], *, seconds: float) -> tuple[PersonalDataReport, tuple[str, ...]]:
    """The search that was postponed, with the sentences for a reader that come of it."""
    report = search(file, detect(file), Budget(seconds=seconds))
    return report, (*([_PROTECTED] if report.protected else []), *_search_problems(report))


class _Visitor:
    """A visitor that examines each member of an archive, or each part of an office document."""

    def __init__(self, search: Search, *, of_office: bool) -> None:
        self._search = search
        self._of_office = of_office
        self.entries: list[Entry] = []
        self.refusals: list[str] = []

    def visit(self, entry: Entry, content: Content) -> None:
        self.entries.append(entry)
        if self._of_office:
            self._search.part(entry)
        self._search.member(entry, content)
        if family_of(entry.media_type) is Family.IMAGE and (copy := content.copy(images.LARGEST)):
            with copy:
                report = images.examine(copy, entry.media_type)
            self.refusals += [f"{quoted(entry.path)} : {problem}" for problem in report.problems]


def _problems(
    kind: ProofKind,
    type_report: TypeReport,
    container: ArchiveReport | None,
    personal_data: PersonalDataReport,
) -> list[str]:
    problems = [*type_report.mismatches, *(container.notes if container else ())]
    if personal_data.protected and accepts_protected(kind):
        problems.append(_PROTECTED)
    return problems + _search_problems(personal_data)


def _search_problems(personal_data: PersonalDataReport) -> list[str]:
    told = [_IDENTIFIERS.format(count=personal_data.distinct)] if personal_data.findings else []
    return [*told, *personal_data.notes]


def _lacks(kind: ProofKind, detected: str, entries: Sequence[Entry]) -> list[str]:
    """The problems of a document that is to show something, and does not."""
    if kind is not ProofKind.DEMONSTRATION or not is_zipped_office(detected):
        return []
    shows = any(
        family_of(entry.media_type) in {Family.IMAGE, Family.VIDEO}
        or any(folder in entry.path for folder in _PICTURE_FOLDERS)
        for entry in entries
    )
    return [] if shows else [_NO_PICTURE]


def _protection_refusals(kind: ProofKind, personal_data: PersonalDataReport) -> list[str]:
    if not personal_data.protected or accepts_protected(kind):
        return []
    return [f"{_PROTECTED_REFUSED} {accepted_types(kind)}"]
