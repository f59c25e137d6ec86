"""The events of a dossier, of the work on it, and of its live sessions, by stream. Pure.

Each has its name, the sentence that people read in French, and the fields of its detail (`?`: not always there).
`internal` holds what the agency alone reads.
"""

from .agency import ANNOUNCED, Declarations

_FOUND = "code dsr_version from to round comment missing? due_on?"
_VERSION = "proof version verification"
_MESSAGE = "message code sha256 files"
_READING = "round task verifier finding comment file_sha256 given_at"
_THIRD_PARTY = "code task party expected_on"
_PHASE = "session phase reason"
_ENDED = f"{_PHASE} absent decided left"
_BOOKED = "session starts_at ends_at"
_ROOM = "number provider reason"
_SIGNATURE = "side sha256 reserves"
_MOVEMENT = "account side at"
_LINE = "item code position minutes state revision shown_at decided_at timecode note recording steps captures verdict"

#: What people read of an event by its `outcome`, where that says more than its name.
BY_OUTCOME = {
    "candidature.decided": {
        "referenced": "Solution référencée",
        "refused": "Candidature refusée",
        "sent_back": "Dossier renvoyé en instruction",
    },
}

CANDIDATURE: Declarations = {
    "candidature.admitted": ("Dossier recevable : l'instruction s'ouvre", "comment missing?"),
    "candidature.affected": ("Une révocation touche ce dossier", "cause expired items reason? internal"),
    "candidature.amended": (
        "Candidature modifiée",
        "software_version? composition? profiles? mode? external_reference?",
    ),
    "candidature.component_embedded": (
        "Embarquement d'un composant accepté",
        "embedding component valid_from",
    ),
    "candidature.decided": ("Décision", "outcome comment items nonconform_items?"),
    "candidature.delisted": ("Solution déréférencée", "audit decision"),
    "candidature.drafted": (
        "Candidature ouverte",
        "dsr version solution software_version composition profiles",
    ),
    "candidature.flagged": ("Signalé à l'agence", "cause expired items reason? internal"),
    "candidature.found_incomplete": ("Dossier incomplet", "comment"),
    "candidature.given_up": ("Candidature effacée", ""),
    "candidature.import_annulled": ("Reprise d'un référencement antérieur retirée", "takeover reason"),
    "candidature.imported": (
        "Référencement antérieur repris",
        "takeover source dsr version solution software_version composition profiles referenced_on items",
    ),
    "candidature.referenced": ("Référencement rétabli", "audit decision"),
    "candidature.reopened": ("Retour en instruction", ""),
    "candidature.resolved": ("Équivalences recalculées", "rulebook items"),
    "candidature.settled": ("Toutes les preuves sont vues : en délibération", ""),
    "candidature.submitted": ("Dossier déposé", "deposited_on version missing?"),
    "candidature.suspended": ("Référencement suspendu", "audit decision"),
    "candidature.taken_back": ("Dossier repris en préparation", ""),
    "candidature.versions_alike": (
        "Versions d'un composant déclarées équivalentes",
        "declaration role components valid_from",
    ),
    "candidature.withdrawn": ("Candidature retirée", ""),
    "complement.reminder": ("Rappel : un complément est attendu", "code missing due_on working_days_left"),
    "duo.minutes_refused": ("Procès-verbal de séance refusé", f"session {_SIGNATURE}"),
    "duo.minutes_signed": ("Procès-verbal de séance signé d'un côté", f"session {_SIGNATURE}"),
    "duo.room_changed": ("Salle de séance changée", f"session {_ROOM}"),
    "duo.signed": ("Procès-verbal de séance signé", "session sha256"),
    "expert.answered": ("Un expert a rendu son avis", "code"),
    "expert.asked": ("Un expert est consulté", "code"),
    "expert.declined": ("Un expert a décliné", "code"),
    "expert.withdrawn": ("Un expert n'est plus consulté", "code"),
    "integration.allowed": ("Intégration autorisée", "permission account integration? of? internal?"),
    "integration.revoked": (
        "Autorisation d'intégration retirée",
        "permission account integration? internal?",
    ),
    "item.accept_claim": ("Preuve admise sans objet", f"{_FOUND} reason"),
    "item.ask_complement": ("Complément demandé", f"{_FOUND} proof? version? verification? reason? grant?"),
    "item.claim_taken_back": ("Déclaration « sans objet » reprise", "code"),
    "item.claimed_not_applicable": ("Preuve déclarée sans objet", "code reason replaces?"),
    "item.confirm_reuse": ("Réemploi confirmé", f"{_FOUND} grant"),
    "item.find_conform": ("Preuve trouvée conforme", f"{_FOUND} {_VERSION}"),
    "item.find_nonconform": ("Preuve trouvée non conforme", f"{_FOUND} {_VERSION}"),
    "item.moved": ("Preuve déplacée entre l'examen et une séance", "items to session?"),
    "item.refuse_claim": ("Preuve non admise sans objet", f"{_FOUND} reason"),
    "item.refuse_reuse": ("Réemploi refusé", f"{_FOUND} grant"),
    "items.named": ("Références de l'éditeur posées", "references"),
    "message.sent": ("Message envoyé", _MESSAGE),
    "proof.dated": ("Test d'intrusion daté", "code proof performed_on"),
    "proof.examined": ("Numéros d'identité trouvés dans une preuve", "code proof file identifiers"),
    "proof.quarantined": ("Fichier en quarantaine", "code sha256 to"),
    "proof.supplied": ("Preuve fournie", "code proof version files identifiers performed_on? replaces?"),
    "reading.given": ("Lecture faite", "code task round"),
    "reading.undone": ("Lecture reprise", "code task round"),
    "session.agenda_set": ("Ordre du jour de séance fixé", "session items"),
    "session.booked": ("Séance réservée", f"{_BOOKED} items"),
    "session.cancelled": ("Séance annulée", _ENDED),
    "session.closed": ("Séance close", _ENDED),
    "session.interrupted": ("Séance interrompue", _ENDED),
    "session.moved": ("Séance déplacée", f"{_BOOKED} from"),
    "session.needs_verifier": ("Un vérificateur manque à une séance", "session sequence"),
    "session.no_show": ("Séance manquée", _ENDED),
    "session.open": ("Séance ouverte", _PHASE),
    "session.pause": ("Séance suspendue", _PHASE),
    "session.resume": ("Séance reprise", _PHASE),
    "session.verifier_replaced": ("Vérificateur de séance remplacé", "session internal"),
    "task.assigned": ("Tâche confiée", "task queue internal"),
    "task.claimed": ("Un vérificateur a pris une tâche", "task queue"),
    "task.given_back": ("Une tâche est rendue à sa file", "task queue"),
    "task.taken_over": ("Une tâche change de mains", "task internal"),
    "third_party.answered": ("Un tiers a répondu", _THIRD_PARTY),
    "third_party.awaited": ("La réponse d'un tiers est attendue", _THIRD_PARTY),
    "third_party.overdue": ("La réponse d'un tiers est en retard", _THIRD_PARTY),
    "third_party.rescheduled": (
        "La réponse d'un tiers est attendue un autre jour",
        f"{_THIRD_PARTY} previously",
    ),
    "third_party.taken_back": ("La réponse d'un tiers n'est plus attendue", _THIRD_PARTY),
    "upload.refused": ("Envoi refusé", "upload file reason"),
    "verdict.undone": ("Verdict repris", "code round reason"),
    **{name: (sentence, f"audit {fields}") for name, (sentence, fields) in ANNOUNCED.items()},
}
#: What anybody is told of the public list; kept apart from the journal (`equivalence/rulebooks/models.py`).
REGISTER: Declarations = {
    "register.annulled": ("Reprise d'un référencement antérieur retirée de la liste", ""),
    "register.delisted": ("Solution déréférencée", ""),
    "register.referenced": ("Solution référencée", ""),
    "register.reinstated": ("Référencement rétabli", ""),
    "register.renewed": ("Nouvelle version référencée", ""),
    "register.suspended": ("Référencement suspendu", ""),
}
NOTES: Declarations = {"note.written": ("Note interne écrite", _MESSAGE)}
TASK: Declarations = {
    "opinion.answered": ("Avis d'expert rendu", "opinion reply"),
    "opinion.asked": ("Avis d'expert demandé", "experts question due_on"),
    "opinion.declined": ("Avis d'expert décliné", "opinion reply"),
    "opinion.withdrawn": ("Avis d'expert qui n'est plus demandé", "opinion expert"),
    "reading.undone": ("Lecture reprise", f"{_READING} reason"),
    "readings.compared": ("Deux lectures comparées", "verification readings"),
    "third_party.answered": ("Un tiers a répondu", "wait answer"),
    "third_party.awaited": ("La réponse d'un tiers est attendue", "wait reason"),
    "third_party.rescheduled": ("La réponse d'un tiers est attendue un autre jour", "wait reason"),
}
#: What everybody in a live session sees happen; kept apart from the journal (`duo/sessions/events.py`).
LIVE_SESSION: Declarations = {
    "agenda.set": ("Ordre du jour fixé", "lines"),
    "check.noted": ("Vérification technique notée", "kind passed comment"),
    "item.captured": ("Capture ajoutée", _LINE),
    "item.decided": ("Verdict donné", _LINE),
    "item.left": ("Preuve laissée de côté", _LINE),
    "item.noted": ("Notes prises", _LINE),
    "item.shown": ("Preuve présentée", _LINE),
    "minutes.refused": ("Procès-verbal refusé", _SIGNATURE),
    "minutes.signed": ("Procès-verbal signé d'un côté", _SIGNATURE),
    "participant.arrived": ("Un participant est entré", _MOVEMENT),
    "participant.left": ("Un participant est sorti", _MOVEMENT),
    "room.changed": ("Salle changée", _ROOM),
    "room.opened": ("Salle ouverte", _ROOM),
    "session.cancelled": ("Séance annulée", _ENDED),
    "session.closed": ("Séance close", _ENDED),
    "session.interrupted": ("Séance interrompue", _ENDED),
    "session.moved": ("Séance déplacée", f"{_BOOKED} from"),
    "session.needs_verifier": ("Un vérificateur manque à la séance", "session sequence"),
    "session.no_show": ("Séance manquée", _ENDED),
    "session.open": ("Séance ouverte ou reprise", _PHASE),
    "session.paused": ("Séance suspendue", _PHASE),
    "session.scheduled": ("Séance réservée", f"{_BOOKED} items"),
    "session.signed": ("Procès-verbal signé des deux côtés", "phase sha256"),
    "session.verifier_replaced": ("Vérificateur remplacé", "session account"),
}
