"""The events that the agency keeps to itself, with those of softwares, rulebooks and accounts, by stream. Pure.

Each has its name, the sentence that people read in French, and the fields of its detail (`?`: not always there).
"""

Declarations = dict[str, tuple[str, str]]

_CERTIFICATE = "certificate kind holder number valid_from valid_until"
_EDC_PSC = "declaration component counter operator number declared_on"
_BOOST = "boost queue chapter dispositif vague candidature weight reason ends_on"
_RATE = "chapter verifier rate on_disagreement seed"
_TEMPLATE = "template title text outcome chapter"
_INVITED = "role function organisation"
_NONCONFORMITY = "nonconformity number requirement severity"
_PLAN = "plan number nonconformity due_on"
_REMINDER = "nonconformity due_on working_days_left"
_REVOKED = "reason items"

#: What the timeline of the audited dossier says as well, with the `audit`, once the editor is told of it.
ANNOUNCED: Declarations = {
    "audit.abandoned": ("Audit abandonné", "reason"),
    "audit.closed": ("Audit clos", "conclusions"),
    "audit.followed": ("Audit : suivi des plans d'actions", ""),
    "audit.notified": ("Constats de l'audit notifiés", "answer_by nonconformities"),
    "audit.opened": ("Audit ouvert", "reason?"),
    "audit.sample_extended": ("Preuve ajoutée à l'échantillon d'un audit", "code reason?"),
    "evidence.added": ("Pièces versées à un audit", "comment files"),
    "nonconformity.corrected": ("Non-conformité corrigée", f"{_NONCONFORMITY} description before?"),
    "nonconformity.lifted": ("Non-conformité levée", f"{_NONCONFORMITY} outcome"),
    "nonconformity.raised": ("Non-conformité relevée", f"{_NONCONFORMITY} description"),
    "nonconformity.reminder": ("Rappel : un plan d'actions est attendu", _REMINDER),
    "nonconformity.withdrawn": ("Non-conformité retirée", f"{_NONCONFORMITY} outcome"),
    "plan.accepted": ("Plan d'actions accepté", f"{_PLAN} comment"),
    "plan.carried_out": ("Plan d'actions dit réalisé", f"{_PLAN} report"),
    "plan.proposed": ("Plan d'actions proposé", f"{_PLAN} description working_days?"),
    "plan.refused": ("Plan d'actions refusé", f"{_PLAN} comment"),
    "plan.reminder": ("Rappel : un plan d'actions est à réaliser", f"plan {_REMINDER}"),
    "plan.sent_back": ("Plan d'actions à compléter", f"{_PLAN} comment"),
    "plan.verified": ("Plan d'actions vérifié", f"{_PLAN} comment"),
    "plan.withdrawn": ("Plan d'actions retiré", _PLAN),
    "sanction.announced": ("Mesure annoncée", "sanction measure grounds urgent_reason answer_by"),
    "sanction.answered": ("Observations de l'éditeur sur une mesure", "sanction measure answer"),
    "sanction.applied": ("Mesure prononcée", "sanction measure decision"),
    "sanction.dropped": ("Mesure abandonnée", "sanction measure decision"),
}
AUDIT: Declarations = {
    **ANNOUNCED,
    "audit.found": ("Constat sur une preuve de l'échantillon", "sampled code outcome comment"),
    "audit.planned": ("Audit préparé", "candidature reason seed size requirements signals"),
    "audit.revoked": ("Révocation depuis un audit", "verification? certificate? reason effects"),
}
SIGNAL: Declarations = {
    "signal.audited": ("Audit préparé sur ce signalement", "audit"),
    "signal.author_erased": ("Auteur du signalement effacé", "reason"),
    "signal.author_read": ("Auteur du signalement consulté", ""),
    "signal.dismissed": ("Signalement classé", "assessment"),
    "signal.qualified": ("Signalement retenu", "assessment"),
    "signal.received": ("Signalement reçu", "channel sha256"),
    "signal.reopened": ("Signalement repris", "assessment"),
}
SOFTWARE: Declarations = {
    "certificate.confirmed": ("Certificat confirmé par l'agence", _CERTIFICATE),
    "certificate.corrected": ("Certificat corrigé", f"{_CERTIFICATE} replaces before reason without_files?"),
    "certificate.embedded": ("Certificat d'un logiciel embarqué repris", f"{_CERTIFICATE} original"),
    "certificate.entered": ("Certificat enregistré", f"{_CERTIFICATE} files renews"),
    "certificate.files_added": ("Fichiers ajoutés à un certificat", "certificate files"),
    "certificate.revoked": ("Certificat révoqué", f"certificate {_REVOKED}"),
    "certificate.withdrawn": ("Certificat retiré par son émetteur", f"certificate {_REVOKED}"),
    "edc_psc.declared": ("Déclaration Pro Santé Connect enregistrée", _EDC_PSC),
    "edc_psc.withdrawn": ("Déclaration Pro Santé Connect retirée", f"{_EDC_PSC} reason"),
    "embedding.accepted": ("Embarquement d'un composant accepté", "embedding component valid_from internal"),
    "embedding.revoked": ("Embarquement d'un composant révoqué", "embedding component reason"),
    "identity.accepted": ("Deux logiciels reconnus identiques", "identity declaration"),
    "identity.declared": ("Logiciel déclaré identique à un autre", "declaration other files"),
    "identity.refused": ("Déclaration d'identité refusée", "declaration reason"),
    "identity.revoked": ("Identité de deux logiciels révoquée", "identity reason"),
    "identity.withdrawn": ("Déclaration d'identité retirée", "declaration"),
    "software.component_declared": ("Logiciel déclaré composant d'autres", "roles"),
    "software.nil_confirmed": ("NIL confirmé par l'agence", "nil reason"),
    "software.nil_corrected": ("NIL corrigé par l'éditeur", "nil before"),
    "software.nil_refused": ("NIL refusé par l'agence", "nil reason"),
    "software.registered": ("Logiciel enregistré", "name nil"),
    "solution.registered": ("Solution enregistrée", "solution commercial_name"),
    "verification.revoked": ("Vérification révoquée", f"verification {_REVOKED}"),
}
_ALIKE = "role components"
ALIKE_VERSIONS: Declarations = {
    "alike_versions.accepted": ("Versions d'un composant déclarées équivalentes", f"{_ALIKE} valid_from"),
    "alike_versions.asked": ("Équivalence de versions demandée", f"{_ALIKE} reason reference files"),
    "alike_versions.refused": ("Équivalence de versions refusée", f"{_ALIKE} reason"),
    "alike_versions.revoked": ("Équivalence de versions révoquée", f"{_ALIKE} reason"),
    "alike_versions.withdrawn": ("Demande d'équivalence de versions retirée", _ALIKE),
}
DSR: Declarations = {
    "dsr.changed": ("DSR modifié", "dispositif vague couloir title"),
    "dsr.defined": ("DSR créé", "dispositif vague couloir title"),
    "dsr.imported": ("Exigences importées", "version added changed removed"),
    "dsr.proof_corrected": (
        "Preuve attendue corrigée",
        "version code guichet? kind? roles? platforms? duo? live_without_trace?",
    ),
    "dsr.published": ("Version publiée", "version proofs"),
    "dsr.socles": ("Socles rattachés", "version changed"),
}
ISSUER: Declarations = {
    "issuer.changed": ("Émetteur modifié", "before after"),
    "issuer.defined": ("Émetteur créé", "name kinds counter"),
    "issuer.list_imported": ("Liste d'émetteur importée", "number rows entries sha256 as_of moved problems"),
}
RULEBOOK: Declarations = {
    "rulebook.accepted": ("Propositions acceptées dans les règles", "accepted"),
    "rulebook.certificate_kinds": ("Types de certificat importés", "dsr added changed unchanged"),
    "rulebook.checked": ("Règles contrôlées", "digest error warning info"),
    "rulebook.correspondences": ("Correspondances importées", "rows added changed unchanged"),
    "rulebook.edited": ("Règle modifiée", "before after position?"),
    "rulebook.in_force": ("Règles en vigueur", "label supersedes"),
    "rulebook.published": (
        "Règles publiées",
        "label digest? valid_from? accepted? simulation? struck? reinstated? impact? reason? supersedes?",
    ),
    "rulebook.struck": ("Règle supprimée", "label struck reason"),
    "rulebook.withdrawn": ("Règles retirées avant leur entrée en vigueur", "reason valid_from"),
    "rulebook.written": ("Règles écrites", "label origin"),
}
SIMULATION: Declarations = {
    "simulation.asked": ("Simulation demandée", "rulebook revision applies_on"),
    "simulation.cancelled": ("Simulation abandonnée", "rulebook revision"),
    "simulation.failed": ("Simulation échouée", "rulebook revision"),
    "simulation.finished": ("Simulation terminée", "rulebook revision"),
    "simulation.outdated": ("Simulation dépassée", "rulebook revision"),
}
SURVEY: Declarations = {
    "survey.asked": ("Recherche de bénéficiaires demandée", "rulebook"),
    "survey.cancelled": ("Recherche abandonnée", "rulebook"),
    "survey.failed": ("Recherche échouée", "rulebook"),
    "survey.finished": ("Recherche terminée", "rulebook"),
    "survey.outdated": ("Recherche dépassée", "rulebook"),
}
ESTIMATE: Declarations = {
    "estimate.asked": ("Chiffrage d'un projet de liste demandé", "dsr version digest"),
    "estimate.cancelled": ("Chiffrage abandonné", "dsr version digest"),
    "estimate.failed": ("Chiffrage échoué", "dsr version digest"),
    "estimate.finished": ("Chiffrage terminé", "dsr version digest"),
    "estimate.outdated": ("Chiffrage dépassé", "dsr version digest"),
}
CAMPAIGN: Declarations = {
    "campaign.edited": ("Lettre aux éditeurs modifiée", "subject"),
    "campaign.sent": ("Lettre aux éditeurs envoyée", "editors"),
    "campaign.written": ("Lettre aux éditeurs écrite", "survey subject"),
}
TAKEOVER: Declarations = {
    "takeover.begun": (
        "Reprise de référencements antérieurs demandée",
        "filename sha256 rows referencings left_aside problems",
    ),
    "takeover.finished": ("Référencements antérieurs repris", "waiting taken left taken_back"),
    "takeover.taken_back": ("Reprise retirée", "waiting taken left taken_back"),
    "takeover.taking_back": ("Retrait d'une reprise demandé", "reason"),
}
WORKBENCH: Declarations = {
    "workbench.decided": ("Propositions décidées", "decided selected_by?"),
    "workbench.proposed": (
        "Correspondances proposées",
        "origins proposed updated unchanged decided in_draft",
    ),
}
ACCOUNT: Declarations = {
    "absence.declared": ("Absence déclarée", "starts_on ends_on released"),
    "absence.ended": ("Absence retirée", "starts_on ends_on"),
    "account.copied": ("Données personnelles remises", ""),
    "account.created": ("Compte créé", "role organisation function?"),
    "account.delegated": ("Gestion des personnes déléguée", "starts_on ends_on"),
    "account.delegation_ended": ("Délégation terminée avant son jour", ""),
    "account.disabled": ("Compte fermé", ""),
    "account.email_removed": ("Adresse électronique retirée", ""),
    "account.email_set": ("Adresse électronique changée", ""),
    "account.erased": ("Personne effacée", "number reason"),
    "account.function_changed": ("Fonction changée", "from to reason"),
    "account.identity_linked": ("Identité d'un service d'identification rattachée", "issuer"),
    "account.key_added": ("Clé ajoutée", "key"),
    "account.key_renamed": ("Clé renommée", "key"),
    "account.key_renewed": ("Clé renouvelée", ""),
    "account.key_revoked": ("Clé révoquée", "key"),
    "conflict.declared": ("Conflit d'intérêts déclaré", "organisation reason released declined"),
    "conflict.ended": ("Conflit d'intérêts retiré", "organisation"),
    "conflict.reading": ("Lecture malgré un conflit d'intérêts", "organisation reason"),
    "opinion.reminded": ("Rappel : un avis est attendu", "opinion task due_on overdue"),
    "session.ended": ("Session de navigateur fermée", "sessions?"),
    "session.opened": ("Session de navigateur ouverte", ""),
    "slot.withdrawn": ("Créneau retiré", "slot"),
    "slots.offered": ("Créneaux proposés", "availability slots first_day last_day"),
    "slots.withdrawn": ("Créneaux retirés", "availability slots"),
    "verifier.released": ("Tâches rendues pendant une absence", "released"),
    "verifier.set_up": ("Périmètre de vérification fixé", "chapters guichets most_in_hand"),
}
NEWCOMER: Declarations = {"newcomer.refused": ("Demande d'accès refusée", "reason")}
INVITATION: Declarations = {
    "invitation.accepted": ("Invitation acceptée", "account"),
    "invitation.made": ("Invitation envoyée", _INVITED),
    "invitation.resent": ("Invitation renvoyée", _INVITED),
    "invitation.revoked": ("Invitation révoquée", _INVITED),
}
ORGANISATION: Declarations = {
    "organisation.created": ("Organisation créée", "name"),
    "organisation.siren_set": ("SIREN noté", "siren"),
}
WEBHOOK: Declarations = {
    "webhook.changed": ("Webhook changé", "fields"),
    "webhook.made": ("Webhook créé", ""),
    "webhook.removed": ("Webhook supprimé", ""),
    "webhook.rotated": ("Secret d'un webhook renouvelé", "generation"),
    "webhook.switched_off": ("Webhook arrêté", "cause"),
    "webhook.switched_on": ("Webhook remis en service", ""),
}
PLATFORMS: Declarations = {
    "platform.changed": ("Plateforme changée", "platform fields"),
    "platform.named": ("Plateforme nommée", "platform"),
    "platform.probe_added": ("Sonde ajoutée", "platform probe kind"),
    "platform.probe_removed": ("Sonde retirée", "platform probe"),
    "platform.retired": ("Plateforme retirée", "platform reason"),
}
_INCIDENT = "incident impact begun_at ended_at"
_MAINTENANCE = "maintenance starts_at ends_at"
#: What everybody is told, and who asks by webhooks.
PLATFORM: Declarations = {
    "incident.closed": ("Incident d'une plateforme clos", _INCIDENT),
    "incident.corrected": ("Incident d'une plateforme corrigé", f"{_INCIDENT} reason"),
    "incident.opened": ("Incident d'une plateforme ouvert", _INCIDENT),
    "incident.retracted": ("Incident d'une plateforme retiré", f"{_INCIDENT} reason"),
    "incident.told": ("Nouvelles de l'incident d'une plateforme", _INCIDENT),
    "maintenance.cancelled": ("Maintenance d'une plateforme annulée", f"{_MAINTENANCE} reason"),
    "maintenance.planned": ("Maintenance d'une plateforme prévue", _MAINTENANCE),
}
QUEUES: Declarations = {
    "boost.ended": ("Priorité terminée", _BOOST),
    "boost.made": ("Priorité donnée", _BOOST),
    "budget.set": ("Délai d'une file fixé", "queue guichet days"),
    "second_reading_rate.removed": ("Taux de seconde lecture retiré", _RATE),
    "second_reading_rate.set": ("Taux de seconde lecture fixé", _RATE),
}
SAFEGUARDS: Declarations = {
    "safeguard.accepted": ("Précaution acceptée pour une règle", "safeguard rule rulebook rates"),
    "safeguard.proposed": ("Précaution proposée pour une règle", "safeguard rule rulebook share false"),
    "safeguard.refused": ("Précaution refusée pour une règle", "safeguard rule rulebook reason"),
    "safety_threshold.set": ("Seuil de sûreté des règles fixé", "share rate reason"),
}
TEMPLATES: Declarations = {
    "template.corrected": ("Modèle de commentaire corrigé", _TEMPLATE),
    "template.removed": ("Modèle de commentaire retiré", _TEMPLATE),
    "template.written": ("Modèle de commentaire écrit", _TEMPLATE),
}
CONTENT: Declarations = {
    "content.accepted": ("Fichier accepté sans analyse antivirale", "file sha256 reason"),
    "content.checked": ("Fichier conservé relu", "sha256 fault"),
    "content.scanned": ("Fichier analysé par l'antivirus", "sha256 scan detail"),
}
STAFFING: Declarations = {"sessions.staffed": ("Effectif des séances fixé", "couloir verifiers")}
RECORD: Declarations = {
    "record.key_changed": ("Clé de signature du journal changée", "key before"),
    "record.sealed": ("Contenu scellé pour être vérifié hors ligne", "kind subject sha256"),
    "register_day.signed": ("Liste publique d'un jour signée", "day size sha256"),
}
JOB: Declarations = {"job.replayed": ("Travail relancé", "task")}
DEMONSTRATION: Declarations = {"demonstration.loaded": ("Démonstration chargée", "")}
