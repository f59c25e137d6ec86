"""Plans over HTTP: what they ask for, what becomes of it once it is done, and what is refused."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from referencing.base.permissions import Role
from tests.builders import statements
from tests.candidatures.dossiers import (
    BROWSER,
    CNDA,
    DESKTOP,
    GENERAL,
    IDENTITY,
    MAIL,
    OLD_CNDA,
    OLD_IDENTITY,
    OLD_PART,
    OLD_TRAITS,
    ORGANISATION,
    TRAITS,
    Dossier,
    People,
)

KIND = "CNDA-DMP"
OLD = [OLD_IDENTITY, OLD_PART, OLD_TRAITS, OLD_CNDA]


def planned(solution: str, dsr: str = "LGC-V2", **words: Any) -> dict[str, Any]:
    return {"dsr": dsr, "solution": solution, **words}


def ask(people: People, *dossiers: Any, candidatures: Iterable[str] = ()) -> Any:
    words = {"candidatures": list(candidatures), "planned": list(dossiers)}
    return people.editor.post("/reuse-plans", words, status=200)


def codes(plan: Any, outcome: str) -> list[str]:
    return [item["code"] for item in plan["items"] if item["outcome"] == outcome]


def supplied(plan: Any) -> list[str]:
    """The codes to supply, in the order of the plan."""
    return [plan["items"][supply["item"]]["code"] for supply in plan["supplies"]]


def test_what_is_supplied_for_one_vague_serves_the_next(people: People) -> None:
    solution = people.solution()
    plans = ask(people, planned(solution, "LGC-V1"), planned(solution))
    certain, likely = plans["certain"], plans["to_confirm"]
    assert plans["alone"] == len(OLD) + len(GENERAL)
    assert [certain["exact"], certain["at_least"], len(certain["supplies"])] == [True, 8, 8]
    assert [codes(certain, "covered"), codes(certain, "to_confirm")] == [[IDENTITY, TRAITS], []]
    assert supplied(certain)[:2] == [OLD_IDENTITY, OLD_TRAITS]
    assert [codes(likely, "covered"), codes(likely, "to_confirm")] == [[IDENTITY, TRAITS], [CNDA]]
    others = {"to_show": 0, "awaiting": 0, "settled": 0}
    assert likely["counts"] == {"to_supply": 7, "covered": 2, "to_confirm": 1, **others}
    (served,) = likely["supplies"][0]["serves"]
    assert served["clauses"] == ["identité"]
    assert likely["items"][served["item"]]["needs"] == [likely["supplies"][0]["item"]]
    assert [filing["dossier"] for filing in likely["filing"]] == [0, 1]
    assert "de quoi en ouvrir 3 dans les suivants" in likely["filing"][0]["reason"]


def test_every_item_is_explained(people: People) -> None:
    solution = people.solution()
    plans = ask(people, planned(solution, "LGC-V1"), planned(solution))
    why = {item["code"]: " ".join(item["explanation"]) for item in plans["to_confirm"]["items"]}
    assert all(why.values())
    assert f"la preuve que ce plan fait fournir pour {OLD_IDENTITY} (solution « Alpha »)" in why[IDENTITY]
    assert "selon la correspondance « identité »" in why[IDENTITY]
    assert "un vérificateur aura à confirmer" in why[CNDA]
    assert "Elle servira aussi ailleurs : 1 preuve de ce plan." in why[OLD_TRAITS]
    assert "À fournir" in why[MAIL]


def test_what_a_plan_says_comes_true(people: People) -> None:
    solution = people.solution()
    dossiers = [people.draft("LGC-V1", solution), people.draft("LGC-V2", solution)]
    plan = ask(people, candidatures=[dossier.id for dossier in dossiers])["to_confirm"]
    for supply in plan["supplies"]:
        item = plan["items"][supply["item"]]
        dossiers[item["dossier"]].supply(item["code"])
    for dossier in dossiers:
        dossier.submit(incomplete=True)
    first = dossiers[plan["filing"][0]["dossier"]]
    first.judge()
    for item in plan["items"]:
        if item["outcome"] == "to_supply" and dossiers[item["dossier"]] is first:
            first.find(item["code"])
    states = [dossier.states() for dossier in dossiers]
    for item in plan["items"]:
        if item["outcome"] in {"covered", "to_confirm"}:
            assert states[item["dossier"]][item["code"]] == item["outcome"]


def test_what_is_supplied_already_counts_and_a_settled_item_asks_for_nothing(people: People) -> None:
    solution = people.solution()
    old, new = people.draft("LGC-V1", solution), people.draft("LGC-V2", solution)
    old.supply(OLD_IDENTITY)
    old.claim_not_applicable(OLD_TRAITS)
    plan = ask(people, candidatures=[old.id, new.id])["certain"]
    assert codes(plan, "settled") == [OLD_IDENTITY, OLD_TRAITS]
    assert codes(plan, "covered") == [IDENTITY]
    assert TRAITS in supplied(plan)  # what is said not to apply shows nothing
    (identity,) = (item for item in plan["items"] if item["code"] == IDENTITY)
    assert identity["needs"] == []
    assert "la preuve déjà fournie" in " ".join(identity["explanation"])


def test_open_dossiers_are_those_of_the_organisation_alone(people: People) -> None:
    zoe = people(Role.EDITOR, "Zoé", "Logiciels Mistral")
    solution = people.solution(software=people.software(editor=zoe), editor=zoe)
    assert zoe.post("/reuse-plans", {}, status=200)["dossiers"] == []
    hers = zoe.post("/candidatures", planned(solution, software_version="1"))["id"]
    (dossier,) = zoe.post("/reuse-plans", {}, status=200)["dossiers"]
    assert [dossier["candidature"], dossier["state"], dossier["planned"]] == [hers, "draft", None]
    problem = people.editor.refused(422, "POST", "/reuse-plans", json={"candidatures": [hers]})
    assert [error["pointer"] for error in problem["errors"]] == ["/candidatures/0"]
    words = {"candidatures": [], "planned": [planned(solution)]}
    problem = people.editor.refused(422, "POST", "/reuse-plans", json=words)
    assert [error["pointer"] for error in problem["errors"]] == ["/planned/0/solution"]


def test_a_plan_is_for_who_prepares(people: People) -> None:
    for role in (Role.LEAD, Role.VERIFIER, Role.CATALOGUE, Role.INTEGRATION):
        people(role, f"Sans plan {role}").refused(403, "POST", "/reuse-plans", json={})


def test_what_cannot_be_is_told_where_it_was_said(people: People) -> None:
    solution = people.solution()
    wrong = [
        planned(solution, "LGC-V9"),
        planned(str(UUID(int=1)), composition=[{"role": "MSS", "component": "sans version"}]),
    ]
    problem = people.editor.refused(422, "POST", "/reuse-plans", json={"planned": wrong})
    pointers = ["0/dsr", "1/solution", "1/composition/0/role", "1/composition/0/component"]
    assert [error["pointer"] for error in problem["errors"]] == [f"/planned/{one}" for one in pointers]
    wrong = [planned(solution, profiles=["Messagerie organisationnelle", "Inconnu"])]
    problem = people.editor.refused(422, "POST", "/reuse-plans", json={"planned": wrong})
    assert [error["pointer"] for error in problem["errors"]] == ["/planned/0/profiles/1"]
    words: Any
    for words in ({"planned": [planned(solution)] * 21}, {"planned": [{}]}, {"plans": []}):
        people.editor.refused(422, "POST", "/reuse-plans", json=words)


def test_profiles_composition_and_mode_count(people: People) -> None:
    solution, messaging = people.solution(), ["Messagerie organisationnelle"]
    with_it = [{"role": "mss", "component": "Facteur-MSS@3.1"}]
    plans = ask(
        people,
        planned(solution, profiles=messaging, composition=with_it),
        planned(people.solution("Bêta", people.software()), mode="duo"),
    )
    asked = [[item["code"] for item in plans["certain"]["items"] if item["dossier"] == n] for n in (0, 1)]
    assert ORGANISATION in asked[0]
    assert asked[1] == GENERAL
    assert plans["dossiers"][0]["composition"] == with_it
    assert len(plans["certain"]["supplies"]) == len(plans["certain"]["items"])  # two softwares share nothing


def test_what_is_shown_in_a_session_is_not_counted_as_supplied(people: People) -> None:
    dossier = planned(people.solution(), mode="duo")
    plan = ask(people, dossier)["certain"]
    shown = codes(plan, "to_show")
    assert shown
    assert plan["counts"]["to_show"] == len(shown)
    assert plan["counts"]["to_supply"] == len(GENERAL) - len(shown)
    assert codes(ask(people, {**dossier, "mode": "async"})["certain"], "to_show") == []
    why = {item["code"]: item["explanation"][0] for item in plan["items"]}
    assert {why[code] for code in shown} == {"À montrer en séance : aucune preuve déjà connue ne suffit."}
    (filing,) = plan["filing"]
    assert f"à y fournir et {len(shown)} preuve" in filing["reason"]
    assert "à y montrer en séance" in filing["reason"]


def test_two_names_of_a_software_supply_once(people: People) -> None:
    software = people.software()
    names = [people.solution(name, software) for name in ("Alpha", "Bêta")]
    plan = ask(people, *(planned(name) for name in names))["certain"]
    first = [code for code in supplied(plan) if code != CNDA]
    assert sorted(first) == sorted(code for code in GENERAL if code != CNDA)
    assert supplied(plan).count(CNDA) == 2  # no reuse under another name
    assert {item["dossier"] for item in plan["items"] if item["outcome"] == "covered"} == {1}


def test_a_certificate_that_could_be_obtained_is_reckoned_with_and_told(people: People) -> None:
    software = people.software()
    dossier = planned(people.solution(software=software))
    without = ask(people, dossier)["certain"]
    assert CNDA in codes(without, "to_supply")
    wanted = {"software": software, "kind": KIND}
    words = {"candidatures": [], "planned": [dossier], "certificates": [wanted]}
    plans = people.editor.post("/reuse-plans", words, status=200)
    likely = plans["to_confirm"]
    assert CNDA not in codes(likely, "to_supply")
    (item,) = (item for item in likely["items"] if item["code"] == CNDA)
    assert f"le certificat « {KIND} » que vous comptez obtenir" in " ".join(item["explanation"])
    wrong = [{**wanted, "kind": "Inconnu"}, {**wanted, "software": str(UUID(int=1))}]
    problem = people.editor.refused(422, "POST", "/reuse-plans", json={**words, "certificates": wrong})
    assert [error["pointer"] for error in problem["errors"]] == [
        "/certificates/0/kind",
        "/certificates/1/software",
    ]


def test_the_statements_do_not_grow_with_the_dossiers(people: People) -> None:
    solution = people.solution()
    drafts = [people.draft("LGC-V1", solution).id, people.draft("LGC-V2", solution).id]
    costs = []
    for number in (1, 2):
        asked = [
            planned(solution, composition=[{"role": "mss", "component": f"F@{n}"}]) for n in range(number)
        ]
        ask(people, *asked, candidatures=drafts[:number])
        with statements(people.parts.engine) as sent:
            ask(people, *asked, candidatures=drafts[:number])
        costs.append(len(sent))
    assert costs[0] == costs[1]
    assert costs[1] <= 16


def test_nothing_is_kept(people: People) -> None:
    solution = people.solution()
    dossier: Dossier = people.draft("LGC-V2", solution)
    before = dossier.timeline()
    first = people.editor.post("/reuse-plans", {}, status=200)
    assert people.editor.post("/reuse-plans", {}, status=200) == first
    assert dossier.timeline() == before
    assert {BROWSER, DESKTOP} <= set(dossier.codes("required"))
