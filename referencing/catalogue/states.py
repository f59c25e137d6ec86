"""What may be done with a DSR: of its versions, a draft alone is published and corrected. Pure."""

from enum import StrEnum

from referencing.base.lifecycle import Lifecycle
from referencing.base.permissions import Right


class DsrState(StrEnum):
    DRAFTED = "drafted"  # its last version is a draft
    PUBLISHED = "published"


class DsrAction(StrEnum):
    CHANGE = "change"
    CORRECT_PROOF = "correct_proof"
    IMPORT = "import"
    LINK_SOCLES = "link_socles"
    PUBLISH = "publish"


_D, _P = DsrState.DRAFTED, DsrState.PUBLISHED

DSR = Lifecycle(
    {
        (_D, DsrAction.CHANGE): _D,
        (_P, DsrAction.CHANGE): _P,
        (_D, DsrAction.CORRECT_PROOF): _D,
        (_D, DsrAction.IMPORT): _D,
        (_P, DsrAction.IMPORT): _D,
        (_D, DsrAction.LINK_SOCLES): _D,
        (_P, DsrAction.LINK_SOCLES): _D,
        (_D, DsrAction.PUBLISH): _P,
    },
    {_D: "en préparation", _P: "publié"},
    {
        DsrAction.CHANGE: "modifier",
        DsrAction.CORRECT_PROOF: "corriger une preuve",
        DsrAction.IMPORT: "importer des exigences",
        DsrAction.LINK_SOCLES: "rattacher des socles",
        DsrAction.PUBLISH: "publier",
    },
    dict.fromkeys(DsrAction, Right.EDIT_CATALOGUE),
)
