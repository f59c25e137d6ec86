"""The life of a candidature and of its items, every state with every action, and what follows from them."""

from itertools import product

import pytest

from referencing.base.errors import Conflict
from referencing.candidatures.clock.ledger import Holder
from referencing.candidatures.record.states import (
    CANDIDATURE,
    ITEM,
    OPEN,
    SETTLED,
    WITH_EDITOR,
    Action,
    ItemAction,
    ItemState,
    State,
    holder,
    settled,
)

#: What is possible in each state, and what comes of it; anything else is refused.
LIFE: dict[str, dict[str, str]] = {
    "draft": {"amend": "draft", "submit": "submitted", "give_up": "given_up", "withdraw": "withdrawn"},
    "submitted": {
        "find_incomplete": "incomplete",
        "admit": "in_review",
        "take_back": "draft",
        "withdraw": "withdrawn",
    },
    "incomplete": {"submit": "submitted", "withdraw": "withdrawn"},
    "in_review": {"settle": "deliberation", "withdraw": "withdrawn"},
    "deliberation": {
        "send_back": "in_review",
        "reference": "referenced",
        "refuse": "refused",
        "withdraw": "withdrawn",
    },
    "referenced": {"suspend": "suspended", "annul": "withdrawn"},
    "suspended": {"reinstate": "referenced", "delist": "delisted", "annul": "withdrawn"},
    "refused": {},
    "withdrawn": {},
    "given_up": {},
    "delisted": {},
}
ITEM_LIFE: dict[str, dict[str, str]] = {
    "required": {
        "supply": "supplied",
        "take_up": "under_review",
        "undo": "under_review",
        "undo_reuse": "to_confirm",
    },
    "supplied": {"supply": "supplied", "take_back": "required", "examine": "under_review"},
    "under_review": {
        "replace": "under_review",
        "find_conform": "conform",
        "find_nonconform": "nonconform",
        "ask_complement": "complement",
        "accept_claim": "not_applicable",
        "refuse_claim": "required",
        "put_off": "supplied",
        "forgo": "required",
    },
    "complement": {
        "supply": "supplied",
        "take_up": "under_review",
        "undo": "under_review",
        "undo_reuse": "to_confirm",
    },
    "to_confirm": {
        "supply": "supplied",
        "confirm_reuse": "covered",
        "refuse_reuse": "required",
        "ask_complement": "complement",
    },
    "awaiting": {"supply": "supplied", "take_up": "under_review"},
    "conform": {"reopen": "under_review", "undo": "under_review"},
    "nonconform": {"reopen": "complement", "undo": "under_review"},
    "not_applicable": {"reopen": "required", "undo": "under_review"},
    "covered": {"undo_reuse": "to_confirm"},
}
FINAL = [State.REFUSED, State.WITHDRAWN, State.GIVEN_UP, State.DELISTED]
EDITOR_SUPPLIES = [ItemState.REQUIRED, ItemState.COMPLEMENT]
AGENCY_LOOKS = [ItemState.UNDER_REVIEW, ItemState.TO_CONFIRM, ItemState.AWAITING]
WAITS_FOR_A_SESSION = [ItemState.SUPPLIED]  # once in review: before, for the admission
NOTHING_EXPECTED = [ItemState.CONFORM, ItemState.NONCONFORM, ItemState.NOT_APPLICABLE, ItemState.COVERED]


@pytest.mark.parametrize(("state", "action"), list(product(State, Action)))
def test_a_candidature_moves_as_the_table_says_and_in_no_other_way(state: State, action: Action) -> None:
    if action in LIFE[state]:
        assert CANDIDATURE.follow("La candidature", state, action) == LIFE[state][action]
    else:
        with pytest.raises(Conflict, match="n'est pas possible"):
            CANDIDATURE.follow("La candidature", state, action)


@pytest.mark.parametrize(("state", "action"), list(product(ItemState, ItemAction)))
def test_an_item_moves_as_the_table_says_and_in_no_other_way(state: ItemState, action: ItemAction) -> None:
    if action in ITEM_LIFE[state]:
        assert ITEM.follow("Cette preuve", state, action) == ITEM_LIFE[state][action]
    else:
        with pytest.raises(Conflict, match="n'est pas possible"):
            ITEM.follow("Cette preuve", state, action)


@pytest.mark.parametrize("state", State)
def test_what_is_possible_is_what_does_not_fail(state: State) -> None:
    assert set(CANDIDATURE.allowed(state)) == set(LIFE[state])


@pytest.mark.parametrize("state", [state for state in State if state not in FINAL])
def test_a_state_that_is_not_final_has_a_way_out(state: State) -> None:
    assert CANDIDATURE.allowed(state)


@pytest.mark.parametrize("state", FINAL)
def test_a_final_state_has_no_way_out(state: State) -> None:
    assert not CANDIDATURE.allowed(state)


@pytest.mark.parametrize("state", sorted(OPEN))
def test_a_dossier_can_be_withdrawn_as_long_as_it_is_open(state: State) -> None:
    assert CANDIDATURE.follow("La candidature", state, Action.WITHDRAW) is State.WITHDRAWN


@pytest.mark.parametrize("state", State)
def test_every_state_is_reached_from_a_draft(state: State) -> None:
    reached = {State.DRAFT}
    while more := {State(after) for at in reached for after in LIFE[at].values()} - reached:
        reached |= more
    assert state in reached


@pytest.mark.parametrize("state", [state for state in ItemState if state not in SETTLED])
def test_an_item_that_is_not_settled_has_a_way_out(state: ItemState) -> None:
    assert any(after != state for after in ITEM_LIFE[state].values())


@pytest.mark.parametrize("state", [State.DRAFT, State.INCOMPLETE])
@pytest.mark.parametrize("item", ItemState)
def test_the_editor_holds_what_is_not_filed(state: State, item: ItemState) -> None:
    assert holder(state, {item: 1}) is Holder.EDITOR


@pytest.mark.parametrize("state", [State.SUBMITTED, State.DELIBERATION])
@pytest.mark.parametrize("item", ItemState)
def test_the_agency_holds_what_it_judges_or_decides(state: State, item: ItemState) -> None:
    assert holder(state, {item: 1}) is Holder.AGENCY


@pytest.mark.parametrize("item", [*EDITOR_SUPPLIES, *WAITS_FOR_A_SESSION])
def test_in_review_the_editor_holds_what_only_they_can_move(item: ItemState) -> None:
    assert holder(State.IN_REVIEW, {item: 1, ItemState.CONFORM: 5, ItemState.COVERED: 2}) is Holder.EDITOR


@pytest.mark.parametrize("looked_at", AGENCY_LOOKS)
@pytest.mark.parametrize("supplied", EDITOR_SUPPLIES)
def test_in_review_the_agency_holds_as_long_as_it_has_something_to_look_at(
    looked_at: ItemState, supplied: ItemState
) -> None:
    assert holder(State.IN_REVIEW, {looked_at: 1, supplied: 5}) is Holder.AGENCY


@pytest.mark.parametrize("looked_at", [ItemState.UNDER_REVIEW, ItemState.TO_CONFIRM])
def test_in_review_a_third_party_holds_when_all_that_the_agency_looks_at_waits_for_one(
    looked_at: ItemState,
) -> None:
    assert holder(State.IN_REVIEW, {looked_at: 2, ItemState.CONFORM: 5}, awaited=2) is Holder.THIRD_PARTY
    assert holder(State.IN_REVIEW, {looked_at: 2, ItemState.AWAITING: 1}, awaited=2) is Holder.THIRD_PARTY
    assert holder(State.IN_REVIEW, {looked_at: 2}, awaited=1) is Holder.AGENCY


@pytest.mark.parametrize("supplied", EDITOR_SUPPLIES)
def test_who_can_go_on_while_a_third_party_is_awaited_has_the_ball(supplied: ItemState) -> None:
    assert holder(State.IN_REVIEW, {ItemState.UNDER_REVIEW: 1, supplied: 1}, awaited=1) is Holder.EDITOR
    assert holder(State.IN_REVIEW, {ItemState.UNDER_REVIEW: 2, supplied: 1}, awaited=1) is Holder.AGENCY


def test_a_third_party_may_have_to_answer_before_a_dossier_is_complete() -> None:
    assert holder(State.SUBMITTED, {ItemState.SUPPLIED: 3}, awaited=1) is Holder.THIRD_PARTY


@pytest.mark.parametrize("state", [state for state in State if state not in OPEN])
@pytest.mark.parametrize("item", ItemState)
def test_nobody_holds_what_is_closed(state: State, item: ItemState) -> None:
    assert holder(state, {item: 1}) is None


@pytest.mark.parametrize("item", NOTHING_EXPECTED)
def test_a_dossier_is_settled_when_nothing_is_expected_of_anybody(item: ItemState) -> None:
    assert settled({item: 3, ItemState.REQUIRED: 0})


@pytest.mark.parametrize("item", [*EDITOR_SUPPLIES, *WAITS_FOR_A_SESSION, *AGENCY_LOOKS])
def test_one_item_that_is_expected_unsettles_a_dossier(item: ItemState) -> None:
    assert not settled({item: 1, ItemState.CONFORM: 99})


def test_an_item_is_settled_with_the_editor_or_with_the_agency() -> None:
    assert set(NOTHING_EXPECTED) == SETTLED
    assert set(EDITOR_SUPPLIES) == WITH_EDITOR
    known = {*NOTHING_EXPECTED, *EDITOR_SUPPLIES, *WAITS_FOR_A_SESSION, *AGENCY_LOOKS}
    assert known == set(ItemState)
