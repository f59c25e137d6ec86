"""Days, sizes and states as people write them in French. Pure."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from referencing.equivalence.engine.explanation import in_french

_PARIS = ZoneInfo("Europe/Paris")
_WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_UNITS = ("octets", "Ko", "Mo", "Go", "To")

ROLES = {
    "editor": "éditeur",
    "integration": "intégration",
    "verifier": "vérification",
    "expert": "expertise",
    "lead": "pilotage",
    "auditor": "audit",
    "catalogue": "catalogue",
    "agence": "agence",
    "system": "automatique",
}
QUEUES = {
    "admissibility": "Recevabilité",
    "proof_review": "Examen des preuves",
    "equivalence": "Réemplois à confirmer",
    "second_reading": "Seconde lecture",
    "expert_opinion": "Avis d'expert",
    "duo_follow_up": "Suites de séances DUO",
}
OUTCOMES = {
    "conform": "conforme",
    "nonconform": "non conforme",
    "complement": "à compléter",
    "read": "lue ; une autre lecture suit",
}
STATES = {
    "draft": "en préparation",
    "submitted": "déposée",
    "incomplete": "incomplète",
    "in_review": "en instruction",
    "deliberation": "en délibération",
    "referenced": "référencée",
    "refused": "refusée",
    "withdrawn": "retirée",
    "given_up": "effacée",
    "suspended": "suspendue",
    "delisted": "déréférencée",
}
ITEM_STATES = {
    "required": "à fournir",
    "supplied": "fournie",
    "under_review": "en cours d'examen",
    "conform": "conforme",
    "nonconform": "non conforme",
    "complement_requested": "à compléter",
    "not_applicable": "sans objet",
    "covered": "couverte par équivalence",
    "to_confirm": "équivalence à confirmer",
    "awaiting": "en attente d'une autre preuve",
}
HOLDERS = {"editor": "l'éditeur", "agency": "l'agence", "third_party": "un tiers"}
GUICHETS = {"ANS": "ANS", "CNDA": "CNDA", "EDC_PSC": "EDC Pro Santé Connect"}
#: What happened to a dossier, by the action that the journal keeps.
EVENTS = {
    "candidature.admitted": "Dossier recevable : l'instruction s'ouvre",
    "candidature.affected": "Une révocation touche ce dossier",
    "candidature.decided": "Décision",
    "candidature.drafted": "Candidature ouverte",
    "candidature.flagged": "Signalé à l'agence",
    "candidature.found_incomplete": "Dossier incomplet",
    "candidature.reopened": "Retour en instruction",
    "candidature.resolved": "Équivalences recalculées",
    "candidature.settled": "Toutes les preuves sont vues : en délibération",
    "candidature.submitted": "Dossier déposé",
    "candidature.withdrawn": "Candidature retirée",
    "complement.reminder": "Rappel : un complément est attendu",
    "duo.room_changed": "Salle de séance changée",
    "duo.signed": "Compte rendu de séance signé",
    "expert.answered": "Un expert a rendu son avis",
    "expert.asked": "Un expert est consulté",
    "expert.declined": "Un expert a décliné",
    "integration.allowed": "Intégration autorisée",
    "integration.revoked": "Autorisation d'intégration retirée",
    "item.claim_taken_back": "Déclaration « sans objet » reprise",
    "item.claimed_not_applicable": "Preuve déclarée sans objet",
    "item.moved": "Preuve déplacée entre l'examen et une séance",
    "item.find_conform": "Preuve trouvée conforme",
    "item.find_nonconform": "Preuve trouvée non conforme",
    "item.ask_complement": "Complément demandé",
    "item.accept_claim": "Preuve admise sans objet",
    "item.refuse_claim": "Preuve non admise sans objet",
    "item.confirm_reuse": "Réemploi confirmé",
    "item.refuse_reuse": "Réemploi refusé",
    "items.named": "Références de l'éditeur posées",
    "message.sent": "Message envoyé",
    "proof.dated": "Test d'intrusion daté",
    "proof.quarantined": "Fichier en quarantaine",
    "proof.supplied": "Preuve fournie",
    "proof.examined": "Numéros d'identité trouvés dans une preuve",
    "reading.given": "Lecture faite",
    "reading.undone": "Lecture reprise",
    "session.agenda_set": "Ordre du jour de séance fixé",
    "session.booked": "Séance réservée",
    "session.moved": "Séance déplacée",
    "session.verifier_replaced": "Vérificateur de séance remplacé",
    "task.assigned": "Tâche confiée",
    "task.claimed": "Un vérificateur a pris une tâche",
    "task.given_back": "Une tâche est rendue à sa file",
    "task.taken_over": "Une tâche change de mains",
    "third_party.answered": "Un tiers a répondu",
    "third_party.awaited": "La réponse d'un tiers est attendue",
    "third_party.overdue": "La réponse d'un tiers est en retard",
    "third_party.rescheduled": "La réponse d'un tiers est attendue un autre jour",
    "third_party.taken_back": "La réponse d'un tiers n'est plus attendue",
    "upload.refused": "Envoi refusé",
    "verdict.undone": "Verdict repris",
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


def size(value: int) -> str:
    """A number of bytes: « 1,2 Mo »."""
    amount, unit = float(value), 0
    while amount >= 1000 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    written = f"{amount:.0f}" if unit == 0 or amount >= 100 else f"{amount:.1f}".replace(".", ",")
    return f"{written} {_UNITS[unit]}"


def event(action: str) -> str:
    """What happened, from the name that the journal keeps."""
    return EVENTS.get(action, action)


def counted(number: int, singular: str, plural: str | None = None) -> str:
    """« 1 preuve », « 2 preuves »; nothing is singular in French."""
    return f"{number} {singular if number < 2 else plural or singular + 's'}"


def left(days: int | None) -> str:
    """Working days that are left, or how late it is."""
    if days is None:
        return ""
    if days < 0:
        return f"en retard de {counted(-days, 'jour ouvré', 'jours ouvrés')}"
    return "dernier jour" if days == 0 else counted(days, "jour ouvré restant", "jours ouvrés restants")


def capital(words: str) -> str:
    return words[:1].upper() + words[1:]
