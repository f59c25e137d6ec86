"""What an erasure does not reach, why, and until when: said before one and in its answer, in French."""

from collections.abc import Sequence
from dataclasses import dataclass

from .kinds import WITH_DOSSIER


@dataclass(frozen=True, slots=True)
class Beyond:
    """What may still tell of an erased person; `why` names what allows it (GDPR, article 17(3) and recital 26)."""

    label: str
    why: str
    kept_for: str


#: Public interest, and the defence of rights: what the law keeps an erasure from.
_LAW = "RGPD, article 17, 3, b et e"

BEYOND: Sequence[Beyond] = (
    Beyond(
        "Procès-verbaux de séance signés",
        f"un document signé ne change plus : il nomme les présents et les signataires ({_LAW})",
        WITH_DOSSIER,
    ),
    Beyond(
        "Commentaires, motifs, messages et noms de fichiers qui nomment la personne",
        f"ils sont la décision et ce qui l'a fondée : ils se gardent comme ils ont été écrits ({_LAW})",
        WITH_DOSSIER,
    ),
    Beyond(
        "Sauvegardes",
        "une sauvegarde ne se modifie pas ; une base restaurée refait, avant de servir, les effacements que les "
        "sauvegardes suivantes et la liste tenue à part connaissent",
        "jusqu'à ce que la rotation des sauvegardes les retire",
    ),
    Beyond(
        "Lettres reçues et copies prises hors du service",
        "le service ne les tient plus : elles se demandent à qui les a",
        "selon qui les a",
    ),
)
