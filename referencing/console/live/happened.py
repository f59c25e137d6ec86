"""What happened in a session, by the kind of its event, as it is said to who follows it. Pure."""

from collections.abc import Mapping
from typing import Any

#: Every kind of event: the browser listens to these names.
KINDS: Mapping[str, str] = {
    "agenda.set": "l'ordre du jour est changé",
    "check.noted": "un essai technique est noté",
    "item.captured": "une capture de {code} est ajoutée",
    "item.decided": "{code} est décidée",
    "item.left": "{code} quitte l'ordre du jour",
    "item.noted": "des notes sont prises sur {code}",
    "item.shown": "{code} est montrée",
    "minutes.refused": "une partie refuse de signer le procès-verbal",
    "minutes.signed": "une partie a signé le procès-verbal",
    "participant.arrived": "{name} est là",
    "participant.left": "{name} a quitté la séance",
    "room.changed": "la salle est changée : demandez un nouveau lien",
    "room.opened": "la salle est ouverte",
    "session.cancelled": "la séance est annulée",
    "session.closed": "la séance est close",
    "session.interrupted": "la séance est interrompue",
    "session.moved": "la séance est déplacée",
    "session.needs_verifier": "un vérificateur ne peut pas venir",
    "session.no_show": "une absence est constatée",
    "session.open": "la séance est ouverte",
    "session.paused": "la séance est suspendue",
    "session.scheduled": "la séance est réservée",
    "session.signed": "les deux parties ont signé",
    "session.verifier_replaced": "{name} remplace un vérificateur",
}


def told(kind: str, body: Mapping[str, Any]) -> str:
    """One sentence, without its full stop; of a replacement before release 0.2 the record may not say by whom."""
    return KINDS[kind].format(code=body.get("code", ""), name=body.get("name", "quelqu'un"))
