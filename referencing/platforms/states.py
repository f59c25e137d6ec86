"""The lives of platforms, of their incidents and of maintenance planned on them. Pure."""

from enum import StrEnum

from referencing.base.lifecycle import Existence, Lifecycle, acts
from referencing.base.permissions import Right


class PlatformState(StrEnum):
    """How a platform stands: what follows from its incidents and from planned maintenance, never kept."""

    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"
    MAINTENANCE = "maintenance"


class Impact(StrEnum):
    """What an incident does to its platform."""

    DEGRADED = "degraded"  # slow, seen to fail from one place only, or about to fail
    DOWN = "down"


class IncidentState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"
    RETRACTED = "retracted"  # there was none: it counts nowhere


class IncidentAction(StrEnum):
    TELL = "tell"
    CORRECT = "correct"
    CLOSE = "close"
    RETRACT = "retract"


class MaintenanceState(StrEnum):
    PLANNED = "planned"
    CANCELLED = "cancelled"


class MaintenanceAction(StrEnum):
    CANCEL = "cancel"


class WatchState(StrEnum):
    WATCHED = "watched"
    RETIRED = "retired"  # looked at no more; its incidents stay


class PlatformAction(StrEnum):
    ADD_PROBE = "add_probe"
    CHANGE = "change"
    OPEN_INCIDENT = "open_incident"
    PLAN = "plan"
    RETIRE = "retire"


class ProbeAction(StrEnum):
    REMOVE = "remove"


#: What a person reads.
STATES = {
    PlatformState.UP: "disponible",
    PlatformState.DEGRADED: "dégradée",
    PlatformState.DOWN: "indisponible",
    PlatformState.MAINTENANCE: "en maintenance",
}
_RIGHT = Right.MANAGE_PLATFORMS
_OPEN, _CLOSED = IncidentState.OPEN, IncidentState.CLOSED

INCIDENT: Lifecycle[IncidentState, IncidentAction] = Lifecycle(
    {
        (_OPEN, IncidentAction.TELL): _OPEN,
        (_OPEN, IncidentAction.CORRECT): _OPEN,
        (_OPEN, IncidentAction.CLOSE): _CLOSED,
        (_OPEN, IncidentAction.RETRACT): IncidentState.RETRACTED,
        (_CLOSED, IncidentAction.TELL): _CLOSED,
        (_CLOSED, IncidentAction.CORRECT): _CLOSED,
        (_CLOSED, IncidentAction.RETRACT): IncidentState.RETRACTED,
    },
    {_OPEN: "ouvert", _CLOSED: "clos", IncidentState.RETRACTED: "retiré"},
    {
        IncidentAction.TELL: "informer",
        IncidentAction.CORRECT: "corriger",
        IncidentAction.CLOSE: "clore",
        IncidentAction.RETRACT: "retirer",
    },
    dict.fromkeys(IncidentAction, _RIGHT),
)
MAINTENANCE: Lifecycle[MaintenanceState, MaintenanceAction] = Lifecycle(
    {(MaintenanceState.PLANNED, MaintenanceAction.CANCEL): MaintenanceState.CANCELLED},
    {MaintenanceState.PLANNED: "prévue", MaintenanceState.CANCELLED: "annulée"},
    {MaintenanceAction.CANCEL: "annuler"},
    {MaintenanceAction.CANCEL: _RIGHT},
)
_WATCHED = WatchState.WATCHED
PLATFORM: Lifecycle[WatchState, PlatformAction] = Lifecycle(
    {(_WATCHED, action): _WATCHED for action in PlatformAction if action is not PlatformAction.RETIRE}
    | {(_WATCHED, PlatformAction.RETIRE): WatchState.RETIRED},
    {_WATCHED: "surveillée", WatchState.RETIRED: "retirée"},
    {
        PlatformAction.ADD_PROBE: "ajouter une sonde",
        PlatformAction.CHANGE: "changer",
        PlatformAction.OPEN_INCIDENT: "ouvrir un incident",
        PlatformAction.PLAN: "prévoir une maintenance",
        PlatformAction.RETIRE: "retirer",
    },
    dict.fromkeys(PlatformAction, _RIGHT),
)
PROBE: Lifecycle[Existence, ProbeAction] = acts({ProbeAction.REMOVE: "retirer"}, _RIGHT)
