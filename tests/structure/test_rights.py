"""The page of who may do what says what the tables have; what has a life says what may be done with it."""

from pathlib import Path
from uuid import UUID

import pytest

import referencing
from referencing.base.errors import Conflict
from referencing.base.permissions import Actor, Role, may
from tests.structure.application import described
from tests.structure.rights import LIVES, PAGE, page

#: What may be done with it stands in its operation: the day of an intrusion test, for two roles by two rules; a receipt
#: never changes, and whoever reads it may seal it.
SILENT = {"proofs/{proof}", "candidatures/{candidature}/receipts/{number}"}
_WRITES = {"post", "put", "patch", "delete"}


def test_the_page_of_rights_says_what_the_tables_have() -> None:
    assert PAGE.read_text().splitlines() == "\n".join(page()).splitlines(), "`make openapi` writes it anew"


def test_every_life_is_on_the_page_and_says_which_right_an_action_takes() -> None:
    written = [path.read_text() for path in Path(referencing.__path__[0]).rglob("*.py")]
    assert sum(text.count("= Lifecycle(") + text.count("= acts(") for text in written) == len(LIVES)
    assert all(life.rights for life in LIVES.values())


@pytest.mark.parametrize("name", sorted(LIVES))
def test_a_refusal_names_what_its_reader_may_do_and_nothing_else(name: str) -> None:
    life = LIVES[name]
    refused = [(state, act) for state in life.states for act in life.actions if not life.allows(state, act)]
    for role in Role:
        reader = Actor(UUID(int=1), "x", role)
        for state, act in refused:
            with pytest.raises(Conflict) as refusal:
                life.follow("Ceci", state, act, reader)
            named = str(refusal.value).partition(" Ce que vous pouvez faire : ")[2].rstrip(".")
            assert sorted(filter(None, named.split(", "))) == sorted(
                life.actions[one]
                for one, right in life.rights.items()
                if life.allows(state, one) and may(reader, right)
            )


def changeable() -> dict[str, str]:
    """The schema of each single resource that something may be done to, by its path.

    What is done to one of its files says nothing of the resource: a file tells that it could not be scanned.
    """
    paths = described()["paths"]
    answered = {
        path: methods["get"]["responses"].get("200", {}).get("content", {}).get("application/json", {})
        for path, methods in paths.items()
        if path.startswith("/api/v1/") and path.endswith("}") and "get" in methods
    }
    written = {path for path, methods in paths.items() if methods.keys() & _WRITES and "/files/" not in path}
    return {
        path.removeprefix("/api/v1/"): content["schema"]["$ref"].rpartition("/")[2]
        for path, content in answered.items()
        if "$ref" in content.get("schema", {})
        and any(one == path or one.startswith(f"{path}/") for one in written)
    }


def test_what_may_be_changed_says_what_its_reader_may_do_with_it() -> None:
    """A new resource has a life, or says by `acts` who may do what at any time."""
    schemas = described()["components"]["schemas"]
    assert len(changeable()) > 20
    silent = {path for path, name in changeable().items() if "actions" not in schemas[name]["properties"]}
    assert silent == SILENT
