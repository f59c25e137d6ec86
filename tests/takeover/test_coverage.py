"""The first report to the lead: which items of which open dossiers stand on what was taken over."""

from referencing.base.permissions import Role
from tests.candidatures.dossiers import CNDA, IDENTITY, OLD_CNDA, OLD_PART, TRAITS, People
from tests.takeover.files import going_on, row
from tests.takeover.test_taking_over import begin, software, taken_over


def test_it_tells_by_dossier_what_is_covered_and_what_is_to_be_confirmed(people: People) -> None:
    registered, draft = software(people, "NIL-A")
    other = people.draft("LGC-V2", people.solution("Bêta", registered))
    _, stranger = software(people, "NIL-B")
    told = going_on(OLD_PART, "conforme"), going_on(OLD_CNDA, "conforme")
    takeover = taken_over(people, row(NIL="NIL-A"), *told)
    path = f"/takeovers/{takeover['id']}/coverage"
    assert people.lead.get(path)["items"] == [], "drafts are counted, and are their editor's to read"
    draft.submit(incomplete=True)
    other.submit(incomplete=True)
    pages = people.lead.get(f"{path}?limit=1"), list(people.lead.every(f"{path}?limit=1"))
    assert len(pages[0]["items"]) == 1
    rows = {line["candidature"]: line for line in pages[1]}
    assert rows.keys() == {draft.id, other.id}
    assert stranger.states()[IDENTITY] == "required"
    assert rows[draft.id] == {
        "candidature": draft.id,
        "organisation": "Éditions Alizé",
        "commercial_name": "Alpha",
        "dsr": "LGC-V2",
        "items": 6,
        "covered": [IDENTITY],
        "to_confirm": [TRAITS, CNDA],
    }
    assert rows[other.id]["to_confirm"] == [TRAITS]  # the CNDA's is of one commercial name alone
    assert takeover["coverage"] == {"dossiers": 2, "covered": 2, "to_confirm": 3, "items": 12}


def test_there_is_none_before_the_end_and_an_empty_one_where_nobody_is_helped(people: People) -> None:
    takeover = begin(people, row(NIL="NIL-C"))
    assert takeover["coverage"] is None
    people.jobs()
    finished = people.lead.get(f"/takeovers/{takeover['id']}")
    assert finished["coverage"] == {"dossiers": 0, "covered": 0, "to_confirm": 0, "items": 0}
    for client in (people.editor, people.verifier, people(Role.CATALOGUE)):
        client.refused(403, "GET", f"/takeovers/{takeover['id']}/coverage")


def test_what_stands_on_something_else_is_not_told(people: People) -> None:
    registered, draft = software(people, "NIL-D")
    people.referenced("LGC-V1", people.solution("Bêta", registered))
    assert [draft.states()[code] for code in (IDENTITY, TRAITS)] == ["covered", "covered"]
    takeover = taken_over(people, row(NIL="NIL-D", Solution="Gamma", Preuve=OLD_PART))
    assert takeover["progress"]["taken"] == 1
    assert takeover["coverage"]["dossiers"] == 0
