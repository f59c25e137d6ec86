"""Every kind of personal data: where it is, for how long and why, and what an erasure does with it.

From this table the copy that a person is given is read, an erasure works, and docs/personal-data.md is compared. The
French words are read in the copy and before an erasure.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from referencing.accounts.keys.models import AccountKey
from referencing.accounts.models import Account, EmailAddress
from referencing.accounts.openid.models import ExternalIdentity, IdentityLink
from referencing.accounts.sessions.models import BrowserSession
from referencing.candidatures.record.models import Verdict
from referencing.candidatures.tasks.models import Opinion
from referencing.duo.minutes.models import Minutes, Signature
from referencing.duo.sessions.models import Capture, Event, Line, Presence
from referencing.files.reads.models import FileRead
from referencing.invitations.models import Invitation
from referencing.journal.models import Entry
from referencing.mail.models import Letter
from referencing.messages.models import Message
from referencing.platforms.models import PlatformFollower
from referencing.presence.models import Looker
from referencing.reviews.queues.models import Absence, ConflictOfInterest, Reading
from referencing.saved_views.models import SavedView
from referencing.signals.models import SignalAuthor, SignalCount, SignalSalt
from referencing.uploads.models import Upload
from referencing.web.models import RepeatableRequest

from .fates import Column, Fate, Kind, Whose


def _by(column: Any) -> Whose:
    def whose(account_id: UUID) -> sa.ColumnElement[bool]:
        condition: sa.ColumnElement[bool] = column == account_id
        return condition

    return whose


def _linked(account_id: UUID) -> sa.ColumnElement[bool]:
    linked = sa.select(IdentityLink.identity_id).where(IdentityLink.account_id == account_id)
    return ExternalIdentity.id.in_(linked)


#: Who has several accounts goes on coming to the others.
_LINKED_ELSEWHERE = (
    sa.select(sa.func.count() > 1)
    .where(IdentityLink.identity_id == ExternalIdentity.id)
    .correlate(ExternalIdentity)
    .scalar_subquery()
)


def _own_stream(account_id: UUID) -> sa.ColumnElement[bool]:
    return Entry.stream == f"account:{account_id}"


WITH_DOSSIER = "autant que le dossier"
_PROVES = "le dossier prouve ce qui y a été demandé, répondu et décidé"


def _of_dossier(
    label: str, shown: Mapping[Column, str], of: Whose | None, hidden: tuple[Column, ...] = ()
) -> Kind:
    """What is a part of a dossier, and stays as long as it."""
    return Kind(label, shown, of, WITH_DOSSIER, _PROVES, Fate.KEPT, hidden)


#: What is an account's. What it did stays under its name, also once it is closed, until it is erased.
OF_ACCOUNTS: tuple[Kind, ...] = (
    Kind(
        "Compte",
        {
            Account.name: "Nom",
            Account.role: "Rôle",
            Account.function: "Fonction",
            Account.created_at: "Ouvert le",
            Account.disabled_at: "Fermé le",
            Account.delegated_from: "Gère les personnes du",
            Account.delegated_until: "Gère les personnes jusqu'au",
        },
        _by(Account.id),
        "jusqu'à l'effacement de la personne ; fermer le compte ne l'efface pas",
        "ce qu'une personne a fait reste à son nom",
        Fate.REPLACED,
        spared=Account.erased_at.is_not(None),
    ),
    Kind(
        "Adresse électronique",
        {EmailAddress.address: "Adresse", EmailAddress.set_at: "Donnée le"},
        _by(EmailAddress.account_id),
        "tant que la personne la laisse, au plus tard jusqu'à la fermeture du compte",
        "écrire à la personne",
        Fate.DELETED,
    ),
    Kind(
        "Clés",
        {
            AccountKey.name: "Nom de la clé",
            AccountKey.created_at: "Créée le",
            AccountKey.expires_at: "Expire le",
            AccountKey.revoked_at: "Révoquée le",
            AccountKey.last_used_at: "Dernier usage",
            AccountKey.last_used_from: "Depuis l'adresse",
        },
        _by(AccountKey.account_id),
        "autant que le compte ; l'adresse du dernier usage pendant {places} jours",
        "reconnaître sa clé, et l'usage qu'un autre en ferait",
        Fate.REPLACED,
        blanked={AccountKey.name: "clé", AccountKey.last_used_at: None, AccountKey.last_used_from: None},
    ),
    Kind(
        "Sessions de navigateur",
        {
            BrowserSession.agent: "Navigateur",
            BrowserSession.opened_at: "Ouverte le",
            BrowserSession.authenticated_at: "Identité prouvée le",
            BrowserSession.seen_at: "Dernier usage",
            BrowserSession.issuer: "Service d'identification",
            BrowserSession.subject: "Identifiant dans ce service",
        },
        _by(BrowserSession.account_id),
        "douze heures au plus, supprimées dans l'heure qui suit leur fin",
        "reconnaître ses sessions et les fermer",
        Fate.DELETED,
        hidden=(BrowserSession.id_token,),
    ),
    Kind(
        "Identités de services d'identification",
        {
            ExternalIdentity.issuer: "Service",
            ExternalIdentity.subject: "Identifiant",
            ExternalIdentity.name: "Nom",
            ExternalIdentity.email: "Adresse électronique",
            ExternalIdentity.siren: "SIREN",
            ExternalIdentity.first_seen_at: "Première venue",
            ExternalIdentity.seen_at: "Dernière venue",
            ExternalIdentity.refusal: "Motif du refus",
        },
        _linked,
        "autant que le compte ; sans compte, quatre-vingt-dix jours après la dernière venue",
        "reconnaître qui se connecte",
        Fate.DELETED,
        spared=_LINKED_ELSEWHERE,
    ),
    Kind(
        "Invitations",
        {Invitation.address: "Adresse", Invitation.asked_at: "Envoyée le"},
        _by(Invitation.account_id),
        "{invitations} jours après la fin de l'invitation",
        "savoir à qui un accès a été proposé",
        Fate.DELETED,
    ),
    Kind(
        "Lettres envoyées à la personne",
        {
            Letter.subject: "Objet",
            Letter.text: "Texte",
            Letter.created_at: "Écrite le",
            Letter.settled_at: "Réglée le",
            Letter.outcome: "Suite",
        },
        _by(Letter.account_id),
        "{letters} jours après leur envoi",
        "ne pas écrire deux fois la même chose",
        Fate.DELETED,
        hidden=(Letter.subject_key, Letter.calendar),
    ),
    Kind(
        "Réponses gardées pour une requête répétée",
        {RepeatableRequest.created_at: "Demandée le"},
        _by(RepeatableRequest.account_id),
        "72 heures",
        "répondre de même à une requête envoyée deux fois",
        Fate.DELETED,
        hidden=(RepeatableRequest.key, RepeatableRequest.headers, RepeatableRequest.body),
    ),
    Kind(
        "Fichiers lus",
        {FileRead.read_at: "Lu le", FileRead.kind: "Nature", FileRead.place: "Depuis l'adresse"},
        _by(FileRead.account_id),
        "{reads} jours",
        "dire à une organisation qui a lu ses fichiers",
        Fate.REPLACED,
        hidden=(FileRead.filename,),
        blanked={FileRead.place: None},
    ),
    Kind(
        "Absences",
        {Absence.starts_on: "Du", Absence.ends_on: "Au"},
        _by(Absence.verifier_id),
        "autant que le compte",
        "ne pas confier de travail à qui est absent",
        Fate.DELETED,
    ),
    Kind(
        "Vues de listes",
        {SavedView.name: "Nom de la vue", SavedView.filters: "Filtres"},
        _by(SavedView.account_id),
        "autant que le compte, ou jusqu'à ce que la personne la supprime ; partagée, tant que l'agence s'en sert",
        "retrouver une liste comme on la lit",
        Fate.DELETED,
        spared=SavedView.shared,
    ),
    Kind(
        "Pages sous les yeux",
        {Looker.place: "Dossier, preuve ou tâche", Looker.until: "Jusqu'à"},
        _by(Looker.account_id),
        "une minute et demie aux yeux des autres ; supprimé à une autre page lue une heure plus tard",
        "savoir qui d'autre travaille sur la même chose",
        Fate.DELETED,
    ),
    _of_dossier(
        "Envois de fichiers",
        {Upload.filename: "Fichier", Upload.created_at: "Commencé le"},
        _by(Upload.account_id),
        hidden=(Upload.metadata_,),
    ),
    _of_dossier(
        "Messages écrits",
        {Message.text: "Texte", Message.sent_at: "Envoyé le"},
        _by(Message.account_id),
    ),
    _of_dossier(
        "Verdicts rendus",
        {Verdict.comment: "Commentaire", Verdict.given_at: "Rendu le"},
        _by(Verdict.verifier_id),
        hidden=(Verdict.claim, Verdict.undone_reason),
    ),
    _of_dossier(
        "Lectures faites",
        {Reading.comment: "Commentaire", Reading.given_at: "Faite le"},
        _by(Reading.verifier_id),
        hidden=(Reading.undone_reason,),
    ),
    _of_dossier(
        "Avis d'expert",
        {Opinion.reply: "Réponse", Opinion.asked_at: "Demandé le"},
        _by(Opinion.expert_id),
        hidden=(Opinion.question,),
    ),
    Kind(
        "Plateformes suivies",
        {PlatformFollower.asked_at: "Demandé le"},
        _by(PlatformFollower.account_id),
        "tant que la personne le demande",
        "lui écrire ce qui arrive à ces plateformes",
        Fate.DELETED,
    ),
    Kind(
        "Présences en séance",
        {Presence.arrived_at: "Entrée", Presence.left_at: "Sortie"},
        _by(Presence.account_id),
        WITH_DOSSIER,
        "le procès-verbal dit qui était là",
        Fate.KEPT,
    ),
    Kind(
        "Signatures de procès-verbaux",
        {
            Signature.decision: "Décision",
            Signature.reserves: "Réserves",
            Signature.signed_at: "Signé le",
        },
        _by(Signature.account_id),
        WITH_DOSSIER,
        "le procès-verbal engage ses signataires",
        Fate.KEPT,
    ),
    Kind(
        "Conflits d'intérêts",
        {ConflictOfInterest.reason: "Motif", ConflictOfInterest.reading_reason: "Motif de lecture"},
        _by(ConflictOfInterest.verifier_id),
        "tant que le conflit est déclaré",
        "prouver l'impartialité des décisions",
        Fate.KEPT,
    ),
    Kind(
        "Journal du compte",
        {Entry.at: "Le", Entry.action: "Événement", Entry.detail: "Détail"},
        _own_stream,
        "sans limite : rien ne s'en retire",
        "un registre scellé prouve ce qui a été fait ; une personne n'y figure que par l'identifiant de son compte",
        Fate.KEPT,
    ),
)

#: What tells of people who have no account, or of several at once.
OF_OTHERS: tuple[Kind, ...] = (
    Kind(
        "Auteurs de signalements",
        {
            SignalAuthor.name: "Nom",
            SignalAuthor.organisation: "Organisation",
            SignalAuthor.email: "Adresse électronique",
            SignalAuthor.telephone: "Téléphone",
        },
        None,
        "{signal_authors} jours après l'appréciation du signalement, ou jusqu'à ce qu'un auditeur les efface",
        "demander des précisions",
        Fate.DELETED,
    ),
    Kind(
        "Nombre de signalements par source",
        {SignalCount.source: "Empreinte de l'adresse"},
        None,
        "un jour, avec le sel sans lequel l'adresse ne se retrouve pas",
        "freiner les abus",
        Fate.DELETED,
    ),
    Kind(
        "Sel des adresses d'un jour",
        {SignalSalt.salt: "Sel"},
        None,
        "un jour",
        "freiner les abus",
        Fate.DELETED,
    ),
    Kind(
        "Procès-verbaux de séance",
        {Minutes.document: "Document"},
        None,
        WITH_DOSSIER,
        "un document signé ne change plus : il nomme les présents et les signataires",
        Fate.KEPT,
    ),
    Kind(
        "Déroulement des séances",
        {Event.detail: "Détail"},
        None,
        WITH_DOSSIER,
        "rien ne s'en retire ; les personnes y figurent par l'identifiant de leur compte",
        Fate.KEPT,
    ),
    Kind(
        "Notes et enregistrements de séance",
        {Line.note: "Notes", Line.recording: "Adresse de l'enregistrement", Line.steps: "Étapes"},
        None,
        "autant que le dossier ; l'enregistrement lui-même, selon le service de visioconférence",
        _PROVES,
        Fate.KEPT,
    ),
    _of_dossier("Captures de séance", {Capture.filename: "Fichier"}, None),
)

#: Texts and file names of decisions and of what they lean on, by table: whoever wrote them may have named somebody.
#: They are the record of what was decided, and stay as it does; no copy holds them, for they are of the dossier.
WRITTEN: Mapping[str, str] = {
    "action_plan": "description report comment",
    "alike_attestation": "filename accepted_reason identifier_places remarks",
    "alike_request": "reference reason refusal",
    "attestation_file": "filename accepted_reason identifier_places remarks",
    "audit": "reason conclusions",
    "boost": "reason",
    "bundle": "content",
    "campaign": "subject text",
    "campaign_letter": "text",
    "certificate_file": "filename accepted_reason identifier_places remarks",
    "comment_template": "title text",
    "correspondence_proposal": "reason decision",
    "dossier_standing": "reason",
    "duo_capture": "accepted_reason identifier_places remarks",
    "duo_check": "comment",
    "duo_room": "address reason",
    "duo_session": "reason",
    "edc_psc_declaration": "withdrawn_reason",
    "equivalence_grant": "comment",
    "erasure": "reason",
    "evidence": "comment filename accepted_reason identifier_places remarks",
    "identity_declaration": "comment refusal",
    "incident": "title",
    "incident_note": "text",
    "item": "reason",
    "item_standing": "reason",
    "maintenance": "title",
    "message_file": "filename accepted_reason identifier_places remarks",
    "nil_judgement": "reason",
    "nonconformity": "description outcome",
    "platform": "description",
    "probe": "label",
    "proof_file": "filename accepted_reason identifier_places remarks",
    "reading": "steps",
    "revocation": "reason",
    "safeguard": "reason",
    "safety_threshold": "reason",
    "sampled_item": "comment added_reason",
    "sanction": "grounds urgent_reason answer decision",
    "signal": "solution editor description assessment",
    "takeover": "filename reason",
    "takeover_problem": "detail",
    "third_party_rescheduling": "reason",
    "third_party_wait": "party reason answer",
    "verdict": "missing steps",
    "verification": "source comment",
    "webhook": "label address",
}
