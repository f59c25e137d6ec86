"""A component that was verified once serves the products that embed it: never more than the roles that it fills."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from referencing.equivalence.engine.explanation import explain
from referencing.equivalence.engine.formats import read_item
from tests.equivalence.engine import oracle
from tests.equivalence.engine.minimal import (
    ALWAYS,
    GOAL,
    PAST,
    PAST_PROOF,
    REQUIRED,
    TODAY,
    TOMORROW,
    case,
    goal,
    link,
    outcome,
    requirement,
    verification,
)
from tests.equivalence.engine.strategies import cases_with_components, dealt_with_components
from tests.equivalence.engine.test_alike import declared, items_of
from tests.equivalence.engine.test_derivations import leaves
from tests.equivalence.engine.test_laws import RANK

Json = dict[str, Any]

law = settings(max_examples=300, deadline=None)
MODULE, OTHER = "NIL-77@4", "NIL-77@3"
OPENLY: list[Json] = [{"when": {"case": ["embedded"]}, "then": {"reuse": "auto"}}, *ALWAYS]


def embedding(name: str = "E1", **changes: Any) -> Json:
    return {
        "id": name,
        "product": "NIL-1",
        "embedded": "NIL-77",
        "component": MODULE,
        "roles": ["mss"],
        "valid_from": "2026-01-01",
        "revoked_on": None,
        **changes,
    }


def asked(*embeddings: Json, roles: tuple[str, ...] = ("mss",), **more: Any) -> Json:
    """The goal depends on roles; the only fact was found on the component itself, which the target embeds in them."""
    finding: Json = {"product": "NIL-77", "composition": {"mss": MODULE}, **more.pop("finding", {})}
    facts = more.pop("facts", [verification(**finding)])
    lists = more.pop("lists", [requirement(GOAL, "01.01", roles=[*roles])])
    words: Json = {"composition": {"mss": MODULE}, "policies": OPENLY, **more}
    return case(lists, facts=facts, **words) | {"embeddings": [*embeddings]}


def test_what_was_verified_on_a_component_serves_who_embeds_it() -> None:
    assert outcome(goal(asked())) == REQUIRED
    item = goal(asked(embedding()))
    assert (item["status"], item["facts"], item["depth"]) == ("covered", ["F1"], 0)
    assert item["cases"] == ["embedded", "same_dsr"]
    assert item["derivation"]["embedding"] == {
        "id": "E1",
        "component": MODULE,
        "roles": ["mss"],
        "valid_from": "2026-01-01",
    }, "and not whose it is"


@pytest.mark.parametrize(
    "hindered",
    [
        {"roles": ["dmp"]},
        {"component": OTHER},
        {"product": "NIL-2"},
        {"embedded": "NIL-78"},
        {"valid_from": TOMORROW},
        {"revoked_on": TODAY},
    ],
)
def test_it_takes_an_embedding_of_this_component_in_this_product_in_this_role_on_this_day(
    hindered: Json,
) -> None:
    item = goal(asked(embedding(**hindered)))
    assert outcome(item) == REQUIRED
    assert item["blocked"] == [], "nobody is told of another's fact that no embedding admits"


@pytest.mark.parametrize("status", ["submitted", "rejected"])
def test_nothing_but_what_was_verified_leaves_the_component(status: str) -> None:
    item = goal(asked(embedding(), finding={"status": status}))
    assert (outcome(item), item["blocked"]) == (REQUIRED, [])


def test_what_depends_on_no_role_is_the_products_own_on_either_side() -> None:
    linked = [link(PAST, GOAL)]
    for of_goal, of_past in ((["mss"], []), ([], ["mss"]), ([], [])):
        lists = [requirement(PAST, "01.01", roles=of_past), requirement(GOAL, "01.01", roles=of_goal)]
        finding = {"proof": PAST_PROOF}
        assert outcome(goal(asked(embedding(), lists=lists, links=linked, finding=finding))) == REQUIRED
    lists = [requirement(PAST, "01.01", roles=["mss"]), requirement(GOAL, "01.01", roles=["mss"])]
    item = goal(asked(embedding(), lists=lists, links=linked, finding={"proof": PAST_PROOF}))
    assert item["status"] == "covered"


def test_each_role_on_which_a_proof_depends_is_one_that_the_component_fills() -> None:
    both: Json = {"roles": ("dmp", "mss"), "finding": {"composition": {"mss": MODULE, "dmp": MODULE}}}
    own: Json = {"composition": {"mss": MODULE, "dmp": MODULE}}
    assert outcome(goal(asked(embedding(), **both, **own))) == REQUIRED
    filled = embedding(roles=["dmp", "mss"])
    assert goal(asked(filled, **both, **own))["status"] == "covered"
    assert outcome(goal(asked(filled, **both, composition={"mss": MODULE, "dmp": "Z@1"}))) == REQUIRED


def test_the_guard_of_versions_stays_and_so_does_its_exception() -> None:
    of_before = {"composition": {"mss": OTHER}}
    item = goal(asked(embedding(), finding=of_before))
    assert item["blocked"] == [{"fact": "F1", "reasons": ["component:mss"]}]
    alike = {"alike_versions": [declared(OTHER, MODULE)]}
    assert goal(asked(embedding(), finding=of_before) | alike)["status"] == "covered"


@pytest.mark.parametrize(
    ("policies", "answer"),
    [
        (ALWAYS, "to_confirm"),  # of what nobody spoke of, nothing goes unseen
        ([{"when": {"case": "*"}, "then": {"reuse": "auto"}}], "to_confirm"),
        ([{"when": {"case": "embedded"}, "then": {"reuse": "confirm"}}, *ALWAYS], "to_confirm"),
        ([{"when": {"case": "embedded"}, "then": {"reuse": "never"}}, *ALWAYS], "required"),
        (OPENLY, "covered"),
        ([], "required"),
    ],
)
def test_a_policy_says_whether_somebody_looks(policies: list[Json], answer: str) -> None:
    assert goal(asked(embedding(), policies=policies))["status"] == answer


def test_a_fact_of_ones_own_comes_first() -> None:
    facts = [
        verification(name="F1", product="NIL-77", composition={"mss": MODULE}, date="2026-02-01"),
        verification(name="F2", composition={"mss": MODULE}, date="2025-01-01"),
    ]
    assert goal(asked(embedding(), facts=facts))["facts"] == ["F2"]


def test_a_component_is_asked_for_what_depends_on_its_roles_alone() -> None:
    lists = [
        requirement("LGC-V2:A", "01.01", roles=["mss"]),
        requirement("LGC-V2:B", "01.01"),
        requirement("LGC-V2:C", "01.01", roles=["dmp", "mss"]),
    ]
    one = case(lists)
    one["target"]["fills"] = ["mss"]
    assert [*items_of(one)] == ["LGC-V2:A#01.01"]
    one["target"]["fills"] = ["dmp", "mss"]
    assert [*items_of(one)] == ["LGC-V2:A#01.01", "LGC-V2:C#01.01"]


def test_the_explanation_names_the_embedding_whoever_may_know_the_finding() -> None:
    item = goal(asked(embedding()))
    assert json.loads(json.dumps(item)) == item
    accepted = (
        "L'agence a accepté, à compter du 1er janvier 2026, que ce logiciel embarque le composant « NIL-77@4 » pour "
        "le rôle « mss » (embarquement E1) : ce qui a été vérifié sur lui y vaut, pour ce rôle et rien d'autre."
    )
    told = explain(read_item(item), {})
    assert told[1:] == [
        f"Pour {item['proof']} : une vérification faite sur le composant « NIL-77@4 » lui-même, par un autre dossier "
        "que les vôtres.",
        accepted,
    ]
    assert accepted in explain(read_item(item), {}, {"F1": "la vérification du module"})


# --- laws ---------------------------------------------------------------------------------------------------


def embedding_much(one: Json) -> Json:
    """The case with nearly all found on a component that the target embeds, as in a dossier that lives on them."""
    composition = one["target"]["composition"] or {"mss": MODULE, "dmp": MODULE}
    facts = [
        {**fact, "product": "NIL-77", "composition": composition}
        if fact["type"] == "verification" and place % 3
        else fact
        for place, fact in enumerate(one["facts"])
    ]
    lists = [
        {**asks, "proofs": [{**proof, "roles": proof["roles"] or ["mss"]} for proof in asks["proofs"]]}
        if place % 4
        else asks
        for place, asks in enumerate(one["requirements"])
    ]
    filled: dict[str, list[str]] = {}
    for role, component in sorted(composition.items()):
        filled.setdefault(component, []).append(role)
    embeddings = [
        embedding(f"M{place}", component=component, roles=roles)
        for place, (component, roles) in enumerate(filled.items())
    ]
    target = {**one["target"], "composition": composition}
    policies = [*one["policies"][:1], *OPENLY]
    return {
        **one,
        "facts": facts,
        "requirements": lists,
        "target": target,
        "policies": policies,
        "embeddings": [*one["embeddings"][:1], *embeddings],
    }


def plain(items: dict[str, Json]) -> dict[str, Json]:
    """What the obvious answer says too."""
    return {
        proof: {key: item[key] for key in ("status", "strength", "depth")} for proof, item in items.items()
    }


def test_the_obvious_answer_is_the_same_where_much_is_embedded() -> None:
    resting = 0
    for seed in range(500):
        one = embedding_much(dealt_with_components(seed))
        items = items_of(one)
        assert plain(items) == oracle.answers(one), f"the case dealt from {seed}"
        resting += sum(
            "embedding" in leaf for item in items.values() if item["derivation"] for leaf in leaves(item)
        )
    assert resting > 50, "it is looked at where it happens"


much = cases_with_components().map(embedding_much)


@law
@given(cases_with_components())
def test_the_obvious_answer_is_the_same(one: Json) -> None:
    assert plain(items_of(one)) == oracle.answers(one)


@law
@given(st.one_of(cases_with_components(), much), st.integers(0, 3))
def test_more_embeddings_never_lower_a_status_and_taking_them_back_gives_what_was(
    more: Json, kept: int
) -> None:
    fewer = {**more, "embeddings": more["embeddings"][:kept]}
    before, after = items_of(fewer), items_of(more)
    assert not [
        proof for proof, item in before.items() if RANK[after[proof]["status"]] < RANK[item["status"]]
    ]
    taken_back = [
        one if place < kept else {**one, "revoked_on": more["as_of"]}
        for place, one in enumerate(more["embeddings"])
    ]
    assert items_of({**more, "embeddings": taken_back}) == before


@law
@given(much)
def test_what_rests_on_anothers_fact_depends_on_roles_that_the_component_fills_and_on_nothing_else(
    one: Json,
) -> None:
    facts, proofs = {fact["id"]: fact for fact in one["facts"]}, oracle.proofs_of(one)
    own, embeddings = one["target"], {declared["id"]: declared for declared in one["embeddings"]}
    for proof, item in items_of(one).items():
        for leaf in leaves(item) if item["derivation"] else ():
            fact = facts[leaf["fact"]]
            if fact["type"] == "certificate" or fact["product"] == own["product"]:
                assert "embedding" not in leaf
                continue
            said = embeddings[leaf["embedding"]["id"]]
            for of_proof in (proofs[proof].roles, proofs[leaf["proof"]].roles):
                assert of_proof
                assert {*of_proof} <= {*said["roles"]}
                assert {own["composition"].get(role) for role in of_proof} == {said["component"]}


@law
@given(cases_with_components())
def test_another_product_that_nobody_embeds_changes_nothing(one: Json) -> None:
    own = one["target"]["product"]
    mine = [fact for fact in one["facts"] if fact.get("product", own) == own]
    assert items_of({**one, "embeddings": []}) == items_of({**one, "embeddings": [], "facts": mine})
