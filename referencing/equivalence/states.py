"""What may be done with a rulebook, by where it is between its writing and what takes its place. Pure."""

from enum import StrEnum

from referencing.base.lifecycle import Lifecycle
from referencing.base.permissions import Right


class Phase(StrEnum):
    DRAFT = "draft"
    WAITING = "waiting"  # published for a later day
    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"


class RulebookAction(StrEnum):
    CHECK = "check"
    EDIT = "edit"  # its entries; also proposals decided
    PROPOSE = "propose"
    PUBLISH = "publish"
    REINSTATE = "reinstate"
    REVOKE_RULE = "revoke_rule"
    SIMULATE = "simulate"
    SUPERSEDE = "supersede"  # others were put in force
    TAKE_FORCE = "take_force"  # its day has come
    WITHDRAW = "withdraw"


_P, _A = Phase, RulebookAction

RULEBOOK = Lifecycle(
    {
        **{(_P.DRAFT, action): _P.DRAFT for action in (_A.CHECK, _A.EDIT, _A.PROPOSE)},
        **{(phase, _A.SIMULATE): phase for phase in Phase},
        (_P.DRAFT, _A.PUBLISH): _P.WAITING,
        (_P.WAITING, _A.TAKE_FORCE): _P.IN_FORCE,
        (_P.WAITING, _A.WITHDRAW): _P.DRAFT,
        (_P.IN_FORCE, _A.REVOKE_RULE): _P.SUPERSEDED,
        (_P.IN_FORCE, _A.SUPERSEDE): _P.SUPERSEDED,
        (_P.SUPERSEDED, _A.REINSTATE): _P.SUPERSEDED,
    },
    {
        _P.DRAFT: "en préparation",
        _P.WAITING: "publié pour un jour à venir",
        _P.IN_FORCE: "en vigueur",
        _P.SUPERSEDED: "remplacé",
    },
    {
        _A.CHECK: "contrôler",
        _A.EDIT: "modifier",
        _A.PROPOSE: "faire proposer des correspondances",
        _A.PUBLISH: "publier",
        _A.REINSTATE: "reprendre",
        _A.REVOKE_RULE: "révoquer une règle",
        _A.SIMULATE: "simuler",
        _A.WITHDRAW: "retirer",
    },
    dict.fromkeys(set(_A) - {_A.SUPERSEDE, _A.TAKE_FORCE}, Right.EDIT_RULEBOOKS),
)
