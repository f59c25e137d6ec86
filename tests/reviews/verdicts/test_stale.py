"""A verdict is tied to a file, to words and to rules, and says which of these have changed."""

from typing import Any

from referencing.base.permissions import Role
from tests.builders import statements
from tests.candidatures.dossiers import OLD_IDENTITY, OLD_PART, RULEBOOK, VIDEO, Dossier, People
from tests.catalogue.workbooks import row, workbook


def stale(dossier: Dossier, code: str = OLD_IDENTITY) -> list[str]:
    return list(dossier.item(code)["proof"]["verifications"][-1]["stale"])


def publish(people: People, content: bytes) -> None:
    manager = people(Role.CATALOGUE, "Auteur des listes")
    manager.upload("/dsrs/LGC-V1/imports", ("LGC-V1.xlsx", content), status=200)
    manager.post("/dsrs/LGC-V1/publication", status=200)


def other_rules(people: People) -> None:
    rulebook = people.lead.post("/rulebooks", RULEBOOK)
    people.lead.post(f"/rulebooks/{rulebook['id']}/publication", {"accept_warnings": True}, 200)


def test_a_fresh_verdict_is_not_stale_and_says_what_it_is_tied_to(people: People, dossier: Dossier) -> None:
    dossier.find(OLD_IDENTITY)
    proof = dossier.item(OLD_IDENTITY)["proof"]
    (found,) = proof["verifications"]
    (rulebook,) = people.lead.get("/rulebooks")["items"]
    assert [found["stale"], found["file_sha256"], found["dsr_version"], found["rulebook"]] == [
        [],
        proof["files"][0]["sha256"],
        1,
        rulebook["id"],
    ]


def test_a_newer_version_makes_it_stale(people: People, dossier: Dossier) -> None:
    first = dossier.item(OLD_IDENTITY)["proof"]["id"]
    dossier.find(OLD_IDENTITY, "complement", "La date.")
    dossier.supply(OLD_IDENTITY, b"la date")
    (found,) = people.editor.get(f"/proofs/{first}")["verifications"]
    assert found["stale"] == ["file"]


def test_other_words_in_the_last_published_list_make_it_stale(people: People, dossier: Dossier) -> None:
    dossier.find(OLD_IDENTITY)
    dossier.find(OLD_PART)
    changed = row("INS.01", "INS.01.01.01", Preuve="Tout autre chose.", **{"N°_scénario": "INS.01.01"})
    same = row("INS.02", "INS.02.01.01", Preuve=VIDEO, **{"N°_scénario": "INS.02.01"})
    publish(people, workbook(changed, same).getvalue())
    assert [stale(dossier, OLD_IDENTITY), stale(dossier, OLD_PART)] == [["requirement"], []]


def test_what_is_asked_no_more_is_stale(people: People, dossier: Dossier) -> None:
    dossier.find(OLD_IDENTITY)
    publish(people, workbook(row("INS.02", "INS.02.01.01", Preuve=VIDEO)).getvalue())
    assert stale(dossier) == ["requirement"]


def test_other_rules_in_force_make_it_stale(people: People, dossier: Dossier) -> None:
    dossier.find(OLD_IDENTITY)
    other_rules(people)
    assert stale(dossier) == ["rulebook"]
    dossier.find(OLD_PART)
    assert stale(dossier, OLD_PART) == []


def test_as_many_statements_for_many_items_as_for_one(people: People, dossier: Dossier) -> None:
    read: list[tuple[Any, int]] = []
    for code in list(dossier.states())[:3]:
        dossier.find(code)
        people.editor.get(f"{dossier.path}/items")
        with statements(people.parts.engine) as sent:
            items = people.editor.get(f"{dossier.path}/items")["items"]
        read.append((sum(one["verdict"] is not None for one in items), len(sent)))
    assert [count for count, _ in read] == [1, 2, 3]
    assert len({sent for _, sent in read}) == 1
