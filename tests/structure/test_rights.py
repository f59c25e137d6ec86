"""The page of who may do what says what the tables have; what has a life says what may be done with it."""

from pathlib import Path
from typing import Any

import pytest

import referencing
from tests.structure.application import described
from tests.structure.rights import LIVES, PAGE, page

#: The schemas that show a thing with a life.
SHOWN = {
    "CandidatureOut",
    "ItemOut",
    "TaskOut",
    "SessionOut",
    "SignalOut",
    "AuditOut",
    "NonconformityOut",
    "PlanOut",
    "SanctionOut",
}


def test_the_page_of_rights_says_what_the_tables_have() -> None:
    assert PAGE.read_text().splitlines() == "\n".join(page()).splitlines(), "`make openapi` writes it anew"


def test_every_life_is_on_the_page_and_says_which_right_an_action_takes() -> None:
    written = [path.read_text() for path in Path(referencing.__path__[0]).rglob("*.py")]
    assert sum(text.count("= Lifecycle(") for text in written) == len(LIVES)
    assert all(life.rights for life in LIVES.values())


@pytest.mark.parametrize("name", sorted(SHOWN))
def test_what_has_a_life_says_what_may_be_done_with_it(name: str) -> None:
    schemas: dict[str, Any] = described()["components"]["schemas"]
    assert schemas[name]["properties"]["actions"]["type"] == "array"
