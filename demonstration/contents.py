"""What there is to see at once, through the operations: referentials, rules, and the dossiers of three editors.

The first editor's software has three: one is referenced, the next is in review, the third is a draft that gains from
both. Of the second editor's, one is shown live and another is suspended; its draft gains from what is verified on the
third editor's component, which it embeds.
"""

import io

from demonstration import referential
from demonstration.cast import (
    COMMERCIAL_NAMES,
    COMPONENT,
    COMPONENT_ROLES,
    COMPONENT_VERSION,
    COMPOSITION,
    NEXT_COMPOSITION,
    NIL,
    OTHER_SOFTWARE,
    SHOWN_SOFTWARE,
    SOFTWARE,
)
from demonstration.scenes import (
    NOTICED,
    ask_expert,
    book_session,
    conclude_audit,
    latest_start,
    offer_slots,
    suspend,
    wait_for_second_reading,
)
from demonstration.stage import Stage, Version, draft, earlier, file, reference
from referencing.base.db import now
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.record.states import Track
from referencing.catalogue import operations as catalogue
from referencing.catalogue.importing import import_requirements, link_socles
from referencing.catalogue.proposals import Guichet
from referencing.components.acceptance import accept, what_if_accepted
from referencing.components.declaring import declare_component
from referencing.equivalence.engine.formats import read_certificate_kind, read_policy
from referencing.equivalence.rulebooks import operations as rulebooks
from referencing.equivalence.rulebooks.rulebooks import Rules
from referencing.revocations.impact import digest_of
from referencing.solutions import operations as solutions
from referencing.solutions.models import Solution
from referencing.solutions.ownership import confirm_nil


def play(stage: Stage) -> None:
    """Everything, in the order in which it would happen: some days ago, until now.

    A session is booked a day before and on a working day: only what began to happen earlier can be opened at any hour.
    """
    start = latest_start(now(stage.session))
    with earlier(stage.session, by=now(stage.session) - start + NOTICED):
        _catalogue(stage)
        _rulebook(stage)
        to_suspend = _second_editor(stage)  # first: whoever reads for it reads all that waits
        _embed(stage, to_suspend, _third_editor(stage))
        in_review = _first_editor(stage)
        book_session(stage, _shown_live(stage), start)
    offer_slots(stage)
    wait_for_second_reading(stage, in_review)
    ask_expert(stage, in_review)
    suspend(stage, to_suspend)
    _next_list(stage)


def _catalogue(stage: Stage) -> None:
    session, manager = stage.session, stage.people["CATALOGUE"]
    for code, words in referential.DSRS.items():
        catalogue.define_dsr(session, manager, code, **words._asdict())
        import_requirements(session, manager, code, io.BytesIO(referential.workbook(code)))
        link_socles(session, manager, code, io.BytesIO(referential.table("socles")))
        catalogue.publish(session, manager, code)


def _next_list(stage: Stage) -> None:
    """A version in preparation of a list on which softwares are verified: what would it cost?"""
    manager, workbook = stage.people["CATALOGUE"], io.BytesIO(referential.next_workbook())
    import_requirements(stage.session, manager, referential.DRAFTED, workbook)


def _rulebook(stage: Stage) -> None:
    session, lead = stage.session, stage.people["RESPONSABLE"]
    words = referential.rulebook()
    rules = Rules(
        correspondences=(),
        certificate_kinds=tuple(map(read_certificate_kind, words["certificate_kinds"])),
        policies=tuple(map(read_policy, words["policies"])),
    )
    rulebook = rulebooks.write_rulebook(session, lead, words["label"], rules)
    table = io.BytesIO(referential.table("correspondances"))
    rulebooks.add_correspondences(session, lead, rulebook.id, table)
    rulebooks.publish_rulebook(session, lead, rulebook.id, accept_warnings=True)


def _first_editor(stage: Stage) -> Candidature:
    """Answers the dossier that is in review."""
    session, editor = stage.session, stage.people["EDITEUR"]
    software = solutions.register_software(session, editor, SOFTWARE, NIL)
    cabinet, hospital = (
        solutions.register_solution(session, editor, software.id, COMMERCIAL_NAMES[dispositif])
        for dispositif in ("LGC", "DPI")
    )
    conclude_audit(stage, reference(stage, "LGC-V1", Version(cabinet, "1.0", COMPOSITION)))
    # What the CNDA delivers may come after the rest: its piece is the one that this dossier still lacks.
    in_review = draft(stage, "DPI-V2", Version(hospital, "1.0", NEXT_COMPOSITION))
    file(stage, in_review, "EDITEUR", later=Guichet.CNDA)
    draft(stage, "LGC-V2", Version(cabinet, "2.0", COMPOSITION))
    return in_review


def _second_editor(stage: Stage) -> Candidature:
    """Answers a referenced dossier, which is suspended later."""
    return reference(stage, "LGC-V1", _other(stage, *OTHER_SOFTWARE))


def _third_editor(stage: Stage) -> Solution:
    """Answers a component that is referenced for itself."""
    session, maker = stage.session, stage.people["EDITEUR_3"]
    software = solutions.register_software(session, maker, COMPONENT, COMPONENT)
    component = solutions.register_solution(session, maker, software.id, COMPONENT)
    declare_component(session, maker, software.id, COMPONENT_ROLES)
    confirm_nil(session, stage.people["RESPONSABLE"], software.id, "L'annuaire des NIL le dit.")
    reference(stage, "LGC-V2", Version(component, COMPONENT_VERSION, [], "EDITEUR_3", None))
    return component


def _embed(stage: Stage, earlier_dossier: Candidature, component: Solution) -> None:
    """The next version of a software that was verified without it is accepted to embed a component."""
    embedder = earlier_dossier.configuration.solution
    draft(stage, "LGC-V2", Version(embedder, "2.0", COMPOSITION, "EDITEUR_2", "PLATEFORME_2"))
    what = (component.software_id, embedder.software_id, COMPOSITION[0][1])
    foreseen = what_if_accepted(stage.session, stage.people["RESPONSABLE"], *what)
    accept(stage.session, stage.people["RESPONSABLE"], *what, digest_of(foreseen))


def _shown_live(stage: Stage) -> Candidature:
    """Answers the dossier in review whose demonstrations are shown in a live session."""
    candidature = draft(stage, "DPI-V2", _other(stage, *SHOWN_SOFTWARE), Track.DUO)
    file(stage, candidature, "EDITEUR_2")
    return candidature


def _other(stage: Stage, software: str, nil: str, commercial_name: str) -> Version:
    """The first version of a software of the second editor, under its only name."""
    session, editor = stage.session, stage.people["EDITEUR_2"]
    registered = solutions.register_software(session, editor, software, nil)
    solution = solutions.register_solution(session, editor, registered.id, commercial_name)
    return Version(solution, "1.0", COMPOSITION, "EDITEUR_2", "PLATEFORME_2")
