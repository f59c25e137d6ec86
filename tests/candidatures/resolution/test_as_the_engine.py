"""The database side adds nothing to the engine and takes nothing away: rows answer as the case they come from."""

import json
from datetime import date

import pytest
import sqlalchemy as sa
from hypothesis import Phase, given, settings

from referencing.base import db
from referencing.candidatures.resolution.resolved import resolved_as_it_stands
from referencing.equivalence.engine.formats import dump_resolution, resolve_case
from tests.builders import states
from tests.candidatures.resolution.case_rows import Json, load, storable
from tests.conftest import SHARED, Time
from tests.equivalence.engine.spelled_out import spelled_out
from tests.equivalence.engine.strategies import AS_OF, cases

CASES = SHARED / "equivalence" / "cases"


def answers_as_the_engine(engine: sa.Engine, case: Json) -> None:
    case = storable(case)
    expected = resolve_case(spelled_out(case))
    assert Time().now.date() == date.fromisoformat(AS_OF) == date.fromisoformat(case["as_of"])
    with db.sessions(engine, Time())() as session:
        dossier, names = load(session, case)
        found = resolved_as_it_stands(session, dossier)
        answered = dump_resolution(found.resolution)
        for item in answered["items"]:
            also = [fact for fact in found.helping(item["proof"]) if fact not in item["facts"]]
            if item["status"] == "to_confirm" and also:
                item["also"] = also
        text = json.dumps(answered)
        for row, fact in names.items():
            text = text.replace(row, fact)
        assert json.loads(text) == expected
        assert {code: state.value for code, state in states(session, dossier).items()} == {
            item["proof"]: item["status"] for item in expected["items"]
        }


# Each try is loaded into the database: to look for a smaller example of a failure would take minutes.
@settings(max_examples=25, deadline=None, derandomize=True, phases=[Phase.generate])
@given(cases())
def test_any_case(shared: sa.Engine, case: Json) -> None:
    answers_as_the_engine(shared, case)


@pytest.mark.skipif(not CASES.is_dir(), reason="the shared cases are not beside the project")
@pytest.mark.parametrize(
    "name",
    [
        "real-dpi-v2-to-lgc-v2-other-name",
        "real-lgc-v1-dpi-v2-to-db-v2-other-component",
        "real-lgc-v1-to-lgc-v2",
    ],
)
def test_the_real_lists(shared: sa.Engine, name: str) -> None:
    answers_as_the_engine(shared, json.loads((CASES / f"{name}.json").read_bytes()))
