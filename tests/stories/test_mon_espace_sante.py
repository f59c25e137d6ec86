"""Mon espace santé's table as rules: a sector's certificate leaves two criteria to prove, and five when it is over.

The table is real; the seven criteria are of this project's own words, under the table's names.
"""

from collections.abc import Iterator

import pytest

from referencing.base.permissions import Role
from tests.candidatures.dossiers import Dossier, People
from tests.candidatures.running import Running
from tests.catalogue.workbooks import row, workbook
from tests.conftest import SHARED
from tests.stories.work import equivalence, progress, work_through

TABLE = SHARED / "data" / "equivalence-certificat.csv"
DSR = "MES-V1"
NIL = "NIL-CARNET"
CRITERIA = {
    "URBANISATION": "Le service DOIT décrire les flux qu'il échange avec le profil de l'usager.",
    "INTEROPERABILITE": "Le service DOIT produire des documents que tous les autres savent lire.",
    "SECURITE": "Le service DOIT se fermer après un temps sans activité.",
    "QUALITE_CONTENU": "Le service DOIT dater ses conseils et citer leurs sources.",
    "ETHIQUE": "Le service DOIT dire à l'usager ce qu'un algorithme a décidé.",
    "RGPD": "Le service DOIT laisser l'usager effacer ce qu'il a confié.",
    "SECURITE_ECHANGES": "Le service DOIT chiffrer tout ce qu'il échange.",
}
LEFT = [f"{DSR}:{one}.01#01.01" for one in ("RGPD", "SECURITE_ECHANGES")]
REPLACED = [f"{DSR}:{one}.01#01.01" for one in CRITERIA if one not in {"RGPD", "SECURITE_ECHANGES"}]
POLICIES = [{"when": {"case": "certificate"}, "then": {"reuse": "auto"}}]

pytestmark = pytest.mark.skipif(not TABLE.is_file(), reason="the table is not beside the project")


def criteria() -> bytes:
    rows = [
        row(f"{one}.01", f"{one}.01.01.01", Exigence=text, Preuve="Une note qui le décrit.")
        for one, text in CRITERIA.items()
    ]
    return workbook(*rows).getvalue()


def catalogue(people: People) -> list[Dossier]:
    """The DSR, published; the rules are those of the table, and a certificate serves without anybody looking."""
    manager = people(Role.CATALOGUE)
    words = {"dispositif": "MES", "vague": 1, "couloir": "Usagers", "title": "Services numériques"}
    manager.put(f"/dsrs/{DSR}", words, status=201)
    manager.upload(f"/dsrs/{DSR}/imports", ("MES.xlsx", criteria()), status=200)
    manager.post(f"/dsrs/{DSR}/publication", status=200)
    rulebook = people.lead.post("/rulebooks", {"label": "Certificats sectoriels", "policies": POLICIES})
    path = f"/rulebooks/{rulebook['id']}"
    for added in (2, 0):  # the second time changes nothing
        table = ("equivalence-certificat.csv", TABLE.read_bytes())
        report = people.lead.upload(f"{path}/certificate-kinds?dsr={DSR}", table, status=200)
        assert [report[key] for key in ("rows", "added", "unchanged", "problems")] == [
            5,
            added,
            2 - added,
            [],
        ]
    people.lead.post(f"{path}/publication", {"accept_warnings": True}, status=200)
    people.jobs()
    return []


def drafted(people: People) -> list[Dossier]:
    return [people.draft(DSR, people.solution("Carnet", people.software(NIL)))]


@pytest.fixture
def dossier(running: Running) -> Iterator[Dossier]:
    with running.after(drafted, on=catalogue) as (_, (found,)):
        yield found


def certify(dossier: Dossier, kind: str) -> None:
    words = {
        "kind": kind,
        "holder": NIL,
        "number": "2026-1",
        "valid_from": "2026-01-01",
        "valid_until": "2026-05-01",
    }
    dossier.people.lead.post(f"/softwares/{dossier.read()['software']}/certificates", words)
    dossier.people.jobs()


def test_without_a_certificate_seven_criteria_are_to_be_proved(dossier: Dossier) -> None:
    assert progress(dossier) == {"required": 7}


@pytest.mark.parametrize("kind", ["DMN", "STLC"])
def test_a_sector_s_certificate_leaves_two_criteria_to_prove(dossier: Dossier, kind: str) -> None:
    certify(dossier, kind)
    assert dossier.codes("required") == LEFT
    assert dossier.codes("covered") == REPLACED
    said = next(one for one in equivalence(dossier)["items"] if one["code"] == REPLACED[0])["explanation"]
    assert f"le certificat {kind} de {NIL}" in said[1]


def test_another_certificate_replaces_nothing(dossier: Dossier) -> None:
    certify(dossier, "CNDA-DMP")
    assert progress(dossier) == {"required": 7}


@pytest.mark.parametrize("kind", ["DMN", "STLC"])
def test_its_expiry_reopens_five_on_its_day(running: Running, dossier: Dossier, kind: str) -> None:
    certify(dossier, kind)
    people = dossier.people
    dossier.supply_all()
    dossier.submit()
    dossier.judge()
    assert work_through(people.verifier, "proof_review") == 2
    assert dossier.state == "deliberation"
    running.clock.pass_days(59)  # 30 April, the last day
    people.tend()
    assert progress(dossier) == {"covered": 5, "conform": 2}
    running.clock.pass_days(1)
    people.tend()
    assert progress(dossier) == {"required": 5, "conform": 2}
    assert [dossier.codes("required"), dossier.state] == [REPLACED, "in_review"]
    assert dossier.actions()[-2:] == ["candidature.resolved", "candidature.reopened"]


def test_a_renewal_that_is_known_before_leaves_nothing_to_prove(running: Running, dossier: Dossier) -> None:
    certify(dossier, "DMN")
    words = {"kind": "DMN", "holder": NIL, "number": "2026-1", "valid_from": "2026-05-01"}
    dossier.people.lead.post(f"/softwares/{dossier.read()['software']}/certificates", words)
    running.clock.pass_days(60)
    dossier.people.tend()
    assert dossier.codes("covered") == REPLACED
