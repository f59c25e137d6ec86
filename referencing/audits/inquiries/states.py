"""The states of an audit and of what comes of it: every action, who may take it, and what follows. Pure."""

from enum import StrEnum

from referencing.base.lifecycle import Lifecycle
from referencing.base.permissions import Right


class AuditState(StrEnum):
    PLANNED = "planned"  # the editor does not know of it yet
    IN_PROGRESS = "in_progress"  # announced; what was drawn is verified again
    CONTRADICTORY = "contradictory"  # the editor reads what was found and answers
    FOLLOW_UP = "follow_up"  # action plans are carried out
    CLOSED = "closed"
    ABANDONED = "abandoned"


class AuditAction(StrEnum):
    OPEN = "open"
    NOTIFY = "notify"
    FOLLOW = "follow"
    CLOSE = "close"
    ABANDON = "abandon"


class SampledAction(StrEnum):
    FIND = "find"


class Conformity(StrEnum):
    """The finding on a proof that is verified again."""

    CONFORM = "conform"
    NONCONFORM = "nonconform"


class Severity(StrEnum):
    """How severe a non-conformité is."""

    MINEURE = "mineure"
    MAJEURE = "majeure"
    CRITIQUE = "critique"


class NonconformityState(StrEnum):
    OPEN = "open"
    LIFTED = "lifted"  # put right
    WITHDRAWN = "withdrawn"  # there was none


class NonconformityAction(StrEnum):
    LIFT = "lift"
    WITHDRAW = "withdraw"


class PlanState(StrEnum):
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    CARRIED_OUT = "carried_out"  # the editor says that it is done
    VERIFIED = "verified"  # an auditor has seen it
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class PlanAction(StrEnum):
    ACCEPT = "accept"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    CARRY_OUT = "carry_out"
    VERIFY = "verify"
    SEND_BACK = "send_back"


class Measure(StrEnum):
    """A measure on a solution, announced to its editor before it is decided."""

    SUSPENSION = "suspension"
    DELISTING = "delisting"
    REINSTATEMENT = "reinstatement"  # decided at once: nobody has to defend themselves against it


class SanctionState(StrEnum):
    ANNOUNCED = "announced"
    ANSWERED = "answered"  # the editor has given its observations
    APPLIED = "applied"
    DROPPED = "dropped"


class SanctionAction(StrEnum):
    ANSWER = "answer"
    APPLY = "apply"
    DROP = "drop"


_AU, _ACT = AuditState, AuditAction
AUDITS = Lifecycle(
    {
        (_AU.PLANNED, _ACT.OPEN): _AU.IN_PROGRESS,
        (_AU.PLANNED, _ACT.ABANDON): _AU.ABANDONED,
        (_AU.IN_PROGRESS, _ACT.NOTIFY): _AU.CONTRADICTORY,
        (_AU.IN_PROGRESS, _ACT.CLOSE): _AU.CLOSED,
        (_AU.IN_PROGRESS, _ACT.ABANDON): _AU.ABANDONED,
        (_AU.CONTRADICTORY, _ACT.FOLLOW): _AU.FOLLOW_UP,
        (_AU.CONTRADICTORY, _ACT.CLOSE): _AU.CLOSED,
        (_AU.FOLLOW_UP, _ACT.CLOSE): _AU.CLOSED,
    },
    {
        AuditState.PLANNED: "en préparation",
        AuditState.IN_PROGRESS: "en cours",
        AuditState.CONTRADICTORY: "en phase contradictoire",
        AuditState.FOLLOW_UP: "en suivi des plans d'actions",
        AuditState.CLOSED: "clos",
        AuditState.ABANDONED: "abandonné",
    },
    {
        _ACT.OPEN: "ouvrir",
        _ACT.NOTIFY: "notifier",
        _ACT.FOLLOW: "suivre les plans d'action",
        _ACT.CLOSE: "clore",
        _ACT.ABANDON: "abandonner",
    },
    {
        _ACT.OPEN: Right.AUDIT,
        _ACT.ABANDON: Right.AUDIT,
        _ACT.NOTIFY: Right.AUDIT,
        _ACT.CLOSE: Right.AUDIT,
        _ACT.FOLLOW: Right.AUDIT,
    },
)
#: The editor knows of the audit, and it is not over: findings, plans and sanctions may come.
UNDER_WAY = frozenset({AuditState.IN_PROGRESS, AuditState.CONTRADICTORY, AuditState.FOLLOW_UP})
#: What is verified again is found upon while its audit is under way.
SAMPLED = Lifecycle(
    {(state, SampledAction.FIND): state for state in sorted(UNDER_WAY)},
    AUDITS.states,
    {SampledAction.FIND: "faire un constat"},
    {SampledAction.FIND: Right.AUDIT},
)
#: The audit is not over.
STANDING = UNDER_WAY | {AuditState.PLANNED}

_N, _NA = NonconformityState, NonconformityAction
NONCONFORMITIES = Lifecycle(
    {
        (_N.OPEN, _NA.LIFT): _N.LIFTED,
        (_N.OPEN, _NA.WITHDRAW): _N.WITHDRAWN,
    },
    {
        NonconformityState.OPEN: "ouverte",
        NonconformityState.LIFTED: "levée",
        NonconformityState.WITHDRAWN: "retirée",
    },
    {_NA.LIFT: "lever", _NA.WITHDRAW: "retirer"},
    {_NA.LIFT: Right.AUDIT, _NA.WITHDRAW: Right.AUDIT},
)

_P, _PA = PlanState, PlanAction
PLANS = Lifecycle(
    {
        (_P.PROPOSED, _PA.ACCEPT): _P.ACCEPTED,
        (_P.PROPOSED, _PA.REFUSE): _P.REFUSED,
        (_P.PROPOSED, _PA.WITHDRAW): _P.WITHDRAWN,
        (_P.ACCEPTED, _PA.CARRY_OUT): _P.CARRIED_OUT,
        (_P.CARRIED_OUT, _PA.VERIFY): _P.VERIFIED,
        (_P.CARRIED_OUT, _PA.SEND_BACK): _P.ACCEPTED,
    },
    {
        PlanState.PROPOSED: "proposé",
        PlanState.ACCEPTED: "accepté",
        PlanState.CARRIED_OUT: "réalisé, à vérifier",
        PlanState.VERIFIED: "vérifié",
        PlanState.REFUSED: "refusé",
        PlanState.WITHDRAWN: "retiré",
    },
    {
        _PA.ACCEPT: "accepter",
        _PA.REFUSE: "refuser",
        _PA.WITHDRAW: "retirer",
        _PA.CARRY_OUT: "déclarer réalisé",
        _PA.VERIFY: "constater la réalisation",
        _PA.SEND_BACK: "renvoyer",
    },
    {
        _PA.ACCEPT: Right.AUDIT,
        _PA.REFUSE: Right.AUDIT,
        _PA.WITHDRAW: Right.ANSWER_AUDITS,
        _PA.CARRY_OUT: Right.ANSWER_AUDITS,
        _PA.VERIFY: Right.AUDIT,
        _PA.SEND_BACK: Right.AUDIT,
    },
)
#: A non-conformité has one plan at most in these states.
STANDING_PLANS = frozenset(
    {PlanState.PROPOSED, PlanState.ACCEPTED, PlanState.CARRIED_OUT, PlanState.VERIFIED}
)
#: Plans that an auditor has agreed to.
AGREED_PLANS = STANDING_PLANS - {PlanState.PROPOSED}

_SS, _SA = SanctionState, SanctionAction
SANCTIONS = Lifecycle(
    {
        (_SS.ANNOUNCED, _SA.ANSWER): _SS.ANSWERED,
        (_SS.ANNOUNCED, _SA.APPLY): _SS.APPLIED,
        (_SS.ANNOUNCED, _SA.DROP): _SS.DROPPED,
        (_SS.ANSWERED, _SA.APPLY): _SS.APPLIED,
        (_SS.ANSWERED, _SA.DROP): _SS.DROPPED,
    },
    {
        SanctionState.ANNOUNCED: "annoncée",
        SanctionState.ANSWERED: "suivie d'observations",
        SanctionState.APPLIED: "appliquée",
        SanctionState.DROPPED: "abandonnée",
    },
    {_SA.ANSWER: "présenter des observations", _SA.APPLY: "appliquer", _SA.DROP: "abandonner"},
    {_SA.ANSWER: Right.ANSWER_AUDITS, _SA.APPLY: Right.SANCTION, _SA.DROP: Right.SANCTION},
)
#: The measure is announced to the editor, and not decided.
PENDING = frozenset({SanctionState.ANNOUNCED, SanctionState.ANSWERED})
