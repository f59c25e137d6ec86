"""The life of an audit and of what comes of it: every state and action, and who takes it."""

from collections.abc import Mapping
from typing import Any

import pytest

from referencing.audits.inquiries.states import (
    AUDITS,
    NONCONFORMITIES,
    PLANS,
    SANCTIONS,
)
from referencing.base.errors import Conflict
from referencing.base.permissions import MAY, Role

#: Written out here as well: what a state allows is to be decided in two places.
LIVES: Mapping[str, tuple[Any, str]] = {
    "audit": (
        AUDITS,
        """
        planned open in_progress auditor
        planned abandon abandoned auditor
        in_progress notify contradictory auditor
        in_progress close closed auditor
        in_progress abandon abandoned auditor
        contradictory follow follow_up auditor
        contradictory close closed auditor
        follow_up close closed auditor
        """,
    ),
    "non-conformité": (
        NONCONFORMITIES,
        """
        open lift lifted auditor
        open withdraw withdrawn auditor
        """,
    ),
    "plan": (
        PLANS,
        """
        proposed accept accepted auditor
        proposed refuse refused auditor
        proposed withdraw withdrawn editor
        accepted carry_out carried_out editor
        carried_out verify verified auditor
        carried_out send_back accepted auditor
        """,
    ),
    "sanction": (
        SANCTIONS,
        """
        announced answer answered editor
        announced apply applied lead
        announced drop dropped lead
        answered apply applied lead
        answered drop dropped lead
        """,
    ),
}
CASES = [
    (name, state, action)
    for name, (table, _) in LIVES.items()
    for state in table.states
    for action in table.rights
]


def written(name: str) -> dict[tuple[str, str], tuple[str, str]]:
    lines = (line.split() for line in LIVES[name][1].strip().splitlines())
    return {(state, action): (to, role) for state, action, to, role in lines}


@pytest.mark.parametrize(("name", "state", "action"), CASES)
def test_every_state_and_action(name: str, state: Any, action: Any) -> None:
    table, known = LIVES[name][0], written(name)
    if (state, action) in known:
        to, role = known[state, action]
        assert table.follow("Cela", state, action) == to
        assert MAY[table.rights[action]] == {Role(role)}
        assert action in table.allowed(state)
    else:
        assert action not in table.allowed(state)
        with pytest.raises(Conflict):
            table.follow("Cela", state, action)


def test_who_accuses_does_not_judge() -> None:
    deciding = {right for action, right in SANCTIONS.rights.items() if action in {"apply", "drop"}}
    assert all(Role.AUDITOR not in MAY[right] for right in deciding)
