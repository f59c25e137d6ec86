"""What happened to a dossier: who did what and when, all of it, as each reader may know it."""

from itertools import pairwise

import pytest

from tests.candidatures.dossiers import OLD_CNDA, OLD_IDENTITY, OLD_PART, OLD_TRAITS, Dossier, People
from tests.conftest import Time

#: The entry that tells of each change of state, and to which state it leads.
TELLS = {
    "candidature.drafted": "draft",
    "candidature.submitted": "submitted",
    "candidature.taken_back": "draft",
    "candidature.found_incomplete": "incomplete",
    "candidature.admitted": "in_review",
    "candidature.settled": "deliberation",
    "candidature.reopened": "in_review",
    "candidature.withdrawn": "withdrawn",
}
DECIDED = {"sent_back": "in_review", "referenced": "referenced", "refused": "refused"}


def told(dossier: Dossier) -> list[str]:
    """The states that the timeline tells of, in order."""
    return [
        TELLS.get(event["action"]) or DECIDED[event["detail"]["outcome"]]
        for event in dossier.timeline()
        if event["action"] in {*TELLS, "candidature.decided"}
    ]


def tell(dossier: Dossier, action: str) -> list[dict[str, object]]:
    return [event for event in dossier.timeline() if event["action"] == action]


@pytest.fixture(scope="module")
def lived(people: People) -> tuple[Dossier, list[str], list[dict[str, str]]]:
    """A dossier after a long life, the states that it passed through and each item's."""
    dossier = people.draft("LGC-V1")
    passed, items = [dossier.state], [dossier.states()]

    def see(done: object) -> None:
        if dossier.state != passed[-1]:
            passed.append(dossier.state)
        items.append(dossier.states())

    see(dossier.supply(OLD_IDENTITY))
    see(dossier.submit(incomplete=True))
    see(dossier.judge("incomplete", "Il manque presque tout."))
    see(dossier.supply(OLD_PART))
    see(dossier.claim_not_applicable(OLD_TRAITS))
    see(dossier.submit(incomplete=True))
    see(dossier.judge("admissible", incomplete=True))
    see(dossier.find(OLD_IDENTITY, "complement", "Montrez la date."))
    see(dossier.supply(OLD_IDENTITY, b"avec la date"))
    see(dossier.find(OLD_IDENTITY))
    see(dossier.find(OLD_PART, "nonconform", "Ce n'est pas ce logiciel."))
    see(dossier.find(OLD_TRAITS))
    see(dossier.supply(OLD_CNDA))
    see(dossier.find(OLD_CNDA))
    see(dossier.decide("sent_back", OLD_PART))
    see(dossier.supply(OLD_PART, b"le bon logiciel"))
    see(dossier.find(OLD_PART))
    see(dossier.decide("referenced"))
    return dossier, passed, items


Lived = tuple[Dossier, list[str], list[dict[str, str]]]


def test_every_state_that_a_dossier_passes_through_is_told(lived: Lived) -> None:
    dossier, passed, _ = lived
    assert told(dossier) == passed
    assert passed == [
        "draft",
        "submitted",
        "incomplete",
        "submitted",
        "in_review",
        "deliberation",
        "in_review",
        "deliberation",
        "referenced",
    ]


def test_a_refusal_and_a_withdrawal_are_told(people: People) -> None:
    refused = people.in_deliberation("LGC-V1")
    refused.decide("refused")
    withdrawn = people.draft("LGC-V1")
    withdrawn.withdraw()
    assert [told(refused)[-1], told(withdrawn)[-1]] == ["refused", "withdrawn"]


def test_every_verdict_is_told_with_what_it_changed(lived: Lived) -> None:
    dossier, _, items = lived
    found = {
        (code, before[code], after[code])
        for before, after in pairwise(items)
        for code in after
        if before[code] == "under_review" != after[code]
    }
    said = [event["detail"] for event in dossier.timeline() if event["action"].startswith("item.find_")]
    said += [event["detail"] for event in dossier.timeline() if event["action"] == "item.ask_complement"]
    said += [event["detail"] for event in dossier.timeline() if event["action"] == "item.accept_claim"]
    assert {(one["code"], one["from"], one["to"]) for one in said} == found
    assert len(said) == 6


def test_every_version_supplied_is_told_with_its_files(lived: Lived) -> None:
    dossier = lived[0]
    supplied = [event["detail"] for event in dossier.timeline() if event["action"] == "proof.supplied"]
    assert [(one["code"], one["version"]) for one in supplied] == [
        (OLD_IDENTITY, 1),
        (OLD_PART, 1),
        (OLD_IDENTITY, 2),
        (OLD_CNDA, 1),
        (OLD_PART, 2),
    ]
    assert [file["name"] for one in supplied for file in one["files"]] == ["preuve.png"] * 5


def test_a_claim_is_told_with_its_reason(lived: Lived) -> None:
    (event,) = tell(lived[0], "item.claimed_not_applicable")
    assert event["detail"] == {"code": OLD_TRAITS, "reason": "Nous montrons l'autre scénario."}


def test_a_decision_is_told_with_its_reasons(lived: Lived) -> None:
    sent, referenced = tell(lived[0], "candidature.decided")
    assert sent["detail"] == {"outcome": "sent_back", "comment": "Vu en comité.", "items": [OLD_PART]}
    assert referenced["detail"] == {"outcome": "referenced", "comment": "Vu en comité.", "items": []}


def test_what_equivalence_changed_is_told_item_by_item(people: People) -> None:
    solution = people.solution()
    dossier = people.draft("LGC-V2", solution)
    people.submitted("LGC-V1", solution)
    (resolved,) = tell(dossier, "candidature.resolved")
    changed = {code: ["required", state] for code, state in dossier.states().items() if state != "required"}
    assert resolved["detail"]["items"] == changed  # type: ignore[index]
    assert changed


def test_a_timeline_is_numbered_and_in_order(lived: Lived) -> None:
    events = lived[0].timeline()
    assert [event["number"] for event in events] == list(range(1, len(events) + 1))


def test_a_timeline_comes_in_pages(lived: Lived) -> None:
    dossier = lived[0]
    pages = dossier.people.editor.every(f"{dossier.path}/timeline?limit=7")
    assert list(pages) == dossier.timeline()


def test_an_entry_says_when_it_happened(people: People, time: Time) -> None:
    dossier = people.draft("LGC-V1")
    time.pass_days(3)
    dossier.submit(incomplete=True)
    (submitted,) = tell(dossier, "candidature.submitted")
    assert submitted["at"] == "2026-03-05T09:00:00Z"


def test_an_editor_sees_their_own_people_and_otherwise_the_agency(lived: Lived) -> None:
    dossier = lived[0]
    by = {(event["by"], event["role"]) for event in dossier.timeline()}
    assert by == {("Camille", "editor"), ("agence", "agency")}


def test_nothing_that_an_editor_reads_names_anybody_of_the_agency(lived: Lived) -> None:
    dossier = lived[0]
    answers = [
        dossier.people.editor.send("GET", f"{dossier.path}{below}").get_data(as_text=True)
        for below in ("", "/items", "/timeline", "/equivalence")
    ]
    assert not any(name in answer for name in ("Vasseur", "Dominique") for answer in answers)


def test_the_agency_sees_who_in_it_did_what(lived: Lived) -> None:
    dossier = lived[0]
    events = dossier.timeline(dossier.people.lead)
    by = {event["action"]: (event["by"], event["role"]) for event in events}
    assert by["candidature.drafted"] == ("Camille", "editor")
    assert by["candidature.admitted"] == ("Dominique", "lead")
    assert by["item.find_conform"] == ("Vasseur", "verifier")
