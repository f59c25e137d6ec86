"""The forecast over HTTP: made by a job, kept, followed, given up, made anew when it is old."""

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
import sqlalchemy as sa

from referencing.base import db
from referencing.base.permissions import Role
from referencing.steering.forecasts.making import KEPT, make_forecast
from referencing.steering.forecasts.models import ForecastState, KeptForecast
from referencing.steering.forecasts.operations import MOST_AT_ONCE
from tests.builders import statements
from tests.candidatures.conftest import time
from tests.candidatures.dossiers import Dossier, People
from tests.candidatures.running import Running

__all__ = ["time"]

PATH = "/steering/forecast"
QUESTIONS = [
    PATH,
    f"{PATH}?verifiers=+2&order=shortest_dossier&seed=7&runs=20",
    f"{PATH}?verifiers=%2B2&order=fifo&runs=20",
    f"{PATH}?verifiers=-1&runs=20",
]
WITH_TWO_MORE = f"{PATH}?verifiers=%2B2&seed=7&runs=20"


def in_review(people: People) -> list[Dossier]:
    dossier = people.in_review("LGC-V1")
    dossier.find(next(iter(dossier.states())))
    return [dossier]


@pytest.fixture
def people(running: Running) -> Iterator[People]:
    with running.after(in_review) as (people, _):
        yield people


def begun(people: People, path: str = PATH) -> Any:
    """What is told of a forecast that is being made."""
    return people.lead.expect(202, people.lead.send("GET", path))


def made(people: People, path: str = PATH) -> Any:
    """The answer, once the job has made it."""
    begun(people, path)
    people.jobs()
    return people.lead.get(path)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.LEAD])
def test_only_leads_ask(people: People, role: Role) -> None:
    forecast = begun(people)["id"]
    for method, path in (
        ("GET", PATH),
        ("GET", f"{PATH}/{forecast}"),
        ("POST", f"{PATH}/{forecast}/cancellation"),
    ):
        assert "pilotage" in people(role).refused(403, method, path)["detail"]


@pytest.mark.parametrize("question", ["order=best", "runs=1001", "runs=0", "seed=-1", "verifiers=many"])
def test_what_makes_no_sense_is_refused(people: People, question: str) -> None:
    people.lead.refused(422, "GET", f"{PATH}?{question}")


def test_no_request_waits_for_a_forecast(people: People) -> None:
    """The first answer says where to look, the job makes the forecast, the second answer is the kept one."""
    response = people.lead.send("GET", WITH_TWO_MORE)
    progress = people.lead.expect(202, response)
    assert (progress["state"], progress["progress"]) == ("running", {"done": 0, "total": 20})
    followed = response.headers["Location"].removeprefix("/api/v1")
    assert people.lead.get(followed) == progress
    people.jobs()
    ended = people.lead.get(followed)
    assert (ended["state"], ended["progress"]) == ("finished", {"done": 20, "total": 20})
    answer = people.lead.get(ended["links"]["answer"].removeprefix("/api/v1"))
    assert answer == people.lead.get(WITH_TWO_MORE)
    assert (answer["age"], answer["renewal"]) == (0, None)


def test_the_forecast_compares_the_question_with_now(people: People) -> None:
    answer = made(people, WITH_TWO_MORE)
    assert (answer["seed"], answer["runs"], answer["more"], answer["order"]) == (7, 20, 2, "current")
    (dossier,) = answer["items"]
    assert dossier["tasks"] == 3
    assert dossier["asked"]["median_on"] <= dossier["now"]["median_on"] <= dossier["now"]["p90_on"]
    assert set(answer["backlog"][0]["now"]) == {"5", "10", "20"}


def test_nothing_is_compared_when_nothing_else_is_asked(people: People) -> None:
    answer = made(people)
    assert answer["whole"]["asked"] is answer["items"][0]["asked"] is answer["backlog"][0]["asked"] is None


@pytest.mark.parametrize("path", QUESTIONS)
def test_a_sheet_by_the_header_or_by_the_address(people: People, path: str) -> None:
    made(people, path)
    accepted = people.lead.send("GET", path, headers={"Accept": "text/csv"})
    named = people.lead.send("GET", f"{path}{'&' if '?' in path else '?'}format=csv")
    assert accepted.content_type == named.content_type == "text/csv; charset=utf-8; header=present"
    assert accepted.data == named.data
    columns, *rows = csv.reader(io.StringIO(accepted.get_data(as_text=True), newline=""))
    assert [len(row) for row in rows] == [len(columns)]


def test_the_dossiers_that_a_conflict_of_interest_closes_are_left_out_and_the_figures_stay(
    people: People,
) -> None:
    answer = made(people)
    lead, organisation = people(Role.LEAD, "Noor"), answer["items"][0]["organisation"]
    lead.post("/conflicts", {"organisation": organisation, "verifier": lead.get("/me")["id"]})
    closed = lead.get(PATH)
    assert (closed["items"], closed["whole"]) == ([], answer["whole"])
    assert organisation not in lead.send("GET", f"{PATH}?format=csv").get_data(as_text=True)
    assert people.lead.get(PATH)["items"] == answer["items"]


def test_questions_are_kept_apart(people: People) -> None:
    made(people)
    assert begun(people, WITH_TWO_MORE)["more"] == 2


def test_who_asks_at_the_same_time_waits_for_one_forecast(people: People) -> None:
    assert begun(people) == begun(people)
    assert people.jobs() == 1


def test_an_old_answer_is_told_with_its_age_while_another_is_made(people: People, running: Running) -> None:
    first = made(people)
    running.clock.now += timedelta(minutes=15)
    assert people.lead.get(PATH)["renewal"] is None
    running.clock.now += timedelta(seconds=1)
    old = people.lead.get(PATH)
    assert (old["made_at"], old["age"]) == (first["made_at"], 15 * 60 + 1)
    assert old["renewal"] == people.lead.get(f"{PATH}/{old['renewal']['id']}")
    people.jobs()
    new = people.lead.get(PATH)
    assert (new["age"], new["renewal"]) == (0, None)
    assert kept(people) == 1


def test_a_forecast_that_is_given_up_is_not_made(people: People) -> None:
    forecast = begun(people)["id"]
    for _ in range(2):
        ended = people.lead.post(f"{PATH}/{forecast}/cancellation", status=200)
        assert ended["state"] == "cancelled"
    people.jobs()
    assert begun(people)["id"] != forecast


def test_what_is_finished_is_not_given_up(people: People) -> None:
    forecast = begun(people)["id"]
    people.jobs()
    people.lead.refused(409, "POST", f"{PATH}/{forecast}/cancellation")


def test_progress_is_seen_before_the_job_commits(people: People) -> None:
    forecast = begun(people, WITH_TWO_MORE)["id"]
    with db.transaction(people.parts.sessions) as session:
        make_forecast(session, forecast)
        progress = people.lead.get(f"{PATH}/{forecast}")
        assert (progress["state"], progress["progress"]) == ("running", {"done": 20, "total": 20})


def test_a_job_stops_at_its_next_step_once_the_forecast_is_given_up(people: People) -> None:
    """The lock of who gives it up holds the job at its first step."""
    forecast = begun(people, WITH_TWO_MORE)["id"]
    job = Thread(target=people.jobs)
    with db.transaction(people.parts.sessions) as session:
        held = session.get_one(KeptForecast, forecast, with_for_update=True)
        job.start()
        held.state = ForecastState.CANCELLED
        job.join(0.5)
        assert job.is_alive()
    job.join(30)
    ended = people.lead.get(f"{PATH}/{forecast}")
    assert (ended["state"], ended["progress"]["done"]) == ("cancelled", 0)


def test_too_many_forecasts_at_once_are_refused(people: People) -> None:
    for seed in range(MOST_AT_ONCE):
        begun(people, f"{PATH}?seed={seed}")
    assert "quelques secondes" in people.lead.refused(409, "GET", f"{PATH}?seed=99")["detail"]
    begun(people, f"{PATH}?seed=0")


def test_forecasts_are_forgotten(people: People, running: Running) -> None:
    forecast = begun(people)["id"]
    people.jobs()
    running.clock.now += KEPT
    people.tend()
    assert kept(people) == 1
    running.clock.now += timedelta(seconds=1)
    people.tend()
    people.lead.refused(404, "GET", f"{PATH}/{forecast}")


def kept(people: People) -> int:
    """How many forecasts there are."""
    with db.transaction(people.parts.sessions) as session:
        return session.scalars(sa.select(sa.func.count()).select_from(KeptForecast)).one()


def test_a_forecast_of_more_dossiers_is_made_and_read_in_as_many_statements(people: People) -> None:
    counts: list[tuple[int, int]] = []
    for _ in range(2):
        for dsr in ("LGC-V1", "LGC-V2"):
            people.in_review(dsr)
        people.jobs()
        path = f"{PATH}?seed={len(counts)}&runs=20"
        begun(people, path)
        with statements(people.parts.engine) as sent:
            people.jobs()
        making = len(sent)
        people.lead.get(path)
        with statements(people.parts.engine) as sent:
            people.lead.get(path)
        counts.append((making, len(sent)))
    assert counts[0] == counts[1]
    assert counts[0][1] <= 5
