"""A life: the states of a thing, the actions that lead from one to the next, and what a person reads of both. Pure."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Generic, TypeVar

from .errors import Conflict
from .permissions import Actor, Right, may

S = TypeVar("S", bound=StrEnum)
A = TypeVar("A", bound=StrEnum)


class Existence(StrEnum):
    """The one state of what has no life: it is there, and what may be done with it may be done at any time."""

    THERE = "there"


class Lifecycle(Generic[S, A]):
    """Which action leads from which state to which.

    `states` holds what a person reads of each state, as it follows « est ». `actions` holds the infinitive of each
    action that a person may take; an action without one follows by itself. `rights` is what each action takes.
    """

    def __init__(
        self,
        steps: Mapping[tuple[S, A], S],
        states: Mapping[S, str],
        actions: Mapping[A, str],
        rights: Mapping[A, Right] | None = None,
    ) -> None:
        self.steps = steps
        self.states = states
        self.actions = actions
        self.rights = rights or {}
        self.taken = {
            state: sorted((act, self.rights[act]) for at, act in steps if at is state and act in self.rights)
            for state in states
        }

    @property
    def action_kind(self) -> type[A]:
        return type(next(iter(self.actions)))

    def follow(
        self,
        subject: str,
        state: S,
        action: A,
        reader: Actor | None = None,
        hindered: Callable[[A], bool] = lambda _: False,
    ) -> S:
        """The state after an action. Raises Conflict, which says what `reader` may do with `subject` instead."""
        if (state, action) not in self.steps:
            possible = [] if reader is None else self.open_to(reader, state, hindered)
            raise Conflict(self._refusal(subject, state, action, possible))
        return self.steps[state, action]

    def allows(self, state: S, action: A) -> bool:
        return (state, action) in self.steps

    def allowed(self, state: S) -> list[A]:
        """The actions that a state allows, in the order of the table."""
        return [action for at, action in self.steps if at is state]

    def open_to(self, actor: Actor, state: S, hindered: Callable[[A], bool] = lambda _: False) -> list[A]:
        """The actions that a state allows, that this actor may take and that nothing hinders, in alphabetical order."""
        return [act for act, right in self.taken[state] if may(actor, right) and not hindered(act)]

    def _refusal(self, subject: str, state: S, action: A, possible: Sequence[A]) -> str:
        """Why an action is refused: « La candidature est refusée : « déposer » n'est pas possible. ... »."""
        refused = self.actions.get(action, action.value)
        refusal = f"{subject} est {self.states[state]} : « {refused} » n'est pas possible."
        if not possible:
            return refusal
        return f"{refusal} Ce que vous pouvez faire : {', '.join(self.actions[one] for one in possible)}."


def acts(actions: Mapping[A, str], right: Right) -> Lifecycle[Existence, A]:
    """What may be done with what has no life, by who has the right: the infinitive of each action."""
    there = Existence.THERE
    steps = {(there, action): there for action in actions}
    return Lifecycle(steps, {there: "là"}, actions, dict.fromkeys(actions, right))
