"""A machine pushes a folder night after night, from the first draft to the answer to a complement."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from referencing.base.permissions import Role
from tests.candidatures.dossiers import (
    BROWSER,
    CNDA,
    DESKTOP,
    IDENTITY,
    MAIL,
    TRAITS,
    Dossier,
    People,
    verdict,
)
from tests.candidatures.running import Running
from tests.contents import picture
from tests.loopback import served
from tests.tools.conftest import Program, filled

BENCH = "Banc d'essai national"
FILES = {
    "INS_va1.01_01.01.png": picture(b"identite"),
    "ins-VA1.02/01.01/1 écran d'accueil.png": picture(b"accueil"),
    "ins-VA1.02/01.01/2 traits stricts.png": picture(b"traits"),
    "lgc-v2 mss va1.01 01.01 rapport.txt": b"Rapport Gazelle.",
    "PSC.01#01.01.png": b"",
    "notes de réunion.txt": b"rien",
    ".DS_Store": b"",
    "TNR 12.png": picture(b"tnr"),
}


def after_vague_1(people: People) -> list[Dossier]:
    """LGC-V1 is referenced; LGC-V2 drafted, with what equivalence covers of it."""
    first = people.referenced("LGC-V1")
    return [people.draft("LGC-V2", first.read()["solution"])]


@pytest.fixture
def drafted(running: Running) -> Iterator[Dossier]:
    with running.after(after_vague_1) as (_, (second,)):
        yield second


def test_what_is_covered_is_left_and_what_awaits_a_confirmation_only_replaced_when_that_is_meant(
    drafted: Dossier, program: Program, tmp_path: Path
) -> None:
    names = {"INS.va1.01-01.01.png": picture(b"new"), "DMP_CNDA.01_01.01.png": picture(b"homologation")}
    editor = drafted.people.editor
    asked = filled(tmp_path, names), "--candidature", drafted.id
    with served(drafted.people.app) as api:
        before = {code: drafted.item(code)["state"] for code in (IDENTITY, CNDA)}
        assert before == {IDENTITY: "covered", CNDA: "to_confirm"}
        run = program(api, editor.key, *asked)
        assert (run.code, [line[:2] for line in run.lines]) == (0, [("kept", IDENTITY), ("kept", CNDA)])
        assert {code: drafted.item(code)["state"] for code in before} == before
        run = program(api, editor.key, *asked, "--over-reuse")
        assert (run.code, [line[:2] for line in run.lines]) == (0, [("kept", IDENTITY), ("sent", CNDA)])
    assert drafted.item(CNDA)["state"] == "supplied"


def test_a_machine_pushes_a_folder_until_the_dossier_is_reviewed(
    people: People, program: Program, tmp_path: Path
) -> None:
    dossier = people.draft()
    machine = people(Role.INTEGRATION, "Nuit", BENCH)
    dossier.allow(machine)
    reference = {"item": DESKTOP, "reference": "TNR-12"}
    people.editor.put(f"{dossier.path}/references", {"references": [reference]})
    asked = filled(tmp_path / "nuit", FILES), "--candidature", dossier.id
    captures = [name for name in FILES if "/" in name]
    with served(people.app) as api:
        tried = program(api, machine.key, *asked, "--dry-run")
        assert not any(item["proof"] for item in dossier.items())
        first, again = program(api, machine.key, *asked), program(api, machine.key, *asked)
    sent = [
        ("refused", BROWSER, ["PSC.01#01.01.png"]),
        ("sent", DESKTOP, ["TNR 12.png"]),
        ("sent", IDENTITY, ["INS_va1.01_01.01.png"]),
        ("sent", MAIL, ["lgc-v2 mss va1.01 01.01 rapport.txt"]),
        ("sent", TRAITS, captures),
        ("unknown", "", ["notes de réunion.txt"]),
    ]
    for run, word in ((tried, "would_send"), (first, "sent"), (again, "unchanged")):
        expected = sorted((word if one[0] == "sent" else one[0], *one[1:]) for one in sent)
        assert (run.code, sorted(run.lines)) == (1, expected)
    assert "0 octet" in first.of(BROWSER)["detail"]
    supplied = {item["code"]: item["proof"] for item in dossier.items() if item["proof"]}
    assert {proof["number"] for proof in supplied.values()} == {1}, "nothing came twice"
    assert [file["filename"] for file in supplied[TRAITS]["files"]] == [
        name.rpartition("/")[2] for name in captures
    ]
    assert first.of(TRAITS)["proof"] == supplied[TRAITS]["id"]

    filled(
        tmp_path / "nuit", {"PSC.01#01.01.png": picture(b"psc"), "DMP-CNDA.01 01.01.png": picture(b"cnda")}
    )
    (tmp_path / "nuit" / "notes de réunion.txt").unlink()
    with served(people.app) as api:
        whole = program(api, machine.key, *asked)
        assert whole.code == 0
        assert whole.said[-1] == {"counts": {"sent": 2, "unchanged": 4}, "exit": 0}
        dossier.submit()
        dossier.judge()
        (task,) = [one for one in dossier.tasks("proof_review") if one["code"] == TRAITS]
        taken = people.verifier.post(f"/tasks/{task['id']}/claim", {"another": True}, status=200)
        asked_again = {**verdict(taken, "complement"), "missing": ["une vidéo"], "due_on": "2026-04-01"}
        people.verifier.post(f"/tasks/{task['id']}/verdict", asked_again, status=200)
        filled(tmp_path / "nuit", {"ins-VA1.02/01.01/3 vidéo.png": picture(b"video")})
        answered = program(api, machine.key, *asked)
    assert answered.code == 0
    assert answered.of(TRAITS)["outcome"] == "sent"
    assert answered.said[-1]["counts"] == {"sent": 1, "unchanged": 5}
    version = dossier.item(TRAITS)["proof"]
    assert (version["number"], len(version["files"])) == (2, 3)


def test_a_csv_says_what_names_do_not_and_dates_the_tests(
    people: People, program: Program, tmp_path: Path
) -> None:
    dossier = people.draft()
    names = {"a.png": picture(b"a"), "b.png": picture(b"b"), "c.png": picture(b"c"), "d.png": picture(b"d")}
    table = "Fichier;Preuve;Date\na.png;ins/VA1.01#01.01;\nb.png;LGC-V2:INS/va1.01#01.01;\n"
    table += "c.png;MSS/va1.01#01.01;31/02/2026\nabsent.png;PSC.01#01.01;\nd.png;n'importe quoi;\n"
    folder = filled(tmp_path, names | {"preuves.csv": table.encode("cp1252")})
    with served(people.app) as api:
        run = program(api, people.editor.key, folder, "--candidature", dossier.id)
    assert run.code == 1
    assert sorted(run.lines) == [
        ("refused", MAIL, ["c.png"]),
        ("refused", BROWSER, ["absent.png"]),
        ("sent", IDENTITY, ["a.png", "b.png"]),
        ("unknown", "", ["d.png"]),
    ]
    assert "31/12/2026" in run.of(MAIL)["detail"]


def test_certificates_are_entered_once_with_their_files(
    people: People, program: Program, tmp_path: Path
) -> None:
    dossier = people.draft()
    counter = people.counter()
    dossier.allow(counter)
    software = dossier.read()["software"]
    table = "type;numéro;titulaire;début;dernier jour;fichiers\nCNDA-DMP;2026-0042;;01/01/2026;31/12/2028;\n"
    table += "CNDA-DMP;2026-0043;DMP-Box@2.1;2026-01-01;;été.png|2.png\nCNDA-DMP;9;;01/01/2026;31/12/2025;\n"
    files = {"certificats.csv": table.encode(), "2026 0042 scan.png": picture(b"42")}
    files |= {"été.png": picture(b"ete"), "2.png": picture(b"2")}
    asked = filled(tmp_path, files), "--software", software
    with served(people.app) as api:
        runs = [program(api, counter.key, *asked) for _ in range(2)]
        filled(tmp_path, {"2026-0042 verso.png": picture(b"verso")})
        third = program(api, counter.key, *asked)
        table += "CNDA-DMP;2026-0042;;01/01/2029;;\n"
        filled(tmp_path, {"certificats.csv": table.encode(), "2026-0042 annexe.png": picture(b"annexe")})
        renewed = program(api, counter.key, *asked, "--dry-run")
    numbers = "2026-0042", "2026-0043", "9"
    assert [[line[:2] for line in run.lines] for run in runs] == [
        [(word, f"CNDA-DMP n° {number}") for word, number in zip(words, numbers, strict=True)]
        for words in (("sent", "sent", "refused"), ("unchanged", "unchanged", "refused"))
    ]
    assert third.of("CNDA-DMP n° 2026-0042")["outcome"] == "sent"
    ambiguous = [one["detail"] for one in renewed.said[:-1] if one["outcome"] == "ambiguous"]
    periods = " et ".join(f"CNDA-DMP n° 2026-0042 du 01/01/{year}" for year in (2026, 2029))
    assert ambiguous == [f"ce nom correspond à {periods} : précisez dans le CSV"] * 3
    entered = {one["number"]: one for one in counter.get("/certificates")["items"]}
    assert {number: len(one["files"]) for number, one in entered.items()} == {"2026-0042": 2, "2026-0043": 2}
    assert entered["2026-0042"]["held_by"] == "software"
    assert entered["2026-0042"]["valid_until"] == "2029-01-01"


def test_what_cannot_go_on_says_why_and_sends_nothing(
    people: People, program: Program, tmp_path: Path
) -> None:
    dossier = people.draft()
    folder = filled(tmp_path / "full", {"PSC.01#01.01.png": picture(b"psc")})
    empty = tmp_path / "empty"
    empty.mkdir()
    key = people.editor.key
    stranger = people(Role.EDITOR, organisation="Logiciels Mistral").key
    with served(people.app) as api:
        ends = {
            (program(*asked)).code: words
            for words, asked in {
                "no file": (api, key, empty, "--candidature", dossier.id),
                "another's": (api, stranger, folder, "--candidature", dossier.id),
            }.items()
        }
        assert ends == {2: "no file", 4: "another's"}
        wrong = program(api, "ref_wrong", folder, "--candidature", dossier.id)
        assert (wrong.code, "clé" in wrong.told) == (4, True)
        page = program(f"{api}/console", key, folder, "--candidature", dossier.id)
        assert page.code == 4
    clear = program("http://referencement.example", key, folder, "--candidature", dossier.id)
    assert (clear.code, "https" in clear.told) == (2, True)
    gone = program(api, key, folder, "--candidature", dossier.id, "--patience", "0.2")
    assert (gone.code, "Relancez" in gone.told) == (3, True)
    assert not any(item["proof"] for item in dossier.items())
