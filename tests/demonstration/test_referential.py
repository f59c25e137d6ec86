"""The demonstration referential holds every situation that the demonstration shows."""

import csv
import io
import re
import time
from collections import Counter
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import NamedTuple

import pytest
from openpyxl import load_workbook

from demonstration import referential

HEADINGS = (
    "Périmètre",
    "ID",
    "Chapitre",
    "Fonction",
    "Exigence",
    "Commentaire",
    "Profil",
    "N° scénario",
    "Scénario de conformité",
    "N° preuve",
    "Preuve",
    "Profil historique",
    "Criticité",
    "Ordre",
)
# How the words begin by which a proof's text tells its kind. No text of the demonstration may hold those of
# two kinds: whoever reads the lists must not have to guess.
KIND_WORDS = {
    "demonstration": ("vidéo", "copie d'écran", "copies d'écran", "capture", "démonstration"),
    "log": ("journa", "log", "trace", "source smtp"),
    "document": ("document", "procédure", "configuration"),
    "test_report": ("gazelle", "rapport"),
    "certificate": ("attestation", "homologation", "agrément", "certificat", "autorisation"),
    "pentest": ("intrusion",),
}


class Row(NamedTuple):
    """A line of a requirement list, under short names, in the order of its columns."""

    scope: str
    code: str
    chapter: str
    function: str
    requirement: str
    comment: str | None
    profile: str
    scenario_number: str | None
    scenario: str | None
    proof_number: str | None
    proof: str | None
    former_profile: str | None
    criticality: str
    order: int

    @property
    def suffix(self) -> str | None:
        return self.proof_number and self.proof_number.removeprefix(f"{self.code}.")

    @property
    def wording(self) -> tuple[str | None, ...]:
        """What two lists that share a requirement say alike: all but its code and its place."""
        return (self.function, self.requirement, self.scenario, self.suffix, self.proof)


def rows_of(dsr: str) -> list[Row]:
    sheet = load_workbook(io.BytesIO(referential.workbook(dsr)))["Exigences"]
    return [Row(*cells) for cells in sheet.iter_rows(min_row=2, values_only=True)]  # type: ignore[arg-type]


LISTS = {dsr: rows_of(dsr) for dsr in referential.DSRS}
ALL_ROWS = [(dsr, row) for dsr, rows in LISTS.items() for row in rows]
PROOFS = [(dsr, row) for dsr, row in ALL_ROWS if row.proof]


def kinds_of(proof: str | None) -> set[str]:
    text = (proof or "").lower()
    return {
        kind for kind, words in KIND_WORDS.items() if any(re.search(rf"\b{word}", text) for word in words)
    }


def wordings(dsr: str, code: str) -> list[tuple[str | None, ...]]:
    return [row.wording for row in LISTS[dsr] if row.code == code]


def links() -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(referential.table("correspondances").decode())))


def socles() -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(referential.table("socles").decode())))


def linked_codes() -> Iterator[tuple[str, str]]:
    """Every requirement that the two tables name, as (DSR, code)."""
    for row in socles():
        yield f"{row['dispositif']}-V{row['vague']}", row["exigence"]
    for row in links():
        for code in row["exigences_source"].split(";"):
            yield f"{row['dispositif_source']}-V{row['vague_source']}", code
        yield f"{row['dispositif_cible']}-V{row['vague_cible']}", row["exigence_cible"]


@pytest.mark.parametrize(("dsr", "proofs"), [("LGC-V1", 12), ("LGC-V2", 16), ("DPI-V2", 13)])
def test_a_workbook_has_the_export_layout(dsr: str, proofs: int) -> None:
    book = load_workbook(io.BytesIO(referential.workbook(dsr)))
    assert book.sheetnames == ["Exigences"]
    assert tuple(cell.value for cell in book["Exigences"][1]) == HEADINGS
    assert sum(1 for row in LISTS[dsr] if row.proof) == proofs
    assert [row.order for row in LISTS[dsr]] == list(range(1, len(LISTS[dsr]) + 1))


def test_a_dsr_is_named_after_its_dispositif_and_vague() -> None:
    assert {f"{dsr.dispositif}-V{dsr.vague}" for dsr in referential.DSRS.values()} == set(referential.DSRS)
    assert {dsr.couloir for dsr in referential.DSRS.values()} == {"médecine de ville", "hôpital"}


def test_the_same_list_gives_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    before = referential.workbook("LGC-V2")
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 86_400)
    monkeypatch.setattr(time, "localtime", lambda *_: time.gmtime(now + 86_400))
    assert referential.workbook("LGC-V2") == before


def test_another_dsr_has_no_workbook() -> None:
    with pytest.raises(KeyError):
        referential.workbook("DPI-V1")


def test_a_proof_number_comes_once_and_starts_with_its_scenario() -> None:
    assert max(Counter((dsr, row.proof_number) for dsr, row in PROOFS).values()) == 1
    for _, row in PROOFS:
        assert row.scenario_number is not None
        assert row.proof_number is not None
        assert row.scenario_number.startswith(f"{row.code}.")
        assert row.proof_number.startswith(f"{row.scenario_number}.")


def test_every_scenario_has_numbered_steps() -> None:
    for _, row in PROOFS:
        steps = [int(number) for number in re.findall(r"^(\d+)\. ", row.scenario or "", re.MULTILINE)]
        assert len(steps) > 1, row.code
        assert steps == list(range(1, len(steps) + 1)), row.code


def test_a_proof_tells_one_kind_and_every_kind_is_asked_for() -> None:
    kinds = {(dsr, row.proof_number): kinds_of(row.proof) for dsr, row in PROOFS}
    assert {proof: found for proof, found in kinds.items() if len(found) != 1} == {}
    assert set().union(*kinds.values()) == set(KIND_WORDS)


@pytest.mark.parametrize("dsr", referential.DSRS)
def test_a_list_asks_for_one_cnda_proof_and_one_pentest(dsr: str) -> None:
    proofs = [row for row in LISTS[dsr] if row.proof]
    (cnda,) = [row for row in proofs if "CNDA" in (row.proof or "")]
    (pentest,) = [row for row in proofs if kinds_of(row.proof) == {"pentest"}]
    assert cnda.code.startswith("DMP")
    assert kinds_of(cnda.proof) == {"certificate"}
    assert pentest.code.startswith("SSI")
    assert (dsr, pentest.code, "SC.SSI/GEN.02", "identique") in {
        (f"{row['dispositif']}-V{row['vague']}", row["exigence"], row["socle"], row["texte"])
        for row in socles()
    }


def test_chapters_follow_the_codes() -> None:
    titles = {(re.split(r"[./]", row.code)[0], row.chapter) for _, row in ALL_ROWS}
    assert {prefix for prefix, _ in titles} >= {"INS", "ANN", "MSS", "DMP", "PSC", "SSI"}
    assert len({prefix for prefix, _ in titles}) == len(titles)


def test_psc_has_alternative_scenarios() -> None:
    for dsr in ("LGC-V2", "DPI-V2"):
        psc = [row for row in LISTS[dsr] if row.code == "PSC.01"]
        assert [row.suffix for row in psc] == ["01.01", "02.01", "03.01"]
        assert "Un seul scénario" in (psc[0].comment or "")


def test_one_requirement_depends_on_a_profile_and_one_has_no_proof() -> None:
    assert {(dsr, row.code) for dsr, row in ALL_ROWS if row.profile != "Général"} == {
        ("LGC-V2", "MSS/ORG.01")
    }
    assert {(dsr, row.code) for dsr, row in ALL_ROWS if not row.proof} == {("LGC-V2", "ERGO.01")}


def test_the_tables_name_requirements_that_exist() -> None:
    assert set(linked_codes()) <= {(dsr, row.code) for dsr, row in ALL_ROWS}


def test_requirements_of_one_socle_are_worded_alike_save_the_one_overridden() -> None:
    by_socle: dict[str, list[dict[str, str]]] = {}
    for row in socles():
        by_socle.setdefault(row["socle"], []).append(row)
    alike = []
    for socle, descendants in by_socle.items():
        texts = [wordings(f"{row['dispositif']}-V{row['vague']}", row["exigence"]) for row in descendants]
        assert len(texts) > 1, socle
        if all(row["texte"] == "identique" for row in descendants):
            assert all(text == texts[0] for text in texts), socle
            alike.append(socle)
    assert len(alike) >= 5
    (overridden,) = [row for row in socles() if row["texte"] == "surchargée"]
    ours, theirs = wordings("DPI-V2", overridden["exigence"]), wordings("LGC-V2", overridden["exigence"])
    assert ours != theirs
    # The suffixes are the same, or the socle would link nothing.
    assert [text[3] for text in ours] == [text[3] for text in theirs]


def test_correspondences_are_unchanged_save_two_and_one_joins_two_requirements() -> None:
    assert Counter(row["evolution"] for row in links()) == {"Inchangée": 6, "Modifiée": 2}
    (joint,) = [row for row in links() if ";" in row["exigences_source"]]
    assert joint["evolution"] == "Inchangée"
    for row in links():
        if row != joint:
            before = wordings("LGC-V1", row["exigences_source"])
            after = wordings("LGC-V2", row["exigence_cible"])
            assert (before == after) is (row["evolution"] == "Inchangée"), row


def test_the_rulebook_ends_with_a_policy_for_all_and_its_certificates_replace_cnda_proofs_only() -> None:
    rules = referential.rulebook()
    assert set(rules) == {"label", "correspondences", "certificate_kinds", "policies"}
    assert [(policy["when"], policy["then"]["reuse"]) for policy in rules["policies"][:2]] == [
        ({"standing": "delisted"}, "never"),
        ({"standing": "suspended"}, "confirm"),
    ]
    assert [policy["then"]["reuse"] for policy in rules["policies"][2:]] == [
        "never",
        "confirm",
        "auto",
        "confirm",
        "auto",
        "auto",
    ]
    assert rules["policies"][-2]["when"] == {"case": ["embedded"], "chapter": ["MSS"]}
    assert rules["policies"][-1]["when"] == {}
    for kind in rules["certificate_kinds"]:
        covered = {
            (dsr, row.proof)
            for dsr, row in PROOFS
            for scope in kind["covers"]
            if fnmatchcase(row.code, scope["requirement"]) and fnmatchcase(dsr, scope.get("dsr", "*"))
        }
        assert {dsr for dsr, _ in covered} == set(referential.DSRS)
        assert all("CNDA" in (proof or "") for _, proof in covered)
