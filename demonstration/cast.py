"""Who plays in the demonstration, invented: three editors with their software, people of the agency."""

import mimetypes
from typing import NamedTuple

from demonstration.samples.files import sample_file
from referencing.base.permissions import Role

EDITOR = "Alouette Logiciels"
OTHER_EDITOR = "Héron Numérique"
MAKER = "Pinson Messageries"


class Person(NamedTuple):
    """An account of the demonstration; its key is shown under the name of a shell variable."""

    variable: str
    name: str
    role: Role
    organisation: str | None = None


PEOPLE = (
    Person("EDITEUR", "Camille Renard", Role.EDITOR, EDITOR),
    Person("PLATEFORME", "Banc d'essai", Role.INTEGRATION, EDITOR),
    Person("EDITEUR_2", "Sacha Morel", Role.EDITOR, OTHER_EDITOR),
    Person("PLATEFORME_2", "Chaîne d'intégration", Role.INTEGRATION, OTHER_EDITOR),
    Person("EDITEUR_3", "Noa Petit", Role.EDITOR, MAKER),
    Person("VERIFICATEUR", "Maxime Perrin", Role.VERIFIER),
    Person("VERIFICATEUR_2", "Lou Garnier", Role.VERIFIER),
    Person("EXPERT", "Andrea Colin", Role.EXPERT),
    Person("RESPONSABLE", "Dominique Faure", Role.LEAD),
    Person("AUDITEUR", "Morgan Leroux", Role.AUDITOR),
    Person("CATALOGUE", "Alix Brun", Role.CATALOGUE),
)

SOFTWARE, NIL = "Alouette", "NIL-DEMO-0001"
#: The names under which the software asks to be referenced, by dispositif.
COMMERCIAL_NAMES = {"LGC": "Alouette Cabinet", "DPI": "Alouette Hôpital"}
#: The second editor's, each with its NIL and its only commercial name: of the first, what was referenced is suspended;
#: the other is shown in a live session.
OTHER_SOFTWARE = ("Héron", "NIL-DEMO-0002", "Héron Cabinet")
SHOWN_SOFTWARE = ("Grand Héron", "NIL-DEMO-0003", "Grand Héron Hôpital")
#: The component that fills the function `mss`; the hospital's solution embeds its next version.
COMPOSITION, NEXT_COMPOSITION = [("mss", "Facteur-MSS@3.1")], [("mss", "Facteur-MSS@4.0")]

#: The third editor's: that component itself, by the name that compositions give it, its version, and what it fills.
COMPONENT, COMPONENT_VERSION, COMPONENT_ROLES = "Facteur-MSS", "3.1", ["mss"]

#: Pro Santé Connect may be shown in one of three ways; the software shows the first.
_ALTERNATIVES, _SHOWN = ":PSC.01#", "#01.01"
REASON = "Une autre modalité de Pro Santé Connect est démontrée : [Application web]."


def is_left_out(code: str) -> bool:
    """Whether an expected proof is of an alternative scenario that the software does not show."""
    return _ALTERNATIVES in code and not code.endswith(_SHOWN)


class Piece(NamedTuple):
    filename: str
    media_type: str
    content: bytes


def piece(kind: str, code: str) -> Piece:
    """The file that the editor supplies for an expected proof."""
    name, content = sample_file(kind, code)
    return Piece(name, mimetypes.guess_type(name)[0] or "application/octet-stream", content)
