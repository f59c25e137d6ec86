"""A DSR is drafted from its workbook and its socles, corrected, and frozen when it is published."""

from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from referencing.base.models import Job
from referencing.base.permissions import Actor, Role
from referencing.catalogue import importing, operations, queries
from referencing.catalogue.importing import ImportReport, SocleReport
from referencing.catalogue.imports.problems import ForeignTable, ForeignWorkbook
from referencing.catalogue.imports.socle_links import Fidelity
from referencing.catalogue.models import Dsr, DsrVersion, ExpectedProof, Requirement
from referencing.catalogue.proposals import Guichet
from referencing.journal.models import Entry
from tests.builders import person

from .workbooks import HEADINGS, Row, row, workbook

WORDS: dict[str, Any] = {"dispositif": "LGC", "vague": 2, "couloir": "Médecine de ville", "title": "LGC"}
FIRST = row("INS.01", "INS.01.01.01")
SECOND = row("INS.01", "INS.01.01.02")
THIRD = row("DMP.01", "DMP.01.01.01")
SOCLES = "dispositif,vague,exigence,socle,texte,evolution_socle,impact_scenario"


class Manager:
    """A catalogue manager at work on one DSR, one request after the other."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.actor: Actor = person(session, Role.CATALOGUE)

    def define(self, code: str = "LGC-V2", **words: Any) -> tuple[Dsr, bool]:
        return operations.define_dsr(self.session, self.actor, code, **{**WORDS, **words})

    def load(self, *rows: Row) -> ImportReport:
        report = importing.import_requirements(self.session, self.actor, "LGC-V2", workbook(*rows))
        self.session.flush()
        self.session.expire_all()
        return report

    def link(self, *rows: str) -> SocleReport:
        file = BytesIO("\n".join([SOCLES, *rows]).encode())
        report = importing.link_socles(self.session, self.actor, "LGC-V2", file)
        self.session.flush()
        self.session.expire_all()
        return report

    def correct(self, code: str, revision: int = 1, **corrections: Any) -> ExpectedProof:
        return operations.correct_proof(self.session, self.actor, "LGC-V2", code, revision, corrections)

    def publish(self) -> DsrVersion:
        version = operations.publish(self.session, self.actor, "LGC-V2")
        self.session.flush()
        return version

    def requirements(self, version: int | None = None) -> list[Requirement]:
        """Of that version, or of the last one."""
        versions = queries.dsr(self.session, "LGC-V2").versions
        chosen = versions[-1] if version is None else versions[version - 1]
        return list(queries.requirements(self.session, chosen.id))

    def proof(self, code: str = "LGC-V2:INS.01#01.01") -> ExpectedProof:
        return next(
            proof for requirement in self.requirements() for proof in requirement.proofs if proof.code == code
        )

    def versions(self) -> list[int]:
        return [one.number for one in queries.dsr(self.session, "LGC-V2").versions]

    def journal(self) -> list[str]:
        stream = sa.select(Entry.action).where(Entry.stream == "dsr:LGC-V2").order_by(Entry.number)
        return list(self.session.scalars(stream))


@pytest.fixture
def manager(scratch: Session) -> Manager:
    """With a DSR that has nothing in it yet."""
    manager = Manager(scratch)
    manager.define()
    scratch.expire_all()
    return manager


@pytest.fixture
def published(manager: Manager) -> Manager:
    """Version 1 is published, with two requirements, one of which descends from a socle, and a correction."""
    manager.load(FIRST, SECOND, THIRD)
    manager.link("LGC,2,INS.01,SC.INS/01,identique,,")
    manager.correct("LGC-V2:INS.01#01.01", guichet=Guichet.EDC_PSC)
    manager.publish()
    return manager


def rows_of(session: Session, version: int) -> list[tuple[Any, ...]]:
    """Every row of a version, as it is stored."""
    of_version = sa.select(DsrVersion.id).where(DsrVersion.number == version).scalar_subquery()
    return [
        tuple(found)
        for table in (Requirement.__table__, ExpectedProof.__table__)
        for found in session.execute(
            sa.select(table).where(table.c.version_id == of_version).order_by(table.c.id)
        )
    ]


# --- defining -----------------------------------------------------------------------------------------------


def test_a_new_dsr_has_an_empty_draft(scratch: Session) -> None:
    dsr, created = Manager(scratch).define()
    assert created
    assert [(one.number, one.published_at) for one in dsr.versions] == [(1, None)]


def test_the_words_of_a_dsr_can_change(manager: Manager) -> None:
    dsr, created = manager.define(title="Logiciels de gestion de cabinet")
    assert (created, dsr.title) == (False, "Logiciels de gestion de cabinet")
    assert manager.journal() == ["dsr.defined", "dsr.changed"]


def test_the_same_words_again_change_nothing(manager: Manager) -> None:
    manager.define()
    assert manager.journal() == ["dsr.defined"]


def test_before_publication_even_the_vague_can_change(manager: Manager) -> None:
    assert manager.define(vague=3)[0].vague == 3


@pytest.mark.parametrize("change", [{"dispositif": "DPI"}, {"vague": 3}], ids=["dispositif", "vague"])
def test_after_publication_what_is_in_its_codes_is_fixed(published: Manager, change: dict[str, Any]) -> None:
    with pytest.raises(Conflict):
        published.define(**change)


def test_after_publication_the_title_can_still_change(published: Manager) -> None:
    assert published.define(title="Autre")[0].title == "Autre"


@pytest.mark.parametrize("code", ["", "LGC V2", "LGC:V2", "LGC#2", "-V2", "L" * 51])
def test_a_code_that_would_not_fit_in_a_reference_is_refused(manager: Manager, code: str) -> None:
    with pytest.raises(Invalid):
        manager.define(code)


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.CATALOGUE}))
def test_only_a_catalogue_manager_changes_the_catalogue(manager: Manager, role: Role) -> None:
    manager.load(FIRST)
    manager.actor = person(manager.session, role)
    for change in (
        manager.define,
        lambda: manager.load(FIRST),
        manager.link,
        lambda: manager.correct("LGC-V2:INS.01#01.01", duo=False),
        manager.publish,
    ):
        with pytest.raises(Forbidden):
            change()


# --- importing ----------------------------------------------------------------------------------------------


def test_an_import_counts_what_it_read(manager: Manager) -> None:
    report = manager.load(FIRST, SECOND, THIRD, row("NUL.01", None, Preuve=None))
    assert (report.version, report.rows, report.requirements, report.proofs) == (1, 4, 3, 3)
    assert (report.added, report.changed, report.removed, report.unchanged) == (3, 0, 0, 0)
    assert [(one.row, one.code) for one in report.problems] == [
        (5, "scenario_without_proof"),
        (5, "requirement_without_proof"),
    ]


def test_an_import_keeps_order_codes_and_words(manager: Manager) -> None:
    manager.load(THIRD, FIRST, SECOND)
    assert [(one.code, [proof.code for proof in one.proofs]) for one in manager.requirements()] == [
        ("DMP.01", ["LGC-V2:DMP.01#01.01"]),
        ("INS.01", ["LGC-V2:INS.01#01.01", "LGC-V2:INS.01#01.02"]),
    ]
    assert manager.requirements()[0].text == THIRD["Exigence"]


def test_the_same_file_again_changes_nothing(manager: Manager) -> None:
    manager.load(FIRST, SECOND, THIRD)
    before = rows_of(manager.session, 1)
    report = manager.load(FIRST, SECOND, THIRD)
    assert (report.added, report.changed, report.removed, report.unchanged) == (0, 0, 0, 2)
    assert rows_of(manager.session, 1) == before
    assert manager.journal() == ["dsr.defined", "dsr.imported"]


def test_the_file_of_a_published_version_opens_no_other(published: Manager) -> None:
    report = published.load(FIRST, SECOND, THIRD)
    assert (report.version, report.unchanged) == (1, 2)
    assert published.versions() == [1]
    assert published.journal()[-1] == "dsr.published"


def test_a_changed_text_is_one_changed_requirement(manager: Manager) -> None:
    manager.load(FIRST, SECOND, THIRD)
    report = manager.load(FIRST, SECOND, {**THIRD, "Exigence": "Un autre texte."})
    assert (report.added, report.changed, report.removed, report.unchanged) == (0, 1, 0, 1)
    assert manager.requirements()[1].text == "Un autre texte."


def test_a_list_without_a_column_leaves_what_was_known_of_it(manager: Manager) -> None:
    manager.load(row(Commentaire="À lire"))
    shorter = [heading for heading in HEADINGS if heading not in {"Criticité", "Périmètre", "Commentaire"}]
    file = workbook(row(Exigence="Autrement."), row("INS.02", "INS.02.01.01"), headings=shorter)

    report = importing.import_requirements(manager.session, manager.actor, "LGC-V2", file)
    manager.session.flush()
    manager.session.expire_all()

    known, new = manager.requirements()
    assert (report.changed, report.added) == (1, 1)
    assert (known.text, known.criticality, known.perimeter, known.comment) == (
        "Autrement.",
        "Majeure",
        "Vague 2",
        "À lire",
    )
    assert (new.criticality, new.perimeter) == ("", "")


def test_a_requirement_that_is_gone_is_removed(manager: Manager) -> None:
    manager.load(FIRST, SECOND, THIRD)
    report = manager.load(FIRST, SECOND)
    assert (report.removed, report.unchanged) == (1, 1)
    assert [one.code for one in manager.requirements()] == ["INS.01"]


def test_a_proof_that_is_gone_is_removed(manager: Manager) -> None:
    manager.load(FIRST, SECOND)
    manager.load(SECOND)
    (requirement,) = manager.requirements()
    assert [proof.code for proof in requirement.proofs] == ["LGC-V2:INS.01#01.02"]


def test_other_words_have_another_digest_and_the_same_words_the_same(manager: Manager) -> None:
    manager.load(FIRST)
    first = manager.proof().wording
    manager.load({**FIRST, "Commentaire": "Une précision.", "Criticité": "Mineure"})
    assert manager.proof().wording == first
    manager.load({**FIRST, "Scénario de conformité": "Chercher un patient par son matricule."})
    assert manager.proof().wording != first


def test_a_correction_outlives_an_import_that_leaves_the_proof_as_it_was(manager: Manager) -> None:
    manager.load(FIRST)
    manager.correct("LGC-V2:INS.01#01.01", guichet=Guichet.CNDA, roles=["ins"])
    manager.load({**FIRST, "Exigence": "Un autre texte."})
    proof = manager.proof()
    assert (proof.guichet, proof.roles, proof.corrected) == (Guichet.CNDA, ["ins"], True)


def test_a_correction_is_void_when_the_text_of_the_proof_changes(manager: Manager) -> None:
    manager.load(FIRST)
    manager.correct("LGC-V2:INS.01#01.01", guichet=Guichet.CNDA)
    manager.load({**FIRST, "Preuve": "Une copie d'écran de la recherche."})
    proof = manager.proof()
    assert (proof.guichet, proof.corrected) == (Guichet.ANS, False)
    assert proof.revision > 2, "an edit of what was read before is stale"


def test_an_import_after_publication_opens_the_next_version_as_a_copy(published: Manager) -> None:
    report = published.load(FIRST, SECOND, {**THIRD, "Exigence": "Un autre texte."})
    assert (report.version, report.changed, report.unchanged) == (2, 1, 1)
    assert published.versions() == [1, 2]
    kept, changed = published.requirements()
    assert (kept.socle, kept.socle_fidelity) == ("SC.INS/01", Fidelity.IDENTICAL)
    assert (kept.proofs[0].guichet, kept.proofs[0].corrected) == (Guichet.EDC_PSC, True)
    assert changed.text == "Un autre texte."


def test_the_words_that_stayed_have_the_same_digest_in_the_next_version(published: Manager) -> None:
    published.load(FIRST, SECOND, {**THIRD, "Exigence": "Un autre texte."})
    digests = [
        {proof.code: proof.wording for one in published.requirements(version) for proof in one.proofs}
        for version in (1, 2)
    ]
    assert [code for code in digests[0] if digests[0][code] == digests[1][code]] == [
        "LGC-V2:INS.01#01.01",
        "LGC-V2:INS.01#01.02",
    ]


def test_the_rows_of_a_published_version_never_change(published: Manager) -> None:
    before = rows_of(published.session, 1)
    published.load({**SECOND, "Preuve": "Un log."}, row("NEW.01", "NEW.01.01.01"))
    published.link("LGC,2,NEW.01,SC.NEW/01,surchargée,,")
    published.correct("LGC-V2:NEW.01#01.01", duo=False)
    published.publish()
    assert rows_of(published.session, 1) == before


@pytest.mark.parametrize("file", [b"", b"Perimetre;ID\n", b"%PDF-1.7\n"], ids=["empty", "csv", "pdf"])
def test_a_file_that_is_no_requirement_list_leaves_the_draft_as_it_was(manager: Manager, file: bytes) -> None:
    manager.load(FIRST)
    before = rows_of(manager.session, 1)
    with pytest.raises(ForeignWorkbook):
        importing.import_requirements(manager.session, manager.actor, "LGC-V2", BytesIO(file))
    assert rows_of(manager.session, 1) == before


# --- socles -------------------------------------------------------------------------------------------------


def test_a_table_of_socles_links_the_requirements_that_it_names(manager: Manager) -> None:
    manager.load(FIRST, THIRD)
    report = manager.link(
        "LGC,2,INS.01,SC.INS/01,identique,,",
        "LGC,2,DMP.01,SC.DMP/01,surchargée,,",
        "DPI,2,INS.01,SC.INS/09,identique,,",
        "LGC,1,INS.01,SC.INS/09,identique,,",
    )
    assert (report.rows, report.linked, report.changed, report.ignored, report.problems) == (2, 2, 2, 2, ())
    assert [(one.socle, one.socle_fidelity) for one in manager.requirements()] == [
        ("SC.INS/01", Fidelity.IDENTICAL),
        ("SC.DMP/01", Fidelity.OVERRIDDEN),
    ]


def test_a_requirement_that_the_version_does_not_have_is_reported(manager: Manager) -> None:
    manager.load(FIRST)
    report = manager.link("LGC,2,INS.01,SC.INS/01,identique,,", "LGC,2,INS.02,SC.INS/02,identique,,")
    assert report.linked == 1
    assert [(one.row, one.code) for one in report.problems] == [(3, "requirement_unknown")]


def test_a_second_table_takes_the_place_of_the_first(manager: Manager) -> None:
    manager.load(FIRST, THIRD)
    manager.link("LGC,2,INS.01,SC.INS/01,identique,,")
    report = manager.link("LGC,2,DMP.01,SC.DMP/01,identique,,")
    assert report.changed == 2
    assert [one.socle for one in manager.requirements()] == [None, "SC.DMP/01"]


def test_the_same_table_again_changes_nothing(published: Manager) -> None:
    report = published.link("LGC,2,INS.01,SC.INS/01,identique,,")
    assert (report.version, report.linked, report.changed) == (1, 1, 0)
    assert published.versions() == [1]
    assert published.journal()[-1] == "dsr.published"


def test_another_table_after_publication_opens_the_next_version(published: Manager) -> None:
    report = published.link("LGC,2,DMP.01,SC.DMP/01,identique,,")
    assert report.version == 2
    assert [[one.socle for one in published.requirements(version)] for version in (1, 2)] == [
        ["SC.INS/01", None],
        [None, "SC.DMP/01"],
    ]


def test_a_file_that_is_no_table_of_socles_is_refused(manager: Manager) -> None:
    with pytest.raises(ForeignTable):
        importing.link_socles(manager.session, manager.actor, "LGC-V2", BytesIO(b"a,b\n1,2\n"))


# --- correcting ---------------------------------------------------------------------------------------------


def test_a_correction_counts_as_a_revision(manager: Manager) -> None:
    manager.load(FIRST)
    proof = manager.correct("LGC-V2:INS.01#01.01", duo=False)
    assert (proof.duo, proof.corrected, proof.revision) == (False, True, 2)
    assert manager.journal()[-1] == "dsr.proof_corrected"


def test_a_correction_of_an_old_revision_is_refused(manager: Manager) -> None:
    manager.load(FIRST)
    manager.correct("LGC-V2:INS.01#01.01", duo=False)
    with pytest.raises(Stale):
        manager.correct("LGC-V2:INS.01#01.01", revision=1, duo=True)


def test_a_published_proof_is_not_corrected(published: Manager) -> None:
    with pytest.raises(Conflict):
        published.correct("LGC-V2:INS.01#01.02", duo=False)


def test_a_proof_that_is_not_there_is_not_corrected(manager: Manager) -> None:
    manager.load(FIRST)
    with pytest.raises(NotFound):
        manager.correct("LGC-V2:INS.01#09.09", duo=False)


# --- publishing ---------------------------------------------------------------------------------------------


def test_an_empty_version_is_not_published(manager: Manager) -> None:
    with pytest.raises(Conflict):
        manager.publish()


def test_a_version_without_any_proof_is_not_published(manager: Manager) -> None:
    manager.load(row("INS.01", None, Preuve=None))
    with pytest.raises(Conflict):
        manager.publish()


def test_a_version_is_published_once(published: Manager) -> None:
    with pytest.raises(Conflict):
        published.publish()


def test_publishing_asks_for_the_open_dossiers_to_be_resolved(published: Manager) -> None:
    assert published.session.scalars(sa.select(Job.task)).all() == ["resolve_open_candidatures"]


def test_a_draft_is_for_those_who_edit_it(published: Manager) -> None:
    published.load(FIRST)
    editor = person(published.session, Role.EDITOR)
    assert queries.version(published.session, editor, "LGC-V2", None).number == 1
    assert queries.version(published.session, published.actor, "LGC-V2", 2).number == 2
    with pytest.raises(NotFound):
        queries.version(published.session, editor, "LGC-V2", 2)
