"""The life of a live session, and of a line of its agenda: every phase, every action, and what follows. Pure."""

from enum import StrEnum

from referencing.base.lifecycle import Lifecycle
from referencing.base.permissions import Right


class Phase(StrEnum):
    SCHEDULED = "scheduled"
    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"
    SIGNED = "signed"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"  # one side did not come
    INTERRUPTED = "interrupted"  # technical trouble: the connection, the environment shown


class Action(StrEnum):
    OPEN = "open"
    PAUSE = "pause"
    RESUME = "resume"
    CLOSE = "close"
    SIGN = "sign"  # both sides have signed the minutes
    CANCEL = "cancel"
    MISS = "miss"  # nobody came from one side
    INTERRUPT = "interrupt"


_STEPS: dict[tuple[Phase, Action], Phase] = {
    (Phase.SCHEDULED, Action.OPEN): Phase.OPEN,
    (Phase.SCHEDULED, Action.CANCEL): Phase.CANCELLED,
    (Phase.SCHEDULED, Action.MISS): Phase.NO_SHOW,
    (Phase.SCHEDULED, Action.INTERRUPT): Phase.INTERRUPTED,  # the room could not even be opened
    (Phase.OPEN, Action.PAUSE): Phase.PAUSED,
    (Phase.OPEN, Action.CLOSE): Phase.CLOSED,
    (Phase.OPEN, Action.MISS): Phase.NO_SHOW,  # the other side was waited for in vain
    (Phase.OPEN, Action.INTERRUPT): Phase.INTERRUPTED,
    (Phase.PAUSED, Action.RESUME): Phase.OPEN,
    (Phase.PAUSED, Action.CLOSE): Phase.CLOSED,
    (Phase.PAUSED, Action.INTERRUPT): Phase.INTERRUPTED,
    (Phase.CLOSED, Action.SIGN): Phase.SIGNED,
}

#: Still to come or under way: its items are in it, and its people are taken.
LIVE = frozenset({Phase.SCHEDULED, Phase.OPEN, Phase.PAUSED})
#: Under way.
BEGUN = frozenset({Phase.OPEN, Phase.PAUSED})


#: What a person reads for a phase.
PHASES = {
    Phase.SCHEDULED: "prévue",
    Phase.OPEN: "ouverte",
    Phase.PAUSED: "suspendue",
    Phase.CLOSED: "close",
    Phase.SIGNED: "signée",
    Phase.CANCELLED: "annulée",
    Phase.NO_SHOW: "manquée",
    Phase.INTERRUPTED: "interrompue",
}

SESSION = Lifecycle(
    _STEPS,
    PHASES,
    {
        Action.OPEN: "ouvrir",
        Action.PAUSE: "suspendre",
        Action.RESUME: "reprendre",
        Action.CLOSE: "clore",
        Action.CANCEL: "annuler",
        Action.MISS: "constater une absence",
        Action.INTERRUPT: "interrompre",
        Action.SIGN: "signer le procès-verbal",
    },
    {
        Action.OPEN: Right.CONDUCT_SESSIONS,
        Action.PAUSE: Right.CONDUCT_SESSIONS,
        Action.RESUME: Right.CONDUCT_SESSIONS,
        Action.CLOSE: Right.CONDUCT_SESSIONS,
        Action.INTERRUPT: Right.CONDUCT_SESSIONS,
        Action.CANCEL: Right.TAKE_PART,
        Action.MISS: Right.TAKE_PART,
        Action.SIGN: Right.SIGN_MINUTES,
    },
)


class LineState(StrEnum):
    """Where an item of the agenda stands in its session."""

    PLANNED = "planned"
    SHOWN = "shown"  # being shown, or shown and not decided yet
    DECIDED = "decided"  # a verdict was given live
    COVERED = "covered"  # equivalence answered it meanwhile
    WITHDRAWN = "withdrawn"  # taken off the agenda, or its dossier is closed
    TO_QUEUE = "to_queue"  # left unfinished, and now in a queue
    TO_NEXT = "to_next"  # left unfinished, and waiting for another session


#: The item is in the session, and in no queue.
PENDING = frozenset({LineState.PLANNED, LineState.SHOWN})


class LineAction(StrEnum):
    CAPTURE = "capture"
    DECIDE = "decide"
    NOTE = "note"
    SHOW = "show"


_LINE = LineState
#: What may be done with an item of the agenda while its session is open; captures are taken during a pause too.
LINE = Lifecycle(
    {
        **{(state, LineAction.SHOW): _LINE.SHOWN for state in sorted(PENDING)},
        **{(state, LineAction.DECIDE): _LINE.DECIDED for state in sorted(PENDING | {_LINE.DECIDED})},
        **{
            (state, action): state
            for state in sorted(PENDING | {_LINE.DECIDED})
            for action in (LineAction.NOTE, LineAction.CAPTURE)
        },
    },
    {
        _LINE.PLANNED: "prévue",
        _LINE.SHOWN: "montrée",
        _LINE.DECIDED: "décidée",
        _LINE.COVERED: "couverte par équivalence",
        _LINE.WITHDRAWN: "retirée de l'ordre du jour",
        _LINE.TO_QUEUE: "rendue à sa file",
        _LINE.TO_NEXT: "en attente d'une autre séance",
    },
    {
        LineAction.CAPTURE: "ajouter une capture",
        LineAction.DECIDE: "décider",
        LineAction.NOTE: "noter",
        LineAction.SHOW: "montrer",
    },
    {
        LineAction.CAPTURE: Right.TAKE_PART,
        **dict.fromkeys((LineAction.DECIDE, LineAction.NOTE, LineAction.SHOW), Right.CONDUCT_SESSIONS),
    },
)
