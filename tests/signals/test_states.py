"""A signal is qualified or dismissed, and looked at again: nothing else."""

import pytest

from referencing.base.errors import Conflict
from referencing.signals.states import SIGNAL, SignalAction, SignalState

_S, _A = SignalState, SignalAction

ALLOWED = {
    (_S.RECEIVED, _A.QUALIFY): _S.QUALIFIED,
    (_S.RECEIVED, _A.DISMISS): _S.DISMISSED,
    (_S.QUALIFIED, _A.REOPEN): _S.RECEIVED,
    (_S.DISMISSED, _A.REOPEN): _S.RECEIVED,
}


@pytest.mark.parametrize("action", SignalAction)
@pytest.mark.parametrize("state", SignalState)
def test_every_state_and_action(state: SignalState, action: SignalAction) -> None:
    if (state, action) in ALLOWED:
        assert SIGNAL.follow("Ce signalement", state, action) is ALLOWED[state, action]
    else:
        with pytest.raises(Conflict):
            SIGNAL.follow("Ce signalement", state, action)
