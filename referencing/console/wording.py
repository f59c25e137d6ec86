"""Days, sizes and states as people write them in French. Pure."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from referencing.base import permissions
from referencing.base.french import counted
from referencing.candidatures.record import states
from referencing.candidatures.tasks import names
from referencing.equivalence.engine.explanation import in_french

_PARIS = ZoneInfo("Europe/Paris")
_WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_UNITS = ("octets", "Ko", "Mo", "Go", "To")

ROLES: dict[str, str] = {**permissions.ROLES, "agency": "agence", "system": "automatique"}
FUNCTIONS = permissions.FUNCTIONS
QUEUES = names.QUEUES
OUTCOMES = {
    "conform": "conforme",
    "nonconform": "non conforme",
    "complement": "à compléter",
    "not_applicable": "sans objet",
    "read": "lue ; une autre lecture suit",
}
STATES = states.STATES
ITEM_STATES = states.ITEM_STATES
HOLDERS = {"editor": "l'éditeur", "agency": "l'agence", "third_party": "un tiers"}
GUICHETS = {"ANS": "ANS", "CNDA": "CNDA", "EDC_PSC": "EDC Pro Santé Connect"}
MODES = {"async": "en fournissant des preuves", "duo": "en séance DUO"}
KINDS = {
    "demonstration": "démonstration",
    "log": "journal ou trace",
    "document": "document",
    "test_report": "rapport de test",
    "certificate": "attestation",
    "pentest": "test d'intrusion",
    "other": "autre, à préciser",
}
STEPS = {
    "filing": "dépôt du dossier",
    "admissibility": "recevabilité",
    "review": "fin de l'examen des preuves",
    "decision": "décision",
}


def day(value: date) -> str:
    """« 3 mars 2026 », in Paris when it is a moment."""
    return in_french(value.astimezone(_PARIS).date() if isinstance(value, datetime) else value)


def weekday(value: date) -> str:
    """« mardi 3 mars 2026 »."""
    local = value.astimezone(_PARIS).date() if isinstance(value, datetime) else value
    return f"{_WEEKDAYS[local.weekday()]} {day(local)}"


def moment(value: datetime) -> str:
    """« 3 mars 2026 à 10 h 05 », in Paris."""
    local = value.astimezone(_PARIS)
    return f"{day(local)} à {hour(local)}"


def hour(value: datetime) -> str:
    local = value.astimezone(_PARIS)
    return f"{local.hour} h {local.minute:02}"


def decimal(value: float, places: int = 1) -> str:
    """« 0,5 »."""
    return f"{value:.{places}f}".replace(".", ",")


def size(value: int) -> str:
    """A number of bytes: « 1,2 Mo »."""
    amount, unit = float(value), 0
    while amount >= 1000 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    written = f"{amount:.0f}" if unit == 0 or amount >= 100 else decimal(amount)
    return f"{written} {_UNITS[unit]}"


def left(days: int | None) -> str:
    """Working days that are left, or how late it is."""
    if days is None:
        return ""
    if days < 0:
        return f"en retard de {counted(-days, 'jour ouvré', 'jours ouvrés')}"
    return "dernier jour" if days == 0 else counted(days, "jour ouvré restant", "jours ouvrés restants")


def small(words: str) -> str:
    """A title as it stands inside a sentence."""
    return words[:1].lower() + words[1:]


def capital(words: str) -> str:
    return words[:1].upper() + words[1:]
