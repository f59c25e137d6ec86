"""Which actions on a dossier are somebody's to take now: by the table of rights and that of transitions. Pure."""

from referencing.base.permissions import Actor, Right, may
from referencing.candidatures.record.states import Action, State, allowed

#: Whose each action is; one that is not here follows by itself, or from an audit.
RIGHTS = {
    Action.SUBMIT: Right.FILE_CANDIDATURES,
    Action.WITHDRAW: Right.FILE_CANDIDATURES,
    Action.ADMIT: Right.JUDGE_ADMISSIBILITY,
    Action.FIND_INCOMPLETE: Right.JUDGE_ADMISSIBILITY,
    Action.REFERENCE: Right.DECIDE,
    Action.REFUSE: Right.DECIDE,
    Action.SEND_BACK: Right.DECIDE,
}


def actions_of(actor: Actor, state: State) -> list[Action]:
    """In alphabetical order; of a dossier that the actor may read."""
    return sorted(action for action in allowed(state) if action in RIGHTS and may(actor, RIGHTS[action]))
