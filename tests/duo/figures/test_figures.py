"""What live verification brings, on a history whose figures are counted by hand."""

import csv
import io
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from referencing.base import db
from referencing.base.db import new_id
from referencing.base.errors import Forbidden, Invalid
from referencing.base.permissions import Actor, Role
from referencing.candidatures.record.models import Candidature, Verdict
from referencing.catalogue.models import Dsr
from referencing.catalogue.proposals import ProofKind
from referencing.duo.conduct import operations
from referencing.duo.conduct.ending import Leftovers
from referencing.duo.figures.figures import Counts, Decided, Month, Usual, compare
from referencing.duo.figures.queries import figures, period
from referencing.duo.figures.views import figures_view
from referencing.duo.sessions.models import LiveSession, Side
from referencing.reviews.queues.outcomes import Outcome
from referencing.reviews.verdicts.verdicts import Details
from referencing.steering.periods import Period
from tests.builders import Asked, publish_dsr, statements
from tests.clients import Client
from tests.conftest import Time, parts
from tests.databases import new_database
from tests.duo.live import Live, Memory

MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))
DEMONSTRATIONS = [Asked(f"X{n}", kind=ProofKind.DEMONSTRATION, chapter="INS") for n in range(1, 6)]


def told(live: Live, over: Period = MARCH, couloir: str | None = None) -> Any:
    return figures_view(over, figures(live.session, live.lead, over, couloir))["items"]


def held(live: Live) -> LiveSession:
    """One conform after 6 minutes, one nonconform after 4, one to be completed after 5, one left to the queue."""
    running = live.running()
    found = [("X2", 6, Outcome.CONFORM), ("X3", 4, Outcome.NONCONFORM), ("X4", 5, Outcome.COMPLEMENT)]
    for code, minutes, outcome in found:
        live.show(running, code)
        live.time.now += timedelta(minutes=minutes)
        asked = Details(missing=["Les droits"], due_on=date(2026, 4, 1))
        live.decide(running, code, outcome, details=asked if outcome is Outcome.COMPLEMENT else Details())
    live.close(running)
    return running


def decided_in_queue(live: Live, day: datetime, *asked: Asked) -> Candidature:
    """A dossier of the other mode, of which each item is found conform on that day."""
    publish_dsr(live.session, "RIS-V2", *asked)
    dossier = live.story.in_review(live.story.solution("NIL-7", "NIL-7"), "RIS-V2")
    live.time.now = day
    for one in asked:
        live.story.find(dossier, f"RIS-V2:{one.code}#01.01")
    return dossier


def test_nothing_happened(live: Live) -> None:
    live.booked()  # a session to come is none yet
    assert told(live) == []


def test_what_was_decided_live_and_in_the_queues(live: Live) -> None:
    running = held(live)
    live.story.find(running.candidature, "LGC-V2:DOC#01.01")
    (month,) = told(live)
    assert (month["couloir"], month["month"], month["sessions"], month["no_shows"]) == ("c", "2026-03", 1, 0)
    assert (month["decided"], month["decided_in_duo"], month["decided_live"]) == (3, 3, 2)
    assert month["live_share"] == month["live_share_in_duo"] == 66.7
    assert (month["first_live"], month["first_live_conform"], month["first_live_share"]) == (3, 1, 33.3)
    assert (month["first_queue"], month["first_queue_share"]) == (1, 100)
    assert (month["timed"], month["minutes_per_item"]) == (3, 5)


def test_chapters_add_up_to_the_month(live: Live) -> None:
    held(live)
    (month,) = told(live)
    chapters = {one["chapter"]: one for one in month["chapters"]}
    assert {name: one["minutes_per_item"] for name, one in chapters.items()} == {"INS": 6, "MSS": 4.5}
    assert {name: one["decided_live"] for name, one in chapters.items()} == {"INS": 1, "MSS": 1}


def test_dossiers_of_the_other_mode_count_in_the_share_of_all(live: Live) -> None:
    held(live)
    decided_in_queue(live, datetime(2026, 3, 9, 9, tzinfo=UTC), *DEMONSTRATIONS[:2])
    (month,) = told(live)
    assert (month["live_share"], month["live_share_in_duo"]) == (50, 100)


def test_a_verdict_corrected_live_counts_once_as_it_stands(live: Live) -> None:
    running = live.running()
    live.decide(running, "X2", Outcome.NONCONFORM, "Non.")
    live.decide(running, "X2")
    (month,) = told(live)
    assert (month["decided_live"], month["first_live"], month["first_live_conform"]) == (1, 1, 1)
    assert month["first_queue"] == 0


def test_what_was_not_said_to_be_shown_has_no_time(live: Live) -> None:
    running = live.running()
    live.decide(running, "X2")
    live.show(running, "X3")
    live.time.now += timedelta(minutes=121)  # somebody forgot to say that they had gone on
    live.decide(running, "X3")
    (month,) = told(live)
    assert (month["decided_live"], month["timed"], month["minutes_per_item"]) == (2, 0, None)


def test_a_claim_that_an_item_does_not_apply_is_no_proof_decided(live: Live) -> None:
    running = held(live)
    live.story.find(running.candidature, "LGC-V2:DOC#01.01")
    live.session.execute(sa.update(Verdict).where(Verdict.task_id.is_not(None)).values(claim="Sans objet."))
    assert told(live)[0]["decided"] == 2


@pytest.mark.parametrize("absent", list(Side))
def test_no_shows_by_side(live: Live, absent: Side) -> None:
    missed = live.booked()
    live.time.now = missed.starts_at + timedelta(minutes=20)
    operations.miss(live.session, live.lead, missed.id, absent, Leftovers.NEXT_SESSION, "")
    live.session.flush()
    (month,) = told(live)
    assert (month["sessions"], month["no_shows"], month["no_show_share"]) == (1, 1, 100)
    assert (month["absent_editor"], month["absent_agency"]) == (absent is Side.EDITOR, absent is Side.AGENCY)
    assert (month["decided"], month["live_share"], month["days_saved"]) == (0, None, None)
    assert month["chapters"] == []


def test_a_session_that_was_called_off_counts_nowhere(live: Live) -> None:
    called_off = live.booked()
    operations.cancel(live.session, live.lead, called_off.id, "Empêchement.")
    live.session.flush()
    assert told(live) == []


def test_days_saved_are_those_of_the_same_kind_and_chapter(live: Live) -> None:
    """Booked on Monday 2, decided on Wednesday 4 March: 2 working days. The queue took 5, from 4 to 11 March."""
    held(live)
    decided_in_queue(live, datetime(2026, 3, 11, 9, tzinfo=UTC), *DEMONSTRATIONS)
    found = figures(live.session, live.lead, MARCH, None)
    assert [(one.kind, one.chapter, one.items, one.days) for one in found.usual] == [
        (ProofKind.DEMONSTRATION, "INS", 5, 5),
        (None, None, 5, 5),
    ]
    (month,) = figures_view(MARCH, found)["items"]
    assert month["days_saved"] == 2 * (5 - 2)
    assert (month["compared_alike"], month["compared_overall"], month["not_compared"]) == (1, 1, 0)


def test_without_enough_decided_in_the_queues_nothing_is_estimated(live: Live) -> None:
    held(live)
    decided_in_queue(live, datetime(2026, 3, 11, 9, tzinfo=UTC), *DEMONSTRATIONS[:4])
    (month,) = told(live)
    assert (month["days_saved"], month["not_compared"]) == (None, 2)


def test_a_session_waited_for_longer_than_the_queue_takes_saves_nothing() -> None:
    """From Friday 3 April over Easter Monday to Wednesday 8 April: 2 working days."""
    months: dict[tuple[str, date], Month] = {}
    one = Decided("c", date(2026, 4, 1), "INS", ProofKind.LOG, date(2026, 4, 3), date(2026, 4, 8), 3)
    compare(months, [one], [Usual(None, None, 9, 1.5)])
    assert months["c", date(2026, 4, 1)].whole == Counts(compared_overall=3, days_saved=-1.5)


def test_months_are_those_of_paris(live: Live) -> None:
    """31 March 22:30 UTC is 1 April 00:30 there."""
    running = live.running()
    live.time.now = datetime(2026, 3, 31, 22, 30, tzinfo=UTC)
    live.decide(running, "X2")
    live.close(running)
    spring = told(live, Period(date(2026, 3, 1), date(2026, 4, 1)))
    assert [(one["month"], one["sessions"], one["decided_live"]) for one in spring] == [
        ("2026-03", 1, 0),
        ("2026-04", 0, 1),
    ]
    assert [one["month"] for one in told(live)] == ["2026-03"]


def test_couloirs_apart_and_one_alone(live: Live) -> None:
    held(live)
    decided_in_queue(live, datetime(2026, 3, 11, 9, tzinfo=UTC), *DEMONSTRATIONS)
    live.session.execute(sa.update(Dsr).where(Dsr.code == "RIS-V2").values(couloir="Hôpital"))
    both = told(live)
    assert [(one["couloir"], one["live_share"]) for one in both] == [("Hôpital", 0), ("c", 100)]
    assert told(live, couloir="c") == [both[1]]  # compared with what all couloirs take
    assert told(live, couloir="Ville") == []


def test_more_is_counted_in_as_many_queries(live: Live) -> None:
    def cost() -> int:
        with statements(live.session.get_bind()) as sent:  # type: ignore[arg-type]
            figures(live.session, live.lead, MARCH, None)
        return len(sent)

    assert cost() == 4
    held(live)
    decided_in_queue(live, datetime(2026, 3, 11, 9, tzinfo=UTC), *DEMONSTRATIONS)
    assert cost() == 4


def test_a_period_unless_told_is_twelve_months(live: Live) -> None:
    assert period(live.session, live.lead, None, None) == Period(date(2025, 4, 1), date(2026, 3, 2))
    with pytest.raises(Invalid):
        period(live.session, live.lead, date(2026, 3, 2), date(2026, 3, 1))


def test_they_are_for_leads(live: Live) -> None:
    for actor in (live.verifier, live.editor):
        with pytest.raises(Forbidden):
            figures(live.session, actor, MARCH, None)


@pytest.fixture
def lead(app: Flask, time: Time, as_: Callable[..., Client]) -> Client:
    with db.transaction(parts(app).sessions) as session:
        held(Live(session, time, storage=Memory()))
    return as_(Role.LEAD)


def test_a_sheet_says_the_same(lead: Client) -> None:
    asked = "/duo/figures?since=2026-03-01&until=2026-03-31&couloir=c"
    (month,) = lead.get(asked)["items"]
    written = lead.send("GET", asked, headers={"Accept": "text/csv"})
    assert written.data == lead.send("GET", f"{asked}&format=csv").data
    rows = list(csv.DictReader(io.StringIO(written.get_data(as_text=True), newline="")))
    assert [(row["Mois"], row["Chapitre"], row["Séances"]) for row in rows] == [
        ("2026-03", "", "1"),
        ("2026-03", "INS", ""),
        ("2026-03", "MSS", ""),
    ]
    assert [row["Minutes par preuve"] for row in rows] == ["5.0", "6.0", "4.5"]
    assert float(rows[0]["En séance (%)"]) == month["live_share"]


def test_an_empty_period_is_an_empty_list(lead: Client) -> None:
    found = lead.get("/duo/figures?since=2025-01-01&until=2025-12-31")
    assert found == {"since": "2025-01-01", "until": "2025-12-31", "usual": [], "items": []}
    sheet = lead.send("GET", "/duo/figures?since=2025-01-01&until=2025-12-31&format=csv")
    assert sheet.get_data(as_text=True).count("\r\n") == 1


@pytest.mark.parametrize("asked", ["since=2026-03-02&until=2026-03-01", "until=9999-01-01", "since=hier"])
def test_what_makes_no_sense_is_refused(lead: Client, asked: str) -> None:
    lead.refused(422, "GET", f"/duo/figures?{asked}")


_HISTORY = """
    SET session_replication_role = replica;
    INSERT INTO verdict (id, item_id, round, finding, comment, missing, steps, verifier_id, given_at)
    SELECT md5('verdict' || n)::uuid, md5('item' || n)::uuid, 1, 'verified', '', '{}', '[]'::jsonb,
        md5('verifier')::uuid, timestamptz '2016-01-01' + n * interval '1 hour'
    FROM generate_series(1, :verdicts) AS n;
    INSERT INTO duo_line (id, session_id, item_id, position, minutes, state, revision, steps, verdict_id)
    SELECT md5('line' || n)::uuid, md5('session' || n / 10)::uuid, md5('item' || n)::uuid, n % 10, 5, 'decided', 1,
        '[]', md5('verdict' || n)::uuid
    FROM generate_series(1, :verdicts) AS n;
    INSERT INTO duo_participant (session_id, account_id, side, added_at)
    SELECT md5('session' || n / 10)::uuid, md5('account' || n)::uuid, 'agency', now()
    FROM generate_series(1, :verdicts) AS n;
    SET session_replication_role = DEFAULT;
    ANALYZE
"""


@pytest.fixture(scope="module")
def ten_years(server: sa.URL) -> Iterator[Session]:
    """Verdicts of every hour, each on a line of a session; what they are about is of no matter here."""
    engine = db.connect(new_database(server, "verdicts"))
    with db.sessions(engine, Time())() as session:
        for statement in _HISTORY.split(";"):
            session.execute(sa.text(statement), {"verdicts": 80_000} if ":verdicts" in statement else {})
        session.commit()
        yield session
    engine.dispose()


def test_of_the_history_the_days_asked_are_read_alone(ten_years: Session) -> None:
    engine, lead = ten_years.get_bind(), Actor(new_id(), "Lou", Role.LEAD)
    assert isinstance(engine, sa.Engine)
    week = Period(date(2020, 3, 2), date(2020, 3, 8))
    with statements(engine) as sent:
        figures(ten_years, lead, week, None)
    plans = [
        "\n".join(
            ten_years.connection().exec_driver_sql(f"EXPLAIN {one.statement}", one.parameters).scalars()
        )
        for one in sent
    ]
    of_verdicts = [one for one in plans if " on verdict" in one or "ix_verdict" in one]
    assert len(of_verdicts) == 3
    for plan in of_verdicts:
        assert "ix_verdict_given_at" in plan, plan
    for plan in plans:
        for table in ("verdict", "duo_line", "duo_participant"):
            assert f"Seq Scan on {table}" not in plan, plan
