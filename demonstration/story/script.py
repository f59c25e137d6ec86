"""The acts of the story: what is asked for, how it must stand at each step, and what is worth explaining."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from demonstration.cast import COMPOSITION, NEXT_COMPOSITION

#: Items by state, those that there are.
Progress = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The proofs `accepted` as unchanged since a list, the items `moved` from to confirm to covered, and all items."""

    since: str
    accepted: int
    moved: int
    progress: Progress


@dataclass(frozen=True, slots=True)
class Act:
    """`drafted` and `settled` are the items by state at both ends; `to_explain` says what to explain, and as what.

    `unchanged` are the proofs that are as they were in an earlier list, for which the lead makes rules meanwhile;
    `components` are the items that other components lose, and those that versions declared alike would keep;
    `confirmed` and `read` count the verifier's tasks; where it is `certified`, a certificate of the CNDA comes in
    the place of its piece.
    """

    heading: str
    dsr: str
    dispositif: str
    software_version: str
    composition: list[tuple[str, str]]
    drafted: Progress
    settled: Progress
    read: int
    confirmed: int = 0
    certified: bool = False
    unchanged: Unchanged | None = None
    components: tuple[int, int] | None = None
    to_explain: Mapping[str, str] = field(default_factory=dict)


ACTS = (
    Act(
        heading="1. Vague 1 : « Alouette Cabinet » 1.0 demande son référencement sur LGC-V1",
        dsr="LGC-V1",
        dispositif="LGC",
        software_version="1.0",
        composition=COMPOSITION,
        drafted={"required": 12},
        read=12,
        settled={"conform": 12},
    ),
    Act(
        heading="2. Vague 2, sous le même nom : « Alouette Cabinet » 2.0 sur LGC-V2",
        dsr="LGC-V2",
        dispositif="LGC",
        software_version="2.0",
        composition=COMPOSITION,
        drafted={"covered": 8, "to_confirm": 3, "required": 4},
        unchanged=Unchanged(
            since="LGC-V1", accepted=9, moved=1, progress={"covered": 9, "to_confirm": 2, "required": 4}
        ),
        to_explain={
            "LGC-V2:INS/va1.02#01.01": "deux exigences de la vague 1 réunies en une",
            "LGC-V2:MSS/va1.02#01.01": "une exigence modifiée",
            "LGC-V2:DMP/CNDA.01#01.01": "une pièce du CNDA",
            "LGC-V2:SSI/GEN.02#01.01": "le test d'intrusion, par un socle",
        },
        confirmed=2,
        read=4,
        settled={"covered": 11, "conform": 2, "not_applicable": 2},
    ),
    Act(
        heading="3. Un autre dispositif, un autre nom, un autre composant MSS : « Alouette Hôpital » sur DPI-V2",
        dsr="DPI-V2",
        dispositif="DPI",
        software_version="2.0",
        composition=NEXT_COMPOSITION,
        drafted={"covered": 4, "to_confirm": 3, "required": 6},
        to_explain={
            "DPI-V2:PSC.01#01.01": "prouvée en vague 2 de l'autre dispositif, par un socle",
            "DPI-V2:MSS/va1.01#01.01": "le composant dont elle dépend a changé",
            "DPI-V2:DMP/CNDA.01#01.01": "ce que les règles refusent sous un autre nom commercial",
        },
        components=(4, 2),
        certified=True,
        confirmed=4,
        read=5,
        settled={"covered": 8, "conform": 3, "not_applicable": 2},
    ),
)

#: Before the acts: what is planned over all of them.
PLAN_HEADING = (
    "0. Avant de rien fournir : un plan sur ces trois candidatures, dont aucune n'est encore ouverte"
)
#: Expected proofs, what is to be supplied where verifiers confirm the rest, and where nobody has to.
PLANNED = (40, 20, 26)
#: How many supplies are told with what they serve: the first of the plan.
PLAN_SHOWN = 2

#: What the live dossier holds at its draft, how much of it is shown in the session, and what it holds at its end.
LIVE_HEADING = "4. En séance (DUO) : « Grand Héron Hôpital », d'un autre éditeur, sur DPI-V2"
LIVE_DRAFTED: Progress = {"required": 13}
LIVE_SHOWN = 5
LIVE_SETTLED: Progress = {"conform": 11, "not_applicable": 2}

AGENCY_HEADING = "5. Ce que l'agence y lit"
#: Where softwares without a dossier would have something covered, and how many proofs.
SURVEYED = (2, 9)
#: Reuses of all rules that were granted for certain, confirmed, and found false.
RECORDED = (42, 14, 0)
#: Of the next version of a list: softwares that lose something, proofs to supply, chapters where unchanged scenarios
#: would spare all of it.
ESTIMATED = (1, 5, 3)

#: What the maker of the component is asked for in its own dossier, and what a dossier with it holds before and after.
BRICK_ASKED: Progress = {"required": 3}
BRICK_BEFORE: Progress = {"required": 15}
BRICK_AFTER: Progress = {"covered": 3, "required": 12}
