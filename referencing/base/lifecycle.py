"""A life: the states of a thing, the actions that lead from one to the next, and what a person reads of both. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Generic, TypeVar

from .errors import Conflict
from .permissions import Actor, Right, may

S = TypeVar("S", bound=StrEnum)
A = TypeVar("A", bound=StrEnum)


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

    @property
    def action_kind(self) -> type[A]:
        return type(next(iter(self.actions)))

    def follow(self, subject: str, state: S, action: A) -> S:
        """The state after an action. Raises Conflict, which says what `subject` allows instead."""
        if (state, action) not in self.steps:
            raise Conflict(self.refusal(subject, state, action))
        return self.steps[state, action]

    def allows(self, state: S, action: A) -> bool:
        return (state, action) in self.steps

    def allowed(self, state: S) -> list[A]:
        """The actions that a state allows, in the order of the table."""
        return [action for at, action in self.steps if at is state]

    def open_to(self, actor: Actor, state: S) -> list[A]:
        """The actions that a state allows and that this actor may take, in alphabetical order."""
        return sorted(
            one for one in self.allowed(state) if one in self.rights and may(actor, self.rights[one])
        )

    def refusal(self, subject: str, state: S, action: A) -> str:
        """Why an action is refused: « La candidature est refusée : on ne peut pas déposer. ... »."""
        possible = ", ".join(self.actions[one] for one in self.allowed(state) if one in self.actions)
        instead = (
            f"Ce qui est possible : {possible}." if possible else "Plus rien n'est possible dans cet état."
        )
        refused = self.actions.get(action, action.value)
        return f"{subject} est {self.states[state]} : « {refused} » n'est pas possible. {instead}"
