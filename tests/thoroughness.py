"""How long the state machines play: a little each time, and as long as one likes by REFERENCING_TEST_EXAMPLES."""

import os
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test


def examples(few: int) -> int:
    return few * int(os.environ.get("REFERENCING_TEST_EXAMPLES", "1"))


def play(machine: type[RuleBasedStateMachine], world: Any, *, few: int, steps: int) -> None:
    """Histories of so many steps, in a world that each leaves as it was."""
    run_state_machine_as_test(
        type(machine.__name__, (machine,), {"world": world}),
        settings=settings(
            max_examples=examples(few),
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
