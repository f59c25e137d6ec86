"""The figures over HTTP: whose they are, as JSON and as sheets, in how many statements."""

import csv
import io
from collections.abc import Iterator

import pytest

from referencing.base.permissions import Role
from tests.builders import statements
from tests.candidatures.conftest import time
from tests.candidatures.dossiers import Dossier, People
from tests.candidatures.running import Running

__all__ = ["time"]

PATHS = [
    "/steering/queues",
    "/steering/queues?by=chapter",
    "/steering/queues?by=couloir&from=2026-03-01&to=2026-03-31",
    "/steering/verifiers",
]


def in_review(people: People) -> list[Dossier]:
    dossier = people.in_review("LGC-V1")
    dossier.find(next(iter(dossier.states())))
    people(Role.VERIFIER, "=Durand")
    return [dossier]


@pytest.fixture(scope="module")
def people(running: Running) -> Iterator[People]:
    """One database for all: nothing is changed in it before the last test."""
    with running.after(in_review) as (people, _):
        yield people


@pytest.mark.parametrize("path", PATHS)
def test_only_leads_see_them(people: People, path: str) -> None:
    for role in Role:
        if role is Role.LEAD:
            people(role).get(path)
        else:
            assert "pilotage" in people(role).refused(403, "GET", path)["detail"]


@pytest.mark.parametrize(
    "path",
    [
        "/steering/queues?by=nothing",
        "/steering/queues?from=2026-03-02&to=2026-03-01",
        "/steering/queues?to=9999-12-31",
    ],
)
def test_what_makes_no_sense_is_refused(people: People, path: str) -> None:
    people.lead.refused(422, "GET", path)


def test_the_figures_of_a_queue(people: People) -> None:
    found = people.lead.get("/steering/queues")
    assert (found["by"], found["target"], found["to"]) == ("queue", 15, "2026-03-02")
    (queue,) = (one for one in found["items"] if one["group"] == "proof_review")
    assert (queue["waiting"], queue["in_hand"], queue["closed"], queue["average_days"]) == (3, 0, 1, 0)
    assert queue["weeks"][-1] == {"week": "2026-W10", "closed": 1}
    assert queue["ages"]["0-2"] == queue["days_left"][">10"] == 3


@pytest.mark.parametrize("path", PATHS)
def test_a_sheet_by_the_header_or_by_the_address(people: People, path: str) -> None:
    joint = "&" if "?" in path else "?"
    asked = people.lead.send("GET", path, headers={"Accept": "text/csv"})
    named = people.lead.send("GET", f"{path}{joint}format=csv")
    assert asked.status_code == named.status_code == 200
    assert asked.content_type == "text/csv; charset=utf-8; header=present"
    assert asked.data == named.data
    columns, *rows = csv.reader(io.StringIO(asked.get_data(as_text=True), newline=""))
    assert rows
    assert {len(row) for row in rows} == {len(columns)}


def test_the_address_outweighs_the_header(people: People) -> None:
    named = people.lead.send("GET", "/steering/queues?format=json", headers={"Accept": "text/csv"})
    assert named.content_type == "application/json"


def test_no_cell_of_a_sheet_is_a_formula(people: People) -> None:
    sheet = people.lead.send("GET", "/steering/verifiers?format=csv").get_data(as_text=True)
    assert '\r\n"\'=Durand","verifier","0","0",""\r\n' in sheet


def test_more_of_everything_is_read_in_as_many_statements(people: People) -> None:
    read: dict[str, list[int]] = {path: [] for path in PATHS}
    for name in ("Colin", "Colette"):
        for dsr in ("LGC-V1", "LGC-V2"):
            people.in_review(dsr)
        people(Role.VERIFIER, name).post("/queues/proof_review/claims")
        for path, counts in read.items():
            people.lead.get(path)
            with statements(people.parts.engine) as sent:
                people.lead.get(path)
            counts.append(len(sent))
    assert all(few == many <= 8 for few, many in read.values()), read
