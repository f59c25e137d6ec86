"""Who may do what: one table, read by every operation, whatever asked for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from .errors import Forbidden


class Role(StrEnum):
    EDITOR = "editor"
    INTEGRATION = "integration"
    VERIFIER = "verifier"
    EXPERT = "expert"
    LEAD = "lead"
    AUDITOR = "auditor"
    CATALOGUE = "catalogue"


class Function(StrEnum):
    """What an editor's person does in their organisation."""

    MANDATAIRE = "mandataire"  # answers for the organisation, and manages its people
    REPRESENTANT = "representant"  # files, submits, withdraws
    SALARIE = "salarie"  # prepares: drafts, supplies, writes


#: What a person reads for each role, and for each function.
ROLES: Mapping[str, str] = {
    Role.EDITOR: "éditeur",
    Role.INTEGRATION: "intégration",
    Role.VERIFIER: "vérification",
    Role.EXPERT: "expertise",
    Role.LEAD: "pilotage",
    Role.AUDITOR: "audit",
    Role.CATALOGUE: "catalogue",
}
FUNCTIONS: Mapping[str, str] = {
    Function.MANDATAIRE: "mandataire",
    Function.REPRESENTANT: "représentant",
    Function.SALARIE: "salarié",
}

#: Roles that belong to an organisation. An editor sees nothing but what is its own. An integration sees nothing
#: by its organisation: the candidatures that an editor allowed it on, their items, and the proofs that it
#: supplied to them itself, with what was found on these. Not the files of others, what is reused and why, the
#: timeline, nor the other solutions of the software.
OF_AN_ORGANISATION = frozenset({Role.EDITOR, Role.INTEGRATION})
EVERYONE = frozenset(Role)
INSTRUCTION = frozenset({Role.VERIFIER, Role.EXPERT, Role.LEAD, Role.AUDITOR})


class Right(StrEnum):
    MANAGE_PEOPLE = "manage_people"  # a lead everybody, a mandataire those of the organisation
    DELEGATE = "delegate"  # to somebody of the organisation, for a time, what may be delegated
    ERASE_PEOPLE = "erase_people"  # and give them, on their request, what is held about them
    READ_CATALOGUE = "read_catalogue"
    EDIT_CATALOGUE = "edit_catalogue"
    TAKE_OVER = "take_over"  # what was referenced before this service
    READ_RULEBOOKS = "read_rulebooks"
    EDIT_RULEBOOKS = "edit_rulebooks"
    READ_RULE_RECORDS = "read_rule_records"  # what became of the reuses of all organisations
    READ_SOLUTIONS = "read_solutions"
    REGISTER_SOLUTIONS = "register_solutions"
    JUDGE_NILS = "judge_nils"  # whose a NIL is
    DECLARE_IDENTITIES = "declare_identities"  # of softwares
    JUDGE_IDENTITIES = "judge_identities"
    ASK_ALIKE_VERSIONS = "ask_alike_versions"  # that two versions of a component be declared alike in a role
    JUDGE_ALIKE_VERSIONS = "judge_alike_versions"
    JUDGE_EMBEDDINGS = "judge_embeddings"  # of components, in softwares of any organisation
    ENTER_CERTIFICATES = (
        "enter_certificates"  # the counter of an issuer and the agency answer for what they enter
    )
    CONFIRM_CERTIFICATES = "confirm_certificates"  # that an editor's side entered
    READ_CERTIFICATES = "read_certificates"
    EMBED_CERTIFICATES = "embed_certificates"  # of components, in softwares of any organisation
    DECLARE_COMPONENTS = "declare_components"  # in the trust space of Pro Santé Connect
    READ_ISSUERS = "read_issuers"  # of certificates, and their lists
    EDIT_ISSUERS = "edit_issuers"
    READ_CANDIDATURES = "read_candidatures"
    FOLLOW_CANDIDATURES = "follow_candidatures"
    KEEP_VIEWS = "keep_views"  # of lists, for oneself; a lead's for the agency
    PREPARE_CANDIDATURES = "prepare_candidatures"  # drafts and what goes with them
    FILE_CANDIDATURES = "file_candidatures"  # submit, take back, withdraw
    ALLOW_INTEGRATIONS = "allow_integrations"
    MANAGE_PLATFORMS = "manage_platforms"  # that proofs need: name them, watch them, say what happens to them
    PUSH_HEARTBEATS = "push_heartbeats"  # of a platform for which the agency named one
    MANAGE_WEBHOOKS = "manage_webhooks"  # of one's organisation, or of the agency
    SUPPLY_PROOFS = "supply_proofs"
    DISCUSS = "discuss"  # read and write messages: people do, machines do not
    JUDGE_ADMISSIBILITY = "judge_admissibility"
    DECIDE = "decide"
    READ_QUEUES = "read_queues"
    REVIEW = "review"
    DECLARE_ABSENCES = "declare_absences"
    DECLARE_CONFLICTS = "declare_conflicts"  # of interest
    READ_IN_CONFLICT = "read_in_conflict"  # of interest, with a reason
    GIVE_OPINIONS = "give_opinions"
    FOLLOW_OPINIONS = "follow_opinions"
    AWAIT_THIRD_PARTIES = "await_third_parties"
    STEER_QUEUES = "steer_queues"
    REACH_EDITORS = "reach_editors"  # find who would profit from rules, and write to them
    REVOKE = "revoke"  # what was verified or certified
    READ_FLAGS = "read_flags"
    FORESEE_EXPIRIES = "foresee_expiries"  # of a certificate: an editor of its own
    HANDLE_SIGNALS = "handle_signals"  # anybody may send one
    READ_AUDITS = "read_audits"
    AUDIT = "audit"
    ANSWER_AUDITS = "answer_audits"  # propose what is done about a finding, answer what is announced
    FOLLOW_READS = "follow_reads"  # of files: who read them, an organisation of its own
    READ_AUDIT_FILES = "read_audit_files"  # all of an audit, as no editor does
    SANCTION = "sanction"  # suspend, reinstate, delist
    REPLAY_JOBS = "replay_jobs"
    RECEIVE_MAIL = "receive_mail"  # people do, machines do not
    OFFER_SLOTS = "offer_slots"  # for live sessions
    SEE_SLOTS = "see_slots"
    STAFF_SESSIONS = "staff_sessions"
    BOOK_SESSIONS = "book_sessions"
    FOLLOW_SESSIONS = "follow_sessions"
    TAKE_PART = "take_part"  # in a session: be there, edit its agenda, add a capture, call it off
    CONDUCT_SESSIONS = "conduct_sessions"
    SIGN_MINUTES = "sign_minutes"  # of a session


MAY: dict[Right, frozenset[Role]] = {
    Right.MANAGE_PEOPLE: frozenset({Role.LEAD, Role.EDITOR}),
    Right.DELEGATE: frozenset({Role.EDITOR}),
    Right.ERASE_PEOPLE: frozenset({Role.LEAD}),
    Right.READ_CATALOGUE: EVERYONE,
    Right.EDIT_CATALOGUE: frozenset({Role.CATALOGUE}),
    Right.TAKE_OVER: frozenset({Role.CATALOGUE, Role.LEAD}),
    Right.READ_RULEBOOKS: EVERYONE,
    Right.EDIT_RULEBOOKS: frozenset({Role.LEAD}),
    Right.READ_RULE_RECORDS: frozenset({Role.VERIFIER, Role.LEAD, Role.AUDITOR}),
    Right.READ_SOLUTIONS: INSTRUCTION | {Role.EDITOR},
    Right.REGISTER_SOLUTIONS: frozenset({Role.EDITOR}),
    Right.JUDGE_NILS: frozenset({Role.LEAD}),
    Right.DECLARE_IDENTITIES: frozenset({Role.EDITOR}),
    Right.JUDGE_IDENTITIES: frozenset({Role.LEAD}),
    Right.ASK_ALIKE_VERSIONS: frozenset({Role.EDITOR, Role.LEAD}),
    Right.JUDGE_ALIKE_VERSIONS: frozenset({Role.LEAD}),
    Right.JUDGE_EMBEDDINGS: frozenset({Role.LEAD}),
    Right.ENTER_CERTIFICATES: frozenset({Role.INTEGRATION, Role.LEAD}),
    Right.CONFIRM_CERTIFICATES: frozenset({Role.LEAD}),
    Right.EMBED_CERTIFICATES: frozenset({Role.LEAD}),
    Right.READ_CERTIFICATES: OF_AN_ORGANISATION | INSTRUCTION,
    Right.DECLARE_COMPONENTS: OF_AN_ORGANISATION | {Role.LEAD},
    Right.READ_ISSUERS: INSTRUCTION,
    Right.EDIT_ISSUERS: frozenset({Role.LEAD}),
    Right.READ_CANDIDATURES: OF_AN_ORGANISATION | INSTRUCTION,
    Right.FOLLOW_CANDIDATURES: INSTRUCTION | {Role.EDITOR},
    Right.KEEP_VIEWS: INSTRUCTION | {Role.EDITOR},
    Right.PREPARE_CANDIDATURES: frozenset({Role.EDITOR}),
    Right.FILE_CANDIDATURES: frozenset({Role.EDITOR}),
    Right.ALLOW_INTEGRATIONS: frozenset({Role.EDITOR}),
    Right.MANAGE_PLATFORMS: frozenset({Role.CATALOGUE, Role.LEAD}),
    Right.PUSH_HEARTBEATS: frozenset({Role.INTEGRATION}),
    Right.MANAGE_WEBHOOKS: frozenset({Role.EDITOR, Role.LEAD}),
    Right.SUPPLY_PROOFS: OF_AN_ORGANISATION,
    Right.DISCUSS: INSTRUCTION | {Role.EDITOR},
    Right.JUDGE_ADMISSIBILITY: frozenset({Role.LEAD}),
    Right.DECIDE: frozenset({Role.LEAD}),
    Right.READ_QUEUES: frozenset({Role.VERIFIER, Role.LEAD}),
    Right.REVIEW: frozenset({Role.VERIFIER}),
    Right.DECLARE_ABSENCES: frozenset({Role.VERIFIER, Role.LEAD}),
    Right.DECLARE_CONFLICTS: INSTRUCTION,
    Right.READ_IN_CONFLICT: frozenset({Role.LEAD, Role.AUDITOR}),
    Right.GIVE_OPINIONS: frozenset({Role.EXPERT}),
    Right.FOLLOW_OPINIONS: frozenset({Role.EXPERT, Role.LEAD}),
    Right.AWAIT_THIRD_PARTIES: frozenset({Role.VERIFIER, Role.LEAD}),
    Right.STEER_QUEUES: frozenset({Role.LEAD}),
    Right.REACH_EDITORS: frozenset({Role.LEAD}),
    Right.REVOKE: frozenset({Role.AUDITOR}),
    Right.READ_FLAGS: frozenset({Role.AUDITOR, Role.LEAD}),
    Right.FORESEE_EXPIRIES: frozenset({Role.AUDITOR, Role.EDITOR, Role.LEAD}),
    Right.HANDLE_SIGNALS: frozenset({Role.AUDITOR}),
    Right.READ_AUDITS: frozenset({Role.AUDITOR, Role.LEAD, Role.EDITOR}),
    Right.AUDIT: frozenset({Role.AUDITOR}),
    Right.ANSWER_AUDITS: frozenset({Role.EDITOR}),
    Right.FOLLOW_READS: frozenset({Role.AUDITOR, Role.EDITOR}),
    Right.READ_AUDIT_FILES: frozenset({Role.AUDITOR, Role.LEAD}),
    Right.SANCTION: frozenset({Role.LEAD}),
    Right.REPLAY_JOBS: frozenset({Role.LEAD}),
    Right.RECEIVE_MAIL: EVERYONE - {Role.INTEGRATION},
    Right.OFFER_SLOTS: frozenset({Role.VERIFIER, Role.LEAD}),
    Right.SEE_SLOTS: frozenset({Role.EDITOR, Role.VERIFIER, Role.LEAD}),
    Right.STAFF_SESSIONS: frozenset({Role.LEAD}),
    Right.BOOK_SESSIONS: frozenset({Role.EDITOR}),
    Right.FOLLOW_SESSIONS: frozenset({Role.EDITOR, Role.VERIFIER, Role.LEAD, Role.AUDITOR}),
    Right.TAKE_PART: frozenset({Role.EDITOR, Role.VERIFIER, Role.LEAD}),
    Right.CONDUCT_SESSIONS: frozenset({Role.VERIFIER}),
    Right.SIGN_MINUTES: frozenset({Role.EDITOR, Role.VERIFIER, Role.LEAD}),
}


_ANSWERS = frozenset({Function.MANDATAIRE, Function.REPRESENTANT})
_EVERY_FUNCTION = frozenset(Function)
#: The rights that an editor's person has by their function only; every function has the others.
BY_FUNCTION: dict[Right, frozenset[Function]] = {
    Right.MANAGE_PEOPLE: frozenset({Function.MANDATAIRE}),
    Right.DELEGATE: frozenset({Function.MANDATAIRE}),
    Right.MANAGE_WEBHOOKS: frozenset({Function.MANDATAIRE}),
    Right.FILE_CANDIDATURES: _ANSWERS,
    Right.ALLOW_INTEGRATIONS: _ANSWERS,
    Right.ANSWER_AUDITS: _ANSWERS,
    Right.SIGN_MINUTES: _ANSWERS,
}


#: The rights that a mandataire delegates for a time to somebody of another function.
DELEGABLE = frozenset({Right.MANAGE_PEOPLE})


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: an account, as the key that came with the request says.

    `delegated` says whether a mandataire has delegated to this account, for a time that lasts. `scope` is what the key
    is for, where it is for less than its account may do; `key_id` is that key, or the one that a browser came in with.
    `ends_at` is when an access token stops speaking for it.
    """

    account_id: UUID
    name: str
    role: Role
    organisation_id: UUID | None = None
    function: Function | None = None
    delegated: bool = False
    scope: frozenset[Right] | None = None
    key_id: UUID | None = field(default=None, compare=False)
    ends_at: datetime | None = field(default=None, compare=False)

    @property
    def own_organisation(self) -> UUID | None:
        """The only organisation whose things this actor may see, or None for all of them."""
        return self.organisation_id if self.role in OF_AN_ORGANISATION else None

    @property
    def of_agency(self) -> bool:
        return self.role not in OF_AN_ORGANISATION

    @property
    def by_permission(self) -> bool:
        """Whether this actor sees only what an editor allowed it on, whatever its organisation."""
        return self.role is Role.INTEGRATION


@dataclass(frozen=True, slots=True)
class Entrance:
    """By what somebody came in who watches since a moment: a key, a browser's session, or what ends by itself."""

    account: UUID
    since: datetime
    key: UUID | None = None
    browser: UUID | None = None
    ends_at: datetime | None = None


def may(actor: Actor, right: Right) -> bool:
    return actor.role in MAY[right] and _by_function(actor, right) and _in_scope(actor, right)


def _by_function(actor: Actor, right: Right) -> bool:
    by_delegation = actor.delegated and right in DELEGABLE
    return (
        actor.function is None or actor.function in BY_FUNCTION.get(right, _EVERY_FUNCTION) or by_delegation
    )


def _in_scope(actor: Actor, right: Right) -> bool:
    return actor.scope is None or right in actor.scope


def authorise(actor: Actor, right: Right) -> None:
    """Raises Forbidden unless the tables, and the key that came, say that the actor has the right."""
    if actor.role not in MAY[right]:
        roles = ", ".join(sorted(ROLES[role] for role in MAY[right]))
        raise Forbidden(
            f"Votre rôle ({ROLES[actor.role]}) ne permet pas cette action ; elle revient à : {roles}. "
            "Demandez-la à une personne qui a ce rôle."
        )
    if actor.function is not None and not _by_function(actor, right):
        functions = ", ".join(sorted(FUNCTIONS[function] for function in BY_FUNCTION[right]))
        raise Forbidden(
            f"Votre fonction ({FUNCTIONS[actor.function]}) ne permet pas cette action ; elle revient à : {functions}. "
            "Demandez-la à une personne de votre organisation qui a cette fonction."
        )
    if not _in_scope(actor, right):
        raise Forbidden(
            "La clé que vous utilisez n'ouvre pas cette action : prenez une clé de votre compte dont la portée "
            f"comprend « {right.value} »."
        )
