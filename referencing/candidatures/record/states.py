"""The lifecycle of a candidature and of its items: every state, every action, and what follows. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from referencing.base.lifecycle import Lifecycle
from referencing.base.permissions import Right
from referencing.candidatures.clock.ledger import Holder


class State(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    INCOMPLETE = "incomplete"
    IN_REVIEW = "in_review"
    DELIBERATION = "deliberation"
    REFERENCED = "referenced"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    GIVEN_UP = "given_up"  # a draft that was deleted: nobody finds it any more
    SUSPENDED = "suspended"
    DELISTED = "delisted"


class Action(StrEnum):
    AMEND = "amend"  # what a draft says
    GIVE_UP = "give_up"
    SUBMIT = "submit"
    FIND_INCOMPLETE = "find_incomplete"
    ADMIT = "admit"
    SETTLE = "settle"  # the last item is settled
    SEND_BACK = "send_back"
    REFERENCE = "reference"
    REFUSE = "refuse"
    TAKE_BACK = "take_back"  # the editor goes on working on it, before anybody has judged it
    WITHDRAW = "withdraw"
    SUSPEND = "suspend"
    REINSTATE = "reinstate"
    DELIST = "delist"
    ANNUL = "annul"  # a referencing from before this service, taken over in error


_STEPS: dict[tuple[State, Action], State] = {
    (State.DRAFT, Action.AMEND): State.DRAFT,
    (State.DRAFT, Action.SUBMIT): State.SUBMITTED,
    (State.DRAFT, Action.GIVE_UP): State.GIVEN_UP,
    (State.INCOMPLETE, Action.SUBMIT): State.SUBMITTED,
    # What may lack something meanwhile is admitted: `incomplete` is the editor's turn, and the clock stands.
    (State.SUBMITTED, Action.FIND_INCOMPLETE): State.INCOMPLETE,
    (State.SUBMITTED, Action.ADMIT): State.IN_REVIEW,
    (State.SUBMITTED, Action.TAKE_BACK): State.DRAFT,
    (State.IN_REVIEW, Action.SETTLE): State.DELIBERATION,
    (State.DELIBERATION, Action.SEND_BACK): State.IN_REVIEW,
    (State.DELIBERATION, Action.REFERENCE): State.REFERENCED,
    (State.DELIBERATION, Action.REFUSE): State.REFUSED,
    (State.DRAFT, Action.WITHDRAW): State.WITHDRAWN,
    (State.SUBMITTED, Action.WITHDRAW): State.WITHDRAWN,
    (State.INCOMPLETE, Action.WITHDRAW): State.WITHDRAWN,
    (State.IN_REVIEW, Action.WITHDRAW): State.WITHDRAWN,
    (State.DELIBERATION, Action.WITHDRAW): State.WITHDRAWN,
    (State.REFERENCED, Action.SUSPEND): State.SUSPENDED,
    (State.SUSPENDED, Action.REINSTATE): State.REFERENCED,
    (State.SUSPENDED, Action.DELIST): State.DELISTED,
    (State.REFERENCED, Action.ANNUL): State.WITHDRAWN,
    (State.SUSPENDED, Action.ANNUL): State.WITHDRAWN,
}

#: What a decision is called, where it is asked for and in the record, by what it does.
DECISIONS = {Action.REFERENCE: "referenced", Action.REFUSE: "refused", Action.SEND_BACK: "sent_back"}

#: A dossier on which somebody still has something to do.
OPEN = frozenset({State.DRAFT, State.SUBMITTED, State.INCOMPLETE, State.IN_REVIEW, State.DELIBERATION})
#: A dossier on which nobody has anything to do any more.
ENDED = frozenset({State.REFUSED, State.WITHDRAWN, State.DELISTED})
#: A dossier that is closed and whose solution is on the public list: it may be flagged, never silently changed.
LISTED = frozenset({State.REFERENCED, State.SUSPENDED})
#: Where the editor may still supply proofs.
ACCEPTS_PROOFS = frozenset({State.DRAFT, State.INCOMPLETE, State.IN_REVIEW})


class ItemState(StrEnum):
    REQUIRED = "required"
    SUPPLIED = "supplied"
    UNDER_REVIEW = "under_review"
    CONFORM = "conform"
    NONCONFORM = "nonconform"
    COMPLEMENT = "complement"
    NOT_APPLICABLE = "not_applicable"
    COVERED = "covered"
    TO_CONFIRM = "to_confirm"
    AWAITING = "awaiting"


class ItemAction(StrEnum):
    SUPPLY = "supply"  # files, or the claim that the item does not apply
    REPLACE = "replace"  # what was supplied, before anybody has begun to read it
    TAKE_BACK = "take_back"  # the claim, before anybody has read it
    EXAMINE = "examine"
    FIND_CONFORM = "find_conform"
    FIND_NONCONFORM = "find_nonconform"
    ASK_COMPLEMENT = "ask_complement"
    ACCEPT_CLAIM = "accept_claim"
    REFUSE_CLAIM = "refuse_claim"
    CONFIRM_REUSE = "confirm_reuse"
    REFUSE_REUSE = "refuse_reuse"
    TAKE_UP = "take_up"  # shown live without a file, or left unfinished by a live session
    PUT_OFF = "put_off"  # what was supplied is to be read in a live session instead
    FORGO = "forgo"  # nothing came of it: the editor is to show or to supply it
    REOPEN = "reopen"
    UNDO = "undo"  # a verdict on what was supplied or claimed
    UNDO_REUSE = "undo_reuse"  # a verdict on a reuse


_I, _A = ItemState, ItemAction

_ITEM_STEPS: dict[tuple[ItemState, ItemAction], ItemState] = {
    (_I.REQUIRED, _A.SUPPLY): _I.SUPPLIED,
    (_I.SUPPLIED, _A.SUPPLY): _I.SUPPLIED,
    (_I.COMPLEMENT, _A.SUPPLY): _I.SUPPLIED,
    (_I.TO_CONFIRM, _A.SUPPLY): _I.SUPPLIED,
    (_I.AWAITING, _A.SUPPLY): _I.SUPPLIED,
    (_I.UNDER_REVIEW, _A.REPLACE): _I.UNDER_REVIEW,
    (_I.SUPPLIED, _A.TAKE_BACK): _I.REQUIRED,
    (_I.SUPPLIED, _A.EXAMINE): _I.UNDER_REVIEW,
    (_I.UNDER_REVIEW, _A.FIND_CONFORM): _I.CONFORM,
    (_I.UNDER_REVIEW, _A.FIND_NONCONFORM): _I.NONCONFORM,
    (_I.UNDER_REVIEW, _A.ASK_COMPLEMENT): _I.COMPLEMENT,
    (_I.UNDER_REVIEW, _A.ACCEPT_CLAIM): _I.NOT_APPLICABLE,
    (_I.UNDER_REVIEW, _A.REFUSE_CLAIM): _I.REQUIRED,
    (_I.TO_CONFIRM, _A.CONFIRM_REUSE): _I.COVERED,
    (_I.TO_CONFIRM, _A.REFUSE_REUSE): _I.REQUIRED,
    (_I.TO_CONFIRM, _A.ASK_COMPLEMENT): _I.COMPLEMENT,
    (_I.REQUIRED, _A.TAKE_UP): _I.UNDER_REVIEW,
    (_I.AWAITING, _A.TAKE_UP): _I.UNDER_REVIEW,
    (_I.COMPLEMENT, _A.TAKE_UP): _I.UNDER_REVIEW,
    (_I.UNDER_REVIEW, _A.PUT_OFF): _I.SUPPLIED,
    (_I.UNDER_REVIEW, _A.FORGO): _I.REQUIRED,
    (_I.CONFORM, _A.REOPEN): _I.UNDER_REVIEW,
    (_I.NONCONFORM, _A.REOPEN): _I.COMPLEMENT,
    (_I.NOT_APPLICABLE, _A.REOPEN): _I.REQUIRED,
    (_I.CONFORM, _A.UNDO): _I.UNDER_REVIEW,
    (_I.NONCONFORM, _A.UNDO): _I.UNDER_REVIEW,
    (_I.COMPLEMENT, _A.UNDO): _I.UNDER_REVIEW,
    (_I.NOT_APPLICABLE, _A.UNDO): _I.UNDER_REVIEW,
    (_I.REQUIRED, _A.UNDO): _I.UNDER_REVIEW,
    (_I.COVERED, _A.UNDO_REUSE): _I.TO_CONFIRM,
    (_I.REQUIRED, _A.UNDO_REUSE): _I.TO_CONFIRM,
    (_I.COMPLEMENT, _A.UNDO_REUSE): _I.TO_CONFIRM,
}

#: What equivalence decides, and may decide again as facts and rules change.
ON_EQUIVALENCE = frozenset({_I.REQUIRED, _I.COVERED, _I.TO_CONFIRM, _I.AWAITING})
#: Nothing more is expected of anybody.
SETTLED = frozenset({_I.CONFORM, _I.NONCONFORM, _I.NOT_APPLICABLE, _I.COVERED})
#: The editor has something to supply.
WITH_EDITOR = frozenset({_I.REQUIRED, _I.COMPLEMENT})


class Track(StrEnum):
    ASYNC = "async"
    DUO = "duo"


#: What a person reads for a state.
STATES = {
    State.DRAFT: "en préparation",
    State.SUBMITTED: "déposée",
    State.INCOMPLETE: "incomplète",
    State.IN_REVIEW: "en instruction",
    State.DELIBERATION: "en délibération",
    State.REFERENCED: "référencée",
    State.REFUSED: "refusée",
    State.WITHDRAWN: "retirée",
    State.GIVEN_UP: "effacée",
    State.SUSPENDED: "suspendue",
    State.DELISTED: "déréférencée",
}
#: What a person reads for the state of an item.
ITEM_STATES = {
    ItemState.REQUIRED: "à fournir",
    ItemState.SUPPLIED: "fournie",
    ItemState.UNDER_REVIEW: "en cours d'examen",
    ItemState.CONFORM: "conforme",
    ItemState.NONCONFORM: "non conforme",
    ItemState.COMPLEMENT: "à compléter",
    ItemState.NOT_APPLICABLE: "sans objet",
    ItemState.COVERED: "couverte par équivalence",
    ItemState.TO_CONFIRM: "équivalence à confirmer",
    ItemState.AWAITING: "en attente d'une autre preuve",
}
CANDIDATURE = Lifecycle(
    _STEPS,
    STATES,
    {
        Action.AMEND: "modifier",
        Action.GIVE_UP: "effacer",
        Action.SUBMIT: "déposer",
        Action.FIND_INCOMPLETE: "déclarer incomplète",
        Action.ADMIT: "admettre",
        Action.SEND_BACK: "renvoyer en instruction",
        Action.REFERENCE: "référencer",
        Action.REFUSE: "refuser",
        Action.TAKE_BACK: "reprendre",
        Action.WITHDRAW: "retirer",
        Action.SUSPEND: "suspendre",
        Action.REINSTATE: "rétablir",
        Action.DELIST: "déréférencer",
    },
    {
        Action.SUBMIT: Right.FILE_CANDIDATURES,
        Action.WITHDRAW: Right.FILE_CANDIDATURES,
        Action.AMEND: Right.PREPARE_CANDIDATURES,
        Action.GIVE_UP: Right.PREPARE_CANDIDATURES,
        Action.TAKE_BACK: Right.FILE_CANDIDATURES,
        Action.ADMIT: Right.JUDGE_ADMISSIBILITY,
        Action.FIND_INCOMPLETE: Right.JUDGE_ADMISSIBILITY,
        Action.REFERENCE: Right.DECIDE,
        Action.REFUSE: Right.DECIDE,
        Action.SEND_BACK: Right.DECIDE,
    },
)
ITEM = Lifecycle(
    _ITEM_STEPS,
    ITEM_STATES,
    {
        ItemAction.SUPPLY: "fournir",
        ItemAction.REPLACE: "remplacer",
        ItemAction.TAKE_BACK: "reprendre",
        ItemAction.FIND_CONFORM: "juger conforme",
        ItemAction.FIND_NONCONFORM: "juger non conforme",
        ItemAction.ASK_COMPLEMENT: "demander un complément",
        ItemAction.ACCEPT_CLAIM: "accepter « sans objet »",
        ItemAction.REFUSE_CLAIM: "refuser « sans objet »",
        ItemAction.CONFIRM_REUSE: "confirmer le réemploi",
        ItemAction.REFUSE_REUSE: "refuser le réemploi",
        ItemAction.REOPEN: "rouvrir",
        ItemAction.UNDO: "reprendre le verdict",
        ItemAction.UNDO_REUSE: "reprendre le verdict",
    },
    {
        ItemAction.SUPPLY: Right.SUPPLY_PROOFS,
        ItemAction.REPLACE: Right.SUPPLY_PROOFS,
        ItemAction.TAKE_BACK: Right.PREPARE_CANDIDATURES,
    },
)


_NOT_NOW = {
    State.SUBMITTED: "pour fournir encore, l'éditeur la reprend, tant que sa recevabilité n'est pas jugée.",
    State.DELIBERATION: "plus rien n'est à fournir avant la décision.",
}
_NOTHING_TO_SUPPLY = {
    ItemState.UNDER_REVIEW: "son examen a commencé, elle ne se remplace plus avant l'avis de l'agence.",
    ItemState.CONFORM: "rien n'est plus à fournir.",
    ItemState.NONCONFORM: "elle n'est plus à fournir, à moins que l'agence ne la renvoie à l'instruction.",
    ItemState.NOT_APPLICABLE: "rien n'est à fournir.",
    ItemState.COVERED: "rien n'est à fournir tant que l'équivalence tient.",
}
IN_SESSION = (
    "Cette preuve est à l'ordre du jour d'une séance DUO : elle s'y montre, à moins qu'un participant ne la "
    "retire d'abord de l'ordre du jour."
)


def closed_to_editor(state: State) -> str | None:
    """Why nothing is supplied to a dossier in this state, in French; None while the editor may supply."""
    if state in ACCEPTS_PROOFS:
        return None
    return f"La candidature est {STATES[state]} : {_NOT_NOW.get(state, 'elle ne reçoit plus de preuve.')}"


def nothing_to_supply(state: State, item: ItemState, *, in_session: bool, unread: bool) -> str | None:
    """Why a proof is not supplied for an item now, in French; None while it may be.

    `unread` says that nobody has begun to read what was supplied: then another version takes its place.
    """
    closed = closed_to_editor(state)
    if closed or ITEM.allows(item, ItemAction.SUPPLY) or (unread and ITEM.allows(item, ItemAction.REPLACE)):
        return closed or (IN_SESSION if in_session else None)
    return f"Cette preuve est « {ITEM_STATES[item]} » : {_NOTHING_TO_SUPPLY[item]}"


def holder(state: State, items: Mapping[ItemState, int], awaited: int = 0) -> Holder | None:
    """Who has to move next; None once the dossier is closed.

    In review, what was supplied is examined at once, unless it waits for a live session: on the agreed day it is for
    the editor to show it. `items` counts the items by state, `awaited` those of them, or the dossier itself, that wait
    for a third party: it has the ball once the agency has nothing else to look at, unless the editor can go on.
    """
    if state not in OPEN:
        return None
    if state in {State.DRAFT, State.INCOMPLETE}:
        return Holder.EDITOR
    if state is State.IN_REVIEW:
        to_be_shown = WITH_EDITOR | {ItemState.SUPPLIED}
        to_examine = sum(items.get(one, 0) for one in ItemState if one not in SETTLED | to_be_shown)
        to_supply = sum(items.get(one, 0) for one in to_be_shown)
        if awaited and to_examine - items.get(ItemState.AWAITING, 0) <= awaited:
            return Holder.EDITOR if to_supply else Holder.THIRD_PARTY
        return Holder.EDITOR if to_supply and not to_examine else Holder.AGENCY
    return Holder.THIRD_PARTY if awaited and state is State.SUBMITTED else Holder.AGENCY


class Step(StrEnum):
    FILING = "filing"
    ADMISSIBILITY = "admissibility"
    REVIEW = "review"
    DECISION = "decision"


@dataclass(frozen=True, slots=True)
class NextStep:
    """What ends the present phase, and on which day it is expected; without a day, `reason` says why."""

    step: Step
    on: date | None
    reason: str | None


_ENDED_BY = {
    State.DRAFT: Step.FILING,
    State.INCOMPLETE: Step.FILING,
    State.SUBMITTED: Step.ADMISSIBILITY,
    State.IN_REVIEW: Step.REVIEW,
    State.DELIBERATION: Step.DECISION,
}
_TO_FILE = "L'éditeur prépare ou complète sa candidature : les délais courent à partir de son dépôt."
_TO_SUPPLY = "L'éditeur a des preuves à fournir : les délais reprennent quand il en fournit."
_TO_HEAR_FROM = "Un tiers doit d'abord répondre : les délais reprennent ensuite."


def expected_next(state: State, held_by: Holder | None, due_on: date | None) -> NextStep | None:
    """The step that comes next, None once the dossier is closed; `due_on` is the day of the dossier's clock."""
    if state not in _ENDED_BY:
        return None
    step = _ENDED_BY[state]
    if held_by is Holder.AGENCY:
        return NextStep(step, due_on, None)
    if held_by is Holder.THIRD_PARTY:
        return NextStep(step, None, _TO_HEAR_FROM)
    return NextStep(step, None, _TO_FILE if step is Step.FILING else _TO_SUPPLY)


def settled(items: Mapping[ItemState, int]) -> bool:
    return all(state in SETTLED for state, count in items.items() if count)
