"""Contents that act by themselves in what is otherwise a document: scripts, programs and objects of other programs.

Whole programs, and documents with macros, are refused by their type; of these here, editor and verifier are told.
"""

from collections.abc import Iterator

from referencing.files.inspection.archives.report import Entry
from referencing.files.inspection.identifiers.pdf_text import PdfText
from referencing.files.inspection.identifiers.wording import quoted

from .content_type import detect_head
from .families import OLD_OFFICE, Family, extension_of, family_of, is_program

_ACTIONS = {
    "javascript": "Un PDF contient du JavaScript : l'ouvrir dans un lecteur qui ne l'exécute pas.",
    "launch": "Un PDF contient une action qui lance un programme : l'ouvrir dans un lecteur qui ne l'exécute pas.",
}
_PROGRAM = "Un PDF contient un programme, {name} : ne pas l'ouvrir depuis le document."
OBJECT = "Un document bureautique contient un objet d'un autre logiciel : ne pas l'activer."
_PART_PROGRAM = "Un document bureautique contient un programme, {name} : ne pas l'ouvrir depuis le document."
#: The folders of Office Open XML in which objects lie; documents may embed one another.
_OBJECTS, _CONTROLS = "/embeddings/", "/activex/"
#: What stands before an object of another program, by the type of the document.
OBJECT_MARKS = {
    "text/rtf": b"\\objdata",
    **dict.fromkeys(OLD_OFFICE, "\x01Ole10Native".encode("utf-16-le")),
}


def pdf_remarks(pdf: PdfText) -> Iterator[str]:
    for action in sorted(pdf.active):
        yield _ACTIONS[action]
    for attached in pdf.attached:
        named_so = is_program(extension_of(attached.name))
        if named_so or family_of(detect_head(attached.head)) is Family.PROGRAM:
            yield _PROGRAM.format(name=quoted(attached.name))


def part_remarks(entry: Entry) -> Iterator[str]:
    """What to say of a part of an office document by its place and its type."""
    path = f"/{entry.path}".lower()
    if family_of(entry.media_type) is Family.PROGRAM:
        yield _PART_PROGRAM.format(name=quoted(entry.path))
    elif _CONTROLS in path or (_OBJECTS in path and extension_of(path) == "bin"):
        yield OBJECT
