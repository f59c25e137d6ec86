"""The life of a session: every phase and every action, those that follow and those that are refused."""

import pytest

from referencing.base.errors import Conflict
from referencing.duo.sessions.phases import (
    BEGUN,
    LIVE,
    SESSION,
    Action,
    Phase,
)

#: Written out a second time, as a person reads it in design.md.
TABLE = """
scheduled    open       open
scheduled    cancel     cancelled
scheduled    miss       no_show
scheduled    interrupt  interrupted
open         pause      paused
open         close      closed
open         miss       no_show
open         interrupt  interrupted
paused       resume     open
paused       close      closed
paused       interrupt  interrupted
closed       sign       signed
""".strip().splitlines()
EXPECTED = {(Phase(row.split()[0]), Action(row.split()[1])): Phase(row.split()[2]) for row in TABLE}


@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize("action", Action)
def test_an_action_leads_where_the_table_says_or_is_refused(phase: Phase, action: Action) -> None:
    if (phase, action) in EXPECTED:
        assert SESSION.follow("La séance", phase, action) is EXPECTED[phase, action]
    else:
        with pytest.raises(Conflict):
            SESSION.follow("La séance", phase, action)


@pytest.mark.parametrize("phase", Phase)
def test_what_is_allowed_is_what_follows(phase: Phase) -> None:
    assert set(SESSION.allowed(phase)) == {action for at, action in EXPECTED if at is phase}


def test_a_session_that_is_over_never_lives_again() -> None:
    reached = {after for (before, _), after in SESSION.steps.items() if before not in LIVE}
    assert reached & LIVE == set()


def test_what_has_begun_was_opened() -> None:
    ways_in = {
        before for (before, _), after in SESSION.steps.items() if after in BEGUN and before not in BEGUN
    }
    assert ways_in == {Phase.SCHEDULED}
