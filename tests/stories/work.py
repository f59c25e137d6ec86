"""What recurs in the stories: a catalogue published, and the agency going through its queues."""

from collections.abc import Callable, Mapping
from typing import Any

from referencing.base.permissions import Role
from tests.candidatures.dossiers import Dossier, People, verdict
from tests.clients import Client


def publish_dsr(people: People, dsr: str, words: Mapping[str, Any], workbook: bytes, socles: bytes) -> None:
    """Define a DSR, import its list, link its socles, and publish it."""
    manager = people(Role.CATALOGUE)
    manager.put(f"/dsrs/{dsr}", dict(words), status=201)
    manager.upload(f"/dsrs/{dsr}/imports", (f"{dsr}.xlsx", workbook), status=200)
    manager.upload(f"/dsrs/{dsr}/socles", ("socles.csv", socles), method="PUT", status=200)
    manager.post(f"/dsrs/{dsr}/publication", status=200)


def publish_rulebook(people: People, rules: Mapping[str, Any], correspondences: bytes) -> None:
    written = people.lead.post("/rulebooks", dict(rules))
    table = ("correspondances.csv", correspondences)
    report = people.lead.upload(f"/rulebooks/{written['id']}/correspondences", table, status=200)
    assert report["problems"] == []
    people.lead.post(f"/rulebooks/{written['id']}/publication", {"accept_warnings": True}, 200)
    people.jobs()


def work_through(verifier: Client, queue: str, outcome: Callable[[Any], str] = lambda _: "conform") -> int:
    """Take the next task and give a verdict, until nothing waits; answers how many there were."""
    done = 0
    while (response := verifier.send("POST", f"/queues/{queue}/claims")).status_code == 201:
        task: Any = response.json
        verifier.post(f"/tasks/{task['id']}/verdict", verdict(task, outcome(task)), status=200)
        done += 1
    return done


def progress(dossier: Dossier) -> dict[str, int]:
    """How many items are in each state that some are in."""
    return {state: count for state, count in dossier.read()["progress"].items() if count}


def equivalence(dossier: Dossier) -> Any:
    return dossier.people.editor.get(f"{dossier.path}/equivalence")
