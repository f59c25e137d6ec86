"""What may be done with a proposal: it is decided while its rulebook is a draft and has no rule of it. Pure."""

from enum import StrEnum

from referencing.base.lifecycle import Lifecycle
from referencing.base.permissions import Right


class Place(StrEnum):
    BESIDE_DRAFT = "beside_draft"
    IN_DRAFT = "in_draft"
    PUBLISHED = "published"  # the rulebook is, whatever was decided


class ProposalAction(StrEnum):
    DECIDE = "decide"


PROPOSAL = Lifecycle(
    {(Place.BESIDE_DRAFT, ProposalAction.DECIDE): Place.BESIDE_DRAFT},
    {
        Place.BESIDE_DRAFT: "à décider",
        Place.IN_DRAFT: "dans le brouillon",
        Place.PUBLISHED: "d'un référentiel publié",
    },
    {ProposalAction.DECIDE: "décider"},
    {ProposalAction.DECIDE: Right.EDIT_RULEBOOKS},
)
