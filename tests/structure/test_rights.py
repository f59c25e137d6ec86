"""The page of who may do what says what the tables have; what has a life says what may be done with it."""

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

import referencing
from referencing.base.errors import Conflict
from referencing.base.permissions import Actor, Role, may
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
    "InvitationOut",
}

#: Single resources that do not say what may be done with them: what decides stands in operations, not in a life.
SILENT = {
    "accounts/{account}",
    "audits/{audit}/sample/{sampled}",
    "candidatures/{candidature}/receipts/{number}",
    "certificates/{certificate}",
    "comment-templates/{template}",
    "dsrs/{dsr}",
    "duo/sessions/{live}/items/{item}",
    "identity-declarations/{declaration}",
    "issuers/{issuer}",
    "issuers/{issuer}/lists/{number}",
    "messages/{message}",
    "opinions/{opinion}",
    "proofs/{proof}",
    "revocations/{revocation}",
    "rulebooks/{rulebook}",
    "rulebooks/{rulebook}/proposals/{proposal}",
    "rulebooks/{rulebook}/simulations/{simulation}",
    "second-readings/{task}",
    "signals/receipts/{receipt}",
    "steering/forecast/{forecast}",
    "uploads/{upload}",
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


def shown_alone() -> dict[str, str]:
    """The schema that each single resource is answered by, by its path."""
    answered = {
        path: methods["get"]["responses"].get("200", {}).get("content", {}).get("application/json", {})
        for path, methods in described()["paths"].items()
        if path.startswith("/api/v1/") and path.endswith("}") and "get" in methods
    }
    return {
        path: content["schema"]["$ref"].rpartition("/")[2]
        for path, content in answered.items()
        if "$ref" in content.get("schema", {})
    }


def test_what_does_not_say_yet_what_may_be_done_with_it_is_written_down() -> None:
    """Whoever gives one of them a life strikes it off; a new resource has one, or is a choice to be made."""
    schemas = described()["components"]["schemas"]
    silent = {path for path, name in shown_alone().items() if "actions" not in schemas[name]["properties"]}
    assert {path.removeprefix("/api/v1/") for path in silent} == SILENT
