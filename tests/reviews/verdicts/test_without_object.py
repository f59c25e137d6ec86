"""Accepting that an item does not apply is an outcome of its own: nothing was found conform."""

from tests.candidatures.dossiers import OLD_IDENTITY, Dossier, People, verdict


def test_what_is_said_to_be_without_object_is_accepted_in_so_many_words(
    people: People, dossier: Dossier
) -> None:
    dossier.claim_not_applicable(OLD_IDENTITY)
    task = people.verifier.post(f"/tasks/{dossier.task(OLD_IDENTITY)}/claim", status=200)
    path = f"/tasks/{task['id']}/verdict"
    problem = people.verifier.refused(422, "POST", path, json={"outcome": "conform"})
    assert [error["pointer"] for error in problem["errors"]] == ["/outcome"]
    assert "not_applicable" in problem["detail"]
    assert dossier.states()[OLD_IDENTITY] == "under_review"
    closed = people.verifier.post(path, {"outcome": "not_applicable"}, 200)
    assert closed["outcome"] == "not_applicable"
    item = dossier.item(OLD_IDENTITY)
    assert (item["state"], item["verdict"]["outcome"]) == ("not_applicable", "not_applicable")
    (verdict_,) = people.editor.get(f"{dossier.item_path(OLD_IDENTITY)}/history")["items"]
    assert verdict_["outcome"] == "not_applicable"


def test_what_was_supplied_is_not_without_object(people: People, dossier: Dossier) -> None:
    task = people.verifier.post(f"/tasks/{dossier.task(OLD_IDENTITY)}/claim", status=200)
    words = verdict(task, "not_applicable")
    problem = people.verifier.refused(422, "POST", f"/tasks/{task['id']}/verdict", json=words)
    assert "jugez ce qu'il a fourni" in problem["detail"]
    assert dossier.states()[OLD_IDENTITY] == "under_review"
