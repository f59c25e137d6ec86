"""The life of a webhook: on until its owner switches it off, or nobody has taken anything for three days. Pure."""

from enum import StrEnum

from referencing.base.lifecycle import Lifecycle
from referencing.base.permissions import Right


class WebhookState(StrEnum):
    ON = "on"
    OFF = "off"  # by its owner
    FAILED = "failed"  # by the service, after three days
    GONE = "gone"  # by its receiver, which answered 410


class WebhookAction(StrEnum):
    CHANGE = "change"
    ROTATE = "rotate"
    TEST = "test"
    SWITCH_ON = "switch_on"
    SWITCH_OFF = "switch_off"
    REMOVE = "remove"
    GIVE_UP = "give_up"  # by the service
    END = "end"  # by the receiver


_STATES = {
    WebhookState.ON: "en service",
    WebhookState.OFF: "arrêté",
    WebhookState.FAILED: "arrêté après trois jours d'échecs",
    WebhookState.GONE: "arrêté à la demande de son destinataire",
}
_ACTIONS = {
    WebhookAction.CHANGE: "changer",
    WebhookAction.ROTATE: "renouveler le secret",
    WebhookAction.TEST: "essayer",
    WebhookAction.SWITCH_ON: "remettre en service",
    WebhookAction.SWITCH_OFF: "arrêter",
    WebhookAction.REMOVE: "supprimer",
}
_ANY_TIME = (WebhookAction.CHANGE, WebhookAction.ROTATE, WebhookAction.TEST, WebhookAction.REMOVE)

WEBHOOK: Lifecycle[WebhookState, WebhookAction] = Lifecycle(
    {(state, action): state for state in WebhookState for action in _ANY_TIME}
    | {
        (state, WebhookAction.SWITCH_ON): WebhookState.ON
        for state in WebhookState
        if state is not WebhookState.ON
    }
    | {
        (WebhookState.ON, WebhookAction.SWITCH_OFF): WebhookState.OFF,
        (WebhookState.ON, WebhookAction.GIVE_UP): WebhookState.FAILED,
        (WebhookState.ON, WebhookAction.END): WebhookState.GONE,
    },
    _STATES,
    _ACTIONS,
    dict.fromkeys(_ACTIONS, Right.MANAGE_WEBHOOKS),
)
